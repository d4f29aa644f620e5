//! What buyers, the seller and couriers do: an order is placed and lives, step by step.

use anyhow::{Context as _, Result};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::super::CHANNEL;
use crate::control::{Control, text};

/// What happens to an order after it was placed, step by step.
const LIVES: [&[&str]; 12] = [
    &["accept", "ship", "deliver", "complete"],
    &["accept", "ship", "deliver", "complete"],
    &["accept", "ship", "deliver", "return"],
    &["accept", "ship"],
    &["accept"],
    &[],
    &["cancel buyer"],
    &["accept", "cancel seller"],
    &["accept", "request-cancel", "cancel system"],
    &["accept", "partial"],
    &["accept", "partial", "ship", "deliver", "complete"],
    &["accept", "status 450", "ship", "status 520", "status 500", "deliver"],
];

/// An order and how far it has come.
pub(crate) struct Life {
    pub(crate) order: String,
    pub(crate) shop: Value,
    line: Value,
    steps: &'static [&'static str],
    done: usize,
    /// A person has acted on it at the hub.
    pub(crate) touched: bool,
}

impl Life {
    /// A buyer places an order.
    pub(super) async fn begin(
        control: Control<'_>,
        products: &[Value],
        dice: &mut StdRng,
    ) -> Result<Self> {
        // Most orders go to the first shop, so that its lists have more than one page.
        let first = products.first().map(|product| product["shop_id"].clone()).unwrap_or_default();
        let only_first = dice.random_bool(0.7);
        let sold: Vec<&Value> =
            products.iter().filter(|product| !only_first || product["shop_id"] == first).collect();
        let product = *sold.choose(dice).context("the sandbox sells nothing")?;
        let line = json!({"sku": product["sku"], "quantity": dice.random_range(1..=3)});
        let order = json!({"shop_id": product["shop_id"], "lines": [line], "paid": true});
        let placed = control.ask("POST", &format!("/control/{CHANNEL}/orders"), &order).await?;
        Ok(Self {
            order: text(&placed["order_id"]),
            shop: product["shop_id"].clone(),
            line,
            steps: LIVES.choose(dice).copied().unwrap_or(&[]),
            done: 0,
            touched: false,
        })
    }

    /// Whether nothing more happens to it.
    pub(super) const fn is_over(&self) -> bool {
        self.done >= self.steps.len()
    }

    /// Whether the buyer finished it.
    pub(crate) fn is_completed(&self) -> bool {
        self.is_over() && self.steps.last() == Some(&"complete")
    }

    /// The next thing happens to it.
    pub(super) async fn step(&mut self, control: Control<'_>) -> Result<()> {
        let Some(step) = self.steps.get(self.done) else { return Ok(()) };
        let (act, with) = step.split_once(' ').unwrap_or((step, ""));
        let body = match act {
            "cancel" => json!({"by": with}),
            "status" => json!({"status": with}),
            "partial" => json!({"sku": self.line["sku"], "quantity_deliver": 1}),
            _ => json!({}),
        };
        // One unit cannot be less: the order then simply goes on.
        if !(act == "partial" && self.line["quantity"] == json!(1)) {
            let target = format!("/control/{CHANNEL}/orders/{}/{act}", self.order);
            control.ask("POST", &target, &body).await?;
        }
        self.done += 1;
        Ok(())
    }
}
