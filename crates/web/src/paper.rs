//! What a channel gave to print, handed on: it may be a page, and must not act as one of ours.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use dermaga_domain::id::{CommandId, OrderId, OrgId};
use dermaga_store::audit::act;
use dermaga_store::command::{Giver, StoredPaper};

use crate::App;

/// A page of a channel's is shown with its own pictures and style, in an origin of its own, and
/// nothing in it runs.
const POLICY: &str = "sandbox; default-src 'none'; img-src data: https:; \
                      style-src 'unsafe-inline' https:; font-src data: https:";
/// What browsers show; everything else is only kept as a file.
const SHOWN: [&str; 5] = ["text/html", "application/pdf", "image/png", "image/jpeg", "text/plain"];

/// Writes down that somebody opens a paper: it names the buyer.
pub(crate) async fn seen(
    app: &App,
    (org, by): (OrgId, Giver),
    (order, command): (OrderId, CommandId),
) -> dermaga_store::Result<()> {
    let told = (order.to_string(), command.to_string());
    app.store().write_down(org, by, act::PAPER_SEEN, (&told.0, &told.1)).await
}

/// The paper as an answer.
pub(crate) fn answer(paper: StoredPaper, command: CommandId) -> Response {
    let kind = paper.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.contains(&kind.as_str());
    let media_type = HeaderValue::from_str(&paper.media_type).ok().filter(|_| shown);
    let unknown = HeaderValue::from_static("application/octet-stream");
    let kept = format!("{}; filename=\"{command}\"", if shown { "inline" } else { "attachment" });
    let mut response = paper.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type.unwrap_or(unknown));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if let Ok(kept) = HeaderValue::from_str(&kept) {
        headers.insert(header::CONTENT_DISPOSITION, kept);
    }
    response
}
