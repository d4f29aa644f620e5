//! Incidents: SKUs that were sold more often than they exist, or that a channel found gone.

use dermaga_domain::id::{IncidentId, OrderId, SkuId};
use dermaga_domain::time::Time;

use super::Scope;
use crate::db::{Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Incidents that one page holds at most.
pub const PAGE_MAX: i64 = 200;

static OPEN: Statement = Statement::org(
    "read.incidents",
    "SELECT i.id, i.sku_id, k.code AS sku, i.kind, i.order_id, i.opened_at
     FROM incident i {join} sku k ON k.org_id = $1 AND k.id = i.sku_id
     WHERE i.org_id = $1 AND i.closed_at IS NULL AND i.sku_id > $2
     ORDER BY i.sku_id, i.kind LIMIT $3",
);

statements![OPEN];

/// An open incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The SKU.
    pub sku: SkuId,
    /// Its code.
    pub code: String,
    /// `oversold`: more is wanted than is there, until nobody is short any more. `out_of_stock`: a
    /// channel cancelled for want of it, until a person counts or receives it.
    pub kind: String,
    /// The order that was cancelled for it.
    pub order: Option<OrderId>,
    /// Since when.
    pub opened_at: Time,
}

#[derive(sqlx::FromRow)]
struct IncidentRow {
    id: i64,
    sku_id: i64,
    sku: String,
    kind: String,
    order_id: Option<i64>,
    opened_at: i64,
}

impl Store {
    /// The open incidents by SKU, from after a SKU (0 is before all).
    ///
    /// # Errors
    /// The database's.
    pub async fn open_incidents(
        &self,
        scope: &Scope,
        after: SkuId,
        limit: i64,
    ) -> Result<Vec<Incident>> {
        let (org, limit) = (scope.org.0, limit.clamp(1, PAGE_MAX));
        let rows: Vec<IncidentRow> = self
            .db
            .read(Some(org), move |conn| {
                Box::pin(async move {
                    conn.all(&OPEN, &[org.into(), after.0.into(), limit.into()]).await
                })
            })
            .await?;
        let incident = |row: IncidentRow| Incident {
            id: IncidentId(row.id),
            sku: SkuId(row.sku_id),
            code: row.sku,
            kind: row.kind,
            order: row.order_id.map(OrderId),
            opened_at: Time(row.opened_at),
        };
        Ok(rows.into_iter().map(incident).collect())
    }
}
