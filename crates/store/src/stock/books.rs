//! The books of a transaction: levels, holdings and movements on a shelf, read under the levels'
//! locks and written back together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dermaga_domain::id::{LineId, SkuId};
use dermaga_domain::stock::{LevelKey, Movement, Shelf};
use dermaga_domain::time::Time;

use super::rows::{HoldingRow, LevelRow};
use super::{incident, push};
use crate::Store;
use crate::command::Giver;
use crate::db::{self, Conn, Rows, Statement, statements};
use crate::work::{FILL, JUDGE, Mark, Modes};

static LOCK_LEVELS: Statement = Statement::org(
    "stock.lock_levels",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     SELECT l.sku_id, l.warehouse_id, l.on_hand, l.allocated, l.reserved, l.reserved_unpaid, l.short, l.version
     FROM v {join} stock_level l ON l.org_id = $1 AND l.sku_id = v.sku_id
     ORDER BY l.sku_id, l.warehouse_id {for update of l}",
);

static ENSURE_LEVELS: Statement = Statement::org(
    "stock.ensure_levels",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint, warehouse_id bigint})
     INSERT INTO stock_level (org_id, sku_id, warehouse_id, on_hand, allocated, reserved,
        reserved_unpaid, short, version)
     SELECT $1, v.sku_id, v.warehouse_id, 0, 0, 0, 0, 0, 0 FROM v WHERE true
     ORDER BY v.sku_id, v.warehouse_id
     ON CONFLICT (org_id, sku_id, warehouse_id) DO NOTHING",
);

/// The holdings of orders. Read after their levels are locked, under which alone they change.
static LOAD_HOLDINGS: Statement = Statement::org(
    "stock.load_holdings",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT h.order_id, h.line_id, h.sku_id, h.warehouse_id, h.want, h.reserved, h.allocated, h.sold,
            h.short, h.found, h.revision, h.buyer_paid, h.ship_by
     FROM v {join} holding h ON h.org_id = $1 AND h.order_id = v.order_id",
);

/// All holdings of a level that hold something: who may have to give way.
static LOAD_HELD: Statement = Statement::org(
    "stock.load_held",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint, warehouse_id bigint})
     SELECT h.order_id, h.line_id, h.sku_id, h.warehouse_id, h.want, h.reserved, h.allocated, h.sold,
            h.short, h.found, h.revision, h.buyer_paid, h.ship_by
     FROM v {join} holding h {indexed by holding_held} ON h.org_id = $1 AND h.sku_id = v.sku_id
       AND h.warehouse_id = v.warehouse_id AND (h.reserved > 0 OR h.allocated > 0)",
);

static UPSERT_HOLDINGS: Statement = Statement::org(
    "stock.upsert_holdings",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, line_id bigint, sku_id bigint,
        warehouse_id bigint, want bigint, reserved bigint, allocated bigint, sold bigint,
        short bigint, found bigint, revision bigint, buyer_paid boolean, ship_by bigint})
     INSERT INTO holding (org_id, order_id, line_id, sku_id, warehouse_id, want, reserved, allocated,
        sold, short, found, revision, buyer_paid, ship_by)
     SELECT $1, order_id, line_id, sku_id, warehouse_id, want, reserved, allocated, sold, short,
        found, revision, buyer_paid, ship_by
     FROM v WHERE true
     ON CONFLICT (org_id, order_id, line_id, sku_id, warehouse_id) DO UPDATE SET
        want = excluded.want, reserved = excluded.reserved, allocated = excluded.allocated,
        sold = excluded.sold, short = excluded.short, found = excluded.found,
        revision = excluded.revision, buyer_paid = excluded.buyer_paid, ship_by = excluded.ship_by",
);

static UPDATE_LEVELS: Statement = Statement::org(
    "stock.update_levels",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint, warehouse_id bigint, on_hand bigint,
        allocated bigint, reserved bigint, reserved_unpaid bigint, short bigint, version bigint})
     UPDATE stock_level SET on_hand = v.on_hand, allocated = v.allocated, reserved = v.reserved,
        reserved_unpaid = v.reserved_unpaid, short = v.short, version = v.version
     FROM v WHERE stock_level.org_id = $1 AND stock_level.sku_id = v.sku_id
       AND stock_level.warehouse_id = v.warehouse_id",
);

