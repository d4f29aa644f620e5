//! The files that pages ask for: named by their content, so kept for ever.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(super) async fn one(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{name}");
    let Some(asset) = dermaga_ui::assets().iter().find(|asset| asset.path == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fixed = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
    ];
    let packed = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|line| line.split(',').any(|coding| coding.trim().starts_with("gzip")));
    if packed {
        (fixed, [(header::CONTENT_ENCODING, "gzip")], asset.gzip_bytes).into_response()
    } else {
        (fixed, asset.bytes).into_response()
    }
}
