//! What happened to an order: what was heard and what people did, with what it caused.

use dermaga_domain::order::explain::{Traced, trace};
use dermaga_domain::time::Time;
use dermaga_store::read::case::{HeardFact, OrderCase, RecordedAct};
use dermaga_store::read::detail::{Detail, Movement, Transition};
use dermaga_ui::{
    About, Act, ActNote, Actor, Ensure, FactNote, Happening, Mode, MovementKind, MovementNote,
    ShopLink, TimelineEntry, Verb,
};

use super::order::{movement_kind, units};
use crate::explain::{source, status_link};

/// The entries, newest first.
pub(super) fn of(
    detail: &Detail,
    case: &OrderCase,
    shop: &ShopLink,
    person: &dyn Fn(&RecordedAct) -> String,
) -> Vec<TimelineEntry> {
    let traced = trace(case.case());
    let mut left: Vec<&Transition> = detail.transitions.iter().collect();
    let mut moved: Vec<&Movement> = detail.movements.iter().collect();
    let mut entries: Vec<(Time, TimelineEntry)> = Vec::new();
    for (heard, traced) in case.facts.iter().zip(&traced) {
        let caused = |transition: &Transition| {
            transition.at == heard.heard_at
                && transition.act.is_none()
                && (transition.status.as_deref() == Some(heard.fact.key.status.as_str())
                    || transition.status.is_none())
        };
        let verbs = take(&mut left, caused);
        let movements = if verbs.is_empty() {
            Vec::new()
        } else {
            notes(&mut moved, |movement| movement.at == heard.heard_at)
        };
        let what = Happening::Fact(fact(heard, traced, case, shop, detail));
        let entry = TimelineEntry { at: heard.heard_at.0, what, verbs, movements };
        entries.push((heard.heard_at, entry));
    }
    for act in &case.acts {
        let verbs = take(&mut left, |transition| transition.act == Some(act.number));
        let movements = notes(&mut moved, |movement| movement.at == act.at);
        let what = Happening::Act(ActNote {
            act: Act::from_key(act.kind.as_str()).unwrap_or(Act::Release),
            person: person(act),
            reason: act.note.clone().unwrap_or_default(),
        });
        entries.push((act.at, TimelineEntry { at: act.at.0, what, verbs, movements }));
    }
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().rev().map(|(_, entry)| entry).collect()
}

/// Takes the transitions that one happening caused: none is told twice.
fn take(left: &mut Vec<&Transition>, caused: impl Fn(&Transition) -> bool) -> Vec<Verb> {
    let (mine, others): (Vec<&Transition>, Vec<&Transition>) =
        left.drain(..).partition(|transition| caused(transition));
    *left = others;
    mine.iter().filter_map(|transition| Verb::from_key(transition.verb.as_str())).collect()
}

/// Takes the movements of one moment, summed by kind.
fn notes(moved: &mut Vec<&Movement>, mine: impl Fn(&Movement) -> bool) -> Vec<MovementNote> {
    let (mine, others): (Vec<&Movement>, Vec<&Movement>) =
        moved.drain(..).partition(|movement| mine(movement));
    *moved = others;
    let mut notes: Vec<(MovementKind, i64)> = Vec::new();
    for movement in mine {
        let kind = movement_kind(movement);
        match notes.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, quantity)) => *quantity += units(movement).abs(),
            None => notes.push((kind, units(movement).abs())),
        }
    }
    notes.into_iter().map(|(kind, quantity)| MovementNote { kind, quantity }).collect()
}

fn fact(
    heard: &HeardFact,
    traced: &Traced,
    case: &OrderCase,
    shop: &ShopLink,
    detail: &Detail,
) -> FactNote {
    let key = &heard.fact.key;
    let from = source(heard);
    let written = traced.rules.iter().filter_map(|&at| case.flow.rules.get(at));
    let mut ensures: Vec<Ensure> = Vec::new();
    for effect in written.flat_map(|rule| rule.ensures.iter()) {
        if let Some(ensure) = Ensure::from_key(effect.as_str()).filter(|it| !ensures.contains(it)) {
            ensures.push(ensure);
        }
    }
    let version = detail
        .transitions
        .iter()
        .map(|it| it.flow_version)
        .collect::<std::collections::BTreeSet<_>>();
    FactNote {
        status: status_link(shop, &case.flow, key.status.as_str()),
        about: About::from_key(key.about.as_str()).unwrap_or(About::Order),
        actor: key.actor.and_then(|it| Actor::from_key(it.as_str())).unwrap_or(Actor::Any),
        since: key.at.map(|at| at.0),
        reason: heard.fact.reason.as_deref().unwrap_or_default().to_owned(),
        mode: Mode::from_key(key.mode.as_str()).unwrap_or(Mode::Realtime),
        source: from,
        signed: (from == dermaga_ui::Source::Webhook).then_some(true),
        message: heard.message.map(|id| id.to_string()).unwrap_or_default(),
        version: i64::try_from(version.len().max(1)).unwrap_or(i64::MAX),
        known: !traced.rules.is_empty(),
        ensures,
        released: !traced.released.is_empty(),
    }
}
