//! What a fact releases under a flow.

use crate::flow::{Ensures, Flow, Rule};
use crate::term::{About, Actor, Attention, ChannelStatus, Mode, Tab};

/// What one fact releases, and the rules that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensured {
    /// What must hold: the effects that the fact's mode releases.
    pub ensures: Ensures,
    /// Indices into [`Flow::rules`] of the rules hit, whether or not they released anything.
    pub rules: Vec<usize>,
    /// Where the order shows; none = where it was. The mode has no say in it.
    pub tab: Option<Tab>,
    /// Why a person must look. The mode has no say in it.
    pub attention: Option<Attention>,
}

/// What the rules say for one actor.
#[derive(Clone, Copy)]
struct Outcome {
    /// The effects that the mode releases.
    released: Ensures,
    /// The effects as written.
    written: Ensures,
    tab: Option<Tab>,
    attention: Option<Attention>,
}

impl Outcome {
    fn of<'a>(rules: impl Iterator<Item = &'a Rule>, mode: Mode) -> Self {
        let nothing = Self {
            released: Ensures::NOTHING,
            written: Ensures::NOTHING,
            tab: None,
            attention: None,
        };
        rules.fold(nothing, |all, rule| Self {
            released: if rule.releases(mode) {
                all.released.union(rule.ensures)
            } else {
                all.released
            },
            written: all.written.union(rule.ensures),
            // Rules that one fact meets agree, or name none; the loader checks it.
            tab: all.tab.or(rule.tab),
            attention: all.attention.or(rule.attention),
        })
    }

    /// What holds whichever of the outcomes is the true one. Tab and attention are those of the
    /// outcomes that ensure no more than this.
    fn weakest(outcomes: &[Self]) -> Option<Self> {
        let meet = |of: fn(&Self) -> Ensures| outcomes.iter().map(of).reduce(Ensures::meet);
        let released = meet(|outcome| outcome.released)?;
        let written = meet(|outcome| outcome.written)?;
        let no_more = |outcome: &&Self| outcome.written.closure() == written.closure();
        let candidates: Vec<&Self> = match outcomes.iter().filter(no_more).collect::<Vec<_>>() {
            none if none.is_empty() => outcomes.iter().collect(),
            some => some,
        };
        Some(Self {
            released,
            written,
            tab: agreed(candidates.iter().map(|outcome| outcome.tab)),
            attention: agreed(candidates.iter().map(|outcome| outcome.attention)),
        })
    }
}

/// The value that all have in common.
fn agreed<T: PartialEq>(mut values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first).flatten()
}

impl Flow {
    /// What a fact releases; `None` if the flow does not know the status.
    ///
    /// A known actor meets the rows of that actor and those of any. An unknown one, or one that has
    /// no row, gets what the rows of every actor have in common ([`Ensures::meet`]), so that
    /// learning the actor can only add: for `void` by the seller and `manual_void` by the buyer,
    /// nobody in particular is `manual_void`.
    #[must_use]
    pub fn ensured(
        &self,
        about: About,
        status: &ChannelStatus,
        actor: Option<Actor>,
        mode: Mode,
    ) -> Option<Ensured> {
        let rows: Vec<(usize, &Rule)> = self.rows(about, status).collect();
        let for_actor = |actor: Actor| {
            rows.iter().map(|(_, rule)| *rule).filter(move |rule| rule.is_for(actor))
        };
        let known = actor.filter(|&actor| for_actor(actor).next().is_some());
        let outcome = if let Some(actor) = known {
            Outcome::of(for_actor(actor), mode)
        } else {
            let outcomes: Vec<Outcome> = Actor::ALL
                .iter()
                .filter(|&&actor| for_actor(actor).next().is_some())
                .map(|&actor| Outcome::of(for_actor(actor), mode))
                .collect();
            Outcome::weakest(&outcomes)?
        };
        Some(Ensured {
            ensures: outcome.released,
            rules: self.matching(about, status, actor).map(|(index, _)| index).collect(),
            tab: outcome.tab,
            attention: outcome.attention,
        })
    }

    /// The rules that a fact meets, with their indices; none = the flow does not know the status.
    ///
    /// A known actor meets its own rows and those of any; an unknown one, or one that has no row,
    /// meets every row of the status.
    pub fn matching<'a>(
        &'a self,
        about: About,
        status: &'a ChannelStatus,
        actor: Option<Actor>,
    ) -> impl Iterator<Item = (usize, &'a Rule)> {
        let known =
            actor.filter(|&actor| self.rows(about, status).any(|(_, rule)| rule.is_for(actor)));
        self.rows(about, status)
            .filter(move |(_, rule)| known.is_none_or(|actor| rule.is_for(actor)))
    }

    /// Every row of a status, whoever the actor.
    fn rows<'a>(
        &'a self,
        about: About,
        status: &'a ChannelStatus,
    ) -> impl Iterator<Item = (usize, &'a Rule)> {
        self.rules
            .iter()
            .enumerate()
            .filter(move |(_, rule)| rule.about == about && rule.status == *status)
    }
}

impl Rule {
    /// Whether a fact of this actor meets the rule.
    fn is_for(&self, actor: Actor) -> bool {
        self.actor.is_none_or(|own| own == actor)
    }
}
