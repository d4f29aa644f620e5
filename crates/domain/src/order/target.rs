//! What the lines of an order are to hold of stock.

use crate::order::axes::{Axes, Unit};
use crate::order::judge::Case;
use crate::order::{Line, LineTarget, State};
use crate::planted::{Bug, planted};
use crate::stock::Target;
use crate::term::{Delivery, Document};

/// What each line is to hold of stock.
pub(crate) fn targets(case: &Case<'_>, axes: &Axes, state: &State) -> Vec<LineTarget> {
    // A document that a person took out of the bin holds its units although they are dead; so does
    // one whose units a person marked sent, when there would be none left.
    let restored = case.acts.bin == Some(false);
    let none_lives = axes.units.values().all(Unit::is_dead);
    let revived = restored || (none_lives && case.acts.sent == Some(true));
    let dead = |unit: &Unit| unit.is_dead() && !revived;
    let target_of = |line: &Line| {
        let (mut live, mut sent) = (0, 0);
        if line.units.is_empty() {
            let mut counted = (line.quantity - line.cancelled).max(0);
            if line.cancelled > 0 && planted(Bug::PartialCancelAsFull) {
                counted = 0;
            }
            live = if none_lives && !revived { 0 } else { counted };
            sent = if state.delivery == Delivery::Sent { live } else { 0 };
        }
        for name in &line.units {
            let unit = axes.units.get(&Some(name.clone())).copied().unwrap_or_default();
            live += i64::from(!dead(&unit));
            sent += i64::from(unit.sent);
        }
        match case.acts.sent {
            Some(true) => sent = live,
            Some(false) => sent = 0,
            None => {}
        }
        LineTarget { line: line.key.clone(), live, target: hold(state, live, sent) }
    };
    case.lines.unwrap_or_default().iter().map(target_of).collect()
}

/// What `live` units, `sent` of them gone, are to hold.
///
/// A document in the bin holds nothing but what had left before.
fn hold(state: &State, live: i64, sent: i64) -> Target {
    match state.written() {
        Document::None => Target::default(),
        _ if state.bin => Target { reserve: 0, allocate: 0, sold: sent },
        Document::SalesOrder => Target { reserve: live, allocate: 0, sold: 0 },
        Document::Invoice => Target { reserve: 0, allocate: live - sent, sold: sent },
    }
}
