//! The engine's parts, shared by all its loops.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use dermaga_channel::http::{Client, Pacer};
use dermaga_channel::{Channel, Registry};
use dermaga_domain::id::{ConnectionId, OrgId};
use dermaga_domain::time::{Clock, Span, Time};
use dermaga_store::Store;
use dermaga_store::retention::Rules;

use crate::error::{Error, Result};
use crate::rates::ChosenRate;
use crate::webhook::Route;

/// How often a process says that it works.
const ALIVE: Span = Span::minutes(1);

/// Settings of the engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that channels send webhooks to, without a slash at its end; none = do not register.
    pub public_url: Option<String>,
    /// How often orders are pulled.
    pub pull_interval: Span,
    /// How often open orders are read again.
    pub status_interval: Span,
    /// How often returns are pulled.
    pub return_interval: Span,
    /// How often listings are pulled.
    pub listing_interval: Span,
    /// How often the registration of webhooks is looked at.
    pub watch_interval: Span,
    /// How often every loop looks for work although nothing woke it, in real milliseconds.
    pub tick_ms: u64,
    /// Rates that the operator chose in the place of documented ones.
    pub rates: Vec<ChosenRate>,
    /// Ask channels without keeping to their rates: only for a sandbox whose rates are lifted.
    pub unpaced: bool,
    /// How long what is removed by itself is kept.
    pub retention: Rules,
    /// Where it is kept outside of the database that a buyer was erased; none = nowhere.
    pub erasures: Option<PathBuf>,
    /// By what this process is known to people: its machine and port; none = it says nothing of itself.
    pub node: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            pull_interval: Span::minutes(5),
            status_interval: Span::minutes(10),
            return_interval: Span::minutes(30),
            listing_interval: Span::hours(6),
            watch_interval: Span::minutes(30),
            tick_ms: 1_000,
            rates: Vec::new(),
            unpaced: false,
            retention: Rules::default(),
            erasures: None,
            node: None,
        }
    }
}

/// The engine. Cheap to clone; [`Engine::run`] starts its loops.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    registry: Registry,
    clock: Arc<dyn Clock>,
    client: Client,
    settings: Settings,
    /// This process, for leases.
    holder: i64,
    routes: Routes,
    pacers: Mutex<HashMap<i64, Arc<Pacer>>>,
    renewals: Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<Option<Time>>>>>,
    /// When it was last looked whether retention is to run.
    retention_looks: Mutex<HashMap<OrgId, Time>>,
    started_at: Time,
    /// When this process last said that it works.
    said: Mutex<Option<Time>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine on a store, with the channels of this installation.
    #[must_use]
    pub fn new(
        store: Store,
        registry: Registry,
        clock: Arc<dyn Clock>,
        client: Client,
        settings: Settings,
    ) -> Self {
        let holder = store.next_id();
        let started_at = clock.now();
        Self {
            inner: Arc::new(Inner {
                store,
                registry,
                clock,
                client,
                settings,
                holder,
                routes: Routes::default(),
                pacers: Mutex::default(),
                renewals: Mutex::default(),
                retention_looks: Mutex::default(),
                started_at,
                said: Mutex::default(),
            }),
        }
    }

    /// The store, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The channels of this installation.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Time {
        self.inner.clock.now()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn holder(&self) -> i64 {
        self.inner.holder
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.inner.routes
    }

    /// The pace of a connection or shop, by the id of the scope that the channel rates.
    pub(crate) fn pacer(&self, scope: i64) -> Arc<Pacer> {
        let mut pacers = self.inner.pacers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pacers.entry(scope).or_default())
    }

    /// Says once a minute that this process works.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn say_alive(&self) -> Result<()> {
        let Some(name) = &self.settings().node else { return Ok(()) };
        let now = self.now();
        {
            let mut said = self.inner.said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.is_some_and(|said| said <= now && now.since(said) < ALIVE) {
                return Ok(());
            }
            *said = Some(now);
        }
        // Three times may be missed.
        let until = now.plus(Span(ALIVE.0 * 3));
        Ok(self.store().node_works(self.holder(), name, self.inner.started_at, until).await?)
    }

    /// When it was last looked whether retention is to run, org by org.
    pub(crate) fn retention_looks(&self) -> MutexGuard<'_, HashMap<OrgId, Time>> {
        self.inner.retention_looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel of a name.
    pub(crate) fn channel(&self, name: &str) -> Result<&Arc<dyn Channel>> {
        self.registry().find(name).ok_or_else(|| Error::NoChannel(name.to_owned()))
    }

    /// The lock under which a connection's token is renewed, one at a time; in it, when that was last
    /// tried ahead of time.
    pub(crate) fn renewal(
        &self,
        connection: ConnectionId,
    ) -> Arc<tokio::sync::Mutex<Option<Time>>> {
        let mut locks = self.inner.renewals.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(connection).or_default())
    }
}

/// Webhook routes that were looked up.
#[derive(Default)]
pub(crate) struct Routes(RwLock<HashMap<String, Arc<Route>>>);

impl Routes {
    pub(crate) fn get(&self, route: &str) -> Option<Arc<Route>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(route).cloned()
    }

    pub(crate) fn put(&self, route: &str, found: Arc<Route>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(route.to_owned(), found);
    }

    /// Forgets everything: a connection or shop has changed.
    pub(crate) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
