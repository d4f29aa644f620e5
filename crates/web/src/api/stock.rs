//! SKUs over the API: what there is, the ledger, where it is sold, and what is done by hand.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use dermaga_domain::id::{ListingId, MovementId, SkuId, WarehouseId};
use dermaga_store::command::Giver;
use dermaga_store::once::Earlier;
use dermaga_store::read::shelf::Wanted;
use dermaga_store::stock::{Change, OpeningRow, StockMove, parse_opening};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::commands::{body, once};
use super::key::{Actor, Reader};
use super::more::{Asked, asked};
use super::shapes::Page;
use super::stock_shapes::{Incident, Listing, Moved, Movement, Opened, Selling, Sku};
use crate::App;

type Body = Result<Bytes, BytesRejection>;

fn bytes(body: Body) -> Result<Bytes, Problem> {
    body.map_err(|error| Problem::bad_request(error.body_text()))
}

fn sku_id(text: &str) -> Result<SkuId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Which SKUs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Skus {
    /// Only those whose code or name holds this.
    q: Option<String>,
    /// Only those of which something is short.
    #[serde(default)]
    short: bool,
    /// Only those of which no more than so many units are available.
    available_max: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// SKUs with what each warehouse has, by code.
#[utoipa::path(get, path = "/api/v1/skus", tag = "stock", params(Skus),
    responses((status = 200, body = Page<Sku>), (status = "default", body = Problem)))]
pub(crate) async fn skus(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<Skus>,
) -> Result<Json<Page<Sku>>, Problem> {
    let asked = asked(query)?;
    let wanted = Wanted {
        search: asked.q.unwrap_or_default(),
        short: asked.short,
        low: asked.available_max,
        after: asked.after.unwrap_or_default(),
        limit: asked.limit.unwrap_or(100),
    };
    let (found, next) = app.store().shelf(&scope, &wanted).await?;
    Ok(Json(Page { items: found.into_iter().map(Sku::from).collect(), next }))
}

/// One SKU with what each warehouse has.
#[utoipa::path(get, path = "/api/v1/skus/{id}", tag = "stock",
    params(("id" = String, Path, description = "sku_…")),
    responses((status = 200, body = Sku), (status = "default", body = Problem)))]
pub(crate) async fn sku(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Sku>, Problem> {
    let sheet =
        app.store().sku_sheet(&scope, sku_id(&id)?).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(sheet.sku.into()))
}

/// A place where stock lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Warehouse {
    /// `whs_…`.
    id: String,
    name: String,
}

/// The warehouses.
#[utoipa::path(get, path = "/api/v1/warehouses", tag = "stock",
    responses((status = 200, body = Vec<Warehouse>), (status = "default", body = Problem)))]
pub(crate) async fn warehouses(
    State(app): State<App>,
    Reader(scope): Reader,
) -> Result<Json<Vec<Warehouse>>, Problem> {
    let found = app.store().warehouses_of(&scope).await?.into_iter();
    Ok(Json(found.map(|it| Warehouse { id: it.id.to_string(), name: it.name }).collect()))
}

/// Which lines of the ledger.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Lines {
    /// Only those of this warehouse: `whs_…`.
    warehouse: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// The ledger of a SKU, the newest first.
#[utoipa::path(get, path = "/api/v1/skus/{id}/movements", tag = "stock",
    params(("id" = String, Path, description = "sku_…"), Lines),
    responses((status = 200, body = Page<Movement>), (status = "default", body = Problem)))]
pub(crate) async fn movements(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    query: Asked<Lines>,
) -> Result<Json<Page<Movement>>, Problem> {
    let asked = asked(query)?;
    let id = sku_id(&id)?;
    let bad = |name: &str| Problem::bad_request(format!("{name} is not one that was given"));
    let only = asked.warehouse.map(|text| text.parse::<WarehouseId>()).transpose();
    let only = only.map_err(|_| bad("warehouse"))?;
    let before = asked.after.map(|text| text.parse::<MovementId>()).transpose();
    let before = before.map_err(|_| bad("after"))?;
    app.store().sku_sheet(&scope, id).await?.ok_or_else(Problem::not_found)?;
    let limit = asked.limit.unwrap_or(50);
    let (lines, next) = app.store().ledger(&scope, id, only, before, limit).await?;
    let items = lines.into_iter().map(|line| Movement::of(line, &scope)).collect();
    Ok(Json(Page { items, next: next.map(|next| next.to_string()) }))
}

/// The listings that sell a SKU, with what each channel was last told.
#[utoipa::path(get, path = "/api/v1/skus/{id}/listings", tag = "stock",
    params(("id" = String, Path, description = "sku_…")),
    responses((status = 200, body = Vec<Selling>), (status = "default", body = Problem)))]
pub(crate) async fn selling(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Selling>>, Problem> {
    let id = sku_id(&id)?;
    app.store().sku_sheet(&scope, id).await?.ok_or_else(Problem::not_found)?;
    let found = app.store().selling(&scope, id).await?;
    Ok(Json(found.into_iter().map(Selling::from).collect()))
}

/// What is done to a stock level.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    /// receipt, adjustment or count.
    kind: String,
    /// The warehouse: `whs_…`.
    warehouse: String,
    /// Units: that came in, more or fewer than on record, or that lie there.
    quantity: i64,
    /// Why; an adjustment needs it.
    #[serde(default)]
    note: Option<String>,
    /// On hand as it was seen: when it is otherwise by now, nothing is moved.
    #[serde(default)]
    seen: Option<i64>,
}

