//! The real application under a test: engine and store on a database of its own, the sandbox as the
//! channel, one clock for both that only the test moves, and an address that webhooks come to.

pub mod canaries;
mod front;
pub mod leavings;
mod logs;
mod look;
mod power;
pub mod remnants;
mod seller;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use dermaga_channel::Registry;
use dermaga_channel::http::Client;
use dermaga_channel::reach::this_machine;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Clock, Span, Time};
use dermaga_engine::{Engine, Settings};
use dermaga_sandbox::{Config, Rates, Sandbox};
use dermaga_store::backup::{self, Contents, Key, Lock};
use dermaga_store::{AppRole, Options, Store};
use dermaga_testdb::postgres::Postgres;
use serde_json::{Value, json};
use tempfile::TempDir;

use front::Front;
use leavings::Leavings;
pub use logs::Logs;
pub use look::said_of;
pub use power::Power;
pub use seller::{WEBHOOK_SECRET, connect, consent_again, fields};

/// 2026-11-20T02:00:00Z: nine in the morning in Jakarta.
pub const START: Time = Time(1_795_140_000_000_000);
/// The key that a test's database is encrypted under.
pub const ROOT_KEY: [u8; 32] = [9; 32];
/// What the application logs in with at PostgreSQL.
pub const ROLE_PASSWORD: &str = "role-password-of-a-test";
/// How long one read of a test may take, in real time.
const READ_LIMIT: Duration = Duration::from_secs(120);
/// How long not one webhook may arrive, in real time.
const DELIVERY_LIMIT: Duration = Duration::from_secs(20);

/// The sandbox's clock as the hub's.
#[derive(Debug, Clone)]
pub struct SandboxClock(pub dermaga_sandbox::Clock);

/// The hub's clock: the sandbox's, and by how much it is off.
#[derive(Debug, Clone)]
struct HubClock {
    sandbox: dermaga_sandbox::Clock,
    off_us: Arc<AtomicI64>,
}

impl Clock for HubClock {
    fn now(&self) -> Time {
        Time(self.sandbox.now_us() + self.off_us.load(Ordering::SeqCst))
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> Time {
        Time(self.0.now_us())
    }
}

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server of the test run's.
    Postgres,
}

impl Backend {
    /// Both, the quicker first.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// How an application is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Settings of the engine. Without a public address it gets the one that the test listens at.
    pub settings: Settings,
    /// The channels.
    pub registry: Registry,
    /// The sandbox channel that the seller connects; none = nothing is connected yet.
    pub channel: Option<&'static str>,
    /// Whether the channel is told where to send webhooks.
    pub webhooks: bool,
    /// Whether the sandbox answers for orders that are not paid yet.
    pub early: bool,
    /// How long the sandbox's tokens live, in seconds.
    pub token_seconds: u32,
    /// The rates that the sandbox keeps its callers to.
    pub rates: Rates,
    /// How much faster than real time the clock runs; 0 = only the test moves it.
    pub clock_speed: u32,
    /// What the hub runs on, where it is to go out.
    pub power: Option<Power>,
}

impl Setup {
    /// A seller at a sandbox channel, who is sent webhooks.
    #[must_use]
    pub fn of(channel: &'static str) -> Self {
        Self { channel: Some(channel), ..Self::default() }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: Settings { unpaced: true, ..Settings::default() },
            registry: dermaga_channels::all(),
            channel: None,
            webhooks: true,
            early: false,
            token_seconds: 2_592_000,
            rates: Rates::Lifted,
            clock_speed: 0,
            power: None,
        }
    }
}

/// The application.
pub struct App {
    /// The engine; its loops do not run: [`Engine::settle`] does their work.
    pub engine: Engine,
    /// The channels' side.
    pub sandbox: Sandbox,
    /// The seller.
    pub org: OrgId,
    /// The seller's shops at the first sandbox channel, in order of their ids there.
    pub shops: Vec<ShopId>,
    /// Keeps the files of the test.
    pub folder: TempDir,
    channel: &'static str,
    off_us: Arc<AtomicI64>,
    settings: Settings,
    power: Option<Power>,
    front: Front,
    url: String,
    role: Option<AppRole>,
    server: Option<Postgres>,
    leavings: Option<Leavings>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("org", &self.org).finish_non_exhaustive()
    }
}

