//! Orders one by one: there, once, with the lines, the money and the documents that their history at
//! the channel calls for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Ours, Tally, Theirs, Wanted};
use crate::control::text;
use crate::torture::market::Market;
use crate::torture::scene::place_of;

/// The orders of one channel.
pub(super) fn compare(market: &Market, theirs: &Theirs, ours: &Ours, wanted: &Wanted<'_>) -> Tally {
    let mut tally = Tally::default();
    for (id, order) in theirs.iter().filter(|(_, order)| order["channel"] == market.channel) {
        let mine = ours.get(id).map(Vec::as_slice).unwrap_or_default();
        tally.check("I1", mine.len() == 1, || {
            format!("order {id} ({}) is here {} times", text(&order["status"]), mine.len())
        });
        if let [mine] = mine {
            of_order(&mut tally, id, order, mine, wanted);
        }
    }
    tally
}

/// No order comes from nowhere.
pub(super) fn known(tally: &mut Tally, theirs: &Theirs, ours: &Ours) {
    for id in ours.keys() {
        tally.check("I2", theirs.contains_key(id), || format!("order {id} is not at the channel"));
    }
}

/// What must hold for one order, from its history at the channel.
fn of_order(tally: &mut Tally, id: &str, theirs: &Value, ours: &Value, wanted: &Wanted<'_>) {
    let status = text(&theirs["status"]);
    // What was heard last may have been about a return of it.
    let same = ours["status_about"] != "order" || ours["channel_status"] == json!(status);
    tally.check("I4", same, || {
        format!("order {id}: channel_status is {} and should be {status}", ours["channel_status"])
    });
    let calls = Calls::of(id, theirs, ours, wanted);
    tally.check("I4", calls.is_some(), || {
        let all = Calls::all(id, theirs, wanted);
        let shown: Vec<&Value> = Calls::FIELDS.iter().map(|field| &ours[field]).collect();
        format!("order {id} ({status}): {:?} are {shown:?} and should be {all:?}", Calls::FIELDS)
    });
    let (mine, books) = (lines(ours, "cancelled"), lines(theirs, "quantity_reject"));
    tally.check("I1", mine == books, || {
        format!("order {id}: lines (units, cancelled) are {mine:?} and should be {books:?}")
    });
    for field in ["goods", "shipping", "total"] {
        let (mine, books) = (&ours["money"][field], &theirs["money"][field]);
        tally.check("I14", mine == books, || {
            format!("order {id}: {field} is {mine} and should be {books}")
        });
    }
    let live = ours["documents"].as_array().into_iter().flatten().filter(|document| {
        let kind = document["kind"].as_str();
        matches!(kind, Some("sales_order" | "invoice")) && document["state"] == json!("live")
    });
    let live = live.count();
    tally.check("I3", live <= 1, || format!("order {id} has {live} live documents"));
}

/// Units and cancelled units of each SKU.
fn lines(order: &Value, cancelled: &str) -> BTreeMap<String, (i64, i64)> {
    let mut sums = BTreeMap::<_, (i64, i64)>::new();
    for line in order["lines"].as_array().into_iter().flatten() {
        let sku = [&line["channel_sku"], &line["sku"]].into_iter().find(|v| v.is_string());
        let sum = sums.entry(sku.map(text).unwrap_or_default()).or_default();
        sum.0 += line["quantity"].as_i64().unwrap_or(-1);
        sum.1 += line[cancelled].as_i64().unwrap_or(-1);
    }
    sums
}

/// What an order's history calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) document: &'static str,
    pub(super) sent: bool,
    pub(super) paid: bool,
    pub(super) bin: bool,
}

/// A status, and who brought it about.
type Step = (String, String);

impl Calls {
    /// What of an order in the API shows it.
    const FIELDS: [&'static str; 4] = ["document", "delivery", "payment", "bin"];

    /// The one that the hub shows; none if it shows something that nothing calls for.
    pub(super) fn of(id: &str, theirs: &Value, ours: &Value, wanted: &Wanted<'_>) -> Option<Self> {
        Self::all(id, theirs, wanted).into_iter().find(|calls| {
            let wanted = calls.fields();
            Self::FIELDS.iter().zip(wanted).all(|(field, wanted)| ours[field] == wanted)
        })
    }

    /// Whatever the history calls for: where the channel does not tell it, whatever of it was heard. The
    /// last status always is.
    fn all(id: &str, theirs: &Value, wanted: &Wanted<'_>) -> Vec<Self> {
        let market = wanted.scene.markets.iter().find(|it| theirs["channel"] == it.channel);
        let Some(market) = market else { return Vec::new() };
        let steps = theirs["history"].as_array().into_iter().flatten();
        let history: Vec<Step> =
            steps.map(|step| (text(&step["status"]), text(&step["by"]))).collect();
        let pays =
            !wanted.scene.pays_on_download(&place_of(theirs)) || wanted.downloaded.contains(id);
        if market.tells_history {
            return vec![Self::from(market, &history, pays)];
        }
        let (before, last) = history.split_at(history.len().saturating_sub(1));
        let mut all = Vec::new();
        for heard in 0_u32..1 << before.len() {
            let kept = before.iter().enumerate().filter(|(at, _)| heard & (1 << at) != 0);
            let part: Vec<Step> = kept.map(|(_, step)| step).chain(last).cloned().collect();
            let calls = Self::from(market, &part, pays);
            if !all.contains(&calls) {
                all.push(calls);
            }
        }
        all
    }

    /// What so much of a history calls for.
    fn from(market: &Market, heard: &[Step], pays: bool) -> Self {
        let statuses = &market.statuses;
        let any = |of: &[&str]| heard.iter().any(|(status, _)| of.contains(&status.as_str()));
        let ends = |(status, by): &Step| {
            let by_hand = statuses.asks_a_person == Some(by.as_str());
            statuses.cancelled.contains(&status.as_str()) && !by_hand
        };
        let cancelled =
            if statuses.revives { heard.last().is_some_and(ends) } else { heard.iter().any(ends) };
        let sent = any(statuses.sent);
        let document = if sent || any(statuses.invoice) {
            "invoice"
        } else if any(statuses.sales_order) {
            "sales_order"
        } else {
            "none"
        };
        let bin = cancelled && !sent && document != "none";
        Self { document, sent, paid: any(statuses.paid) && pays, bin }
    }

    /// As the API shows it, in the order of [`Self::FIELDS`].
    fn fields(&self) -> [Value; 4] {
        [
            self.document.into(),
            if self.sent { "sent" } else { "unsent" }.into(),
            if self.paid { "paid" } else { "unpaid" }.into(),
            self.bin.into(),
        ]
    }
}
