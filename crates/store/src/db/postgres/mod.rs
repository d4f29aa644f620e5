//! PostgreSQL: a pool for writing, a pool for reading, and wake-ups beside the transactions.

mod statistics;
mod wake;

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::Rng as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, PgPool};
use tokio::sync::watch;

pub(super) use self::statistics::MAKE as MAKE_STATISTICS;
use self::statistics::Statistics;
use self::wake::Wake;
use super::conn::{Conn, Link};
use super::database::Options;
use super::error::{Error, Result};
use super::job::{Job, run_once};
use super::role;
use super::step::Pulse;

/// How often a transaction is run before a serialisation failure or deadlock is reported.
const ATTEMPTS_MAX: u32 = 6;

/// How often a transaction may be overtaken: more than the rows that one creates.
const OVERTAKEN_MAX: u32 = 1_024;

/// Longest pause before the second attempt; it doubles with each further one.
const RETRY_DELAY_MS: u64 = 4;

/// Prepared statements kept per connection: more than there are statements.
const STATEMENTS_MAX: usize = 1_024;

/// A PostgreSQL database, Citus included.
pub(super) struct PostgresDatabase {
    writers: PgPool,
    readers: PgPool,
    wake: Wake,
    read_limit: Duration,
    retries: Arc<AtomicU64>,
    statistics: Statistics,
    proof: Proof,
}

/// What proofs change: nothing otherwise.
#[derive(Clone, Default)]
struct Proof {
    pulse: Option<Pulse>,
    bare: bool,
}

impl PostgresDatabase {
    pub(super) async fn open(url: &str, options: &Options) -> Result<Self> {
        let connect = connect_options(url, options)?.options(PLANS);
        let writers = pool(options.writers, options)
            .after_connect(|connection, _| Box::pin(assert_durable(connection)))
            .connect_with(connect.clone())
            .await
            .map_err(|error| connecting(&error))?;
        let limit = options.read_limit.as_millis().max(1);
        let reading = connect.clone().options([("statement_timeout", limit.to_string())]);
        let readers = pool(options.readers, options).connect_lazy_with(reading);
        role::check(&writers).await?;
        let wake = Wake::start(writers.clone(), connect);
        let read_limit = options.read_limit;
        let proof = Proof { pulse: options.pulse.clone(), bare: options.without_org_filter };
        let (retries, statistics) = (Arc::default(), Statistics::default());
        Ok(Self { writers, readers, wake, read_limit, retries, statistics, proof })
    }

    /// Runs the job in a transaction, again after a serialisation failure or deadlock.
    pub(super) async fn write<J: Job>(&self, org: Option<i64>, job: J) -> Result<J::Output> {
        let (pool, retries) = (self.writers.clone(), Arc::clone(&self.retries));
        let (statistics, proof) = (self.statistics.clone(), self.proof.clone());
        // A task of its own: a caller that goes away must not leave the transaction half way.
        tokio::spawn(async move {
            let (mut attempt, mut overtaken) = (1, 0);
            loop {
                match transact(&pool, proof.clone(), Begin::Write, org, &job).await {
                    // At once, and beside the other attempts: who overtook it has made what it now finds,
                    // so that it happens at most once for each row that it wanted to create.
                    Err(Error::Overtaken) if overtaken < OVERTAKEN_MAX => overtaken += 1,
                    Err(error) if error.is_deadlock() && attempt < ATTEMPTS_MAX => {
                        retries.fetch_add(1, Ordering::Relaxed);
                        let most = RETRY_DELAY_MS << attempt;
                        let delay = rand::rng().random_range(0..=most);
                        tokio::time::sleep(Duration::from_millis(delay)).await;
                        attempt += 1;
                    }
                    outcome => {
                        statistics.written(&pool);
                        return outcome;
                    }
                }
            }
        })
        .await
        .map_err(|_| Error::Closed)?
    }

    pub(super) async fn read<J: Job>(&self, org: Option<i64>, job: &J) -> Result<J::Output> {
        let limit = Error::TooSlow {
            limit_ms: u64::try_from(self.read_limit.as_millis()).unwrap_or(u64::MAX),
        };
        // Only what is written passes the steps.
        let proof = Proof { pulse: None, ..self.proof.clone() };
        // The server stops a statement that takes this long; the time-out bounds all of them.
        match tokio::time::timeout(
            self.read_limit,
            transact(&self.readers, proof, Begin::Read, org, job),
        )
        .await
        {
            Err(_) => Err(limit),
            Ok(Err(error)) if error.is_cancelled() => Err(limit),
            Ok(outcome) => outcome,
        }
    }

