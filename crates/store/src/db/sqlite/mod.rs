//! SQLite: one writer, many readers, one owner.

mod checkpoint;
mod owner;
mod readers;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::watch;

use self::checkpoint::{Checkpointer, Forgetter};
pub(super) use self::owner::Owner;
use self::readers::Readers;
use self::writer::Writer;
use super::database::{Lane, Options};
use super::error::{Error, Result};
use super::job::Job;

/// Prepared statements kept per connection: more than there are statements.
const STATEMENTS_MAX: usize = 1_024;

/// How long the file of the log may stay when it is begun anew: what a reader made it grow beyond is
/// given back.
const LOG_FILE_BYTES_MAX: &str = "67108864";

/// An SQLite file this process owns.
pub(super) struct SqliteDatabase {
    writer: Writer,
    readers: Readers,
    forgetter: Forgetter,
    wake: watch::Sender<u64>,
    path: PathBuf,
}

impl SqliteDatabase {
    pub(super) async fn open(path: &Path, options: &Options) -> Result<Self> {
        let owner = Owner::take(path)?;
        let writing = connect_options(path, options.wait_limit);
        let mut connection = open_connection(&writing).await?;
        assert_durable(&mut connection).await?;
        let checkpointer = Checkpointer::start(&writing, options.checkpoint_bytes).await?;
        let forgetter = checkpointer.forgetter();
        let writer = Writer::start(connection, owner, options, checkpointer);
        let readers = Readers::new(writing.read_only(true).create_if_missing(false), options);
        let (wake, _) = watch::channel(0);
        Ok(Self { writer, readers, forgetter, wake, path: path.to_owned() })
    }

    pub(super) async fn write<J: Job>(
        &self,
        lane: Lane,
        org: Option<i64>,
        job: J,
    ) -> Result<J::Output> {
        self.writer.write(lane, org, job).await
    }

    pub(super) async fn read<J: Job>(&self, org: Option<i64>, job: &J) -> Result<J::Output> {
        self.readers.read(org, job).await
    }

    pub(super) async fn forget_log(&self) -> Result<bool> {
        self.forgetter.forget().await
    }

    pub(super) fn notify(&self) {
        self.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn wakeups(&self) -> watch::Receiver<u64> {
        let mut wakeups = self.wake.subscribe();
        wakeups.mark_unchanged();
        wakeups
    }

    pub(super) async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// How every connection of ours is opened. `synchronous=FULL` because an acknowledged message must
/// survive a power cut; checkpoints are made by a connection of their own.
pub(super) fn connect_options(path: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy)
        .statement_cache_capacity(STATEMENTS_MAX)
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", LOG_FILE_BYTES_MAX)
        // Deleted rows are overwritten where that costs no further write; retention overwrites all.
        .pragma("secure_delete", "FAST")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16384")
        .disable_statement_logging()
}

pub(super) async fn open_connection(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    SqliteConnection::connect_with(options)
        .await
        .map_err(|error| Error::from_driver(Some("connect"), error))
}

/// Reads the settings durability rests on back from the connection.
async fn assert_durable(connection: &mut SqliteConnection) -> Result<()> {
    let fails = |error| Error::from_driver(Some("durability"), error);
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await
        .map_err(fails)?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await
        .map_err(fails)?;
    // 2 is FULL, 3 is EXTRA: https://www.sqlite.org/pragma.html#pragma_synchronous
    if mode == "wal" && synchronous >= 2 {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "SQLite refused durable settings (journal_mode={mode}, synchronous={synchronous}): \
         put the database on a local disk"
    )))
}
