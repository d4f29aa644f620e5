//! The change feed: positions without gaps, in the order of the commits.

use dermaga_domain::time::Time;

use super::Scope;
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

static SINCE: Statement = Statement::org(
    "read.feed",
    "SELECT position, kind, subject_id, at FROM feed
     WHERE org_id = $1 AND position > $2 ORDER BY position LIMIT $3",
);

static END: Statement =
    Statement::org("read.feed_end", "SELECT feed FROM counter WHERE org_id = $1");

static SINCE_OF_SHOPS: Statement = Statement::org(
    "read.feed_of_shops",
    "WITH v AS MATERIALIZED ({rows $4: shop_id bigint})
     SELECT f.position, f.kind, f.subject_id, f.at FROM feed f
     {join} orders o ON o.org_id = $1 AND o.id = f.subject_id
     WHERE f.org_id = $1 AND f.position > $2 AND f.kind = 'order'
       AND +o.shop_id IN (SELECT v.shop_id FROM v)
     ORDER BY f.position LIMIT $3",
);

statements![SINCE, SINCE_OF_SHOPS, END];

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// Its position.
    pub position: i64,
    /// What changed: `order`.
    pub kind: String,
    /// Which, by its id without prefix.
    pub subject_id: i64,
    at: i64,
}

impl Change {
    /// When it changed.
    #[must_use]
    pub const fn at(&self) -> Time {
        Time(self.at)
    }
}

#[derive(sqlx::FromRow)]
struct EndRow {
    feed: i64,
}

impl Store {
    /// Changes from after a position, at most `limit`; whoever sees only some shops, of their orders.
    ///
    /// # Errors
    /// The database's.
    pub async fn feed(&self, scope: &Scope, after: i64, limit: i64) -> Result<Vec<Change>> {
        let org = scope.org.0;
        let mut values: Vec<Value> = vec![org.into(), after.into(), limit.into()];
        let statement = if scope.shops.is_none() {
            &SINCE
        } else {
            values.push(scope.shop_values().0);
            &SINCE_OF_SHOPS
        };
        Ok(self
            .db
            .read_with(Some(org), values, move |conn, values| Box::pin(conn.all(statement, values)))
            .await?)
    }

    /// The position of the newest change; 0 when there was none.
    ///
    /// # Errors
    /// The database's.
    pub async fn feed_end(&self, scope: &Scope) -> Result<i64> {
        let org = scope.org.0;
        let row: Option<EndRow> = self
            .db
            .read(Some(org), move |conn| {
                Box::pin(async move { conn.optional(&END, &[org.into()]).await })
            })
            .await?;
        Ok(row.map_or(0, |row| row.feed))
    }
}
