//! `bench webhook`: signed webhooks over HTTP, kept before they are answered, next to the bare limit.

mod bare;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use dermaga_domain::time::Clock;
use dermaga_engine::Engine;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::ground::Ground;
use crate::load::{self, Pace, Target};
use crate::report::{self, Pair, Report, Run};
use crate::torture::Backend;

/// What `bench webhook` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    run: report::Args,
}

/// How long the pair that only warms up lasts.
const WARM_UP: Duration = Duration::from_secs(1);

/// Runs the benchmark.
///
/// # Errors
/// The database's, or a webhook that was not answered 200.
pub async fn run(args: Args, clock: Arc<dyn Clock>) -> Result<()> {
    for backend in args.run.backends() {
        let report = measure(&args, backend, Arc::clone(&clock)).await?;
        report::print(&report, args.run.json)?;
    }
    Ok(())
}

async fn measure(args: &Args, backend: Backend, clock: Arc<dyn Clock>) -> Result<Report> {
    let ground = Ground::lay(backend, clock).await?;
    pair(&ground, WARM_UP).await?;
    let spent = Duration::from_secs(args.run.seconds);
    let mut pairs = Vec::new();
    for _ in 0..args.run.pairs {
        pairs.push(pair(&ground, spent).await?);
    }
    // How long a webhook waits is asked at half of what was possible: at full load it is the queue.
    let most = pairs.iter().map(|pair| pair.ours.per_second()).max().unwrap_or(2);
    let open = ours(&ground, Pace::Open(most / 2), spent).await?;
    let name = "webhook".to_owned();
    Ok(Report { name, backend, pairs, latencies: Some(open.pieces) })
}

async fn pair(ground: &Ground, spent: Duration) -> Result<Pair> {
    let ours = ours(ground, Pace::Closed, spent).await?;
    let limit = limit(ground, spent).await?;
    Ok(Pair { ours, limit })
}

/// The real route, on an engine with a fresh store.
async fn ours(ground: &Ground, pace: Pace, spent: Duration) -> Result<Run> {
    let copy = ground.copy()?;
    let engine = ground.open(&copy.url).await?;
    let web = dermaga_web::Settings::default();
    let app = dermaga_web::App::new(engine.clone(), web, counting()?);
    let run = serve(ground, dermaga_web::router(app), pace, spent).await?;
    kept(&engine, ground, &run).await?;
    engine.store().close().await;
    Ok(run)
}

/// Every webhook that was answered is in the inbox.
async fn kept(engine: &Engine, ground: &Ground, run: &Run) -> Result<()> {
    let after = dermaga_domain::id::MessageId(0);
    let found = engine.store().pending(ground.seller.org, after, i64::MAX).await?.len();
    anyhow::ensure!(
        u64::try_from(found)? == run.units,
        "{} webhooks were answered 200 and {found} are kept",
        run.units
    );
    Ok(())
}

async fn limit(ground: &Ground, spent: Duration) -> Result<Run> {
    let copy = ground.copy()?;
    let inbox = bare::Inbox::open(ground.backend, &copy.url, Arc::clone(&ground.clock)).await?;
    let run = serve(ground, bare::router(inbox.clone()), Pace::Closed, spent).await?;
    inbox.close(run.units).await?;
    Ok(run)
}

/// Serves on a free port while the load client sends.
async fn serve(ground: &Ground, router: Router, pace: Pace, spent: Duration) -> Result<Run> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let target = Target {
        address: listener.local_addr()?,
        path: format!("/webhooks/{}/order_status", ground.seller.route),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move {
        let end = async move { drop(stopped.await) };
        axum::serve(listener, service).with_graceful_shutdown(end).await
    });
    let run = load::send(&target, pace, spent).await;
    drop(stop);
    server.await??;
    run
}

/// Counts as a hub does, once for the process.
pub(crate) fn counting() -> Result<PrometheusHandle> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new().install_recorder()?;
    Ok(HANDLE.get_or_init(|| handle).clone())
}
