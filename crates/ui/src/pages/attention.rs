//! What a person must look at, and what runs for long.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::Command;
use crate::locale::{Locale, Micros};
use crate::pages::DownloadRow;
use crate::sentence::Sentence;

/// Everything that waits for a person, `GET /attention`.
#[derive(Debug, Clone, Template)]
#[template(path = "attention.html")]
pub struct AttentionPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of an act.
    pub notice: Option<Sentence>,
    /// What there is, by kind; kinds of which there is nothing are left out.
    pub groups: Vec<AttentionGroup>,
}

/// What waits of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionGroup {
    /// The key of its name.
    pub title: &'static str,
    /// What waits.
    pub rows: Vec<AttentionRow>,
}

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionRow {
    /// What it is.
    pub what: Sentence,
    /// Where it can be seen to.
    pub href: String,
    /// Why, and what to do.
    pub why: Sentence,
    /// How many there are, where it stands for several.
    pub count: Option<i64>,
    /// Since when.
    pub at: Option<Micros>,
    /// The code of the page that explains it.
    pub code: Option<String>,
    /// Where a form says that it was seen to, when only a person can tell.
    pub close: Option<String>,
}

impl AttentionRow {
    /// Something that waits, where it can be seen to, and why.
    #[must_use]
    pub fn new(what: Sentence, href: impl Into<String>, why: Sentence) -> Self {
        let href = href.into();
        Self { what, href, why, count: None, at: None, code: None, close: None }
    }
}

impl AttentionPage {
    pub(crate) fn place(&self) -> Place {
        Place::Attention
    }
}

/// Long work, `GET /activity`.
#[derive(Debug, Clone, Template)]
#[template(path = "activity.html")]
pub struct ActivityPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Commands that were given together, the newest first.
    pub batches: Vec<ActivityRow>,
    /// Downloads, the newest first.
    pub downloads: Vec<DownloadRow>,
}

/// Commands that were given together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// Its id with its prefix.
    pub id: String,
    /// What was asked for.
    pub command: Command,
    /// How many.
    pub total: i64,
    /// How many are at their end.
    pub ended: i64,
    /// How many did not come to what was asked.
    pub failed: i64,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Micros,
}

impl ActivityPage {
    pub(crate) fn place(&self) -> Place {
        Place::Activity
    }
}
