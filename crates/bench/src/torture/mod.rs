//! Torture: a stream of orders with every fault switched on, while the hub is killed at random; then
//! the hub's books are held against the sandbox's.
//!
//! ```text
//!  this process: sandbox, driver, judge ──control──> orders, faults
//!        │ spawns, kills with SIGKILL, spawns again
//!        └─> hub process(es): `dermaga bench hub`, on the sandbox's clock
//! ```

mod compare;
mod drive;
mod faults;
mod hub;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use dermaga_domain::time::Time;
use dermaga_sandbox::{Config, Rates, Sandbox};

use crate::control::Control;

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
    /// A bug to plant, in a build that has them.
    #[arg(long)]
    pub plant: Option<String>,
    /// Where databases and logs of the hubs are kept afterwards; without it they are removed.
    #[arg(long, env = "DERMAGA_TEST_LEAVINGS")]
    pub leave: Option<PathBuf>,
}

/// How much faster than real time the sandbox runs.
const SPEED: u32 = 30;
/// How long the hub may take, in real time, to catch up once the faults have stopped.
const QUIET_LIMIT: Duration = Duration::from_secs(240);
/// How long the faults stay on, in real time, after the orders have lived: until each has fired.
const FAULTS_LIMIT: Duration = Duration::from_secs(60);
/// The channel that is tortured.
const CHANNEL: &str = "tokopedia";

/// Runs the torture. `program` is the binary that the hubs are started from.
///
/// # Errors
/// Any difference between the books, any violated invariant, any fault that never fired.
#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
pub async fn run(args: Args, program: PathBuf, now: Time) -> Result<()> {
    if args.nodes > 1 && args.backend == Backend::Sqlite {
        bail!("several nodes need --backend postgres");
    }
    let began = Instant::now();
    println!("torture: seed {} orders {} kills {}", args.seed, args.orders, args.kills);
    let sandbox = Sandbox::start(Config {
        seed: args.seed,
        clock_start_us: now.0,
        clock_speed: SPEED,
        rates: Rates::Lifted,
        lists_early_statuses: false,
        auto_transitions: false,
        token_seconds: 900,
        webhook_timeout_ms: 2_000,
        ..Config::default()
    })
    .await?;
    let control = Control::Here(&sandbox);
    let mut hubs = hub::Hubs::start(&args, program, &sandbox).await?;
    faults::switch_on(control).await?;
    drive::drive(&args, control, &mut hubs).await?;
    faults::until_all_fired(control, FAULTS_LIMIT).await?;
    faults::switch_off(control).await?;
    let (found, settled) = compare::until_equal(control, &hubs, QUIET_LIMIT).await?;
    let fired = faults::fired(control).await?;
    let doctor = hubs.doctor().await?;
    hubs.stop(args.leave.as_deref()).await?;
    sandbox.stop().await;
    report(&fired, &found, &doctor);
    println!(
        "torture: quiet after {} s, ended after {} s",
        settled.as_secs(),
        began.elapsed().as_secs()
    );
    let silent: Vec<&str> =
        fired.iter().filter(|(_, times)| **times == 0).map(|(name, _)| name.as_str()).collect();
    if !found.is_empty() || !doctor.is_empty() || !silent.is_empty() {
        bail!(
            "{} differences, {} violated invariants, faults that never fired: {}",
            found.len(),
            doctor.len(),
            if silent.is_empty() { "none".to_owned() } else { silent.join(", ") }
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn report(fired: &BTreeMap<String, u64>, found: &[String], doctor: &[String]) {
    println!("{:<22} fired", "fault");
    for (name, times) in fired {
        println!("{name:<22} {times}");
    }
    for line in found.iter().chain(doctor).take(40) {
        println!("DIFFERS {line}");
    }
}
