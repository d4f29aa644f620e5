//! What was heard, and what people did, as rows.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::order::{Fact, FactKey};
use dermaga_domain::time::Time;

use super::case::Case;
use super::input::{Batch, Heard};
use super::statements as sql;
use crate::db::{self, Conn, Rows};

/// Facts without repetition: the same one said twice is joined.
pub(super) fn unique(facts: &[Fact]) -> Vec<Fact> {
    let mut found: BTreeMap<&FactKey, Fact> = BTreeMap::new();
    for fact in facts {
        found.entry(&fact.key).or_insert_with(|| fact.clone()).absorb(fact);
    }
    found.into_values().collect()
}

fn push(rows: &mut Rows, order: i64, fact: &Fact, heard: &Heard, now: Time) {
    let key = &fact.key;
    rows.push(&[
        &order,
        &key.about.as_str(),
        &key.reference.as_deref().unwrap_or(""),
        &key.unit.as_ref().map_or("", |unit| &*unit.0),
        &key.status.as_str(),
        &key.actor.map_or("", |actor| actor.as_str()),
        &key.at.map_or(0, |at| at.0),
        &key.mode.as_str(),
        &fact.fetched,
        &fact.reason.as_deref(),
        &heard.message.map(|id| id.0),
        &now.0,
    ]);
}

/// Adds what was heard of stored orders; gives those of which something is new.
pub(super) async fn insert(
    conn: &mut Conn,
    batch: &Batch,
    stored: &(dyn Fn(&Heard) -> Option<i64> + Sync),
    now: Time,
) -> db::Result<BTreeSet<i64>> {
    #[derive(sqlx::FromRow)]
    struct Whose {
        order_id: i64,
    }
    let mut rows = Rows::default();
    for (order, heard) in batch.heard.iter().filter_map(|heard| Some((stored(heard)?, heard))) {
        for fact in unique(&heard.facts) {
            push(&mut rows, order, &fact, heard, now);
        }
    }
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let news: Vec<Whose> = conn.all(&sql::INSERT_FACTS, &[batch.org.0.into(), rows.into()]).await?;
    Ok(news.into_iter().map(|row| row.order_id).collect())
}

/// Records what people did to stored orders.
pub(super) async fn insert_acts(
    conn: &mut Conn,
    batch: &Batch,
    stored: &(dyn Fn(&Heard) -> Option<i64> + Sync),
    now: Time,
) -> db::Result<()> {
    let acted = || batch.heard.iter().filter(|heard| !heard.acts.is_empty());
    let of = acted().filter_map(|heard| Some((stored(heard)?, heard))).collect::<Vec<_>>();
    write_acts(conn, batch.org.0, &of, now).await
}

/// Writes the facts and acts of the orders that this batch created.
pub(super) async fn write_first(
    conn: &mut Conn,
    org: i64,
    cases: &[Case],
    now: Time,
) -> db::Result<()> {
    let fresh = || cases.iter().filter(|case| case.fresh);
    let mut rows = Rows::default();
    for case in fresh() {
        for fact in &case.facts {
            push(&mut rows, case.row.id, fact, &case.heard, now);
        }
    }
    if !rows.is_empty() {
        conn.execute(&sql::INSERT_FACTS, &[org.into(), rows.into()]).await?;
    }
    let acted = fresh().filter(|case| !case.heard.acts.is_empty());
    let of = acted.map(|case| (case.row.id, &case.heard)).collect::<Vec<_>>();
    write_acts(conn, org, &of, now).await
}

async fn write_acts(conn: &mut Conn, org: i64, of: &[(i64, &Heard)], now: Time) -> db::Result<()> {
    let rounds = of.iter().map(|(_, heard)| heard.acts.len()).max().unwrap_or(0);
    // One statement numbers one act of each order; a batch with two acts of one order is rare.
    for round in 0..rounds {
        let mut rows = Rows::default();
        for (order, heard) in of {
            if let Some(act) = heard.acts.get(round) {
                let (person, key) = (act.by.person().map(|by| by.0), act.by.key().map(|by| by.0));
                rows.push(&[order, &act.kind.as_str(), &person, &key, &now.0, &act.note]);
            }
        }
        conn.execute(&sql::INSERT_ACTS, &[org.into(), rows.into()]).await?;
    }
    Ok(())
}
