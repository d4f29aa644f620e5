//! What buyers, the seller and couriers do: an order is placed and lives, step by step.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::super::hub::Hubs;
use super::super::market::{Market, Steps};
use super::super::pass_time;
use super::super::scene::{Place, Scene, place_of};
use super::people::is_bundle;
use crate::control::{Control, text};

/// How many of the orders are dealt with at the hub.
const AT_HUB: f64 = 0.4;
/// How many of all are surely the first channel's, and of a channel's its first shop's: so many that some
/// lists have more than one page.
const AT_FIRST_CHANNEL: f64 = 0.6;
const AT_FIRST_SHOP: f64 = 0.7;
/// How long the channel has been told nothing before the sales in quiet, in sandbox seconds: longer than
/// the hub is unsure whether a sale came before it or after.
const QUIET_SECONDS: u32 = 300;
/// How many units more than the channel shows are sold at once: more than the hub may have beside them.
const TOO_MANY: i64 = 50;
/// How long the hub may take to hear of it, in real time; one that it does not hear of is found later.
const HEARD_LIMIT: Duration = Duration::from_secs(60);
/// How often the seller looks whether a command may be given, or is at its end, before giving up.
const PATIENCE: usize = 150;

/// A buyer buys; gives the order's id.
async fn place(control: Control<'_>, product: &Value, line: &Value, paid: bool) -> Result<String> {
    let order = json!({"shop_id": product["shop_id"], "lines": [line], "paid": paid});
    let target = format!("/control/{}/orders", text(&product["channel"]));
    let placed = control.ask("POST", &target, &order).await?;
    Ok(text(&placed["order_id"]))
}

/// Once the channel shows what is left and time has passed, one of each product is sold. The channel
/// takes it off by itself and must not be told: while the orders lived, this was left to chance.
pub(crate) async fn sell_in_quiet(control: Control<'_>, scene: &Scene) -> Result<()> {
    pass_time(control, QUIET_SECONDS).await?;
    for product in scene.sold() {
        place(control, product, &json!({"sku": product["sku"], "quantity": 1}), true).await?;
    }
    Ok(())
}

/// The sandbox's time in whole seconds.
pub(super) async fn now_s(control: Control<'_>) -> Result<i64> {
    Ok(control.now_us().await?.div_euclid(1_000_000))
}

/// At each channel more is sold of the scarcest product than there is, and the hub hears of it. What
/// arrives then must fill the order: while the others lived, it was left to chance whether one waited.
pub(crate) async fn sell_short(control: Control<'_>, hubs: &Hubs, scene: &Scene) -> Result<()> {
    for market in &scene.markets {
        let mut least: Option<(i64, &Value)> = None;
        for product in scene.sold_at(market).into_iter().filter(|product| !is_bundle(product)) {
            let (sku, shop) = (text(&product["sku"]), text(&product["shop_id"]));
            let target = format!("/control/{}/stock/{sku}?shop_id={shop}", market.channel);
            let left = control.get(&target).await?["stock"].as_i64().unwrap_or(i64::MAX);
            if least.is_none_or(|(least, _)| left < least) {
                least = Some((left, product));
            }
        }
        let (left, product) = least.context("the sandbox sells nothing")?;
        let line = json!({"sku": product["sku"], "quantity": left.max(0) + TOO_MANY});
        let order = place(control, product, &line, true).await?;
        let heard = async || -> Result<bool> {
            let page = hubs.api(&format!("/orders?channel_order_id={order}")).await?;
            Ok(page["items"].as_array().is_some_and(|found| !found.is_empty()))
        };
        let began = Instant::now();
        while !heard().await? && began.elapsed() < HEARD_LIMIT {
            pass_time(control, 10).await?;
        }
    }
    Ok(())
}

/// An order and how far it has come.
pub(crate) struct Life {
    pub(crate) market: &'static Market,
    pub(crate) order: String,
    pub(crate) place: Place,
    line: Value,
    steps: Steps,
    done: usize,
    /// When something was last done to it at the channel, in sandbox seconds.
    done_at_s: i64,
    /// The seller waits for the end of a command.
    waits: bool,
    /// How often the seller has looked in vain.
    looked: usize,
    /// The seller gave up, or the channel refused.
    left: bool,
    /// Commands were given of it.
    pub(crate) commanded: bool,
    /// A person has acted on it at the hub.
    pub(crate) touched: bool,
}

