//! The transmit log, and doing again what an entry is about.

use axum::Json;
use axum::extract::{Path, State};
use dermaga_engine::Again;
use dermaga_store::command::Giver;
use dermaga_store::read::exchanges::{EntryId, Only, What};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::key::{Actor, Reader};
use super::more::{Asked, asked};
use super::shapes::{Page, told};
use crate::App;

/// An entry of the transmit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Exchange {
    /// `exc_…` for what we asked, `msg_…` for what we were told.
    id: String,
    /// out or in.
    direction: &'static str,
    channel: String,
    /// The connection: `con_…`.
    connection: String,
    /// The shop: `shp_…`.
    shop: Option<String>,
    at: String,
    /// The endpoint's name, or the kind of webhook.
    interface: String,
    /// Method and path of what we asked.
    request: Option<String>,
    /// The HTTP status of the answer.
    status: Option<i64>,
    /// `ok` or the name of the error; for a webhook what became of the message.
    outcome: String,
    duration_us: Option<i64>,
    /// How often a webhook was repeated.
    repeats: Option<i64>,
    /// The message that it became: `msg_…`.
    message: Option<String>,
    /// The order that it was about, when it is here: `ord_…`.
    order: Option<String>,
    /// The channel's id of that order.
    channel_order_id: Option<String>,
    /// Of a list that was asked for: from when.
    window_from: Option<String>,
    /// To when.
    window_to: Option<String>,
    /// Its page, as the channel names it.
    page: Option<String>,
    /// Which try of ours it was, from 1.
    attempt: Option<i64>,
}

/// Which page of the transmit log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Logged {
    /// The `next` of the page before.
    after: Option<i64>,
    /// How many, at most 200.
    limit: Option<i64>,
    /// `wrong`: what did not go well; `missing`: what the channel does not have.
    only: Option<String>,
}

/// What was done again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoneAgain {
    /// `read`: the order is read again; `heard`: the message is; `nothing`: nothing is left to do.
    done: &'static str,
}

/// Does again what an entry of the transmit log is about: reads a dead letter, or the order.
#[utoipa::path(post, path = "/api/v1/exchanges/{id}/again", tag = "exchanges",
    params(("id" = String, Path, description = "exc_… or msg_…")),
    responses((status = 200, body = DoneAgain), (status = "default", body = Problem)))]
pub(crate) async fn again(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
) -> Result<Json<DoneAgain>, Problem> {
    let id: EntryId = id.parse().map_err(|_| Problem::not_found())?;
    let done =
        app.engine().again(&scope, id, Giver::Key(key)).await?.ok_or_else(Problem::not_found)?;
    let done = match done {
        Again::Read => "read",
        Again::Heard => "heard",
        Again::Nothing => "nothing",
    };
    Ok(Json(DoneAgain { done }))
}

/// The transmit log, newest first.
#[utoipa::path(get, path = "/api/v1/exchanges", tag = "exchanges", params(Logged),
    responses((status = 200, body = Page<Exchange>), (status = "default", body = Problem)))]
pub(crate) async fn exchanges(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<Logged>,
) -> Result<Json<Page<Exchange>>, Problem> {
    let asked = asked(query)?;
    let limit = asked.limit.unwrap_or(100);
    let only = match asked.only.as_deref() {
        None => Only::All,
        Some("wrong") => Only::Wrong,
        Some("missing") => Only::Missing,
        Some(_) => return Err(Problem::bad_request("only: wrong or missing")),
    };
    let (found, next) = app.store().exchanges(&scope, (only, asked.after), limit).await?;
    let items = found.into_iter().map(exchange).collect();
    Ok(Json(Page { items, next: next.map(|next| next.to_string()) }))
}

fn exchange(entry: dermaga_store::read::exchanges::Exchange) -> Exchange {
    let base = Exchange {
        id: String::new(),
        direction: "out",
        channel: entry.channel,
        connection: entry.connection.to_string(),
        shop: entry.shop.map(|shop| shop.to_string()),
        at: told(entry.at),
        interface: String::new(),
        request: None,
        status: None,
        outcome: String::new(),
        duration_us: None,
        repeats: None,
        message: None,
        order: entry.order.map(|order| order.to_string()),
        channel_order_id: entry.about,
        window_from: None,
        window_to: None,
        page: None,
        attempt: None,
    };
    match entry.what {
        What::Asked {
            id,
            interface,
            request,
            status,
            outcome,
            duration_us,
            message,
            window,
            page,
            attempt,
            ..
        } => Exchange {
            id: id.to_string(),
            interface,
            request: Some(request),
            status,
            outcome,
            duration_us: Some(duration_us),
            message: message.map(|id| id.to_string()),
            window_from: window.map(|(from, _)| told(from)),
            window_to: window.map(|(_, to)| told(to)),
            page,
            attempt: Some(attempt),
            ..base
        },
        What::Pushed { id, kind, state, repeats, .. } => Exchange {
            id: id.to_string(),
            direction: "in",
            interface: kind,
            outcome: state,
            repeats: Some(repeats),
            message: Some(id.to_string()),
            ..base
        },
    }
}
