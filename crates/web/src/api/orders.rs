//! Orders and their documents.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use dermaga_domain::id::OrderId;
use dermaga_domain::term::Tab;
use dermaga_store::read::orders::{self, Sort, View};
use serde::{Deserialize, Serialize};

use super::Problem;
use super::key::Reader;
use super::shapes::{Document, Order, Page};
use crate::App;

/// Orders on a page when nothing else is asked.
const PAGE: i64 = 50;

/// What is asked of a list of orders.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// A tab, or `all`, `action_needed`, `bin`.
    tab: Option<String>,
    /// With `tab=action_needed`: only those that must be looked at for this reason.
    attention: Option<String>,
    /// Only those of this channel.
    channel: Option<String>,
    /// Only those of this shop: `shp_…`.
    shop: Option<String>,
    /// Only those sold under this name of their channel: its key, as an order shows it.
    sub_platform: Option<String>,
    /// Only the one with this number of the channel.
    channel_order_id: Option<String>,
    /// Only those found by this: order number, invoice number, AWB or booking code, or its beginning.
    q: Option<String>,
    /// `deadline` (the default): the soonest deadline first, then the newest of those without one;
    /// or `newest`. The recycle bin shows the newest first.
    sort: Option<String>,
    /// The `next` of the page before; it is sorted as that was.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

impl Asked {
    fn query(self) -> Result<orders::Query, Problem> {
        let view = self.tab.as_deref().map_or(Ok(View::All), view)?;
        let view = match (view, self.attention) {
            (view, None) => view,
            (View::Action, Some(reason)) => reason
                .parse()
                .map(View::Attention)
                .map_err(|error| Problem::bad_request(format!("attention: {error}")))?,
            (_, Some(_)) => {
                return Err(Problem::bad_request("attention goes with tab=action_needed"));
            }
        };
        let shop = self.shop.map(|shop| shop.parse()).transpose();
        let shop = shop.map_err(|error| Problem::bad_request(format!("shop: {error}")))?;
        let after = self.after.map(|after| after.parse()).transpose();
        let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
        Ok(orders::Query {
            view,
            channel: self.channel,
            shop,
            sub_platform: self.sub_platform,
            channel_order_id: self.channel_order_id,
            search: self.q,
            sort: self.sort.as_deref().map_or(Ok(Sort::Deadline), sort)?,
            after,
            limit: self.limit.unwrap_or(PAGE).clamp(1, orders::PAGE_MAX),
        })
    }
}

fn view(text: &str) -> Result<View, Problem> {
    match text {
        "all" => Ok(View::All),
        "action_needed" => Ok(View::Action),
        "bin" => Ok(View::Bin),
        tab => tab.parse().map(View::Tab).map_err(|error| {
            Problem::bad_request(format!("tab: {error}, all, action_needed, bin"))
        }),
    }
}

fn sort(text: &str) -> Result<Sort, Problem> {
    match text {
        "deadline" => Ok(Sort::Deadline),
        "newest" => Ok(Sort::Newest),
        other => Err(Problem::bad_request(format!("sort: {other:?} is not deadline or newest"))),
    }
}

/// Orders, the soonest deadline first unless asked otherwise.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Asked),
    responses((status = 200, body = Page<Order>), (status = "default", body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Reader(scope): Reader,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page<Order>>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let page = app.store().list_orders(&scope, &asked.query()?).await?;
    Ok(Json(Page {
        items: page.orders.iter().map(Order::from).collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

/// How many orders a tab holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct TabCount {
    /// The tab, as `GET /orders` takes it.
    tab: &'static str,
    orders: i64,
}

/// Over which shops.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Counted {
    /// Only those of this channel.
    channel: Option<String>,
    /// Only those of this shop: `shp_…`.
    shop: Option<String>,
    /// Only those sold under this name of their channel: its key, as an order shows it.
    sub_platform: Option<String>,
}

/// How many orders each tab holds, with `all`, `action_needed` and `bin`.
#[utoipa::path(get, path = "/api/v1/tabs", tag = "orders", params(Counted),
    responses((status = 200, body = Vec<TabCount>), (status = "default", body = Problem)))]
pub(crate) async fn tabs(
    State(app): State<App>,
    Reader(scope): Reader,
    asked: Result<Query<Counted>, QueryRejection>,
) -> Result<Json<Vec<TabCount>>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let shop = asked.shop.map(|shop| shop.parse()).transpose();
    let shop = shop.map_err(|error| Problem::bad_request(format!("shop: {error}")))?;
    let (channel, sub_platform) = (asked.channel, asked.sub_platform);
    let query = orders::Query { channel, shop, sub_platform, ..orders::Query::default() };
    let counts = app.store().view_counts(&scope, &query).await?;
    let others = [("all", View::All), ("action_needed", View::Action), ("bin", View::Bin)];
    let tabs = Tab::ALL.iter().map(|tab| (tab.as_str(), View::Tab(*tab)));
    let rows = others.into_iter().chain(tabs);
    Ok(Json(rows.map(|(tab, view)| TabCount { tab, orders: counts.of(view) }).collect()))
}

/// One order.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Order), (status = "default", body = Problem)))]
pub(crate) async fn one(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Order>, Problem> {
    Ok(Json(Order::from(&find(&app, &scope, &id).await?)))
}

/// The documents of an order.
#[utoipa::path(get, path = "/api/v1/orders/{id}/documents", tag = "orders",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Vec<Document>), (status = "default", body = Problem)))]
pub(crate) async fn documents(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Document>>, Problem> {
    let order = find(&app, &scope, &id).await?;
    Ok(Json(order.documents.iter().map(Document::from).collect()))
}

/// The order; an id that is none, of nobody or of another org gives the same answer.
pub(crate) async fn find(
    app: &App,
    scope: &dermaga_store::read::Scope,
    id: &str,
) -> Result<orders::Order, Problem> {
    let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    app.store().order(scope, id).await?.ok_or_else(Problem::not_found)
}
