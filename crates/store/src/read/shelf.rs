//! SKUs as people look for them: a list with what each has, and one of them with everything about it.

use std::collections::HashMap;

use dermaga_domain::id::{IncidentId, OrderId, SkuId, WarehouseId};
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::db::{self, Conn, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// SKUs that one page holds at most.
pub const PAGE_MAX: i64 = 200;
/// Incidents of a SKU that are shown, the newest.
const INCIDENTS_MAX: i64 = 20;

/// By code, after one. A bundle has no levels, so it is never low.
static LIST: Statement = Statement::org(
    "shelf.list",
    "WITH v AS MATERIALIZED ({rows $7: warehouse_id bigint})
     SELECT k.id, k.code, k.name, k.created_at, (SELECT b.sku_id FROM bundle_component b
        WHERE b.org_id = $1 AND b.bundle_id = k.id LIMIT 1) IS NOT NULL AS bundle
     FROM sku k
     WHERE k.org_id = $1 AND k.code > $2
       AND ($3 = '' OR replace(lower(k.code), $3, '') <> lower(k.code)
            OR replace(lower(k.name), $3, '') <> lower(k.name))
       AND (NOT $4 OR (SELECT SUM(s.short) FROM stock_level s WHERE s.org_id = $1
            AND s.sku_id = k.id
            AND ($8 OR +s.warehouse_id IN (SELECT v.warehouse_id FROM v))) > 0)
       AND ($5 < 0 OR (SELECT SUM(s.on_hand - s.allocated - s.reserved) FROM stock_level s
            WHERE s.org_id = $1 AND s.sku_id = k.id
            AND ($8 OR +s.warehouse_id IN (SELECT v.warehouse_id FROM v))) <= $5)
     ORDER BY k.code LIMIT $6",
);

static ONE: Statement = Statement::org(
    "shelf.one",
    "SELECT k.id, k.code, k.name, k.created_at, (SELECT b.sku_id FROM bundle_component b
        WHERE b.org_id = $1 AND b.bundle_id = k.id LIMIT 1) IS NOT NULL AS bundle
     FROM sku k WHERE k.org_id = $1 AND k.id = $2",
);

static LEVELS: Statement = Statement::org(
    "shelf.levels",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.sku_id, l.warehouse_id, w.name AS warehouse, l.on_hand, l.allocated, l.reserved,
            l.short, l.version
     FROM v {join} stock_level l ON l.org_id = $1 AND l.sku_id = v.id
     {join} warehouse w ON w.org_id = $1 AND w.id = l.warehouse_id
     ORDER BY l.sku_id, w.name",
);

static LISTED: Statement = Statement::org(
    "shelf.listed",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.sku_id, COUNT(*) AS listings
     FROM v {join} listing l ON l.org_id = $1 AND l.sku_id = v.id GROUP BY l.sku_id",
);

static OPEN: Statement = Statement::org(
    "shelf.open_incidents",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT i.sku_id, i.kind FROM v {join} incident i ON i.org_id = $1 AND i.sku_id = v.id
        AND i.closed_at IS NULL ORDER BY i.sku_id, i.kind",
);

static INCIDENTS: Statement = Statement::org(
    "shelf.incidents",
    "SELECT i.id, i.kind, i.order_id, i.opened_at, i.closed_at FROM incident i
     WHERE i.org_id = $1 AND i.sku_id = $2 ORDER BY i.id DESC LIMIT $3",
);

static MADE_OF: Statement = Statement::org(
    "shelf.made_of",
    "SELECT k.id, k.code, b.quantity FROM bundle_component b
     {join} sku k ON k.org_id = $1 AND k.id = b.sku_id
     WHERE b.org_id = $1 AND b.bundle_id = $2 ORDER BY k.code",
);

static PART_OF: Statement = Statement::org(
    "shelf.part_of",
    "SELECT k.id, k.code, b.quantity FROM bundle_component b
     {join} sku k ON k.org_id = $1 AND k.id = b.bundle_id
     WHERE b.org_id = $1 AND b.sku_id = $2 ORDER BY k.code",
);

