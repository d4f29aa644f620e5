//! The API: read only, behind a key, JSON out, problems as RFC 9457.

mod key;
mod orders;
mod problem;
mod shapes;

use axum::Router;
use axum::routing::get;

use crate::App;
pub(crate) use problem::Problem;

pub(crate) fn routes(_app: &App) -> Router<App> {
    Router::new()
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::one))
        .route("/orders/{id}/documents", get(orders::documents))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
}
