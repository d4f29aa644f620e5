//! At rest: what was answered is kept, the feed is whole, and reading on changes nothing and does not
//! spin.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::{CHECKED, Hubs, Tally, inbox, is_done, pages, webhooks_wait};
use crate::control::{Control, text};
use crate::torture::market::Market;
use crate::torture::pass_time;

/// What an unchanged re-read does not touch.
const UNTOUCHED: [&str; 13] = [
    "orders",
    "fact",
    "act",
    "order_line",
    "document",
    "transition",
    "stock_level",
    "holding",
    "movement",
    "incident",
    "feed",
    "tab_count",
    "sub_platform_count",
];
/// How often every task has its turn while the hub is watched at rest.
const TURNS: usize = 2;
/// Sandbox seconds for a turn: the longest interval of a task that reads orders.
const TURN_SECONDS: u32 = 361;
/// How long coming to rest may take, in real time.
const LIMIT: Duration = Duration::from_secs(300);

/// Looks at everything that can be seen only once nothing is left to do.
pub(in crate::torture) async fn at_rest(
    tally: &mut Tally,
    control: Control<'_>,
    hubs: &Hubs,
    markets: &[&Market],
) -> Result<()> {
    let before = rest(control, hubs, markets).await?;
    inbox::answered(tally, control, hubs, markets).await?;
    inbox::feed(tally, hubs).await?;
    if !tally.found().is_empty() {
        // What differs already says enough.
        return inside(tally, hubs, &before).await;
    }
    // What a replica that lagged told last, of things that no other book speaks of, is mended by the
    // first turn of every task; from then on nothing may move.
    let before = turn(control, hubs, markets).await?;
    let (asked, from_us) = (calls(control, markets).await?, control.now_us().await?);
    let mut after = before.clone();
    for _ in 0..TURNS {
        after = turn(control, hubs, markets).await?;
    }
    let read = calls(control, markets).await? - asked;
    for table in UNTOUCHED {
        let rows = |books: &BTreeMap<String, i64>| books.get(table).copied().unwrap_or(-1);
        let (was, is) = (rows(&before), rows(&after));
        tally.check("I16", was == is, || {
            format!("{table}: {is} rows after reading again, not {was}")
        });
    }
    if before.get("feed") != after.get("feed") {
        for change in moved(hubs, before.get("feed").copied().unwrap_or(0)).await? {
            tally.differs("I16", change);
        }
    }
    // Every order once a turn, the lists of every task, and as much again for what overlaps.
    let orders = usize::try_from(before.get("orders").copied().unwrap_or(0))?;
    let turns = (control.now_us().await? - from_us) / (i64::from(TURN_SECONDS) * 1_000_000);
    let most = (usize::try_from(turns)? + 2) * (orders + 20) * 2;
    tally.look("I15", read);
    if read == 0 || read > most {
        tally.differs("I15", format!("{read} calls at rest; 1 to {most} are in order"));
    }
    inside(tally, hubs, &after).await
}

/// What the doctor says from the inside, and at how many rows it looked.
async fn inside(tally: &mut Tally, hubs: &Hubs, rows: &BTreeMap<String, i64>) -> Result<()> {
    for finding in hubs.doctor().await? {
        let named = finding["invariant"].as_str().unwrap_or_default();
        let invariant = CHECKED.iter().find(|checked| **checked == named).unwrap_or(&"I2");
        tally.differs(invariant, format!("the doctor: {finding}"));
    }
    for (invariant, table) in [
        ("I2", "document"),
        ("I2", "movement"),
        ("I3", "document"),
        ("I6", "holding"),
        ("I6", "movement"),
    ] {
        tally.look(invariant, usize::try_from(rows.get(table).copied().unwrap_or(0))?);
    }
    Ok(())
}

/// Waits until no webhook is on its way and nothing is left to do; gives the rows.
async fn rest(
    control: Control<'_>,
    hubs: &Hubs,
    markets: &[&Market],
) -> Result<BTreeMap<String, i64>> {
    let began = Instant::now();
    loop {
        let inside = hubs.books().await?;
        if is_done(&inside) && !webhooks_wait(control, markets).await? {
            return Ok(inside.rows);
        }
        if began.elapsed() > LIMIT {
            bail!("the hub does not come to rest: {:?}", inside.rows);
        }
        pass_time(control, if inside.idle { 10 } else { 0 }).await?;
    }
}

/// Gives every task its turn; the rows once nothing is left to do.
async fn turn(
    control: Control<'_>,
    hubs: &Hubs,
    markets: &[&Market],
) -> Result<BTreeMap<String, i64>> {
    pass_time(control, TURN_SECONDS).await?;
    rest(control, hubs, markets).await
}

/// The orders that moved after a place in the feed, as they are now.
async fn moved(hubs: &Hubs, after: i64) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for change in pages(hubs, "/feed?").await? {
        if change["position"].as_i64() > Some(after) {
            let order = hubs.api(&format!("/orders/{}", text(&change["id"]))).await?;
            told.push(format!("moved although nothing was new: {order}"));
        }
    }
    Ok(told)
}

async fn calls(control: Control<'_>, markets: &[&Market]) -> Result<usize> {
    let mut calls = 0;
    for market in markets {
        let target = format!("/control/{}/calls?limit=1", market.channel);
        let told: Value = control.get(&target).await?;
        calls += usize::try_from(told["total"].as_u64().unwrap_or(0))?;
    }
    Ok(calls)
}
