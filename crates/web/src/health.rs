//! For whoever watches over the server.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::routes::{Guard, Routes};

pub(crate) fn routes() -> Routes {
    let why = Guard::Open("whoever watches over the server: counts and health, of nobody");
    Routes::new()
        .get("/healthz", why, async || "ok\n")
        .get("/readyz", why, ready)
        .get("/metrics", why, metrics)
}

/// Ready when the database answers.
async fn ready(State(app): State<App>) -> Response {
    match app.store().orgs().await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, app.metrics().render()).into_response()
}
