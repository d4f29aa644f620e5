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
    /// `login-error-expired`, `login-error-first`.
    pub error: Option<Sentence>,
    /// What went well on the way here.
    pub notice: Option<Sentence>,
}

impl LoginPage {
    pub(crate) fn here(&self) -> String {
        "/login".to_owned()
    }
}

/// The second step of logging in, `GET /login/code`; it posts `code` and `next` there.
#[derive(Debug, Clone, Template)]
#[template(path = "second.html")]
pub struct SecondPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Where to go afterwards; a path of ours.
    pub next: String,
    /// Why the last code was refused: `login-error-code`, `login-error-locked` (minutes).
    pub error: Option<Sentence>,
}

impl SecondPage {
    pub(crate) fn here(&self) -> String {
        "/login/code".to_owned()
    }
}

/// Setting one's password with a link, `GET /welcome/{link}`; it posts `password` there.
#[derive(Debug, Clone, Template)]
#[template(path = "welcome.html")]
pub struct WelcomePage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// The path of the link.
    pub href: String,
    /// The business.
    pub org: String,
    /// Whose link it is.
    pub name: String,
    /// What they log in with.
    pub login: String,
    /// The shortest password, in characters.
    pub password_min: i64,
    /// Why the last password was refused.
    pub error: Option<Sentence>,
}

impl WelcomePage {
    pub(crate) fn here(&self) -> String {
        self.href.clone()
    }
}

/// The first account of an installation, `GET /setup/{code}`; it posts `business`, `name`, `login` and
/// `password` there.
#[derive(Debug, Clone, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// The path of the link.
    pub href: String,
    /// The business as it was typed.
    pub business: String,
    /// The name as it was typed.
    pub name: String,
    /// The log-in as it was typed.
    pub login: String,
    /// The shortest password, in characters.
    pub password_min: i64,
    /// Why the last attempt was refused.
    pub error: Option<Sentence>,
}

impl SetupPage {
    pub(crate) fn here(&self) -> String {
        self.href.clone()
    }
}
