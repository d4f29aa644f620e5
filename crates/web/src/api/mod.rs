//! The API: behind a key with scopes, JSON, problems as RFC 9457. It reads, and gives commands for
//! orders; nothing changes on GET.

mod buyers;
mod command_shapes;
mod commands;
mod key;
mod more;
mod orders;
mod problem;
mod shapes;
mod system;

use axum::routing::{get, post};
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::App;
pub(crate) use problem::Problem;

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dermaga", description = "Orders, documents, stock and what explains them; commands to channels. A key reads with the scope read, gives commands with the scope act, and sees and erases what is held about a buyer with the scope buyers."),
    paths(
        orders::list,
        orders::one,
        orders::documents,
        more::explain,
        more::stock_levels,
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
        buyers::export,
        buyers::erase,
        system::system,
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
        .route("/buyers/export", post(buyers::export))
        .route("/buyers/erase", post(buyers::erase))
        .route("/stock-levels", get(more::stock_levels))
        .route("/exchanges", get(more::exchanges))
        .route("/flows/{channel}", get(more::flow))
        .route("/feed", get(more::feed))
        .route("/system", get(system::system))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
}
