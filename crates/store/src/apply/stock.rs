//! The stock of a batch: lock the levels, settle every line, let others give way where they must.

use std::collections::BTreeSet;

use dermaga_domain::id::{LineId, SkuId, WarehouseId};
use dermaga_domain::stock::{Demand, LevelKey, Target, Turn};

use super::case::{Case, CaseLine};
use super::input::Batch;
use super::load::Loaded;
use crate::db::{self, Conn};

/// Settles every changed order of the batch, in the order of the batch.
pub(super) async fn settle(loaded: &mut Loaded, conn: &mut Conn, batch: &Batch) -> db::Result<()> {
    let org = batch.org.0;
    let Loaded { cases, books, .. } = loaded;
    let changed = || cases.iter().filter(|case| case.changed);
    let skus: BTreeSet<SkuId> =
        changed().flat_map(|case| case.lines.iter().flat_map(CaseLine::skus)).collect();
    if skus.is_empty() {
        return Ok(());
    }
    books.lock(conn, org, &wanted_levels(cases), &skus).await?;
    let stored = changed().filter(|case| !case.fresh).map(|case| case.row.id);
    books.load_orders(conn, org, stored).await?;
    for case in cases.iter().filter(|case| case.changed && case.settles()) {
        for demand in demands(case, batch.fill) {
            books.shelf.settle(&demand);
        }
    }
    books.cut(conn, org).await
}

/// SKUs that have to be filled after this: somebody in the batch stands in the queue while units are
/// there for him, or a fill has come to its limit and not to its end.
///
/// Who waits for what is not where he may take from asks for nothing: otherwise a fill would call for
/// the next one for ever.
pub(super) fn asked_to_fill(loaded: &Loaded, fill: Option<SkuId>) -> BTreeSet<SkuId> {
    let shelf = &loaded.books.shelf;
    let mut asked: BTreeSet<SkuId> =
        fill.into_iter().filter(|&sku| loaded.books.gave_and_has(sku)).collect();
    for case in loaded.cases.iter().filter(|case| case.changed && case.settles()) {
        for (line, sku) in case.lines.iter().flat_map(|line| line.skus().map(|sku| (line.id, sku)))
        {
            let open: i64 = shelf.holdings_of(line, sku).map(|(_, holding)| holding.open()).sum();
            let free =
                |&warehouse: &WarehouseId| shelf.level(LevelKey { sku, warehouse }).available() > 0;
            if open > 0 && case.sources.iter().any(free) {
                asked.insert(sku);
            }
        }
    }
    asked
}

fn wanted_levels(cases: &[Case]) -> BTreeSet<LevelKey> {
    let mut wanted = BTreeSet::new();
    for case in cases.iter().filter(|case| case.changed) {
        for sku in case.lines.iter().flat_map(CaseLine::skus) {
            wanted.extend(case.sources.iter().map(|&warehouse| LevelKey { sku, warehouse }));
        }
    }
    wanted
}

/// What the lines of an order ask for, component by component.
///
/// Two lines of one order that share a SKU are two demands: each has its own holdings.
fn demands(case: &Case, fill: Option<SkuId>) -> Vec<Demand<'_>> {
    let terms = case.terms();
    let of_line = |line: LineId, target: Target, sku: SkuId, times: i64| Demand {
        line,
        sku,
        target: target.times(times),
        sources: &case.sources,
        terms,
        turn: if fill == Some(sku) { Turn::Next } else { Turn::Queued },
    };
    case.lines
        .iter()
        .flat_map(|line| {
            line.components
                .iter()
                .map(move |&(sku, times)| of_line(line.id, line.target, sku, times))
        })
        .collect()
}
