//! Receipts, adjustments and counts: what people do to what is on hand.

use std::collections::BTreeSet;

use dermaga_domain::id::{OrgId, SkuId, WarehouseId};
use dermaga_domain::stock::{LevelKey, MovementKind};
use dermaga_domain::time::Time;

use super::books::{Books, mark};
use super::incident;
use super::skus;
use crate::apply::marks;
use crate::audit::Trail;
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::once::{Earlier, Once};
use crate::open::Store;
use crate::work::JUDGE;

static WAREHOUSES: Statement = Statement::org(
    "moves.warehouses",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT w.id FROM v {join} warehouse w ON w.org_id = $1 AND w.id = v.id",
);

/// Holdings that sold more than was on hand there.
static FOUND: Statement = Statement::org(
    "moves.found",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint, warehouse_id bigint})
     SELECT h.order_id, h.line_id, h.sku_id, h.warehouse_id
     FROM v {join} holding h {indexed by holding_found} ON h.org_id = $1 AND h.sku_id = v.sku_id
        AND h.warehouse_id = v.warehouse_id AND h.found > 0",
);

/// A count ends the attention of who sold more than was on hand.
static CLEAR_FOUND: Statement = Statement::org(
    "moves.clear_found",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, line_id bigint, sku_id bigint,
        warehouse_id bigint})
     UPDATE holding SET found = 0
     FROM v WHERE holding.org_id = $1 AND holding.order_id = v.order_id
       AND holding.line_id = v.line_id AND holding.sku_id = v.sku_id
       AND holding.warehouse_id = v.warehouse_id",
);

statements![WAREHOUSES, FOUND, CLEAR_FOUND];

/// What is done to a level, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// So many came in.
    Receipt(i64),
    /// So many more, or fewer, than the books say.
    Adjustment(i64),
    /// So many lie there.
    Count(i64),
}

impl Change {
    const fn kind(self) -> MovementKind {
        match self {
            Self::Receipt(_) => MovementKind::Receipt,
            Self::Adjustment(_) => MovementKind::Adjustment,
            Self::Count(_) => MovementKind::Count,
        }
    }

    /// By how much it changes what is on hand; none when that cannot be.
    fn delta(self, on_hand: i64) -> Option<i64> {
        let delta = match self {
            Self::Receipt(quantity) => Some(quantity).filter(|&quantity| quantity > 0)?,
            Self::Adjustment(delta) => delta,
            Self::Count(counted) => Some(counted).filter(|&counted| counted >= 0)? - on_hand,
        };
        on_hand.checked_add(delta).filter(|&after| after >= 0).map(|_| delta)
    }
}

/// Something a person does to a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMove {
    /// The SKU; not a bundle.
    pub sku: SkuId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// What.
    pub change: Change,
    /// The person's words.
    pub note: Option<String>,
    /// By whom.
    pub by: Giver,
    /// On hand as they saw it; when it is otherwise by now, nothing is moved.
    pub seen: Option<i64>,
}

/// What a move came to, in units on hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// On hand before it.
    pub before: i64,
    /// On hand after it.
    pub after: i64,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    order_id: i64,
    line_id: i64,
    sku_id: i64,
    warehouse_id: i64,
}

impl Store {
    /// Changes what is on hand, all of it or nothing. Where less is there than is held, holds give
    /// way: unpaid reservations, paid ones, then allocations, the latest ship-by first.
    ///
    /// # Errors
    /// Refused when something would be less than nothing, or a SKU is a bundle; not found when a SKU
    /// or warehouse does not exist.
    pub async fn move_stock(&self, org: OrgId, moves: Vec<StockMove>) -> Result<Vec<Moved>> {
        match self.move_stock_once(org, moves, None).await? {
            Ok(moved) | Err(Earlier::Same(moved)) => Ok(moved),
            Err(Earlier::Other) => Err(Error::Refused("another request came before".to_owned())),
        }
    }

    /// As [`Store::move_stock`], for a request that may come again: then it gives what came of it and
    /// moves nothing.
    ///
    /// # Errors
    /// As [`Store::move_stock`]; then the request may come again.
    pub async fn move_stock_once(
        &self,
        org: OrgId,
        moves: Vec<StockMove>,
        once: Option<Once>,
    ) -> Result<Result<Vec<Moved>, Earlier<Vec<Moved>>>> {
        let work = Work { store: self.clone(), org: org.0, moves, once, now: self.now() };
        let moved =
            self.attempt(Lane::Short, org, work, |conn, work| Box::pin(work.once(conn))).await?;
        self.db.notify();
        Ok(moved)
    }
}

struct Work {
    store: Store,
    org: i64,
    moves: Vec<StockMove>,
    once: Option<Once>,
    now: Time,
}

type OnceMoved = Result<Vec<Moved>, Earlier<Vec<Moved>>>;

impl Work {
    async fn once(&self, conn: &mut Conn) -> db::Result<Result<OnceMoved>> {
        let Some(once) = &self.once else { return Ok(self.run(conn).await?.map(Ok)) };
        if let Some(before) = once.begin(conn, self.org, self.now).await? {
            if before.body_hash != once.body_hash {
                return Ok(Ok(Err(Earlier::Other)));
            }
            let kept: Option<Vec<(i64, i64)>> = serde_json::from_str(&before.answer).ok();
            let kept = kept.ok_or_else(|| Error::inconsistent("idempotency", "answer", self.org));
            let moved = |(before, after): (i64, i64)| Moved { before, after };
            return Ok(kept.map(|kept| Err(Earlier::Same(kept.into_iter().map(moved).collect()))));
        }
        let done = self.run(conn).await?;
        if let Ok(moved) = &done {
            let kept: Vec<(i64, i64)> = moved.iter().map(|it| (it.before, it.after)).collect();
            let answer = serde_json::to_string(&kept).unwrap_or_default();
            once.end(conn, self.org, &answer).await?;
        }
        Ok(done.map(Ok))
    }

