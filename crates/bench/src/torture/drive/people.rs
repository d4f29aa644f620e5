//! What people do at the hub meanwhile, and how they leave it in the end.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::Value;

use super::super::scene::Scene;
use super::super::{hub::Hubs, pass_time};
use super::Life;
use crate::control::{Control, text};

/// The most that arrives of a product at the end: a channel shows at most 99,999 of one.
const PLENTY_MAX: i64 = 50_000;

/// What people do to an order; the last word is always to follow the channel again.
const ACTS: [&str; 5] = ["void", "restore", "paid", "release", "download"];
/// How often people ask for an order that the hub does not know, although it has nothing left to do,
/// each time some minutes later.
const ASKED: usize = 5;

/// What arrived, by SKU and warehouse.
pub(crate) type Received = BTreeMap<(String, String), i64>;

/// A person acts on an order. The hub may not know it yet: people shrug and go on.
pub(super) async fn act(
    hubs: &mut Hubs,
    life: &mut Life,
    scene: &Scene,
    dice: &mut StdRng,
) -> Result<()> {
    let act = *ACTS.choose(dice).context("no acts")?;
    if act == "download" && scene.pays_on_download(&life.place) {
        return Ok(());
    }
    let acted = hubs.act(&life.order, act).await.is_ok();
    life.touched |= act != "download";
    hubs.counts.people_acting += u64::from(acted);
    hubs.counts.downloads += u64::from(acted && act == "download");
    Ok(())
}

/// Some units of something arrive.
pub(super) async fn receive_some(
    hubs: &mut Hubs,
    scene: &Scene,
    received: &mut Received,
    dice: &mut StdRng,
) -> Result<()> {
    let whole: Vec<&Value> = scene.sold().filter(|product| !is_bundle(product)).collect();
    let product = *whole.choose(dice).context("the sandbox sells nothing")?;
    receive(hubs, product, dice.random_range(1..=5), received).await
}

async fn receive(
    hubs: &mut Hubs,
    product: &Value,
    quantity: i64,
    received: &mut Received,
) -> Result<()> {
    let (sku, warehouse) = (text(&product["sku"]), text(&product["warehouse"]));
    // One that is refused was not taken in, and nobody comes again with these units.
    if let Err(error) = hubs.receive(&sku, &warehouse, quantity).await {
        tracing::warn!(error = %error, sku, "a receipt was refused");
        return Ok(());
    }
    hubs.counts.receipts += 1;
    *received.entry((sku, warehouse)).or_default() += quantity;
    Ok(())
}

pub(super) fn is_bundle(product: &Value) -> bool {
    product["components"].as_array().is_some_and(|parts| !parts.is_empty())
}

/// People leave the books so that they can be compared: the channel decides again wherever somebody
/// acted, there is enough of everything, and every second finished order has been downloaded of the shops
/// where that pays it. Gives those.
pub(crate) async fn settle(
    control: Control<'_>,
    hubs: &mut Hubs,
    scene: &Scene,
    lived: &[Life],
    received: &mut Received,
) -> Result<BTreeSet<String>> {
    let finished =
        lived.iter().filter(|life| life.is_completed() && scene.pays_on_download(&life.place));
    let downloaded: BTreeSet<String> = finished.step_by(2).map(|life| life.order.clone()).collect();
    let mut asked: Vec<(&str, &str)> = lived
        .iter()
        .filter(|life| life.touched)
        .map(|life| (life.order.as_str(), "release"))
        .chain(downloaded.iter().map(|order| (order.as_str(), "download")))
        .collect();
    let mut in_vain = 0;
    while !asked.is_empty() {
        let mut refused = Vec::new();
        for (order, act) in asked {
            if hubs.act(order, act).await.is_err() {
                refused.push((order, act));
            }
        }
        if in_vain == ASKED {
            // What the hub never hears of is a difference: the comparison says which.
            tracing::warn!(
                orders = refused.len(),
                "the hub does not know orders that people ask for"
            );
            break;
        }
        if !refused.is_empty() {
            in_vain += 1;
            pass_time(control, 180).await?;
            while !hubs.books().await?.idle {
                pass_time(control, 0).await?;
            }
        }
        asked = refused;
    }
    hubs.counts.downloads += u64::try_from(downloaded.len())?;
    let plenty = i64::try_from(lived.len())?.saturating_mul(9).min(PLENTY_MAX);
    for product in scene.sold().filter(|product| !is_bundle(product)) {
        let before = received.values().sum::<i64>();
        receive(hubs, product, plenty, received).await?;
        if received.values().sum::<i64>() == before {
            bail!("the hub takes in nothing of {}", text(&product["sku"]));
        }
    }
    Ok(downloaded)
}