impl Move {
    fn asked(self, sku: SkuId, by: Giver) -> Result<StockMove, Problem> {
        let change = match self.kind.as_str() {
            "receipt" => Change::Receipt(self.quantity),
            "adjustment" => Change::Adjustment(self.quantity),
            "count" => Change::Count(self.quantity),
            _ => return Err(Problem::bad_request("kind: receipt, adjustment or count")),
        };
        let note = self.note.filter(|note| !note.trim().is_empty());
        if matches!(change, Change::Adjustment(_)) && note.is_none() {
            return Err(Problem::bad_request("note: an adjustment says why"));
        }
        let warehouse = self.warehouse.parse();
        let warehouse = warehouse.map_err(|error| Problem::bad_request(format!("{error}")))?;
        Ok(StockMove { sku, warehouse, change, note, by, seen: self.seen })
    }
}

/// Receives, adjusts or counts a SKU in a warehouse.
#[utoipa::path(post, path = "/api/v1/skus/{id}/moves", tag = "stock",
    params(("id" = String, Path, description = "sku_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key with the same body answers the same for a day")),
    request_body = Move,
    responses((status = 200, body = Moved), (status = "default", body = Problem)))]
pub(crate) async fn shift(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Moved>, Problem> {
    let sent = bytes(sent)?;
    let once = once(&headers, key, &id, &sent)?;
    let asked = body::<Move>(&sent)?.asked(sku_id(&id)?, Giver::Key(key))?;
    match app.engine().move_stock(&scope, vec![asked], once).await? {
        Ok(moved) | Err(Earlier::Same(moved)) => {
            let moved = moved.into_iter().next().ok_or_else(Problem::not_found)?;
            Ok(Json(Moved::from(moved)))
        }
        Err(Earlier::Other) => Err(Problem::other_body()),
    }
}

/// Opening stock as a CSV text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// The text: columns sku, name, warehouse, quantity; at most 5,000 rows.
    csv: String,
    /// Only look at what would come of it.
    #[serde(default)]
    preview: bool,
}

/// Puts opening stock on the shelves, or says what would come of it; SKUs that are not there are made.
#[utoipa::path(post, path = "/api/v1/opening-stock", tag = "stock",
    params(("Idempotency-Key" = Option<String>, Header, description = "the same key with the same body answers with the counts of before for a day")),
    request_body = Opening,
    responses((status = 200, body = Opened), (status = "default", body = Problem)))]
pub(crate) async fn opening(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Opened>, Problem> {
    let sent = bytes(sent)?;
    let once = once(&headers, key, "opening", &sent)?;
    let Opening { csv, preview } = body(&sent)?;
    let file = parse_opening(&csv);
    let rows: Vec<OpeningRow> = file.rows.clone();
    if preview {
        let opened = app.engine().preview_opening(&scope, rows).await?;
        return Ok(Json(Opened::of(&file, &opened, false)));
    }
    match app.engine().open_stock(&scope, rows, Giver::Key(key), once).await? {
        Ok(opened) => Ok(Json(Opened::of(&file, &opened, true))),
        Err(Earlier::Same((taken, refused))) => Ok(Json(Opened::before(taken, refused))),
        Err(Earlier::Other) => Err(Problem::other_body()),
    }
}

/// From which place a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// SKUs that were sold more often than they exist, or that a channel found gone, while it lasts.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "stock", params(After),
    responses((status = 200, body = Page<Incident>), (status = "default", body = Problem)))]
pub(crate) async fn incidents(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<After>,
) -> Result<Json<Page<Incident>>, Problem> {
    let asked = asked(query)?;
    let after = asked.after.map_or(Ok(SkuId(0)), |text| text.parse());
    let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let limit = asked.limit.unwrap_or(100).clamp(1, 200);
    let found = app.store().open_incidents(&scope, after, limit).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == limit;
    let next = found.last().filter(|_| full).map(|last| last.sku.to_string());
    Ok(Json(Page { items: found.into_iter().map(Incident::from).collect(), next }))
}

/// Listings that are no SKU's.
#[utoipa::path(get, path = "/api/v1/unmapped-listings", tag = "stock", params(After),
    responses((status = 200, body = Page<Listing>), (status = "default", body = Problem)))]
pub(crate) async fn unmapped(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<After>,
) -> Result<Json<Page<Listing>>, Problem> {
    let asked = asked(query)?;
    let after = asked.after.map_or(Ok(ListingId(0)), |text| text.parse());
    let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let limit = asked.limit.unwrap_or(100).clamp(1, 200);
    let found = app.store().unmapped_listings(scope.org, after, limit).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == limit;
    let next = found.last().filter(|_| full).map(|last| last.id.to_string());
    let seen = found.into_iter().filter(|listing| scope.sees(listing.shop));
    Ok(Json(Page { items: seen.map(Listing::from).collect(), next }))
}

/// Which SKU a listing is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The SKU's code; none takes the mapping away.
    sku: Option<String>,
}

/// Says which SKU a listing is. Unsent orders that waited for it get their stock.
#[utoipa::path(post, path = "/api/v1/listings/{id}/sku", tag = "stock",
    params(("id" = String, Path, description = "lst_…")), request_body = Mapping,
    responses((status = 204, description = "It is so now"), (status = "default", body = Problem)))]
pub(crate) async fn map(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
    sent: Body,
) -> Result<axum::http::StatusCode, Problem> {
    let id: ListingId = id.parse().map_err(|_| Problem::not_found())?;
    let Mapping { sku } = body(&bytes(sent)?)?;
    let sku = match sku {
        None => None,
        Some(code) => {
            let found = app.store().find_sku(scope.org, &code).await?;
            let missing = || Problem::bad_request(format!("sku: there is no SKU {code:?}"));
            Some(found.ok_or_else(missing)?.id)
        }
    };
    app.engine().map_listing(&scope, id, sku, Giver::Key(key)).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
