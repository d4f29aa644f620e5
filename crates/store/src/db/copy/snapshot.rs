//! Reading everything in one snapshot, row by row, beside whoever writes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::sync::mpsc;

use super::super::database::{Backend, Options};
use super::super::error::{Error, Result};
use super::super::{postgres, sqlite};
use super::{Kind, Table, driver};

/// Bytes of lines that are handed on at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Where lines go: whoever takes them is waited for, so that memory stays the same.
pub(crate) struct Lines {
    buffer: Vec<u8>,
    to: mpsc::Sender<Vec<u8>>,
}

impl Lines {
    pub(crate) fn new(to: mpsc::Sender<Vec<u8>>) -> Self {
        Self { buffer: Vec::with_capacity(CHUNK_BYTES), to }
    }

    /// Adds a line.
    pub(crate) async fn push(&mut self, line: &impl serde::Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.buffer, line)
            .map_err(|error| Error::Setup(format!("a row cannot be written: {error}")))?;
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Hands on what is left.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK_BYTES));
        // Who takes the lines knows why they are no longer taken.
        self.to.send(chunk).await.map_err(|_| Error::Closed)
    }
}

enum Reading {
    /// The lock is held when no hub runs on the file.
    Sqlite(SqliteConnection, Option<sqlite::Owner>),
    Postgres(PgConnection),
}

/// Everything as it stood at one moment.
pub(crate) struct Snapshot {
    reading: Reading,
}

impl Snapshot {
    /// Begins one. Everything that was committed before the call is in it.
    pub(crate) async fn begin(url: &str, options: &Options) -> Result<Self> {
        let reading = match Backend::from_url(url)? {
            Backend::Sqlite(path) => {
                if !path.exists() {
                    return Err(Error::Setup(format!("there is no database {}", path.display())));
                }
                // Where a hub runs, it alone writes.
                let owner = sqlite::Owner::take(&path).ok();
                let connect = sqlite::connect_options(&path, options.wait_limit);
                let connect = connect.create_if_missing(false).read_only(owner.is_none());
                let mut connection = sqlite::open_connection(&connect).await?;
                run_sqlite(&mut connection, "BEGIN").await?;
                // The snapshot begins with the first read.
                run_sqlite(&mut connection, "SELECT name FROM sqlite_master LIMIT 1").await?;
                Reading::Sqlite(connection, owner)
            }
            Backend::Postgres(url) => {
                let connect = postgres::connect_options(&url, options)?;
                let mut connection = PgConnection::connect_with(&connect)
                    .await
                    .map_err(|error| Error::Setup(format!("cannot connect: {error}")))?;
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                run_postgres(&mut connection, begin).await?;
                run_postgres(&mut connection, "SELECT 1 FROM org LIMIT 1").await?;
                Reading::Postgres(connection)
            }
        };
        Ok(Self { reading })
    }

