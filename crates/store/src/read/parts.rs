//! What belongs to orders: lines, holdings, documents, buyers; read for a page of orders at once.

use std::collections::HashMap;

use dermaga_domain::id::{DocumentId, LineId, SkuId, WarehouseId};
use dermaga_domain::time::Time;

use super::{document_number, id_rows};
use crate::db::{self, Conn, Statement, statements};

static LINES: Statement = Statement::org(
    "read.lines",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT l.order_id, l.id, l.channel_product_id, l.channel_sku, l.name, l.quantity, l.cancelled,
            l.live, l.unit_price, l.sku_id, k.code AS sku, l.gone
     FROM v {join} order_line l ON l.org_id = $1 AND l.order_id = v.order_id
     LEFT JOIN sku k ON k.org_id = $1 AND k.id = l.sku_id
     ORDER BY l.order_id, l.position",
);

static HOLDINGS: Statement = Statement::org(
    "read.holdings",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT h.order_id, h.line_id, h.sku_id, k.code AS sku, h.warehouse_id, w.name AS warehouse,
            h.want, h.reserved, h.allocated, h.sold, h.short
     FROM v {join} holding h ON h.org_id = $1 AND h.order_id = v.order_id
     {join} sku k ON k.org_id = $1 AND k.id = h.sku_id
     {join} warehouse w ON w.org_id = $1 AND w.id = h.warehouse_id
     ORDER BY h.order_id, h.line_id, h.sku_id, h.warehouse_id",
);

static DOCUMENTS: Statement = Statement::org(
    "read.documents",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT d.order_id, d.slot, d.id, d.kind, d.number, d.sales_order_number, d.state,
            d.created_at, d.changed_at
     FROM v {join} document d ON d.org_id = $1 AND d.order_id = v.order_id
     ORDER BY d.order_id, d.id",
);

static BUYERS: Statement = Statement::org(
    "read.buyers",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT b.order_id, b.sealed
     FROM v {join} buyer b ON b.org_id = $1 AND b.order_id = v.order_id AND b.stamp <> 'erased'",
);

statements![LINES, HOLDINGS, DOCUMENTS, BUYERS];

/// What a line has of one SKU in one warehouse, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The SKU.
    pub sku: SkuId,
    /// Its code.
    pub code: String,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name.
    pub warehouse_name: String,
    /// What is wanted.
    pub want: i64,
    /// Held by a sales order.
    pub reserved: i64,
    /// Held by an invoice.
    pub allocated: i64,
    /// Gone out.
    pub sold: i64,
    /// Wanted by an invoice and not there.
    pub short: i64,
}

/// A line of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// The channel's id of the product.
    pub channel_product_id: String,
    /// The seller's code at the channel.
    pub channel_sku: String,
    /// The product's name at the channel.
    pub name: String,
    /// Units ordered.
    pub quantity: i64,
    /// Of these, cancelled.
    pub cancelled: i64,
    /// Units that live.
    pub live: i64,
    /// Price of one, in minor units.
    pub unit_price: i64,
    /// Our SKU's code; none while the listing is not mapped.
    pub sku: Option<String>,
    /// The channel shows it no more.
    pub gone: bool,
    /// What it has of its stock.
    pub holdings: Vec<Holding>,
}

/// A document of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// `sales_order`, `invoice`, `delivery` or `payment`.
    pub kind: String,
    /// Its number, as people read it.
    pub number: String,
    /// The number it had as a sales order, if it was one.
    pub sales_order_number: Option<String>,
    /// `live`, `bin` or `withdrawn`.
    pub state: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub changed_at: Time,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    order_id: i64,
    id: i64,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    quantity: i64,
    cancelled: i64,
    live: i64,
    unit_price: i64,
    sku: Option<String>,
    gone: bool,
}

#[derive(sqlx::FromRow)]
struct HoldingRow {
    line_id: i64,
    sku_id: i64,
    sku: String,
    warehouse_id: i64,
    warehouse: String,
    want: i64,
    reserved: i64,
    allocated: i64,
    sold: i64,
    short: i64,
}

#[derive(sqlx::FromRow)]
struct DocumentRow {
    order_id: i64,
    id: i64,
    kind: String,
    number: i64,
    sales_order_number: Option<i64>,
    state: String,
    created_at: i64,
    changed_at: i64,
}

/// A sealed buyer.
#[derive(sqlx::FromRow)]
pub(super) struct SealedBuyer {
    pub(super) order_id: i64,
    pub(super) sealed: Vec<u8>,
}

/// The lines of orders with their holdings, by order.
pub(super) async fn lines(
    conn: &mut Conn,
    org: i64,
    orders: &[i64],
) -> db::Result<HashMap<i64, Vec<Line>>> {
    let ids = || id_rows(orders.iter().copied()).into();
    let rows: Vec<LineRow> = conn.all(&LINES, &[org.into(), ids()]).await?;
    let held: Vec<HoldingRow> = conn.all(&HOLDINGS, &[org.into(), ids()]).await?;
    let mut holdings: HashMap<i64, Vec<Holding>> = HashMap::new();
    for row in held {
        holdings.entry(row.line_id).or_default().push(Holding {
            sku: SkuId(row.sku_id),
            code: row.sku,
            warehouse: WarehouseId(row.warehouse_id),
            warehouse_name: row.warehouse,
            want: row.want,
            reserved: row.reserved,
            allocated: row.allocated,
            sold: row.sold,
            short: row.short,
        });
    }
    let mut found: HashMap<i64, Vec<Line>> = HashMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().push(Line {
            id: LineId(row.id),
            channel_product_id: row.channel_product_id,
            channel_sku: row.channel_sku,
            name: row.name,
            quantity: row.quantity,
            cancelled: row.cancelled,
            live: row.live,
            unit_price: row.unit_price,
            sku: row.sku,
            gone: row.gone,
            holdings: holdings.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(found)
}

/// The documents of orders, by order.
pub(super) async fn documents(
    conn: &mut Conn,
    org: i64,
    orders: &[i64],
) -> db::Result<HashMap<i64, Vec<Document>>> {
    let ids = id_rows(orders.iter().copied());
    let rows: Vec<DocumentRow> = conn.all(&DOCUMENTS, &[org.into(), ids.into()]).await?;
    let mut found: HashMap<i64, Vec<Document>> = HashMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().push(Document {
            id: DocumentId(row.id),
            number: document_number(&row.kind, row.number),
            sales_order_number: row
                .sales_order_number
                .map(|number| document_number("sales_order", number)),
            kind: row.kind,
            state: row.state,
            created_at: Time(row.created_at),
            changed_at: Time(row.changed_at),
        });
    }
    Ok(found)
}

/// The buyers of orders, still sealed.
pub(super) async fn buyers(
    conn: &mut Conn,
    org: i64,
    orders: &[i64],
) -> db::Result<Vec<SealedBuyer>> {
    let ids = id_rows(orders.iter().copied());
    conn.all(&BUYERS, &[org.into(), ids.into()]).await
}
