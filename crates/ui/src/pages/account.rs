//! One's own account.

use askama::Template;

use super::SessionRow;
use crate::frame::{Frame, Place};
use crate::keys::Role;
use crate::locale::{Locale, Micros};
use crate::sentence::Sentence;

/// Where the second step of logging in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondStepView {
    /// There is none.
    Off,
    /// A secret was made and waits for its first code.
    Pending {
        /// What an app reads from the picture.
        uri: String,
        /// The same for those who type it.
        secret: String,
    },
    /// It counts.
    On {
        /// Since when.
        since: Micros,
        /// Recovery codes that are left.
        codes: i64,
    },
}

/// One's own account, `GET /account`.
#[derive(Debug, Clone, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of the last act.
    pub notice: Option<Sentence>,
    /// Why the last change was refused.
    pub error: Option<Sentence>,
    /// Recovery codes that were just made: shown this once.
    pub codes: Vec<String>,
    /// What one logs in with.
    pub login: String,
    /// What one is.
    pub role: Role,
    /// Names of the shops and warehouses that one sees; empty = everything.
    pub limits: String,
    /// The shortest password, in characters.
    pub password_min: i64,
    /// The second step.
    pub second_step: SecondStepView,
    /// Where one is logged in.
    pub sessions: Vec<SessionRow>,
}

impl AccountPage {
    pub(crate) fn place(&self) -> Place {
        Place::Account
    }

    pub(crate) fn is_on(&self) -> bool {
        matches!(self.second_step, SecondStepView::On { .. })
    }

    /// The secret in groups of four, as people type it.
    pub(crate) fn grouped(&self, secret: &str) -> String {
        let letters: Vec<char> = secret.chars().collect();
        let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
        groups.collect::<Vec<_>>().join(" ")
    }
}
