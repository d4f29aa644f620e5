//! The judgement: from what is known to what must hold.

use std::collections::BTreeSet;

use crate::flow::Flow;
use crate::order::axes::{Axes, Unit, released};
use crate::order::current::{Current, current};
use crate::order::state::AxisEvidence;
use crate::order::{Acts, Fact, Line, LineTarget, State, UnitKey};
use crate::stock::Target;
use crate::term::{Attention, Cancellation, Cancelled, Delivery, Document, Payment, Returned, Tab};

/// All that is known of one order, in whatever order it came.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The flow it is judged by.
    pub flow: &'a Flow,
    /// Every fact, without duplicates.
    pub facts: &'a [Fact],
    /// The lines, once a look showed them.
    pub lines: Option<&'a [Line]>,
    /// Whether the newest look shows an open request to cancel.
    pub cancel_requested: bool,
    /// What people hold.
    pub acts: Acts,
}

/// Judges an order. Pure: the same case always gives the same state.
#[must_use]
pub fn judge(case: Case<'_>) -> State {
    let named: BTreeSet<UnitKey> =
        case.lines.unwrap_or_default().iter().flat_map(|line| line.units.iter().cloned()).collect();
    let released = released(case.flow, case.facts);
    let axes = Axes::join(case.flow, case.facts, &released, &named);
    let (tab_unit, current) = current_of_order(&case, &axes);

    let heard = Rolled::of(&axes);
    let held = heard.held_by(case.acts, axes.document);
    let mut state = State {
        document: axes.document,
        delivery: held.delivery,
        payment: held.payment,
        cancelled: heard.cancelled,
        returned: furthest_return(&axes),
        bin: held.bin,
        tab: current.tab,
        attentions: BTreeSet::new(),
        status: current
            .fact
            .map(|at| (case.facts[at].key.about, case.facts[at].key.status.clone())),
        status_at: current.fact.and_then(|at| case.facts[at].key.at),
        cancelled_by: None,
        cancelled_reason: None,
        documented: case.lines.is_some_and(|lines| !lines.is_empty()),
        targets: Vec::new(),
        evidence: AxisEvidence {
            document: axes.document_by,
            delivery: axes.sent_by,
            payment: axes.paid_by,
            cancelled: heard.cancelled_by,
            returned: axes.returned_by,
            status: current.fact,
        },
    };
    if let Some(at) = heard.cancelled_by.filter(|_| heard.cancelled > Cancelled::No) {
        state.cancelled_by = case.facts[at].key.actor;
        state.cancelled_reason = case.facts[at].reason.clone();
    }
    state.attentions = attentions(&case, &state, &current, &heard);
    if current.unknown || tab_unit.is_some_and(|unit| unit.unknown) {
        state.attentions.insert(Attention::UnknownStatus);
    }
    state.targets = targets(&case, &axes, &state);
    state
}

/// The rolled-up axes.
#[derive(Debug, Clone, Copy)]
struct Rolled {
    delivery: Delivery,
    payment: Payment,
    cancelled: Cancelled,
    cancelled_by: Option<usize>,
    bin: bool,
}

impl Rolled {
    /// Rolls up over the units that are not dead, or over all when every one is.
    fn of(axes: &Axes) -> Self {
        let all: Vec<&Unit> = axes.units.values().collect();
        let alive: Vec<&Unit> = all.iter().copied().filter(|unit| !unit.is_dead()).collect();
        let counted = if alive.is_empty() { &all } else { &alive };
        let sent = counted.iter().filter(|unit| unit.sent).count();
        let delivery = if sent == counted.len() {
            Delivery::Sent
        } else if sent > 0 || axes.partly_sent {
            Delivery::PartlySent
        } else {
            Delivery::Unsent
        };
        let paid = counted.iter().all(|unit| unit.paid);
        let weakest = all.iter().map(|unit| unit.cancelled).min_by_key(|axis| axis.value);
        let cancelled = weakest.map_or(Cancelled::No, |axis| axis.value);
        Self {
            delivery,
            payment: if paid { Payment::Paid } else { Payment::Unpaid },
            cancelled,
            cancelled_by: weakest.and_then(|axis| axis.evidence),
            bin: axes.document > Document::None
                && cancelled == Cancelled::Yes
                && delivery == Delivery::Unsent,
        }
    }

    /// The same with what people hold against the channel.
    fn held_by(mut self, acts: Acts, document: Document) -> Self {
        if let Some(sent) = acts.sent {
            self.delivery = if sent { Delivery::Sent } else { Delivery::Unsent };
            self.bin = document > Document::None && self.cancelled == Cancelled::Yes && !sent;
        }
        if let Some(paid) = acts.paid {
            self.payment = if paid { Payment::Paid } else { Payment::Unpaid };
        }
        if let Some(bin) = acts.bin {
            self.bin = bin && document > Document::None;
        }
        self
    }
}