    /// How many transactions were run again after a deadlock or serialisation failure.
    pub(super) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(super) fn notify(&self) {
        self.wake.notify();
    }

    pub(super) fn wakeups(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }

    pub(super) async fn close(&self) {
        self.wake.stop();
        self.writers.close().await;
        self.readers.close().await;
    }
}

/// Every statement looks up a few rows by key and org, and is tested to be planned so. Without this the
/// planner would choose by statistics, which are missing or old exactly when much has come at once: then
/// it reads and hashes whole tables for a handful of rows.
///
/// Nor does a statement take other processors from the rest: what is read in parallel comes in any order.
const PLANS: [(&str, &str); 4] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

/// Settings of every connection. Commits are durable before they are answered; settings of a
/// transaction reach Citus's workers.
pub(super) fn connect_options(url: &str, options: &Options) -> Result<PgConnectOptions> {
    let mut connect = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Setup(format!("the PostgreSQL address cannot be read: {error}")))?
        .statement_cache_capacity(STATEMENTS_MAX)
        .application_name("dermaga")
        .options([
            ("synchronous_commit", "on"),
            ("citus.propagate_set_commands", "local"),
            ("lock_timeout", "30000"),
        ])
        .disable_statement_logging();
    if let Some(role) = &options.role {
        connect = connect.username(role.name()).password(role.password());
    }
    Ok(connect)
}

fn pool(connections: u32, options: &Options) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections.max(1))
        .acquire_timeout(options.wait_limit)
        .test_before_acquire(false)
}

/// A server that cannot be reached at the start is a matter of set-up, not of load.
fn connecting(error: &sqlx::Error) -> Error {
    Error::Setup(format!("cannot connect to PostgreSQL: {error}"))
}

/// Reads the setting durability rests on back from the server.
async fn assert_durable(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mode: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(connection).await?;
    // `remote_apply` and `remote_write` are stronger than or as strong as `on` here.
    if matches!(mode.as_str(), "on" | "remote_apply") {
        return Ok(());
    }
    Err(sqlx::Error::Configuration(
        format!("synchronous_commit is {mode}; it must be on, or answered messages can be lost")
            .into(),
    ))
}

#[derive(Debug, Clone, Copy)]
enum Begin {
    Write,
    Read,
}

/// One transaction. A connection that did not get to its end is closed instead of pooled.
async fn transact<J: Job>(
    pool: &PgPool,
    proof: Proof,
    begin: Begin,
    org: Option<i64>,
    job: &J,
) -> Result<J::Output> {
    let connection =
        pool.acquire().await.map_err(|error| Error::from_driver(Some("connect"), error))?;
    let mut leased =
        Leased { conn: Some(Conn::new(Link::Postgres(connection), proof.pulse).bare(proof.bare)) };
    let Some(conn) = leased.conn.as_mut() else { return Err(Error::Closed) };
    let opening = opening(begin, org);
    if let Link::Postgres(link) = conn.link() {
        sqlx::raw_sql(AssertSqlSafe(opening))
            .execute(&mut **link)
            .await
            .map_err(|error| Error::from_driver(Some("begin"), error))?;
    }
    match run_once(job, org, conn).await {
        Ok(output) => {
            conn.commit().await?;
            leased.conn.take();
            Ok(output)
        }
        Err(error) => {
            if conn.frame("ROLLBACK").await.is_ok() {
                leased.conn.take();
            }
            Err(error)
        }
    }
}

/// BEGIN and the org in one round trip. A literal, because Citus carries `SET LOCAL` to its
/// workers but not `set_config`.
fn opening(begin: Begin, org: Option<i64>) -> String {
    let begin = match begin {
        Begin::Write => "BEGIN",
        Begin::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    match org {
        Some(org) => format!("{begin}; SET LOCAL app.org_id = '{org}'"),
        None => begin.to_owned(),
    }
}

/// A pooled connection with an open transaction.
struct Leased {
    conn: Option<Conn>,
}

impl Drop for Leased {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && let Link::Postgres(mut link) = conn.into_link()
        {
            link.close_on_drop();
        }
    }
}
