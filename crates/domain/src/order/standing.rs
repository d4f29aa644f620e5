//! Where an order stands: the current status, of the whole or of its least advanced unit.

use crate::flow::Effect;
use crate::order::axes::{Axes, document_of};
use crate::order::current::{Current, current};
use crate::order::heard::Hearing;
use crate::term::{Attention, Cancellation};

/// Where the order stands.
pub(crate) struct Standing {
    /// The current status: that of the least advanced living unit where units differ.
    pub(crate) current: Current,
    /// Living units stand at different places of the flow.
    pub(crate) units_differ: bool,
    /// What the current statuses of the living units name.
    pub(crate) attentions: Vec<Attention>,
    /// A status that the flow does not know is as new as a current one.
    pub(crate) unknown: bool,
    /// The channel took a status back.
    pub(crate) went_back: bool,
}

impl Standing {
    pub(crate) fn of(cancellation: Cancellation, hearing: &Hearing<'_>, axes: &Axes) -> Self {
        let whole = current(hearing, None);
        let living: Vec<Current> = axes
            .units
            .iter()
            .filter(|(_, unit)| !unit.is_dead())
            .filter_map(|(name, _)| name.as_ref())
            .map(|name| current(hearing, Some(name)))
            .filter(|unit| unit.fact.is_some())
            .collect();
        let place = |unit: &Current| unit.fact.and_then(|at| hearing.heard[at].place);
        let rank =
            |unit: &Current| unit.fact.map(|at| (hearing.heard[at].place, &hearing.facts[at].key));
        let attentions = match living.as_slice() {
            [] => whole.attention.into_iter().collect(),
            units => units.iter().filter_map(|unit| unit.attention).collect(),
        };
        Self {
            units_differ: living.windows(2).any(|two| place(&two[0]) != place(&two[1])),
            attentions,
            unknown: whole.unknown || living.iter().any(|unit| unit.unknown),
            went_back: cancellation == Cancellation::Latest && went_back(hearing, &whole),
            current: living
                .into_iter()
                .min_by(|one, two| rank(one).cmp(&rank(two)))
                .unwrap_or(whole),
        }
    }
}

/// On a `latest` channel: the newest status stands earlier in the flow than one heard before, ends
/// nothing, and ensures less than what holds.
fn went_back(hearing: &Hearing<'_>, newest: &Current) -> bool {
    let Some(at) = newest.fact else { return false };
    let now = &hearing.heard[at];
    let ends = now.written.has(Effect::Void) || now.written.has(Effect::ManualVoid);
    let ensures_less = || {
        let covered = now.written.closure();
        hearing.heard.iter().any(|other| {
            document_of(other.released) > document_of(now.written)
                || [Effect::PartlySent, Effect::Sent, Effect::Paid]
                    .iter()
                    .any(|&effect| other.released.closure().has(effect) && !covered.has(effect))
        })
    };
    !ends && hearing.heard.iter().any(|other| other.place > now.place) && ensures_less()
}
