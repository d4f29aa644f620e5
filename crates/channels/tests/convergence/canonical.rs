//! The canonical state that convergence is judged by, and the order of the axes.

use std::rc::Rc;

use dermaga_domain::order::{Fact, Parts, State};
use dermaga_domain::term::{Cancellation, Returned};

use crate::known::Known;

/// Axes, tab, attentions, document, bin, stock targets, and which fact speaks for which axis;
/// lines, money, head and packages.
#[derive(Debug)]
pub(crate) struct Canonical {
    state: State,
    facts: Vec<Fact>,
    parts: Rc<Parts>,
}

impl Canonical {
    pub(crate) fn of(state: State, known: Known) -> Self {
        Self { state, facts: known.facts, parts: known.parts }
    }

    /// Whether a state of what is known is the same, though its facts stand in another order.
    pub(crate) fn is(&self, state: &State, known: &Known) -> bool {
        let same = |mine: Option<usize>, theirs: Option<usize>| {
            mine.map(|at| &self.facts[at].key) == theirs.map(|at| &known.facts[at].key)
        };
        let (mine, theirs) = (self.state.evidence, state.evidence);
        // Which place a fact has is no part of the state; which fact it is, is.
        let placed = State { evidence: mine, ..state.clone() };
        self.state == placed
            && *self.parts == *known.parts
            && same(mine.document, theirs.document)
            && same(mine.delivery, theirs.delivery)
            && same(mine.payment, theirs.payment)
            && same(mine.cancelled, theirs.cancelled)
            && same(mine.returned, theirs.returned)
            && same(mine.status, theirs.status)
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
