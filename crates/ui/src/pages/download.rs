//! Downloads: asked for by a form, looked at before anything is applied, followed to their end.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::{DownloadOutcome, DownloadState, Keyed};
use crate::locale::{Locale, Micros};
use crate::pages::Choice;
use crate::sentence::Sentence;

/// The downloads and the forms that begin one, `GET /downloads?shop=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "downloads.html")]
pub struct DownloadsPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What is in the forms.
    pub form: DownloadForm,
    /// The newest first.
    pub rows: Vec<DownloadRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// What a person entered to begin a download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DownloadForm {
    /// The shops that can be chosen.
    pub shops: Vec<Choice>,
    /// The shop that was chosen.
    pub shop: String,
    /// From when, as `2026-11-20T09:00` in the shop's zone.
    pub from: String,
    /// Until when; empty = the present.
    pub to: String,
    /// Numbers of orders, one a line.
    pub numbers: String,
    /// Why it was not begun, and the field that it is about: `from`, `numbers` or `shop`.
    pub error: Option<(Sentence, &'static str)>,
}

/// A download in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadRow {
    /// Its id with its prefix.
    pub id: String,
    /// The shop's name.
    pub shop: String,
    /// The channel's name.
    pub channel: String,
    /// What was asked for.
    pub what: Sentence,
    /// Where it stands.
    pub state: DownloadState,
    /// How many orders it wants, as far as they are known.
    pub total: i64,
    /// How many failed.
    pub failed: i64,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Micros,
}

/// One download, `GET /downloads/{id}?show=&after=&told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "download.html")]
pub struct DownloadPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// It, as the list shows it.
    pub download: DownloadRow,
    /// How many were read, or have their result.
    pub looked_at: i64,
    /// How many have their result.
    pub ended: i64,
    /// The list of the range is still being read.
    pub is_listing: bool,
    /// Why it does not go on for now: the code, and when it does.
    pub trouble: Option<(String, Micros)>,
    /// When a person agreed.
    pub agreed_at: Option<Micros>,
    /// How many came to what, or would, what a person must look at first.
    pub outcomes: Vec<(DownloadOutcome, i64, String)>,
    /// Words of what is otherwise, or would be, and of how many.
    pub changes: Vec<(String, i64)>,
    /// The outcome whose orders are shown; none = all.
    pub shown: Option<DownloadOutcome>,
    /// Its orders, failures first.
    pub rows: Vec<DownloadOrder>,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// An order of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadOrder {
    /// The channel's number of it.
    pub number: String,
    /// The order here: its id with its prefix.
    pub order: Option<String>,
    /// What became of it, or would; none = it was not read yet.
    pub outcome: Option<DownloadOutcome>,
    /// Whether that is its result.
    pub ended: bool,
    /// Words of what is otherwise.
    pub changes: Vec<String>,
    /// The code of its failure.
    pub code: Option<String>,
    /// Why it failed.
    pub reason: String,
}

impl DownloadForm {
    pub(crate) fn error_of(&self, field: &str) -> bool {
        self.error.as_ref().is_some_and(|(_, of)| *of == field)
    }
}

impl DownloadsPage {
    pub(crate) fn place(&self) -> Place {
        Place::Downloads
    }
}

impl DownloadPage {
    pub(crate) fn place(&self) -> Place {
        Place::Downloads
    }

    fn of(&self, outcome: DownloadOutcome) -> i64 {
        let of = self.outcomes.iter().filter(|(each, ..)| *each == outcome);
        of.map(|(_, count, _)| count).sum()
    }

    pub(crate) fn is_shown(&self, outcome: impl Keyed) -> bool {
        self.shown.is_some_and(|shown| shown.key() == outcome.key())
    }

    pub(crate) fn is(&self, state: DownloadState) -> bool {
        self.download.state == state
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.is(DownloadState::Reading) || self.is(DownloadState::Applying)
    }

    /// What the progress counts: orders read until a person agrees, then results.
    pub(crate) fn done(&self) -> i64 {
        if self.agreed_at.is_some() { self.ended } else { self.looked_at }
    }

    pub(crate) fn changed(&self) -> i64 {
        self.of(DownloadOutcome::Changed)
    }

    pub(crate) fn fresh(&self) -> i64 {
        self.of(DownloadOutcome::New)
    }

    pub(crate) fn may_retry(&self) -> bool {
        let at_rest = self.is(DownloadState::Ready) || self.is(DownloadState::Done);
        at_rest && self.download.failed > 0
    }

    pub(crate) fn may_drop(&self) -> bool {
        self.is_under_way() || self.is(DownloadState::Ready)
    }
}

impl DownloadOrder {
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self.outcome, Some(DownloadOutcome::Failed | DownloadOutcome::NotFound))
    }
}
