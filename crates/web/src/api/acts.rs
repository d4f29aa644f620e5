//! Acts on documents: what people and programs say of an order against its channel.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use dermaga_domain::access::Permission;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::{ActKind, State as Judged, judge};
use dermaga_store::apply::NewAct;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::case::{OrderCase, RecordedAct};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::commands::body;
use super::key::{Actor, Reader};
use super::shapes::told;
use crate::App;

/// The longest note, in characters.
const NOTE_MAX: usize = 200;

/// What may be done to an order's document, and what was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Acts {
    /// What may be done now: void, restore, paid, unpaid, sent, unsent, release.
    open: Vec<&'static str>,
    /// What was done, in order.
    done: Vec<Done>,
}

/// An act, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Its number within the order.
    number: i64,
    act: &'static str,
    /// The person (`acc_…`) or key (`key_…`); none = the command line.
    by: Option<String>,
    at: String,
    /// Their words.
    note: Option<String>,
}

impl From<&RecordedAct> for Done {
    fn from(act: &RecordedAct) -> Self {
        let by = match act.by {
            Giver::Machine => None,
            Giver::Person(id) => Some(id.to_string()),
            Giver::Key(id) => Some(id.to_string()),
        };
        let (number, note) = (act.number, act.note.clone());
        Self { number, act: act.kind.as_str(), by, at: told(act.at), note }
    }
}

/// Something that is said of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Say {
    /// void, restore, paid, unpaid, sent, unsent, or release: follow the channel again.
    act: String,
    /// Why, at most 200 characters.
    #[serde(default)]
    note: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Said {
    /// False when the order stood so already: then nothing was recorded.
    changed: bool,
    /// What may be done now.
    open: Vec<&'static str>,
}

/// What may be done to an order's document, and what was done.
#[utoipa::path(get, path = "/api/v1/orders/{id}/acts", tag = "orders",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Acts), (status = "default", body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Acts>, Problem> {
    let (_, case, state) = find(&app, &scope, &id).await?;
    Ok(Json(Acts { open: open(&case, &state), done: case.acts.iter().map(Done::from).collect() }))
}

/// Says something of an order against its channel; said again, it changes nothing.
#[utoipa::path(post, path = "/api/v1/orders/{id}/acts", tag = "orders",
    params(("id" = String, Path, description = "ord_…")),
    request_body = Say,
    responses((status = 200, body = Said), (status = "default", body = Problem)))]
pub(crate) async fn say(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Said>, Problem> {
    let sent = sent.map_err(|error| Problem::bad_request(error.body_text()))?;
    let asked: Say = body(&sent)?;
    let kind = asked.act.parse::<ActKind>();
    let kind = kind.map_err(|error| Problem::bad_request(format!("act: {error}")))?;
    actor.need(Permission::to_act(kind))?;
    let note = asked.note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        return Err(Problem::bad_request(format!("note: at most {NOTE_MAX} characters")));
    }
    let (order, case, state) = find(&app, &actor.scope, &id).await?;
    let held = case.case().acts;
    if !ActKind::open(&state, held).contains(&kind) {
        if kind.is_so(&state, held) {
            return Ok(Json(Said { changed: false, open: open(&case, &state) }));
        }
        let now = open(&case, &state).join(", ");
        return Err(Problem::moved_on(format!(
            "{} is not open to this order; open are: {now}",
            kind.as_str()
        )));
    }
    let act = NewAct { kind, by: Giver::Key(actor.key), note };
    app.engine().act(actor.scope.org, order, act).await?;
    let (_, case, state) = find(&app, &actor.scope, &id).await?;
    Ok(Json(Said { changed: true, open: open(&case, &state) }))
}

fn open(case: &OrderCase, state: &Judged) -> Vec<&'static str> {
    ActKind::open(state, case.case().acts).into_iter().map(ActKind::as_str).collect()
}

async fn find(app: &App, scope: &Scope, id: &str) -> Result<(OrderId, OrderCase, Judged), Problem> {
    let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    let case = app.store().order_case(scope, id).await?.ok_or_else(Problem::not_found)?;
    let state = judge(case.case());
    Ok((id, case, state))
}
