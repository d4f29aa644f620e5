//! The transmit log.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::ExchangeId;
use dermaga_engine::Again;
use dermaga_store::audit::act;
use dermaga_store::read::exchanges::{EntryId, Exchange, Only, What};
use dermaga_ui::{Chip, Direction, Frame, LogPage, LogRow, Outcome, Sentence};
use serde::Deserialize;

use super::query_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Entries on a page.
const PAGE: i64 = 100;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    /// Which entries: `wrong`, `missing`, or all.
    #[serde(default)]
    only: String,
    /// What came of an act.
    #[serde(default)]
    told: String,
}

/// What can be chosen: how it is asked for, what it is, and its word.
const FILTERS: [(&str, Only, &str); 2] =
    [("wrong", Only::Wrong, "log-wrong"), ("missing", Only::Missing, "log-missing")];

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let frame = person.frame(&app, "").await.map_err(refusal)?;
    let before = asked.after.parse().ok();
    let chosen = FILTERS.iter().find(|(name, ..)| *name == asked.only);
    let only = chosen.map_or(Only::All, |(_, only, _)| *only);
    let read = app.store().exchanges(&person.scope, (only, before), PAGE).await;
    let (exchanges, next) = read.map_err(refusal)?;
    let chip = |word| Chip { kind: word, value: String::new(), without: "/log".to_owned() };
    let offered = FILTERS.iter().filter(|_| chosen.is_none());
    let page = |after: &str| query_of("/log", &[("only", &asked.only), ("after", after)]);
    Ok(shown(&LogPage {
        rows: exchanges.iter().map(|exchange| row(&app, exchange, &frame, &person)).collect(),
        locale: person.locale.clone(),
        frame,
        notice: notice(&asked.told),
        chips: chosen.map(|(_, _, word)| chip(word)).into_iter().collect(),
        offers: offered.map(|(name, _, word)| (*word, format!("/log?only={name}"))).collect(),
        newer: before.map(|_| page("")),
        older: next.map(|next| page(&next.to_string())),
    }))
}

fn notice(told: &str) -> Option<Sentence> {
    let word = match told {
        "read" => "log-read-again",
        "heard" => "log-heard-again",
        "nothing" => "log-nothing-again",
        _ => return None,
    };
    Some(Sentence::new(word))
}

/// Does again what an entry is about: reads a dead letter, or the order.
pub(super) async fn again(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let nowhere = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: EntryId = id.parse().map_err(|_| nowhere())?;
    let done = app.engine().again(&person.scope, id, person.by()).await;
    let done = done
        .map_err(|error| Refusal::of_engine(&error, person.locale.clone(), person.here.clone()))?;
    let told = match done.ok_or_else(nowhere)? {
        Again::Read => "read",
        Again::Heard => "heard",
        Again::Nothing => "nothing",
    };
    Ok(Redirect::to(&format!("/log?told={told}")).into_response())
}

/// What a channel answered when it did not go well, byte for byte: it may hold anything, so a look at it
/// is written down.
pub(super) async fn answer(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let nowhere = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: ExchangeId = id.parse().map_err(|_| nowhere())?;
    let found = app.store().exchange_answer(&person.scope, id).await;
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let body = found.map_err(refusal)?.ok_or_else(nowhere)?;
    let subject = id.to_string();
    let org = person.scope.org;
    let seen = app.store().write_down(org, person.by(), act::RAW_SEEN, (&subject, "")).await;
    seen.map_err(refusal)?;
    // As plain text, whatever it is: a page of a channel's must not run here.
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}

fn row(app: &App, exchange: &Exchange, frame: &Frame, person: &Person) -> LogRow {
    let shop = exchange.shop.map(|shop| shop.to_string());
    let shop = shop.and_then(|id| frame.shops.iter().find(|shop| shop.id == id));
    let acts = person.may(Permission::ActOnOrders);
    let base = LogRow {
        id: String::new(),
        at: exchange.at.0,
        direction: Direction::Out,
        channel: app.channel_link(&exchange.channel).name,
        shop: shop.map(|shop| shop.name.clone()).unwrap_or_default(),
        what: String::new(),
        outcome: Outcome::Accepted,
        http_status: None,
        note: String::new(),
        attempt: 1,
        duration_ms: 0,
        order: exchange
            .about
            .clone()
            .map(|number| (exchange.order.map(|id| id.to_string()), number)),
        window: None,
        page: None,
        again: (exchange.about.is_some() && acts).then_some("log-again-read"),
        answer: None,
    };
    match &exchange.what {
        What::Asked {
            id,
            request,
            status,
            outcome,
            duration_us,
            answered,
            window,
            page,
            attempt,
            ..
        } => LogRow {
            id: id.to_string(),
            window: window.map(|(from, to)| (from.0, to.0)),
            page: page.clone(),
            attempt: *attempt,
            answer: (*answered && person.may(Permission::SeeRaw))
                .then(|| format!("/log/{id}/answer")),
            what: request.split('?').next().unwrap_or_default().to_owned(),
            outcome: outcome_of(outcome),
            http_status: *status,
            duration_ms: duration_us / 1_000,
            ..base
        },
        What::Pushed { id, kind, state, repeats, reason } => LogRow {
            id: id.to_string(),
            direction: Direction::In,
            what: kind.clone(),
            outcome: match state.as_str() {
                "dead" => Outcome::Malformed,
                _ if *repeats > 0 => Outcome::Repeated,
                _ => Outcome::Accepted,
            },
            http_status: Some(200),
            note: reason.clone().unwrap_or_default(),
            attempt: repeats.saturating_add(1),
            again: match state.as_str() {
                "dead" if acts => Some("log-again-hear"),
                _ => base.again,
            },
            ..base
        },
    }
}

fn outcome_of(text: &str) -> Outcome {
    match text {
        "ok" => Outcome::Accepted,
        other => Outcome::from_key(other).unwrap_or(Outcome::Unknown),
    }
}
