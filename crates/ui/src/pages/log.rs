//! The transmit log, to be read.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::{Direction, Outcome};
use crate::locale::{Locale, Micros};
use crate::pages::Chip;
use crate::sentence::Sentence;

/// Exchanges with channels, newest first, `GET /log?only=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "log.html")]
pub struct LogPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What came of an act.
    pub notice: Option<Sentence>,
    /// What is set, each with a link that takes it away.
    pub chips: Vec<Chip>,
    /// What can be set: a word and its address.
    pub offers: Vec<(&'static str, String)>,
    /// Exchanges on this page.
    pub rows: Vec<LogRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// The message's id with its prefix.
    pub id: String,
    /// When.
    pub at: Micros,
    /// Who asked.
    pub direction: Direction,
    /// The channel's name.
    pub channel: String,
    /// The shop's name; empty for what concerns a whole connection.
    pub shop: String,
    /// What was asked: a method and path without a query, or the kind of webhook.
    pub what: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, when there was an answer.
    pub http_status: Option<i64>,
    /// The channel's own code and words on a refusal, without buyer data.
    pub note: String,
    /// Which attempt.
    pub attempt: i64,
    /// How long, in milliseconds.
    pub duration_ms: i64,
    /// The order it concerned: its id, when it is here, and the channel's number.
    pub order: Option<(Option<String>, String)>,
    /// Of a list: from when, and to when.
    pub window: Option<(Micros, Micros)>,
    /// Of a list: its page, as the channel names it.
    pub page: Option<String>,
    /// What may be done again, by the word on its button.
    pub again: Option<&'static str>,
    /// Where the channel's answer can be read, when it was kept because it did not go well.
    pub answer: Option<String>,
}

impl LogRow {
    pub(crate) fn is_well(&self) -> bool {
        matches!(self.outcome, Outcome::Accepted | Outcome::Repeated)
    }
}

impl LogPage {
    pub(crate) fn place(&self) -> Place {
        Place::Log
    }
}
