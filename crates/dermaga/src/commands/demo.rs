//! `dermaga demo`: the hub, a sandbox and a stream of orders, on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_bench::control::{Control, SandboxClock};
use dermaga_bench::seller;
use dermaga_channel::reach::this_machine;
use dermaga_domain::access::KeyScope;
use dermaga_domain::id::OrgId;
use dermaga_domain::term::Tab;
use dermaga_domain::time::{Clock, Span};
use dermaga_engine::{Engine, Settings};
use dermaga_sandbox::{Config, Rates, Sandbox};
use dermaga_store::read::Scope;
use dermaga_store::read::orders::View;
use rand::RngCore as _;
use serde_json::{Value, json};

use crate::clock::SystemClock;
use crate::hub::{Hub, Place, asked_to_end, listen};
use crate::listed::Listed;
use crate::socket::Listening;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Wait until every tab but Failed Delivery has held an order, print the seconds, and end.
    #[arg(long)]
    check: bool,
    /// Where the demo keeps its files; emptied at every start.
    #[arg(long, default_value = "target/demo")]
    folder: PathBuf,
    /// The database; the embedded one in the folder by default.
    #[arg(long)]
    database: Option<String>,
    /// Where pages, API and webhooks answer.
    #[arg(long, default_value = "127.0.0.1:8600")]
    listen: SocketAddr,
    /// Where the sandbox's control API and page answer.
    #[arg(long, default_value = "127.0.0.1:8700")]
    control: SocketAddr,
    /// Orders a minute.
    #[arg(long, default_value_t = 20)]
    orders_per_minute: u32,
}

/// The log-in of the demo's owner.
const OWNER: &str = "owner@example.test";
/// `--check` fails after this long.
const CHECK_LIMIT: Duration = Duration::from_secs(600);
/// How long an order of the demo lives, in seconds of the sandbox clock.
const LIFECYCLE_SECONDS: u32 = 90;

/// Runs the command until the process is asked to end.
pub async fn run(args: Args) -> Result<()> {
    let began = Instant::now();
    let sandbox = start_sandbox(&args).await?;
    let clock: Arc<dyn Clock> = Arc::new(SandboxClock(sandbox.clock()));
    let place = empty_place(&args)?;
    place.migrate().await?;
    let store = place.open(Arc::clone(&clock)).await?;
    let listener = listen(args.listen).await.or(listen(([127, 0, 0, 1], 0).into()).await)?;
    let public_url = format!("http://{}", listener.local_addr()?);
    let settings = Settings {
        public_url: Some(public_url.clone()),
        pull_interval: Span::seconds(30),
        status_interval: Span::seconds(60),
        return_interval: Span::seconds(30),
        ..Settings::default()
    };
    let hub = Hub::start(store, (clock, place.client()?), settings, listener).await?;
    let seller = Seller::set_up(&hub.engine, &sandbox).await?;
    for channel in &seller.channels {
        let stream = json!({
            "orders_per_minute": args.orders_per_minute,
            "lifecycle_seconds": LIFECYCLE_SECONDS,
        });
        let target = format!("/control/{channel}/stream");
        Control::Here(&sandbox).ask("POST", &target, &stream).await?;
    }
    let socket = Listening::open(&place, &hub.engine)?;
    let shown = seller.addresses(&public_url, &sandbox);
    std::fs::write(args.folder.join("../demo.json"), serde_json::to_vec_pretty(&shown)?)?;
    print(&shown, began);
    let ended =
        if args.check { check(&hub.engine, seller.org, began).await } else { asked_to_end().await };
    if let Some(socket) = socket {
        socket.close().await;
    }
    hub.stop().await?;
    sandbox.stop().await;
    ended
}

