//! Commands to channels: the forms that give them, the list of those given, the page of a batch.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::{Command, CommandState};
use crate::locale::{Locale, Micros};
use crate::sentence::Sentence;

/// A command that may be given, with what must be said. Its values are posted as `r|<prefix>` (the
/// reason), `f|<prefix>|<reason>|<field>`, `l|<prefix>|<reason>` (a line) and
/// `q|<prefix>|<reason>|<line>` (its quantity); what belongs to no reason has an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandForm {
    /// Which.
    pub command: Command,
    /// What stands before its values; the command's key, and the channel's where several are shown.
    pub prefix: String,
    /// The channel's name, where the form is for its orders only.
    pub channel: Option<String>,
    /// The reasons to choose from.
    pub reasons: Vec<ReasonChoice>,
    /// What must be said whatever the reason.
    pub fields: Vec<FieldAsk>,
    /// For how many orders of the page it may be given.
    pub count: i64,
}

/// A reason of the channel's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonChoice {
    /// Its code.
    pub code: String,
    /// What it means, in the page's language.
    pub meaning: String,
    /// What must be said with it.
    pub fields: Vec<FieldAsk>,
}

/// Something that must be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldAsk {
    /// Its name; its word is `field-<name>`.
    pub name: String,
    /// How it is entered.
    pub kind: AskKind,
    /// Whether the channel needs it.
    pub required: bool,
}

/// How something is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskKind {
    /// A text of at most so many characters.
    Text(usize),
    /// A day.
    Day,
    /// Lines of the order.
    Lines,
    /// Lines of the order with a quantity each.
    Quantities,
}

/// A line of an order that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChoice {
    /// Its id with its prefix.
    pub id: String,
    /// The goods.
    pub name: String,
    /// Units that live.
    pub quantity: i64,
}

/// In a form for several orders no lines can be chosen.
pub(crate) const NO_LINES: &[LineChoice] = &[];

/// A command that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRow {
    /// Its id with its prefix.
    pub id: String,
    /// The order's id with its prefix.
    pub order: String,
    /// The channel's number of the order.
    pub number: String,
    /// Which.
    pub command: Command,
    /// Where it stands.
    pub state: CommandState,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Micros,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// With which others: the batch's id with its prefix.
    pub batch: String,
    /// Why it was refused here; none when the channel answered.
    pub refusal: Option<Sentence>,
    /// What the channel said.
    pub answer: String,
    /// The code with a page of its own.
    pub code: Option<String>,
    /// It brought something to print.
    pub has_paper: bool,
}

impl CommandForm {
    /// Nothing must be said: one press gives it.
    pub(crate) fn is_bare(&self) -> bool {
        self.reasons.is_empty() && self.fields.is_empty()
    }
}

impl CommandRow {
    /// The same may go well another time: what was incomplete is incomplete again.
    pub(crate) fn may_retry(&self) -> bool {
        let passing = ["refusal-status", "refusal-no_cancel_request"];
        let refusal = self.refusal.as_ref();
        self.has_failed() && refusal.is_none_or(|it| passing.contains(&it.key.as_str()))
    }

    /// It did not go well.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.state, CommandState::Refused | CommandState::NeedsPerson)
    }

    /// Something still happens by itself.
    pub(crate) fn is_pending(&self) -> bool {
        !self.has_failed() && self.state != CommandState::Done
    }

    pub(crate) fn paper(&self) -> String {
        format!("/orders/{}/commands/{}/paper", self.order, self.id)
    }
}

/// Commands that were given together, `GET /commands/{batch}?after=&under_way=&missing=&told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "batch.html")]
pub struct BatchPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Its id with its prefix.
    pub id: String,
    /// Which command; none when it has none.
    pub command: Option<Command>,
    /// How many stand where, in the order in which they are shown.
    pub counts: Vec<(CommandState, i64)>,
    /// Orders of which the same was under way already.
    pub under_way: i64,
    /// Orders that are not there.
    pub missing: i64,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// Its commands, failures first.
    pub rows: Vec<CommandRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

impl BatchPage {
    pub(crate) fn place(&self) -> Place {
        Place::Orders
    }

    fn of(&self, state: CommandState) -> i64 {
        self.counts.iter().filter(|(each, _)| *each == state).map(|(_, count)| count).sum()
    }

    pub(crate) fn total(&self) -> i64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    pub(crate) fn failed(&self) -> i64 {
        self.of(CommandState::Refused) + self.of(CommandState::NeedsPerson)
    }

    /// How many have ended.
    pub(crate) fn ended(&self) -> i64 {
        self.failed() + self.of(CommandState::Done)
    }
}

/// What an error code means, `GET /errors/{code}`: the text is written in English.
#[derive(Debug, Clone, Template)]
#[template(path = "code.html")]
pub struct CodePage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The code.
    pub code: String,
    /// Its first line.
    pub title: String,
    /// The rest.
    pub parts: Vec<TextPart>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// A heading.
    Head(String),
    /// A paragraph.
    Said(String),
    /// What to do, step by step.
    Steps(Vec<String>),
}

impl CodePage {
    pub(crate) fn place(&self) -> Place {
        Place::Log
    }
}
