//! Commands: each at most once in its effect, none repeated blindly, none without an end.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use serde_json::{Value, json};

use super::{Hubs, Tally};
use crate::control::{Control, text};
use crate::torture::market::Market;

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

/// The channels' logs of calls, as far as they were read.
#[derive(Debug, Default)]
pub(super) struct Calls {
    after: HashMap<&'static str, u64>,
    of_order: HashMap<String, BTreeMap<String, Told>>,
}

impl Calls {
    /// Reads on.
    pub(super) async fn read(
        &mut self,
        control: Control<'_>,
        markets: &[&'static Market],
    ) -> Result<()> {
        for market in markets {
            let mut after = self.after.get(market.channel).copied().unwrap_or(0);
            loop {
                let channel = market.channel;
                let target = format!("/control/{channel}/calls?after={after}&limit={PAGE}");
                let told = control.get(&target).await?;
                let calls = told["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
                let Some(last) = calls.last() else { break };
                after = last["number"].as_u64().unwrap_or(u64::MAX);
                calls.iter().for_each(|call| self.take(market, call));
            }
            self.after.insert(market.channel, after);
        }
        Ok(())
    }

    fn take(&mut self, market: &Market, call: &Value) {
        let (order, endpoint) = (text(&call["order_id"]), text(&call["endpoint"]));
        if order.is_empty() {
            return;
        }
        let effect = call["effect"] == json!(true);
        if Some(endpoint.as_str()) == market.read {
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

    fn of(&self, order: &str, endpoint: &str) -> Told {
        let told = self.of_order.get(order).and_then(|told| told.get(endpoint));
        told.copied().unwrap_or_default()
    }
}

/// The endpoint of a kind of command, as the log names it.
fn endpoint(market: &Market, kind: &str) -> Option<&'static str> {
    market.endpoints.iter().find(|(of, _)| *of == kind).map(|(_, endpoint)| *endpoint)
}

/// Every command of these orders.
pub(super) async fn compare(
    tally: &mut Tally,
    hubs: &Hubs,
    orders: &[(&'static Market, &str)],
    calls: &Calls,
) -> Result<()> {
    for (market, order) in orders {
        let commands = hubs.commands_of(order).await.unwrap_or_default();
        // What was taken by a person's word is there.
        tally.check("I9", !commands.is_empty(), || format!("order {order} has lost its commands"));
        for command in &commands {
            let kind = text(&command["kind"]);
            let does = endpoint(market, &kind);
            let alike = commands.iter().filter(|it| endpoint(market, &text(&it["kind"])) == does);
            let told = does.map(|endpoint| (calls.of(order, endpoint), alike.count()));
            of_command(tally, order, command, told, (market, hubs.nodes() == 1));
        }
    }
    Ok(())
}

/// One command; `told` is what the log says of its endpoint, and how many commands went there.
fn of_command(
    tally: &mut Tally,
    order: &str,
    command: &Value,
    told: Option<(Told, usize)>,
    (market, alone): (&Market, bool),
) {
    let (kind, state) = (text(&command["kind"]), text(&command["state"]));
    let said = |what: &str| format!("{kind} of order {order} ({state}) {what}: {told:?}");
    let ended = matches!(state.as_str(), "done" | "refused" | "needs_person");
    tally.check("I9", ended, || said("has no end"));
    // One without an endpoint changes nothing, and what a page shows cannot be told from here.
    let Some((told, commands)) = told else { return };
    tally.check("I9", state != "done" || told.effects > 0, || said("was never done"));
    tally.check("I9", told.effects <= commands, || said("was done more than once"));
    let sent = if kind == "partial" { told.sent <= 1 } else { true };
    tally.check("I9", sent, || said("was sent more than once"));
    // A node that is paused between its claim and its request sends it late, whatever was read since:
    // there the channel itself is what keeps the effect from coming twice.
    let looks = alone && market.read.is_some();
    tally.check("I9", !looks || told.blind == 0, || said("was repeated without a look"));
}
