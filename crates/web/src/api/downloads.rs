//! Downloads: begun, looked at, agreed to, followed.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use dermaga_domain::id::{DownloadId, ShopId};
use dermaga_domain::time::Time;
use dermaga_engine::Wish;
use dermaga_store::command::Giver;
use dermaga_store::download::{self as stored, Counts, Outcome};
use dermaga_store::read::Scope;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::key::{Actor, Reader};
use super::shapes::{Page, told};
use crate::App;

/// Orders to be downloaded: those of a range of time, or those named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The shop: `shp_…`.
    shop: String,
    /// From when, RFC 3339; with or without `to`.
    from: Option<String>,
    /// Until when, RFC 3339; the present by default.
    to: Option<String>,
    /// The channel's numbers of the orders, at most 20,000.
    #[serde(default)]
    orders: Vec<String>,
}

/// A download.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Download {
    /// `dwn_…`.
    id: String,
    /// The shop: `shp_…`.
    shop: String,
    /// reading, ready, applying, done or dropped. Nothing is applied before `agree` is asked for of
    /// one that is ready.
    state: &'static str,
    /// The range that was asked for.
    from: Option<String>,
    /// Its end.
    to: Option<String>,
    /// Whether the channel's list is still being read, so that `total` may grow.
    listing: bool,
    /// How many orders it wants.
    total: i64,
    /// How many were read, or have their result.
    looked_at: i64,
    /// How many have their result.
    ended: i64,
    /// By outcome, what would become of the orders that were read, and became of those applied:
    /// failed, not_found, changed, new, same.
    outcomes: BTreeMap<&'static str, i64>,
    /// What is, or would be, otherwise, and of how many orders.
    changes: BTreeMap<String, i64>,
    /// Why it does not go on for now: the code of its page.
    trouble: Option<String>,
    asked_at: String,
    agreed_at: Option<String>,
    ended_at: Option<String>,
}

impl Download {
    fn new(download: &stored::Download, counts: Counts) -> Self {
        let of = |outcome: Outcome| (outcome.as_str(), counts.of(outcome));
        Self {
            id: download.id.to_string(),
            shop: download.shop.to_string(),
            state: download.state.as_str(),
            from: download.range.map(|(from, _)| told(from)),
            to: download.range.map(|(_, to)| told(to)),
            listing: download.list.is_some(),
            total: counts.total,
            looked_at: counts.looked_at,
            ended: counts.ended,
            outcomes: Outcome::ALL.into_iter().map(of).collect(),
            changes: counts.changes,
            trouble: download.trouble.clone(),
            asked_at: told(download.asked_at),
            agreed_at: download.agreed_at.map(told),
            ended_at: download.ended_at.map(told),
        }
    }
}

/// An order of a download.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DownloadedOrder {
    /// The channel's number of it.
    channel_order_id: String,
    /// The order here: `ord_…`.
    order: Option<String>,
    /// failed, not_found, changed, new or same; none = not read yet.
    outcome: Option<&'static str>,
    /// Whether that is its result, not only what would become of it.
    ended: bool,
    /// What is, or would be, otherwise: `payment-paid`, `document-invoice`, …
    changes: Vec<String>,
    /// The code of its failure.
    code: Option<String>,
    /// Why it failed.
    reason: Option<String>,
}

impl From<stored::DownloadOrder> for DownloadedOrder {
    fn from(order: stored::DownloadOrder) -> Self {
        Self {
            channel_order_id: order.channel_order_id,
            order: order.order.map(|id| id.to_string()),
            outcome: order.outcome.map(Outcome::as_str),
            ended: order.ended,
            changes: order.changes,
            code: order.code,
            reason: order.reason,
        }
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paged {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
    /// Only the orders of this outcome.
    outcome: Option<String>,
}

type Asked = Result<Query<Paged>, QueryRejection>;

fn asked(query: Asked) -> Result<Paged, Problem> {
    query.map(|Query(asked)| asked).map_err(|error| Problem::bad_request(error.body_text()))
}

fn moment(text: &str, field: &str) -> Result<Time, Problem> {
    let at: Result<jiff::Timestamp, _> = text.parse();
    at.map(|at| Time(at.as_microsecond()))
        .map_err(|_| Problem::bad_request(format!("{field}: not a time of RFC 3339")))
}

async fn find(app: &App, scope: &Scope, id: &str) -> Result<stored::Download, Problem> {
    let id: DownloadId = id.parse().map_err(|_| Problem::not_found())?;
    app.store().download(scope, id).await?.ok_or_else(Problem::not_found)
}

async fn answer(app: &App, scope: &Scope, id: DownloadId) -> Result<Json<Download>, Problem> {
    let download = app.store().download(scope, id).await?.ok_or_else(Problem::not_found)?;
    let counts = app.store().count_download(scope, id).await?;
    Ok(Json(Download::new(&download, counts)))
}

/// Begins a download: its orders are read, and it waits for `agree`.
#[utoipa::path(post, path = "/api/v1/downloads", tag = "downloads", request_body = Wanted,
    responses((status = 202, body = Download), (status = "default", body = Problem)))]
