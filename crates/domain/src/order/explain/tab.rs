//! Why an order shows where it shows.

use super::sentence::{Arg, Reason, Sentence, Topic};
use super::view::View;
use crate::flow::Ensures;
use crate::term::{About, Tab};

pub(super) fn tab(view: &View<'_>) -> Reason {
    let standing = &view.judged.standing;
    let current = &standing.current;
    let change = next_tab(view);
    let (Some(by), Some(status)) = (current.tab_by, current.fact) else {
        return Reason::new(Topic::Tab, Sentence::new("explain-tab-none")).unless(change);
    };
    let (key, fact) = if standing.units_differ {
        ("explain-tab-units", by)
    } else if by != status {
        ("explain-tab-kept", status)
    } else if view.fact(by).key.about == About::Return {
        ("explain-tab-return", by)
    } else {
        ("explain-tab-status", by)
    };
    view.resting_on(Topic::Tab, key, fact, Ensures::NOTHING).unless(change)
}

/// The next row of the order's usual path that names another tab.
fn next_tab(view: &View<'_>) -> Option<Sentence> {
    let here = view.place();
    let now = view.state.tab;
    let moves = |(index, rule): &(usize, &crate::flow::Rule)| {
        rule.about == About::Order
            && here.is_none_or(|here| *index > here)
            && rule.tab.is_some_and(|tab| Some(tab) != now && tab != Tab::Cancelled)
    };
    let (row, rule) = view.case.flow.rules.iter().enumerate().find(moves)?;
    let sentence = view.of_row("explain-tab-change-next", row);
    rule.tab.map(|tab| sentence.with("tab", Arg::Tab(tab)))
}
