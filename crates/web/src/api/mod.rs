//! The API: behind a key with scopes, JSON, problems as RFC 9457. It reads, and gives commands for
//! orders; nothing changes on GET.

mod command_shapes;
mod commands;
mod key;
mod more;
mod orders;
mod problem;
mod shapes;
mod stock;
mod stock_shapes;

use axum::routing::{get, post, put};
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::App;
pub(crate) use problem::Problem;

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dermaga", description = "Orders, documents, stock and what explains them; commands to channels. A key reads with the scope read, and gives commands with the scope act."),
    paths(
        orders::list,
        orders::one,
        orders::documents,
        more::explain,
        more::stock_levels,
        stock::skus,
        stock::sku,
        stock::movements,
        stock::selling,
        stock::shift,
        stock::opening,
        stock::incidents,
        stock::unmapped,
        stock::map,
        more::exchanges,
        more::flow,
        more::feed,
        commands::one_order,
        commands::of_order,
        commands::offers,
        commands::paper,
        commands::many,
        commands::batch,
        commands::retry,
    ),
    components(schemas(Problem)),
    modifiers(&Key),
    security(("key" = [])),
)]
struct Description;

struct Key;

impl utoipa::Modify for Key {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key of the API: dmg_…"))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(async || Json(Description::openapi())))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::one))
        .route("/orders/{id}/documents", get(orders::documents))
        .route("/orders/{id}/explain", get(more::explain))
        .route("/orders/{id}/commands", get(commands::of_order).post(commands::one_order))
        .route("/orders/{id}/commands/{command}/paper", get(commands::paper))
        .route("/orders/{id}/offers", get(commands::offers))
        .route("/commands", post(commands::many))
        .route("/commands/{batch}", get(commands::batch))
        .route("/commands/{batch}/retry", post(commands::retry))
        .route("/stock-levels", get(more::stock_levels))
        .route("/skus", get(stock::skus))
        .route("/skus/{id}", get(stock::sku))
        .route("/skus/{id}/movements", get(stock::movements))
        .route("/skus/{id}/listings", get(stock::selling))
        .route("/skus/{id}/moves", post(stock::shift))
        .route("/opening-stock", post(stock::opening))
        .route("/incidents", get(stock::incidents))
        .route("/unmapped-listings", get(stock::unmapped))
        .route("/listings/{id}/sku", put(stock::map))
        .route("/exchanges", get(more::exchanges))
        .route("/flows/{channel}", get(more::flow))
        .route("/feed", get(more::feed))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
}