/// Units that differ show under the least advanced living unit's tab.
fn current_of_order(case: &Case<'_>, axes: &Axes) -> (Option<Current>, Current) {
    let whole = current(case.flow, case.facts, None);
    let named: Vec<&UnitKey> = axes
        .units
        .iter()
        .filter(|(_, unit)| !unit.is_dead())
        .filter_map(|(name, _)| name.as_ref())
        .collect();
    if named.is_empty() {
        return (None, whole);
    }
    let place = |current: &Current| {
        current
            .fact
            .and_then(|at| case.flow.position(case.facts[at].key.about, &case.facts[at].key.status))
    };
    let least = named
        .into_iter()
        .map(|name| current(case.flow, case.facts, Some(name)))
        .min_by_key(|current| (place(current), current.fact));
    (Some(whole.clone()), least.unwrap_or(whole))
}

fn furthest_return(axes: &Axes) -> Returned {
    let stages = || axes.returns.values().copied();
    if stages().any(|stage| stage == Returned::Open) {
        Returned::Open
    } else {
        stages().max().unwrap_or(Returned::None)
    }
}

fn attentions(
    case: &Case<'_>,
    state: &State,
    current: &Current,
    heard: &Rolled,
) -> BTreeSet<Attention> {
    let mut found = BTreeSet::new();
    found.extend(current.attention.filter(|&attention| attention != Attention::ManualVoid));
    if state.cancelled == Cancelled::ManualVoidWanted
        && state.delivery == Delivery::Unsent
        && state.document > Document::None
        && !state.bin
    {
        found.insert(Attention::ManualVoid);
    }
    if state.cancelled == Cancelled::Yes
        && state.delivery > Delivery::Unsent
        && state.document > Document::None
        && !state.bin
    {
        found.insert(Attention::CancelledAfterSent);
    }
    if state.returned == Returned::Open {
        found.insert(Attention::ReturnEdit);
    }
    if case.cancel_requested && state.cancelled == Cancelled::No {
        found.insert(Attention::CancelRequest);
    }
    let differs = state.delivery != heard.delivery
        || state.payment != heard.payment
        || state.bin != heard.bin;
    if differs {
        found.insert(Attention::DiffersFromChannel);
    }
    if case.flow.cancellation == Cancellation::Latest && went_back(case) {
        found.insert(Attention::StatusWentBack);
    }
    found
}

/// On a `latest` channel: the newest fact stands earlier in the flow than one before it, on the same
/// side of cancellation.
fn went_back(case: &Case<'_>) -> bool {
    let mut known: Vec<(Option<crate::time::Time>, usize)> = case
        .facts
        .iter()
        .filter_map(|fact| {
            let hit = case.flow.ensured(
                fact.key.about,
                &fact.key.status,
                fact.key.actor,
                fact.key.mode,
            )?;
            if hit.tab == Some(Tab::Cancelled) {
                return None;
            }
            Some((fact.key.at, case.flow.position(fact.key.about, &fact.key.status)?))
        })
        .collect();
    known.sort_unstable();
    let furthest = known.iter().map(|&(_, place)| place).max();
    known.last().map(|&(_, place)| place) < furthest
}

/// What each line is to hold of stock.
fn targets(case: &Case<'_>, axes: &Axes, state: &State) -> Vec<LineTarget> {
    let everything = axes.units.get(&None).copied();
    let target_of = |line: &Line| {
        // A document that a person took out of the bin holds its units although they are dead.
        let dead = |unit: &Unit| unit.is_dead() && case.acts.bin != Some(false);
        let mut live = 0;
        let mut sent = 0;
        if line.units.is_empty() {
            let none = everything.is_some_and(|unit| dead(&unit));
            live = if none { 0 } else { (line.quantity - line.cancelled).max(0) };
            sent = if state.delivery == Delivery::Sent { live } else { 0 };
        }
        for name in &line.units {
            let unit = axes.units.get(&Some(name.clone())).copied().unwrap_or_default();
            live += i64::from(!dead(&unit));
            sent += i64::from(unit.sent);
        }
        match case.acts.sent {
            Some(true) => sent = live,
            Some(false) => sent = 0,
            None => {}
        }
        LineTarget { line: line.key.clone(), live, target: hold(state, live, sent) }
    };
    case.lines.unwrap_or_default().iter().map(target_of).collect()
}

/// What `live` units, `sent` of them gone, are to hold.
///
/// A document in the bin holds nothing but what had left before.
fn hold(state: &State, live: i64, sent: i64) -> Target {
    if state.bin {
        return Target { reserve: 0, allocate: 0, sold: sent };
    }
    match state.written() {
        Document::None => Target::default(),
        Document::SalesOrder => Target { reserve: live, allocate: 0, sold: 0 },
        Document::Invoice => Target { reserve: 0, allocate: live - sent, sold: sent },
    }
}
