//! Log-in.

use askama::Template;

use crate::locale::Locale;
use crate::sentence::Sentence;

/// The log-in form, `GET /login`; it posts `account`, `password` and `next` to `/login`.
#[derive(Debug, Clone, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// The account as it was typed.
    pub account: String,
    /// Where to go afterwards; a path of ours.
    pub next: String,
    /// Why the last attempt was refused: `login-error-wrong`, `login-error-locked` (minutes),
    /// `login-error-expired`.
    pub error: Option<Sentence>,
}

impl LoginPage {
    pub(crate) fn here(&self) -> String {
        "/login".to_owned()
    }
}
