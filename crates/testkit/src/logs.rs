//! What a test logged.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use dermaga_web::NEVER_LOGGED;
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::Failure;

/// Keeps everything that is logged on this thread until it is dropped. A test has a thread of its
/// own, so that tests beside it do not log here.
#[derive(Debug)]
pub struct Logs {
    text: Text,
    _in_force: Option<DefaultGuard>,
}

#[derive(Debug, Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Keeps from now on what is at least as severe, in the form that a hub writes to a file.
    #[must_use]
    pub fn keep(level: LevelFilter) -> Self {
        let text = Text::default();
        let logs = tracing_subscriber::fmt().json().with_max_level(level).with_writer(text.clone());
        Self { text, _in_force: Some(tracing::subscriber::set_default(logs.finish())) }
    }

    /// Keeps from now on everything that a hub would log anywhere in this process at the finest
    /// level, until it ends: for a test that is alone in its program.
    ///
    /// # Errors
    /// When somebody keeps it already.
    pub fn keep_all() -> Result<Self, Failure> {
        let text = Text::default();
        let logs = tracing_subscriber::fmt()
            .json()
            .with_env_filter(filter(LevelFilter::TRACE))
            .with_writer(text.clone());
        tracing::subscriber::set_global_default(logs.finish())?;
        Ok(Self { text, _in_force: None })
    }

    /// Everything so far, as it was written.
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.text.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The hub's own lines since the last time: the fields of each.
    #[must_use]
    pub fn take(&self) -> Vec<Value> {
        let text = std::mem::take(&mut *self.text.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&text)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|line: &Value| {
                line["target"].as_str().is_some_and(|target| {
                    target.starts_with("dermaga") && !target.starts_with("dermaga_sandbox")
                })
            })
            .map(|line| line["fields"].clone())
            .collect()
    }
}

/// Everything down to a level but what a hub never logs.
pub(crate) fn filter(level: LevelFilter) -> EnvFilter {
    NEVER_LOGGED
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(EnvFilter::default().add_directive(level.into()), EnvFilter::add_directive)
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Text {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
