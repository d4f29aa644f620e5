//! What the API answers when it cannot: RFC 9457.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem, as `application/problem+json`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// The page that explains it, under `docs/errors/`.
    #[serde(rename = "type")]
    kind: String,
    /// What went wrong, the same for every problem of this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// A code to quote.
    code: &'static str,
    /// What went wrong this time.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            kind: format!("errors/{code}.md"),
            title,
            status: status.as_u16(),
            code,
            detail: String::new(),
        }
    }

    fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// No such thing, or not theirs to see: the answer is the same.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "DMG-0602", "There is no such thing")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "DMG-0604",
            "This address does not take this method",
        )
    }

    pub(crate) fn no_key() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "DMG-0601", "A key of the API is needed")
            .because("send a header Authorization: Bearer dmg_… with a key that is in force")
    }

    /// `scope`: the one that would allow it, if there is one.
    pub(crate) fn not_allowed(scope: Option<&str>) -> Self {
        let why = scope.map(|scope| format!("the key lacks the scope {scope}"));
        Self::new(StatusCode::FORBIDDEN, "DMG-0605", "The key may not do this").because(
            why.unwrap_or_else(|| {
                "the key sees only a part of the business, or this is not for keys".to_owned()
            }),
        )
    }

    /// The request's name was another request's.
    pub(crate) fn other_body() -> Self {
        let title = "The Idempotency-Key was used for another request";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "DMG-0608", title)
    }

    /// There is nothing in the batch that may be tried again.
    pub(crate) fn nothing_failed() -> Self {
        let title = "Nothing in the batch is to be tried again";
        Self::new(StatusCode::CONFLICT, "DMG-0609", title)
    }

    /// The shop's flow was changed since it was looked at.
    pub(crate) fn flow_changed() -> Self {
        let title = "The flow was changed since it was looked at";
        Self::new(StatusCode::CONFLICT, "DMG-0402", title)
    }

    /// It does not stand as what is asked needs it to stand.
    pub(crate) fn moved_on(why: impl Into<String>) -> Self {
        let title = "It has moved on meanwhile";
        Self::new(StatusCode::CONFLICT, "DMG-0610", title).because(why)
    }

    /// What was seen has changed since.
    pub(crate) fn changed(detail: impl Into<String>) -> Self {
        let title = "The stock has changed since it was looked at";
        Self::new(StatusCode::CONFLICT, "DMG-0801", title).because(detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "DMG-0603", "The request cannot be understood")
            .because(detail)
    }

    fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "DMG-0606", "Too much at once; come again")
    }

    fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "DMG-0607", "Something is wrong on our side")
    }
}

impl From<dermaga_store::Error> for Problem {
    fn from(error: dermaga_store::Error) -> Self {
        if error.is_passing() {
            tracing::warn!(error = %error, "request put off");
            return Self::busy();
        }
        if matches!(error, dermaga_store::Error::NotFound(_)) {
            return Self::not_found();
        }
        if let dermaga_store::Error::Refused(why) = error {
            return Self::moved_on(why);
        }
        if matches!(error, dermaga_store::Error::FlowChanged) {
            return Self::flow_changed();
        }
        if matches!(error, dermaga_store::Error::Changed { .. }) {
            return Self::changed(error.to_string());
        }
        tracing::error!(error = %error, "request failed");
        Self::broken()
    }
}

impl From<dermaga_engine::Error> for Problem {
    fn from(error: dermaga_engine::Error) -> Self {
        use dermaga_engine::Error as E;
        match error {
            E::Store(error) => error.into(),
            E::Refused(why) => Self::bad_request(why),
            E::EmptyRange => Self::bad_request(E::EmptyRange.to_string()),
            E::NotSeen => {
                let title = "What this changes was not seen as it stands now";
                Self::new(StatusCode::CONFLICT, "DMG-0503", title)
            }
            E::OrdersOff => {
                let title = "The shop takes no orders now";
                Self::new(StatusCode::CONFLICT, "DMG-0207", title)
            }
            error @ E::TooOld { .. } => {
                let title = "The from-date is older than the channel serves";
                let said = error.to_string();
                Self::new(StatusCode::BAD_REQUEST, "DMG-0204", title).because(said)
            }
            E::Channel(_)
            | E::NoChannel(_)
            | E::MissingCredential(_)
            | E::Flow(_)
            | E::Consent(_) => {
                tracing::error!(error = %error, "request failed");
                Self::broken()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
