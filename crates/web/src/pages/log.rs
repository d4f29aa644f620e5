//! The transmit log.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::ExchangeId;
use dermaga_store::audit::act;
use dermaga_store::read::exchanges::{Exchange, What};
use dermaga_ui::{Direction, Filters, Frame, LogPage, LogRow, Outcome};
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
}

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
    let read = app.store().exchanges(&person.scope, before, PAGE).await;
    let (exchanges, next) = read.map_err(refusal)?;
    let raw = person.may(Permission::SeeRaw);
    Ok(shown(&LogPage {
        rows: exchanges.iter().map(|exchange| row(&app, exchange, &frame, raw)).collect(),
        locale: person.locale.clone(),
        frame,
        filters: Filters::default(),
        newer: before.map(|_| "/log".to_owned()),
        older: next.map(|next| query_of("/log", &[("after", &next.to_string())])),
    }))
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

fn row(app: &App, exchange: &Exchange, frame: &Frame, raw: bool) -> LogRow {
    let shop = exchange.shop.map(|shop| shop.to_string());
    let shop = shop.and_then(|id| frame.shops.iter().find(|shop| shop.id == id));
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
        order: None,
        answer: None,
    };
    match &exchange.what {
        What::Asked { id, request, status, outcome, duration_us, answered, .. } => LogRow {
            id: id.to_string(),
            answer: (*answered && raw).then(|| format!("/log/{id}/answer")),
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
            ..base
        },
    }
}

fn outcome_of(text: &str) -> Outcome {
    match text {
        "ok" => Outcome::Accepted,
        "auth_refused" => Outcome::AuthExpired,
        other => Outcome::from_key(other).unwrap_or(Outcome::Unknown),
    }
}
