//! The current status of an order, and the tab and attention that follow it.

use std::collections::BTreeSet;

use crate::flow::Flow;
use crate::order::{Fact, UnitKey};
use crate::term::{About, Attention, ChannelStatus, Tab};

/// What the newest known facts say of where an order stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Current {
    /// The fact that is the current status.
    pub(crate) fact: Option<usize>,
    /// The newest tab that any status named.
    pub(crate) tab: Option<Tab>,
    /// The current status' own attention.
    pub(crate) attention: Option<Attention>,
    /// A status that the flow does not know is as new as the current one.
    pub(crate) unknown: bool,
}

/// Finds the current status of one unit (none = of the order where units have no names).
///
/// Timed facts are in order of (time, position in the flow). A push without a time comes after them,
/// and only if no timed fact has its status and its position is above that of the newest timed one.
pub(crate) fn current(flow: &Flow, facts: &[Fact], unit: Option<&UnitKey>) -> Current {
    let mine: Vec<usize> = (0..facts.len())
        .filter(|&index| {
            let of = facts[index].key.unit.as_ref();
            of.is_none() || unit.is_none() || of == unit
        })
        .collect();
    let position = |index: usize| flow.position(facts[index].key.about, &facts[index].key.status);
    let timed_statuses: BTreeSet<(About, &ChannelStatus)> = mine
        .iter()
        .filter(|&&index| facts[index].key.at.is_some())
        .map(|&index| (facts[index].key.about, &facts[index].key.status))
        .collect();

    let mut sequence: Vec<(Option<crate::time::Time>, usize, usize)> = Vec::new();
    for &index in &mine {
        if let (Some(at), Some(place)) = (facts[index].key.at, position(index)) {
            sequence.push((Some(at), place, index));
        }
    }
    sequence.sort_by(|a, b| (a.0, a.1, &facts[a.2].key).cmp(&(b.0, b.1, &facts[b.2].key)));
    let newest = sequence.last().copied();

    let mut untimed: Vec<(usize, usize)> = mine
        .iter()
        .filter(|&&index| facts[index].key.at.is_none())
        .filter(|&&index| {
            !timed_statuses.contains(&(facts[index].key.about, &facts[index].key.status))
        })
        .filter_map(|&index| position(index).map(|place| (place, index)))
        .filter(|&(place, _)| newest.is_none_or(|(_, above, _)| place > above))
        .collect();
    untimed.sort_by(|a, b| (a.0, &facts[a.1].key).cmp(&(b.0, &facts[b.1].key)));
    sequence.extend(untimed.into_iter().map(|(place, index)| (None, place, index)));

    let hit = |index: usize| {
        let key = &facts[index].key;
        flow.ensured(key.about, &key.status, key.actor, key.mode)
    };
    let last = sequence.last().map(|&(_, _, index)| index);
    Current {
        fact: last,
        tab: sequence.iter().rev().find_map(|&(_, _, index)| hit(index).and_then(|hit| hit.tab)),
        attention: last.and_then(|index| hit(index).and_then(|hit| hit.attention)),
        unknown: unknown(flow, facts, &mine, newest.and_then(|(at, _, _)| at)),
    }
}

/// Whether an unknown status is as new as the newest known timed one, or has no time at all.
fn unknown(flow: &Flow, facts: &[Fact], mine: &[usize], newest: Option<crate::time::Time>) -> bool {
    mine.iter().map(|&index| &facts[index].key).any(|key| {
        flow.position(key.about, &key.status).is_none() && (key.at.is_none() || key.at >= newest)
    })
}
