//! Checkpoints, made by a connection of their own so that the writer never waits for them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Notify;

use super::super::error::Result;
use super::open_connection;

/// Beyond this many times the limit the log is cut back to nothing, for which the writer waits.
const TRUNCATE_FACTOR: u64 = 8;

/// How long a checkpoint waits for the writer's lock.
const LOCK_WAIT: Duration = Duration::from_millis(500);

/// The writer's handle to the task that makes checkpoints; the task ends with it.
pub(super) struct Checkpointer {
    wal: PathBuf,
    limit: u64,
    wake: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Checkpointer {
    /// Asks for a checkpoint when the log has grown beyond its limit. Called after a commit.
    pub(super) fn after_commit(&self) {
        if size_of(&self.wal) > self.limit {
            self.wake.notify_one();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the task.
pub(super) async fn start(
    database: &Path,
    options: &SqliteConnectOptions,
    limit: u64,
) -> Result<Checkpointer> {
    let mut wal = OsString::from(database);
    wal.push("-wal");
    let wal = PathBuf::from(wal);
    let connection = open_connection(&options.clone().busy_timeout(LOCK_WAIT)).await?;
    let wake = Arc::new(Notify::new());
    let task = tokio::spawn(serve(connection, wal.clone(), limit, Arc::clone(&wake)));
    Ok(Checkpointer { wal, limit, wake, task })
}

/// A passive checkpoint copies what no reader needs while the writer goes on; under a load without
/// pause it never gets to the end, so a log that still grows is finished off with the writer's lock
/// held, when little is left to copy.
async fn serve(mut connection: SqliteConnection, wal: PathBuf, limit: u64, wake: Arc<Notify>) {
    loop {
        wake.notified().await;
        checkpoint(&mut connection, "PRAGMA wal_checkpoint(PASSIVE)").await;
        if size_of(&wal) > limit.saturating_mul(TRUNCATE_FACTOR) {
            checkpoint(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)").await;
        }
    }
}

async fn checkpoint(connection: &mut SqliteConnection, sql: &'static str) {
    if let Err(error) = sqlx::query(sql).execute(connection).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot checkpoint the database");
    }
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}
