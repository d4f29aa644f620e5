//! Acts of people: they outrank the facts on their axis until released.

use super::State;
use crate::term::{Delivery, Document, Payment, UnknownWord};

/// What a person may hold against the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Whether the document is in the recycle bin.
    Bin,
    /// Whether it is paid.
    Payment,
    /// Whether it is sent.
    Delivery,
}

/// The longest note that is kept with an act, in characters.
pub const NOTE_CHARS_MAX: usize = 200;

/// What a person did to an order's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// Put the document into the recycle bin.
    Void,
    /// Took it out again.
    Restore,
    /// Marked it paid.
    Paid,
    /// Marked it unpaid.
    Unpaid,
    /// Marked it sent.
    Sent,
    /// Marked it unsent.
    Unsent,
    /// Follow the channel again, on every axis.
    Release,
}

impl ActKind {
    /// Every act.
    pub const ALL: &'static [Self] = &[
        Self::Void,
        Self::Restore,
        Self::Paid,
        Self::Unpaid,
        Self::Sent,
        Self::Unsent,
        Self::Release,
    ];

    /// Whether the act speaks of this axis.
    #[must_use]
    pub const fn touches(self, axis: Axis) -> bool {
        match self {
            Self::Void | Self::Restore => matches!(axis, Axis::Bin),
            Self::Paid | Self::Unpaid => matches!(axis, Axis::Payment),
            Self::Sent | Self::Unsent => matches!(axis, Axis::Delivery),
            Self::Release => true,
        }
    }

    /// What may be done to an order that stands so, with what people hold of it, in the order in which it
    /// is offered. Each changes something.
    #[must_use]
    pub fn open(order: &State, held: Acts) -> Vec<Self> {
        let written = if order.documented { order.document } else { Document::None };
        let mut open = Vec::new();
        if order.bin {
            open.push(Self::Restore);
        } else if written > Document::None {
            open.push(Self::Void);
        }
        if written == Document::Invoice && !order.bin {
            open.push(match order.payment {
                Payment::Unpaid => Self::Paid,
                Payment::Paid => Self::Unpaid,
            });
            open.push(match order.delivery {
                Delivery::Sent => Self::Unsent,
                Delivery::Unsent | Delivery::PartlySent => Self::Sent,
            });
        }
        if held != Acts::default() {
            open.push(Self::Release);
        }
        open
    }

    /// Whether the order stands already as this would make it stand.
    #[must_use]
    pub fn is_so(self, order: &State, held: Acts) -> bool {
        match self {
            Self::Void => order.bin,
            Self::Restore => !order.bin,
            Self::Paid => order.payment == Payment::Paid,
            Self::Unpaid => order.payment == Payment::Unpaid,
            Self::Sent => order.delivery == Delivery::Sent,
            Self::Unsent => order.delivery == Delivery::Unsent,
            Self::Release => held == Acts::default(),
        }
    }

    /// The fixed spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Restore => "restore",
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::Sent => "sent",
            Self::Unsent => "unsent",
            Self::Release => "release",
        }
    }
}

impl std::str::FromStr for ActKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownWord {
            term: "act",
            found: text.to_owned(),
            allowed: Self::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// A recorded act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Act {
    /// Its number within the order, given under the order's lock: the newest act of an axis counts.
    pub number: i64,
    /// What was done.
    pub kind: ActKind,
}

/// What people hold on each axis now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Acts {
    /// In the bin (or out of it) by a person's word.
    pub bin: Option<bool>,
    /// Paid (or not) by a person's word.
    pub paid: Option<bool>,
    /// Sent (or not) by a person's word.
    pub sent: Option<bool>,
}

impl Acts {
    /// What holds after these acts, in whatever order they are listed.
    #[must_use]
    pub fn of(acts: &[Act]) -> Self {
        let mut sorted = acts.to_vec();
        sorted.sort_by_key(|act| act.number);
        sorted.iter().fold(Self::default(), |held, act| held.after(act.kind))
    }

    const fn after(mut self, kind: ActKind) -> Self {
        match kind {
            ActKind::Void => self.bin = Some(true),
            ActKind::Restore => self.bin = Some(false),
            ActKind::Paid => self.paid = Some(true),
            ActKind::Unpaid => self.paid = Some(false),
            ActKind::Sent => self.sent = Some(true),
            ActKind::Unsent => self.sent = Some(false),
            ActKind::Release => self = Self { bin: None, paid: None, sent: None },
        }
        self
    }
}
