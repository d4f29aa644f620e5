//! Commands for orders: given, followed, tried again.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::command::{CommandLine, Words};
use dermaga_domain::id::{ApiKeyId, BatchId, CommandId, OrderId};
use dermaga_domain::term::CommandKind;
use dermaga_engine::Given;
use dermaga_store::command::{Earlier, Giver, Once};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::Problem;
use super::command_shapes::{Accepted, Batch, Command, Offer};
use super::key::{Actor, Reader};
use crate::App;
use crate::paper;

/// Rows of a batch on a page when nothing else is asked, and at most.
const PAGE: usize = 50;
/// Rows of a batch on a page, at most: as many as orders on one.
const PAGE_MAX: usize = 200;
/// The longest name of a request, in characters: programs send UUIDs.
const NAME_LENGTH_MAX: usize = 200;

/// A command for one order.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Give {
    /// accept, partial, reject, cancel, agree_cancel, refuse_cancel, pickup, ship or label.
    command: String,
    /// One of the channel's reasons, by its code.
    #[serde(default)]
    reason: Option<String>,
    /// What must be said besides, by the field's name.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// The lines that are meant.
    #[serde(default)]
    lines: Vec<LineAsked>,
}

/// A line in a command.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineAsked {
    /// Its id: `lin_…`.
    line: String,
    /// How many units of it.
    #[serde(default = "one")]
    quantity: i64,
}

const fn one() -> i64 {
    1
}

/// The same command for many orders.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveMany {
    /// The orders: `ord_…`; at most 5,000.
    orders: Vec<String>,
    /// As for one order.
    command: String,
    /// One of the channel's reasons, by its code.
    #[serde(default)]
    reason: Option<String>,
    /// What must be said besides, by the field's name.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// The lines that are meant.
    #[serde(default)]
    lines: Vec<LineAsked>,
}

impl Give {
    fn read(self) -> Result<(CommandKind, Words), Problem> {
        let kind = self
            .command
            .parse()
            .map_err(|error| Problem::bad_request(format!("command: {error}")))?;
        let lines = self.lines.into_iter().map(|line| CommandLine {
            key: line.line,
            channel_product_id: String::new(),
            quantity: line.quantity,
        });
        Ok((kind, Words { reason: self.reason, fields: self.fields, lines: lines.collect() }))
    }
}

type Body = Result<Bytes, BytesRejection>;

pub(super) fn body<T: serde::de::DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::bad_request(error.to_string()))
}

/// The request's name, with the hash of what it says and of whom.
pub(super) fn once(
    headers: &HeaderMap,
    key: ApiKeyId,
    about: &str,
    bytes: &[u8],
) -> Result<Option<Once>, Problem> {
    let Some(name) = headers.get("idempotency-key") else { return Ok(None) };
    let name = name.to_str().ok().map(str::trim).filter(|name| !name.is_empty());
    let name = name.filter(|name| name.len() <= NAME_LENGTH_MAX).ok_or_else(|| {
        Problem::bad_request(format!("Idempotency-Key: 1 to {NAME_LENGTH_MAX} plain characters"))
    })?;
    let mut hash = Sha256::new();
    hash.update(about.as_bytes());
    hash.update([0]);
    hash.update(bytes);
    let body_hash = hex::encode(hash.finalize());
    Ok(Some(Once { by: Giver::Key(key), name: name.to_owned(), body_hash }))
}

async fn give(
    app: &App,
    actor: &Actor,
    orders: &[OrderId],
    give: Give,
    once: Option<Once>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let (kind, words) = give.read()?;
    actor.need(Permission::to_give(kind))?;
    let scope = &actor.scope;
    let (engine, by) = (app.engine(), Giver::Key(actor.key));
    let given: Given = match once {
        None => engine.command(scope, orders, kind, &words, by).await?,
        Some(once) => match engine.command_once(scope, orders, (kind, &words), by, once).await? {
            Ok(given) | Err(Earlier::Same(given)) => given,
            Err(Earlier::Other) => return Err(Problem::other_body()),
        },
    };
    Ok((StatusCode::ACCEPTED, Json(Accepted::from(&given))))
}

/// Gives a command for one order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/commands", tag = "commands",
    params(("id" = String, Path, description = "ord_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key with the same body answers the same for a day")),
    request_body = Give,
    responses((status = 202, body = Accepted), (status = "default", body = Problem)))]
