//! Webhooks: bounded before they are read, answered 2xx only once they are kept.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use dermaga_engine::Received;
use futures_util::StreamExt as _;

use crate::App;
use crate::routes::{Guard, Routes};

/// The largest body that is taken: 1 MiB.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// When to come again when the disk is full or the database is in trouble, in seconds.
const COME_AGAIN_SECONDS: u64 = 30;

pub(crate) fn routes() -> Routes {
    let why = Guard::Open("channels: an unguessable address, and a signature on every message");
    Routes::new().post("/webhooks/{route}/{kind}", why, receive)
}

async fn receive(
    State(app): State<App>,
    Path((route, kind)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        app.engine().refuse(&route, Received::Encoded);
        return answer(Received::Encoded);
    }
    match whole(&headers, body).await {
        Ok(body) => answer(app.engine().receive(&route, &kind, &headers, body).await),
        Err(refused) => {
            app.engine().refuse(&route, refused);
            answer(refused)
        }
    }
}

/// What the channel is told; the engine has counted and logged it.
fn answer(received: Received) -> Response {
    let closed = |status: StatusCode| (status, [(header::CONNECTION, "close")]).into_response();
    match received {
        Received::Kept
        | Received::Repeated
        | Received::Malformed
        | Received::UnknownShop
        | Received::Greeted => StatusCode::OK.into_response(),
        Received::UnknownRoute => StatusCode::NOT_FOUND.into_response(),
        Received::BadSignature => StatusCode::UNAUTHORIZED.into_response(),
        Received::Busy { retry_after_ms } => come_again(retry_after_ms.div_ceil(1_000).max(1)),
        Received::Full => come_again(COME_AGAIN_SECONDS),
        Received::TooLarge => closed(StatusCode::PAYLOAD_TOO_LARGE),
        Received::Encoded => closed(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        Received::BrokenOff => closed(StatusCode::BAD_REQUEST),
    }
}

fn come_again(seconds: u64) -> Response {
    let retry = [(header::RETRY_AFTER, seconds.to_string())];
    (StatusCode::SERVICE_UNAVAILABLE, retry).into_response()
}

/// The body, unless it says or turns out to be too large, or ends too early.
async fn whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Received> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let told = told.and_then(|length| length.parse::<usize>().ok());
    if told.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(Received::TooLarge);
    }
    let mut read = BytesMut::with_capacity(told.unwrap_or(0));
    let mut stream = body.into_data_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Received::BrokenOff)?;
        if read.len() + part.len() > BODY_BYTES_MAX {
            return Err(Received::TooLarge);
        }
        read.extend_from_slice(&part);
    }
    Ok(read.freeze())
}
