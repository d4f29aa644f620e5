//! Commands on the pages: given for one order or many, followed, tried again, printed.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::{BatchId, CommandId, OrderId};
use dermaga_domain::term::CommandKind;
use dermaga_engine::{Error, Given, TOGETHER_MAX};
use dermaga_store::command::{BatchCursor, FAILURES_FIRST, Giver};
use dermaga_ui::{BatchPage, Command, CommandState, Keyed as _, Sentence};
use serde::Deserialize;

use super::command_forms::{said, too_little};
use super::lists::Asked as List;
use super::{command_rows, query_of};
use crate::explain::keyed;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::{App, paper};

/// Rows of a batch on a page.
const PAGE: usize = 100;

type Pairs = Vec<(String, String)>;

/// What a person gets instead, when the engine could not.
fn refusal(error: Error, person: &Person, here: &str) -> Refusal {
    let (locale, here) = (person.locale.clone(), here.to_owned());
    match error {
        Error::Store(error) => Refusal::of_store(&error, locale, here),
        Error::Refused(_) => Refusal::page(StatusCode::BAD_REQUEST, "DMG-0603", locale, here),
        Error::Channel(_)
        | Error::NoChannel(_)
        | Error::MissingCredential(_)
        | Error::Consent(_)
        | Error::Flow(_)
        | Error::NotSeen
        | Error::OrdersOff
        | Error::EmptyRange
        | Error::TooOld { .. } => {
            tracing::error!(error = %error, "command not given");
            Refusal::page(StatusCode::INTERNAL_SERVER_ERROR, "DMG-0607", locale, here)
        }
    }
}

fn bad(person: &Person, here: &str) -> Refusal {
    let (locale, here) = (person.locale.clone(), here.to_owned());
    Refusal::page(StatusCode::BAD_REQUEST, "DMG-0603", locale, here)
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The order's page, saying what came of it.
fn told(here: &str, kind: CommandKind, given: &Given) -> Redirect {
    let told = if !given.under_way.is_empty() {
        "command-under_way"
    } else if given.refused > 0 {
        "command-refused"
    } else {
        "command"
    };
    Redirect::to(&format!("{here}?told={told}.{kind}#commands"))
}

pub(super) async fn give(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Redirect, Refusal> {
    let here = format!("/orders/{id}");
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let kind = value(&pairs, "command").parse().map_err(|_| bad(&person, &here))?;
    person.need(Permission::to_give(kind))?;
    let words = said(value(&pairs, "command"), &pairs);
    let by = Giver::Person(person.account.id);
    let given = app.engine().command(&person.scope, &[id], kind, &words, by).await;
    let given = given.map_err(|error| refusal(error, &person, &here))?;
    if !given.missing.is_empty() {
        return Err(not_found());
    }
    Ok(told(&here, kind, &given))
}

/// Gives a command that failed again, as it was; a person has looked at it.
pub(super) async fn again(
    State(app): State<App>,
    person: Person,
    Path((id, command)): Path<(String, String)>,
) -> Result<Redirect, Refusal> {
    let here = format!("/orders/{id}");
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let command: CommandId = command.parse().map_err(|_| not_found())?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), here.clone());
    let order = app.store().order(&person.scope, id).await.map_err(failed)?;
    let order = order.ok_or_else(not_found)?;
    let given = app.store().commands_of(person.scope.org, order.id).await.map_err(failed)?;
    let before = given.into_iter().find(|given| given.id == command && given.state.is_end());
    let before = before.ok_or_else(not_found)?;
    person.need(Permission::to_give(before.kind))?;
    let by = Giver::Person(person.account.id);
    let engine = app.engine();
    let given = engine.command(&person.scope, &[id], before.kind, &before.words, by).await;
    let given = given.map_err(|error| refusal(error, &person, &here))?;
    Ok(told(&here, before.kind, &given))
}

