//! Incidents: what is wrong with a SKU until somebody, or time, has put it right.

use dermaga_domain::id::{SkuId, WarehouseId};
use dermaga_domain::time::Time;

use crate::db::{self, Conn, Rows, Statement, statements};
use crate::open::Store;

/// What happened. One of a kind is open for a SKU at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// More is wanted than is there, until nobody is short any more.
    Oversold,
    /// A channel cancelled for want of it, until somebody counts or receives it.
    OutOfStock,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Oversold => "oversold",
            Self::OutOfStock => "out_of_stock",
        }
    }
}

/// Where it happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) sku: SkuId,
    pub(crate) warehouse: Option<WarehouseId>,
    /// The order that showed it.
    pub(crate) order: Option<i64>,
}

static OPEN: Statement = Statement::org(
    "incident.open",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, sku_id bigint, warehouse_id bigint, order_id bigint,
        at bigint})
     INSERT INTO incident (org_id, id, sku_id, warehouse_id, order_id, kind, opened_at)
     SELECT $1, v.id, v.sku_id, v.warehouse_id, v.order_id, $3, v.at FROM v WHERE true
     ON CONFLICT (org_id, sku_id, kind) WHERE closed_at IS NULL DO NOTHING",
);

static CLOSE: Statement = Statement::org(
    "incident.close",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     UPDATE incident SET closed_at = $4
     WHERE org_id = $1 AND kind = $3 AND closed_at IS NULL AND sku_id IN (SELECT sku_id FROM v)",
);

statements![OPEN, CLOSE];

/// Opens one for each SKU that has none of the kind.
pub(crate) async fn open(
    store: &Store,
    conn: &mut Conn,
    org: i64,
    kind: Kind,
    opened: impl IntoIterator<Item = Opened> + Send,
    now: Time,
) -> db::Result<()> {
    let mut rows = Rows::default();
    for Opened { sku, warehouse, order } in opened {
        rows.push(&[&store.ids.next(now), &sku.0, &warehouse.map(|id| id.0), &order, &now.0]);
    }
    if !rows.is_empty() {
        conn.execute(&OPEN, &[org.into(), rows.into(), kind.as_str().into()]).await?;
    }
    Ok(())
}

/// Closes those of the kind that are open for these SKUs.
pub(crate) async fn close(
    conn: &mut Conn,
    org: i64,
    kind: Kind,
    skus: impl IntoIterator<Item = SkuId> + Send,
    now: Time,
) -> db::Result<()> {
    let mut rows = Rows::default();
    for sku in skus {
        rows.push(&[&sku.0]);
    }
    if !rows.is_empty() {
        let values = [org.into(), rows.into(), kind.as_str().into(), now.0.into()];
        conn.execute(&CLOSE, &values).await?;
    }
    Ok(())
}
