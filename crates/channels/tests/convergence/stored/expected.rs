//! The oracle: what the store must show, from the pure judgement of what is known. It knows neither
//! tables nor statements.

use std::collections::BTreeSet;

use dermaga_domain::flow::Flow;
use dermaga_domain::order::{Money, State};
use dermaga_domain::stock::Target;
use dermaga_domain::term::{
    About, Actor, Attention, Cancelled, Delivery, Document, Payment, Returned, Tab,
};
use dermaga_domain::time::Time;
use dermaga_store::read::orders::Order;

use super::cases::Case;

/// What an order shows of its canonical state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    status: Option<(About, String)>,
    status_at: Option<Time>,
    document: Document,
    documented: bool,
    delivery: Delivery,
    payment: Payment,
    cancelled: Cancelled,
    cancelled_by: Option<Actor>,
    cancelled_reason: Option<String>,
    returned: Returned,
    pub(super) bin: bool,
    pub(super) tab: Option<Tab>,
    pub(super) attentions: BTreeSet<Attention>,
    money: Option<Money>,
    cancel_requested: bool,
    lines: Vec<ShownLine>,
    /// Kind of each document, and whether it lives or is in the bin.
    documents: BTreeSet<(&'static str, bool)>,
    pub(super) held: Held,
}

/// A line, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ShownLine {
    product: String,
    code: String,
    quantity: i64,
    cancelled: i64,
    live: i64,
    unit_price: i64,
}

/// What an order holds of stock, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    pub(super) reserved: i64,
    pub(super) allocated: i64,
    pub(super) sold: i64,
    pub(super) short: i64,
}

/// What a case must come to when it is cut.
pub(super) struct Expected {
    pub(super) shown: Shown,
    /// The lines changed after everything had left: stock stays as it was when that was heard, and
    /// a person is told. The only thing that the way decides.
    pub(super) left_before: bool,
}

impl Expected {
    /// What a case comes to when its messages are cut after `cut` of them.
    pub(super) fn of(case: &Case, flow: &Flow, cut: usize) -> Self {
        let (first, all) = (case.known(cut), case.known(case.messages.len()));
        let (before, after) = (first.state(flow), all.state(flow));
        let has_left = is_sent(&before) && is_sent(&after) && before.bin == after.bin;
        let left_before = has_left && sold(&before) != sold(&after);
        let mut shown = Shown::of_state(&after);
        shown.money = all.parts.money.as_ref().map(|money| money.content);
        shown.cancel_requested =
            all.parts.head.as_ref().is_some_and(|head| head.content.cancel_requested);
        let lines = all.parts.lines.iter().flat_map(|lines| &lines.content);
        shown.lines = lines
            .map(|line| ShownLine {
                product: line.channel_product_id.clone(),
                code: line.channel_sku.clone(),
                quantity: line.quantity,
                cancelled: line.cancelled,
                live: after.targets.iter().find(|target| target.line == line.key).unwrap().live,
                unit_price: line.unit_price,
            })
            .collect();
        if has_left {
            shown.held = held(&before);
        }
        if left_before && !after.bin {
            shown.attentions.insert(Attention::LinesChanged);
        }
        Self { shown, left_before }
    }
}

impl Shown {
    fn of_state(state: &State) -> Self {
        let mut documents = BTreeSet::new();
        match state.written() {
            Document::None => {}
            Document::SalesOrder => _ = documents.insert(("sales_order", !state.bin)),
            Document::Invoice => {
                documents.insert(("invoice", !state.bin));
                if state.delivery != Delivery::Unsent {
                    documents.insert(("delivery", true));
                }
                if state.payment == Payment::Paid {
                    documents.insert(("payment", true));
                }
            }
        }
        Self {
            status: state.status.as_ref().map(|(about, status)| (*about, status.as_str().into())),
            status_at: state.status_at,
            document: state.document,
            documented: state.documented,
            delivery: state.delivery,
            payment: state.payment,
            cancelled: state.cancelled,
            cancelled_by: state.cancelled_by,
            cancelled_reason: state.cancelled_reason.as_deref().map(str::to_owned),
            returned: state.returned,
            bin: state.bin,
            tab: state.tab,
            attentions: state.attentions.clone(),
            money: None,
            cancel_requested: false,
            lines: Vec::new(),
            documents,
            held: held(state),
        }
    }

    /// What the store shows of an order. Documents that were withdrawn are none.
    pub(super) fn of_order(order: &Order) -> Self {
        let mut held = Held::default();
        for holding in order.lines.iter().flat_map(|line| &line.holdings) {
            held.reserved += holding.reserved;
            held.allocated += holding.allocated;
            held.sold += holding.sold;
            held.short += holding.short;
        }
        let kinds = ["sales_order", "invoice", "delivery", "payment"];
        let written = order.documents.iter().filter(|document| document.state != "withdrawn");
        let documents = written.map(|document| {
            let kind = kinds.into_iter().find(|kind| *kind == document.kind).unwrap();
            assert!(["live", "bin"].contains(&document.state.as_str()), "{document:?}");
            (kind, document.state == "live")
        });
        let lines = order.lines.iter().filter(|line| !line.gone).map(|line| ShownLine {
            product: line.channel_product_id.clone(),
            code: line.channel_sku.clone(),
            quantity: line.quantity,
            cancelled: line.cancelled,
            live: line.live,
            unit_price: line.unit_price,
        });
        Self {
            status: order.status.clone(),
            status_at: order.status_at,
            document: order.document,
            documented: order.documented,
            delivery: order.delivery,
            payment: order.payment,
            cancelled: order.cancelled,
            cancelled_by: order.cancelled_by,
            cancelled_reason: order.cancelled_reason.clone(),
            returned: order.returned,
            bin: order.bin,
            tab: order.tab,
            attentions: order.attentions.iter().copied().collect(),
            money: order.money,
            cancel_requested: order.cancel_requested,
            lines: lines.collect(),
            documents: documents.collect(),
            held,
        }
    }

    /// The state without what an order whose lines changed after it had left keeps as it was.
    pub(super) fn without_stock(&self) -> Self {
        let mut bare = self.clone();
        bare.held = Held::default();
        bare.attentions.remove(&Attention::LinesChanged);
        bare
    }
}

fn is_sent(state: &State) -> bool {
    state.written() == Document::Invoice && state.delivery == Delivery::Sent
}

fn targets(state: &State) -> impl Iterator<Item = Target> {
    state.targets.iter().map(|target| target.target)
}

fn sold(state: &State) -> i64 {
    targets(state).map(|target| target.sold).sum()
}

fn held(state: &State) -> Held {
    targets(state).fold(Held::default(), |sum, target| Held {
        reserved: sum.reserved + target.reserve,
        allocated: sum.allocated + target.allocate,
        sold: sum.sold + target.sold,
        short: 0,
    })
}
