//! The flow of a shop over the API: its versions, and what another flow would change. Flows are kept by
//! people: no key may.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use dermaga_domain::flow::Flow;
use dermaga_domain::id::ShopId;
use dermaga_engine::{Ends, Look};
use dermaga_store::Shop;
use dermaga_store::read::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::commands::body;
use super::key::Reader;
use super::shapes::told;
use crate::App;

/// What a dry run looks at: the newest orders of these days.
const LOOK: Look = Look { days: 30, orders_max: 2_000 };

/// A version of a shop's flow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// `flw_…`.
    id: String,
    /// Its number among the shop's.
    number: i64,
    /// The preset it is, if it is one unchanged.
    preset: Option<String>,
    created_at: String,
    /// The person who made it: `acc_…`.
    created_by: Option<String>,
    /// New orders are judged by it.
    in_use: bool,
}

async fn shop(app: &App, scope: &Scope, id: &str) -> Result<Shop, Problem> {
    let id: ShopId = id.parse().map_err(|_| Problem::not_found())?;
    let shops = app.store().shops(scope.org, Some(id)).await?;
    shops.into_iter().find(|shop| scope.sees(shop.id)).ok_or_else(Problem::not_found)
}

/// The versions of a shop's flow, the oldest first.
#[utoipa::path(get, path = "/api/v1/shops/{id}/flow-versions", tag = "flows",
    params(("id" = String, Path, description = "shp_…")),
    responses((status = 200, body = Vec<Version>), (status = "default", body = Problem)))]
pub(crate) async fn versions(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
) -> Result<Json<Vec<Version>>, Problem> {
    let shop = shop(&app, &scope, &id).await?;
    let all = app.store().flow_versions(&scope).await?;
    let mine = all.into_iter().filter(|version| version.shop == Some(shop.id));
    let version = mine.map(|version| Version {
        id: version.id.to_string(),
        number: version.number,
        in_use: version.id == shop.flow_version,
        preset: version.preset,
        created_at: told(version.created_at),
        created_by: version.by.map(|by| by.to_string()),
    });
    Ok(Json(version.collect()))
}

/// A flow for a shop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Try {
    /// The flow as TOML, as `dermaga flow show --format toml` prints it.
    toml: String,
}

/// What a flow would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tried {
    looked_at: usize,
    /// There are more orders of the last 30 days than were looked at.
    cut: bool,
    /// Orders that would end elsewhere.
    differ: Vec<Differs>,
    /// Orders that wait for a flow that knows their status, by the channel's number.
    unknown: Vec<String>,
}

/// An order that would end elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Differs {
    /// `ord_…`.
    order: String,
    channel_order_id: String,
    before: End,
    after: End,
}

/// Where an order ends.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct End {
    document: String,
    delivery: String,
    payment: String,
    bin: bool,
    tab: Option<&'static str>,
    attentions: Vec<String>,
}

impl From<&dermaga_domain::order::explain::Outcome> for End {
    fn from(outcome: &dermaga_domain::order::explain::Outcome) -> Self {
        Self {
            document: outcome.document.to_string(),
            delivery: outcome.delivery.to_string(),
            payment: outcome.payment.to_string(),
            bin: outcome.bin,
            tab: outcome.tab.map(dermaga_domain::term::Tab::as_str),
            attentions: outcome.attentions.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&Ends> for Differs {
    fn from(ends: &Ends) -> Self {
        Self {
            order: ends.id.to_string(),
            channel_order_id: ends.channel_order_id.clone(),
            before: (&ends.before).into(),
            after: (&ends.after).into(),
        }
    }
}

/// Tries a flow on the shop's own orders. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/shops/{id}/flow-dry-run", tag = "flows",
    params(("id" = String, Path, description = "shp_…")), request_body = Try,
    responses((status = 200, body = Tried), (status = "default", body = Problem)))]
pub(crate) async fn dry_run(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Tried>, Problem> {
    let sent = sent.map_err(|error| Problem::bad_request(error.body_text()))?;
    let Try { toml } = body(&sent)?;
    let shop = shop(&app, &scope, &id).await?;
    let flow = Flow::from_toml("toml", &toml);
    let flow = flow.map_err(|error| Problem::bad_request(error.to_string()))?;
    let found = app.engine().dry_run_flow(scope.org, &shop, &flow, LOOK).await?;
    Ok(Json(Tried {
        looked_at: found.looked_at,
        cut: found.cut,
        differ: found.differs.iter().map(Differs::from).collect(),
        unknown: found.unknown.into_iter().collect(),
    }))
}
