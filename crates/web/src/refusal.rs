//! What a person gets instead of a page.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use dermaga_ui::{ErrorPage, Locale, Page};

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// They must log in first.
    LogIn {
        /// Where they wanted to go.
        next: String,
    },
    /// An error page.
    Page(Box<ErrorPage>),
}

impl Refusal {
    /// An error page, with a reference that is in the log as well.
    pub(crate) fn page(status: StatusCode, code: &str, locale: Locale, here: String) -> Self {
        let reference = format!("req_{:016x}", rand::random::<u64>());
        tracing::info!(request.reference = %reference, http.status = status.as_u16(), code, "page refused");
        Self::Page(Box::new(ErrorPage {
            locale,
            status: status.as_u16(),
            code: code.to_owned(),
            reference,
            here,
        }))
    }

    /// No such page, or not theirs to see: the answer is the same.
    pub(crate) fn not_found(locale: Locale, here: String) -> Self {
        Self::page(StatusCode::NOT_FOUND, "DMG-0602", locale, here)
    }

    /// What the store could not do.
    pub(crate) fn of_store(error: &dermaga_store::Error, locale: Locale, here: String) -> Self {
        tracing::error!(error = %error, "page failed");
        if error.is_passing() {
            return Self::page(StatusCode::SERVICE_UNAVAILABLE, "DMG-0606", locale, here);
        }
        if matches!(error, dermaga_store::Error::NotFound(_)) {
            return Self::not_found(locale, here);
        }
        Self::page(StatusCode::INTERNAL_SERVER_ERROR, "DMG-0607", locale, here)
    }
}

impl Refusal {
    /// What the engine could not do.
    pub(crate) fn of_engine(error: &dermaga_engine::Error, locale: Locale, here: String) -> Self {
        if let dermaga_engine::Error::Store(error) = error {
            return Self::of_store(error, locale, here);
        }
        tracing::error!(error = %error, "page failed");
        Self::page(StatusCode::INTERNAL_SERVER_ERROR, "DMG-0607", locale, here)
    }
}

/// A page as an answer.
pub(crate) fn shown(page: &impl Page) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "page not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::LogIn { next } => {
                let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
                Redirect::to(&format!("/login?next={next}")).into_response()
            }
            Self::Page(page) => {
                let status =
                    StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = shown(&*page);
                *response.status_mut() = status;
                if status == StatusCode::SERVICE_UNAVAILABLE {
                    let seconds = HeaderValue::from_static("1");
                    response.headers_mut().insert(header::RETRY_AFTER, seconds);
                }
                response
            }
        }
    }
}
