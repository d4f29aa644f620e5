//! What is shown instead of a page that cannot be.

use askama::Template;

use crate::locale::Locale;

/// An error as a page: what happened, what was done, what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// The HTTP status; 400, 401, 403, 404, 405, 413, 429, 500 and 503 have words of their own.
    pub status: u16,
    /// A code to quote, stable for this kind of error.
    pub code: String,
    /// The request's id, to find it in the log; may be empty.
    pub reference: String,
    /// Path of the page, for the change of language.
    pub here: String,
}

impl ErrorPage {
    /// `error-404`, or `error-other` for a status without words of its own.
    pub(crate) fn key(&self, part: &str) -> String {
        match self.status {
            400 | 401 | 403 | 404 | 405 | 413 | 429 | 500 | 503 => {
                format!("error-{}-{part}", self.status)
            }
            _ => format!("error-other-{part}"),
        }
    }
}
