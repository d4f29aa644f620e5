//! What is watched all the time: nothing falls, nothing is held twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

use super::{Ours, Tally, levels, ours, theirs};
use crate::control::Control;
use crate::torture::hub::Hubs;
use crate::torture::market::Market;

/// How far an order had come when it was last seen: document, delivery, payment, cancelled.
type Stage = [usize; 4];

/// Looks at the hub while it works.
#[derive(Debug, Default)]
pub(in crate::torture) struct Watch {
    stages: BTreeMap<String, Stage>,
    tally: Tally,
    equal: BTreeMap<&'static str, Instant>,
}

impl Watch {
    /// Looks at every order and level as they are now.
    pub(in crate::torture) async fn look(
        &mut self,
        control: Control<'_>,
        hubs: &Hubs,
        markets: &[&'static Market],
    ) -> Result<()> {
        let (ours, theirs) = (ours(hubs).await?, theirs(control, markets).await?);
        for id in ours.keys() {
            let known = theirs.contains_key(id);
            self.tally.check("I2", known, || format!("order {id} is not at the channel"));
        }
        for level in levels(hubs).await? {
            let available = level["available"].as_i64().unwrap_or(-1);
            self.tally.check("I7", available >= 0, || {
                format!("{} in {}: {available} are available", level["sku"], level["warehouse"])
            });
        }
        self.notice(&ours, markets);
        Ok(())
    }

    /// The orders of a channel are the same on both sides.
    pub(super) fn equal(&mut self, market: &Market) {
        self.equal.entry(market.channel).or_insert_with(Instant::now);
    }

    /// When the orders of each channel were the same on both sides for the first time.
    pub(in crate::torture) const fn equal_at(&self) -> &BTreeMap<&'static str, Instant> {
        &self.equal
    }

    /// Takes orders in; what had come further before is remembered.
    pub(super) fn notice(&mut self, ours: &Ours, markets: &[&'static Market]) {
        let revives = |order: &Value| {
            let market = markets.iter().find(|market| order["channel"] == market.channel);
            market.is_some_and(|market| market.statuses.revives)
        };
        for (id, order) in ours.iter().filter_map(|(id, all)| Some((id, all.first()?))) {
            let mut now = stage(order);
            if revives(order) || now[0] == 0 {
                // What is cancelled there may live again; and as long as there is no document, more units
                // than those that were cancelled may become known.
                now[3] = 0;
            }
            let before = self.stages.insert(id.clone(), now).unwrap_or(now);
            let holds = before.iter().zip(&now).all(|(before, now)| now >= before);
            self.tally.check("I5", holds, || {
                format!("order {id}: document, delivery, payment, cancelled fell from {before:?} to {now:?}")
            });
        }
    }

    /// What was seen, without the orders on which people acted: there, axes may fall.
    pub(in crate::torture) fn seen(&self, touched: &BTreeSet<String>) -> Tally {
        let mut seen = Tally::default();
        seen.looked.clone_from(&self.tally.looked);
        let by_people =
            |told: &str| touched.iter().any(|id| told.starts_with(&format!("order {id}:")));
        let found = self.tally.found.iter();
        seen.found = found.filter(|(of, told)| *of != "I5" || !by_people(told)).cloned().collect();
        seen
    }
}

fn stage(order: &Value) -> Stage {
    let place = |field: &str, words: &[&str]| {
        let found = words.iter().position(|word| order[field].as_str() == Some(word));
        found.unwrap_or(0)
    };
    [
        place("document", &["none", "sales_order", "invoice"]),
        place("delivery", &["unsent", "partly_sent", "sent"]),
        place("payment", &["unpaid", "paid"]),
        place("cancelled", &["no", "manual_void_wanted", "yes"]),
    ]
}
