//! The hub put together: a database, the engine and the web server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dermaga_channel::http::Client;
use dermaga_channel::reach::Network;
use dermaga_domain::time::Clock;
use dermaga_engine::{Engine, Settings};
use dermaga_store::{AppRole, Options, Store};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rand::RngCore as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::listed::Listed;

/// Where a hub keeps its things.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// The database: `sqlite:<file>`, or `postgres://…` with the address of its owner. Without one
    /// it is the PostgreSQL of DERMAGA_POSTGRES where that is set, else `sqlite:dermaga.db`.
    #[arg(
        long,
        global = true,
        env = "DERMAGA_DATABASE",
        hide_env_values = true,
        default_value_t = usual_database(),
        hide_default_value = true
    )]
    pub database: String,
    /// The folder of the root key and of the password of the database role.
    #[arg(long, global = true, env = "DERMAGA_KEYS", default_value = ".")]
    pub keys: PathBuf,
    /// Networks that are not public and to which the address of a shop may lead still, such as
    /// `10.1.0.0/16`; several with commas between.
    #[arg(
        long,
        global = true,
        env = "DERMAGA_REACH",
        default_value = "",
        hide_default_value = true
    )]
    pub reach: Listed<Network>,
}

impl Place {
    /// The client for channels.
    pub fn client(&self) -> Result<Client> {
        Client::reaching(&self.reach.0).context("the client for channels could not be made")
    }

    /// Options for opening the database; on PostgreSQL with the role that the hub works as.
    pub fn options(&self) -> Result<Options> {
        Ok(Options { role: self.role()?, ..Options::default() })
    }

    fn role(&self) -> Result<Option<AppRole>> {
        if !self.database.starts_with("postgres") {
            return Ok(None);
        }
        let file = self.keys.join("dermaga-role.password");
        Ok(Some(AppRole::from_file(&file, &mut rand::rng())?))
    }

    /// Brings the database to the newest schema.
    pub async fn migrate(&self) -> Result<()> {
        let role = self.role()?;
        dermaga_store::migrate(&self.database, role.as_ref())
            .await
            .context("the database could not be brought up to date (DMG-0104)")
    }

    /// The root key: read from its file, which is made when there is none.
    pub fn root_key(&self) -> Result<[u8; 32]> {
        read_key(&self.keys.join("dermaga.key"))
    }

    /// The root key, which must be there.
    pub fn existing_root_key(&self) -> Result<[u8; 32]> {
        let file = self.keys.join("dermaga.key");
        if !file.exists() {
            bail!(
                "there is no root key {}; name its folder with --keys (DMG-0501)",
                file.display()
            );
        }
        self.root_key()
    }

    /// Where it is kept that a buyer was erased: beside the keys, which no backup holds either.
    #[must_use]
    pub fn erasures(&self) -> PathBuf {
        self.keys.join("dermaga-erasures")
    }

    /// Opens the store.
    pub async fn open(&self, clock: Arc<dyn Clock>) -> Result<Store> {
        let key = self.root_key()?;
        Ok(Store::open(&self.database, self.options()?, key, clock).await?)
    }
}

/// The database that is meant when nobody names one: an owner's address may hold a password, so it
/// comes from the environment rather than from a command that everybody on the machine can read.
fn usual_database() -> String {
    #[expect(clippy::disallowed_methods, reason = "this is where settings are read")]
    let owner = std::env::var("DERMAGA_POSTGRES").ok().filter(|address| !address.is_empty());
    owner.unwrap_or_else(|| "sqlite:dermaga.db".to_owned())
}

/// Reads a key from its file, which is made when there is none.
pub fn read_key(file: &Path) -> Result<[u8; 32]> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse_key(text.trim(), file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(file),
        Err(error) => Err(error)
            .with_context(|| format!("the root key {} cannot be read (DMG-0501)", file.display())),
    }
}

fn parse_key(text: &str, file: &Path) -> Result<[u8; 32]> {
    let mut key = [0_u8; 32];
    if hex::decode_to_slice(text, &mut key).is_err() {
        bail!("the root key {} is not 64 hexadecimal digits (DMG-0501)", file.display());
    }
    Ok(key)
}

