//! Read-only connections, bounded in number and each read in time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Semaphore;

use super::super::conn::{Conn, Link};
use super::super::database::Options;
use super::super::error::{Error, RETRY_AFTER_MS, Result};
use super::super::job::{Job, run_once};
use super::open_connection;

/// How many steps of SQLite's machine pass between two looks at the clock.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// A connection with the time (in microseconds since the pool's start) at which its read is cut off.
struct Reader {
    conn: Conn,
    deadline: Arc<AtomicU64>,
}

/// The readers of a file. Connections are opened when first needed.
pub(super) struct Readers {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<Reader>>,
    permits: Semaphore,
    limit: Duration,
    wait: Duration,
    start: Instant,
}

impl Readers {
    pub(super) fn new(options: SqliteConnectOptions, settings: &Options) -> Self {
        Self {
            options,
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(usize::try_from(settings.readers).unwrap_or(4)),
            limit: settings.read_limit,
            wait: settings.wait_limit,
            start: Instant::now(),
        }
    }

    /// Runs the job in one read transaction: every statement sees the same state.
    pub(super) async fn read<J: Job>(&self, org: Option<i64>, job: &J) -> Result<J::Output> {
        let busy = Error::Busy { retry_after_ms: RETRY_AFTER_MS };
        let permit = tokio::time::timeout(self.wait, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| busy)?.map_err(|_| Error::Closed)?;
        let mut reader = self.take().await?;
        let limit = as_micros(self.limit);
        let deadline = as_micros(self.start.elapsed()).saturating_add(limit);
        reader.deadline.store(deadline, Ordering::Relaxed);
        // Whenever the future is dropped or times out, the connection is dropped with it, and with
        // the connection its transaction.
        let Ok(result) =
            tokio::time::timeout(self.limit, transact(&mut reader.conn, org, job)).await
        else {
            return Err(self.too_slow());
        };
        let cut_off = as_micros(self.start.elapsed()) >= deadline;
        match result {
            Ok(output) => {
                reader.deadline.store(u64::MAX, Ordering::Relaxed);
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
                Ok(output)
            }
            Err(_) if cut_off => Err(self.too_slow()),
            Err(error) => Err(error),
        }
    }

    /// Refuses further reads and closes the idle connections.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn too_slow(&self) -> Error {
        Error::TooSlow { limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX) }
    }

    async fn take(&self) -> Result<Reader> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = idle {
            return Ok(reader);
        }
        let mut connection = open_connection(&self.options).await?;
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let (start, looked_at) = (self.start, Arc::clone(&deadline));
        connection
            .lock_handle()
            .await
            .map_err(|error| Error::from_driver(Some("connect"), error))?
            .set_progress_handler(STEPS_BETWEEN_LOOKS, move || {
                as_micros(start.elapsed()) < looked_at.load(Ordering::Relaxed)
            });
        Ok(Reader { conn: Conn::new(Link::Sqlite(connection), None), deadline })
    }
}

async fn transact<J: Job>(conn: &mut Conn, org: Option<i64>, job: &J) -> Result<J::Output> {
    let fails = |error| Error::from_driver(Some("begin"), error);
    conn.frame("BEGIN").await.map_err(fails)?;
    let output = run_once(job, org, conn).await?;
    conn.frame("COMMIT").await.map_err(fails)?;
    Ok(output)
}

fn as_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
