//! Commands to a channel: when one may be given, and what follows from what came of it. Pure.
//!
//! ```text
//!  waiting ─claim─> sending ─answer─> done │ refused │ waiting (not sent, or still needed)
//!                      │ no answer, trouble, crash                  ▲            │ too often
//!                      └──────> unknown ─read the order─────────────┴──> done    └─> needs_person
//! ```

use std::collections::BTreeMap;

use crate::term::{ChannelStatus, CommandKind, Retry};
use crate::time::{Span, Time};

/// How long after each failure a command is tried again; after the last a person must look.
const RETRIES: [Span; 6] = [
    Span::seconds(2),
    Span::seconds(10),
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(15),
    Span::minutes(30),
];

/// How a value of a command is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text of at most so many characters.
    Text(usize),
    /// A day of the shop's calendar, as `YYYY-MM-DD`.
    Day,
    /// Lines of the order.
    Lines,
    /// Lines of the order with a quantity each.
    Quantities,
}

/// A value that a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name; words of the screens are found by it.
    pub name: &'static str,
    /// How it is entered.
    pub kind: FieldKind,
    /// Whether the channel needs it.
    pub required: bool,
}

/// A reason out of a channel's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The channel's code.
    pub code: &'static str,
    /// What it means, in English.
    pub english: &'static str,
    /// What it means, in Indonesian.
    pub indonesian: &'static str,
    /// The statuses in which the channel takes it; empty = those of the command.
    pub from: &'static [&'static str],
    /// What must be said besides.
    pub fields: &'static [Field],
}

/// How an order shows that a command has had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By one of these statuses.
    Statuses(&'static [&'static str]),
    /// The buyer's wish to cancel is no longer open.
    NoCancelRequest,
    /// It does not.
    Nowhere,
}

/// A command that a channel takes, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The command.
    pub kind: CommandKind,
    /// What may be done when its outcome is not known.
    pub retry: Retry,
    /// The channel's statuses in which it may be given.
    pub from: &'static [&'static str],
    /// How the order shows its effect.
    pub shown: Shown,
    /// It may be given only this long after the order's status was reached.
    pub wait: Span,
    /// Whether the buyer must wish to cancel.
    pub cancel_requested: bool,
    /// The reasons to choose from; none = it needs none.
    pub reasons: &'static [Reason],
    /// What must be said besides.
    pub fields: &'static [Field],
}

/// A line of an order in a command.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CommandLine {
    /// The line's key.
    pub key: String,
    /// The channel's id of the product.
    pub channel_product_id: String,
    /// How many units.
    pub quantity: i64,
}

/// What is said with a command.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Words {
    /// The code of the reason.
    pub reason: Option<String>,
    /// The other values, by the field's name.
    pub fields: BTreeMap<String, String>,
    /// The lines it is about.
    pub lines: Vec<CommandLine>,
}

/// What is known of an order, as far as commands go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The channel's current status.
    pub status: Option<ChannelStatus>,
    /// When it was reached, by the channel's clock.
    pub status_at: Option<Time>,
    /// The buyer wishes to cancel.
    pub cancel_requested: bool,
}

/// Why a command may not be given. Kept as `{"kind": …, "of": …}`, so that it can be told in any language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[serde(tag = "kind", content = "of", rename_all = "snake_case")]
pub enum Refusal {
    /// The channel does not take it at all.
    #[error("the channel does not take this command")]
    NotOffered,
    /// The shop takes no orders now, so that nobody here knows where the order stands.
    #[error("the shop's order sync is off, or the shop is paused")]
    ShopOff,
    /// The order is not in a status for it.
    #[error("the order's status {status} does not allow it")]
    Status {
        /// The status; empty = none is known.
        status: String,
    },
    /// The buyer does not wish to cancel.
    #[error("the buyer has not asked to cancel")]
    NoCancelRequest,
    /// One of the channel's reasons is needed.
    #[error("a reason is needed, one of: {0}")]
    Reason(
        /// The allowed codes.
        String,
    ),
    /// A value is missing.
    #[error("{0} is needed")]
    Missing(
        /// The field.
        &'static str,
    ),
    /// A value is longer than the channel takes.
    #[error("{field} is longer than {max} characters")]
    TooLong {
        /// The field.
        field: &'static str,
        /// The longest.
        max: usize,
    },
    /// A value is not what it must be.
    #[error("{0} is not a day as YYYY-MM-DD")]
    Day(
        /// The field.
        &'static str,
    ),
    /// A line is not the order's, or a quantity is more than is ordered.
    #[error("a line or quantity is not of this order")]
    Line,
}

