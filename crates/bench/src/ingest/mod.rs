//! `bench ingest`: batches of new orders through [`Store::apply`], next to the bare limit.

pub(crate) mod orders;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use dermaga_domain::time::Clock;

use crate::ground::Ground;
use crate::limit;
use crate::report::meter::Meter;
use crate::report::{self, Pair, Report, Run};
use crate::torture::Backend;

/// What `bench ingest` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    run: report::Args,
    /// Orders in a batch.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=500))]
    batch: u64,
}

/// How long the pair that only warms up lasts.
const WARM_UP: Duration = Duration::from_secs(1);

/// Runs the benchmark.
///
/// # Errors
/// The database's, or a run whose rows are not what they should be.
pub async fn run(args: Args, clock: Arc<dyn Clock>) -> Result<()> {
    for backend in args.run.backends() {
        let report = measure(&args, backend, Arc::clone(&clock)).await?;
        report::print(&report, args.run.json)?;
    }
    Ok(())
}

async fn measure(args: &Args, backend: Backend, clock: Arc<dyn Clock>) -> Result<Report> {
    let ground = Ground::lay(backend, clock).await?;
    pair(&ground, args.batch, WARM_UP).await?;
    let mut pairs = Vec::new();
    for _ in 0..args.run.pairs {
        pairs.push(pair(&ground, args.batch, Duration::from_secs(args.run.seconds)).await?);
    }
    let name =
        if args.batch == 100 { "ingest".to_owned() } else { format!("ingest_{}", args.batch) };
    Ok(Report { name, backend, pairs, latencies: None })
}

async fn pair(ground: &Ground, size: u64, limit: Duration) -> Result<Pair> {
    let copy = ground.copy()?;
    let ours = ours(ground, &copy.url, size, limit).await?;
    let limit = limit::replay(ground, &copy.url, size, ours.units).await?;
    Ok(Pair { ours, limit })
}

/// One batch after another; only the store's work is timed, not the making of orders.
async fn ours(ground: &Ground, url: &str, size: u64, limit: Duration) -> Result<Run> {
    let engine = ground.open(url).await?;
    let store = engine.store();
    let meter = Meter::start();
    let mut run = Run::default();
    while run.spent < limit {
        let batch = orders::batch(&ground.seller, ground.clock.now(), run.units, size);
        let began = Instant::now();
        store.apply(batch).await?;
        let spent = began.elapsed();
        run.spent += spent;
        run.pieces.push(spent);
        run.units += size;
    }
    run.cost = meter.stop();
    store.close().await;
    Ok(run)
}
