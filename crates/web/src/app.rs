//! What every handler has at hand.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use dermaga_domain::flow::{Flow, FlowFile, Preset};
use dermaga_engine::Engine;
use dermaga_store::Store;
use dermaga_ui::{ChannelLink, Language};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::password::Passwords;
use crate::person::channel_link;
use crate::throttle::Throttle;

/// Settings of the web server.
#[derive(Clone)]
pub struct Settings {
    /// Cookies only over https, under a name that browsers protect. Off only for plain http on this
    /// machine.
    pub secure_cookies: bool,
    /// The language of people who have not chosen one.
    pub language: Language,
    /// The time zone of pages that belong to no shop, as in `Asia/Jakarta`.
    pub zone: String,
    /// Every channel with a flow, in the order of the navigation: those with a client and those with
    /// a flow file only.
    pub channels: Vec<ChannelFlow>,
    /// What the link for the first account ends with, while there is none; none = there is no such link.
    pub setup: Option<String>,
    /// The address under which people reach this hub, without a slash at its end, for links that are
    /// handed on; none = as the browser says.
    pub public_url: Option<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the link: whoever has it becomes the owner.
        let Self { secure_cookies, language, zone, channels, public_url, setup: _ } = self;
        f.debug_struct("Settings")
            .field("secure_cookies", secure_cookies)
            .field("language", language)
            .field("zone", zone)
            .field("channels", channels)
            .field("public_url", public_url)
            .finish_non_exhaustive()
    }
}

/// A channel as pages and API show it.
#[derive(Debug, Clone)]
pub struct ChannelFlow {
    /// Its key.
    pub key: String,
    /// Its own name.
    pub name: String,
    /// The text of its flow file.
    pub text: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secure_cookies: true,
            language: Language::default(),
            zone: "Asia/Jakarta".to_owned(),
            channels: Vec::new(),
            setup: None,
            public_url: None,
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
    passwords: Passwords,
    throttle: Throttle,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl App {
    /// Where this hub is, without a slash at its end: as it is known, else as the browser reached it.
    pub(crate) fn base(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let scheme = if self.settings().secure_cookies { "https" } else { "http" };
        let reached = || format!("{scheme}://{}", host.unwrap_or_default());
        self.settings().public_url.clone().unwrap_or_else(reached)
    }

    /// An application on an engine; `metrics` renders what was counted.
    #[must_use]
    pub fn new(engine: Engine, settings: Settings, metrics: PrometheusHandle) -> Self {
        let (passwords, throttle) = (Passwords::default(), Throttle::default());
        Self(Arc::new(Inner { engine, settings, metrics, passwords, throttle }))
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

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The flow file of a channel: as it was given, else the client's own.
    pub(crate) fn flow_text(&self, channel: &str) -> Option<&'static str> {
        let given = self.0.settings.channels.iter().find(|known| known.key == channel);
        given
            .map(|known| known.text)
            .or_else(|| self.0.engine.registry().find(channel).map(|channel| channel.flow_file()))
    }

    /// The flow of a channel's preset; none for a channel without a flow that can be read.
    pub(crate) fn preset(&self, channel: &str, preset: Preset) -> Option<Flow> {
        match FlowFile::parse(channel, self.flow_text(channel)?) {
            Ok(file) => Some(file.flow(preset)),
            Err(error) => {
                tracing::error!(error = %error, "flow file cannot be read (DMG-0401)");
                None
            }
        }
    }

    /// A channel with its name; one that was given none is called by its key.
    pub(crate) fn channel_link(&self, key: &str) -> ChannelLink {
        let given = self.0.settings.channels.iter().find(|known| known.key == key);
        channel_link(key, given.map_or(key, |known| known.name.as_str()))
    }

    /// Every channel with a flow; never empty.
    pub(crate) fn channel_links(&self) -> Vec<ChannelLink> {
        let given = self.0.settings.channels.iter().map(|known| known.key.as_str());
        let with_client = self.0.engine.registry().iter().map(|(key, _)| key);
        let mut keys: Vec<&str> = given.collect();
        for key in with_client {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().map(|key| self.channel_link(key)).collect()
    }
}
