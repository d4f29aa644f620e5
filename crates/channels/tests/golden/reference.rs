//! A second opinion on what facts make of an order of one unit: the join of the axes, written apart
//! from the hub's own fold.

use std::collections::BTreeSet;

use dermaga_domain::flow::{Effect, Flow};
use dermaga_domain::term::{
    About, Actor, Attention, Cancellation, Cancelled, ChannelStatus, Delivery, Document, Mode,
    Payment, Tab,
};

/// One thing heard of an order.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) about: About,
    pub(crate) status: ChannelStatus,
    pub(crate) actor: Option<Actor>,
    pub(crate) mode: Mode,
}

/// What an order is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) document: Document,
    pub(crate) delivery: Delivery,
    pub(crate) payment: Payment,
    pub(crate) bin: bool,
    pub(crate) tab: Option<Tab>,
    pub(crate) attentions: BTreeSet<Attention>,
}

/// The order that facts make, given in the order of the channel's time.
pub(crate) fn fold(flow: &Flow, facts: &[Heard]) -> Outcome {
    let mut axes = (Document::None, Delivery::Unsent, Payment::Unpaid);
    let (mut cancelled, mut tab, mut attentions) = (Cancelled::No, None, BTreeSet::new());
    let mut furthest = None;
    let latest = flow.cancellation == Cancellation::Latest;
    for fact in facts {
        let ensured = flow.ensured(fact.about, &fact.status, fact.actor, fact.mode).unwrap();
        let has = |effect| ensured.ensures.has(effect);
        let document = match (has(Effect::Invoice), has(Effect::SalesOrder)) {
            (true, _) => Document::Invoice,
            (false, true) => Document::SalesOrder,
            (false, false) => Document::None,
        };
        let delivery = match (has(Effect::Sent), has(Effect::PartlySent)) {
            (true, _) => Delivery::Sent,
            (false, true) => Delivery::PartlySent,
            (false, false) => Delivery::Unsent,
        };
        let payment = if has(Effect::Paid) { Payment::Paid } else { Payment::Unpaid };
        let ends = match (has(Effect::Void), has(Effect::ManualVoid)) {
            (true, _) => Cancelled::Yes,
            (false, true) => Cancelled::ManualVoidWanted,
            (false, false) => Cancelled::No,
        };
        // Tab and the rule's attention are those of the newest status.
        tab = ensured.tab.or(tab);
        attentions = ensured.attention.into_iter().collect();
        let position = flow.position(fact.about, &fact.status);
        let lowers = document < axes.0 || delivery < axes.1 || payment < axes.2;
        if latest && position < furthest && ends == Cancelled::No && lowers {
            attentions.insert(Attention::StatusWentBack);
        }
        if latest && document > Document::None && fact.about == About::Order {
            cancelled = Cancelled::No;
        }
        furthest = furthest.max(position);
        cancelled = cancelled.max(ends);
        axes = (axes.0.max(document), axes.1.max(delivery), axes.2.max(payment));
    }
    let (document, delivery, payment) = axes;
    if cancelled > Cancelled::No && delivery > Delivery::Unsent {
        attentions.insert(Attention::CancelledAfterSent);
    }
    let voided = cancelled == Cancelled::Yes && delivery == Delivery::Unsent;
    Outcome {
        document,
        delivery,
        payment,
        bin: voided && document > Document::None,
        tab,
        attentions,
    }
}
