//! Marks that a batch leaves and takes away.

use std::collections::{BTreeSet, HashMap};

use dermaga_domain::id::LineId;
use dermaga_domain::stock::Shelf;
use dermaga_domain::time::Time;

use super::input::{FinishedMessage, TakenMark};
use crate::db::Rows;
use crate::work::{FETCH, FILL, JUDGE, Mark, Modes};

/// Orders whose details are to be fetched.
pub(super) fn fetch(shop: i64, order: &str, modes: Modes, now: Time) -> Mark {
    Mark { kind: FETCH, scope: shop, subject: order.to_owned(), modes, due_at: now }
}

/// SKUs that are short while units are free, and orders that lost a hold.
pub(super) fn of_stock(
    shelf: &Shelf,
    order_of: &HashMap<LineId, i64>,
    lost: &BTreeSet<LineId>,
    now: Time,
) -> Vec<Mark> {
    let mark = |kind, subject: i64| Mark {
        kind,
        scope: 0,
        subject: subject.to_string(),
        modes: Modes::default(),
        due_at: now,
    };
    let judged: BTreeSet<i64> = lost.iter().filter_map(|line| order_of.get(line)).copied().collect();
    let fill = shelf.fillable().into_iter().map(|sku| mark(FILL, sku.0));
    fill.chain(judged.into_iter().map(|order| mark(JUDGE, order))).collect()
}

pub(crate) fn rows(marks: &[Mark]) -> Rows {
    let mut rows = Rows::default();
    let mut seen = BTreeSet::new();
    for mark in marks {
        if seen.insert((mark.kind, mark.scope, mark.subject.as_str())) {
            rows.push(&[
                &mark.kind,
                &mark.scope,
                &mark.subject,
                &mark.modes.bits(),
                &mark.due_at.0,
            ]);
        }
    }
    rows
}

pub(crate) fn done_rows(marks: &[TakenMark]) -> Rows {
    let mut rows = Rows::default();
    for mark in marks {
        rows.push(&[&mark.kind, &mark.scope, &mark.subject, &mark.generation]);
    }
    rows
}

pub(crate) fn message_rows(messages: &[FinishedMessage]) -> Rows {
    let mut rows = Rows::default();
    for message in messages {
        rows.push(&[&message.id.0, &message.repeats, &message.state, &message.reason]);
    }
    rows
}
