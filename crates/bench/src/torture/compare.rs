//! The hub's books against the sandbox's, from outside: through the API and the control API.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::CHANNEL;
use super::hub::Hubs;
use crate::control::{Control, text};

/// Compares until there is no difference or the time is up; gives the differences that are left and
/// how long it took.
pub(super) async fn until_equal(
    control: Control<'_>,
    hubs: &Hubs,
    limit: Duration,
) -> Result<(Vec<String>, Duration)> {
    let began = Instant::now();
    loop {
        let found = differences(control, hubs).await?;
        if found.is_empty() || began.elapsed() > limit {
            return Ok((found, began.elapsed()));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn differences(control: Control<'_>, hubs: &Hubs) -> Result<Vec<String>> {
    let theirs = theirs(control).await?;
    let mut ours = ours(hubs).await?;
    let mut found = Vec::new();
    for (id, order) in &theirs {
        match ours.remove(id) {
            None => found.push(format!("I1: order {id} ({}) is not here", text(&order["status"]))),
            Some(mine) if mine.len() > 1 => {
                found.push(format!("I1: order {id} is here {} times", mine.len()));
            }
            Some(mine) => found.extend(of_order(id, order, &mine[0])),
        }
    }
    found.extend(ours.into_keys().map(|id| format!("I2: order {id} is not at the channel")));
    Ok(found)
}

async fn theirs(control: Control<'_>) -> Result<BTreeMap<String, Value>> {
    let mut orders = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page =
            control.get(&format!("/control/{CHANNEL}/orders?limit=500&after={after}")).await?;
        let listed = page["orders"].as_array().cloned().unwrap_or_default();
        let Some(last) = listed.last() else { return Ok(orders) };
        after = text(&last["order_id"]);
        orders.extend(listed.into_iter().map(|order| (text(&order["order_id"]), order)));
    }
}

async fn ours(hubs: &Hubs) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut orders: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = hubs.api(&format!("/orders?channel={CHANNEL}&limit=200{after}")).await?;
        for order in page["items"].as_array().into_iter().flatten() {
            orders.entry(text(&order["channel_order_id"])).or_default().push(order.clone());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(orders),
        }
    }
}

/// What must hold for one order, from its history at the channel.
fn of_order(id: &str, theirs: &Value, ours: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let wanted = wanted(theirs);
    for (field, wanted) in wanted {
        if ours[field] != wanted {
            found.push(format!(
                "I4: order {id} ({}): {field} is {} and should be {wanted}",
                text(&theirs["status"]),
                ours[field]
            ));
        }
    }
    let quantities = |order: &Value, key: &str| -> BTreeMap<String, i64> {
        let lines = order["lines"].as_array().into_iter().flatten();
        lines
            .map(|line| {
                let sku = [&line["channel_sku"], &line["sku"]].into_iter().find(|v| v.is_string());
                (sku.map(text).unwrap_or_default(), line[key].as_i64().unwrap_or(-1))
            })
            .collect()
    };
    let (mine, books) = (quantities(ours, "quantity"), quantities(theirs, "quantity"));
    if mine != books {
        found.push(format!("I1: order {id}: lines are {mine:?} and should be {books:?}"));
    }
    let total = &theirs["money"]["total"];
    if ours["money"]["total"] != *total {
        found.push(format!(
            "I14: order {id}: total is {} and should be {total}",
            ours["money"]["total"]
        ));
    }
    found
}

/// The documents that the channel's history calls for.
fn wanted(order: &Value) -> Vec<(&'static str, Value)> {
    let history: Vec<String> = order["history"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| text(&step["status"]))
        .collect();
    let any = |codes: &[&str]| history.iter().any(|status| codes.contains(&status.as_str()));
    let sent = any(&["500", "700"]);
    let paid = any(&["700"]);
    let cancelled = any(&["0", "3", "5", "6", "10", "15"]);
    let document = if sent || any(&["400"]) {
        "invoice"
    } else if any(&["220"]) {
        "sales_order"
    } else {
        "none"
    };
    vec![
        (
            "channel_status",
            order["status"].as_str().map_or_else(|| text(&order["status"]).into(), Into::into),
        ),
        ("document", document.into()),
        ("delivery", if sent { "sent" } else { "unsent" }.into()),
        ("payment", if paid { "paid" } else { "unpaid" }.into()),
        ("bin", (cancelled && !sent && document != "none").into()),
    ]
}
