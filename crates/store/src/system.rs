//! What an operator wants to know of an installation: its database, what waits, who works, what was
//! backed up.

use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};

use crate::db::{Dialect, Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::KEY_MONTH;

/// A node that was not heard of for this long is forgotten.
const NODE_FORGOTTEN: Span = Span::days(1);
/// Under which name the last backup is kept.
const BACKUP: &str = "backup.last";

static SET: Statement = Statement::directory(
    "system.set",
    "INSERT INTO setting (name, value) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
);

static GET: Statement =
    Statement::directory("system.get", "SELECT value FROM setting WHERE name = $1");

static NODE_WORKS: Statement = Statement::directory(
    "system.node_works",
    "INSERT INTO node (number, name, epoch, lease_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (number) DO UPDATE SET lease_until = excluded.lease_until",
);

static FORGET_NODES: Statement = Statement::directory(
    "system.forget_nodes",
    "DELETE FROM node
     WHERE number > 0 AND (lease_until < $1 OR (name = $2 AND number <> $3))",
);

static LIST_NODES: Statement = Statement::directory(
    "system.list_nodes",
    "SELECT name, epoch, lease_until FROM node WHERE number > 0 ORDER BY number",
);

/// Neither names a table of ours.
static SQLITE_SIZE: Statement = Statement::session(
    "system.sqlite_size",
    "SELECT page_count * page_size AS bytes, sqlite_version() AS version
     FROM pragma_page_count(), pragma_page_size()",
);

static POSTGRES_SIZE: Statement = Statement::session(
    "system.postgres_size",
    "SELECT pg_database_size(current_database()) AS bytes,
            current_setting('server_version') AS version",
);

static PENDING: Statement = Statement::org(
    "system.pending",
    "SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM message
     WHERE org_id = $1 AND state = 'pending' AND id > $2",
);

static DEAD: Statement = Statement::org(
    "system.dead",
    "SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM message
     WHERE org_id = $1 AND state = 'dead' AND id > $2",
);

static MARKS: Statement = Statement::org(
    "system.marks",
    "SELECT kind, COUNT(*) AS count FROM dirty WHERE org_id = $1 AND kind >= ''
     GROUP BY kind ORDER BY kind",
);

static COMMANDS: Statement = Statement::org(
    "system.commands",
    "SELECT COUNT(*) AS count, MIN(asked_at) AS oldest FROM command
     WHERE org_id = $1 AND state IN ('waiting', 'sending', 'unknown') AND shop_id > $2",
);

static KEYS: Statement = Statement::org(
    "system.keys",
    "SELECT month FROM data_key WHERE org_id = $1 AND month >= $2 ORDER BY month",
);

statements![SET, GET, NODE_WORKS, FORGET_NODES, LIST_NODES, PENDING, DEAD, MARKS, COMMANDS, KEYS,];

/// The last backup that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LastBackup {
    /// Everything until then is in it.
    #[serde(with = "micros")]
    pub at: Time,
    /// The file's size.
    pub bytes: u64,
    /// How many rows.
    pub rows: u64,
}

mod micros {
    use dermaga_domain::time::Time;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Time, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        i64::deserialize(from).map(Time)
    }
}

/// The database itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// `SQLite` or `PostgreSQL`, with its version.
    pub database: String,
    /// Bytes on the disk, without the log.
    pub bytes: i64,
}

/// A process that works on the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The machine and the process.
    pub name: String,
    /// Since when.
    pub started_at: Time,
    /// Until when it is believed to work without being heard of.
    pub until: Time,
}

/// How much of something waits, and since when the oldest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// The oldest.
    pub oldest: Option<Time>,
}

/// What waits in an org.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Messages to be applied.
    pub messages: Waiting,
    /// Messages that could not be.
    pub dead_letters: Waiting,
    /// Commands that are not at their end.
    pub commands: Waiting,
    /// Marks, by their kind: orders to fetch, listings to tell, and so on.
    pub marks: Vec<(String, i64)>,
}

#[derive(sqlx::FromRow)]
struct ValueRow {
    value: String,
}

#[derive(sqlx::FromRow)]
struct SizeRow {
    bytes: i64,
    version: String,
}

#[derive(sqlx::FromRow)]
struct NodeRow {
    name: String,
    epoch: i64,
    lease_until: i64,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    count: i64,
    oldest: Option<i64>,
}

