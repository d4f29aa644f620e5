//! `bench backup`: a backup is taken while webhooks come and are applied, and restored elsewhere. Every
//! webhook that was answered before the backup's mark must be there, and every invariant must hold.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dermaga_domain::id::MessageId;
use dermaga_domain::time::{Clock, Time};
use dermaga_engine::Engine;
use dermaga_store::backup::{Contents, Key, Lock, back_up, restore};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ground::Ground;
use crate::load::{Target, answered, request};
use crate::torture::Backend;

/// Connections that webhooks come over.
const SENDERS: u64 = 16;
/// Kept webhooks that are looked at together.
const PAGE: i64 = 1_000;

/// What `bench backup` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Only this database.
    #[arg(long, value_enum)]
    backend: Option<Backend>,
    /// Webhooks a second.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rate: u64,
    /// For how long webhooks come before the backup is begun, in seconds; as long again afterwards.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the benchmark.
///
/// # Errors
/// A webhook that was answered and is missing, an invariant that does not hold, or the database's.
pub async fn run(args: Args, clock: Arc<dyn Clock>) -> Result<()> {
    let backends = match args.backend {
        Some(backend) => vec![backend],
        None => vec![Backend::Sqlite, Backend::Postgres],
    };
    for backend in backends {
        let told = measure(&args, backend, Arc::clone(&clock)).await?;
        print(&told, args.json)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark is what it prints")]
fn print(told: &Value, as_json: bool) -> Result<()> {
    if as_json {
        println!("{told}");
        return Ok(());
    }
    let fields = told.as_object().context("a report has fields")?;
    let line: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
    println!("{}", line.join("  "));
    Ok(())
}

/// A webhook that was answered.
#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    number: u64,
    at: Time,
    waited: Duration,
}

/// What the senders share.
struct Sending {
    target: Target,
    rate: u64,
    began: Instant,
    stop: CancellationToken,
    next: AtomicU64,
    clock: Arc<dyn Clock>,
    answered: Mutex<Vec<Acknowledged>>,
}

async fn measure(args: &Args, backend: Backend, clock: Arc<dyn Clock>) -> Result<Value> {
    let ground = Ground::lay(backend, Arc::clone(&clock)).await?;
    let (from, to) = (ground.copy()?, ground.new_place()?);
    let folder = tempfile::TempDir::new()?;
    let file = folder.path().join("backup");
    let engine = ground.open(&from.url).await?;
    let (server, target, end) = serve(&engine, &ground).await?;
    let stop = CancellationToken::new();
    let sending = Arc::new(Sending {
        target,
        rate: args.rate,
        began: Instant::now(),
        stop: stop.clone(),
        next: AtomicU64::new(0),
        clock: Arc::clone(&clock),
        answered: Mutex::default(),
    });
    let mut work = JoinSet::new();
    for _ in 0..SENDERS {
        work.spawn(sender(Arc::clone(&sending)));
    }
    work.spawn(apply(engine.clone(), ground.seller.org, stop.clone()));
    let half = Duration::from_secs(args.seconds);
    tokio::time::sleep(half).await;
    let began = Instant::now();
    let place = (file.as_path(), &Lock::RootKey);
    let options = ground.options();
    let taken = back_up(&from.url, &options, ground.root_key(), &*clock, place).await?;
    let spent = began.elapsed();
    tokio::time::sleep(half).await;
    stop.cancel();
    while let Some(ended) = work.join_next().await {
        ended??;
    }
    // Only then: it would close connections that are still sent over.
    end.cancel();
    server.await??;
    engine.store().close().await;
    let answered =
        std::mem::take(&mut *sending.answered.lock().unwrap_or_else(PoisonError::into_inner));
    let began = Instant::now();
    let key = (file.as_path(), &Key::RootKey);
    let staged = restore(key, ground.root_key(), (&to.url, &options)).await?;
    staged.finish()?;
    let restored_in = began.elapsed();
    let (before, there) = compare(&ground, &to.url, &taken, &answered).await?;
    let worst = |during: bool| {
        let within = |one: &&Acknowledged| {
            let since = one.at.since(Time(taken.header.mark_us)).0;
            (0..=i64::try_from(spent.as_micros()).unwrap_or(i64::MAX)).contains(&since) == during
        };
        answered.iter().filter(within).map(|one| one.waited.as_millis()).max()
    };
    Ok(json!({
        "name": "backup",
        "backend": format!("{backend:?}").to_lowercase(),
        "rate": args.rate,
        "answered": answered.len(),
        "answered_before_the_mark": before,
        "restored": there,
        "missing": 0,
        "rows": taken.total(),
        "bytes": taken.bytes,
        "backup_ms": spent.as_millis(),
        "restore_ms": restored_in.as_millis(),
        "slowest_answer_ms": worst(false),
        "slowest_answer_during_backup_ms": worst(true),
    }))
}

type Server = tokio::task::JoinHandle<std::io::Result<()>>;

/// Serves the real route on a free port.
async fn serve(engine: &Engine, ground: &Ground) -> Result<(Server, Target, CancellationToken)> {
    let web = dermaga_web::Settings::default();
    let app = dermaga_web::App::new(engine.clone(), web, crate::webhook::counting()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let target = Target {
        address: listener.local_addr()?,
        path: format!("/webhooks/{}/order_status", ground.seller.route),
    };
    let end = CancellationToken::new();
    let ended = end.clone().cancelled_owned();
    let service = dermaga_web::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let server =
        tokio::spawn(
            async move { axum::serve(listener, service).with_graceful_shutdown(ended).await },
        );
    Ok((server, target, end))
}

/// Sends its share of the webhooks, each when it is due.
async fn sender(sending: Arc<Sending>) -> Result<()> {
    let mut stream = TcpStream::connect(sending.target.address).await?;
    stream.set_nodelay(true)?;
    let mut answer = Vec::with_capacity(1_024);
    while !sending.stop.is_cancelled() {
        let number = sending.next.fetch_add(1, Ordering::Relaxed);
        let due = Duration::from_micros(number * 1_000_000 / sending.rate);
        if let Some(wait) = due.checked_sub(sending.began.elapsed()) {
            tokio::time::sleep(wait).await;
        }
        stream.write_all(&request(&sending.target, number)).await?;
        answered(&mut stream, &mut answer).await?;
        let waited = sending.began.elapsed().saturating_sub(due);
        let one = Acknowledged { number, at: sending.clock.now(), waited };
        sending.answered.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }
    Ok(())
}

/// Applies what comes, as a hub does.
async fn apply(
    engine: Engine,
    org: dermaga_domain::id::OrgId,
    stop: CancellationToken,
) -> Result<()> {
    while !stop.is_cancelled() {
        if engine.ingest(org).await?.messages == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// Looks into the restored database; gives how many were answered before the mark, and how many
/// webhooks are there.
async fn compare(
    ground: &Ground,
    url: &str,
    taken: &Contents,
    answered: &[Acknowledged],
) -> Result<(usize, usize)> {
    let engine = ground.open(url).await?;
    let org = ground.seller.org;
    let found = numbers(&engine, org).await?;
    let due: Vec<u64> = answered
        .iter()
        .filter(|one| one.at < Time(taken.header.mark_us))
        .map(|one| one.number)
        .collect();
    let missing: Vec<&u64> = due.iter().filter(|number| !found.contains(number)).collect();
    ensure!(
        missing.is_empty(),
        "{} of {} webhooks that were answered before the mark are not in the backup, such as {:?}",
        missing.len(),
        due.len(),
        missing.first()
    );
    ensure!(!due.is_empty(), "no webhook was answered before the mark: the run was too short");
    while engine.ingest(org).await?.messages > 0 {}
    let wrong = engine.store().find_violations(org).await?;
    ensure!(wrong.is_empty(), "invariants do not hold after the restore: {wrong:?}");
    engine.store().close().await;
    Ok((due.len(), found.len()))
}

/// The numbers of the webhooks that are kept.
async fn numbers(engine: &Engine, org: dermaga_domain::id::OrgId) -> Result<BTreeSet<u64>> {
    let (mut found, mut after) = (BTreeSet::new(), MessageId(i64::MIN));
    loop {
        let page = engine.store().kept_webhooks(org, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(found) };
        after = *last;
        for (_, body) in &page {
            let told: Value = serde_json::from_slice(body)?;
            let order = told["order_id"].as_u64().context("a webhook without an order")?;
            found.insert(order - crate::load::FIRST_ORDER);
        }
    }
}
