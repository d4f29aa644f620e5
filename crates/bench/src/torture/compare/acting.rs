//! Commands: each at most once in its effect, none repeated blindly, none without an end.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use serde_json::{Value, json};

use super::{Hubs, Tally};
use crate::control::{Control, text};
use crate::torture::CHANNEL;

/// Calls read at once.
const PAGE: usize = 5_000;

/// What the channel's log of calls says of a command of an order.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    /// Requests that may have had the effect, as far as the hub could know.
    sent: usize,
    effects: usize,
    /// Of the sent, those that were repeated without the order having been read in between.
    blind: usize,
    /// The order was read since the last one.
    read: bool,
}

/// The channel's log of calls, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Calls {
    after: u64,
    of_order: HashMap<String, BTreeMap<String, Told>>,
}

impl Calls {
    /// Reads on.
    pub(super) async fn read(&mut self, control: Control<'_>) -> Result<()> {
        loop {
            let target = format!("/control/{CHANNEL}/calls?after={}&limit={PAGE}", self.after);
            let told = control.get(&target).await?;
            let calls = told["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
            let Some(last) = calls.last() else { return Ok(()) };
            self.after = last["number"].as_u64().unwrap_or(u64::MAX);
            calls.iter().for_each(|call| self.take(call));
        }
    }

    fn take(&mut self, call: &Value) {
        let (order, endpoint) = (text(&call["order_id"]), text(&call["endpoint"]));
        let effect = call["effect"] == json!(true);
        if endpoint == "order_detail" {
            if effect && let Some(told) = self.of_order.get_mut(&order) {
                told.values_mut().for_each(|told| told.read = true);
            }
            return;
        }
        let told = self.of_order.entry(order).or_default().entry(endpoint).or_default();
        told.effects += usize::from(effect);
        // It had no effect for sure: it may be repeated as it is.
        if !matches!(call["status"].as_u64(), Some(401 | 429)) {
            told.blind += usize::from(told.sent > 0 && !told.read);
            told.sent += 1;
            told.read = false;
        }
    }

    fn of(&self, order: &str, kind: &str) -> Told {
        let told = self.of_order.get(order).and_then(|told| told.get(endpoint(kind)));
        told.copied().unwrap_or_default()
    }
}

/// The endpoint of a kind, as the log names it.
fn endpoint(kind: &str) -> &str {
    match kind {
        "accept" => "ack",
        "reject" | "cancel" | "agree_cancel" => "nack",
        "refuse_cancel" => "reject_cancel",
        "pickup" => "pick_up",
        same => same,
    }
}

/// Every command of these orders.
pub(super) async fn compare(
    tally: &mut Tally,
    hubs: &Hubs,
    orders: &[&str],
    calls: &Calls,
) -> Result<()> {
    for order in orders {
        let commands = hubs.commands_of(order).await.unwrap_or_default();
        // What was taken by a person's word is there.
        tally.check("I9", !commands.is_empty(), || format!("order {order} has lost its commands"));
        for command in commands {
            of_command(tally, order, &command, calls, hubs.nodes() == 1);
        }
    }
    Ok(())
}

fn of_command(tally: &mut Tally, order: &str, command: &Value, calls: &Calls, alone: bool) {
    let (kind, state) = (text(&command["kind"]), text(&command["state"]));
    let told = calls.of(order, &kind);
    let said = |what: &str| format!("{kind} of order {order} ({state}) {what}: {told:?}");
    let ended = matches!(state.as_str(), "done" | "refused" | "needs_person");
    tally.check("I9", ended, || said("has no end"));
    if kind == "label" {
        // It changes nothing, and what a page shows cannot be told from here.
        return;
    }
    tally.check("I9", state != "done" || told.effects > 0, || said("was never done"));
    tally.check("I9", told.effects <= 1, || said("was done more than once"));
    let sent = if kind == "partial" { told.sent <= 1 } else { true };
    tally.check("I9", sent, || said("was sent more than once"));
    // A node that is paused between its claim and its request sends it late, whatever was read since:
    // there the channel itself is what keeps the effect from coming twice.
    tally.check("I9", !alone || told.blind == 0, || said("was repeated without a look"));
}
