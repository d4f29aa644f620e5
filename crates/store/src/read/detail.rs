//! What the page of one order shows besides what lists show: parcels, transitions, the stock ledger.

use dermaga_domain::id::{FlowVersionId, OrderId, PackageId};
use dermaga_domain::term::{Attention, Mode, Verb};
use dermaga_domain::time::Time;

use super::orders::Order;
use super::{Scope, id_rows};
use crate::apply::rows::word;
use crate::db::{self, Conn, Statement, statements};
use crate::error::Result;
use crate::open::Store;

static PACKAGES: Statement = Statement::org(
    "read.packages",
    "SELECT p.id, p.carrier, p.booking_code, p.awb FROM package p
     WHERE p.org_id = $1 AND p.order_id = $2 ORDER BY p.package_key",
);

static TRANSITIONS: Statement = Statement::org(
    "read.transitions",
    "SELECT t.id, t.verb, t.attention, t.status, t.mode, t.act, t.flow_version_id, t.at
     FROM transition t WHERE t.org_id = $1 AND t.order_id = $2 ORDER BY t.id",
);

/// What a movement left behind is the present level without what was moved since: the orders that are
/// looked at are mostly young, and the ledger before them is long.
static MOVEMENTS: Statement = Statement::org(
    "read.movements",
    "WITH v AS MATERIALIZED ({rows $2: line_id bigint}),
        s AS MATERIALIZED ({rows $3: warehouse_id bigint}),
        mine AS MATERIALIZED (
            SELECT m.id, m.sku_id, m.warehouse_id, m.kind, m.on_hand, m.allocated, m.reserved, m.short,
                m.revision, m.at
            FROM v {join} movement m {indexed by movement_revision} ON m.org_id = $1
                AND m.line_id = v.line_id AND m.line_id IS NOT NULL
            WHERE $4 OR +m.warehouse_id IN (SELECT s.warehouse_id FROM s)),
        since AS MATERIALIZED (
            SELECT n.id, SUM(p.on_hand) AS on_hand, SUM(p.allocated) AS allocated,
                SUM(p.reserved) AS reserved
            FROM mine n {join} movement p ON p.org_id = $1 AND p.sku_id = n.sku_id
                AND p.warehouse_id = n.warehouse_id AND p.id > n.id
            GROUP BY n.id)
     SELECT n.id, k.code AS sku, w.name AS warehouse, n.kind, n.on_hand, n.allocated, n.reserved,
            n.short, n.revision, n.at,
            CAST(l.on_hand - COALESCE(t.on_hand, 0) AS BIGINT) AS on_hand_after,
            CAST(l.allocated - COALESCE(t.allocated, 0) AS BIGINT) AS allocated_after,
            CAST(l.reserved - COALESCE(t.reserved, 0) AS BIGINT) AS reserved_after
     FROM mine n {join} stock_level l ON l.org_id = $1 AND l.sku_id = n.sku_id
        AND l.warehouse_id = n.warehouse_id
     {join} sku k ON k.org_id = $1 AND k.id = n.sku_id
     {join} warehouse w ON w.org_id = $1 AND w.id = n.warehouse_id
     LEFT JOIN since t ON t.id = n.id
     ORDER BY n.id",
);

statements![PACKAGES, TRANSITIONS, MOVEMENTS];

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The carrier.
    pub carrier: String,
    /// The code it is handed over by.
    pub booking_code: Option<String>,
    /// The tracking number.
    pub awb: Option<String>,
}

/// A change of the documents, by the seeds' verbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// What changed.
    pub verb: Verb,
    /// For `flag_attention`: which.
    pub attention: Option<Attention>,
    /// The status that caused it.
    pub status: Option<String>,
    /// How that was heard.
    pub mode: Option<Mode>,
    /// Or the act of a person that caused it, by its number.
    pub act: Option<i64>,
    /// The flow it was judged by.
    pub flow_version: FlowVersionId,
    /// When.
    pub at: Time,
}

