//! The scheduler: what runs by itself, run now, let rest, its interval set.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use dermaga_domain::time::Span;
use dermaga_engine::{Error, Steer, TaskKind};
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use dermaga_store::work::Task as Stored;
use dermaga_ui::{Keyed as _, Outcome, Sentence, Task, TaskRow, TasksPage, Value};
use serde::Deserialize;

use super::{Asked, failed, find};
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// A task as pages list it; none for a kind that pages do not know.
pub(super) fn row(task: &Stored, shops: &[Shop]) -> Option<TaskRow> {
    let shop = shops.iter().find(|shop| shop.id == task.shop)?;
    let still = shop.paused || shop.disconnected_at.is_some();
    let outcome = task.outcome.as_deref().map(outcome);
    Some(TaskRow {
        shop: (shop.id.to_string(), shop.name.clone()),
        task: Task::from_key(&task.kind)?,
        minutes: (task.interval.0 / Span::minutes(1).0).max(1),
        paused: task.paused || still,
        can_steer: !still,
        cursor: task.cursor_at.map(|at| at.0),
        last: task.last_run_at.map(|at| at.0),
        next: task.next_run_at.0,
        is_well: outcome.as_ref().is_none_or(|(_, is_well)| *is_well),
        outcome: outcome.map(|(said, _)| said),
        succeeded: task.succeeded,
        failed: task.failed,
    })
}

/// What a run came to, in words, and whether that is well. Of a run that went well it is `ok`, `off`,
/// `registered again` or a number of orders, else the name of an error.
pub(super) fn outcome(told: &str) -> (Sentence, bool) {
    let orders = told.strip_suffix(" orders").and_then(|number| number.parse::<i64>().ok());
    match (told, orders) {
        (_, Some(orders)) => (Sentence::new("task-outcome-orders").with("n", orders), true),
        ("ok", _) => (Sentence::new("task-outcome-ok"), true),
        ("off", _) => (Sentence::new("task-outcome-off"), true),
        ("registered again", _) => (Sentence::new("task-outcome-again"), true),
        _ => (Sentence::new(Outcome::from_key(told).unwrap_or(Outcome::Unknown).word_key()), false),
    }
}

pub(in crate::pages) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let failed = failed(&person);
    let org = person.scope.org;
    let mut shops = app.store().shops(org, None).await.map_err(&failed)?;
    shops.retain(|shop| person.scope.sees(shop.id) && shop.disconnected_at.is_none());
    let tasks = app.store().tasks(org, None).await.map_err(&failed)?;
    Ok(shown(&TasksPage {
        frame: person.frame(&app, "").await.map_err(&failed)?,
        rows: tasks.iter().filter_map(|task| row(task, &shops)).collect(),
        notice: notice(&asked.told),
        locale: person.locale.clone(),
    }))
}

/// `task-run.order_pull` as a sentence.
pub(super) fn notice(told: &str) -> Option<(Sentence, bool)> {
    let (what, task) = told.split_once('.').unwrap_or((told, ""));
    if what == "task-refused" {
        return Some((Sentence::new("notice-task-refused"), false));
    }
    let task = Task::from_key(task)?;
    let known = ["task-run", "task-pause", "task-resume", "task-every"].contains(&what);
    let word = Value::Word(task.word_key().to_owned());
    known.then(|| (Sentence::new(format!("notice-{what}")).with("task", word), true))
}

#[derive(Deserialize)]
pub(in crate::pages) struct Posted {
    shop: String,
    task: String,
    act: String,
    #[serde(default)]
    minutes: i64,
    #[serde(default)]
    back: String,
}

pub(in crate::pages) async fn steer(
    State(app): State<App>,
    person: Person,
    Form(posted): Form<Posted>,
) -> Result<Redirect, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let shop = find(&app, &person, &posted.shop).await?;
    let kind = TaskKind::find(&posted.task).ok_or_else(not_found)?;
    let steer = match posted.act.as_str() {
        "run" => Steer::Run,
        "pause" => Steer::Pause,
        "resume" => Steer::Resume,
        "every" => Steer::Every(Span(posted.minutes.saturating_mul(Span::minutes(1).0))),
        _ => return Err(not_found()),
    };
    let by = Giver::Person(person.account.id);
    let steered = app.engine().steer_task(person.scope.org, shop.id, kind, steer, by).await;
    let told = match steered {
        Ok(()) => format!("task-{}.{}", posted.act, kind.as_str()),
        Err(Error::Refused(_)) => "task-refused".to_owned(),
        Err(Error::Store(error)) => return Err(failed(&person)(error)),
        Err(_) => return Err(not_found()),
    };
    let back = if posted.back == "shop" { format!("/shops/{}", shop.id) } else { "/tasks".into() };
    Ok(Redirect::to(&format!("{back}?told={told}")))
}
