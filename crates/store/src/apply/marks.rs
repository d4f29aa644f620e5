//! Marks that a batch leaves and takes away.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::time::Time;

use super::input::{FinishedMessage, TakenMark};
use crate::db::{self, Conn, Rows, Statement, statements};
use crate::work::{FETCH, Mark, Modes};

/// Locks marks in the order of the rows: two that mark and take away at once never wait in a circle.
static LOCK: Statement = Statement::org(
    "dirty.lock",
    "WITH v AS MATERIALIZED ({rows $2: place bigint, kind text, scope_id bigint, subject text})
     SELECT v.place FROM v {join} dirty d ON d.org_id = $1 AND d.kind = v.kind
        AND d.scope_id = v.scope_id AND d.subject = v.subject
     ORDER BY v.place {for update of d}",
);

/// Marks work; an existing mark gets a new generation, all modes that were asked, and the earlier
/// due time. The first generation is the time, so that a mark which was done and came again is never
/// taken for the earlier one.
static MARK: Statement = Statement::org(
    "dirty.mark",
    "WITH v AS MATERIALIZED ({rows $2: kind text, scope_id bigint, subject text, modes bigint, due_at bigint})
     INSERT INTO dirty (org_id, kind, scope_id, subject, generation, modes, due_at)
     SELECT $1, kind, scope_id, subject, due_at, modes, due_at FROM v WHERE true
     ON CONFLICT (org_id, kind, scope_id, subject) DO UPDATE SET
        generation = dirty.generation + 1, modes = dirty.modes | excluded.modes,
        due_at = {min dirty.due_at, excluded.due_at}, attempts = 0",
);

/// Removes marks of the generation that was taken; newer ones stay.
static DONE: Statement = Statement::org(
    "dirty.done",
    "WITH v AS MATERIALIZED ({rows $2: kind text, scope_id bigint, subject text, generation bigint})
     DELETE FROM dirty WHERE org_id = $1
        AND (kind, scope_id, subject, generation) IN (SELECT kind, scope_id, subject, generation FROM v)",
);

statements![LOCK, MARK, DONE];

/// Orders whose details are to be fetched.
pub(super) fn fetch(shop: i64, order: &str, modes: Modes, now: Time) -> Mark {
    Mark { kind: FETCH, scope: shop, subject: order.to_owned(), modes, due_at: now }
}

/// Leaves marks, then takes away those that were done.
pub(crate) async fn write(
    conn: &mut Conn,
    org: i64,
    wanted: &[Mark],
    done: &[TakenMark],
) -> db::Result<()> {
    if !done.is_empty() {
        let left = wanted.iter().map(|mark| (mark.kind, mark.scope, mark.subject.as_str()));
        let taken = done.iter().map(|mark| (mark.kind, mark.scope, mark.subject.as_str()));
        lock(conn, org, left.chain(taken)).await?;
    }
    for (statement, rows) in [(&MARK, rows(wanted)), (&DONE, done_rows(done))] {
        if !rows.is_empty() {
            conn.execute(statement, &[org.into(), rows.into()]).await?;
        }
    }
    Ok(())
}

/// Locks marks that exist, in the one order that everybody keeps to.
pub(crate) async fn lock(
    conn: &mut Conn,
    org: i64,
    marks: impl Iterator<Item = (&str, i64, &str)>,
) -> db::Result<()> {
    let mut rows = Rows::default();
    for (place, (kind, scope, subject)) in (0_i64..).zip(marks.collect::<BTreeSet<_>>()) {
        rows.push(&[&place, &kind, &scope, &subject]);
    }
    conn.execute(&LOCK, &[org.into(), rows.into()]).await.map(drop)
}

/// One row for each mark, in their order; what was asked twice is joined.
fn rows(marks: &[Mark]) -> Rows {
    let mut joined: BTreeMap<(&str, i64, &str), (Modes, Time)> = BTreeMap::new();
    for mark in marks {
        let key = (mark.kind, mark.scope, mark.subject.as_str());
        let entry = joined.entry(key).or_insert((mark.modes, mark.due_at));
        *entry = (entry.0.and(mark.modes), entry.1.min(mark.due_at));
    }
    let mut rows = Rows::default();
    for ((kind, scope, subject), (modes, due_at)) in joined {
        rows.push(&[&kind, &scope, &subject, &modes.bits(), &due_at.0]);
    }
    rows
}

fn done_rows(marks: &[TakenMark]) -> Rows {
    let mut rows = Rows::default();
    for mark in marks {
        rows.push(&[&mark.kind, &mark.scope, &mark.subject, &mark.generation]);
    }
    rows
}

pub(crate) fn message_rows(messages: &[FinishedMessage]) -> Rows {
    let mut sorted: Vec<&FinishedMessage> = messages.iter().collect();
    sorted.sort_by_key(|message| message.id);
    let mut rows = Rows::default();
    for message in sorted {
        let FinishedMessage { id, repeats, state, reason, about } = message;
        rows.push(&[&id.0, repeats, state, reason, about]);
    }
    rows
}
