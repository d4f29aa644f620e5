//! The same facts under another flow.

use std::collections::BTreeSet;

use crate::flow::Flow;
use crate::order::{Case, State, Transition, judge, transitions};
use crate::term::{Attention, Delivery, Document, Payment, Tab};

/// What a case would be under another flow, and what would happen to its documents on the way.
#[must_use]
pub fn what_if(case: Case<'_>, other: &Flow) -> (State, Vec<Transition>) {
    let now = judge(case);
    let then = judge(Case { flow: other, ..case });
    let told = transitions(&now, &then);
    (then, told)
}

/// Where an order ends, as a dry run compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The document that is written.
    pub document: Document,
    /// Its delivery.
    pub delivery: Delivery,
    /// Its payment.
    pub payment: Payment,
    /// Whether it is in the recycle bin.
    pub bin: bool,
    /// Where the order shows.
    pub tab: Option<Tab>,
    /// Why a person must look.
    pub attentions: BTreeSet<Attention>,
}

impl From<State> for Outcome {
    fn from(state: State) -> Self {
        Self {
            document: state.written(),
            delivery: state.delivery,
            payment: state.payment,
            bin: state.bin,
            tab: state.tab,
            attentions: state.attentions,
        }
    }
}

/// An order that would end elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs<K> {
    /// Which order.
    pub order: K,
    /// Under the flow it is judged by.
    pub before: Outcome,
    /// Under the other flow.
    pub after: Outcome,
}

/// Dry run of a flow: which of these orders would end elsewhere under it.
pub fn dry_run<'a, K>(
    cases: impl IntoIterator<Item = (K, Case<'a>)>,
    other: &Flow,
) -> Vec<Differs<K>> {
    let one = |(order, case): (K, Case<'a>)| {
        let before = Outcome::from(judge(case));
        let after = Outcome::from(judge(Case { flow: other, ..case }));
        (before != after).then_some(Differs { order, before, after })
    };
    cases.into_iter().filter_map(one).collect()
}
