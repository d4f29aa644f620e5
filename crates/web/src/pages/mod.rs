//! The pages: each reads, fills its context, and shows it.

mod act;
mod assets;
mod codes;
mod command_forms;
mod command_rows;
mod commands;
mod downloads;
mod flow;
mod givers;
mod lists;
mod live;
mod log;
mod order;
mod shops;
mod stock;
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
        .route("/downloads", get(downloads::list).post(downloads::begin))
        .route("/downloads/{id}", get(downloads::one))
        .route("/downloads/{id}/agree", post(downloads::agree))
        .route("/downloads/{id}/drop", post(downloads::give_up))
        .route("/downloads/{id}/retry", post(downloads::retry))
        .route("/errors/{code}", get(codes::show))
        .route("/bin", get(lists::bin))
        .route("/stock", get(stock::show))
        .route("/shops", get(shops::list))
        .route("/shops/connect", get(shops::connecting).post(shops::connect))
        .route("/shops/{id}", get(shops::one))
        .route("/shops/{id}/first", get(shops::first))
        .route("/shops/{id}/pause", post(shops::pause))
        .route("/shops/{id}/resume", post(shops::resume))
        .route("/shops/{id}/orders", post(shops::orders))
        .route("/shops/{id}/test", post(shops::test))
        .route("/shops/{id}/settings", get(shops::settings).post(shops::keep_settings))
        .route("/shops/{id}/credentials", post(shops::credentials))
        .route("/shops/{id}/disconnect", post(shops::disconnect))
        .route("/shops/{id}/stock", get(shops::stock))
        .route("/shops/{id}/push", post(shops::push))
        .route("/tasks", get(shops::tasks).post(shops::steer))
        .route("/flows/{channel}", get(flow::show))
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
