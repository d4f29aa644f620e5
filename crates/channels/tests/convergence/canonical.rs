//! The canonical state that convergence is judged by, and the order of the axes.

use dermaga_domain::order::{Fact, FactKey, Parts, State};
use dermaga_domain::term::{Cancellation, Returned};

/// Axes, tab, attentions, document, bin, stock targets, and which fact speaks for which axis;
/// lines, money, head and packages.
#[derive(Debug, PartialEq)]
pub(crate) struct Canonical {
    state: State,
    evidence: [Option<FactKey>; 6],
    parts: Parts,
}

impl Canonical {
    pub(crate) fn of(mut state: State, facts: &[Fact], parts: &Parts) -> Self {
        let by = std::mem::take(&mut state.evidence);
        let evidence = [by.document, by.delivery, by.payment, by.cancelled, by.returned, by.status];
        let evidence = evidence.map(|by| by.map(|at| facts[at].key.clone()));
        Self { state, evidence, parts: parts.clone() }
    }
}

/// The first axis that fell from one state to the next, if any did.
pub(crate) fn fallen(
    cancellation: Cancellation,
    before: &State,
    after: &State,
) -> Option<&'static str> {
    let returned_fell = after.returned == Returned::None && before.returned != Returned::None;
    [
        ("document", after.document < before.document),
        ("delivery", after.delivery < before.delivery),
        ("payment", after.payment < before.payment),
        ("cancelled", cancellation == Cancellation::Final && after.cancelled < before.cancelled),
        // A second return may open after the first was closed.
        ("returned", returned_fell),
    ]
    .into_iter()
    .find_map(|(axis, fell)| fell.then_some(axis))
}