statements![LIST, ONE, LEVELS, LISTED, OPEN, INCIDENTS, MADE_OF, PART_OF];

/// Which SKUs a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only those whose code or name holds this text.
    pub search: String,
    /// Only those of which something is short.
    pub short: bool,
    /// Only those of which no more than so many units are available.
    pub low: Option<i64>,
    /// Only those after this code.
    pub after: String,
    /// How many, at most [`PAGE_MAX`].
    pub limit: i64,
}

/// What one warehouse has of a SKU, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelAt {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name.
    pub name: String,
    /// What is there.
    pub on_hand: i64,
    /// Held by invoices.
    pub allocated: i64,
    /// Held by sales orders.
    pub reserved: i64,
    /// Wanted by invoices and not there.
    pub short: i64,
    /// Rises with every change.
    pub version: i64,
}

impl LevelAt {
    /// On hand less allocated less reserved.
    #[must_use]
    pub const fn available(&self) -> i64 {
        self.on_hand - self.allocated - self.reserved
    }
}

/// A SKU with what there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnShelf {
    /// The SKU.
    pub id: SkuId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// It is made of others and has no stock of its own.
    pub bundle: bool,
    /// When it was made.
    pub created_at: Time,
    /// What each warehouse has, by the warehouse's name.
    pub levels: Vec<LevelAt>,
    /// Kinds of its open incidents.
    pub incidents: Vec<String>,
    /// How many listings sell it.
    pub listings: i64,
}

/// Another SKU that one is made of, or is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The other.
    pub sku: SkuId,
    /// Its code.
    pub code: String,
    /// How many units of the component a bundle takes.
    pub quantity: i64,
}

/// An incident of a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its id.
    pub id: IncidentId,
    /// `oversold` or `out_of_stock`.
    pub kind: String,
    /// The order that was cancelled for it.
    pub order: Option<OrderId>,
    /// Since when.
    pub opened_at: Time,
    /// Until when; none = it is open.
    pub closed_at: Option<Time>,
}

/// One SKU with what it is made of and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuSheet {
    /// The SKU.
    pub sku: OnShelf,
    /// For a bundle: what is in it.
    pub made_of: Vec<Part>,
    /// The bundles that it is in.
    pub part_of: Vec<Part>,
    /// What happened, the newest first.
    pub incidents: Vec<Happened>,
}

#[derive(sqlx::FromRow)]
struct SkuRow {
    id: i64,
    code: String,
    name: String,
    created_at: i64,
    bundle: bool,
}

#[derive(sqlx::FromRow)]
struct LevelRow {
    sku_id: i64,
    warehouse_id: i64,
    warehouse: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    short: i64,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    sku_id: i64,
    listings: i64,
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    sku_id: i64,
    kind: String,
}

#[derive(sqlx::FromRow)]
struct IncidentRow {
    id: i64,
    kind: String,
    order_id: Option<i64>,
    opened_at: i64,
    closed_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    id: i64,
    code: String,
    quantity: i64,
}

impl From<PartRow> for Part {
    fn from(row: PartRow) -> Self {
        Self { sku: SkuId(row.id), code: row.code, quantity: row.quantity }
    }
}

impl From<IncidentRow> for Happened {
    fn from(row: IncidentRow) -> Self {
        Self {
            id: IncidentId(row.id),
            kind: row.kind,
            order: row.order_id.map(OrderId),
            opened_at: Time(row.opened_at),
            closed_at: row.closed_at.map(Time),
        }
    }
}