static INSERT_MOVEMENTS: Statement = Statement::org(
    "stock.insert_movements",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, sku_id bigint, warehouse_id bigint, kind text,
        on_hand bigint, allocated bigint, reserved bigint, short bigint, order_id bigint,
        line_id bigint, revision bigint, note text, at bigint})
     INSERT INTO movement (org_id, id, sku_id, warehouse_id, kind, on_hand, allocated, reserved,
        short, order_id, line_id, revision, note, at)
     SELECT $1, id, sku_id, warehouse_id, kind, on_hand, allocated, reserved, short, order_id,
        line_id, revision, note, at
     FROM v",
);

/// The same for what somebody did by hand: with who did it.
static INSERT_GIVEN: Statement = Statement::org(
    "stock.insert_given",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, sku_id bigint, warehouse_id bigint, kind text,
        on_hand bigint, allocated bigint, reserved bigint, short bigint, order_id bigint,
        line_id bigint, revision bigint, note text, at bigint})
     INSERT INTO movement (org_id, id, sku_id, warehouse_id, kind, on_hand, allocated, reserved,
        short, order_id, line_id, revision, note, at, account_id, key_id)
     SELECT $1, id, sku_id, warehouse_id, kind, on_hand, allocated, reserved, short, order_id,
        line_id, revision, note, at, $3, $4
     FROM v",
);

/// Which of some SKUs somebody still waits for.
static WAITED_FOR: Statement = Statement::org(
    "stock.waited_for",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     SELECT v.sku_id FROM v WHERE EXISTS (SELECT 1 FROM holding h {indexed by holding_open}
        WHERE h.org_id = $1 AND h.sku_id = v.sku_id AND h.want > h.reserved + h.allocated + h.sold)",
);

statements![
    LOCK_LEVELS,
    ENSURE_LEVELS,
    LOAD_HOLDINGS,
    LOAD_HELD,
    UPSERT_HOLDINGS,
    UPDATE_LEVELS,
    INSERT_MOVEMENTS,
    INSERT_GIVEN,
    WAITED_FOR,
];

#[derive(sqlx::FromRow)]
struct SkuRow {
    sku_id: i64,
}

/// What a transaction has of the stock.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) shelf: Shelf,
    /// Whose line it is; also of lines of other orders that came onto the shelf.
    pub(crate) order_of: HashMap<LineId, i64>,
    /// Lines that lost a hold to somebody else.
    pub(crate) lost: BTreeSet<LineId>,
    /// What people said to a movement, by its place.
    pub(crate) notes: BTreeMap<usize, String>,
    /// Who moves by hand; none = it follows from orders.
    pub(crate) by: Option<Giver>,
}

impl Books {
    /// Makes sure that these levels exist, and locks every level of these SKUs.
    ///
    /// Always in this order: a level that were made while others are held could be waited for in a
    /// circle.
    pub(crate) async fn lock(
        &mut self,
        conn: &mut Conn,
        org: i64,
        wanted: &BTreeSet<LevelKey>,
        of: &BTreeSet<SkuId>,
    ) -> db::Result<()> {
        let (mut levels, mut skus) = (Rows::default(), Rows::default());
        for key in wanted {
            levels.push(&[&key.sku.0, &key.warehouse.0]);
        }
        for sku in of {
            skus.push(&[&sku.0]);
        }
        if !levels.is_empty() {
            conn.execute(&ENSURE_LEVELS, &[org.into(), levels.into()]).await?;
        }
        let found: Vec<LevelRow> = conn.all(&LOCK_LEVELS, &[org.into(), skus.into()]).await?;
        for row in found {
            let (key, level) = row.entry();
            self.shelf.put_level(key, level);
        }
        Ok(())
    }

