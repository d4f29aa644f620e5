//! What a key may do, buyers unmasked, and who did what.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use dermaga_domain::id::OrderId;
use dermaga_store::audit::{self, Entry, act};
use dermaga_store::command::Giver;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::key::Program;
use super::shapes::{Page, told};
use crate::App;

/// The key that asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Its id: `key_…`.
    id: String,
    /// What people call it.
    name: String,
    /// Its scopes.
    scopes: Vec<String>,
    /// What it may do.
    permissions: Vec<&'static str>,
    /// The shops that it sees; none = all.
    shops: Option<Vec<String>>,
    /// The warehouses that it sees; none = all.
    warehouses: Option<Vec<String>>,
}

/// What the key that asks may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "access",
    responses((status = 200, body = Me), (status = "default", body = Problem)))]
pub(crate) async fn me(Program { key, scope }: Program) -> Json<Me> {
    let permissions = key.permissions();
    let shops = scope.shops.map(|some| some.iter().map(ToString::to_string).collect());
    let warehouses = scope.warehouses.map(|some| some.iter().map(ToString::to_string).collect());
    Json(Me {
        id: key.id.to_string(),
        name: key.name,
        scopes: key.scopes,
        permissions: permissions.iter().map(dermaga_domain::access::Permission::as_str).collect(),
        shops,
        warehouses,
    })
}

/// A buyer, unmasked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Buyer {
    name: String,
    phone: String,
    email: String,
    address: String,
    district: String,
    city: String,
    province: String,
    postal_code: String,
    /// What the buyer asks for.
    note: String,
}

/// Who ordered, unmasked. Every look is written down. 404 also when the buyer is not known, or is
/// known no more.
#[utoipa::path(get, path = "/api/v1/orders/{id}/buyer", tag = "orders",
    params(("id" = String, Path, description = "ord_…")),
    responses((status = 200, body = Buyer), (status = "default", body = Problem)))]
pub(crate) async fn buyer(
    State(app): State<App>,
    Program { key, scope }: Program,
    Path(id): Path<String>,
) -> Result<Json<Buyer>, Problem> {
    let id: OrderId = super::orders::find(&app, &scope, &id).await?.id;
    let buyer = app.store().buyers(&scope, &[id]).await?.remove(&id);
    let buyer = buyer.ok_or_else(Problem::not_found)?;
    let (by, order) = (Giver::Key(key.id), id.to_string());
    app.store().write_down(scope.org, by, act::BUYER_SEEN, (&order, "")).await?;
    Ok(Json(Buyer {
        name: buyer.name,
        phone: buyer.phone,
        email: buyer.email,
        address: buyer.address,
        district: buyer.district,
        city: buyer.city,
        province: buyer.province,
        postal_code: buyer.postal_code,
        note: buyer.note,
    }))
}

/// What somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Its id: `aud_…`.
    id: String,
    at: String,
    /// The person: `acc_…`.
    person: Option<String>,
    /// The key: `key_…`. Neither: the command line of the machine.
    key: Option<String>,
    /// What: `session.began`, `order.void`, `command.accept`, `buyer.seen`, …
    act: String,
    /// On what, by its id.
    subject: String,
    /// What was said or changed.
    detail: String,
}

impl From<Entry> for Done {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: told(entry.at),
            person: entry.by.person().map(|id| id.to_string()),
            key: entry.by.key().map(|id| id.to_string()),
            act: entry.act,
            subject: entry.subject,
            detail: entry.detail,
        }
    }
}

/// What is asked of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Only those of this person: `acc_…`.
    person: Option<String>,
    /// Only this act.
    act: Option<String>,
    /// Only what was done to this, by its id.
    subject: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// Who did what, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "access", params(Asked),
    responses((status = 200, body = Page<Done>), (status = "default", body = Problem)))]
pub(crate) async fn audit(
    State(app): State<App>,
    program: Program,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page<Done>>, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    let person = asked.person.map(|id| id.parse()).transpose();
    let before = asked.after.map(|id| id.parse()).transpose();
    let query = audit::Query {
        person: person.map_err(|error| Problem::bad_request(format!("person: {error}")))?,
        act: asked.act,
        subject: asked.subject,
        before: before.map_err(|_| Problem::bad_request("after is not a page's next"))?,
        limit: asked.limit.unwrap_or(100),
    };
    let (found, next) = app.store().audit(program.scope.org, &query).await?;
    Ok(Json(Page {
        items: found.into_iter().map(Done::from).collect(),
        next: next.map(|next| next.to_string()),
    }))
}