fn make_key(file: &Path) -> Result<[u8; 32]> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut key = [0_u8; 32];
    rand::rng().fill_bytes(&mut key);
    let mut new = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| {
        format!("the root key {} cannot be made (DMG-0501)", file.display())
    })?;
    new.write_all(hex::encode(key).as_bytes())?;
    new.sync_all()?;
    Ok(key)
}

/// What the link for the first account ends with; none when there is an account.
async fn setup_code(store: &Store) -> Result<Option<String>> {
    if store.has_accounts().await? {
        return Ok(None);
    }
    let mut secret = [0_u8; 16];
    rand::rng().fill_bytes(&mut secret);
    Ok(Some(hex::encode(secret)))
}

/// A running hub.
#[derive(Debug)]
pub struct Hub {
    /// Its engine.
    pub engine: Engine,
    /// Where its pages and its API answer.
    pub address: SocketAddr,
    /// Where the first account is made, while there is none; whoever has it becomes the owner.
    pub setup: Option<String>,
    stop: CancellationToken,
    loops: tokio_util::task::TaskTracker,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Opens a port; one that is taken is named.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} (DMG-0502)"))
}

/// Every channel with a flow, under its own name.
fn channel_flows() -> Vec<dermaga_web::ChannelFlow> {
    let own_name = |key: &str| match key {
        "tiktok" => "TikTok Shop".to_owned(),
        "woocommerce" => "WooCommerce".to_owned(),
        "pos" => "POS".to_owned(),
        _ => key.chars().take(1).flat_map(char::to_uppercase).chain(key.chars().skip(1)).collect(),
    };
    dermaga_channels::flows::FLOW_FILES
        .iter()
        .map(|&(key, text)| dermaga_web::ChannelFlow {
            key: key.to_owned(),
            name: own_name(key),
            text,
        })
        .collect()
}

/// By what a hub is known to people.
fn node_name(address: SocketAddr) -> String {
    let places = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let machine = places.iter().find_map(|place| std::fs::read_to_string(place).ok());
    let machine = machine.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let machine = machine.unwrap_or("hub");
    format!("{machine}:{}", address.port())
}

/// Starts counting, once for the process.
fn counting() -> Result<PrometheusHandle> {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new().install_recorder()?;
    Ok(HANDLE.get_or_init(|| handle).clone())
}

impl Hub {
    /// Puts a hub together on an open store and starts it.
    pub async fn start(
        store: Store,
        (clock, client): (Arc<dyn Clock>, Client),
        settings: Settings,
        listener: TcpListener,
    ) -> Result<Self> {
        let nothing = |_| axum::Router::new();
        Self::start_with(store, (clock, client), settings, listener, nothing).await
    }

    /// As [`Hub::start`], with more routes.
    pub async fn start_with(
        store: Store,
        (clock, client): (Arc<dyn Clock>, Client),
        settings: Settings,
        listener: TcpListener,
        extra: impl FnOnce(Engine) -> axum::Router,
    ) -> Result<Self> {
        let address = listener.local_addr()?;
        let settings = Settings { node: Some(node_name(address)), ..settings };
        let secure_cookies =
            settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let public_url = settings.public_url.clone();
        let setup = setup_code(&store).await?;
        let engine = Engine::new(store, dermaga_channels::all(), clock, client, settings);
        let stop = CancellationToken::new();
        let loops = engine.run(&stop);
        let web = dermaga_web::Settings {
            secure_cookies,
            channels: channel_flows(),
            setup: setup.clone(),
            public_url: public_url.clone(),
            ..dermaga_web::Settings::default()
        };
        let app = dermaga_web::App::new(engine.clone(), web, counting()?);
        let router = dermaga_web::router(app).merge(extra(engine.clone()));
        let stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(stopped).await
        });
        let at = public_url.unwrap_or_else(|| format!("http://{address}"));
        let setup = setup.map(|code| format!("{at}/setup/{code}"));
        Ok(Self { engine, address, setup, stop, loops, server })
    }

    /// Stops between two pieces of work and closes the database.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.loops.wait().await;
        self.server.await??;
        self.engine.store().close().await;
        Ok(())
    }
}

/// Returns when the process is asked to end.
pub async fn asked_to_end() -> Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = term.recv() => {}
    }
    Ok(())
}