impl From<WaitingRow> for Waiting {
    fn from(row: WaitingRow) -> Self {
        Self { count: row.count, oldest: row.oldest.map(Time) }
    }
}

#[derive(sqlx::FromRow)]
struct MarksRow {
    kind: String,
    count: i64,
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    month: i64,
}

impl Store {
    /// Writes down that a backup was taken.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_backup(&self, backup: LastBackup) -> Result<()> {
        let value = serde_json::to_string(&backup)
            .map_err(|_| Error::Refused("the backup cannot be noted".to_owned()))?;
        self.db
            .write_with(Lane::Short, None, value, |conn, value| {
                Box::pin(async move {
                    conn.execute(&SET, &[BACKUP.into(), value.as_str().into()]).await
                })
            })
            .await?;
        Ok(())
    }

    /// The last backup that was noted.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_backup(&self) -> Result<Option<LastBackup>> {
        let found: Option<ValueRow> = self
            .db
            .read(None, |conn| Box::pin(async move { conn.optional(&GET, &[BACKUP.into()]).await }))
            .await?;
        found
            .map(|row| {
                serde_json::from_str(&row.value)
                    .map_err(|_| Error::inconsistent("setting", "value", BACKUP))
            })
            .transpose()
    }

    /// Kind, version and size of the database.
    ///
    /// # Errors
    /// The database's.
    pub async fn size(&self) -> Result<Size> {
        let row: SizeRow = self
            .db
            .read(None, |conn| {
                Box::pin(async move {
                    let statement = match conn.dialect() {
                        Dialect::Sqlite => &SQLITE_SIZE,
                        Dialect::Postgres => &POSTGRES_SIZE,
                    };
                    conn.one(statement, &[]).await
                })
            })
            .await?;
        let kind = if self.is_embedded() { "SQLite" } else { "PostgreSQL" };
        Ok(Size { database: format!("{kind} {}", row.version), bytes: row.bytes })
    }

    /// Says that this process works; whoever had its name before, or has long said nothing, is forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn node_works(
        &self,
        number: i64,
        name: &str,
        started_at: Time,
        until: Time,
    ) -> Result<()> {
        let forgotten = self.now().minus(NODE_FORGOTTEN);
        let name = name.to_owned();
        self.db
            .write_with(Lane::Short, None, name, move |conn, name| {
                Box::pin(async move {
                    let old = [forgotten.0.into(), name.as_str().into(), number.into()];
                    conn.execute(&FORGET_NODES, &old).await?;
                    let values =
                        [number.into(), name.as_str().into(), started_at.0.into(), until.0.into()];
                    conn.execute(&NODE_WORKS, &values).await
                })
            })
            .await?;
        Ok(())
    }

    /// The processes that work on the database, or lately did.
    ///
    /// # Errors
    /// The database's.
    pub async fn nodes(&self) -> Result<Vec<Node>> {
        let rows: Vec<NodeRow> = self
            .db
            .read(None, |conn| Box::pin(async move { conn.all(&LIST_NODES, &[]).await }))
            .await?;
        let node = |row: NodeRow| Node {
            name: row.name,
            started_at: Time(row.epoch),
            until: Time(row.lease_until),
        };
        Ok(rows.into_iter().map(node).collect())
    }

    /// What waits in an org.
    ///
    /// # Errors
    /// The database's.
    pub async fn backlog(&self, org: OrgId) -> Result<Backlog> {
        let backlog = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [org.0.into(), i64::MIN.into()];
                    let messages: WaitingRow = conn.one(&PENDING, &values).await?;
                    let dead: WaitingRow = conn.one(&DEAD, &values).await?;
                    let commands: WaitingRow = conn.one(&COMMANDS, &values).await?;
                    let marks: Vec<MarksRow> = conn.all(&MARKS, &[org.0.into()]).await?;
                    Ok(Backlog {
                        messages: messages.into(),
                        dead_letters: dead.into(),
                        commands: commands.into(),
                        marks: marks.into_iter().map(|row| (row.kind, row.count)).collect(),
                    })
                })
            })
            .await?;
        Ok(backlog)
    }

    /// When each of the org's data keys was made, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn data_keys(&self, org: OrgId) -> Result<Vec<Time>> {
        let rows: Vec<MonthRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&KEYS, &[org.0.into(), 0.into()]).await })
            })
            .await?;
        Ok(rows.into_iter().map(|row| Time(row.month.saturating_mul(KEY_MONTH.0))).collect())
    }
}
