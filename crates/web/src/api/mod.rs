//! The API: read only, behind a key, JSON out, problems as RFC 9457.

mod key;
mod more;
mod orders;
mod problem;
mod shapes;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::App;
pub(crate) use problem::Problem;

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dermaga", description = "Orders, documents, stock and what explains them. Read only."),
    paths(
        orders::list,
        orders::one,
        orders::documents,
        more::explain,
        more::stock_levels,
        more::exchanges,
        more::flow,
        more::feed,
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
        .route("/stock-levels", get(more::stock_levels))
        .route("/exchanges", get(more::exchanges))
        .route("/flows/{channel}", get(more::flow))
        .route("/feed", get(more::feed))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
}