    async fn run(&self, conn: &mut Conn) -> db::Result<Result<Vec<Moved>>> {
        if let Err(error) = self.check(conn).await? {
            return Ok(Err(error));
        }
        let wanted: BTreeSet<LevelKey> = self.moves.iter().map(StockMove::level).collect();
        let by = self.moves.first().map(|asked| asked.by);
        let mut books = Books { by, ..Books::default() };
        let skus = wanted.iter().map(|key| key.sku).collect();
        books.lock(conn, self.org, &wanted, &skus).await?;
        let (moved, trail) = match self.change(&mut books) {
            Ok(done) => done,
            Err(error) => return Ok(Err(error)),
        };
        let counted = self.clear_found(conn).await?;
        books.cut(conn, self.org).await?;
        books.write(&self.store, conn, self.org, self.now).await?;
        self.close_out_of_stock(conn).await?;
        trail.write(conn, self.org).await?;
        let mut wanted = books.marks(conn, self.org, BTreeSet::new(), self.now).await?;
        wanted.extend(counted.into_iter().map(|order| mark(JUDGE, order, self.now)));
        marks::write(conn, self.org, &wanted, &[]).await?;
        Ok(Ok(moved))
    }

    async fn check(&self, conn: &mut Conn) -> db::Result<Result<()>> {
        let asked: BTreeSet<SkuId> = self.moves.iter().map(|asked| asked.sku).collect();
        let found = skus::of_ids(conn, self.org, asked.iter().copied()).await?;
        if found.len() < asked.len() {
            return Ok(Err(Error::NotFound("SKU")));
        }
        if let Some(sku) = found.iter().find(|sku| sku.bundle) {
            let reason = format!("{} is a bundle: it has no stock of its own", sku.code);
            return Ok(Err(Error::Refused(reason)));
        }
        let asked: BTreeSet<i64> = self.moves.iter().map(|asked| asked.warehouse.0).collect();
        let mut rows = Rows::default();
        for warehouse in &asked {
            rows.push(&[warehouse]);
        }
        let found: Vec<IdRow> = conn.all(&WAREHOUSES, &[self.org.into(), rows.into()]).await?;
        let all = asked.iter().all(|id| found.iter().any(|row| row.id == *id));
        Ok(if all { Ok(()) } else { Err(Error::NotFound("warehouse")) })
    }

    fn change(&self, books: &mut Books) -> Result<(Vec<Moved>, Trail)> {
        let mut trail = Trail::default();
        let mut moved = Vec::with_capacity(self.moves.len());
        for asked in &self.moves {
            let key = asked.level();
            let before = books.shelf.level(key).on_hand;
            if asked.seen.is_some_and(|seen| seen != before) {
                return Err(Error::Changed { now: before });
            }
            let Some(delta) = asked.change.delta(before) else {
                return Err(Error::Refused(asked.impossible(before)));
            };
            let kind = asked.change.kind();
            if let Some(note) = asked.note.as_ref().filter(|_| delta != 0) {
                books.notes.insert(books.shelf.movements().len(), note.clone());
            }
            books.shelf.move_on_hand(key, kind, delta);
            let after = before + delta;
            let said = asked.note.as_deref().unwrap_or_default();
            let detail = format!("{} {before} -> {after} {said}", key.warehouse);
            let subject = key.sku.to_string();
            trail.push(
                &self.store,
                self.now,
                asked.by.person(),
                kind.as_str(),
                (&subject, detail.trim()),
            );
            moved.push(Moved { before, after });
        }
        Ok((moved, trail))
    }

    /// What a channel found gone was looked after: somebody counted or received it.
    async fn close_out_of_stock(&self, conn: &mut Conn) -> db::Result<()> {
        let seen = |asked: &&StockMove| !matches!(asked.change, Change::Adjustment(_));
        let skus: BTreeSet<SkuId> = self.moves.iter().filter(seen).map(|asked| asked.sku).collect();
        incident::close(conn, self.org, incident::Kind::OutOfStock, skus, self.now).await
    }

    /// Orders whose units were sent without being on hand, where a shelf was counted now.
    async fn clear_found(&self, conn: &mut Conn) -> db::Result<BTreeSet<i64>> {
        let counted: BTreeSet<LevelKey> = self
            .moves
            .iter()
            .filter(|asked| matches!(asked.change, Change::Count(_)))
            .map(StockMove::level)
            .collect();
        if counted.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut rows = Rows::default();
        for key in &counted {
            rows.push(&[&key.sku.0, &key.warehouse.0]);
        }
        let found: Vec<FoundRow> = conn.all(&FOUND, &[self.org.into(), rows.into()]).await?;
        if !found.is_empty() {
            let mut rows = Rows::default();
            for row in &found {
                rows.push(&[&row.order_id, &row.line_id, &row.sku_id, &row.warehouse_id]);
            }
            conn.execute(&CLEAR_FOUND, &[self.org.into(), rows.into()]).await?;
        }
        Ok(found.into_iter().map(|row| row.order_id).collect())
    }
}

impl StockMove {
    const fn level(&self) -> LevelKey {
        LevelKey { sku: self.sku, warehouse: self.warehouse }
    }

    fn impossible(&self, on_hand: i64) -> String {
        match self.change {
            Change::Receipt(quantity) => {
                format!("a receipt brings at least one unit, not {quantity}")
            }
            Change::Adjustment(delta) => {
                format!("{on_hand} are on hand: {delta} would leave fewer than none")
            }
            Change::Count(counted) => format!("{counted} units cannot lie on a shelf"),
        }
    }
}
