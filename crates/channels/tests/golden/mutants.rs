//! A rule with one cell changed, in every way that the cell can be changed.

use dermaga_domain::flow::{Effect, Ensures, Rule};
use dermaga_domain::term::{About, Actor, Attention, ChannelStatus, Tab, Verb};

/// Every mutant of a rule, with the cell that was changed. `statuses`: what else it could be about.
pub(crate) fn of(rule: &Rule, statuses: &[ChannelStatus]) -> Vec<(String, Rule)> {
    let mut mutants = Vec::new();
    let mut mutate = |cell: String, change: &dyn Fn(&mut Rule)| {
        let mut mutant = rule.clone();
        change(&mut mutant);
        if mutant != *rule {
            mutants.push((cell, mutant));
        }
    };
    for &effect in Effect::ALL {
        mutate(format!("ensures {}", effect.as_str()), &|rule| toggle(rule, effect));
    }
    for &about in About::ALL {
        mutate(format!("about {about}"), &|rule| rule.about = about);
    }
    for &verb in Verb::ALL {
        mutate(format!("verb {verb}"), &|rule| rule.verb = verb);
    }
    for status in statuses {
        mutate(format!("status {status}"), &|rule| rule.status = status.clone());
    }
    for tab in optional(Tab::ALL) {
        mutate(format!("tab {tab:?}"), &|rule| rule.tab = tab);
    }
    for attention in optional(Attention::ALL) {
        mutate(format!("attention {attention:?}"), &|rule| rule.attention = attention);
    }
    for actor in optional(Actor::ALL) {
        mutate(format!("actor {actor:?}"), &|rule| rule.actor = actor);
    }
    mutate("realtime".to_owned(), &|rule| rule.realtime = !rule.realtime);
    mutate("download".to_owned(), &|rule| rule.download = !rule.download);
    mutants
}

fn toggle(rule: &mut Rule, effect: Effect) {
    rule.ensures = if rule.ensures.has(effect) {
        rule.ensures.without(Ensures::NOTHING.with(effect))
    } else {
        rule.ensures.with(effect)
    };
}

fn optional<T: Copy>(values: &[T]) -> impl Iterator<Item = Option<T>> {
    values.iter().copied().map(Some).chain([None])
}
