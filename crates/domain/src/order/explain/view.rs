//! What the sentences are made from: a case, its state and what the flow says of each fact.

use super::sentence::{Arg, Reason, Sentence, Topic};
use crate::flow::{Effect, Ensures, Rule};
use crate::order::judge::{Judged, judged};
use crate::order::{Case, Fact, State};
use crate::term::{About, Mode};

/// A fact whose rule ensures something that the way it was heard does not release.
pub(super) struct HeldBack {
    pub(super) fact: usize,
    /// The way that would release it.
    pub(super) other: Mode,
}

pub(super) struct View<'a> {
    pub(super) case: Case<'a>,
    pub(super) state: &'a State,
    pub(super) judged: Judged<'a>,
}

impl<'a> View<'a> {
    pub(super) fn of(case: Case<'a>, state: &'a State) -> Self {
        Self { case, state, judged: judged(&case) }
    }

    pub(super) fn fact(&self, at: usize) -> &Fact {
        &self.case.facts[at]
    }

    /// The rule of a fact that ensures one of these effects, else its first.
    pub(super) fn rule_of(&self, fact: usize, effects: Ensures) -> Option<usize> {
        let key = &self.fact(fact).key;
        let hit = || self.case.flow.matching(key.about, &key.status, key.actor);
        let ensures = |(_, rule): &(usize, &Rule)| !rule.ensures.intersection(effects).is_empty();
        hit().find(ensures).or_else(|| hit().next()).map(|(index, _)| index)
    }

    /// A reason that rests on a fact: with its status, meaning and time.
    pub(super) fn resting_on(
        &self,
        topic: Topic,
        key: &'static str,
        fact: usize,
        effects: Ensures,
    ) -> Reason {
        let rule = self.rule_of(fact, effects);
        let meaning = rule.map(|rule| self.case.flow.rules[rule].meaning.clone());
        let heard = &self.fact(fact).key;
        let because = Sentence::new(key)
            .with("status", Arg::Status(heard.status.clone()))
            .with("meaning", Arg::Meaning(meaning.unwrap_or_default()))
            .with("time", Arg::Time(heard.at));
        Reason { topic, because, change: None, fact: Some(fact), rule }
    }

    /// The earliest fact that would have one of these effects if it had been heard another way.
    pub(super) fn held_back(&self, effects: Ensures) -> Option<HeldBack> {
        let hearing = &self.judged.hearing;
        let wanting = hearing.iter().filter(|(_, _, heard)| {
            heard.released.intersection(effects).is_empty()
                && !heard.written.intersection(effects).is_empty()
        });
        let held_back = wanting.filter_map(|(fact, known, _)| {
            let key = &known.key;
            let releases = |mode| {
                let hit = self.case.flow.ensured(key.about, &key.status, key.actor, mode);
                hit.is_some_and(|hit| !hit.ensures.intersection(effects).is_empty())
            };
            let other = Mode::ALL.iter().copied().find(|&mode| releases(mode))?;
            Some(HeldBack { fact, other })
        });
        held_back.reduce(|one, two| {
            if hearing.earlier(Some(one.fact), two.fact) == one.fact { one } else { two }
        })
    }

    /// The reason of something that was held back, and what would release it.
    pub(super) fn of_held_back(
        &self,
        topic: Topic,
        (because, download): (&'static str, &'static str),
        effects: Ensures,
    ) -> Option<Reason> {
        let HeldBack { fact, other } = self.held_back(effects)?;
        let mut reason = self.resting_on(topic, because, fact, effects);
        let key = &self.fact(fact).key;
        reason.because =
            reason.because.with("mode", Arg::Mode(key.mode)).with("other", Arg::Mode(other));
        let status = Arg::Status(key.status.clone());
        let change = Sentence::new(download).with("status", status);
        Some(reason.unless((other == Mode::Download).then_some(change)))
    }

    /// The next row of the flow about the order that has one of these effects: after the current
    /// status if there is one, else the first. Rows that a message by itself releases go first.
    pub(super) fn next_with(&self, effects: Ensures) -> Option<usize> {
        let here = self.place();
        let candidates = || {
            self.case.flow.rules.iter().enumerate().filter(|(_, rule)| {
                rule.about == About::Order
                    && !rule.ensures.intersection(effects).is_empty()
                    && (rule.realtime || rule.download)
            })
        };
        let after = |(index, _): &(usize, &Rule)| here.is_none_or(|here| *index > here);
        let by_itself = |(_, rule): &(usize, &Rule)| rule.realtime;
        candidates()
            .find(|row| after(row) && by_itself(row))
            .or_else(|| candidates().find(after))
            .or_else(|| candidates().find(by_itself))
            .or_else(|| candidates().next())
            .map(|(index, _)| index)
    }

    /// The place of the current status in the flow.
    pub(super) fn place(&self) -> Option<usize> {
        self.state.evidence.status.and_then(|at| self.judged.hearing.heard[at].place)
    }

    /// A sentence about a row of the flow.
    pub(super) fn of_row(&self, key: &'static str, row: usize) -> Sentence {
        let rule = &self.case.flow.rules[row];
        Sentence::new(key)
            .with("status", Arg::Status(rule.status.clone()))
            .with("meaning", Arg::Meaning(rule.meaning.clone()))
    }
}

/// A set of effects.
pub(super) fn any_of(effects: &[Effect]) -> Ensures {
    effects.iter().copied().collect()
}
