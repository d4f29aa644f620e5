//! Checkpoints: mostly made by a connection of their own, and finished by the writer.
//!
//! ```text
//!  log  ├──────────── limit ─ copied beside the writer ─┤ the rest, by the writer between two groups
//!                                                       └─ the next group begins the log anew
//! ```
//!
//! A checkpoint beside a writer without pause never gets to the end, and a log that never ends grows:
//! its pages are copied again and again, and its file is never written in place. So the writer copies
//! what is left, by then little, and SQLite starts over at the beginning of the file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::super::error::{Error, Result};
use super::open_connection;

/// Bytes of a page: what SQLite makes unless told otherwise.
const PAGE_BYTES: u64 = 4_096;

/// How often cutting the log off is tried while readers need it, a tenth of a second apart.
const FORGET_TRIES: u32 = 20;

/// What the task is asked for.
enum Request {
    /// Copy what no reader and no writer is in the way of.
    Copy,
    /// Copy everything and cut the log off; the answer says whether that could be done.
    Forget(oneshot::Sender<bool>),
}

/// Has the log cut off.
pub(super) struct Forgetter(mpsc::WeakSender<Request>);

impl Forgetter {
    /// Copies everything and cuts the log off; false when readers needed it the whole time.
    pub(super) async fn forget(&self) -> Result<bool> {
        let requests = self.0.upgrade().ok_or(Error::Closed)?;
        let (answer, done) = oneshot::channel();
        requests.send(Request::Forget(answer)).await.map_err(|_| Error::Closed)?;
        drop(requests);
        done.await.map_err(|_| Error::Closed)
    }
}

/// The writer's side.
pub(super) struct Checkpointer {
    limit: i64,
    /// The length at which the writer finishes next; beyond the limit after a reader was in the way.
    finish_at: i64,
    /// Whether the log has been copied beside the writer since it reached that length.
    asked: bool,
    under_way: Arc<AtomicBool>,
    requests: mpsc::Sender<Request>,
    task: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the task. Beyond `limit` bytes the log is copied.
    pub(super) async fn start(options: &SqliteConnectOptions, limit: u64) -> Result<Self> {
        let connection = open_connection(options).await?;
        let (requests, received) = mpsc::channel(1);
        let under_way = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(serve(connection, received, Arc::clone(&under_way)));
        let limit = i64::try_from(limit / PAGE_BYTES).unwrap_or(i64::MAX).max(1);
        Ok(Self { limit, finish_at: limit, asked: false, under_way, requests, task })
    }

    /// A way to have the log cut off.
    pub(super) fn forgetter(&self) -> Forgetter {
        Forgetter(self.requests.downgrade())
    }

    /// Has the log copied when it has grown beyond its limit. Called between two groups.
    pub(super) async fn after_commit(&mut self, writing: &mut SqliteConnection) {
        let log = length(writing).await;
        if log < self.limit {
            (self.finish_at, self.asked) = (self.limit, false);
        } else if log >= self.finish_at && !self.asked {
            self.asked = true;
            self.under_way.store(true, Ordering::Release);
            // The queue is empty, unless the log is about to be cut off.
            if self.requests.try_send(Request::Copy).is_err() {
                self.under_way.store(false, Ordering::Release);
            }
        } else if log >= self.finish_at && !self.under_way.load(Ordering::Acquire) {
            checkpoint(writing).await;
            // A reader that still needs the log keeps it from starting over: it is left alone for a
            // while.
            (self.finish_at, self.asked) = (log.saturating_add(self.limit), false);
        }
    }

    /// Ends the task and closes its connection.
    pub(super) async fn stop(self) {
        drop(self.requests);
        drop(self.task.await);
    }
}

async fn serve(
    mut connection: SqliteConnection,
    mut requests: mpsc::Receiver<Request>,
    under_way: Arc<AtomicBool>,
) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Copy => {
                checkpoint(&mut connection).await;
                under_way.store(false, Ordering::Release);
            }
            Request::Forget(answer) => {
                let done = forget(&mut connection).await;
                if answer.send(done).is_err() {
                    tracing::debug!("who asked for the log to be cut off has gone away");
                }
            }
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot close the database");
    }
}

/// Copies everything and cuts the log off.
async fn forget(connection: &mut SqliteConnection) -> bool {
    // Writers wait meanwhile: so it waits for readers only shortly, but often.
    if sqlx::query("PRAGMA busy_timeout = 100").execute(&mut *connection).await.is_err() {
        return false;
    }
    for again in 0..FORGET_TRIES {
        if again > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let done = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection);
        let done: Result<(i64, i64, i64), _> = done.await;
        if done.is_ok_and(|(busy, ..)| busy == 0) {
            return true;
        }
    }
    tracing::warn!("readers keep the log from being cut off; the next retention tries again");
    false
}

/// How many pages the log holds.
async fn length(connection: &mut SqliteConnection) -> i64 {
    let found = sqlx::query_as("PRAGMA wal_checkpoint(NOOP)").fetch_one(connection).await;
    let found: Result<(i64, i64, i64), _> = found;
    found.map_or_else(
        |error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot look at the log");
            0
        },
        |(_, log, _)| log,
    )
}

/// Copies what no reader and no writer is in the way of.
async fn checkpoint(connection: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(connection).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot checkpoint the database");
    }
}
