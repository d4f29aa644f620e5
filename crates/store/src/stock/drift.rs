//! Drift: where the cached levels and holdings are not what their movements say.

use dermaga_domain::id::{LineId, OrderId, OrgId, SkuId, WarehouseId};
use dermaga_domain::stock::LevelKey;

use crate::db::{Row, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Levels of some SKUs, with the sums of their movements and of their holdings.
static LEVELS: Statement = Statement::org(
    "drift.levels",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.sku_id, l.warehouse_id, l.on_hand, l.allocated, l.reserved, l.reserved_unpaid, l.short,
        CAST((SELECT COALESCE(SUM(m.on_hand), 0) FROM movement m WHERE m.org_id = $1
            AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id) AS BIGINT) AS moved_on_hand,
        CAST((SELECT COALESCE(SUM(m.allocated), 0) FROM movement m WHERE m.org_id = $1
            AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id) AS BIGINT) AS moved_allocated,
        CAST((SELECT COALESCE(SUM(m.reserved), 0) FROM movement m WHERE m.org_id = $1
            AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id) AS BIGINT) AS moved_reserved,
        CAST((SELECT COALESCE(SUM(m.short), 0) FROM movement m WHERE m.org_id = $1
            AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id) AS BIGINT) AS moved_short,
        CAST((SELECT COALESCE(SUM(h.allocated), 0) FROM holding h {indexed by holding_held}
            WHERE h.org_id = $1 AND h.sku_id = l.sku_id AND h.warehouse_id = l.warehouse_id
            AND (h.reserved > 0 OR h.allocated > 0)) AS BIGINT) AS held_allocated,
        CAST((SELECT COALESCE(SUM(h.reserved), 0) FROM holding h {indexed by holding_held}
            WHERE h.org_id = $1 AND h.sku_id = l.sku_id AND h.warehouse_id = l.warehouse_id
            AND (h.reserved > 0 OR h.allocated > 0)) AS BIGINT) AS held_reserved,
        CAST((SELECT COALESCE(SUM(CASE WHEN h.buyer_paid THEN 0 ELSE h.reserved END), 0)
            FROM holding h {indexed by holding_held}
            WHERE h.org_id = $1 AND h.sku_id = l.sku_id AND h.warehouse_id = l.warehouse_id
            AND (h.reserved > 0 OR h.allocated > 0)) AS BIGINT) AS held_unpaid,
        CAST((SELECT COALESCE(SUM(h.short), 0) FROM holding h {indexed by holding_open}
            WHERE h.org_id = $1 AND h.sku_id = l.sku_id AND h.warehouse_id = l.warehouse_id
            AND h.want > h.reserved + h.allocated + h.sold) AS BIGINT) AS held_short
     FROM v {join} stock_level l ON l.org_id = $1 AND l.sku_id = v.id",
);

/// Holdings of some orders, with the sums of their movements.
static HOLDINGS: Statement = Statement::org(
    "drift.holdings",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT h.order_id, h.line_id, h.want, h.reserved, h.allocated, h.sold, h.short, h.revision,
        CAST((SELECT COUNT(*) FROM movement m {indexed by movement_revision}
            WHERE m.org_id = $1 AND m.line_id = h.line_id
            AND m.sku_id = h.sku_id AND m.warehouse_id = h.warehouse_id) AS BIGINT) AS moves,
        CAST((SELECT COALESCE(SUM(m.on_hand), 0) FROM movement m {indexed by movement_revision}
            WHERE m.org_id = $1 AND m.line_id = h.line_id AND m.sku_id = h.sku_id
            AND m.warehouse_id = h.warehouse_id) AS BIGINT) AS moved_on_hand,
        CAST((SELECT COALESCE(SUM(m.allocated), 0) FROM movement m {indexed by movement_revision}
            WHERE m.org_id = $1 AND m.line_id = h.line_id AND m.sku_id = h.sku_id
            AND m.warehouse_id = h.warehouse_id) AS BIGINT) AS moved_allocated,
        CAST((SELECT COALESCE(SUM(m.reserved), 0) FROM movement m {indexed by movement_revision}
            WHERE m.org_id = $1 AND m.line_id = h.line_id AND m.sku_id = h.sku_id
            AND m.warehouse_id = h.warehouse_id) AS BIGINT) AS moved_reserved,
        CAST((SELECT COALESCE(SUM(m.short), 0) FROM movement m {indexed by movement_revision}
            WHERE m.org_id = $1 AND m.line_id = h.line_id AND m.sku_id = h.sku_id
            AND m.warehouse_id = h.warehouse_id) AS BIGINT) AS moved_short
     FROM v {join} holding h ON h.org_id = $1 AND h.order_id = v.id",
);

static SKUS: Statement = Statement::org(
    "drift.skus",
    "SELECT id FROM sku WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

static ORDERS: Statement = Statement::org(
    "drift.orders",
    "SELECT id FROM orders WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

/// How many SKUs or orders are looked at in one read.
const PAGE: i64 = 200;

statements![LEVELS, HOLDINGS, SKUS, ORDERS];

/// Books that do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// A level is not the sum of its movements, or not what its holdings hold.
    Level {
        /// Which level.
        level: LevelKey,
        /// What differs.
        what: String,
    },
    /// A holding is not the sum of its movements.
    Holding {
        /// The order.
        order: OrderId,
        /// The line.
        line: LineId,
        /// What differs.
        what: String,
    },
}

#[derive(sqlx::FromRow)]
struct LevelRow {
    sku_id: i64,
    warehouse_id: i64,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    reserved_unpaid: i64,
    short: i64,
    moved_on_hand: i64,
    moved_allocated: i64,
    moved_reserved: i64,
    moved_short: i64,
    held_allocated: i64,
    held_reserved: i64,
    held_unpaid: i64,
    held_short: i64,
}

#[derive(sqlx::FromRow)]
struct HoldingRow {
    order_id: i64,
    line_id: i64,
    want: i64,
    reserved: i64,
    allocated: i64,
    sold: i64,
    short: i64,
    revision: i64,
    moves: i64,
    moved_on_hand: i64,
    moved_allocated: i64,
    moved_reserved: i64,
    moved_short: i64,
}

/// Names what is not what it should be.
fn differences(pairs: &[(&str, i64, i64)]) -> Option<String> {
    let found: Vec<String> = pairs
        .iter()
        .filter(|(_, is, should)| is != should)
        .map(|(name, is, should)| format!("{name} is {is} and not {should}"))
        .collect();
    (!found.is_empty()).then(|| found.join(", "))
}

impl LevelRow {
    fn drift(&self) -> Option<Drift> {
        let what = differences(&[
            ("on hand", self.on_hand, self.moved_on_hand),
            ("allocated", self.allocated, self.moved_allocated),
            ("reserved", self.reserved, self.moved_reserved),
            ("short", self.short, self.moved_short),
            ("allocated", self.allocated, self.held_allocated),
            ("reserved", self.reserved, self.held_reserved),
            ("reserved unpaid", self.reserved_unpaid, self.held_unpaid),
            ("short", self.short, self.held_short),
        ])?;
        let (sku, warehouse) = (SkuId(self.sku_id), WarehouseId(self.warehouse_id));
        Some(Drift::Level { level: LevelKey { sku, warehouse }, what })
    }
}

impl HoldingRow {
    fn drift(&self) -> Option<Drift> {
        let missing = self.want - self.reserved - self.allocated - self.sold;
        let what = differences(&[
            ("sold", self.sold, -self.moved_on_hand),
            ("allocated", self.allocated, self.moved_allocated),
            ("reserved", self.reserved, self.moved_reserved),
            ("short", self.short, self.moved_short),
            ("short", self.short, self.short.min(missing)),
            ("revision", self.revision, self.moves),
        ])?;
        Some(Drift::Holding { order: OrderId(self.order_id), line: LineId(self.line_id), what })
    }
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

impl Store {
    /// Looks through the whole stock of an org for books that do not agree. Reads page by page: it
    /// never holds up who writes.
    ///
    /// # Errors
    /// The database's.
    pub async fn stock_drift(&self, org: OrgId) -> Result<Vec<Drift>> {
        let mut found = Vec::new();
        let mut after = 0;
        while let Some((last, rows)) =
            self.drift_page::<LevelRow>(org, &SKUS, &LEVELS, after).await?
        {
            found.extend(rows.iter().filter_map(LevelRow::drift));
            after = last;
        }
        let mut after = 0;
        while let Some((last, rows)) =
            self.drift_page::<HoldingRow>(org, &ORDERS, &HOLDINGS, after).await?
        {
            found.extend(rows.iter().filter_map(HoldingRow::drift));
            after = last;
        }
        Ok(found)
    }

    /// The rows of the next page of ids, and the last of these ids; none after the last page.
    async fn drift_page<T: Row>(
        &self,
        org: OrgId,
        ids: &'static Statement,
        statement: &'static Statement,
        after: i64,
    ) -> Result<Option<(i64, Vec<T>)>> {
        let values = vec![org.0.into(), after.into(), PAGE.into()];
        let page: Vec<IdRow> = self.all(org, ids, values).await?;
        let Some(last) = page.last().map(|row| row.id) else { return Ok(None) };
        let mut rows = Rows::default();
        for row in &page {
            rows.push(&[&row.id]);
        }
        let found = self.all(org, statement, vec![org.0.into(), rows.into()]).await?;
        Ok(Some((last, found)))
    }
}