/// What went wrong while a test was set up; a test shows it and ends.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Tells a story on each database, to an application started for it.
///
/// # Panics
/// When the application cannot be set up.
#[expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]
pub async fn both(setup: Setup, story: impl AsyncFn(&mut App)) {
    for backend in Backend::ALL {
        let mut app = App::start_as(backend, setup.clone()).await.expect("the application starts");
        story(&mut app).await;
        let found = app.engine.store().find_violations(app.org).await.expect("the doctor looks");
        assert!(found.is_empty(), "invariants are broken on {backend:?}: {found:?}");
    }
}

impl App {
    /// An application with a seller who has connected every shop of a sandbox channel.
    ///
    /// # Errors
    /// Whatever setting up meets.
    pub async fn start(backend: Backend, channel: &'static str) -> Result<Self, Failure> {
        Self::start_as(backend, Setup::of(channel)).await
    }

    /// As [`App::start`], as it is told.
    ///
    /// # Errors
    /// Whatever setting up meets.
    pub async fn start_as(backend: Backend, setup: Setup) -> Result<Self, Failure> {
        let leavings = Leavings::begin()?;
        let loopback: SocketAddr = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(Config {
            control_addr: loopback,
            clock_start_us: START.0,
            clock_speed: setup.clock_speed,
            rates: setup.rates,
            auto_transitions: false,
            lists_early_statuses: setup.early,
            token_seconds: setup.token_seconds,
            ..Config::default()
        })
        .await?;
        let front = Front::listen().await?;
        let mut settings = setup.settings;
        if setup.webhooks {
            settings.public_url.get_or_insert_with(|| front.url());
        }
        let folder = TempDir::new()?;
        let (url, role, server) = database(backend, &folder)?;
        dermaga_store::migrate(&url, role.as_ref()).await?;
        let off_us = Arc::new(AtomicI64::new(0));
        let clock = hub_clock(&sandbox, &off_us);
        let options = options(role.as_ref(), setup.power.as_ref());
        let engine = open(clock, &url, options, setup.registry, settings.clone()).await?;
        front.lead_to(&engine);
        let org = engine.store().create_org("Toko Contoh").await?;
        let shops = match setup.channel {
            Some(channel) => connect(&engine, org, &sandbox, channel).await?,
            None => Vec::new(),
        };
        Ok(Self {
            engine,
            sandbox,
            org,
            shops,
            folder,
            channel: setup.channel.unwrap_or_default(),
            off_us,
            settings,
            power: setup.power,
            front,
            url,
            role,
            server,
            leavings,
        })
    }

    /// Starts a new engine on the same database, as after a crash: whatever the old one was in the
    /// middle of is not finished.
    ///
    /// # Errors
    /// Whatever opening meets.
    pub async fn restart(&mut self, registry: Registry) -> Result<(), Failure> {
        self.front.lead_nowhere();
        self.engine.store().close().await;
        let options = options(self.role.as_ref(), self.power.as_ref());
        let clock = hub_clock(&self.sandbox, &self.off_us);
        self.engine = open(clock, &self.url, options, registry, self.settings.clone()).await?;
        self.front.lead_to(&self.engine);
        Ok(())
    }

    /// Runs SQL as the owner of the test's database, on PostgreSQL.
    ///
    /// # Errors
    /// What the server says, or that there is none.
    pub fn as_owner(&self, sql: &str) -> Result<String, Failure> {
        let server = self.server.as_ref().ok_or("the test runs on a file")?;
        Ok(server.query_at(&self.url, sql)?)
    }

    /// Takes a backup beside the hub.
    ///
    /// # Errors
    /// Whatever taking it meets.
    pub async fn back_up(&self, file: &Path) -> Result<Contents, Failure> {
        let clock = hub_clock(&self.sandbox, &self.off_us);
        let options = options(self.role.as_ref(), None);
        let place = (file, &Lock::RootKey);
        Ok(backup::back_up(&self.url, &options, ROOT_KEY, &*clock, place).await?)
    }

    /// Puts a backup into a new file; gives an engine on it that does nothing by itself.
    ///
    /// # Errors
    /// Whatever restoring meets.
    pub async fn restored(&self, file: &Path, into: &Path) -> Result<Engine, Failure> {
        let url = format!("sqlite:{}", into.display());
        let options = Options::default();
        let from = (file, &Key::RootKey);
        backup::restore(from, ROOT_KEY, (&url, &options)).await?.finish()?;
        let clock = hub_clock(&self.sandbox, &self.off_us);
        open(clock, &url, options, dermaga_channels::all(), Settings::default()).await
    }

