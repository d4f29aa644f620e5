//! A small channel for the tests of orders, and stories told on it.

use dermaga_domain::flow::Flow;
use dermaga_domain::order::{Acts, Case, Fact, Line, LineKey, State, UnitKey, judge};
use dermaga_domain::term::{Actor, Cancellation, Mode};
use dermaga_domain::time::Time;

/// The rows: status, actor, about, ensures, tab, attention, realtime.
const ROWS: &[(&str, &str, &str, &str, &str, &str, bool)] = &[
    ("made", "", "order", "", "unpaid", "", true),
    ("new", "", "order", "sales_order", "new_order", "", true),
    ("accepted", "", "order", "invoice", "ready_to_ship", "", true),
    ("some", "", "order", "invoice partly_sent", "ready_to_ship", "", true),
    ("sent", "", "order", "invoice sent", "in_delivery", "", true),
    ("checking", "", "order", "", "", "awb_invalid", true),
    ("done", "", "order", "invoice sent", "completed", "", true),
    ("done", "", "order", "invoice paid", "completed", "", false),
    ("stopped", "buyer", "order", "manual_void", "cancelled", "manual_void", true),
    ("stopped", "seller", "order", "void", "cancelled", "", true),
    ("stopped", "system", "order", "void", "cancelled", "", true),
    ("open", "", "return", "invoice return", "complained", "return_edit", true),
];

/// The channel's flow.
pub(crate) fn flow() -> Flow {
    let mut text = r#"channel = "quay"
cancellation = "final"
[statuses]
order = ["made", "new", "accepted", "some", "sent", "checking", "done", "stopped"]
return = ["open"]
[actors]
order = ["buyer", "seller", "system"]
return = ["buyer"]
"#
    .to_owned();
    for (status, actor, about, ensures, tab, attention, realtime) in ROWS {
        let effects: Vec<String> =
            ensures.split_whitespace().map(|word| format!("{word:?}")).collect();
        text +=
            &format!("[[rule]]\nstatus = {status:?}\nabout = {about:?}\nmeaning = {status:?}\n");
        text += &format!("ensures = [{}]\n", effects.join(", "));
        for (key, value) in [("actor", actor), ("tab", tab), ("attention", attention)] {
            if !value.is_empty() {
                text += &format!("{key} = {value:?}\n");
            }
        }
        text += &format!("realtime = {realtime}\ndownload = true\n");
    }
    Flow::from_toml("quay", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// The same where cancelled orders can come back.
pub(crate) fn latest() -> Flow {
    Flow { cancellation: Cancellation::Latest, ..flow() }
}

pub(crate) fn at(seconds: i64) -> Option<Time> {
    Some(Time::from_seconds(seconds))
}

/// A status of the order at that second, heard by itself; what stops it was the seller.
pub(crate) fn fact(status: &str, seconds: i64) -> Fact {
    let mut fact = Fact::of_order(status, at(seconds), Mode::Realtime);
    fact.key.actor = (status == "stopped").then_some(Actor::Seller);
    fact
}

/// A status of one unit.
pub(crate) fn unit(status: &str, seconds: i64, name: &str) -> Fact {
    let mut fact = fact(status, seconds);
    fact.key.unit = Some(UnitKey(name.into()));
    fact
}

/// All that is known of an order: three units of one line.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) flow: Flow,
    pub(crate) facts: Vec<Fact>,
    pub(crate) lines: Option<Vec<Line>>,
    pub(crate) cancel_requested: bool,
    pub(crate) acts: Acts,
}

impl Story {
    pub(crate) fn of(facts: &[Fact]) -> Self {
        let line = Line {
            key: LineKey("1".into()),
            channel_product_id: "p1".to_owned(),
            channel_sku: "S1".to_owned(),
            name: "Rope".to_owned(),
            quantity: 3,
            cancelled: 0,
            unit_price: 10_000,
            units: Vec::new(),
        };
        Self {
            flow: flow(),
            facts: facts.to_vec(),
            lines: Some(vec![line]),
            cancel_requested: false,
            acts: Acts::default(),
        }
    }

    /// The same with units a, b and c.
    pub(crate) fn named(facts: &[Fact]) -> Self {
        let mut story = Self::of(facts);
        for line in story.lines.iter_mut().flatten() {
            line.units = ["a", "b", "c"].map(|name| UnitKey(name.into())).into();
        }
        story
    }

    /// The same where the channel names nobody.
    pub(crate) fn with_no_actor(mut self) -> Self {
        self.facts.iter_mut().for_each(|fact| fact.key.actor = None);
        self
    }

    pub(crate) fn case(&self) -> Case<'_> {
        Case {
            flow: &self.flow,
            facts: &self.facts,
            lines: self.lines.as_deref(),
            cancel_requested: self.cancel_requested,
            acts: self.acts,
        }
    }

    pub(crate) fn state(&self) -> State {
        judge(self.case())
    }
}