/// Where an order stands for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It shows the effect.
    Done,
    /// The command may still be given.
    Open,
    /// Neither.
    Past,
}

impl Offer {
    /// Whether the order's status allows the command.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, seen: &Seen) -> Result<(), Refusal> {
        let status = seen.status.as_ref().map_or("", ChannelStatus::as_str);
        if !self.from.contains(&status) {
            return Err(Refusal::Status { status: status.to_owned() });
        }
        if self.cancel_requested && !seen.cancel_requested {
            return Err(Refusal::NoCancelRequest);
        }
        Ok(())
    }

    /// The reasons that the order's status allows.
    pub fn reasons_for(&self, seen: &Seen) -> impl Iterator<Item = &'static Reason> {
        let status = seen.status.as_ref().map_or("", ChannelStatus::as_str).to_owned();
        let fits = move |reason: &&Reason| {
            reason.from.is_empty() || reason.from.contains(&status.as_str())
        };
        self.reasons.iter().filter(fits)
    }

    /// Whether what is said is complete.
    ///
    /// # Errors
    /// The first thing that is missing or wrong.
    pub fn check(&self, words: &Words, seen: &Seen) -> Result<(), Refusal> {
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        if !self.reasons.is_empty() {
            let given = words.reason.as_deref().unwrap_or_default();
            let reason = self.reasons_for(seen).find(|reason| reason.code == given);
            let codes = || self.reasons_for(seen).map(|reason| reason.code).collect::<Vec<_>>();
            let reason = reason.ok_or_else(|| Refusal::Reason(codes().join(", ")))?;
            fields.extend(reason.fields);
        }
        fields.into_iter().try_for_each(|field| field.check(words))
    }

    /// The earliest time at which it may be sent.
    #[must_use]
    pub fn not_before(&self, seen: &Seen) -> Option<Time> {
        (self.wait > Span(0)).then_some(seen.status_at?.plus(self.wait))
    }

    /// Where the order stands.
    #[must_use]
    pub fn standing(&self, seen: &Seen) -> Standing {
        let done = match self.shown {
            Shown::Statuses(statuses) => {
                seen.status.as_ref().is_some_and(|status| statuses.contains(&status.as_str()))
            }
            Shown::NoCancelRequest => !seen.cancel_requested,
            Shown::Nowhere => false,
        };
        if done {
            Standing::Done
        } else if self.allows(seen).is_ok() {
            Standing::Open
        } else {
            Standing::Past
        }
    }
}

impl Field {
    fn check(&self, words: &Words) -> Result<(), Refusal> {
        let text = words.fields.get(self.name).map_or("", |text| text.trim());
        let missing = match self.kind {
            FieldKind::Lines | FieldKind::Quantities => words.lines.is_empty(),
            FieldKind::Text(_) | FieldKind::Day => text.is_empty(),
        };
        if missing {
            return if self.required { Err(Refusal::Missing(self.name)) } else { Ok(()) };
        }
        match self.kind {
            FieldKind::Text(max) if text.chars().count() > max => {
                Err(Refusal::TooLong { field: self.name, max })
            }
            FieldKind::Day if text.parse::<jiff::civil::Date>().is_err() => {
                Err(Refusal::Day(self.name))
            }
            FieldKind::Text(_) | FieldKind::Day | FieldKind::Lines | FieldKind::Quantities => {
                Ok(())
            }
        }
    }
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The channel says that it is done.
    Done,
    /// The channel says no; then the order was read.
    Refused(Standing),
    /// It was not sent, or had no effect for sure.
    NotSent {
        /// When the channel wants to be asked again.
        wait: Option<Span>,
    },
    /// It may have had its effect.
    Unknown,
    /// It may have had its effect; the order was read at once, which may be too soon to show it.
    ReadAtOnce(Standing),
    /// It was not known whether it had its effect; then the order was read.
    Read(Standing),
    /// The order could not be read either.
    Unread,
}

