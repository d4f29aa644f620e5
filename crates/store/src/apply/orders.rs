//! Which orders a batch is about: those that are there, locked, and those that it will create.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::time::Time;

use super::case::Case;
use super::input::Batch;
use super::rows::OrderRow;
use super::statements as sql;
use crate::Store;
use crate::db::{self, Conn, Rows};

/// Orders by shop and the channel's id.
pub(super) type Orders = BTreeMap<(i64, String), OrderRow>;

/// The orders of a batch.
pub(super) struct Found {
    /// All of them, but those of a shop that is not there.
    pub(super) orders: Orders,
    /// The ids of those that are not stored yet.
    pub(super) fresh: BTreeSet<i64>,
}

#[derive(sqlx::FromRow)]
struct ShopRow {
    id: i64,
    flow_version_id: i64,
}

/// Locks the orders that are there, in the order of their keys, and gives the others an id.
///
/// Those are written when they are judged: written first, every one of their index entries would be
/// written twice.
pub(super) async fn find(
    store: &Store,
    conn: &mut Conn,
    batch: &Batch,
    now: Time,
) -> db::Result<Found> {
    let org = batch.org.0;
    let keys: BTreeSet<(i64, &str)> =
        batch.heard.iter().map(|heard| (heard.shop.0, heard.channel_order_id.as_str())).collect();
    let mut rows = Rows::default();
    for (shop, order) in &keys {
        rows.push(&[shop, order]);
    }
    let stored: Vec<OrderRow> = conn.all(&sql::LOCK_ORDERS, &[org.into(), rows.into()]).await?;
    let mut orders: Orders =
        stored.into_iter().map(|row| ((row.shop_id, row.channel_order_id.clone()), row)).collect();
    let missing: Vec<(i64, String)> = keys
        .into_iter()
        .map(|(shop, order)| (shop, order.to_owned()))
        .filter(|key| !orders.contains_key(key))
        .collect();
    let mut fresh = BTreeSet::new();
    if missing.is_empty() {
        return Ok(Found { orders, fresh });
    }
    let mut rows = Rows::default();
    for shop in missing.iter().map(|key| key.0).collect::<BTreeSet<_>>() {
        rows.push(&[&shop]);
    }
    let shops: Vec<ShopRow> = conn.all(&sql::LOAD_SHOPS, &[org.into(), rows.into()]).await?;
    let versions: BTreeMap<i64, i64> =
        shops.into_iter().map(|shop| (shop.id, shop.flow_version_id)).collect();
    for key in missing {
        let Some(&version) = versions.get(&key.0) else { continue };
        let row = OrderRow::fresh(store.ids.next(now), key.0, &key.1, version, now);
        fresh.insert(row.id);
        orders.insert(key, row);
    }
    Ok(Found { orders, fresh })
}

/// Creates the orders that are new and writes the others anew.
///
/// # Errors
/// [`db::Error::Overtaken`] when somebody else created one of them meanwhile.
pub(super) async fn write(
    conn: &mut Conn,
    org: i64,
    cases: &[Case],
    row: impl Fn(&Case, &mut Rows),
) -> db::Result<()> {
    let (mut new, mut known) = (Rows::default(), Rows::default());
    for case in cases {
        row(case, if case.fresh { &mut new } else { &mut known });
    }
    if !new.is_empty() {
        let asked = new.len();
        let made = conn.execute(&sql::INSERT_ORDERS, &[org.into(), new.into()]).await?;
        if usize::try_from(made) != Ok(asked) {
            return Err(db::Error::Overtaken);
        }
    }
    if !known.is_empty() {
        conn.execute(&sql::UPDATE_ORDERS, &[org.into(), known.into()]).await?;
    }
    Ok(())
}
