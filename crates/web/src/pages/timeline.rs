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
    let mut moved: Vec<&Movement> = detail.movements.iter().collect();
    let mut entries: Vec<(Time, TimelineEntry)> = Vec::new();
    let known: Vec<(Time, &str)> =
        case.facts.iter().map(|it| (it.heard_at, it.fact.key.status.as_str())).collect();
    let of_facts = detail.transitions.iter().filter(|transition| transition.act.is_none());
    let mut caused: Vec<Vec<&Transition>> = vec![Vec::new(); known.len()];
    for transition in of_facts {
        let place = cause(&known, transition.at, transition.status.as_deref());
        if let Some(mine) = place.and_then(|place| caused.get_mut(place)) {
            mine.push(transition);
        }
    }
    for ((heard, traced), caused) in case.facts.iter().zip(&traced).zip(caused) {
        let movements =
            notes(&mut moved, |movement| caused.iter().any(|cause| cause.at == movement.at));
        let what = Happening::Fact(fact(heard, traced, case, shop, detail));
        let entry = TimelineEntry { at: heard.heard_at.0, what, verbs: verbs(caused), movements };
        entries.push((heard.heard_at, entry));
    }
    for act in &case.acts {
        let theirs = detail.transitions.iter().filter(|it| it.act == Some(act.number));
        let verbs = verbs(theirs);
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

/// The fact that a transition is told with, of facts by when they were heard and their status: the one that
/// was heard at that moment. A fact may have been heard before anybody knew what was ordered: then what it
/// calls for follows once that is read, and is told with the newest of its status until then.
fn cause(heard: &[(Time, &str)], at: Time, status: Option<&str>) -> Option<usize> {
    let fits = |named: &str| status.is_none_or(|status| status == named);
    let then = heard.iter().position(|(heard_at, named)| *heard_at == at && fits(named));
    let before = |any: bool| {
        let known = heard.iter().enumerate();
        let known = known.filter(|(_, (heard_at, named))| *heard_at <= at && (any || fits(named)));
        known.max_by_key(|(_, (heard_at, _))| *heard_at).map(|(place, _)| place)
    };
    then.or_else(|| before(false)).or_else(|| before(true))
}

fn verbs<'a>(transitions: impl IntoIterator<Item = &'a Transition>) -> Vec<Verb> {
    let keys = transitions.into_iter().map(|transition| transition.verb.as_str());
    keys.filter_map(Verb::from_key).collect()
}

/// Takes the movements of some moments, summed by kind: none is told twice.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_once_the_goods_are_known_is_told_with_its_status() {
        let heard = [(Time(10), "PAID"), (Time(20), "PACKED"), (Time(20), "SENT")];
        let place = |at, status| cause(&heard, Time(at), status);
        assert_eq!(place(10, Some("PAID")), Some(0));
        assert_eq!(place(20, Some("SENT")), Some(2));
        assert_eq!(place(20, None), Some(1));
        // The details came later.
        assert_eq!(place(13, Some("PAID")), Some(0));
        assert_eq!(place(25, Some("PACKED")), Some(1));
        assert_eq!(place(25, Some("GONE")), Some(2));
        assert_eq!(place(5, Some("PAID")), None);
    }
}
