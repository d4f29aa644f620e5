//! `bench list`: pages of orders, search and counts of a large book, in the server and over HTTP.

mod book;
mod looks;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use dermaga_domain::time::Clock;

use crate::ground::Ground;
use crate::report::{percentile, word};
use crate::torture::Backend;
use looks::{Look, Timed};

/// What `bench list` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The database; both when none is named.
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Orders in the book.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    orders: u64,
    /// How often each is looked at.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    looks: u64,
    /// One object per line instead of a table.
    #[arg(long)]
    json: bool,
}

/// How long the store may take for 99 of 100 looks.
const SERVER_MAX: Duration = Duration::from_millis(20);
/// How long a page may take, asked over HTTP on the same machine.
const HTTP_MAX: Duration = Duration::from_millis(50);

/// Runs the benchmark.
///
/// # Errors
/// The database's, a page that is not answered 200, or what takes longer than it may.
pub async fn run(args: Args, clock: Arc<dyn Clock>) -> Result<()> {
    let both = vec![Backend::Sqlite, Backend::Postgres];
    let mut slow = Vec::new();
    for backend in args.backend.map_or(both, |named| vec![named]) {
        let ground = Ground::lay(backend, Arc::clone(&clock)).await?;
        let copy = ground.copy()?;
        let engine = ground.open(&copy.url).await?;
        let rare = book::fill(&engine, &ground, args.orders).await?;
        let served = looks::Served::start(&engine, &ground).await?;
        for look in looks::all(&engine, ground.seller.org, rare, args.orders).await? {
            let timed = served.time(&look, args.looks).await?;
            print(&look, &timed, backend, args.json)?;
            for (what, spans, most) in
                [("in the server", &timed.server, SERVER_MAX), ("over HTTP", &timed.http, HTTP_MAX)]
            {
                let p99 = Duration::from_micros(percentile(spans, 99));
                if p99 > most {
                    slow.push(format!("{} on {}: {p99:?} {what}", look.name, word(backend)));
                }
            }
        }
        served.stop().await?;
        engine.store().close().await;
    }
    if !slow.is_empty() {
        bail!("slower than it may be, by the 99th of 100: {}", slow.join("; "));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn print(look: &Look, timed: &Timed, backend: Backend, json: bool) -> Result<()> {
    let figures = |spans: &[Duration]| [50, 95, 99].map(|percent| percentile(spans, percent));
    let (server, http) = (figures(&timed.server), figures(&timed.http));
    let name = format!("list_{}", look.name);
    if json {
        let line = serde_json::json!({
            "name": name, "backend": word(backend), "n": timed.server.len(),
            "p50_us": server[0], "p95_us": server[1], "p99_us": server[2],
            "http_p50_us": http[0], "http_p95_us": http[1], "http_p99_us": http[2],
        });
        println!("{}", serde_json::to_string(&line)?);
        return Ok(());
    }
    let shown =
        |spans: [u64; 3]| spans.map(|us| format!("{:>5}.{:03}", us / 1_000, us % 1_000)).join(" ");
    println!("{:<22} {:<9} ms {}   http {}", name, word(backend), shown(server), shown(http));
    Ok(())
}
