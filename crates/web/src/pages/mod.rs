//! The pages: each reads, fills its context, and shows it.

mod act;
mod assets;
mod codes;
mod command_forms;
mod command_rows;
mod commands;
mod flow;
mod lists;
mod live;
mod log;
mod order;
mod stock;
mod system;
mod timeline;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(async || Redirect::to("/orders")))
        .route("/orders", get(lists::orders))
        .route("/orders/{id}", get(order::show))
        .route("/orders/{id}/act", post(act::act))
        .route("/orders/{id}/commands", post(commands::give))
        .route("/orders/{id}/commands/{command}/retry", post(commands::again))
        .route("/orders/{id}/commands/{command}/paper", get(commands::print))
        .route("/commands", post(commands::give_many))
        .route("/commands/{batch}", get(commands::batch))
        .route("/commands/{batch}/retry", post(commands::retry))
        .route("/errors/{code}", get(codes::show))
        .route("/bin", get(lists::bin))
        .route("/stock", get(stock::show))
        .route("/flows/{channel}", get(flow::show))
        .route("/system", get(system::show))
        .route("/log", get(log::show))
        .route("/log/{id}/answer", get(log::answer))
        .route("/live", get(live::stream))
        .route("/assets/{name}", get(assets::one))
}

/// A query string of the pairs that say something.
fn query_of(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    let text = text.finish();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}
