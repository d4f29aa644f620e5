//! What each fact did, for the timeline.

use super::sentence::Topic;
use crate::flow::Ensures;
use crate::order::Case;
use crate::order::judge::judge;

/// What one fact did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Its place in the case's facts.
    pub fact: usize,
    /// The rules it hit, by their place in the flow; none = the flow does not know the status.
    pub rules: Vec<usize>,
    /// What it released.
    pub released: Ensures,
    /// What its rules ensure but the way it was heard does not release.
    pub held_back: Ensures,
    /// The axes it speaks for.
    pub evidence: Vec<Topic>,
    /// It speaks for a return.
    pub returned: bool,
    /// It is the current status.
    pub current: bool,
}

/// What each fact of a case did, in the order of the case.
#[must_use]
pub fn trace(case: Case<'_>) -> Vec<Traced> {
    let by = judge(case).evidence;
    let axes = [
        (Topic::Document, by.document),
        (Topic::Delivery, by.delivery),
        (Topic::Payment, by.payment),
        (Topic::Cancelled, by.cancelled),
        (Topic::Tab, by.status),
    ];
    let one = |(fact, known): (usize, &crate::order::Fact)| {
        let key = &known.key;
        let hit = case.flow.ensured(key.about, &key.status, key.actor, key.mode);
        let (rules, released) = hit.map(|hit| (hit.rules, hit.ensures)).unwrap_or_default();
        let written: Ensures =
            rules.iter().flat_map(|&rule| case.flow.rules[rule].ensures.iter()).collect();
        Traced {
            fact,
            rules,
            released,
            held_back: written.without(released),
            evidence: axes
                .iter()
                .filter_map(|&(topic, by)| (by == Some(fact)).then_some(topic))
                .collect(),
            returned: by.returned == Some(fact),
            current: by.status == Some(fact),
        }
    };
    case.facts.iter().enumerate().map(one).collect()
}