impl Life {
    /// A buyer places an order.
    pub(super) async fn begin(
        control: Control<'_>,
        scene: &Scene,
        dice: &mut StdRng,
    ) -> Result<Self> {
        let first = scene.markets.first().filter(|_| dice.random_bool(AT_FIRST_CHANNEL));
        let market =
            *first.or_else(|| scene.markets.choose(dice)).context("there is no channel")?;
        let products = scene.sold_at(market);
        let first = products.first().map(|product| product["shop_id"].clone()).unwrap_or_default();
        let only_first = dice.random_bool(AT_FIRST_SHOP);
        let sold: Vec<&Value> = products
            .into_iter()
            .filter(|product| !only_first || product["shop_id"] == first)
            .collect();
        let product = *sold.choose(dice).context("the sandbox sells nothing")?;
        let line = json!({"sku": product["sku"], "quantity": dice.random_range(1..=3)});
        let lives = if dice.random_bool(AT_HUB) { market.hub_lives } else { market.lives };
        let steps = lives.choose(dice).copied().unwrap_or(&[]);
        let order = place(control, product, &line, steps.first() != Some(&"pay")).await?;
        Ok(Self {
            market,
            order,
            place: place_of(product),
            line,
            steps,
            done: 0,
            done_at_s: now_s(control).await?,
            waits: false,
            looked: 0,
            left: false,
            commanded: false,
            touched: false,
        })
    }

    /// Whether nothing more happens to it.
    pub(super) const fn is_over(&self) -> bool {
        self.left || self.done >= self.steps.len()
    }

    /// Whether the buyer finished it.
    pub(crate) fn is_completed(&self) -> bool {
        self.is_over() && !self.left && self.steps.last() == Some(&"complete")
    }

    /// The next thing happens to it.
    pub(super) async fn step(&mut self, control: Control<'_>, hubs: &mut Hubs) -> Result<()> {
        let Some(step) = self.steps.get(self.done) else { return Ok(()) };
        if let Some(kind) = step.strip_suffix('!') {
            self.command(hubs, kind).await;
            return Ok(());
        }
        // Channels tell seconds: of two changes within one nobody could say which came last.
        let now_s = now_s(control).await?;
        if now_s <= self.done_at_s {
            return Ok(());
        }
        self.done_at_s = now_s;
        let (act, with) = step.split_once(' ').unwrap_or((step, ""));
        let body = match act {
            "cancel" => json!({"by": with}),
            "status" => json!({"status": with}),
            "partial" => json!({"sku": self.line["sku"], "quantity_deliver": 1}),
            _ => json!({}),
        };
        // One unit cannot be less: the order then simply goes on.
        if !(act == "partial" && self.line["quantity"] == json!(1)) {
            let channel = self.market.channel;
            let target = format!("/control/{channel}/orders/{}/{act}", self.order);
            control.ask("POST", &target, &body).await?;
        }
        self.done += 1;
        Ok(())
    }

    /// The seller gives a command as soon as the hub takes it, and waits for its end.
    async fn command(&mut self, hubs: &mut Hubs, kind: &str) {
        self.looked += 1;
        self.left = self.looked > PATIENCE;
        if !self.waits {
            // The hub may not have heard of the order's state yet: the seller comes again.
            self.waits = hubs.give(&self.order, kind).await.is_ok();
            self.commanded |= self.waits;
            hubs.counts.commands += u64::from(self.waits);
            return;
        }
        let Ok(commands) = hubs.commands_of(&self.order).await else { return };
        // Not the first: while the hub's clock is put back, what is newer may seem older.
        let given = commands.iter().find(|command| command["kind"] == json!(kind));
        match given.and_then(|command| command["state"].as_str()) {
            Some("waiting" | "sending" | "unknown") | None => {}
            Some("done") => {
                self.waits = false;
                self.looked = 0;
                self.done += 1;
            }
            Some(_) => self.left = true,
        }
    }
}
