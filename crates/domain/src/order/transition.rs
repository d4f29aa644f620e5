//! Transitions: the seeds' verbs between two states of an order.

use crate::order::{AxisEvidence, Evidence, State};
use crate::term::{Attention, Delivery, Document, Payment, Returned, Verb};

/// A change of an order's documents, by the seeds' name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transition {
    /// What happened.
    pub verb: Verb,
    /// For `flag_attention`: which.
    pub attention: Option<Attention>,
}

impl Transition {
    const fn of(verb: Verb) -> Self {
        Self { verb, attention: None }
    }
}

/// What changed between two states, in the order in which a reader would tell it.
#[must_use]
pub fn transitions(before: &State, after: &State) -> Vec<Transition> {
    let mut told = Vec::new();
    match (before.written(), after.written()) {
        (Document::None, Document::SalesOrder) => told.push(Transition::of(Verb::CreateOrder)),
        (Document::None, Document::Invoice) => told.push(Transition::of(Verb::CreateInvoice)),
        (Document::SalesOrder, Document::Invoice) => {
            told.push(Transition::of(Verb::ConvertOrderToInvoice));
        }
        _ => {}
    }
    if after.written() > Document::None {
        if after.delivery > before_delivery(before) {
            told.push(Transition::of(Verb::CreateOutboundLogistic));
        }
        if after.payment > before_payment(before) {
            told.push(Transition::of(Verb::AddPayment));
        }
        let was_binned = before.bin && before.written() > Document::None;
        match (was_binned, after.bin) {
            (false, true) => told.push(Transition::of(Verb::VoidInvoice)),
            (true, false) => told.push(Transition::of(Verb::RestoreInvoice)),
            _ => {}
        }
    }
    if after.returned == Returned::Open && before.returned != Returned::Open {
        told.push(Transition::of(Verb::FlagReturn));
    }
    told.extend(
        after
            .attentions
            .difference(&before.attentions)
            .map(|&attention| Transition { verb: Verb::FlagAttention, attention: Some(attention) }),
    );
    told
}

/// The fact that speaks for the axis that a verb moves: its place in the list that was judged.
#[must_use]
pub const fn cause(verb: Verb, evidence: &AxisEvidence) -> Evidence {
    match verb {
        Verb::CreateOrder | Verb::ConvertOrderToInvoice | Verb::CreateInvoice => evidence.document,
        Verb::CreateOutboundLogistic => evidence.delivery,
        Verb::AddPayment => evidence.payment,
        Verb::VoidInvoice | Verb::RestoreInvoice => evidence.cancelled,
        Verb::FlagReturn => evidence.returned,
        Verb::FlagAttention | Verb::None => evidence.status,
    }
}

/// Before a document is written its axes have changed nothing yet.
fn before_delivery(before: &State) -> Delivery {
    if before.written() > Document::None { before.delivery } else { Delivery::Unsent }
}

fn before_payment(before: &State) -> Payment {
    if before.written() > Document::None { before.payment } else { Payment::Unpaid }
}
