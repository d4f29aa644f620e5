//! The axes of an order's state, each the maximum over the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::flow::{Effect, Ensures, Flow};
use crate::order::{Fact, UnitKey};
use crate::term::{About, Cancellation, Cancelled, Document, Returned};
use crate::time::Time;

/// Which fact carries an axis: its place in the list that was judged.
pub type Evidence = Option<usize>;

/// The axes of one unit, or of all units where the channel names none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) sent: bool,
    pub(crate) paid: bool,
    pub(crate) cancelled: CancelledAxis,
}

/// The cancelled axis and the fact that speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CancelledAxis {
    pub(crate) value: Cancelled,
    pub(crate) evidence: Evidence,
}

impl Default for CancelledAxis {
    fn default() -> Self {
        Self { value: Cancelled::No, evidence: None }
    }
}

impl Unit {
    /// A cancelled unit that never left.
    pub(crate) fn is_dead(&self) -> bool {
        self.cancelled.value == Cancelled::Yes && !self.sent
    }
}

/// What each fact releases under a flow; none = the flow does not know the status.
pub(crate) fn released(flow: &Flow, facts: &[Fact]) -> Vec<Option<Ensures>> {
    facts
        .iter()
        .map(|fact| {
            let key = &fact.key;
            flow.ensured(key.about, &key.status, key.actor, key.mode).map(|hit| hit.ensures)
        })
        .collect()
}

/// Everything joined over the facts, before acts of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axes {
    pub(crate) document: Document,
    pub(crate) partly_sent: bool,
    /// One entry per named unit; a single nameless one where the channel names none.
    pub(crate) units: BTreeMap<Option<UnitKey>, Unit>,
    pub(crate) returns: BTreeMap<Option<Arc<str>>, Returned>,
    pub(crate) document_by: Evidence,
    pub(crate) sent_by: Evidence,
    pub(crate) paid_by: Evidence,
    pub(crate) returned_by: Evidence,
}

impl Axes {
    /// Joins the facts. `named` are the units that the snapshot names.
    pub(crate) fn join(
        flow: &Flow,
        facts: &[Fact],
        released: &[Option<Ensures>],
        named: &BTreeSet<UnitKey>,
    ) -> Self {
        let mut axes = Self {
            document: Document::None,
            partly_sent: false,
            units: BTreeMap::new(),
            returns: BTreeMap::new(),
            document_by: None,
            sent_by: None,
            paid_by: None,
            returned_by: None,
        };
        let heard = facts.iter().filter_map(|fact| fact.key.unit.clone());
        let names: BTreeSet<UnitKey> = named.iter().cloned().chain(heard).collect();
        if names.is_empty() {
            axes.units.insert(None, Unit::default());
        }
        axes.units.extend(names.into_iter().map(|name| (Some(name), Unit::default())));

        for (index, (fact, ensures)) in facts.iter().zip(released).enumerate() {
            if let Some(ensures) = *ensures {
                axes.take(facts, index, fact, ensures);
            }
        }
        for (name, unit) in &mut axes.units {
            unit.cancelled = cancelled(flow.cancellation, facts, released, name.as_ref());
        }
        axes
    }

    fn take(&mut self, facts: &[Fact], index: usize, fact: &Fact, ensures: Ensures) {
        let document = document_of(ensures);
        if document > self.document {
            self.document = document;
            self.document_by = None;
        }
        if document == self.document && document > Document::None {
            keep_earliest(&mut self.document_by, facts, index);
        }
        self.partly_sent |= ensures.has(Effect::PartlySent);
        if ensures.has(Effect::Sent) {
            keep_earliest(&mut self.sent_by, facts, index);
        }
        if ensures.has(Effect::Paid) {
            keep_earliest(&mut self.paid_by, facts, index);
        }
        for (name, unit) in &mut self.units {
            if speaks_of(fact, name.as_ref()) {
                unit.sent |= ensures.has(Effect::Sent);
                unit.paid |= ensures.has(Effect::Paid);
            }
        }
        self.take_return(facts, index, fact, ensures);
    }

    /// A return is opened by what ensures it, and closed by a known status of its own that does not.
    fn take_return(&mut self, facts: &[Fact], index: usize, fact: &Fact, ensures: Ensures) {
        let stage = if ensures.has(Effect::Return) {
            Returned::Open
        } else if fact.key.about == About::Return {
            Returned::Closed
        } else {
            return;
        };
        let known = self.returns.entry(fact.key.reference.clone()).or_insert(Returned::None);
        *known = (*known).max(stage);
        if stage == Returned::Open {
            keep_earliest(&mut self.returned_by, facts, index);
        }
    }
}

/// The document that a set of effects needs.
fn document_of(ensures: Ensures) -> Document {
    if ensures.has(Effect::Invoice) {
        Document::Invoice
    } else if ensures.has(Effect::SalesOrder) {
        Document::SalesOrder
    } else {
        Document::None
    }
}

/// A fact without a unit speaks of every unit.
fn speaks_of(fact: &Fact, unit: Option<&UnitKey>) -> bool {
    fact.key.unit.is_none() || fact.key.unit.as_ref() == unit
}

/// The earliest fact speaks for an axis; an untimed one only when no timed one does.
fn keep_earliest(kept: &mut Evidence, facts: &[Fact], index: usize) {
    let rank = |at: Option<Time>, key: usize| (at.is_none(), at, facts[key].key.clone());
    let newer = rank(facts[index].key.at, index);
    if kept.is_none_or(|old| newer < rank(facts[old].key.at, old)) {
        *kept = Some(index);
    }
}

/// The cancelled axis of one unit.
fn cancelled(
    cancellation: Cancellation,
    facts: &[Fact],
    released: &[Option<Ensures>],
    unit: Option<&UnitKey>,
) -> CancelledAxis {
    let heard = facts.iter().enumerate().zip(released).filter_map(|((index, fact), ensures)| {
        ensures.filter(|_| speaks_of(fact, unit)).map(|ensures| (index, ensures))
    });
    match cancellation {
        Cancellation::Final => strongest(facts, heard),
        Cancellation::Latest => latest(facts, heard),
    }
}

/// `final`: the strongest, then the earliest.
fn strongest(facts: &[Fact], heard: impl Iterator<Item = (usize, Ensures)>) -> CancelledAxis {
    let mut axis = CancelledAxis::default();
    for (index, ensures) in heard {
        let value = if ensures.has(Effect::Void) {
            Cancelled::Yes
        } else if ensures.has(Effect::ManualVoid) {
            Cancelled::ManualVoidWanted
        } else {
            continue;
        };
        if value > axis.value {
            axis = CancelledAxis { value, evidence: Some(index) };
        } else if value == axis.value {
            keep_earliest(&mut axis.evidence, facts, index);
        }
    }
    axis
}

/// `latest`: the newest fact with a side; a tie goes to fetched, then to the cancelled side.
fn latest(facts: &[Fact], heard: impl Iterator<Item = (usize, Ensures)>) -> CancelledAxis {
    heard
        .filter_map(|(index, ensures)| {
            let void = ensures.has(Effect::Void);
            (void || document_of(ensures) > Document::None).then_some((index, void))
        })
        .max_by_key(|&(index, void)| {
            let fact = &facts[index];
            (fact.key.at, fact.fetched, void, std::cmp::Reverse(fact.key.clone()))
        })
        .map_or_else(CancelledAxis::default, |(index, void)| CancelledAxis {
            value: if void { Cancelled::Yes } else { Cancelled::No },
            evidence: Some(index),
        })
}
