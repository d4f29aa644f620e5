//! The drive: buyers, the seller, couriers and people at the hub, all at once, and the killer.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use super::hub::Hubs;
use super::{Args, CHANNEL};
use crate::control::{Control, text};

/// What happens to an order after it was placed, step by step.
const LIVES: [&[&str]; 10] = [
    &["accept", "ship", "deliver", "complete"],
    &["accept", "ship", "deliver", "complete"],
    &["accept", "ship", "deliver", "return"],
    &["accept", "ship"],
    &["accept"],
    &["cancel buyer"],
    &["accept", "cancel seller"],
    &["accept", "request-cancel", "cancel system"],
    &["accept", "partial", "ship", "deliver", "complete"],
    &["accept", "status 450", "ship", "status 520", "status 500", "deliver"],
];

/// What people do at the hub meanwhile; the last word is always to follow the channel again.
const ACTS: [&str; 4] = ["void", "restore", "paid", "release"];

struct Life {
    order: String,
    line: Value,
    steps: &'static [&'static str],
    done: usize,
    touched: bool,
}

/// Places the orders, lets them live, and kills hubs in between.
pub(super) async fn drive(args: &Args, control: Control<'_>, hubs: &mut Hubs) -> Result<()> {
    let mut dice = StdRng::seed_from_u64(args.seed);
    let products = control.get(&format!("/control/{CHANNEL}/credentials")).await?;
    let products: Vec<Value> = products["products"].as_array().cloned().unwrap_or_default();
    let linked = linked_shops(control).await?;
    let products: Vec<Value> =
        products.into_iter().filter(|product| linked.contains(&product["shop_id"])).collect();
    let mut alive: Vec<Life> = Vec::new();
    let mut lived: Vec<Life> = Vec::new();
    let (mut placed, mut killed, mut ticks) = (0, 0, 0_usize);
    while placed < args.orders || !alive.is_empty() {
        ticks += 1;
        if placed < args.orders {
            let some = dice.random_range(1..=4).min(args.orders - placed);
            for _ in 0..some {
                alive.push(place(control, &products, &mut dice).await?);
            }
            placed += some;
        }
        let mut next = Vec::new();
        for mut life in alive {
            if dice.random_bool(0.5) {
                step(control, &mut life).await?;
            }
            if dice.random_bool(0.02) {
                let act = ACTS.choose(&mut dice).context("no acts")?;
                // The hub may not know the order yet, or be down: people shrug and go on.
                let node = dice.random_range(0..hubs.nodes());
                life.touched |= hubs.act(node, &life.order, act).await.is_ok();
            }
            if life.done < life.steps.len() { next.push(life) } else { lived.push(life) }
        }
        alive = next;
        let due = (killed + 1) * args.orders / (args.kills + 1);
        if killed < args.kills && placed >= due && dice.random_bool(0.5) {
            let node = dice.random_range(0..hubs.nodes());
            hubs.kill(node).await?;
            killed += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while killed < args.kills {
        hubs.kill(0).await?;
        killed += 1;
    }
    tracing::info!(placed, killed, ticks, "the orders have lived");
    follow_again(hubs, &lived).await
}

async fn linked_shops(control: Control<'_>) -> Result<Vec<Value>> {
    let told = control.get(&format!("/control/{CHANNEL}/credentials")).await?;
    let shops = told["shops"].as_array().cloned().unwrap_or_default();
    let linked = shops.into_iter().filter(|shop| shop["linked"] != json!(false));
    Ok(linked.map(|shop| shop["id"].clone()).collect())
}

async fn place(control: Control<'_>, products: &[Value], dice: &mut StdRng) -> Result<Life> {
    // Most orders go to the first shop, so that its lists have more than one page.
    let first = products.first().map(|product| product["shop_id"].clone()).unwrap_or_default();
    let only_first = dice.random_bool(0.7);
    let sold: Vec<&Value> =
        products.iter().filter(|product| !only_first || product["shop_id"] == first).collect();
    let product = *sold.choose(dice).context("the sandbox sells nothing")?;
    let line = json!({"sku": product["sku"], "quantity": dice.random_range(1..=3)});
    let order = json!({"shop_id": product["shop_id"], "lines": [line], "paid": true});
    let placed = control.ask("POST", &format!("/control/{CHANNEL}/orders"), &order).await?;
    Ok(Life {
        order: text(&placed["order_id"]),
        line,
        steps: LIVES.choose(dice).copied().unwrap_or(&[]),
        done: 0,
        touched: false,
    })
}

async fn step(control: Control<'_>, life: &mut Life) -> Result<()> {
    let Some(step) = life.steps.get(life.done) else { return Ok(()) };
    let (act, with) = step.split_once(' ').unwrap_or((step, ""));
    let body = match act {
        "cancel" => json!({"by": with}),
        "status" => json!({"status": with}),
        "partial" => json!({"sku": life.line["sku"], "quantity_deliver": 1}),
        _ => json!({}),
    };
    // One unit cannot be less: the order then simply goes on.
    if !(act == "partial" && life.line["quantity"] == json!(1)) {
        let target = format!("/control/{CHANNEL}/orders/{}/{act}", life.order);
        control.ask("POST", &target, &body).await?;
    }
    life.done += 1;
    Ok(())
}

/// People let the channel decide again, so that the books can be compared.
async fn follow_again(hubs: &Hubs, lived: &[Life]) -> Result<()> {
    for life in lived.iter().filter(|life| life.touched) {
        hubs.act(0, &life.order, "release").await?;
    }
    Ok(())
}
