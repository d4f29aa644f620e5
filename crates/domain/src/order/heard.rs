//! What the flow says of each fact, looked up once.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::flow::{Effect, Ensures, Flow};
use crate::order::fact::CLOSED;
use crate::order::{Fact, UnitKey};
use crate::term::{About, Attention, Tab};

/// What one fact says under a flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// What it releases.
    pub(crate) released: Ensures,
    /// What it would release if it were heard by every mode.
    pub(crate) written: Ensures,
    /// The place of its status in the flow; none = the flow does not know the status.
    pub(crate) place: Option<usize>,
    /// The tab that its status names.
    pub(crate) tab: Option<Tab>,
    /// The attention that its status names.
    pub(crate) attention: Option<Attention>,
    /// Says that a return or a request to cancel is over.
    pub(crate) closes: bool,
    /// Speaks of a return or a request that is not over, or of neither: it counts for the current
    /// status.
    pub(crate) stands: bool,
}

impl Heard {
    /// The flow does not know the status.
    pub(crate) fn is_unknown(&self) -> bool {
        self.place.is_none() && !self.closes
    }
}

/// The facts of an order with what the flow says of each.
pub(crate) struct Hearing<'a> {
    pub(crate) facts: &'a [Fact],
    pub(crate) heard: Vec<Heard>,
    /// Units have statuses of their own, so that those of the order move none of them.
    by_unit: bool,
}

impl<'a> Hearing<'a> {
    pub(crate) fn of(flow: &Flow, facts: &'a [Fact]) -> Self {
        let mut heard: Vec<Heard> = facts.iter().map(|fact| hear(flow, fact)).collect();
        let over: BTreeSet<(About, Option<Arc<str>>)> = facts
            .iter()
            .zip(&heard)
            .filter(|(_, heard)| heard.closes)
            .map(|(fact, _)| (fact.key.about, fact.key.reference.clone()))
            .collect();
        for (fact, heard) in facts.iter().zip(&mut heard) {
            let opens = match fact.key.about {
                About::Return => heard.written.has(Effect::Return),
                About::CancelRequest => !heard.closes,
                About::Order | About::Package => false,
            };
            let reference = &fact.key.reference;
            heard.stands = !(opens && over.contains(&(fact.key.about, reference.clone())));
        }
        let by_unit =
            facts.iter().any(|fact| fact.key.about == About::Order && fact.key.unit.is_some());
        Self { facts, heard, by_unit }
    }

    /// Every fact with its index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Fact, &Heard)> {
        self.facts.iter().zip(&self.heard).enumerate().map(|(at, (fact, heard))| (at, fact, heard))
    }

    /// Whether a fact moves a unit: one of its own does; one of the order moves every unit, unless
    /// units have statuses of their own.
    pub(crate) fn moves(&self, fact: &Fact, unit: Option<&UnitKey>) -> bool {
        match &fact.key.unit {
            None => !self.by_unit,
            own => own.as_ref() == unit,
        }
    }

    /// Of two facts, the one that speaks for an axis: the earlier; an untimed one only when no timed
    /// one does.
    pub(crate) fn earlier(&self, one: Option<usize>, two: usize) -> usize {
        let rank = |at: usize| {
            let key = &self.facts[at].key;
            (key.at.is_none(), key.at, key)
        };
        one.filter(|&one| rank(one) <= rank(two)).unwrap_or(two)
    }
}

fn hear(flow: &Flow, fact: &Fact) -> Heard {
    let key = &fact.key;
    let of_its_own = matches!(key.about, About::Return | About::CancelRequest);
    let Some(hit) = flow.ensured(key.about, &key.status, key.actor, key.mode) else {
        return Heard {
            released: Ensures::NOTHING,
            written: Ensures::NOTHING,
            place: None,
            tab: None,
            attention: None,
            closes: of_its_own && key.status.as_str() == CLOSED,
            stands: true,
        };
    };
    let written =
        hit.rules.iter().fold(Ensures::NOTHING, |all, &rule| all.union(flow.rules[rule].ensures));
    Heard {
        released: hit.ensures,
        written,
        place: flow.position(key.about, &key.status),
        tab: hit.tab,
        attention: hit.attention,
        closes: match key.about {
            About::Return => !written.has(Effect::Return),
            About::CancelRequest => key.status.as_str() == CLOSED,
            About::Order | About::Package => false,
        },
        stands: true,
    }
}