    /// Reads the holdings of orders whose levels are locked.
    pub(crate) async fn load_orders(
        &mut self,
        conn: &mut Conn,
        org: i64,
        orders: impl Iterator<Item = i64>,
    ) -> db::Result<()> {
        let mut rows = Rows::default();
        for order in orders {
            rows.push(&[&order]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.put_holdings(conn.all(&LOAD_HOLDINGS, &[org.into(), rows.into()]).await?);
        Ok(())
    }

    /// Takes holds away wherever more is held than is there.
    pub(crate) async fn cut(&mut self, conn: &mut Conn, org: i64) -> db::Result<()> {
        let overheld = self.shelf.overheld();
        if overheld.is_empty() {
            return Ok(());
        }
        let mut rows = Rows::default();
        for level in &overheld {
            rows.push(&[&level.sku.0, &level.warehouse.0]);
        }
        self.put_holdings(conn.all(&LOAD_HELD, &[org.into(), rows.into()]).await?);
        for level in overheld {
            self.lost.extend(self.shelf.cut(level));
        }
        Ok(())
    }

    fn put_holdings(&mut self, rows: Vec<HoldingRow>) {
        for row in rows {
            let (key, holding) = row.entry();
            self.shelf.put_holding(key, holding);
            self.order_of.entry(LineId(row.line_id)).or_insert(row.order_id);
        }
    }

    /// Writes what changed, with the ledger lines and the incidents.
    pub(crate) async fn write(
        &self,
        store: &Store,
        conn: &mut Conn,
        org: i64,
        now: Time,
    ) -> db::Result<()> {
        for (statement, rows) in
            [(&UPDATE_LEVELS, self.level_rows()), (&UPSERT_HOLDINGS, self.holding_rows())]
        {
            if !rows.is_empty() {
                conn.execute(statement, &[org.into(), rows.into()]).await?;
            }
        }
        let rows = self.movement_rows(store, now);
        match self.by {
            _ if rows.is_empty() => 0,
            None => conn.execute(&INSERT_MOVEMENTS, &[org.into(), rows.into()]).await?,
            Some(by) => {
                let (person, key) = (by.person().map(|by| by.0), by.key().map(|by| by.0));
                let values = [org.into(), rows.into(), person.into(), key.into()];
                conn.execute(&INSERT_GIVEN, &values).await?
            }
        };
        let (opened, closed) = self.incidents();
        incident::open(store, conn, org, incident::Kind::Oversold, opened, now).await?;
        incident::close(conn, org, incident::Kind::Oversold, closed, now).await
    }

    fn level_rows(&self) -> Rows {
        let mut rows = Rows::default();
        for (key, level) in self.shelf.changed_levels() {
            rows.push(&[
                &key.sku.0,
                &key.warehouse.0,
                &level.on_hand,
                &level.allocated,
                &level.reserved,
                &level.reserved_unpaid,
                &level.short,
                &level.version,
            ]);
        }
        rows
    }

    fn holding_rows(&self) -> Rows {
        let mut rows = Rows::default();
        for (key, holding) in self.shelf.changed_holdings() {
            let Some(order) = self.order_of.get(&key.line) else { continue };
            rows.push(&[
                order,
                &key.line.0,
                &key.sku.0,
                &key.warehouse.0,
                &holding.want,
                &holding.reserved,
                &holding.allocated,
                &holding.sold,
                &holding.short,
                &holding.found,
                &holding.revision,
                &holding.terms.buyer_paid,
                &holding.terms.ship_by.map(|at| at.0),
            ]);
        }
        rows
    }

    fn movement_rows(&self, store: &Store, now: Time) -> Rows {
        let mut rows = Rows::default();
        for (place, movement) in self.shelf.movements().iter().enumerate() {
            let order = movement.holding.and_then(|(line, _)| self.order_of.get(&line));
            rows.push(&[
                &store.ids.next(now),
                &movement.level.sku.0,
                &movement.level.warehouse.0,
                &movement.kind.as_str(),
                &movement.on_hand,
                &movement.allocated,
                &movement.reserved,
                &movement.short,
                &order,
                &movement.holding.map(|(line, _)| line.0),
                &movement.holding.map(|(_, revision)| revision),
                &self.notes.get(&place).map(String::as_str),
                &now.0,
            ]);
        }
        rows
    }

    /// An incident opens where an allocation was cut or more is short than is free, and closes when
    /// nobody is short any more. Every level of a SKU is on the shelf once one of them is.
    fn incidents(&self) -> (Vec<incident::Opened>, Vec<SkuId>) {
        let mut opened = Vec::new();
        let cut: BTreeSet<SkuId> = self.shelf.cut_levels().map(|level| level.sku).collect();
        let mut rose: BTreeMap<SkuId, &Movement> = BTreeMap::new();
        let mut fell: BTreeSet<SkuId> = BTreeSet::new();
        for movement in self.shelf.movements() {
            if movement.short > 0 {
                rose.entry(movement.level.sku).or_insert(movement);
            } else if movement.short < 0 {
                fell.insert(movement.level.sku);
            }
        }
        let of = |sku: SkuId| {
            let levels = || self.shelf.levels_of(sku).map(|(_, level)| level);
            let short: i64 = levels().map(|level| level.short).sum();
            (short, levels().map(|level| level.available()).sum::<i64>())
        };
        for (sku, movement) in rose {
            let (short, free) = of(sku);
            if cut.contains(&sku) || short > free {
                let warehouse = Some(movement.level.warehouse);
                opened.push(incident::Opened { sku, warehouse, order: None });
            }
        }
        (opened, fell.into_iter().filter(|sku| of(*sku).0 == 0).collect())
    }

    /// Marks for what has to follow once this is written: orders that lost a hold are judged again,
    /// and SKUs are filled that somebody waits for while units are there for them.
    ///
    /// `asked` are SKUs that may be filled besides those of which units came free.
    pub(crate) async fn marks(
        &self,
        conn: &mut Conn,
        org: i64,
        asked: BTreeSet<SkuId>,
        now: Time,
    ) -> db::Result<Vec<Mark>> {
        let judged: BTreeSet<i64> =
            self.lost.iter().filter_map(|line| self.order_of.get(line)).copied().collect();
        let mut wanted: Vec<Mark> =
            judged.into_iter().map(|order| mark(JUDGE, order, now)).collect();
        let mut rows = Rows::default();
        for sku in self.freed().into_iter().chain(asked).collect::<BTreeSet<_>>() {
            rows.push(&[&sku.0]);
        }
        if !rows.is_empty() {
            let found: Vec<SkuRow> = conn.all(&WAITED_FOR, &[org.into(), rows.into()]).await?;
            wanted.extend(found.into_iter().map(|row| mark(FILL, row.sku_id, now)));
        }
        let changed: BTreeSet<SkuId> =
            self.shelf.changed_levels().map(|(key, _)| key.sku).collect();
        wanted.extend(push::showing(conn, org, changed.into_iter(), now).await?);
        Ok(wanted)
    }

    /// SKUs of which more is available in some warehouse than before.
    fn freed(&self) -> BTreeSet<SkuId> {
        let mut change: BTreeMap<LevelKey, i64> = BTreeMap::new();
        for movement in self.shelf.movements() {
            *change.entry(movement.level).or_default() +=
                movement.on_hand - movement.allocated - movement.reserved;
        }
        change.into_iter().filter(|&(_, by)| by > 0).map(|(level, _)| level.sku).collect()
    }

    /// Whether units of the SKU were given out and some are left.
    pub(crate) fn gave_and_has(&self, sku: SkuId) -> bool {
        let gave = |movement: &Movement| {
            movement.level.sku == sku && (movement.allocated > 0 || movement.reserved > 0)
        };
        self.shelf.movements().iter().any(gave)
            && self.shelf.levels_of(sku).any(|(_, level)| level.available() > 0)
    }
}

/// A mark on an order or a SKU.
pub(crate) fn mark(kind: &'static str, subject: i64, now: Time) -> Mark {
    Mark { kind, scope: 0, subject: subject.to_string(), modes: Modes::default(), due_at: now }
}