/// What there is of some SKUs, in their order.
async fn with_levels(
    conn: &mut Conn,
    scope: &Scope,
    rows: Vec<SkuRow>,
) -> db::Result<Vec<OnShelf>> {
    let org = scope.org.0;
    let ids = || Value::from(id_rows(rows.iter().map(|row| row.id)));
    let found: Vec<LevelRow> = conn.all(&LEVELS, &[org.into(), ids()]).await?;
    let listed: Vec<ListedRow> = conn.all(&LISTED, &[org.into(), ids()]).await?;
    let open: Vec<OpenRow> = conn.all(&OPEN, &[org.into(), ids()]).await?;
    let listed: HashMap<i64, i64> =
        listed.into_iter().map(|row| (row.sku_id, row.listings)).collect();
    let mut levels: HashMap<i64, Vec<LevelAt>> = HashMap::new();
    for row in found.into_iter().filter(|row| scope.sees_warehouse(WarehouseId(row.warehouse_id))) {
        levels.entry(row.sku_id).or_default().push(LevelAt {
            warehouse: WarehouseId(row.warehouse_id),
            name: row.warehouse,
            on_hand: row.on_hand,
            allocated: row.allocated,
            reserved: row.reserved,
            short: row.short,
            version: row.version,
        });
    }
    let shelf = |row: SkuRow| OnShelf {
        levels: levels.remove(&row.id).unwrap_or_default(),
        incidents: (open.iter().filter(|open| open.sku_id == row.id))
            .map(|open| open.kind.clone())
            .collect(),
        listings: listed.get(&row.id).copied().unwrap_or(0),
        id: SkuId(row.id),
        code: row.code,
        name: row.name,
        bundle: row.bundle,
        created_at: Time(row.created_at),
    };
    Ok(rows.into_iter().map(shelf).collect())
}

async fn sheet(conn: &mut Conn, scope: &Scope, id: i64) -> db::Result<Option<SkuSheet>> {
    let org = scope.org.0;
    let key = [org.into(), id.into()];
    let Some(row) = conn.optional::<SkuRow>(&ONE, &key).await? else { return Ok(None) };
    let Some(sku) = with_levels(conn, scope, vec![row]).await?.pop() else { return Ok(None) };
    let made_of: Vec<PartRow> = conn.all(&MADE_OF, &key).await?;
    let part_of: Vec<PartRow> = conn.all(&PART_OF, &key).await?;
    let newest = [org.into(), id.into(), INCIDENTS_MAX.into()];
    let incidents: Vec<IncidentRow> = conn.all(&INCIDENTS, &newest).await?;
    Ok(Some(SkuSheet {
        sku,
        made_of: made_of.into_iter().map(Into::into).collect(),
        part_of: part_of.into_iter().map(Into::into).collect(),
        incidents: incidents.into_iter().map(Into::into).collect(),
    }))
}

impl Store {
    /// A page of SKUs by code; and the code after which there is more.
    ///
    /// # Errors
    /// The database's.
    pub async fn shelf(
        &self,
        scope: &Scope,
        wanted: &Wanted,
    ) -> Result<(Vec<OnShelf>, Option<String>)> {
        let (org, limit) = (scope.org.0, wanted.limit.clamp(1, PAGE_MAX));
        let (warehouses, all) = scope.warehouse_values();
        let values: Vec<Value> = vec![
            org.into(),
            wanted.after.as_str().into(),
            wanted.search.trim().to_lowercase().into(),
            wanted.short.into(),
            wanted.low.map_or(-1, |low| low.max(0)).into(),
            (limit + 1).into(),
            warehouses,
            all,
        ];
        let mut found = self
            .db
            .read_with(Some(org), (values, scope.clone()), |conn, (values, scope)| {
                Box::pin(async move {
                    let rows = conn.all(&LIST, values).await?;
                    with_levels(conn, scope, rows).await
                })
            })
            .await?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|last| last.code.clone());
        Ok((found, next))
    }

    /// One SKU; none when there is no such one.
    ///
    /// # Errors
    /// The database's.
    pub async fn sku_sheet(&self, scope: &Scope, id: SkuId) -> Result<Option<SkuSheet>> {
        let found = self
            .db
            .read_with(Some(scope.org.0), scope.clone(), move |conn, scope| {
                Box::pin(sheet(conn, scope, id.0))
            })
            .await?;
        Ok(found)
    }
}
