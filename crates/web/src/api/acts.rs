//! Acts on documents: what people and programs say of an order against its channel.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use dermaga_domain::access::Permission;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::{ActKind, NOTE_CHARS_MAX, judge};
use dermaga_engine::Acted;
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
        Self {
            number: act.number,
            act: act.kind.as_str(),
            by: act.by.shown_id(),
            at: told(act.at),
            note: act.note.clone(),
        }
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
    let case = find(&app, &scope, &id).await?;
    Ok(Json(Acts { open: open(&case), done: case.acts.iter().map(Done::from).collect() }))
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
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(Problem::bad_request(format!("note: at most {NOTE_CHARS_MAX} characters")));
    }
    let order: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    let act = NewAct { kind, by: Giver::Key(actor.key), note };
    let acted = app.engine().say(&actor.scope, order, act).await?;
    if let Acted::NotOpen(open) = acted {
        let open: Vec<&str> = open.into_iter().map(ActKind::as_str).collect();
        return Err(Problem::moved_on(format!(
            "{} is not open to this order; open are: {}",
            kind.as_str(),
            open.join(", ")
        )));
    }
    let case = find(&app, &actor.scope, &id).await?;
    Ok(Json(Said { changed: acted == Acted::Done, open: open(&case) }))
}

fn open(case: &OrderCase) -> Vec<&'static str> {
    let open = ActKind::open(&judge(case.case()), case.case().acts);
    open.into_iter().map(ActKind::as_str).collect()
}

async fn find(app: &App, scope: &Scope, id: &str) -> Result<OrderCase, Problem> {
    let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    app.store().order_case(scope, id).await?.ok_or_else(Problem::not_found)
}
