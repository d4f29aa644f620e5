//! Webhooks: bounded before they are read, answered 2xx only once they are kept.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::{Bytes, BytesMut};
use dermaga_engine::Received;
use futures_util::StreamExt as _;

use crate::App;

/// The largest body that is taken: 1 MiB.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// When to come again when the disk is full or the database is in trouble, in seconds.
const COME_AGAIN_SECONDS: u64 = 30;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/webhooks/{route}/{kind}", post(receive))
}

async fn receive(
    State(app): State<App>,
    Path((route, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return refused("encoded", StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let body = match whole(&headers, body).await {
        Ok(body) => body,
        Err(Cut::TooLarge) => return refused("too_large", StatusCode::PAYLOAD_TOO_LARGE),
        Err(Cut::Broken) => return refused("broken_off", StatusCode::BAD_REQUEST),
    };
    let received = app.engine().receive(&route, &kind, &headers, body).await;
    answer(received)
}

/// Counts and logs what never reached the engine.
fn refused(outcome: &'static str, status: StatusCode) -> Response {
    metrics::counter!("dermaga_webhooks_total", "outcome" => outcome).increment(1);
    tracing::warn!(webhook.outcome = outcome, "webhook refused before it was read");
    (status, [(header::CONNECTION, "close")]).into_response()
}

/// What the channel is told; the engine has counted it, and logged what it refused.
fn answer(received: Received) -> Response {
    let outcome = received.name();
    match received {
        Received::Kept => {
            tracing::debug!(webhook.outcome = outcome, "webhook kept");
            StatusCode::OK.into_response()
        }
        Received::Repeated => {
            tracing::info!(webhook.outcome = outcome, "webhook kept before");
            StatusCode::OK.into_response()
        }
        Received::Malformed => {
            tracing::warn!(
                webhook.outcome = outcome,
                "webhook kept that cannot be read (DMG-0302)"
            );
            StatusCode::OK.into_response()
        }
        Received::UnknownShop => StatusCode::OK.into_response(),
        Received::UnknownRoute => {
            tracing::warn!(webhook.outcome = outcome, "webhook to an address nobody listens at");
            StatusCode::NOT_FOUND.into_response()
        }
        Received::BadSignature => StatusCode::UNAUTHORIZED.into_response(),
        Received::Busy { retry_after_ms } => come_again(retry_after_ms.div_ceil(1_000).max(1)),
        Received::Full => come_again(COME_AGAIN_SECONDS),
    }
}

fn come_again(seconds: u64) -> Response {
    let retry = [(header::RETRY_AFTER, seconds.to_string())];
    (StatusCode::SERVICE_UNAVAILABLE, retry).into_response()
}

enum Cut {
    TooLarge,
    Broken,
}

/// The body, unless it says or turns out to be too large.
async fn whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Cut> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let told = told.and_then(|length| length.parse::<usize>().ok());
    if told.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(Cut::TooLarge);
    }
    let mut read = BytesMut::with_capacity(told.unwrap_or(0));
    let mut stream = body.into_data_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Cut::Broken)?;
        if read.len() + part.len() > BODY_BYTES_MAX {
            return Err(Cut::TooLarge);
        }
        read.extend_from_slice(&part);
    }
    Ok(read.freeze())
}
