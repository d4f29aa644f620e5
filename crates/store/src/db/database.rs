//! The database a process works on, and its doors: write, read, wake-ups.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::conn::Conn;
use super::error::{Error, Result};
use super::job::{Closure, Job};
use super::postgres::PostgresDatabase;
use super::role::AppRole;
use super::sqlite::SqliteDatabase;
use super::step::Pulse;

/// Which queue of the writer a job waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Inbox, answers, screens: first, refused with [`Error::Busy`] when the queue is full.
    Short,
    /// Batches of about 20 ms: one at a time, waits for its turn.
    Bulk,
}

/// Settings of a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections for reading; also the reading pool of PostgreSQL.
    pub readers: u32,
    /// Connections for writing on PostgreSQL, about twice the cores. SQLite has one.
    pub writers: u32,
    /// Jobs that may wait in the short lane before the next is refused.
    pub queue_max: usize,
    /// How long a read may take.
    pub read_limit: Duration,
    /// How long a writer waits for a connection or a lock before it reports busy.
    pub wait_limit: Duration,
    /// The write-ahead log is checkpointed beyond this size, in bytes (SQLite).
    pub checkpoint_bytes: u64,
    /// Who to connect as (PostgreSQL); `None` takes the user of the address.
    pub role: Option<AppRole>,
    /// Asked at each step of a write, by tests that end the hub there.
    pub pulse: Option<Pulse>,
    /// For a proof, on PostgreSQL: statements lose `org_id = $1`, as if every programmer had forgotten
    /// it, so that row-level security alone keeps orgs apart.
    pub without_org_filter: bool,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().min(64));
        let cores = u32::try_from(cores).unwrap_or(2);
        Self {
            readers: cores.saturating_mul(2).max(4),
            writers: cores.saturating_mul(2).max(4),
            queue_max: 1_024,
            read_limit: Duration::from_secs(5),
            wait_limit: Duration::from_secs(5),
            checkpoint_bytes: 8 * 1024 * 1024,
            role: None,
            pulse: None,
            without_org_filter: false,
        }
    }
}

/// Which database an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Backend {
    /// The file of an embedded SQLite.
    Sqlite(PathBuf),
    /// The address of a PostgreSQL server.
    Postgres(String),
}

impl Backend {
    /// Reads an address: `sqlite:<path>` or `postgres://...`.
    pub(crate) fn from_url(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path.starts_with(":memory:") {
                    return Err(Error::Setup(
                        "a SQLite database needs a file: write sqlite:/path/to/dermaga.db"
                            .to_owned(),
                    ));
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(url.to_owned())),
            // Only the scheme is shown: the rest may hold a password.
            other => Err(Error::Setup(format!(
                "unknown kind of database {:?}: write sqlite:/path/to/dermaga.db or \
                 postgres://user:password@host/database",
                other.chars().take(16).collect::<String>()
            ))),
        }
    }
}

pub(super) enum Kind {
    Sqlite(Box<SqliteDatabase>),
    Postgres(PostgresDatabase),
}

/// An open database. Cheap to clone; closes when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Database {
    pub(super) kind: Arc<Kind>,
}

impl Database {
    /// Opens the database an address names. Nothing is created but an empty SQLite file.
    pub(crate) async fn open(url: &str, options: Options) -> Result<Self> {
        let kind = match Backend::from_url(url)? {
            Backend::Sqlite(_) if options.without_org_filter => {
                let why = "SQLite has no row-level security: the org filter stays";
                return Err(Error::Setup(why.to_owned()));
            }
            Backend::Sqlite(path) => {
                Kind::Sqlite(Box::new(SqliteDatabase::open(&path, &options).await?))
            }
            Backend::Postgres(url) => Kind::Postgres(PostgresDatabase::open(&url, &options).await?),
        };
        Ok(Self { kind: Arc::new(kind) })
    }