async fn start_sandbox(args: &Args) -> Result<Sandbox> {
    let config = |control_addr| Config {
        control_addr,
        clock_start_us: SystemClock.now().0,
        rates: Rates::Documented,
        lists_early_statuses: true,
        ..Config::default()
    };
    match Sandbox::start(config(args.control)).await {
        Ok(sandbox) => Ok(sandbox),
        // The usual port is taken: any other will do for a demo.
        Err(dermaga_sandbox::Error::Listen { .. }) => {
            Ok(Sandbox::start(config(([127, 0, 0, 1], 0).into())).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// An empty folder with nothing of an earlier demo.
fn empty_place(args: &Args) -> Result<Place> {
    let data = args.folder.join("hub");
    if data.exists() {
        std::fs::remove_dir_all(&data).context("the demo's folder could not be emptied")?;
    }
    std::fs::create_dir_all(&data)?;
    let file = |name: &str| data.join(name).display().to_string();
    let database = args.database.clone().unwrap_or_else(|| format!("sqlite:{}", file("demo.db")));
    Ok(Place { database, keys: data, reach: Listed(this_machine().to_vec()) })
}

/// The demo's seller.
struct Seller {
    org: OrgId,
    password: String,
    api_key: String,
    channels: Vec<String>,
}

impl Seller {
    async fn set_up(engine: &Engine, sandbox: &Sandbox) -> Result<Self> {
        let store = engine.store();
        let org = store.create_org("Toko Contoh").await?;
        let mut secret = [0_u8; 9];
        rand::rng().fill_bytes(&mut secret);
        let password = hex::encode(secret);
        super::create_owner(store, org, OWNER, "Dewi Contoh", &password).await?;
        // The demo is to be tried, by programs as well.
        let scopes = KeyScope::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" ");
        let api_key = super::api_key(store, org, ("demo", &scopes)).await?;
        let mut channels = Vec::new();
        for (name, _) in engine.registry().iter() {
            if sandbox.channel_url(name).is_some() {
                seller::connect(engine, org, Control::Here(sandbox), name).await?;
                channels.push(name.to_owned());
            }
        }
        Ok(Self { org, password, api_key, channels })
    }

    fn addresses(&self, public_url: &str, sandbox: &Sandbox) -> Value {
        let channels: serde_json::Map<String, Value> = self
            .channels
            .iter()
            .filter_map(|name| sandbox.channel_url(name).map(|url| (name.clone(), url.into())))
            .collect();
        json!({
            "page": format!("{public_url}/orders"),
            "api": format!("{public_url}/api/v1"),
            "control": sandbox.control_url(),
            "channels": channels,
            "login": OWNER,
            "password": self.password,
            "api_key": self.api_key,
        })
    }
}

#[expect(clippy::print_stdout, reason = "the addresses and the log-in are what a newcomer needs")]
fn print(shown: &Value, began: Instant) {
    let text = |key: &str| shown[key].as_str().unwrap_or_default().to_owned();
    println!("Dermaga is ready after {} s.", began.elapsed().as_secs());
    println!("  page      {}", text("page"));
    println!("  log-in    {}   password {}", text("login"), text("password"));
    println!("  API       {}   key {}", text("api"), text("api_key"));
    println!("  sandbox   {}", text("control"));
    for (name, url) in shown["channels"].as_object().into_iter().flatten() {
        println!("  {name:<9} {}", url.as_str().unwrap_or_default());
    }
}

/// Waits until every tab that the sandbox can bring about has held an order.
#[expect(clippy::print_stdout, reason = "the seconds are what `--check` is for")]
async fn check(engine: &Engine, org: OrgId, began: Instant) -> Result<()> {
    let mut missing: Vec<Tab> =
        Tab::ALL.iter().copied().filter(|&tab| tab != Tab::FailedDelivery).collect();
    let mut waker = engine.store().wakeups();
    while !missing.is_empty() {
        if began.elapsed() > CHECK_LIMIT {
            let missing: Vec<&str> = missing.iter().map(|tab| tab.as_str()).collect();
            bail!("after {} s no order was in: {}", CHECK_LIMIT.as_secs(), missing.join(", "));
        }
        let counts = engine.store().tab_counts(&Scope::all(org), None, None).await?;
        missing.retain(|&tab| counts.of(View::Tab(tab)) == 0);
        tokio::select! {
            () = waker.woken() => {}
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
        }
    }
    println!("every tab has held an order after {} s", began.elapsed().as_secs());
    Ok(())
}
