//! Orders one by one: there, once, with the lines, the money and the documents that their history at
//! the channel calls for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Ours, Tally, Wanted};
use crate::control::text;

pub(super) fn compare(
    tally: &mut Tally,
    theirs: &BTreeMap<String, Value>,
    ours: &Ours,
    wanted: &Wanted<'_>,
) {
    for (id, order) in theirs {
        let mine = ours.get(id).map(Vec::as_slice).unwrap_or_default();
        tally.check("I1", mine.len() == 1, || {
            format!("order {id} ({}) is here {} times", text(&order["status"]), mine.len())
        });
        if let [mine] = mine {
            of_order(tally, id, order, mine, wanted);
        }
    }
    for id in ours.keys() {
        tally.check("I2", theirs.contains_key(id), || format!("order {id} is not at the channel"));
    }
}

/// What must hold for one order, from its history at the channel.
fn of_order(tally: &mut Tally, id: &str, theirs: &Value, ours: &Value, wanted: &Wanted<'_>) {
    for (field, wanted) in Calls::of(id, theirs, wanted).fields(theirs) {
        tally.check("I4", ours[field] == wanted, || {
            let status = text(&theirs["status"]);
            format!("order {id} ({status}): {field} is {} and should be {wanted}", ours[field])
        });
    }
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
pub(super) struct Calls {
    pub(super) document: &'static str,
    pub(super) sent: bool,
    pub(super) paid: bool,
    pub(super) bin: bool,
}

impl Calls {
    pub(super) fn of(id: &str, order: &Value, wanted: &Wanted<'_>) -> Self {
        let history: Vec<String> = order["history"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|step| text(&step["status"]))
            .collect();
        let any = |codes: &[&str]| history.iter().any(|status| codes.contains(&status.as_str()));
        let sent = any(&["500", "700"]);
        let cancelled = any(&["0", "3", "5", "6", "10", "15"]);
        let document = if sent || any(&["400"]) {
            "invoice"
        } else if any(&["220"]) {
            "sales_order"
        } else {
            "none"
        };
        let hears_it =
            order["shop_id"] != wanted.pays_on_download || wanted.downloaded.contains(id);
        Self {
            document,
            sent,
            paid: any(&["700"]) && hears_it,
            bin: cancelled && !sent && document != "none",
        }
    }

    fn fields(&self, theirs: &Value) -> Vec<(&'static str, Value)> {
        vec![
            ("channel_status", text(&theirs["status"]).into()),
            ("document", self.document.into()),
            ("delivery", if self.sent { "sent" } else { "unsent" }.into()),
            ("payment", if self.paid { "paid" } else { "unpaid" }.into()),
            ("bin", self.bin.into()),
        ]
    }
}
