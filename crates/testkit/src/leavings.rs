//! What tests leave behind, kept on request, so that everything can be searched after the last one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::{DefaultGuard, NoSubscriber};

use crate::Failure;
use crate::logs::filter;

/// The variable that names the folder in which things are left; without it nothing is.
pub const VARIABLE: &str = "DERMAGA_TEST_LEAVINGS";

/// The folder of one application.
#[derive(Debug)]
pub(crate) struct Leavings {
    folder: PathBuf,
    _logging: Option<DefaultGuard>,
}

impl Leavings {
    /// A folder for what an application of this test leaves, its log included; none when nothing is
    /// asked for.
    pub(crate) fn begin() -> Result<Option<Self>, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Some(root) = std::env::var_os(VARIABLE) else { return Ok(None) };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(root).join(format!("{}-{count}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let logging = log_to(&folder.join("hub.log"))?;
        Ok(Some(Self { folder, _logging: logging }))
    }

    /// Where they lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Copies the files of a folder.
pub(crate) fn keep_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Logs of this thread go to a file, unless the test keeps them itself.
fn log_to(file: &Path) -> Result<Option<DefaultGuard>, Failure> {
    if !tracing::dispatcher::get_default(tracing::Dispatch::is::<NoSubscriber>) {
        return Ok(None);
    }
    let logs = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter(LevelFilter::DEBUG))
        .with_writer(Mutex::new(fs::File::create(file)?));
    Ok(Some(tracing::subscriber::set_default(logs.finish())))
}
