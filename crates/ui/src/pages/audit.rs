//! Who did what.

use askama::Template;

use super::Choice;
use crate::frame::{Frame, Place};
use crate::locale::{Locale, Micros};

/// Who did what, `GET /audit?person=&act=&subject=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The person that is asked for, or empty.
    pub person: String,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// The act that is asked for, or empty.
    pub act: String,
    /// Acts to choose from.
    pub acts: Vec<Choice>,
    /// What it was done to, as it was typed.
    pub subject: String,
    /// What was done, the newest first.
    pub rows: Vec<AuditRow>,
    /// The first page.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Micros,
    /// Who, in words.
    pub who: String,
    /// What, in words.
    pub act: String,
    /// On what, by its id.
    pub subject: String,
    /// Where that is shown.
    pub href: Option<String>,
    /// What was said or changed.
    pub detail: String,
}

impl AuditPage {
    pub(crate) fn place(&self) -> Place {
        Place::Audit
    }

    pub(crate) fn is_filtered(&self) -> bool {
        !(self.person.is_empty() && self.act.is_empty() && self.subject.is_empty())
    }
}
