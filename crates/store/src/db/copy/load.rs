//! Writing everything into an empty database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::super::database::{Backend, Options};
use super::super::dialect::{self, Dialect};
use super::super::error::{Error, Result};
use super::super::{postgres, sqlite};
use super::snapshot::{run_postgres, run_sqlite};
use super::{Kind, Table, driver};

/// Rows of one table, and of one org where they belong to orgs.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) table: Table,
    pub(crate) org: Option<i64>,
    pub(crate) rows: Vec<Vec<Value>>,
}

enum Writing {
    Sqlite(SqliteConnection, sqlite::Owner),
    Postgres(PgConnection),
}

/// An empty database that is being filled. On PostgreSQL all of it is one transaction.
pub(crate) struct Loading {
    writing: Writing,
}

impl Loading {
    /// Begins to fill a database that has its tables and nothing in them.
    pub(crate) async fn begin(url: &str, options: &Options) -> Result<Self> {
        let writing = match Backend::from_url(url)? {
            Backend::Sqlite(path) => {
                let owner = sqlite::Owner::take(&path)?;
                let connect = sqlite::connect_options(&path, options.wait_limit);
                let mut link = sqlite::open_connection(&connect).await?;
                // Row by row in the order of the file, and looked at as a whole at the end.
                run_sqlite(&mut link, "PRAGMA foreign_keys = OFF").await?;
                Writing::Sqlite(link, owner)
            }
            Backend::Postgres(url) => {
                let connect = postgres::connect_options(&url, options)?;
                let mut link = PgConnection::connect_with(&connect)
                    .await
                    .map_err(|error| Error::Setup(format!("cannot connect: {error}")))?;
                run_postgres(&mut link, "BEGIN").await?;
                Writing::Postgres(link)
            }
        };
        Ok(Self { writing })
    }

    /// Writes rows.
    pub(crate) async fn put(&mut self, batch: &Batch) -> Result<()> {
        let (rows, blobs) = packed(batch)?;
        match &mut self.writing {
            Writing::Sqlite(link, _) => {
                let sql = AssertSqlSafe(insert(&batch.table, Dialect::Sqlite));
                let query = sqlx::query(sql).bind(rows).bind(blobs);
                query.execute(&mut *link).await.map_err(driver("copy.put"))?;
                // Checkpoints are nobody's here unless they are made.
                run_sqlite(link, "PRAGMA wal_checkpoint(PASSIVE)").await
            }
            Writing::Postgres(link) => {
                if let Some(org) = batch.org {
                    run_postgres(link, &format!("SET LOCAL app.org_id = '{org}'")).await?;
                }
                let sql = AssertSqlSafe(insert(&batch.table, Dialect::Postgres));
                let query = sqlx::query(sql).bind(rows).bind(blobs);
                query.execute(&mut *link).await.map(drop).map_err(driver("copy.put"))
            }
        }
    }

    /// Makes everything that was written last.
    pub(crate) async fn end(self) -> Result<()> {
        match self.writing {
            Writing::Sqlite(mut link, owner) => {
                let broken: Vec<(String,)> =
                    sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
                        .fetch_all(&mut link)
                        .await
                        .map_err(driver("copy.check"))?;
                if let Some((table,)) = broken.first() {
                    return Err(Error::Setup(format!("a row of {table} refers to none")));
                }
                run_sqlite(&mut link, "PRAGMA wal_checkpoint(TRUNCATE)").await?;
                link.close().await.map_err(driver("copy.end"))?;
                drop(owner);
            }
            Writing::Postgres(mut link) => {
                run_postgres(&mut link, "COMMIT").await?;
                link.close().await.map_err(driver("copy.end"))?;
            }
        }
        Ok(())
    }
}

/// The statement that writes rows of a table.
fn insert(table: &Table, dialect: Dialect) -> String {
    let (name, columns) = (&table.name, table.column_list());
    let typed: Vec<String> =
        table.columns.iter().map(|(name, kind)| format!("{name} {}", kind.as_str())).collect();
    let blobs = table.columns.iter().any(|(_, kind)| *kind == Kind::Blob);
    // Both parameters are always there.
    let from = if blobs { "$1+$2" } else { "$1" };
    let unused = match (blobs, dialect) {
        (true, _) => "",
        (false, Dialect::Sqlite) => " WHERE $2 IS NOT NULL",
        (false, Dialect::Postgres) => " WHERE $2::bytea IS NOT NULL",
    };
    let template = format!(
        "INSERT INTO {name} ({columns}) SELECT {columns} FROM ({{rows {from}: {}}}) AS v{unused}",
        typed.join(", ")
    );
    dialect::expand(&template, dialect)
}

/// The rows as one parameter, and their blobs as another.
fn packed(batch: &Batch) -> Result<(String, Vec<u8>)> {
    let mut blobs = Vec::new();
    let mut rows = Vec::with_capacity(batch.rows.len());
    for row in &batch.rows {
        if row.len() != batch.table.columns.len() {
            return Err(Error::Setup(format!("a row of {} is cut off", batch.table.name)));
        }
        let mut cells = Vec::with_capacity(row.len());
        for (cell, (_, kind)) in row.iter().zip(&batch.table.columns) {
            match (kind, cell) {
                (Kind::Blob, Value::String(text)) => {
                    let bytes = STANDARD.decode(text).map_err(|_| {
                        Error::Setup(format!("bytes of {} cannot be read", batch.table.name))
                    })?;
                    cells.extend([Value::from(blobs.len()), Value::from(bytes.len())]);
                    blobs.extend(bytes);
                }
                (Kind::Blob, _) => cells.extend([Value::Null, Value::Null]),
                _ => cells.push(cell.clone()),
            }
        }
        rows.push(Value::Array(cells));
    }
    let rows = serde_json::to_string(&rows)
        .map_err(|error| Error::Setup(format!("rows cannot be written: {error}")))?;
    Ok((rows, blobs))
}
