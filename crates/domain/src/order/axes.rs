//! The axes of an order's state, each the maximum over the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::flow::{Effect, Ensures};
use crate::order::heard::{Heard, Hearing};
use crate::order::{Fact, UnitKey};
use crate::term::{About, Cancellation, Cancelled, Document, Returned};

/// Which fact carries an axis: its place in the list that was judged.
pub type Evidence = Option<usize>;

/// The axes of one unit, or of all units where the channel names none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) sent: bool,
    /// Some of what it stands for was sent.
    pub(crate) partly_sent: bool,
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
        self.cancelled.value == Cancelled::Yes && !self.has_left()
    }

    /// It, or some of what it stands for, was sent.
    pub(crate) fn has_left(&self) -> bool {
        self.sent || self.partly_sent
    }
}

/// Everything joined over the facts, before acts of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axes {
    pub(crate) document: Document,
    /// One entry per named unit; a single nameless one where the channel names none.
    pub(crate) units: BTreeMap<Option<UnitKey>, Unit>,
    /// A return without an id is the return `order`, which has no name here.
    pub(crate) returns: BTreeMap<Option<Arc<str>>, Returned>,
    pub(crate) document_by: Evidence,
    pub(crate) sent_by: Evidence,
    pub(crate) paid_by: Evidence,
    pub(crate) returned_by: Evidence,
}

impl Axes {
    /// Joins the facts. `named` are the units that the snapshot names.
    pub(crate) fn join(
        cancellation: Cancellation,
        hearing: &Hearing<'_>,
        named: impl Iterator<Item = UnitKey>,
    ) -> Self {
        let mut axes = Self {
            document: Document::None,
            units: BTreeMap::new(),
            returns: BTreeMap::new(),
            document_by: None,
            sent_by: None,
            paid_by: None,
            returned_by: None,
        };
        let heard = hearing.facts.iter().filter_map(|fact| fact.key.unit.clone());
        let names: BTreeSet<UnitKey> = named.chain(heard).collect();
        if names.is_empty() {
            axes.units.insert(None, Unit::default());
        }
        axes.units.extend(names.into_iter().map(|name| (Some(name), Unit::default())));

        for (index, fact, heard) in hearing.iter() {
            axes.take(hearing, index, fact, heard.released);
            axes.take_return(hearing, index, fact, heard);
        }
        for (name, unit) in &mut axes.units {
            unit.cancelled = cancelled(cancellation, hearing, name.as_ref());
        }
        axes
    }

    fn take(&mut self, hearing: &Hearing<'_>, index: usize, fact: &Fact, ensures: Ensures) {
        let document = document_of(ensures);
        if document > self.document {
            self.document = document;
            self.document_by = None;
        }
        if document == self.document && document > Document::None {
            self.document_by = Some(hearing.earlier(self.document_by, index));
        }
        let (sent, partly) = (ensures.has(Effect::Sent), ensures.has(Effect::PartlySent));
        let paid = ensures.has(Effect::Paid);
        let mut moved = false;
        for (name, unit) in &mut self.units {
            if hearing.moves(fact, name.as_ref()) {
                moved = true;
                unit.sent |= sent;
                unit.partly_sent |= partly;
                unit.paid |= paid;
            }
        }
        if moved && (sent || partly) {
            self.sent_by = Some(hearing.earlier(self.sent_by, index));
        }
        if moved && paid {
            self.paid_by = Some(hearing.earlier(self.paid_by, index));
        }
    }

    /// A return is opened by what ensures it, and closed by a status of its own that never does.
    fn take_return(&mut self, hearing: &Hearing<'_>, index: usize, fact: &Fact, heard: &Heard) {
        let stage = if heard.released.has(Effect::Return) {
            Returned::Open
        } else if heard.closes && fact.key.about == About::Return {
            Returned::Closed
        } else {
            return;
        };
        let known = self.returns.entry(fact.key.reference.clone()).or_insert(Returned::None);
        *known = (*known).max(stage);
        if stage == Returned::Open {
            self.returned_by = Some(hearing.earlier(self.returned_by, index));
        }
    }
}

/// The document that a set of effects needs.
pub(crate) fn document_of(ensures: Ensures) -> Document {
    if ensures.has(Effect::Invoice) {
        Document::Invoice
    } else if ensures.has(Effect::SalesOrder) {
        Document::SalesOrder
    } else {
        Document::None
    }
}

/// The cancelled axis of one unit.
fn cancelled(
    cancellation: Cancellation,
    hearing: &Hearing<'_>,
    unit: Option<&UnitKey>,
) -> CancelledAxis {
    let heard = hearing
        .iter()
        .filter(|(_, fact, _)| hearing.moves(fact, unit))
        .map(|(index, _, heard)| (index, heard.released));
    match cancellation {
        Cancellation::Final => strongest(hearing, heard),
        Cancellation::Latest => latest(hearing, heard),
    }
}

/// `final`: the strongest, then the earliest.
fn strongest(
    hearing: &Hearing<'_>,
    heard: impl Iterator<Item = (usize, Ensures)>,
) -> CancelledAxis {
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
            axis.evidence = Some(hearing.earlier(axis.evidence, index));
        }
    }
    axis
}

/// `latest`: the newest fact of the order itself with a side; a tie goes to fetched, then to the
/// cancelled side. A return has none: the money of a cancelled order goes back without its coming back.
fn latest(hearing: &Hearing<'_>, heard: impl Iterator<Item = (usize, Ensures)>) -> CancelledAxis {
    let itself =
        |index: usize| matches!(hearing.facts[index].key.about, About::Order | About::Package);
    heard
        .filter(|&(index, _)| itself(index))
        .filter_map(|(index, ensures)| {
            let void = ensures.has(Effect::Void);
            (void || document_of(ensures) > Document::None).then_some((index, void))
        })
        .max_by_key(|&(index, void)| {
            let fact = &hearing.facts[index];
            (fact.key.at, fact.fetched, void, std::cmp::Reverse(&fact.key))
        })
        .map_or_else(CancelledAxis::default, |(index, void)| CancelledAxis {
            value: if void { Cancelled::Yes } else { Cancelled::No },
            evidence: Some(index),
        })
}
