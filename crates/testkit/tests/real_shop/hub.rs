//! A hub for one course: engine and loops on a file of its own, and the listener that webhooks come to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use axum::Router;
use axum::extract::Request;
use dermaga_channel::http::Client;
use dermaga_channel::reach::{Network, may_reach};
use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Clock, Time};
use dermaga_engine::{Engine, Settings};
use dermaga_store::{Options, Store};
use dermaga_testkit::{Failure, ROOT_KEY};
use http::Uri;
use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::Given;

/// The clock of this machine: a real shop's is nobody's to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "a real shop keeps the time of the world")]
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A way out that may lead to the shop, also where it is on a private address.
pub(crate) async fn client(site: &str) -> Result<Client, Failure> {
    let place: Uri = site.parse()?;
    let host = place.host().ok_or("WOO_URL has no host")?.trim_matches(['[', ']']);
    let port = place.port_u16().unwrap_or(443);
    let mut listed: Vec<Network> = Vec::new();
    for found in tokio::net::lookup_host((host, port)).await? {
        let address: IpAddr = found.ip();
        if !may_reach(address, &[]) {
            println!("  {host} is the private address {address}: it is allowed for this course");
            listed.push(address.to_string().parse()?);
        }
    }
    Ok(Client::reaching(&listed)?)
}

/// A hub with its loops and its listener.
pub(crate) struct Hub {
    pub(crate) engine: Engine,
    pub(crate) org: OrgId,
    /// Where the shop is told to send webhooks, without a slash at the end.
    pub(crate) public: String,
    /// Requests that came to the listener.
    heard: Arc<AtomicUsize>,
    stop: CancellationToken,
    loops: tokio_util::task::TaskTracker,
    server: JoinHandle<()>,
    _folder: TempDir,
}

impl Hub {
    /// A hub without shops.
    pub(crate) async fn open(
        given: &Given,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let listener = TcpListener::bind(given.listen).await?;
        let at: SocketAddr = listener.local_addr()?;
        let public =
            given.public.clone().unwrap_or_else(|| format!("http://127.0.0.1:{}", at.port()));
        let public = public.trim_end_matches('/').to_owned();
        let folder = TempDir::new()?;
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        dermaga_store::migrate(&url, None).await?;
        let store = Store::open(&url, Options::default(), ROOT_KEY, Arc::clone(&clock)).await?;
        let org = store.create_org("Toko Contoh").await?;
        let settings = Settings { public_url: Some(public.clone()), ..Settings::default() };
        let engine = Engine::new(store, dermaga_channels::all(), clock, client, settings);
        let stop = CancellationToken::new();
        let loops = engine.run(&stop);
        let heard = Arc::new(AtomicUsize::new(0));
        let server = serve(listener, &engine, Arc::clone(&heard));
        println!("  the hub listens at {at}; the shop is told {public}");
        Ok(Self { engine, org, public, heard, stop, loops, server, _folder: folder })
    }

    /// How many requests came to the listener.
    pub(crate) fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }

    /// Ends the loops, between two pieces of work, and the listener.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.loops.wait().await;
        self.server.abort();
        self.engine.store().close().await;
    }
}

/// Answers as the hub does, and counts who comes.
fn serve(listener: TcpListener, engine: &Engine, heard: Arc<AtomicUsize>) -> JoinHandle<()> {
    let counted = PrometheusBuilder::new().build_recorder().handle();
    let app = dermaga_web::App::new(engine.clone(), dermaga_web::Settings::default(), counted);
    let router = dermaga_web::router(app);
    let pass = move |request: Request| {
        heard.fetch_add(1, Ordering::SeqCst);
        router.clone().oneshot(request)
    };
    tokio::spawn(async move {
        // It ends with the course.
        drop(axum::serve(listener, Router::new().fallback(pass)).await);
    })
}
