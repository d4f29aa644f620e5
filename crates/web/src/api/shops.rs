//! Shops: how they fare, their tasks, and what their channels are told of what is left.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use dermaga_domain::id::ShopId;
use dermaga_domain::silence::silence;
use dermaga_domain::time::Span;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::health::Health;
use dermaga_store::work;
use dermaga_store::{Connection, Shop as Stored};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::key::{Actor, Reader};
use super::shapes::{Page, told};
use crate::App;

/// A shop, with how it fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shop {
    /// `shp_…`.
    id: String,
    name: String,
    channel: String,
    /// The channel's id of it.
    channel_shop_id: String,
    /// The connection that it is reached through: `con_…`.
    connection: String,
    zone: String,
    /// Everything of it stands still.
    paused: bool,
    /// Whether orders are taken.
    order_sync: bool,
    /// Whether its channel is told what is left.
    push: bool,
    order_sync_from: Option<String>,
    return_sync_from: Option<String>,
    connected_at: String,
    /// When it was disconnected; its documents stay.
    disconnected_at: Option<String>,
    /// When the token of its connection ends.
    token_expires_at: Option<String>,
    /// When the seller must consent anew, at a channel that asks sellers; none = never, or not told.
    consent_until: Option<String>,
    /// Why its connection does not work: the code of its page.
    trouble: Option<String>,
    /// When a webhook last came.
    heard_at: Option<String>,
    /// How long it usually is between two webhooks, in seconds; none while too few are known.
    usual_gap_seconds: Option<i64>,
    /// It is silent for longer than it usually is (DMG-0208).
    silent: bool,
    /// Messages, orders to read and listings to tell that wait.
    backlog: i64,
    /// Requests of the last 24 hours.
    requests: i64,
    /// Those that did not go well.
    requests_failed: i64,
    listings: i64,
    /// Listings that are mapped to no SKU.
    listings_unmapped: i64,
}

impl Shop {
    fn new(app: &App, shop: &Stored, of: Option<&Connection>, health: &Health) -> Self {
        let silence = silence(&health.heard, app.engine().now());
        let usual = silence.and_then(|silence| silence.usual);
        Self {
            id: shop.id.to_string(),
            name: shop.name.clone(),
            channel: shop.channel.clone(),
            channel_shop_id: shop.channel_shop_id.clone(),
            connection: shop.connection.to_string(),
            zone: shop.zone.clone(),
            paused: shop.paused,
            order_sync: shop.order_sync,
            push: shop.push,
            order_sync_from: shop.order_sync_from.map(told),
            return_sync_from: shop.return_sync_from.map(told),
            connected_at: told(shop.created_at),
            disconnected_at: shop.disconnected_at.map(told),
            token_expires_at: of.and_then(|of| of.token_expires_at).map(told),
            consent_until: of.and_then(|of| of.renewable_until).map(told),
            trouble: of.and_then(|of| of.trouble.clone()),
            heard_at: silence.map(|silence| told(silence.since)),
            usual_gap_seconds: usual.map(|usual| usual.0 / Span::seconds(1).0),
            silent: silence.is_some_and(|silence| silence.is_strange),
            backlog: health.backlog(),
            requests: health.asked(),
            requests_failed: health.failed(),
            listings: health.listings,
            listings_unmapped: health.unmapped,
        }
    }
}

/// A scheduled task of a shop.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Task {
    /// The shop: `shp_…`.
    shop: String,
    /// order_pull, status_update, return_pull, sku_pull or webhook_watch.
    task: String,
    interval_seconds: i64,
    paused: bool,
    /// Up to when it has seen everything.
    cursor_at: Option<String>,
    last_run_at: Option<String>,
    next_run_at: String,
    /// What the last run came to.
    outcome: Option<String>,
    /// Runs that went well.
    succeeded: i64,
    /// Runs that did not.
    failed: i64,
}

impl From<work::Task> for Task {
    fn from(task: work::Task) -> Self {
        Self {
            shop: task.shop.to_string(),
            task: task.kind,
            interval_seconds: task.interval.0 / Span::seconds(1).0,
            paused: task.paused,
            cursor_at: task.cursor_at.map(told),
            last_run_at: task.last_run_at.map(told),
            next_run_at: told(task.next_run_at),
            outcome: task.outcome,
            succeeded: task.succeeded,
            failed: task.failed,
        }
    }
}

/// What telling a shop's channel what is left would change now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushPreview {
    /// Listings that would change.
    items: Vec<PushRow>,
    /// How many listings are mapped.
    listings: usize,
    /// What stands for this preview: who switches the telling on sends it back.
    seen: String,
}

/// A listing that would be told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushRow {
    channel_product_id: String,
    channel_sku: String,
    name: String,
    /// What the channel shows; none = not known.
    shows: Option<i64>,
    /// What it is to show.
    wanted: i64,
    /// From how many available units.
    available: i64,
}

/// A value that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pushed {
    channel_product_id: String,
    channel_sku: String,
    /// From how many available units.
    available: i64,
    /// What the channel was believed to show.
    believed: Option<i64>,
    /// What was sent.
    value: i64,
    /// taken, refused or unknown.
    outcome: String,
    /// The channel's words.
    message: Option<String>,
    at: String,
}

/// Whether a shop's channel is told what is left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    on: bool,
    /// The `seen` of the preview; needed to switch it on.
    seen: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paged {
    /// The `next` of the page before.
    after: Option<i64>,
    /// How many, at most 200.
    limit: Option<i64>,
}

