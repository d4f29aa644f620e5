//! Which version the database has, and which this program knows.

use crate::db::Statement;
use crate::error::Result;
use crate::open::{MIGRATIONS, Store};

/// On the migrator's own table, which is neither of an org nor of the directory.
static APPLIED: Statement = Statement::directory(
    "schema.applied",
    "SELECT version FROM _sqlx_migrations ORDER BY version DESC LIMIT 1",
);

/// Versions of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The database's; 0 = none.
    pub applied: i64,
    /// The newest that this program knows.
    pub newest: i64,
}

impl Store {
    /// Which version the database has, and which this program knows.
    ///
    /// # Errors
    /// The database's.
    pub async fn schema(&self) -> Result<Schema> {
        #[derive(sqlx::FromRow)]
        struct Applied {
            version: i64,
        }
        let applied: Option<Applied> =
            self.db.read(None, |conn| Box::pin(conn.optional(&APPLIED, &[]))).await?;
        let newest = MIGRATIONS.sqlite.iter().map(|migration| migration.version).max();
        Ok(Schema {
            applied: applied.map_or(0, |row| row.version),
            newest: newest.unwrap_or_default(),
        })
    }
}
