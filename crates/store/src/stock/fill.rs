//! Filling: whose turn it is when units of a SKU came free.

use std::collections::BTreeSet;

use dermaga_domain::id::{OrderId, OrgId, ShopId, SkuId};

use crate::db::{Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Invoices that are short come first, then sales orders whose buyers have paid, then the others;
/// within each the earliest ship-by, then the oldest line. Who could take nothing from where his shop
/// sells is not asked: a fill that nobody gains from would never end.
static CANDIDATES: Statement = Statement::org(
    "fill.candidates",
    "SELECT o.shop_id, o.channel_order_id
     FROM holding h {indexed by holding_open} {join} orders o ON o.org_id = $1 AND o.id = h.order_id
     WHERE h.org_id = $1 AND h.sku_id = $2 AND h.want > h.reserved + h.allocated + h.sold
       AND EXISTS (SELECT 1 FROM shop_source s {join} stock_level l ON l.org_id = $1
            AND l.sku_id = $2 AND l.warehouse_id = s.warehouse_id
          WHERE s.org_id = $1 AND s.shop_id = o.shop_id AND l.on_hand > l.allocated + l.reserved)
     ORDER BY CASE WHEN h.short > 0 THEN 0 WHEN h.buyer_paid THEN 1 ELSE 2 END,
        CASE WHEN h.ship_by IS NULL THEN 1 ELSE 0 END, h.ship_by, h.line_id
     LIMIT $3",
);

static ORDERS_BY_ID: Statement = Statement::org(
    "fill.orders_by_id",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT o.id, o.shop_id, o.channel_order_id
     FROM v {join} orders o ON o.org_id = $1 AND o.id = v.id ORDER BY o.id",
);

statements![CANDIDATES, ORDERS_BY_ID];

#[derive(sqlx::FromRow)]
struct CandidateRow {
    shop_id: i64,
    channel_order_id: String,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    shop_id: i64,
    channel_order_id: String,
}

impl Store {
    /// The orders whose turn it is for a SKU, first first. Applied in this order as a batch with
    /// `fill` they take what is there; when none is given, nothing is left to fill.
    ///
    /// # Errors
    /// The database's.
    pub async fn fill_candidates(
        &self,
        org: OrgId,
        sku: SkuId,
        limit: i64,
    ) -> Result<Vec<(ShopId, String)>> {
        let values = vec![org.0.into(), sku.0.into(), limit.into()];
        let rows: Vec<CandidateRow> = self.all(org, &CANDIDATES, values).await?;
        let mut seen = BTreeSet::new();
        Ok(rows
            .into_iter()
            .map(|row| (ShopId(row.shop_id), row.channel_order_id))
            .filter(|order| seen.insert(order.clone()))
            .collect())
    }

    /// The keys of orders by their ids; ids of none are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn orders_by_id(
        &self,
        org: OrgId,
        ids: &[OrderId],
    ) -> Result<Vec<(OrderId, ShopId, String)>> {
        let mut rows = Rows::default();
        for id in ids {
            rows.push(&[&id.0]);
        }
        let rows: Vec<OrderRow> =
            self.all(org, &ORDERS_BY_ID, vec![org.0.into(), rows.into()]).await?;
        Ok(rows
            .into_iter()
            .map(|row| (OrderId(row.id), ShopId(row.shop_id), row.channel_order_id))
            .collect())
    }
}
