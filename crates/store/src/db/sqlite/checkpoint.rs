//! Checkpoints, made by a connection of their own so that the writer seldom waits for them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::super::error::Result;
use super::open_connection;

/// Beyond this many times the limit the writer waits while the log is cut back to nothing.
const TRUNCATE_FACTOR: u64 = 8;

/// How long cutting back waits for readers, and the writer for it.
const LOCK_WAIT: Duration = Duration::from_millis(100);

/// What the writer asks for.
enum Request {
    /// Copy what no reader needs while the writer goes on.
    Passive,
    /// Copy the rest and empty the log while the writer waits for the answer.
    Truncate(oneshot::Sender<()>),
}

/// The writer's side.
///
/// A passive checkpoint beside a writer without pause never gets to the end, and one that waits for
/// the writer's lock never gets it. So the writer itself stops between two groups when the log has
/// become long, by then with little left to copy.
pub(super) struct Checkpointer {
    wal: PathBuf,
    limit: u64,
    /// The length at which the writer stops; higher after a reader was in the way.
    stop_at: u64,
    requests: mpsc::Sender<Request>,
    task: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the task.
    pub(super) async fn start(
        database: &Path,
        options: &SqliteConnectOptions,
        limit: u64,
    ) -> Result<Self> {
        let mut wal = OsString::from(database);
        wal.push("-wal");
        let connection = open_connection(&options.clone().busy_timeout(LOCK_WAIT)).await?;
        let (requests, received) = mpsc::channel(1);
        let task = tokio::spawn(serve(connection, received));
        let stop_at = limit.saturating_mul(TRUNCATE_FACTOR);
        Ok(Self { wal: PathBuf::from(wal), limit, stop_at, requests, task })
    }

    /// Asks for a checkpoint when the log has grown beyond its limit, and waits for it when it has
    /// grown far beyond. Called between two groups.
    pub(super) async fn after_commit(&mut self) {
        let size = self.size();
        if size <= self.limit {
            return;
        }
        if size <= self.stop_at {
            // A request that waits already is as good.
            drop(self.requests.try_send(Request::Passive));
            return;
        }
        let (done, waiting) = oneshot::channel();
        if self.requests.send(Request::Truncate(done)).await.is_ok() {
            drop(waiting.await);
        }
        let step = self.limit.saturating_mul(TRUNCATE_FACTOR);
        let left = self.size();
        self.stop_at = if left > self.limit { left.saturating_add(step) } else { step };
    }

    /// Ends the task and closes its connection.
    pub(super) async fn stop(self) {
        drop(self.requests);
        drop(self.task.await);
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.wal).map_or(0, |found| found.len())
    }
}

async fn serve(mut connection: SqliteConnection, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Passive => {
                checkpoint(&mut connection, "PRAGMA wal_checkpoint(PASSIVE)").await;
            }
            Request::Truncate(done) => {
                checkpoint(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)").await;
                if done.send(()).is_err() {
                    tracing::debug!("the writer stopped before its log was cut back");
                }
            }
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot close the database");
    }
}

async fn checkpoint(connection: &mut SqliteConnection, sql: &'static str) {
    if let Err(error) = sqlx::query(sql).execute(connection).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot checkpoint the database");
    }
}
