//! The system page.

use axum::extract::State;
use axum::response::Response;
use dermaga_domain::time::Time;
use dermaga_store::Waiting;
use dermaga_ui::{SystemName, SystemPage, SystemPart, SystemRow, SystemValue};

use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::system::Standing;

pub(super) async fn show(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let frame = person.frame(&app, "").await.map_err(refusal)?;
    let standing = Standing::of(&app, person.scope.org).await.map_err(refusal)?;
    let parts = vec![
        part("system-database", database(&standing)),
        part("system-backlog", backlog(&standing)),
        part("system-backup", backup(&standing)),
        part("system-retention", retention(&standing)),
        part("system-keys", keys(&standing)),
        part("system-nodes", nodes(&standing)),
    ];
    Ok(shown(&SystemPage { locale: person.locale.clone(), frame, parts }))
}

fn part(title: &'static str, rows: Vec<SystemRow>) -> SystemPart {
    SystemPart { title, rows }
}

fn row(word: &'static str, value: SystemValue) -> SystemRow {
    SystemRow::new(SystemName::Word(word), value)
}

fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn database(standing: &Standing) -> Vec<SystemRow> {
    vec![
        row("system-program", SystemValue::Text(env!("CARGO_PKG_VERSION").to_owned())),
        row("system-engine", SystemValue::Text(standing.size.database.clone())),
        row("system-size", SystemValue::Bytes(standing.size.bytes)),
        row("system-schema", SystemValue::Count(standing.schema)),
    ]
}

fn backlog(standing: &Standing) -> Vec<SystemRow> {
    let waiting = |word, waiting: Waiting| {
        row(word, SystemValue::Count(waiting.count)).at(waiting.oldest.map(|at| at.0))
    };
    let backlog = &standing.backlog;
    let marks = backlog.marks.iter().map(|(_, count)| count).sum();
    vec![
        waiting("system-messages", backlog.messages)
            .look(standing.waits_long().then_some("system-look-waiting")),
        waiting("system-dead", backlog.dead_letters)
            .look((backlog.dead_letters.count > 0).then_some("system-look-dead")),
        waiting("system-commands", backlog.commands),
        row("system-marks", SystemValue::Count(marks)),
    ]
}

fn backup(standing: &Standing) -> Vec<SystemRow> {
    let last = standing.backup.map(|backup| backup.at);
    let look = standing.is_late(last).then_some("system-look-backup");
    let mut rows = vec![moment("system-backup-last", last).look(look)];
    if let Some(backup) = standing.backup {
        rows.push(row("system-backup-size", SystemValue::Bytes(whole(backup.bytes))));
        rows.push(row("system-backup-rows", SystemValue::Count(whole(backup.rows))));
    }
    rows
}

fn retention(standing: &Standing) -> Vec<SystemRow> {
    let last = standing.retained_at();
    let look = standing.is_late(last).then_some("system-look-retention");
    let mut rows = vec![moment("system-retention-last", last).look(look)];
    rows.extend(standing.retention.iter().filter_map(|retained| {
        let word = word_of(&retained.kind)?;
        Some(row(word, SystemValue::Count(retained.removed)))
    }));
    rows
}

fn word_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "bodies" => "retention-bodies",
        "dead_letters" => "retention-dead_letters",
        "answers" => "retention-answers",
        "exchanges" => "retention-exchanges",
        "labels" => "retention-labels",
        "buyers" => "retention-buyers",
        "requests" => "retention-requests",
        _ => return None,
    })
}

fn keys(standing: &Standing) -> Vec<SystemRow> {
    vec![
        row("system-keys-count", SystemValue::Count(whole(standing.keys.len()))),
        moment("system-keys-newest", standing.keys.last().copied()),
        moment("system-keys-oldest", standing.keys.first().copied()),
    ]
}

fn nodes(standing: &Standing) -> Vec<SystemRow> {
    let node = |node: &dermaga_store::Node| {
        SystemRow::new(SystemName::Own(node.name.clone()), SystemValue::Moment)
            .at(Some(node.started_at.0))
            .look((node.until < standing.now).then_some("system-look-node"))
    };
    standing.nodes.iter().map(node).collect()
}

fn moment(word: &'static str, at: Option<Time>) -> SystemRow {
    let value = if at.is_some() { SystemValue::Moment } else { SystemValue::Never };
    row(word, value).at(at.map(|at| at.0))
}
