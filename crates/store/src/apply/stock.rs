//! The stock of a batch: lock the levels, settle every line, let others give way where they must.

use std::collections::BTreeSet;

use dermaga_domain::id::{LineId, SkuId};
use dermaga_domain::stock::{Demand, LevelKey, Target, Turn};

use super::case::Case;
use super::input::Batch;
use super::load::Loaded;
use super::rows::{HoldingRow, LevelRow};
use super::statements as sql;
use crate::db::{self, Conn, Rows};

/// Settles every changed order of the batch, in the order of the batch.
pub(super) async fn settle(
    loaded: &mut Loaded,
    conn: &mut Conn,
    batch: &Batch,
) -> db::Result<()> {
    let org = batch.org.0;
    let skus: BTreeSet<SkuId> = loaded
        .cases
        .iter()
        .filter(|case| case.changed)
        .flat_map(|case| case.lines.iter().flat_map(|line| line.components.iter().map(|c| c.0)))
        .collect();
    if skus.is_empty() {
        return Ok(());
    }
    lock_levels(loaded, conn, org, &skus).await?;
    load_holdings(loaded, conn, org).await?;

    let Loaded { cases, shelf, .. } = loaded;
    for case in cases.iter().filter(|case| case.changed && case.settles()) {
        for demand in demands(case, batch.fill) {
            shelf.settle(&demand);
        }
    }
    let overheld = shelf.overheld();
    if !overheld.is_empty() {
        load_held(loaded, conn, org, &overheld).await?;
        for level in overheld {
            let lost = loaded.shelf.cut(level);
            loaded.lost.extend(lost);
        }
    }
    Ok(())
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
            line.components.iter().map(move |&(sku, times)| of_line(line.id, line.target, sku, times))
        })
        .collect()
}

async fn lock_levels(
    loaded: &mut Loaded,
    conn: &mut Conn,
    org: i64,
    skus: &BTreeSet<SkuId>,
) -> db::Result<()> {
    let mut wanted: BTreeSet<LevelKey> = BTreeSet::new();
    for case in loaded.cases.iter().filter(|case| case.changed) {
        for &(sku, _) in case.lines.iter().flat_map(|line| &line.components) {
            wanted.extend(case.sources.iter().map(|&warehouse| LevelKey { sku, warehouse }));
        }
    }
    let mut found = read_levels(conn, org, skus).await?;
    let missing: Vec<LevelKey> = wanted
        .into_iter()
        .filter(|key| !found.iter().any(|row| row.entry().0 == *key))
        .collect();
    if !missing.is_empty() {
        let mut rows = Rows::default();
        for key in &missing {
            rows.push(&[&key.sku.0, &key.warehouse.0]);
        }
        conn.execute(&sql::ENSURE_LEVELS, &[org.into(), rows.into()]).await?;
        found = read_levels(conn, org, skus).await?;
    }
    for row in found {
        let (key, level) = row.entry();
        loaded.shelf.put_level(key, level);
    }
    Ok(())
}

async fn read_levels(
    conn: &mut Conn,
    org: i64,
    skus: &BTreeSet<SkuId>,
) -> db::Result<Vec<LevelRow>> {
    let mut rows = Rows::default();
    for sku in skus {
        rows.push(&[&sku.0]);
    }
    conn.all(&sql::LOCK_LEVELS, &[org.into(), rows.into()]).await
}

async fn load_holdings(loaded: &mut Loaded, conn: &mut Conn, org: i64) -> db::Result<()> {
    let mut rows = Rows::default();
    for case in loaded.cases.iter().filter(|case| case.changed) {
        rows.push(&[&case.row.id]);
    }
    let found: Vec<HoldingRow> =
        conn.all(&sql::LOAD_HOLDINGS, &[org.into(), rows.into()]).await?;
    put_holdings(loaded, &found);
    Ok(())
}

async fn load_held(
    loaded: &mut Loaded,
    conn: &mut Conn,
    org: i64,
    levels: &[LevelKey],
) -> db::Result<()> {
    let mut rows = Rows::default();
    for level in levels {
        rows.push(&[&level.sku.0, &level.warehouse.0]);
    }
    let found: Vec<HoldingRow> = conn.all(&sql::LOAD_HELD, &[org.into(), rows.into()]).await?;
    put_holdings(loaded, &found);
    Ok(())
}

fn put_holdings(loaded: &mut Loaded, rows: &[HoldingRow]) {
    for row in rows {
        let (key, holding) = row.entry();
        loaded.shelf.put_holding(key, holding);
        loaded.order_of.entry(LineId(row.line_id)).or_insert(row.order_id);
    }
}
