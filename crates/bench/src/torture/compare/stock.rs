//! Stock, when there is enough of everything: each line holds what its document calls for, each level
//! is the sum of its lines, and what is on hand is what came less what went.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::orders::Calls;
use super::{Ours, Tally, Wanted};
use crate::control::text;
use crate::torture::scene::{Place, place_of};

/// A SKU in a warehouse.
pub(super) type Key = (String, String);

/// Units of a level, by the names of the API.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Units {
    allocated: i64,
    reserved: i64,
    sold: i64,
}

pub(super) fn compare(
    tally: &mut Tally,
    theirs: &BTreeMap<String, Value>,
    ours: &Ours,
    levels: &[Value],
    wanted: &Wanted<'_>,
) {
    let products: BTreeMap<(Place, String), &Value> = wanted
        .scene
        .products
        .iter()
        .map(|product| ((place_of(product), text(&product["sku"])), product))
        .collect();
    let mut sums: BTreeMap<Key, Units> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for (id, order) in theirs {
        let Some([mine]) = ours.get(id).map(Vec::as_slice) else { continue };
        let to_count =
            mine["attentions"].as_array().is_some_and(|all| all.contains(&json!("count")));
        let Some(calls) = Calls::of(id, order, mine, wanted) else { continue };
        for line in order["lines"].as_array().into_iter().flatten() {
            let sku = text(&line["sku"]);
            let Some(product) = products.get(&(place_of(order), sku.clone())) else {
                continue;
            };
            let parts = parts(product);
            let held =
                of_line(tally, id, line, mine, &calls, parts.iter().map(|part| part.1).sum());
            for (part, times) in &parts {
                let key = (part.clone(), text(&product["warehouse"]));
                if to_count {
                    counted.insert(key.clone());
                }
                let sum = sums.entry(key).or_default();
                sum.allocated += held.allocated * times;
                sum.reserved += held.reserved * times;
                sum.sold += held.sold * times;
            }
        }
    }
    let opening = opening(wanted);
    for level in levels {
        let key = (text(&level["sku"]), text(&level["warehouse"]));
        let sum = sums.get(&key).copied().unwrap_or_default();
        let came = opening.get(&key).copied().unwrap_or(0)
            + wanted.received.get(&key).copied().unwrap_or(0);
        of_level(tally, &key, level, sum, came, counted.contains(&key));
    }
}

/// What one unit of a product takes: itself, or its components.
pub(super) fn parts(product: &Value) -> Vec<(String, i64)> {
    let parts: Vec<_> = product["components"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|part| (text(&part["sku"]), part["quantity"].as_i64().unwrap_or(1)))
        .collect();
    if parts.is_empty() { vec![(text(&product["sku"]), 1)] } else { parts }
}

/// What was there at the beginning.
fn opening(wanted: &Wanted<'_>) -> BTreeMap<Key, i64> {
    let whole = |product: &&Value| product["components"].as_array().is_none_or(Vec::is_empty);
    let products = wanted.scene.products.iter().filter(whole);
    products
        .map(|product| {
            let key = (text(&product["sku"]), text(&product["warehouse"]));
            (key, product["stock"].as_i64().unwrap_or(0))
        })
        .collect()
}

/// One line holds what its document calls for; gives what it is to hold, and what it has sold.
fn of_line(
    tally: &mut Tally,
    id: &str,
    theirs: &Value,
    ours: &Value,
    calls: &Calls,
    times: i64,
) -> Units {
    let units = |key: &str| theirs[key].as_i64().unwrap_or(0);
    let (ordered, live) = (units("quantity"), units("quantity") - units("quantity_reject"));
    let mut wanted = Units::default();
    match calls.document {
        _ if calls.sent => wanted.sold = live,
        _ if calls.bin => {}
        "invoice" => wanted.allocated = live,
        "sales_order" => wanted.reserved = live,
        _ => {}
    }
    let line = ours["lines"].as_array().into_iter().flatten();
    let line = line.clone().find(|line| line["channel_sku"] == theirs["sku"]);
    let held = |key: &str| line.and_then(|line| line[key].as_i64()).unwrap_or(-1);
    let mine =
        Units { allocated: held("allocated"), reserved: held("reserved"), sold: held("sold") };
    // What was sent before the hub heard that a part of it was cancelled does not come back by itself.
    let changed =
        ours["attentions"].as_array().is_some_and(|all| all.contains(&json!("lines_changed")));
    if calls.sent && changed && mine.sold == ordered * times {
        wanted.sold = ordered;
    }
    let per_unit = Units {
        allocated: wanted.allocated * times,
        reserved: wanted.reserved * times,
        sold: wanted.sold * times,
    };
    tally.check("I6", mine == per_unit && held("short") == 0, || {
        format!(
            "order {id}: {} holds {mine:?}, short {}, and should hold {per_unit:?}",
            text(&theirs["sku"]),
            held("short")
        )
    });
    wanted
}

fn of_level(tally: &mut Tally, key: &Key, level: &Value, sum: Units, came: i64, counted: bool) {
    let units = |name: &str| level[name].as_i64().unwrap_or(-1);
    let (sku, warehouse) = key;
    let mine = (units("allocated"), units("reserved"), units("short"));
    let wanted = (sum.allocated, sum.reserved, 0);
    tally.check("I6", mine == wanted, || {
        format!(
            "{sku} in {warehouse}: allocated, reserved, short are {mine:?} and should be {wanted:?}"
        )
    });
    // More than that only where somebody is to count: a parcel left that was not there.
    let found = units("on_hand") - (came - sum.sold);
    tally.check("I6", found == 0 || (found > 0 && counted), || {
        format!("{sku} in {warehouse}: {found} units more are on hand than came less what was sold")
    });
    let available = units("on_hand") - units("allocated") - units("reserved");
    tally.check("I7", available >= 0 && units("available") == available, || {
        format!("{sku} in {warehouse}: {available} are available")
    });
}