pub(crate) async fn one_order(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let bytes = bytes.map_err(|error| Problem::bad_request(error.body_text()))?;
    let once = once(&headers, actor.key, &id, &bytes)?;
    let order = super::orders::find(&app, &actor.scope, &id).await?;
    give(&app, &actor, &[order.id], body(&bytes)?, once).await
}

/// Gives the same command for many orders.
#[utoipa::path(post, path = "/api/v1/commands", tag = "commands",
    params(("Idempotency-Key" = Option<String>, Header, description = "the same key with the same body answers the same for a day")),
    request_body = GiveMany,
    responses((status = 202, body = Accepted), (status = "default", body = Problem)))]
pub(crate) async fn many(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    bytes: Body,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let bytes = bytes.map_err(|error| Problem::bad_request(error.body_text()))?;
    let once = once(&headers, actor.key, "", &bytes)?;
    let many: GiveMany = body(&bytes)?;
    if many.orders.is_empty() {
        return Err(Problem::bad_request("orders: at least one"));
    }
    let read = |text: &String| {
        text.parse().map_err(|error| Problem::bad_request(format!("orders: {text}: {error}")))
    };
    let orders = many.orders.iter().map(read).collect::<Result<Vec<OrderId>, _>>()?;
    let GiveMany { command, reason, fields, lines, .. } = many;
    give(&app, &actor, &orders, Give { command, reason, fields, lines }, once).await
}

/// What is asked of a batch.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<usize>,
}

/// Commands that were given together, failures first.
#[utoipa::path(get, path = "/api/v1/commands/{batch}", tag = "commands",
    params(("batch" = String, Path, description = "bat_…"), Asked),
    responses((status = 200, body = Batch), (status = "default", body = Problem)))]
pub(crate) async fn batch(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Batch>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let id: BatchId = id.parse().map_err(|_| Problem::not_found())?;
    let after = asked.after.map(|after| after.parse()).transpose();
    let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let counts = app.store().count_batch(&scope, id).await?;
    if counts.is_empty() {
        return Err(Problem::not_found());
    }
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let (rows, next) = app.store().batch_page(&scope, id, after, limit).await?;
    Ok(Json(Batch::new(id, &counts, &rows, next)))
}

/// Gives those of a batch again that failed, as a new batch.
#[utoipa::path(post, path = "/api/v1/commands/{batch}/retry", tag = "commands",
    params(("batch" = String, Path, description = "bat_…")),
    responses((status = 202, body = Accepted), (status = "default", body = Problem)))]
pub(crate) async fn retry(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let id: BatchId = id.parse().map_err(|_| Problem::not_found())?;
    for kind in app.store().kinds_of_batch(&actor.scope, id).await? {
        actor.need(Permission::to_give(kind))?;
    }
    let given = app.engine().retry(&actor.scope, id, Giver::Key(actor.key)).await?;
    let given = given.ok_or_else(Problem::nothing_failed)?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::from(&given))))
}

/// The commands of an order, newest first, at most 100.
#[utoipa::path(get, path = "/api/v1/orders/{id}/commands", tag = "commands",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Vec<Command>), (status = "default", body = Problem)))]
pub(crate) async fn of_order(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Command>>, Problem> {
    let order = super::orders::find(&app, &scope, &id).await?;
    let commands = app.store().commands_of(scope.org, order.id).await?;
    Ok(Json(commands.iter().map(Command::from).collect()))
}

/// What the order's channel takes, and whether the order allows it now.
#[utoipa::path(get, path = "/api/v1/orders/{id}/offers", tag = "commands",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Vec<Offer>), (status = "default", body = Problem)))]
pub(crate) async fn offers(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Offer>>, Problem> {
    let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    let offers = app.engine().offers(&scope, id).await?;
    Ok(Json(offers.iter().map(Offer::from).collect()))
}

/// What a command brought to print, as the channel gave it: it names the buyer, so it takes the scope
/// act, and is written down.
#[utoipa::path(get, path = "/api/v1/orders/{id}/commands/{command}/paper", tag = "commands",
    params(("id" = String, Path, description = "ord_…"),
        ("command" = String, Path, description = "cmd_…")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = "default", body = Problem)))]
pub(crate) async fn paper(
    State(app): State<App>,
    actor: Actor,
    Path((id, command)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let order = super::orders::find(&app, &actor.scope, &id).await?;
    let command: CommandId = command.parse().map_err(|_| Problem::not_found())?;
    let found = app.store().paper(actor.scope.org, order.id, command).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    paper::seen(&app, (actor.scope.org, Giver::Key(actor.key)), (order.id, command)).await?;
    Ok(paper::answer(found, command))
}