pub(super) async fn print(
    State(app): State<App>,
    person: Person,
    Path((id, command)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let command: CommandId = command.parse().map_err(|_| not_found())?;
    let order = app.store().order(&person.scope, id).await.map_err(failed)?;
    let order = order.ok_or_else(not_found)?;
    let found = app.store().paper(person.scope.org, order.id, command).await.map_err(failed)?;
    let found = found.ok_or_else(not_found)?;
    let who = (person.scope.org, person.by());
    paper::seen(&app, who, (order.id, command)).await.map_err(failed)?;
    Ok(paper::answer(found, command))
}

/// The same command for the orders that were chosen, or for all of a list.
pub(super) async fn give_many(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Pairs>,
) -> Result<Redirect, Refusal> {
    let list = List::of(&pairs);
    let prefix = value(&pairs, "command");
    let (kind, channel) = prefix.split_once('@').unwrap_or((prefix, ""));
    let kind: CommandKind = kind.parse().map_err(|_| bad(&person, "/orders"))?;
    person.need(Permission::to_give(kind))?;
    let words = said(prefix, &pairs);
    let offer = app.engine().registry().find(channel);
    let offer = offer.and_then(|channel| channel.capabilities().offer(kind));
    if offer.is_some_and(|offer| too_little(offer, &words)) {
        return Ok(Redirect::to(&list.told(&format!("bulk-incomplete.{kind}"))));
    }
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), "/orders".to_owned());
    let mut orders = if value(&pairs, "all").is_empty() {
        let chosen = pairs.iter().filter(|(name, _)| name == "order");
        chosen.filter_map(|(_, id)| id.parse().ok()).collect()
    } else {
        let until = value(&pairs, "until").parse().map_err(|_| bad(&person, "/orders"))?;
        let until = dermaga_domain::time::Time(until);
        let query = list.of_view();
        app.store().order_ids(&person.scope, &query, TOGETHER_MAX, until).await.map_err(failed)?
    };
    if !channel.is_empty() {
        let subjects = app.store().subjects(&person.scope, &orders).await.map_err(failed)?;
        let theirs: BTreeSet<OrderId> =
            subjects.iter().filter(|it| it.channel == channel).map(|it| it.order).collect();
        orders.retain(|order| theirs.contains(order));
    }
    if orders.is_empty() {
        return Ok(Redirect::to(&list.told("bulk-none")));
    }
    let by = Giver::Person(person.account.id);
    let given = app.engine().command(&person.scope, &orders, kind, &words, by).await;
    let given = given.map_err(|error| refusal(error, &person, "/orders"))?;
    let (under_way, missing) = (given.under_way.len().to_string(), given.missing.len().to_string());
    if given.waiting + given.refused == 0 {
        return Ok(Redirect::to(&list.told(&format!("under_way.{under_way}"))));
    }
    let more = [("under_way", under_way.as_str()), ("missing", missing.as_str())];
    let more: Vec<(&str, &str)> = more.into_iter().filter(|(_, count)| *count != "0").collect();
    Ok(Redirect::to(&query_of(&format!("/commands/{}", given.batch), &more)))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    under_way: i64,
    #[serde(default)]
    missing: i64,
    /// What came of an act: `retried`, `nothing`.
    #[serde(default)]
    told: String,
}

pub(super) async fn batch(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let batch: BatchId = id.parse().map_err(|_| not_found())?;
    let counts = app.store().count_batch(&person.scope, batch).await.map_err(failed)?;
    if counts.is_empty() {
        return Err(not_found());
    }
    let from: Option<BatchCursor> = asked.after.parse().ok();
    let page = app.store().batch_page(&person.scope, batch, from, PAGE).await;
    let (given, next) = page.map_err(failed)?;
    let here = format!("/commands/{batch}");
    let counts = FAILURES_FIRST.iter().filter_map(|state| {
        let count = counts.iter().find(|count| count.state == *state)?;
        Some((keyed(state.as_str(), CommandState::ALL)?, count.commands))
    });
    let notice = ["retried", "nothing"].contains(&asked.told.as_str());
    Ok(shown(&BatchPage {
        command: given.first().and_then(|it| Command::from_key(it.kind.as_str())),
        rows: command_rows::of(&app, &person, &given).await.map_err(failed)?,
        locale: person.locale.clone(),
        frame: person.frame(&app, "").await.map_err(failed)?,
        id: batch.to_string(),
        counts: counts.collect(),
        under_way: asked.under_way,
        missing: asked.missing,
        notice: notice.then(|| Sentence::new(format!("notice-batch-{}", asked.told))),
        newer: from.map(|_| here.clone()),
        older: next.map(|next| query_of(&here, &[("after", &next.to_string())])),
    }))
}

pub(super) async fn retry(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let here = format!("/commands/{id}");
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let batch: BatchId = id.parse().map_err(|_| not_found())?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), here.clone());
    for kind in app.store().kinds_of_batch(&person.scope, batch).await.map_err(failed)? {
        person.need(Permission::to_give(kind))?;
    }
    let by = Giver::Person(person.account.id);
    let given = app.engine().retry(&person.scope, batch, by).await;
    match given.map_err(|error| refusal(error, &person, &here))? {
        Some(given) if given.waiting + given.refused > 0 => {
            Ok(Redirect::to(&format!("/commands/{}?told=retried", given.batch)))
        }
        Some(_) | None => Ok(Redirect::to(&format!("{here}?told=nothing"))),
    }
}

/// The command that a notice is about.
pub(super) fn notice(told: &str) -> Option<Sentence> {
    let (key, of) = told.split_once('.').unwrap_or((told, ""));
    let known = ["command", "command-under_way", "command-refused", "bulk-incomplete"];
    match key {
        "bulk-none" => Some(Sentence::new("notice-bulk-none")),
        "under_way" => Some(Sentence::new("batch-under-way").with("n", of.parse::<i64>().ok()?)),
        key if known.contains(&key) => {
            let command = Command::from_key(of)?;
            Some(Sentence::new(format!("notice-{key}")).with("command", name_of(command)))
        }
        _ => None,
    }
}

fn name_of(command: Command) -> dermaga_ui::Value {
    dermaga_ui::Value::Word(command.word_key().to_owned())
}
