//! `dermaga bench`: torture and benchmarks.

mod doors;
mod hub;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use dermaga_bench::{backup, e2e, ingest, list, torture, webhook};
use dermaga_domain::time::Clock as _;

use crate::clock::SystemClock;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Every fault switched on while the hub is killed at random; exit status 0 only without a
    /// difference.
    Torture(torture::Args),
    /// Orders a second in batches, next to the fastest client that writes the same rows.
    Ingest(ingest::Args),
    /// Webhooks a second, kept before they are answered, next to a handler that does no more.
    Webhook(webhook::Args),
    /// Pages of orders, search and counts over a large book; exit status 0 only within their budgets.
    List(list::Args),
    /// Orders a second from the buyer at a sandbox to their documents, over HTTP; exit status 0 only when
    /// there are enough.
    #[command(name = "e2e")]
    E2e(e2e::Args),
    /// A backup taken while webhooks come, restored elsewhere; exit status 0 only if nothing is missing.
    Backup(backup::Args),
    /// A hub on a sandbox's clock, for torture.
    #[command(hide = true)]
    Hub(hub::HubArgs),
}

/// Runs the command.
pub async fn run(args: Args) -> Result<()> {
    match args.what {
        What::Torture(args) => {
            let program = std::env::current_exe().context("where is this program?")?;
            torture::run(args, program, SystemClock.now()).await
        }
        What::Ingest(args) => ingest::run(args, Arc::new(SystemClock)).await,
        What::Webhook(args) => webhook::run(args, Arc::new(SystemClock)).await,
        What::List(args) => list::run(args, Arc::new(SystemClock)).await,
        What::E2e(args) => {
            let program = std::env::current_exe().context("where is this program?")?;
            e2e::run(args, program, SystemClock.now()).await
        }
        What::Backup(args) => backup::run(args, Arc::new(SystemClock)).await,
        What::Hub(args) => hub::run(args).await,
    }
}
