//! Rules, and the flow they make.

use crate::flow::Ensures;
use crate::term::{
    About, Actor, Attention, Cancellation, ChannelKind, ChannelStatus, Mode, Tab, Verb,
};

/// One row of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The channel's status.
    pub status: ChannelStatus,
    /// Who brought it about; none = anybody.
    pub actor: Option<Actor>,
    /// What the status speaks of.
    pub about: About,
    /// The channel's meaning of the status, in a few words.
    pub meaning: String,
    /// What must hold once the status was heard.
    pub ensures: Ensures,
    /// Where the order shows; none = where it was.
    pub tab: Option<Tab>,
    /// Why a person must look, while this is the order's current status.
    pub attention: Option<Attention>,
    /// Whether a fact heard in real time releases what is ensured.
    pub realtime: bool,
    /// Whether a fact heard by a download releases what is ensured.
    pub download: bool,
    /// The transition the rule makes on the flow's usual path.
    pub verb: Verb,
    /// A remark for the reader.
    pub note: Option<Note>,
}

/// A remark on a rule, in both languages of the screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
    /// Where the rule comes from.
    pub source: String,
}

impl Rule {
    /// What the rule answers to: rows with the same key speak of the same fact.
    pub(super) fn key(&self) -> (About, &ChannelStatus, Option<Actor>) {
        (self.about, &self.status, self.actor)
    }

    /// Whether one fact can meet both rules.
    pub(super) fn meets_with(&self, other: &Self) -> bool {
        self.about == other.about
            && self.status == other.status
            && (self.actor.is_none() || other.actor.is_none() || self.actor == other.actor)
    }

    /// Whether a fact heard this way releases what the rule ensures.
    #[must_use]
    pub const fn releases(&self, mode: Mode) -> bool {
        match mode {
            Mode::Realtime => self.realtime,
            Mode::Download => self.download,
        }
    }
}

/// What the channel documents about one kind of thing: the rules must cover all of it, and only it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    /// What the statuses speak of.
    pub about: About,
    /// Every status the channel documents.
    pub statuses: Vec<ChannelStatus>,
    /// Everybody who can bring one about.
    pub actors: Vec<Actor>,
}

/// A channel's table from status to what must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The channel it belongs to.
    pub channel: ChannelKind,
    /// How cancellation joins on this channel.
    pub cancellation: Cancellation,
    /// What the channel documents, at most one entry per [`About`].
    pub documented: Vec<Documented>,
    /// The rows, in the order of the file.
    pub rules: Vec<Rule>,
}

impl Flow {
    /// The place of a status in the flow: statuses later in the file come later in an order's life.
    #[must_use]
    pub fn position(&self, about: About, status: &ChannelStatus) -> Option<usize> {
        self.rules.iter().position(|rule| rule.about == about && rule.status == *status)
    }
}
