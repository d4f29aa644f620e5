//! The real application under a test: engine and store on a database of its own, the sandbox as the
//! channel, one clock for both that only the test moves.

mod seller;

use std::net::SocketAddr;
use std::sync::Arc;

use dermaga_channel::http::Client;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Clock, Time};
use dermaga_engine::{Engine, Settings};
use dermaga_sandbox::{Config, Rates, Sandbox};
use dermaga_store::{AppRole, Options, Store};
use dermaga_testdb::postgres::Postgres;
use serde_json::Value;
use tempfile::TempDir;

pub use seller::connect;

/// 2026-11-20T02:00:00Z: nine in the morning in Jakarta.
pub const START: Time = Time(1_795_140_000_000_000);

/// The sandbox's clock as the hub's.
#[derive(Debug, Clone)]
pub struct SandboxClock(pub dermaga_sandbox::Clock);

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
    _server: Option<Postgres>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("org", &self.org).finish_non_exhaustive()
    }
}

/// What went wrong while a test was set up; a test shows it and ends.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

impl App {
    /// An application with a seller who has connected every shop of a sandbox channel.
    ///
    /// # Errors
    /// Whatever setting up meets.
    pub async fn start(backend: Backend, channel: &str) -> Result<Self, Failure> {
        Self::start_with(backend, channel, Settings { unpaced: true, ..Settings::default() }).await
    }

    /// As [`App::start`], with settings of the engine.
    ///
    /// # Errors
    /// Whatever setting up meets.
    pub async fn start_with(
        backend: Backend,
        channel: &str,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let loopback: SocketAddr = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(Config {
            control_addr: loopback,
            clock_start_us: START.0,
            clock_speed: 0,
            rates: Rates::Lifted,
            auto_transitions: false,
            ..Config::default()
        })
        .await?;
        let clock: Arc<dyn Clock> = Arc::new(SandboxClock(sandbox.clock()));
        let folder = TempDir::new()?;
        let (url, role, server) = database(backend, &folder)?;
        dermaga_store::migrate(&url, role.as_ref()).await?;
        let options = Options { role, ..Options::default() };
        let store = Store::open(&url, options, [9; 32], Arc::clone(&clock)).await?;
        let engine =
            Engine::new(store, dermaga_channels::all(), clock, Client::build()?, settings);
        let org = engine.store().create_org("Toko Contoh").await?;
        let shops = connect(&engine, org, &sandbox, channel).await?;
        Ok(Self { engine, sandbox, org, shops, folder, _server: server })
    }

    /// Asks the sandbox's control API; anything but success fails the test.
    ///
    /// # Errors
    /// The sandbox's refusal.
    pub fn control(&self, method: &str, target: &str, body: &Value) -> Result<Value, Failure> {
        control(&self.sandbox, method, target, body)
    }

    /// Moves the clock of both sides.
    pub fn advance(&self, seconds: u32) {
        self.sandbox.clock().advance(seconds);
    }
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
            let role = AppRole::new(&format!("app_{name}"), "invented")?;
            Ok((url, Some(role), Some(server)))
        }
    }
}
