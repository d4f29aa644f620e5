//! The stream: a seeded generator of orders that live through every stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::channel::{Act, Channel, Life, Wish, WishLine};
use crate::clock::SECOND_US;
use crate::lock;

/// How the stream runs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// Orders per minute of sandbox time.
    #[serde(default = "pace_per_minute")]
    pub(crate) orders_per_minute: u32,
    /// How long a whole life takes, in sandbox seconds.
    #[serde(default = "pace_lifecycle")]
    pub(crate) lifecycle_seconds: u32,
    /// Ends the stream instead; orders it made stay as they are.
    #[serde(default)]
    pub(crate) stop: bool,
}

fn pace_per_minute() -> u32 {
    30
}

fn pace_lifecycle() -> u32 {
    60
}

/// What is to happen to an order, and when.
type Plan = BTreeMap<(i64, u64), (String, fn() -> Act)>;

/// Runs until `stop` is cancelled.
pub(crate) async fn run(channel: Arc<dyn Channel>, pace: Pace, stop: CancellationToken) {
    let clock = channel.desk().clock.clone();
    let mut dice = StdRng::seed_from_u64(channel.desk().config.seed.rotate_left(17));
    let gap_us = 60 * SECOND_US / i64::from(pace.orders_per_minute.max(1));
    let mut next_us = clock.now_us();
    let mut plan = Plan::new();
    // The first orders take each life once, so that every stage is reached soon.
    let mut turn: usize = 0;
    loop {
        let due_us = plan.first_key_value().map_or(next_us, |(key, _)| key.0.min(next_us));
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.wait_until(due_us) => {}
        }
        let now_us = clock.now_us();
        while let Some(entry) = plan.first_entry().filter(|entry| entry.key().0 <= now_us) {
            let (order_id, act) = entry.remove();
            if let Err(refusal) = channel.act(&order_id, act()) {
                // Someone else was quicker with this order.
                tracing::debug!(order.id = order_id, %refusal, "the stream's act was refused");
            }
        }
        if next_us <= now_us {
            let life = choose(channel.lives(), turn, &mut dice);
            begin(&*channel, life, pace, now_us, &mut plan, &mut dice);
            turn += 1;
            // After a jump of the clock the stream goes on from there, it does not catch up.
            next_us = (next_us + gap_us).max(now_us);
        }
    }
}

fn choose(lives: &'static [Life], turn: usize, dice: &mut StdRng) -> Option<Life> {
    if let Some(life) = lives.get(turn) {
        return Some(*life);
    }
    let all: u32 = lives.iter().map(|life| life.weight).sum();
    let mut left = dice.random_range(0..all.max(1));
    for life in lives {
        if left < life.weight {
            return Some(*life);
        }
        left -= life.weight;
    }
    None
}

fn begin(
    channel: &dyn Channel,
    life: Option<Life>,
    pace: Pace,
    now_us: i64,
    plan: &mut Plan,
    dice: &mut StdRng,
) {
    let Some(life) = life else { return };
    let wish = wish(channel, life, dice);
    let Ok(ids) = channel.place(&wish) else { return };
    for id in ids {
        for (percent, act) in life.steps {
            let after_us =
                i64::from(*percent) * i64::from(pace.lifecycle_seconds) * SECOND_US / 100;
            let nth = dice.random();
            plan.insert((now_us + after_us.max(1), nth), (id.clone(), *act));
        }
    }
}

fn wish(channel: &dyn Channel, life: Life, dice: &mut StdRng) -> Wish {
    let books = lock(&channel.desk().books);
    let shops: Vec<i64> =
        books.shops.values().filter(|shop| shop.linked).map(|shop| shop.id).collect();
    let shop_id = shops.get(dice.random_range(0..shops.len().max(1))).copied();
    let offered: Vec<_> =
        books.products.values().filter(|product| Some(product.shop_id) == shop_id).collect();
    let count = 1 + dice.random_range(0..100_usize) / 45;
    let mut lines: Vec<WishLine> = Vec::with_capacity(count);
    for _ in 0..count {
        let Some(product) = offered.get(dice.random_range(0..offered.len().max(1))) else { break };
        if lines.iter().all(|line| line.sku != product.sku) {
            let quantity = 1 + i64::from(dice.random_range(0..100_u32) / 70);
            lines.push(WishLine { sku: product.sku.clone(), quantity, note: String::new() });
        }
    }
    Wish {
        shop_id,
        lines,
        paid: life.paid,
        count: 1,
        seconds_ago: 0,
        check_stock: false,
        fulfilled_by_channel: false,
        buyer: crate::channel::WishBuyer::default(),
    }
}