    /// Everything the hub keeps, as bytes: the files of its folder, or a dump of its database, and
    /// what it has counted.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn leave(&self, folder: &Path) -> Result<(), Failure> {
        std::fs::create_dir_all(folder)?;
        leavings::keep_folder(self.folder.path(), folder)?;
        if let Some(server) = &self.server {
            std::fs::write(folder.join("dump.sql"), server.dump(&self.url)?)?;
        }
        std::fs::write(folder.join("metrics"), front::counted().render())?;
        Ok(())
    }

    /// Where webhooks come to.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.front.url()
    }

    /// Asks the sandbox's control API; anything but success fails the test.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn control(&self, method: &str, target: &str, body: &Value) -> Result<Value, Failure> {
        control(&self.sandbox, method, target, body)
    }

    /// Asks the part of the control API that is the seller's channel's.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn channel(&self, method: &str, target: &str, body: &Value) -> Result<Value, Failure> {
        self.control(method, &format!("/control/{}/{target}", self.channel), body)
    }

    /// Moves the clock of both sides.
    pub fn advance(&self, seconds: u32) {
        self.sandbox.clock().advance(seconds);
    }

    /// Sets the hub's clock ahead of the channel's, or behind it, from now on.
    pub fn set_off(&self, off: Span) {
        self.off_us.store(off.0, Ordering::SeqCst);
    }

    /// Waits until every webhook that is on its way has been answered.
    ///
    /// # Errors
    /// When they do not arrive.
    pub async fn delivered(&self) -> Result<(), Failure> {
        let (mut waited, mut moved_at) = (Value::Null, Instant::now());
        loop {
            let sent = self.channel("GET", "webhooks?limit=1", &Value::Null)?;
            let waiting = &sent["outcomes"]["waiting"];
            if *waiting == json!(0) {
                return Ok(());
            }
            if *waiting != waited {
                (waited, moved_at) = (waiting.clone(), Instant::now());
            }
            if moved_at.elapsed() > DELIVERY_LIMIT {
                return Err(format!("{waiting} webhooks do not arrive").into());
            }
            // The sandbox tells nobody when it is done, so it is asked.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// A little later everything that was sent has arrived and all work is done.
    ///
    /// # Errors
    /// Whatever the work meets.
    pub async fn hear(&self) -> Result<(), Failure> {
        self.advance(1);
        self.delivered().await?;
        Ok(self.engine.settle().await?)
    }

    /// Every task has had its turn as well.
    ///
    /// # Errors
    /// Whatever the work meets.
    pub async fn pull(&self) -> Result<(), Failure> {
        self.advance(1_801);
        self.hear().await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let Some(leavings) = &self.leavings else { return };
        if let Err(error) = self.leave(leavings.folder()) {
            // A search that finds less than it should must not pass in silence.
            drop(std::fs::write(leavings.folder().join("incomplete"), error.to_string()));
        }
    }
}

fn hub_clock(sandbox: &Sandbox, off_us: &Arc<AtomicI64>) -> Arc<dyn Clock> {
    Arc::new(HubClock { sandbox: sandbox.clock(), off_us: Arc::clone(off_us) })
}

fn options(role: Option<&AppRole>, power: Option<&Power>) -> Options {
    // Thousands of orders on a busy machine take their time: no story depends on speed.
    let read_limit = READ_LIMIT;
    Options {
        role: role.cloned(),
        pulse: power.map(Power::pulse),
        read_limit,
        ..Options::default()
    }
}

async fn open(
    clock: Arc<dyn Clock>,
    url: &str,
    options: Options,
    registry: Registry,
    settings: Settings,
) -> Result<Engine, Failure> {
    let store = Store::open(url, options, ROOT_KEY, Arc::clone(&clock)).await?;
    Ok(Engine::new(store, registry, clock, Client::reaching(&this_machine())?, settings))
}

pub(crate) fn control(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    body: &Value,
) -> Result<Value, Failure> {
    let (status, answer) = sandbox.control(&method.parse()?, target, body);
    if !(200..300).contains(&status) {
        return Err(format!("the sandbox answers {status} to {method} {target}: {answer}").into());
    }
    Ok(answer)
}

type Opened = (String, Option<AppRole>, Option<Postgres>);

fn database(backend: Backend, folder: &TempDir) -> Result<Opened, Failure> {
    match backend {
        Backend::Sqlite => {
            let file = folder.path().join("hub.db");
            Ok((format!("sqlite:{}", file.display()), None, None))
        }
        Backend::Postgres => {
            let server = Postgres::start()?;
            let url = server.create_database()?;
            let name = url.rsplit('/').next().unwrap_or_default();
            let role = AppRole::new(&format!("app_{name}"), ROLE_PASSWORD)?;
            Ok((url, Some(role), Some(server)))
        }
    }
}