    /// Whether this is SQLite.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(*self.kind, Kind::Sqlite(_))
    }

    /// Runs `job` in a transaction of `org` and answers after its commit. The job may run several
    /// times; only its last run counts. Once queued it is carried out even if the caller goes away.
    pub(crate) fn write<T, F>(
        &self,
        lane: Lane,
        org: Option<i64>,
        job: F,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        F: for<'a> Fn(&'a mut Conn) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.write_with(lane, org, job, |conn, job| job(conn))
    }

    /// As [`Self::write`], with an input the job borrows each time it runs.
    pub(crate) fn write_with<I, T, F>(
        &self,
        lane: Lane,
        org: Option<i64>,
        input: I,
        job: F,
    ) -> impl Future<Output = Result<T>> + Send + use<I, T, F>
    where
        I: Send + Sync + 'static,
        F: for<'a> Fn(&'a mut Conn, &'a I) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.write_job(lane, org, Closure { input, run: job, output: PhantomData })
    }

    /// As [`Self::write`], for a type that is a job itself.
    pub(crate) fn write_job<J: Job>(
        &self,
        lane: Lane,
        org: Option<i64>,
        job: J,
    ) -> impl Future<Output = Result<J::Output>> + Send + use<J> {
        let kind = Arc::clone(&self.kind);
        async move {
            match &*kind {
                Kind::Sqlite(sqlite) => sqlite.write(lane, org, job).await,
                Kind::Postgres(postgres) => postgres.write(org, job).await,
            }
        }
    }

    /// Runs `job` in a read-only transaction of `org`, in which every statement sees the same state.
    pub(crate) fn read<T, F>(
        &self,
        org: Option<i64>,
        job: F,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        F: for<'a> Fn(&'a mut Conn) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.read_with(org, job, |conn, job| job(conn))
    }

    /// As [`Self::read`], with an input the job borrows.
    pub(crate) fn read_with<I, T, F>(
        &self,
        org: Option<i64>,
        input: I,
        job: F,
    ) -> impl Future<Output = Result<T>> + Send + use<I, T, F>
    where
        I: Send + Sync + 'static,
        F: for<'a> Fn(&'a mut Conn, &'a I) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        let kind = Arc::clone(&self.kind);
        async move {
            let job = Closure { input, run: job, output: PhantomData };
            match &*kind {
                Kind::Sqlite(sqlite) => sqlite.read(org, &job).await,
                Kind::Postgres(postgres) => postgres.read(org, &job).await,
            }
        }
    }

    /// How many transactions were run again after a deadlock or serialisation failure.
    pub(crate) fn retries(&self) -> u64 {
        match &*self.kind {
            Kind::Sqlite(_) => 0,
            Kind::Postgres(postgres) => postgres.retries(),
        }
    }

    /// Wakes whoever waits for work, on every node. Returns at once; many calls become one. It may
    /// be lost, so whoever waits also looks on a timer.
    pub(crate) fn notify(&self) {
        match &*self.kind {
            Kind::Sqlite(sqlite) => sqlite.notify(),
            Kind::Postgres(postgres) => postgres.notify(),
        }
    }

    /// A waiter that misses no [`Self::notify`] of this process from now on.
    pub(crate) fn wakeups(&self) -> Wakeups {
        Wakeups(match &*self.kind {
            Kind::Sqlite(sqlite) => sqlite.wakeups(),
            Kind::Postgres(postgres) => postgres.wakeups(),
        })
    }

    /// Copies the whole log into the database and cuts it off; false when a reader needed it the whole
    /// time. PostgreSQL sees to its own.
    pub(crate) async fn forget_log(&self) -> Result<bool> {
        match &*self.kind {
            Kind::Sqlite(sqlite) => sqlite.forget_log().await,
            Kind::Postgres(_) => Ok(true),
        }
    }

    /// Finishes what is queued and closes every connection.
    pub(crate) async fn close(&self) {
        match &*self.kind {
            Kind::Sqlite(sqlite) => sqlite.close().await,
            Kind::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// A waiter for wake-ups.
#[derive(Debug, Clone)]
pub(crate) struct Wakeups(watch::Receiver<u64>);

impl Wakeups {
    /// Returns when there was a wake-up since the last return (or since the waiter was made).
    /// Never returns once the database is closed.
    pub(crate) async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
