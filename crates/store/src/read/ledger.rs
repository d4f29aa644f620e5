//! The stock ledger of a SKU: every movement with its cause, the newest first.

use std::collections::HashMap;

use dermaga_domain::id::{AccountId, ApiKeyId, MovementId, OrderId, ShopId, SkuId, WarehouseId};
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::db::{self, Conn, Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Movements that one page holds at most.
pub const PAGE_MAX: i64 = 200;

static LEVELS: Statement = Statement::org(
    "ledger.levels",
    "SELECT l.warehouse_id, w.name AS warehouse, l.on_hand, l.allocated, l.reserved
     FROM stock_level l {join} warehouse w ON w.org_id = $1 AND w.id = l.warehouse_id
     WHERE l.org_id = $1 AND l.sku_id = $2",
);

static PAGE: Statement = Statement::org(
    "ledger.page",
    "SELECT m.id, m.warehouse_id, m.kind, m.on_hand, m.allocated, m.reserved, m.short, m.order_id,
            m.note, m.account_id, m.key_id, m.at
     FROM movement m WHERE m.org_id = $1 AND m.sku_id = $2 AND m.warehouse_id = $3 AND m.id < $4
     ORDER BY m.id DESC LIMIT $5",
);

/// What a level moved by since: from the present back to where a page begins.
static SINCE: Statement = Statement::org(
    "ledger.since",
    "SELECT CAST(COALESCE(SUM(m.on_hand), 0) AS BIGINT) AS on_hand,
            CAST(COALESCE(SUM(m.allocated), 0) AS BIGINT) AS allocated,
            CAST(COALESCE(SUM(m.reserved), 0) AS BIGINT) AS reserved
     FROM movement m WHERE m.org_id = $1 AND m.sku_id = $2 AND m.warehouse_id = $3 AND m.id >= $4",
);

static ORDERS: Statement = Statement::org(
    "ledger.orders",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT o.id, o.shop_id, o.channel_order_id
     FROM v {join} orders o ON o.org_id = $1 AND o.id = v.id",
);

statements![LEVELS, PAGE, SINCE, ORDERS];

/// What a level holds, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What is there.
    pub on_hand: i64,
    /// Held by invoices.
    pub allocated: i64,
    /// Held by sales orders.
    pub reserved: i64,
}

/// A line of the ledger, in units with sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// Its id; newer lines have larger ones.
    pub id: MovementId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name.
    pub warehouse_name: String,
    /// How: opening, receipt, reserve and so on.
    pub kind: String,
    /// Change of what is on hand.
    pub on_hand: i64,
    /// Change of what invoices hold.
    pub allocated: i64,
    /// Change of what sales orders hold.
    pub reserved: i64,
    /// Change of what is short.
    pub short: i64,
    /// The warehouse's level afterwards.
    pub after: Standing,
    /// The order that caused it.
    pub order: Option<OrderId>,
    /// That order's shop and the channel's number of it.
    pub named: Option<(ShopId, String)>,
    /// The person who did it by hand.
    pub person: Option<AccountId>,
    /// The key of the API that did it.
    pub key: Option<ApiKeyId>,
    /// What was said with it.
    pub note: Option<String>,
    /// When.
    pub at: Time,
}

#[derive(sqlx::FromRow)]
struct LevelRow {
    warehouse_id: i64,
    warehouse: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
}

#[derive(sqlx::FromRow)]
struct MovementRow {
    id: i64,
    warehouse_id: i64,
    kind: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    short: i64,
    order_id: Option<i64>,
    note: Option<String>,
    account_id: Option<i64>,
    key_id: Option<i64>,
    at: i64,
}

#[derive(sqlx::FromRow)]
struct SinceRow {
    on_hand: i64,
    allocated: i64,
    reserved: i64,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    shop_id: i64,
    channel_order_id: String,
}

/// Which lines.
#[derive(Debug, Clone, Copy)]
struct Asked {
    org: i64,
    sku: i64,
    /// Only those before this one.
    before: i64,
    limit: i64,
}

/// The lines of one warehouse, each with where it left the level.
async fn of_level(conn: &mut Conn, asked: Asked, level: &LevelRow) -> db::Result<Vec<LedgerLine>> {
    let Asked { org, sku, before, limit } = asked;
    let key = [org.into(), sku.into(), level.warehouse_id.into(), before.into()];
    let since: SinceRow = conn.one(&SINCE, &key).await?;
    let [org, sku, warehouse, before] = key;
    let rows: Vec<MovementRow> =
        conn.all(&PAGE, &[org, sku, warehouse, before, limit.into()]).await?;
    let mut after = Standing {
        on_hand: level.on_hand - since.on_hand,
        allocated: level.allocated - since.allocated,
        reserved: level.reserved - since.reserved,
    };
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(LedgerLine {
            id: MovementId(row.id),
            warehouse: WarehouseId(row.warehouse_id),
            warehouse_name: level.warehouse.clone(),
            kind: row.kind,
            on_hand: row.on_hand,
            allocated: row.allocated,
            reserved: row.reserved,
            short: row.short,
            after,
            order: row.order_id.map(OrderId),
            named: None,
            person: row.account_id.map(AccountId),
            key: row.key_id.map(ApiKeyId),
            note: row.note,
            at: Time(row.at),
        });
        after.on_hand -= row.on_hand;
        after.allocated -= row.allocated;
        after.reserved -= row.reserved;
    }
    Ok(lines)
}

/// The lines of a SKU's warehouses, the newest first.
async fn lines(
    conn: &mut Conn,
    scope: &Scope,
    asked: Asked,
    only: Option<WarehouseId>,
) -> db::Result<Vec<LedgerLine>> {
    let levels: Vec<LevelRow> = conn.all(&LEVELS, &[asked.org.into(), asked.sku.into()]).await?;
    let mut lines = Vec::new();
    for level in levels {
        let warehouse = WarehouseId(level.warehouse_id);
        if scope.sees_warehouse(warehouse) && only.is_none_or(|only| only == warehouse) {
            lines.extend(of_level(conn, asked, &level).await?);
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.id.0));
    lines.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    let wanted = id_rows(lines.iter().filter_map(|line| line.order).map(|order| order.0));
    let found: Vec<OrderRow> = conn.all(&ORDERS, &[asked.org.into(), wanted.into()]).await?;
    let orders: HashMap<i64, OrderRow> = found.into_iter().map(|row| (row.id, row)).collect();
    for line in &mut lines {
        let row = line.order.and_then(|order| orders.get(&order.0));
        line.named = row.map(|row| (ShopId(row.shop_id), row.channel_order_id.clone()));
    }
    Ok(lines)
}

impl Store {
    /// A page of a SKU's ledger, of one warehouse or of all, before a line; and the line before which
    /// there is more.
    ///
    /// # Errors
    /// The database's.
    pub async fn ledger(
        &self,
        scope: &Scope,
        sku: SkuId,
        only: Option<WarehouseId>,
        before: Option<MovementId>,
        limit: i64,
    ) -> Result<(Vec<LedgerLine>, Option<MovementId>)> {
        let limit = limit.clamp(1, PAGE_MAX);
        let before = before.map_or(i64::MAX, |before| before.0);
        let asked = Asked { org: scope.org.0, sku: sku.0, before, limit: limit + 1 };
        let mut found = self
            .db
            .read_with(Some(scope.org.0), scope.clone(), move |conn, scope| {
                Box::pin(lines(conn, scope, asked, only))
            })
            .await?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|last| last.id);
        Ok((found, next))
    }
}
