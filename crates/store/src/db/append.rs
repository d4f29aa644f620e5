//! The inbox coalescer: many callers append one small row each, one insert and one commit serve
//! whoever waits.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::conn::Conn;
use super::database::{Database, Lane};
use super::error::{Error, RETRY_AFTER_MS, Result};
use super::rows::{Packed, Rows};
use super::statement::Statement;
use super::value::Value;

/// Rows in one commit, at most.
const BATCH_MAX: usize = 256;

/// Rows that may wait before the next is refused with [`Error::Busy`].
const QUEUE_MAX: usize = 4_096;

/// Commits under way at once on PostgreSQL. SQLite has one writer: one is being committed while the
/// next is being put together.
const COMMITS_POSTGRES: usize = 4;
const COMMITS_SQLITE: usize = 2;

/// One row of the inbox.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The org it belongs to.
    pub(crate) org_id: i64,
    /// Its id, if it is new.
    pub(crate) id: i64,
    /// The connection it came through.
    pub(crate) connection_id: i64,
    /// The shop, when the body says which.
    pub(crate) shop_id: Option<i64>,
    /// What kind of message, as the channel calls it.
    pub(crate) kind: String,
    /// Keyed hash of the plain body; unique within (org, connection).
    pub(crate) dedupe: [u8; 32],
    /// When it came, UTC epoch microseconds.
    pub(crate) received_at: i64,
    /// The sealed body.
    pub(crate) body: Vec<u8>,
}

/// What became of an appended row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appended {
    /// It is new, under its own id.
    Inserted,
    /// The same body was there already, under this id; it is pending again.
    Repeated(i64),
}

struct Waiting {
    entry: Entry,
    caller: oneshot::Sender<Result<Appended>>,
}

/// The callers' side. Stops when the last clone is dropped and what waits is written.
///
/// The statement inserts `{rows $2+$3: id bigint, connection_id bigint, shop_id bigint, kind text,
/// dedupe blob, received_at bigint, body blob, repeats bigint}` for org `$1`, on conflict of
/// (org_id, connection_id, dedupe) adds `1 + excluded.repeats` to `repeats` and makes the row
/// pending, and returns `id, connection_id, dedupe`. `repeats` of a new row counts the copies of it
/// that waited beside it.
#[derive(Clone)]
pub(crate) struct Appender {
    queue: mpsc::Sender<Waiting>,
}

impl Appender {
    /// Starts the tasks that write.
    pub(crate) fn start(database: &Database, statement: &'static Statement) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let commits = if database.is_sqlite() { COMMITS_SQLITE } else { COMMITS_POSTGRES };
        for _ in 0..commits {
            drop(tokio::spawn(serve(database.clone(), statement, Arc::clone(&waiting))));
        }
        Self { queue }
    }

    /// Appends a row and answers after its commit.
    pub(crate) async fn append(&self, entry: Entry) -> Result<Appended> {
        let (caller, answer) = oneshot::channel();
        self.queue.try_send(Waiting { entry, caller }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Busy { retry_after_ms: RETRY_AFTER_MS },
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        })?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

async fn serve(
    database: Database,
    statement: &'static Statement,
    queue: Arc<Mutex<mpsc::Receiver<Waiting>>>,
) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while queue.lock().await.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let mut orgs: BTreeMap<i64, Vec<Waiting>> = BTreeMap::new();
        for waiting in batch.drain(..) {
            orgs.entry(waiting.entry.org_id).or_default().push(waiting);
        }
        // On SQLite the writer makes one commit of them; on PostgreSQL each org has its own
        // transaction, because row-level security is set per transaction.
        let written =
            orgs.into_iter().map(|(org, rows)| append_all(&database, statement, org, rows));
        futures_util::future::join_all(written).await;
    }
}

/// Writes the rows of one org and answers their callers.
async fn append_all(
    database: &Database,
    statement: &'static Statement,
    org: i64,
    waiting: Vec<Waiting>,
) {
    let (entries, callers): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|waiting| (waiting.entry, waiting.caller)).unzip();
    let keys: Vec<_> = entries.iter().map(|entry| (key(entry), entry.id)).collect();
    let batch = Batch::new(org, statement, entries);
    let written = database
        .write_with(Lane::Short, Some(org), batch, |conn, batch| Box::pin(batch.write(conn)))
        .await;
    for ((key, id), caller) in keys.into_iter().zip(callers) {
        let answer = match &written {
            Ok(stored) => stored.get(&key).copied().map(|stored| outcome(id, stored)).ok_or(
                Error::Inconsistent { table: "message", column: "dedupe", row: id.to_string() },
            ),
            Err(error) => Err(error.clone()),
        };
        // A caller that has gone away needs no answer.
        drop(caller.send(answer));
    }
}

const fn outcome(id: i64, stored: i64) -> Appended {
    if id == stored { Appended::Inserted } else { Appended::Repeated(stored) }
}

/// What makes two rows the same within an org.
type Key = (i64, [u8; 32]);

const fn key(entry: &Entry) -> Key {
    (entry.connection_id, entry.dedupe)
}

#[derive(Debug, sqlx::FromRow)]
struct Stored {
    id: i64,
    connection_id: i64,
    dedupe: Vec<u8>,
}

/// The rows of one org, as the parameters of one statement.
struct Batch {
    statement: &'static Statement,
    parameters: [Value; 3],
}

impl Batch {
    /// Sorts the rows by key, so that two nodes lock them in the same order, and counts copies
    /// together: one statement must not touch a row twice.
    fn new(org: i64, statement: &'static Statement, entries: Vec<Entry>) -> Self {
        let mut unique: BTreeMap<Key, (Entry, i64)> = BTreeMap::new();
        for entry in entries {
            unique.entry(key(&entry)).and_modify(|(_, copies)| *copies += 1).or_insert((entry, 0));
        }
        let mut rows = Rows::with_capacity(unique.len() * 128);
        let mut packed = Packed::default();
        for (entry, copies) in unique.values() {
            let dedupe = packed.push(&entry.dedupe);
            let body = packed.push(&entry.body);
            rows.push(&[
                &entry.id,
                &entry.connection_id,
                &entry.shop_id,
                &entry.kind,
                &dedupe,
                &entry.received_at,
                &body,
                copies,
            ]);
        }
        Self { statement, parameters: [org.into(), rows.into(), packed.into()] }
    }

    async fn write(&self, conn: &mut Conn) -> Result<HashMap<Key, i64>> {
        let stored: Vec<Stored> = conn.all(self.statement, &self.parameters).await?;
        Ok(stored
            .into_iter()
            .filter_map(|row| Some(((row.connection_id, row.dedupe.try_into().ok()?), row.id)))
            .collect())
    }
}
