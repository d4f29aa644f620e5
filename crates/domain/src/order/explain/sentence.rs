//! Sentences without words.

use crate::term::{Actor, Cancelled, ChannelStatus, Delivery, Document, Mode, Payment, Tab};
use crate::time::Time;

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The document.
    Document,
    /// Its delivery.
    Delivery,
    /// Its payment.
    Payment,
    /// The cancellation, and the recycle bin.
    Cancelled,
    /// Where the order shows.
    Tab,
    /// What is held of stock.
    Stock,
}

impl Topic {
    /// Every topic, in the order in which they are told.
    pub const ALL: &'static [Self] =
        &[Self::Document, Self::Delivery, Self::Payment, Self::Cancelled, Self::Tab, Self::Stock];

    /// The fixed spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Delivery => "delivery",
            Self::Payment => "payment",
            Self::Cancelled => "cancelled",
            Self::Tab => "tab",
            Self::Stock => "stock",
        }
    }
}

/// What a sentence is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// A status in the channel's spelling.
    Status(ChannelStatus),
    /// The channel's meaning of a status, as the flow tells it; empty where the flow does not know
    /// the status.
    Meaning(String),
    /// How something was heard, or would have to be.
    Mode(Mode),
    /// Who brought it about; none = the channel does not say.
    Actor(Option<Actor>),
    /// When, by the channel's clock; none = the channel does not say.
    Time(Option<Time>),
    /// A document.
    Document(Document),
    /// A delivery.
    Delivery(Delivery),
    /// A payment.
    Payment(Payment),
    /// A cancellation.
    Cancelled(Cancelled),
    /// A tab.
    Tab(Tab),
    /// Units.
    Number(i64),
}

/// A sentence: the key of its words and what they are filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The key of the words: `explain-<topic>-*`.
    pub key: &'static str,
    /// The arguments by name. Who asked (`person`) and which way a message came (`source`) are not
    /// known here; whoever tells the sentence adds them.
    pub args: Vec<(&'static str, Arg)>,
}

impl Sentence {
    pub(super) const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    pub(super) fn number(self, name: &'static str, units: usize) -> Self {
        self.with(name, Arg::Number(i64::try_from(units).unwrap_or(i64::MAX)))
    }
}

/// Why one axis has its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it is about.
    pub topic: Topic,
    /// Why.
    pub because: Sentence,
    /// What would change it, if anything would.
    pub change: Option<Sentence>,
    /// The fact it rests on: its place in the case's facts.
    pub fact: Option<usize>,
    /// The row of the flow it rests on: its place in the flow's rules.
    pub rule: Option<usize>,
}

impl Reason {
    pub(super) const fn new(topic: Topic, because: Sentence) -> Self {
        Self { topic, because, change: None, fact: None, rule: None }
    }

    pub(super) fn unless(self, change: Option<Sentence>) -> Self {
        Self { change, ..self }
    }
}