async fn find(app: &App, scope: &Scope, id: &str) -> Result<Stored, Problem> {
    let id: ShopId = id.parse().map_err(|_| Problem::not_found())?;
    let found = app.store().shops(scope.org, Some(id)).await?;
    found.into_iter().next().filter(|shop| scope.sees(shop.id)).ok_or_else(Problem::not_found)
}

async fn shapes(app: &App, scope: &Scope, shops: &[Stored]) -> Result<Vec<Shop>, Problem> {
    let ids: Vec<ShopId> = shops.iter().map(|shop| shop.id).collect();
    let health = app.store().shops_health(scope, &ids).await?;
    let connections = app.store().connections(scope.org, None).await?;
    let nothing = Health::default();
    let shape = |shop: &Stored| {
        let of = connections.iter().find(|one| one.id == shop.connection);
        Shop::new(app, shop, of, health.get(&shop.id).unwrap_or(&nothing))
    };
    Ok(shops.iter().map(shape).collect())
}

/// Every shop, with how it fares.
#[utoipa::path(get, path = "/api/v1/shops", tag = "shops",
    responses((status = 200, body = Vec<Shop>), (status = "default", body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Reader(scope): Reader,
) -> Result<Json<Vec<Shop>>, Problem> {
    let mut shops = app.store().shops(scope.org, None).await?;
    shops.retain(|shop| scope.sees(shop.id));
    Ok(Json(shapes(&app, &scope, &shops).await?))
}

/// A shop, with how it fares.
#[utoipa::path(get, path = "/api/v1/shops/{id}", tag = "shops",
    params(("id" = String, Path, description = "shp_…")),
    responses((status = 200, body = Shop), (status = "default", body = Problem)))]
pub(crate) async fn one(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Shop>, Problem> {
    let shop = find(&app, &scope, &id).await?;
    let found = shapes(&app, &scope, &[shop]).await?;
    found.into_iter().next().map(Json).ok_or_else(Problem::not_found)
}

/// The scheduled tasks of a shop.
#[utoipa::path(get, path = "/api/v1/shops/{id}/tasks", tag = "shops",
    params(("id" = String, Path, description = "shp_…")),
    responses((status = 200, body = Vec<Task>), (status = "default", body = Problem)))]
pub(crate) async fn tasks(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Task>>, Problem> {
    let shop = find(&app, &scope, &id).await?;
    let tasks = app.store().tasks(scope.org, Some(shop.id)).await?;
    Ok(Json(tasks.into_iter().map(Task::from).collect()))
}

/// What telling the channel what is left would change now; nothing is sent.
#[utoipa::path(get, path = "/api/v1/shops/{id}/push", tag = "shops",
    params(("id" = String, Path, description = "shp_…")),
    responses((status = 200, body = PushPreview), (status = "default", body = Problem)))]
pub(crate) async fn push_preview(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<PushPreview>, Problem> {
    let shop = find(&app, &scope, &id).await?;
    let preview = app.engine().push_preview(scope.org, shop.id).await?;
    let listings = preview.rows.len();
    let differing = preview.rows.into_iter().filter(|row| row.differs);
    let items = differing.map(|row| PushRow {
        wanted: row.listing.wanted(),
        channel_product_id: row.listing.channel_product_id,
        channel_sku: row.listing.channel_sku,
        name: row.listing.name,
        shows: row.listing.channel_stock,
        available: row.listing.available,
    });
    Ok(Json(PushPreview { items: items.collect(), listings, seen: preview.seen }))
}

/// Switches the telling on, with what was seen, or off.
#[utoipa::path(post, path = "/api/v1/shops/{id}/push", tag = "shops", request_body = Switch,
    params(("id" = String, Path, description = "shp_…")),
    responses((status = 200, body = Shop), (status = "default", body = Problem)))]
pub(crate) async fn push(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
    body: Result<Json<Switch>, JsonRejection>,
) -> Result<Json<Shop>, Problem> {
    let Json(switch) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let shop = find(&app, &scope, &id).await?;
    let by = (switch.on, Giver::Key(key));
    app.engine().set_push(scope.org, &shop, by, switch.seen.as_deref()).await?;
    let shop = find(&app, &scope, &id).await?;
    let found = shapes(&app, &scope, &[shop]).await?;
    found.into_iter().next().map(Json).ok_or_else(Problem::not_found)
}

/// The values that were sent to a shop's channel, newest first.
#[utoipa::path(get, path = "/api/v1/shops/{id}/pushes", tag = "shops",
    params(("id" = String, Path, description = "shp_…"), Paged),
    responses((status = 200, body = Page<Pushed>), (status = "default", body = Problem)))]
pub(crate) async fn pushes(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    query: Result<Query<Paged>, QueryRejection>,
) -> Result<Json<Page<Pushed>>, Problem> {
    let Query(asked) = query.map_err(|error| Problem::bad_request(error.body_text()))?;
    let shop = find(&app, &scope, &id).await?;
    let limit = asked.limit.unwrap_or(100).clamp(1, 200);
    let mut log = app.store().pushes(scope.org, shop.id, asked.after, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = log.len() > page;
    log.truncate(page);
    let next = log.last().filter(|_| more).map(|last| last.id.to_string());
    let items = log.into_iter().map(|entry| Pushed {
        channel_product_id: entry.channel_product_id,
        channel_sku: entry.channel_sku,
        available: entry.available,
        believed: entry.believed,
        value: entry.value,
        outcome: entry.outcome,
        message: entry.message,
        at: told(entry.at),
    });
    Ok(Json(Page { items: items.collect(), next }))
}