    /// Whether it is one of SQLite.
    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self.reading, Reading::Sqlite(..))
    }

    /// The version of the schema.
    pub(crate) async fn schema(&mut self) -> Result<i64> {
        let newest = "SELECT MAX(version) FROM _sqlx_migrations";
        let found: Option<i64> = match &mut self.reading {
            Reading::Sqlite(link, _) => sqlx::query_scalar(newest).fetch_one(&mut *link).await,
            Reading::Postgres(link) => sqlx::query_scalar(newest).fetch_one(&mut *link).await,
        }
        .map_err(driver("copy.schema"))?;
        Ok(found.unwrap_or_default())
    }

    /// Every org.
    pub(crate) async fn orgs(&mut self) -> Result<Vec<i64>> {
        let all = "SELECT id FROM org ORDER BY id";
        match &mut self.reading {
            Reading::Sqlite(link, _) => sqlx::query_scalar(all).fetch_all(&mut *link).await,
            Reading::Postgres(link) => sqlx::query_scalar(all).fetch_all(&mut *link).await,
        }
        .map_err(driver("copy.orgs"))
    }

    /// Every table, in the order in which they were made: what a row refers to comes before it.
    pub(crate) async fn tables(&mut self) -> Result<Vec<Table>> {
        let columns: Vec<(String, String, String)> = match &mut self.reading {
            Reading::Sqlite(link, _) => sqlx::query_as(
                "SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c
                     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
                       AND t.name <> '_sqlx_migrations' ORDER BY t.rowid, c.cid",
            )
            .fetch_all(&mut *link)
            .await,
            Reading::Postgres(link) => {
                sqlx::query_as(
                    "SELECT t.relname::text, a.attname::text, format_type(a.atttypid, NULL)
                     FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
                     WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
                       AND t.relname <> '_sqlx_migrations' AND a.attnum > 0 AND NOT a.attisdropped
                     ORDER BY t.oid, a.attnum",
                )
                .fetch_all(&mut *link)
                .await
            }
        }
        .map_err(driver("copy.tables"))?;
        let mut tables: Vec<Table> = Vec::new();
        for (table, column, kind) in columns {
            let kind = Kind::read(&table, &column, &kind)?;
            match tables.last_mut().filter(|last| last.name == table) {
                Some(last) => last.columns.push((column, kind)),
                None => tables.push(Table { name: table, columns: vec![(column, kind)] }),
            }
        }
        Ok(tables)
    }

    /// Hands on the rows of a table, of one org where they belong to orgs; says how many there were.
    pub(crate) async fn rows(
        &mut self,
        table: &Table,
        org: Option<i64>,
        lines: &mut Lines,
    ) -> Result<u64> {
        let (columns, name) = (table.column_list(), &table.name);
        let only = org.map(|org| format!(" WHERE org_id = {org}")).unwrap_or_default();
        let sql = AssertSqlSafe(format!("SELECT {columns} FROM {name}{only}"));
        let mut count = 0;
        match &mut self.reading {
            Reading::Sqlite(link, _) => {
                let mut rows = sqlx::query(sql).fetch(&mut *link);
                while let Some(row) = rows.try_next().await.map_err(driver("copy.rows"))? {
                    lines.push(&sqlite_row(table, &row)?).await?;
                    count += 1;
                }
            }
            Reading::Postgres(link) => {
                if let Some(org) = org {
                    run_postgres(link, &format!("SET LOCAL app.org_id = '{org}'")).await?;
                }
                let mut rows = sqlx::query(sql).fetch(&mut *link);
                while let Some(row) = rows.try_next().await.map_err(driver("copy.rows"))? {
                    lines.push(&postgres_row(table, &row)?).await?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// Ends it.
    pub(crate) async fn end(self) -> Result<()> {
        match self.reading {
            Reading::Sqlite(link, owner) => {
                link.close().await.map_err(driver("copy.end"))?;
                drop(owner);
            }
            Reading::Postgres(link) => link.close().await.map_err(driver("copy.end"))?,
        }
        Ok(())
    }
}

pub(super) async fn run_sqlite(link: &mut SqliteConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(link)
        .await
        .map(drop)
        .map_err(driver("copy.run"))
}

pub(super) async fn run_postgres(link: &mut PgConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(link)
        .await
        .map(drop)
        .map_err(driver("copy.run"))
}

macro_rules! row_of {
    ($name:ident, $row:ty) => {
        fn $name(table: &Table, row: &$row) -> Result<Vec<Value>> {
            let fails = driver("copy.row");
            let cell = |(at, (_, kind)): (usize, &(String, Kind))| {
                Ok(match kind {
                    Kind::Bigint => row.try_get::<Option<i64>, _>(at).map_err(&fails)?.into(),
                    Kind::Text => row.try_get::<Option<String>, _>(at).map_err(&fails)?.into(),
                    Kind::Boolean => row.try_get::<Option<bool>, _>(at).map_err(&fails)?.into(),
                    Kind::Blob => {
                        let bytes = row.try_get::<Option<Vec<u8>>, _>(at).map_err(&fails)?;
                        bytes.map(|bytes| STANDARD.encode(bytes)).into()
                    }
                })
            };
            table.columns.iter().enumerate().map(cell).collect()
        }
    };
}

row_of!(sqlite_row, SqliteRow);
row_of!(postgres_row, PgRow);