pub(crate) async fn begin(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Download>), Problem> {
    let Json(wanted) = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    let id: ShopId =
        wanted.shop.parse().map_err(|error| Problem::bad_request(format!("shop: {error}")))?;
    let shops = app.store().shops(scope.org, Some(id)).await?;
    let shop = shops.into_iter().next().filter(|shop| scope.sees(shop.id));
    let shop = shop.ok_or_else(|| Problem::bad_request("shop: there is no such shop"))?;
    let wish = match (&wanted.from, wanted.orders.is_empty()) {
        (Some(from), true) => {
            let to = wanted.to.as_deref().map(|to| moment(to, "to")).transpose()?;
            let from = moment(from, "from")?;
            Wish::Range { from, to: to.unwrap_or_else(|| app.engine().now()) }
        }
        (None, false) => Wish::Orders(wanted.orders),
        (Some(_), false) | (None, true) => {
            return Err(Problem::bad_request("write either from or orders"));
        }
    };
    let by = Giver::Key(key);
    let begun = app.engine().begin_download(scope.org, &shop, wish, by).await?;
    Ok((StatusCode::ACCEPTED, answer(&app, &scope, begun).await?))
}

/// Downloads, the newest first.
#[utoipa::path(get, path = "/api/v1/downloads", tag = "downloads", params(Paged),
    responses((status = 200, body = Page<Download>), (status = "default", body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked,
) -> Result<Json<Page<Download>>, Problem> {
    let asked = asked(query)?;
    let before = asked.after.map(|after| after.parse()).transpose();
    let before = before.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let (found, next) = app.store().downloads(&scope, before, asked.limit.unwrap_or(50)).await?;
    let ids: Vec<DownloadId> = found.iter().map(|download| download.id).collect();
    let mut counts = app.store().count_downloads(&scope, &ids).await?;
    let mut counts_of = |id| counts.remove(&id).unwrap_or_default();
    let items = found.iter().map(|it| Download::new(it, counts_of(it.id))).collect();
    Ok(Json(Page { items, next: next.map(|next| next.to_string()) }))
}

/// A download, with what it would change or has changed.
#[utoipa::path(get, path = "/api/v1/downloads/{id}", tag = "downloads",
    params(("id" = String, Path, description = "dwn_…")),
    responses((status = 200, body = Download), (status = "default", body = Problem)))]
pub(crate) async fn one(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Download>, Problem> {
    let download = find(&app, &scope, &id).await?;
    answer(&app, &scope, download.id).await
}

/// The orders of a download, failures first.
#[utoipa::path(get, path = "/api/v1/downloads/{id}/orders", tag = "downloads",
    params(("id" = String, Path, description = "dwn_…"), Paged),
    responses((status = 200, body = Page<DownloadedOrder>), (status = "default", body = Problem)))]
pub(crate) async fn orders(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    query: Asked,
) -> Result<Json<Page<DownloadedOrder>>, Problem> {
    let download = find(&app, &scope, &id).await?;
    let asked = asked(query)?;
    let after = asked.after.map(|after| after.parse()).transpose();
    let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let only = match asked.outcome.as_deref() {
        None => None,
        Some(name) => Some(
            Outcome::find(name)
                .ok_or_else(|| Problem::bad_request("outcome: there is no such outcome"))?,
        ),
    };
    let limit = asked.limit.unwrap_or(100);
    let read = app.store().download_orders(&scope, download.id, only, after.as_ref(), limit);
    let (found, next) = read.await?;
    let items = found.into_iter().map(DownloadedOrder::from).collect();
    Ok(Json(Page { items, next: next.map(|next| next.to_string()) }))
}

/// Applies a download that is ready: exactly what was read.
#[utoipa::path(post, path = "/api/v1/downloads/{id}/agree", tag = "downloads",
    params(("id" = String, Path, description = "dwn_…")),
    responses((status = 202, body = Download), (status = "default", body = Problem)))]
pub(crate) async fn agree(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Download>), Problem> {
    let download = find(&app, &scope, &id).await?;
    app.engine().agree_download(scope.org, &download, Giver::Key(key)).await?;
    Ok((StatusCode::ACCEPTED, answer(&app, &scope, download.id).await?))
}

/// Reads those orders again that failed.
#[utoipa::path(post, path = "/api/v1/downloads/{id}/retry", tag = "downloads",
    params(("id" = String, Path, description = "dwn_…")),
    responses((status = 202, body = Download), (status = "default", body = Problem)))]
pub(crate) async fn retry(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Download>), Problem> {
    let download = find(&app, &scope, &id).await?;
    app.engine().retry_download(scope.org, &download, Giver::Key(key)).await?;
    Ok((StatusCode::ACCEPTED, answer(&app, &scope, download.id).await?))
}

/// Ends a download; what was applied of it stays.
#[utoipa::path(post, path = "/api/v1/downloads/{id}/drop", tag = "downloads",
    params(("id" = String, Path, description = "dwn_…")),
    responses((status = 200, body = Download), (status = "default", body = Problem)))]
pub(crate) async fn give_up(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
) -> Result<Json<Download>, Problem> {
    let download = find(&app, &scope, &id).await?;
    app.engine().drop_download(scope.org, &download, Giver::Key(key)).await?;
    answer(&app, &scope, download.id).await
}
