//! `bench e2e`: orders from the buyer at a sandbox to their documents in a hub of its own process, over
//! HTTP in both directions: the sandbox sends a webhook for each, the hub keeps it, asks for the order's
//! details and writes the document.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use dermaga_domain::time::Time;
use dermaga_sandbox::{Config, Rates, Sandbox, Sizes};
use serde_json::{Value, json};

use crate::control::{Control, text};
use crate::report::word;
use crate::torture::hub::Hubs;
use crate::torture::scene::Scene;
use crate::torture::{self, Backend, market};

/// What `bench e2e` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The database; both when none is named.
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Orders that are placed, as fast as the sandbox takes them.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1_000..=100_000))]
    orders: u32,
    /// Fewer orders a second than this are a failure.
    #[arg(long, default_value_t = 1_000)]
    least: u64,
    /// One object per line instead of a table.
    #[arg(long)]
    json: bool,
}

/// The channel.
const CHANNEL: &str = "tokopedia";
/// Orders that only warm up.
const WARM_UP: u32 = 500;
/// Placed at once, so that the sandbox's own work is spread over the run.
const AT_ONCE: u32 = 500;
/// How many orders the sandbox may be ahead of the hub.
const AHEAD_MAX: i64 = 2_000;
/// How often the hub is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long the hub may stand still.
const STILL_MAX: Duration = Duration::from_secs(60);

/// Runs the benchmark. `program` is the binary that the hub is started from.
///
/// # Errors
/// An order without its document, or fewer a second than there must be.
pub async fn run(args: Args, program: PathBuf, now: Time) -> Result<()> {
    let both = vec![Backend::Sqlite, Backend::Postgres];
    let mut slow = Vec::new();
    for backend in args.backend.map_or(both, |named| vec![named]) {
        let spent = measure(&args, backend, program.clone(), now).await?;
        let micros = spent.as_micros().max(1);
        let per_second = u64::try_from(u128::from(args.orders) * 1_000_000 / micros)?;
        print(&args, backend, spent, per_second)?;
        if per_second < args.least {
            slow.push(format!("{per_second} a second on {}", word(backend)));
        }
    }
    if !slow.is_empty() {
        bail!("fewer than {} orders a second: {}", args.least, slow.join("; "));
    }
    Ok(())
}

async fn measure(args: &Args, backend: Backend, program: PathBuf, now: Time) -> Result<Duration> {
    let kept = usize::try_from(args.orders)?.saturating_mul(8);
    let sandbox = Sandbox::start(Config {
        clock_start_us: now.0,
        rates: Rates::Lifted,
        lists_early_statuses: false,
        auto_transitions: false,
        sizes: Sizes { calls_kept: kept, webhooks_kept: kept },
        ..Config::default()
    })
    .await?;
    let quiet = torture::Args::quiet(backend, CHANNEL);
    let mut hubs = Hubs::start(&quiet, program, &sandbox).await?;
    let control = Control::Here(&sandbox);
    let scene = Scene::of(control, &[market::of(CHANNEL)?]).await?;
    let product = scene.products.first().context("the sandbox sells nothing")?;
    // More than can be sold: what is short holds nothing, and is not counted.
    hubs.receive(&text(&product["sku"]), &text(&product["warehouse"]), i64::from(u32::MAX)).await?;
    let mut before = 0;
    place(control, &hubs, product, WARM_UP, &mut before).await?;
    let began = Instant::now();
    let placed = place(control, &hubs, product, args.orders, &mut before).await;
    let spent = began.elapsed();
    hubs.stop(None).await?;
    sandbox.stop().await;
    placed.map(|()| spent)
}

/// Places orders, and waits until each has its document.
async fn place(
    control: Control<'_>,
    hubs: &Hubs,
    product: &Value,
    orders: u32,
    before: &mut i64,
) -> Result<()> {
    let (wanted, sku) = (*before + i64::from(orders), text(&product["sku"]));
    let (mut placed, mut there) = (*before, *before);
    let mut moved_at = Instant::now();
    while there < wanted {
        if placed < wanted && placed - there < AHEAD_MAX {
            let line = json!({"sku": product["sku"], "quantity": 1});
            let order = json!({"shop_id": product["shop_id"], "lines": [line], "paid": true,
                               "count": AT_ONCE.min(u32::try_from(wanted - placed)?)});
            let told = control.ask("POST", &format!("/control/{CHANNEL}/orders"), &order).await?;
            let ids = told["order_ids"].as_array().context("the sandbox names no orders")?;
            placed += i64::try_from(ids.len())?;
        } else {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let now = written(hubs, &sku).await?;
        if now > there {
            moved_at = Instant::now();
        }
        there = now;
        ensure!(moved_at.elapsed() < STILL_MAX, "the hub stands still at {there} of {wanted}");
    }
    ensure!(there == wanted, "{there} orders have a document, and {wanted} were placed");
    *before = wanted;
    Ok(())
}

/// Sales orders that are written: each holds one unit.
async fn written(hubs: &Hubs, sku: &str) -> Result<i64> {
    let told = hubs.api(&format!("/skus?q={sku}")).await?;
    let found = told["items"].as_array().context("the hub lists no SKUs")?;
    let levels = found.iter().filter(|item| item["code"] == sku);
    let levels = levels.filter_map(|item| item["levels"].as_array()).flatten();
    Ok(levels.filter_map(|level| level["reserved"].as_i64()).sum())
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn print(args: &Args, backend: Backend, spent: Duration, per_second: u64) -> Result<()> {
    if args.json {
        let line = json!({"name": "e2e", "backend": word(backend), "n": args.orders,
                          "spent_ms": u64::try_from(spent.as_millis())?, "per_s": per_second});
        println!("{}", serde_json::to_string(&line)?);
        return Ok(());
    }
    println!(
        "e2e  {:<9} {:>6} orders/s   n {} in {spent:?}",
        word(backend),
        per_second,
        args.orders
    );
    Ok(())
}