/// Where a command stands after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The channel has done it.
    Done,
    /// The channel says no.
    Refused,
    /// It is sent again, not before this.
    Send(Time),
    /// The order is read, not before this.
    Read(Time),
    /// A person must look.
    NeedsPerson,
}

/// What follows.
///
/// `attempts` counts the tries so far, the one that ended now included. A command is sent again only
/// when it surely had no effect, when repeating it changes nothing, or when the order was read since
/// and still needs it.
#[must_use]
pub fn next(retry: Retry, came: Came, attempts: usize, now: Time) -> Next {
    let again = RETRIES.get(attempts.saturating_sub(1)).map(|&wait| now.plus(wait));
    let or_person = |next: fn(Time) -> Next| again.map_or(Next::NeedsPerson, next);
    match (came, retry) {
        (
            Came::Done
            | Came::Refused(Standing::Done)
            | Came::ReadAtOnce(Standing::Done)
            | Came::Read(Standing::Done),
            _,
        ) => Next::Done,
        (Came::Refused(_), _) => Next::Refused,
        (Came::NotSent { wait }, _) => match (again, wait) {
            (Some(_), Some(wait)) => Next::Send(now.plus(wait)),
            (again, _) => again.map_or(Next::NeedsPerson, Next::Send),
        },
        (Came::Unknown | Came::Unread, Retry::Repeatable) => or_person(Next::Send),
        // At once: whoever waits for the outcome wants to know.
        (Came::Unknown, _) => Next::Read(now),
        (Came::Unread, _) => or_person(Next::Read),
        (Came::ReadAtOnce(_) | Came::Read(Standing::Open), Retry::Unrepeatable) => {
            Next::NeedsPerson
        }
        // A replica may lag: before anything is sent again the order is read once more.
        (Came::ReadAtOnce(_), _) => or_person(Next::Read),
        (Came::Read(Standing::Open), _) => or_person(Next::Send),
        // The order has gone elsewhere: the command has no place any more.
        (Came::Read(Standing::Past), Retry::Unrepeatable) => Next::NeedsPerson,
        (Came::Read(Standing::Past), _) => Next::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_000_000_000);
    const AWB: Field = Field { name: "awb", kind: FieldKind::Text(5), required: true };
    const DAY: Field = Field { name: "until", kind: FieldKind::Day, required: true };
    const GONE: Field = Field { name: "gone", kind: FieldKind::Lines, required: true };
    const OFFER: Offer = Offer {
        kind: CommandKind::Reject,
        retry: Retry::Guarded,
        from: &["20", "40"],
        shown: Shown::Statuses(&["0"]),
        wait: Span::seconds(5),
        cancel_requested: false,
        reasons: &[
            Reason { code: "1", english: "e", indonesian: "i", from: &[], fields: &[GONE] },
            Reason { code: "4", english: "e", indonesian: "i", from: &["20"], fields: &[DAY] },
        ],
        fields: &[AWB],
    };

    fn seen(status: &str) -> Seen {
        Seen {
            status: Some(ChannelStatus::new(status)),
            status_at: Some(NOW),
            cancel_requested: false,
        }
    }

    fn words(reason: &str, fields: &[(&str, &str)], lines: usize) -> Words {
        let line = CommandLine { key: "1".into(), channel_product_id: "p".into(), quantity: 1 };
        Words {
            reason: Some(reason.to_owned()),
            fields: fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            lines: vec![line; lines],
        }
    }

    #[test]
    fn what_is_said_must_be_complete() {
        let check = |status, words: Words| OFFER.check(&words, &seen(status));
        assert_eq!(check("20", words("1", &[("awb", "A1")], 1)), Ok(()));
        assert_eq!(check("20", words("1", &[("awb", " ")], 1)), Err(Refusal::Missing("awb")));
        assert_eq!(check("20", words("1", &[("awb", "A1")], 0)), Err(Refusal::Missing("gone")));
        let long = Refusal::TooLong { field: "awb", max: 5 };
        assert_eq!(check("20", words("1", &[("awb", "ABCDEF")], 1)), Err(long));
        assert_eq!(check("20", words("9", &[], 0)), Err(Refusal::Reason("1, 4".into())));
        assert_eq!(check("40", words("4", &[], 0)), Err(Refusal::Reason("1".into())));
        let day = |day| check("20", words("4", &[("awb", "A1"), ("until", day)], 0));
        assert_eq!(day("30/11/2026"), Err(Refusal::Day("until")));
        assert_eq!(day("2026-11-30"), Ok(()));
    }

    #[test]
    fn the_status_says_whether_it_is_open_done_or_past() {
        assert_eq!(OFFER.standing(&seen("20")), Standing::Open);
        assert_eq!(OFFER.standing(&seen("0")), Standing::Done);
        assert_eq!(OFFER.standing(&seen("70")), Standing::Past);
        assert_eq!(OFFER.standing(&Seen::default()), Standing::Past);
        assert_eq!(OFFER.not_before(&seen("20")), Some(NOW.plus(Span::seconds(5))));
        let answer = Offer { shown: Shown::NoCancelRequest, cancel_requested: true, ..OFFER };
        assert_eq!(answer.standing(&seen("20")), Standing::Done);
        let asked = Seen { cancel_requested: true, ..seen("20") };
        assert_eq!(answer.standing(&asked), Standing::Open);
        assert_eq!(answer.allows(&seen("20")), Err(Refusal::NoCancelRequest));
    }

    #[test]
    fn nothing_is_sent_again_that_may_have_had_its_effect() {
        use Retry::{Guarded, Repeatable, Unrepeatable};
        use Standing::{Open, Past};
        let soon = Next::Send(NOW.plus(Span::seconds(2)));
        let table = [
            (Guarded, Came::Done, Next::Done),
            (Unrepeatable, Came::Refused(Standing::Done), Next::Done),
            (Guarded, Came::Refused(Open), Next::Refused),
            (Guarded, Came::Refused(Past), Next::Refused),
            (Unrepeatable, Came::NotSent { wait: None }, soon),
            (Repeatable, Came::Unknown, soon),
            (Guarded, Came::Unknown, Next::Read(NOW)),
            (Unrepeatable, Came::Unknown, Next::Read(NOW)),
            (Guarded, Came::Read(Standing::Done), Next::Done),
            (Guarded, Came::Read(Open), soon),
            (Unrepeatable, Came::Read(Open), Next::NeedsPerson),
            (Guarded, Came::Read(Past), Next::Refused),
            (Unrepeatable, Came::Read(Past), Next::NeedsPerson),
            (Guarded, Came::Unread, Next::Read(NOW.plus(Span::seconds(2)))),
        ];
        for (retry, came, wanted) in table {
            assert_eq!(next(retry, came, 1, NOW), wanted, "{retry} {came:?}");
        }
        for retry in Retry::ALL {
            for came in [Came::NotSent { wait: Some(Span(1)) }, Came::Unread] {
                assert_eq!(next(*retry, came, 7, NOW), Next::NeedsPerson, "{retry} {came:?}");
            }
        }
        let told = Came::NotSent { wait: Some(Span::seconds(40)) };
        assert_eq!(next(Guarded, told, 1, NOW), Next::Send(NOW.plus(Span::seconds(40))));
    }
}
