//! The judgement: from what is known to what must hold.

use crate::flow::Flow;
use crate::order::axes::Axes;
use crate::order::heard::Hearing;
use crate::order::rolled::Rolled;
use crate::order::standing::Standing;
use crate::order::state::AxisEvidence;
use crate::order::target::targets;
use crate::order::{Acts, Fact, Line, State};
use crate::term::{Attention, Cancelled, Delivery, Document, Returned};

/// All that is known of one order, in whatever order it came.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The flow it is judged by.
    pub flow: &'a Flow,
    /// Every fact, without duplicates: see [`Fact::absorb`].
    pub facts: &'a [Fact],
    /// The lines, once a look showed them.
    pub lines: Option<&'a [Line]>,
    /// Whether the newest look shows an open request to cancel.
    pub cancel_requested: bool,
    /// What people hold.
    pub acts: Acts,
}

/// A case with what was found out about it on the way to its state.
pub(crate) struct Judged<'a> {
    pub(crate) hearing: Hearing<'a>,
    pub(crate) axes: Axes,
    /// The axes rolled up, before acts of people.
    pub(crate) heard: Rolled,
    pub(crate) standing: Standing,
}

/// Judges an order. Pure: the same case always gives the same state.
#[must_use]
pub fn judge(case: Case<'_>) -> State {
    let judged = judged(&case);
    state(&case, &judged)
}

pub(crate) fn judged<'a>(case: &Case<'a>) -> Judged<'a> {
    let hearing = Hearing::of(case.flow, case.facts);
    let named = case.lines.unwrap_or_default().iter().flat_map(|line| line.units.iter().cloned());
    let axes = Axes::join(case.flow.cancellation, &hearing, named);
    let heard = Rolled::of(&axes, &hearing);
    let standing = Standing::of(case.flow.cancellation, &hearing, &axes);
    Judged { hearing, axes, heard, standing }
}

fn state(case: &Case<'_>, judged: &Judged<'_>) -> State {
    let Judged { axes, heard, standing, .. } = judged;
    let documented = case.lines.is_some_and(|lines| !lines.is_empty());
    let written = if documented { axes.document } else { Document::None };
    let held = heard.held_by(case.acts);
    let speaks = |by: Option<usize>| by.map(|at| &case.facts[at]);
    let status = speaks(standing.current.fact);
    let canceller = speaks(heard.cancelled_by).filter(|_| heard.cancelled > Cancelled::No);
    let mut state = State {
        document: axes.document,
        delivery: held.delivery,
        payment: held.payment,
        cancelled: heard.cancelled,
        returned: furthest_return(axes),
        bin: held.bin && written > Document::None,
        tab: standing.current.tab,
        attentions: standing.attentions.iter().copied().collect(),
        status: status.map(|fact| (fact.key.about, fact.key.status.clone())),
        status_at: status.and_then(|fact| fact.key.at),
        cancelled_by: canceller.and_then(|fact| fact.key.actor),
        cancelled_reason: canceller.and_then(|fact| fact.reason.clone()),
        documented,
        targets: Vec::new(),
        evidence: AxisEvidence {
            document: axes.document_by,
            delivery: axes.sent_by,
            payment: axes.paid_by,
            cancelled: heard.cancelled_by,
            returned: axes.returned_by,
            status: standing.current.fact,
        },
    };
    derive_attentions(case, judged, &mut state);
    state.targets = targets(case, axes, &state);
    state
}

fn furthest_return(axes: &Axes) -> Returned {
    let stages = || axes.returns.values().copied();
    if stages().any(|stage| stage == Returned::Open) {
        Returned::Open
    } else {
        stages().max().unwrap_or(Returned::None)
    }
}

/// Adds the attentions that follow from the state rather than from a status.
fn derive_attentions(case: &Case<'_>, judged: &Judged<'_>, state: &mut State) {
    let Judged { heard, standing, .. } = judged;
    let written = state.written() > Document::None;
    let kept = written && !state.bin;
    let found = &mut state.attentions;
    let mut raise = |cause: bool, attention: Attention| {
        if cause {
            found.insert(attention);
        }
    };
    let sent = match case.acts.sent {
        Some(sent) => sent,
        None => heard.delivery > Delivery::Unsent,
    };
    let cancelled_after_sent = (state.cancelled > Cancelled::No && sent)
        || (heard.cancelled_after_leaving && case.acts.sent != Some(false));
    raise(kept && cancelled_after_sent, Attention::CancelledAfterSent);
    raise(state.returned == Returned::Open, Attention::ReturnEdit);
    raise(case.cancel_requested && state.cancelled == Cancelled::No, Attention::CancelRequest);
    raise(standing.unknown, Attention::UnknownStatus);
    raise(standing.went_back, Attention::StatusWentBack);
    let differs = state.delivery != heard.delivery
        || state.payment != heard.payment
        || state.bin != (heard.bin && written);
    raise(written && differs, Attention::DiffersFromChannel);
    // Whether to void is asked of a person until a person has decided it.
    let undecided = case.acts.bin.is_none();
    raise(
        kept && heard.void_wanted && undecided && case.acts.sent != Some(true),
        Attention::ManualVoid,
    );
    if !undecided {
        found.remove(&Attention::ManualVoid);
    }
}
