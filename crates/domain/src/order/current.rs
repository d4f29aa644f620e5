//! The current status of an order, and the tab and attention that follow it.

use crate::command::Seen;
use crate::flow::Flow;
use crate::order::heard::Hearing;
use crate::order::{Fact, FactKey, UnitKey};
use crate::term::{About, Attention, Tab};
use crate::time::Time;

/// What the newest known facts say of where an order, or a unit of it, stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Current {
    /// The fact that is the current status.
    pub(crate) fact: Option<usize>,
    /// The fact whose status gives the tab: the newest that names one.
    pub(crate) tab_by: Option<usize>,
    /// The newest tab that any status named.
    pub(crate) tab: Option<Tab>,
    /// The current status' own attention.
    pub(crate) attention: Option<Attention>,
    /// A status that the flow does not know is as new as the current one.
    pub(crate) unknown: bool,
}

/// What the facts of the order itself show, whatever is said of its parcels, returns and requests:
/// what commands go by.
#[must_use]
pub fn seen(flow: &Flow, facts: &[Fact], cancel_requested: bool) -> Seen {
    let own: Vec<Fact> =
        facts.iter().filter(|fact| fact.key.about == About::Order).cloned().collect();
    let hearing = Hearing::of(flow, &own);
    let newest = current(&hearing, None).fact.and_then(|index| own.get(index));
    Seen {
        status: newest.map(|fact| fact.key.status.clone()),
        status_at: newest.and_then(|fact| fact.key.at),
        cancel_requested,
    }
}

/// How new a fact is: untimed ones that count are newer than any timed one.
type Rank<'a> = (bool, Option<Time>, usize, &'a FactKey);

/// Finds the current status of one unit (none = of the order, whatever the unit).
///
/// Timed facts are in order of (time, position in the flow). A push without a time comes after them,
/// and only if no timed fact has its status and its position is above that of the newest timed one.
pub(crate) fn current(hearing: &Hearing<'_>, unit: Option<&UnitKey>) -> Current {
    let mine = || {
        hearing.iter().filter(move |(_, fact, heard)| {
            let of = fact.key.unit.as_ref();
            heard.stands && (of.is_none() || unit.is_none() || of == unit)
        })
    };
    let newest = mine()
        .filter_map(|(_, fact, heard)| {
            fact.key.at.and_then(|at| heard.place.map(|place| (at, place)))
        })
        .max();
    // The same status with a time says more than one without.
    let told_apart = |key: &FactKey| {
        key.at.is_none()
            && !mine().any(|(_, other, _)| {
                other.key.at.is_some()
                    && other.key.about == key.about
                    && other.key.status == key.status
            })
    };

    let mut last: Option<(Rank<'_>, usize)> = None;
    let mut tab: Option<(Rank<'_>, usize)> = None;
    let mut unknown = false;
    for (index, fact, heard) in mine() {
        let untimed = told_apart(&fact.key);
        let Some(place) = heard.place else {
            let as_new = fact.key.at.is_some() && fact.key.at >= newest.map(|(at, _)| at);
            unknown |= heard.is_unknown() && (as_new || untimed);
            continue;
        };
        let above = newest.is_none_or(|(_, newest)| place > newest);
        if fact.key.at.is_none() && !(untimed && above) {
            continue;
        }
        let rank = (fact.key.at.is_none(), fact.key.at, place, &fact.key);
        if last.is_none_or(|(known, _)| rank > known) {
            last = Some((rank, index));
        }
        if heard.tab.is_some() && tab.is_none_or(|(known, _)| rank > known) {
            tab = Some((rank, index));
        }
    }
    let (fact, tab_by) = (last.map(|(_, index)| index), tab.map(|(_, index)| index));
    Current {
        fact,
        tab_by,
        tab: tab_by.and_then(|index| hearing.heard[index].tab),
        attention: fact.and_then(|index| hearing.heard[index].attention),
        unknown,
    }
}
