//! What every handler has at hand.

use std::sync::Arc;

use dermaga_engine::Engine;
use dermaga_store::Store;
use dermaga_ui::Language;
use metrics_exporter_prometheus::PrometheusHandle;

/// Settings of the web server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Cookies only over https, under a name that browsers protect. Off only for plain http on this
    /// machine.
    pub secure_cookies: bool,
    /// The language of people who have not chosen one.
    pub language: Language,
    /// The time zone of pages that belong to no shop, as in `Asia/Jakarta`.
    pub zone: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secure_cookies: true,
            language: Language::default(),
            zone: "Asia/Jakarta".to_owned(),
        }
    }
}

/// The web application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    engine: Engine,
    settings: Settings,
    metrics: PrometheusHandle,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl App {
    /// An application on an engine; `metrics` renders what was counted.
    #[must_use]
    pub fn new(engine: Engine, settings: Settings, metrics: PrometheusHandle) -> Self {
        Self(Arc::new(Inner { engine, settings, metrics }))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn store(&self) -> &Store {
        self.0.engine.store()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }
}
