//! Torture: a stream of orders with every fault switched on, while the hub is killed at random; then
//! the hub's books are held against the sandbox's.
//!
//! ```text
//!  this process: sandbox, driver, judge ──control──> orders, faults
//!        │ spawns, kills with SIGKILL, spawns again
//!        └─> hub process(es): `dermaga bench hub`, on the sandbox's clock
//! ```

mod compare;
pub(crate) mod drive;
mod faults;
pub(crate) mod hub;
pub(crate) mod market;
mod report;
pub(crate) mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use dermaga_domain::planted::{self, Bug};
use dermaga_domain::time::Time;
use dermaga_sandbox::{Config, Rates, Sandbox, Sizes};
use serde_json::json;

use crate::control::Control;
use compare::{Tally, Wanted, Watch};
use market::Market;
use scene::Scene;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// `DERMAGA_POSTGRES`, or a server of our own.
    Postgres,
}

/// What is done to the hub.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Everything random comes from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Orders that are placed.
    #[arg(long, default_value_t = 200)]
    pub orders: usize,
    /// How often a hub is killed.
    #[arg(long, default_value_t = 3)]
    pub kills: usize,
    /// The database.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub backend: Backend,
    /// Hubs at once; more than one needs PostgreSQL.
    #[arg(long, default_value_t = 1)]
    pub nodes: usize,
    /// The channels, by commas; without them, all.
    #[arg(long, value_delimiter = ',')]
    pub channels: Vec<String>,
    /// A bug to plant in the hubs, in a build that has them: then torture must fail.
    #[arg(long)]
    pub plant: Option<Bug>,
    /// Where databases and logs of the hubs are kept afterwards; without it they are removed.
    #[arg(long, env = "DERMAGA_TEST_LEAVINGS")]
    pub leave: Option<PathBuf>,
}

impl Args {
    /// Hubs to which nothing is done.
    pub(crate) fn quiet(backend: Backend, channel: &str) -> Self {
        let channels = vec![channel.to_owned()];
        Self { seed: 1, orders: 0, kills: 0, backend, nodes: 1, channels, plant: None, leave: None }
    }
}

/// How much faster than real time the sandbox runs.
const SPEED: u32 = 30;
/// How long the hub may take, in real time, to catch up once the faults have stopped, and how much longer
/// for each order.
const QUIET_LIMIT: Duration = Duration::from_secs(240);
const QUIET_LIMIT_EACH: Duration = Duration::from_millis(30);
/// How long the faults stay on, in real time, after the orders have lived: until each has fired.
const FAULTS_LIMIT: Duration = Duration::from_secs(60);
/// How long a webhook waits before each further try, in sandbox seconds.
const RETRIES: [u32; 5] = [5, 15, 60, 120, 300];

/// Runs the torture. `program` is the binary that the hubs are started from.
///
/// # Errors
/// Any difference between the books, any violated invariant, any fault that never fired.
#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
pub async fn run(args: Args, program: PathBuf, now: Time) -> Result<()> {
    if args.nodes > 1 && args.backend == Backend::Sqlite {
        bail!("several nodes need --backend postgres");
    }
    if args.plant.is_some() && !planted::POSSIBLE {
        bail!("this build has no bugs to plant; build it with the feature `planted`");
    }
    let began = Instant::now();
    let markets = market::named(&args.channels)?;
    let names: Vec<&str> = markets.iter().map(|market| market.channel).collect();
    println!(
        "torture: seed {} orders {} kills {} nodes {} at {}{}",
        args.seed,
        args.orders,
        args.kills,
        args.nodes,
        names.join(", "),
        args.plant.map_or(String::new(), |bug| format!(" planted {}", bug.as_str()))
    );
    let sandbox = Sandbox::start(Config {
        seed: args.seed,
        clock_start_us: now.0,
        clock_speed: SPEED,
        rates: Rates::Lifted,
        lists_early_statuses: false,
        auto_transitions: false,
        token_seconds: 900,
        webhook_timeout_ms: 2_000,
        webhook_retry_seconds: RETRIES.to_vec(),
        sizes: Sizes { calls_kept: 2_000_000, webhooks_kept: 1_000_000 },
        ..Config::default()
    })
    .await?;
    let mut hubs = hub::Hubs::start(&args, program, &sandbox).await?;
    let outcome = torture(&args, Control::Here(&sandbox), &mut hubs, &markets).await;
    hubs.stop(args.leave.as_deref()).await?;
    sandbox.stop().await;
    let Outcome { fired, tally, channels } = outcome?;
    report::print(&channels, &fired, &tally);
    println!("torture: ended after {} s", began.elapsed().as_secs());
    let silent = report::silent(&fired, &tally);
    if !tally.found().is_empty() || !silent.is_empty() {
        bail!(
            "{} differences; without a single case: {}",
            tally.found().len(),
            if silent.is_empty() { "none".to_owned() } else { silent.join(", ") }
        );
    }
    Ok(())
}

/// What came of it.
struct Outcome {
    fired: BTreeMap<&'static str, u64>,
    tally: Tally,
    channels: Vec<report::OfChannel>,
}

/// Everything that is done to the hubs and looked at afterwards.
async fn torture(
    args: &Args,
    control: Control<'_>,
    hubs: &mut hub::Hubs,
    markets: &[&'static Market],
) -> Result<Outcome> {
    let began = Instant::now();
    let scene = Scene::of(control, markets).await?;
    for market in markets {
        faults::switch_on(control, market).await?;
    }
    let mut watch = Watch::default();
    let mut driven = drive::drive(args, control, hubs, &mut watch, &scene).await?;
    if args.plant.is_none() {
        faults::until_all_fired(control, markets, FAULTS_LIMIT).await?;
    }
    for market in markets {
        faults::switch_off(control, &scene, market).await?;
    }
    drive::sell_short(control, hubs, &scene).await?;
    let (lived, received) = (&driven.lived, &mut driven.received);
    let downloaded = drive::settle(control, hubs, &scene, lived, received).await?;
    let commanded: Vec<(&'static Market, &str)> = lived
        .iter()
        .filter(|life| life.commanded)
        .map(|life| (life.market, life.order.as_str()))
        .collect();
    let wanted = Wanted { scene: &scene, received, downloaded: &downloaded, commanded: &commanded };
    let each = u32::try_from(args.orders).unwrap_or(u32::MAX);
    let limit = QUIET_LIMIT + QUIET_LIMIT_EACH.saturating_mul(each);
    let mut tally = compare::until_equal(control, hubs, &wanted, &mut watch, limit).await?;
    if tally.found().is_empty() {
        drive::sell_in_quiet(control, &scene).await?;
        tally = compare::until_equal(control, hubs, &wanted, &mut watch, limit).await?;
    }
    compare::at_rest(&mut tally, control, hubs, markets).await?;
    let touched: BTreeSet<String> =
        lived.iter().filter(|life| life.touched).map(|life| life.order.clone()).collect();
    tally.add(&watch.seen(&touched));
    compare::obeyed(&mut tally, control, hubs, markets).await?;
    let mut fired = faults::fired(control, markets).await?;
    fired.extend(hubs.counts.by_name());
    let channels = report::of_channels(control, markets, (&watch, began)).await?;
    Ok(Outcome { fired, tally, channels })
}

/// Lets the sandbox's clock run ahead by so many seconds, and the hubs a moment to follow.
async fn pass_time(control: Control<'_>, seconds: u32) -> Result<()> {
    if seconds > 0 {
        control.ask("POST", "/control/clock", &json!({"advance_seconds": seconds})).await?;
    }
    // Until every hub has read the clock and looked once.
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}