/// A line of the stock ledger, in units with sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The SKU's code.
    pub sku: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// How.
    pub kind: String,
    /// Change of what is on hand.
    pub on_hand: i64,
    /// Change of what invoices hold.
    pub allocated: i64,
    /// Change of what sales orders hold.
    pub reserved: i64,
    /// Change of what is short.
    pub short: i64,
    /// On hand, allocated and reserved afterwards.
    pub after: (i64, i64, i64),
    /// When.
    pub at: Time,
}

/// One order with everything that its page shows, but for what it is judged from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The order.
    pub order: Order,
    /// Its parcels.
    pub packages: Vec<Package>,
    /// What changed, the oldest first.
    pub transitions: Vec<Transition>,
    /// What it moved in stock, the oldest first.
    pub movements: Vec<Movement>,
}

#[derive(sqlx::FromRow)]
struct PackageRow {
    id: i64,
    carrier: String,
    booking_code: Option<String>,
    awb: Option<String>,
}

#[derive(sqlx::FromRow)]
struct TransitionRow {
    id: i64,
    verb: String,
    attention: Option<String>,
    status: Option<String>,
    mode: Option<String>,
    act: Option<i64>,
    flow_version_id: i64,
    at: i64,
}

#[derive(sqlx::FromRow)]
struct MovementRow {
    sku: String,
    warehouse: String,
    kind: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    short: i64,
    at: i64,
    on_hand_after: i64,
    allocated_after: i64,
    reserved_after: i64,
}

impl TransitionRow {
    fn transition(self) -> Result<Transition> {
        let id = self.id;
        let attention = self.attention.as_deref();
        let mode = self.mode.as_deref();
        Ok(Transition {
            verb: word("transition", "verb", id, &self.verb)?,
            attention: attention
                .map(|text| word("transition", "attention", id, text))
                .transpose()?,
            mode: mode.map(|text| word("transition", "mode", id, text)).transpose()?,
            status: self.status,
            act: self.act,
            flow_version: FlowVersionId(self.flow_version_id),
            at: Time(self.at),
        })
    }
}

impl From<MovementRow> for Movement {
    fn from(row: MovementRow) -> Self {
        Self {
            sku: row.sku,
            warehouse: row.warehouse,
            kind: row.kind,
            on_hand: row.on_hand,
            allocated: row.allocated,
            reserved: row.reserved,
            short: row.short,
            after: (row.on_hand_after, row.allocated_after, row.reserved_after),
            at: Time(row.at),
        }
    }
}

type Rows = (Vec<PackageRow>, Vec<TransitionRow>, Vec<MovementRow>);

async fn rows(conn: &mut Conn, order: i64, (scope, lines): &(Scope, Vec<i64>)) -> db::Result<Rows> {
    let org = scope.org.0;
    let key = [org.into(), order.into()];
    let lines = id_rows(lines.iter().copied());
    let (warehouses, all) = scope.warehouse_values();
    Ok((
        conn.all(&PACKAGES, &key).await?,
        conn.all(&TRANSITIONS, &key).await?,
        conn.all(&MOVEMENTS, &[org.into(), lines.into(), warehouses, all]).await?,
    ))
}

impl Store {
    /// One order with its parcels, transitions and movements; none when there is no such order, or
    /// when it is not theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn order_detail(&self, scope: &Scope, id: OrderId) -> Result<Option<Detail>> {
        let Some(order) = self.order(scope, id).await? else { return Ok(None) };
        let lines: Vec<i64> = order.lines.iter().map(|line| line.id.0).collect();
        let asked = (scope.clone(), lines);
        let (packages, transitions, movements) = self
            .db
            .read_with(Some(scope.org.0), asked, move |conn, asked| {
                Box::pin(rows(conn, id.0, asked))
            })
            .await?;
        let packages = packages.into_iter().map(|row| Package {
            id: PackageId(row.id),
            carrier: row.carrier,
            booking_code: row.booking_code,
            awb: row.awb,
        });
        Ok(Some(Detail {
            order,
            packages: packages.collect(),
            transitions: transitions
                .into_iter()
                .map(TransitionRow::transition)
                .collect::<Result<_>>()?,
            movements: movements.into_iter().map(Into::into).collect(),
        }))
    }
}
