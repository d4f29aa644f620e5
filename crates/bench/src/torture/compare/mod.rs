//! The hub's books against the sandbox's, from outside: through the API and the control API.

mod acting;
mod inbox;
mod obeyed;
mod orders;
mod rest;
mod shown;
mod stock;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::drive::Received;
use super::hub::{Hubs, Inside};
use super::market::Market;
use super::pass_time;
use super::scene::Scene;
use crate::control::{Control, text};
pub(super) use obeyed::obeyed;
pub(super) use rest::at_rest;
pub(super) use watch::Watch;

/// The invariants that are checked, in order.
pub(super) const CHECKED: [&str; 14] =
    ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I14", "I15", "I16", "I17"];

/// How often equal differences are looked at, with nothing left to do, until they count as final.
const STABLE: usize = 3;
/// Sandbox seconds between two looks at books that differ while nothing is left to do.
const STEP_SECONDS: u32 = 180;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    looked: BTreeMap<&'static str, usize>,
    found: Vec<(&'static str, String)>,
}

impl Tally {
    /// So many rows were looked at for an invariant.
    pub(super) fn look(&mut self, invariant: &'static str, rows: usize) {
        *self.looked.entry(invariant).or_default() += rows;
    }

    /// Looks at one thing: unless it holds, `told` says what is wrong.
    pub(super) fn check(
        &mut self,
        invariant: &'static str,
        holds: bool,
        told: impl FnOnce() -> String,
    ) {
        self.look(invariant, 1);
        if !holds {
            self.differs(invariant, told());
        }
    }

    /// Something is wrong.
    pub(super) fn differs(&mut self, invariant: &'static str, told: String) {
        self.found.push((invariant, told));
    }

    /// Takes in what was seen elsewhere.
    pub(super) fn add(&mut self, other: &Self) {
        for (invariant, rows) in &other.looked {
            self.look(invariant, *rows);
        }
        self.found.extend(other.found.iter().cloned());
    }

    pub(super) fn looked(&self, invariant: &str) -> usize {
        self.looked.get(invariant).copied().unwrap_or(0)
    }

    pub(super) fn found(&self) -> &[(&'static str, String)] {
        &self.found
    }
}

/// What the books are held against besides the channel's own.
pub(super) struct Wanted<'a> {
    /// The shops, and what they sold at the beginning, with its stock and warehouse.
    pub(super) scene: &'a Scene,
    /// What arrived.
    pub(super) received: &'a Received,
    /// The orders that were downloaded where that pays them.
    pub(super) downloaded: &'a BTreeSet<String>,
    /// The orders of which commands were given.
    pub(super) commanded: &'a [(&'static Market, &'a str)],
}

/// Compares until there is no difference, or the same differences stay although nothing is left to do,
/// or the time is up.
pub(super) async fn until_equal(
    control: Control<'_>,
    hubs: &Hubs,
    wanted: &Wanted<'_>,
    watch: &mut Watch,
    limit: Duration,
) -> Result<Tally> {
    let began = Instant::now();
    let (mut before, mut same) = (Vec::new(), 0);
    let mut calls = acting::Calls::default();
    loop {
        let inside = hubs.books().await?;
        let tally = compare(control, hubs, wanted, watch, &mut calls).await?;
        if tally.found.is_empty() || began.elapsed() > limit {
            return Ok(tally);
        }
        same = match tally.found == before {
            true if is_done(&inside) && !webhooks_wait(control, &wanted.scene.markets).await? => {
                same + 1
            }
            true => same,
            false => 0,
        };
        if same >= STABLE {
            return Ok(tally);
        }
        before.clone_from(&tally.found);
        pass_time(control, if inside.idle { STEP_SECONDS } else { 0 }).await?;
    }
}

/// Nothing to do now, and nothing later but what the tasks find.
fn is_done(inside: &Inside) -> bool {
    inside.idle && inside.commands == 0 && inside.rows.get("dirty") == Some(&0)
}

/// Whether a webhook is on its way.
async fn webhooks_wait(control: Control<'_>, markets: &[&Market]) -> Result<bool> {
    for market in markets {
        let target = format!("/control/{}/webhooks?limit=1", market.channel);
        let sent = control.get(&target).await?;
        if sent["outcomes"]["waiting"] != json!(0) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn compare(
    control: Control<'_>,
    hubs: &Hubs,
    wanted: &Wanted<'_>,
    watch: &mut Watch,
    calls: &mut acting::Calls,
) -> Result<Tally> {
    let theirs = theirs(control, &wanted.scene.markets).await?;
    let ours = ours(hubs).await?;
    let mut tally = Tally::default();
    for market in &wanted.scene.markets {
        let of_market = orders::compare(market, &theirs, &ours, wanted);
        if of_market.found.is_empty() {
            watch.equal(market);
        }
        tally.add(&of_market);
    }
    orders::known(&mut tally, &theirs, &ours);
    let levels = levels(hubs).await?;
    stock::compare(&mut tally, &theirs, &ours, &levels, wanted);
    shown::compare(&mut tally, (control, hubs), &levels, wanted).await?;
    calls.read(control, &wanted.scene.markets).await?;
    acting::compare(&mut tally, hubs, wanted.commanded, calls).await?;
    watch.notice(&ours, &wanted.scene.markets);
    Ok(tally)
}

/// The channels' orders by their ids, which no two channels share, each with its channel.
async fn theirs(control: Control<'_>, markets: &[&Market]) -> Result<Theirs> {
    let mut orders = Theirs::new();
    for Market { channel, .. } in markets {
        let mut after = 0;
        loop {
            let target = format!("/control/{channel}/orders?limit=500&after={after}");
            let page = control.get(&target).await?;
            let listed = page["orders"].as_array().cloned().unwrap_or_default();
            let Some(last) = listed.last() else { break };
            after = last["number"].as_u64().unwrap_or(u64::MAX);
            orders.extend(listed.into_iter().map(|mut order| {
                order["channel"] = json!(channel);
                (text(&order["order_id"]), order)
            }));
        }
    }
    Ok(orders)
}

type Theirs = BTreeMap<String, Value>;
type Ours = BTreeMap<String, Vec<Value>>;

/// The hub's orders by the channels' ids.
async fn ours(hubs: &Hubs) -> Result<Ours> {
    let mut orders = Ours::new();
    for order in pages(hubs, "/orders?").await? {
        orders.entry(text(&order["channel_order_id"])).or_default().push(order);
    }
    Ok(orders)
}

async fn levels(hubs: &Hubs) -> Result<Vec<Value>> {
    pages(hubs, "/stock-levels?").await
}

/// Every item of a list of the API, page by page.
pub(super) async fn pages(hubs: &Hubs, target: &str) -> Result<Vec<Value>> {
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let page = hubs.api(&format!("{target}limit=200{after}")).await?;
        items.extend(page["items"].as_array().into_iter().flatten().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(items),
        }
    }
}
