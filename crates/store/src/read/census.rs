//! How many rows an org has in each table: what shows that reading again wrote nothing.

use dermaga_domain::id::OrgId;

use crate::db::Statement;
use crate::error::Result;
use crate::open::Store;

/// Reads the whole org on purpose, so it is not among the statements whose plans are held.
/// Every table whose rows tell of orders, stock or what was said about them.
static ROW_COUNTS: Statement = Statement::org(
    "read.row_counts",
    "SELECT 'message' AS name, COUNT(*) AS rows FROM message WHERE org_id = $1
     UNION ALL SELECT 'exchange' AS name, COUNT(*) AS rows FROM exchange WHERE org_id = $1
     UNION ALL SELECT 'dirty' AS name, COUNT(*) AS rows FROM dirty WHERE org_id = $1
     UNION ALL SELECT 'orders' AS name, COUNT(*) AS rows FROM orders WHERE org_id = $1
     UNION ALL SELECT 'fact' AS name, COUNT(*) AS rows FROM fact WHERE org_id = $1
     UNION ALL SELECT 'act' AS name, COUNT(*) AS rows FROM act WHERE org_id = $1
     UNION ALL SELECT 'order_line' AS name, COUNT(*) AS rows FROM order_line WHERE org_id = $1
     UNION ALL SELECT 'package' AS name, COUNT(*) AS rows FROM package WHERE org_id = $1
     UNION ALL SELECT 'buyer' AS name, COUNT(*) AS rows FROM buyer WHERE org_id = $1
     UNION ALL SELECT 'document' AS name, COUNT(*) AS rows FROM document WHERE org_id = $1
     UNION ALL SELECT 'transition' AS name, COUNT(*) AS rows FROM transition WHERE org_id = $1
     UNION ALL SELECT 'stock_level' AS name, COUNT(*) AS rows FROM stock_level WHERE org_id = $1
     UNION ALL SELECT 'holding' AS name, COUNT(*) AS rows FROM holding WHERE org_id = $1
     UNION ALL SELECT 'movement' AS name, COUNT(*) AS rows FROM movement WHERE org_id = $1
     UNION ALL SELECT 'incident' AS name, COUNT(*) AS rows FROM incident WHERE org_id = $1
     UNION ALL SELECT 'notice' AS name, COUNT(*) AS rows FROM notice WHERE org_id = $1
     UNION ALL SELECT 'term' AS name, COUNT(*) AS rows FROM term WHERE org_id = $1
     UNION ALL SELECT 'tab_count' AS name, COUNT(*) AS rows FROM tab_count WHERE org_id = $1
     UNION ALL SELECT 'sub_platform_count' AS name, COUNT(*) AS rows FROM sub_platform_count WHERE org_id = $1
     UNION ALL SELECT 'feed' AS name, COUNT(*) AS rows FROM feed WHERE org_id = $1
     UNION ALL SELECT 'listing' AS name, COUNT(*) AS rows FROM listing WHERE org_id = $1
     UNION ALL SELECT 'sku' AS name, COUNT(*) AS rows FROM sku WHERE org_id = $1
     UNION ALL SELECT 'audit' AS name, COUNT(*) AS rows FROM audit WHERE org_id = $1
     UNION ALL SELECT 'flow_version' AS name, COUNT(*) AS rows FROM flow_version WHERE org_id = $1
     ORDER BY name",
);

#[derive(sqlx::FromRow)]
struct CountRow {
    name: String,
    rows: i64,
}

impl Store {
    /// How many rows an org has in each table. It reads all of them: for tests and for who looks into
    /// a small installation.
    ///
    /// # Errors
    /// The database's.
    pub async fn row_counts(&self, org: OrgId) -> Result<Vec<(String, i64)>> {
        let rows: Vec<CountRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&ROW_COUNTS, &[org.0.into()]).await })
            })
            .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.rows)).collect())
    }
}
