//! What the API says of commands.

use std::collections::BTreeMap;

use dermaga_domain::command::{self, FieldKind};
use dermaga_domain::id::{BatchId, OrderId};
use dermaga_engine::{Given, Offered};
use dermaga_store::command::{self as stored, BatchCount, BatchCursor};
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::told;

/// Commands that were taken in; what becomes of them is asked of the batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// What they are found by: `bat_…`.
    batch: String,
    /// Those that will be sent.
    waiting: usize,
    /// Those that a rule refused at once.
    refused: usize,
    /// Orders of which the same command is under way already; nothing was added for them.
    under_way: Vec<String>,
    /// Orders that there are not.
    missing: Vec<String>,
}

impl From<&Given> for Accepted {
    fn from(given: &Given) -> Self {
        let ids = |ids: &[OrderId]| ids.iter().map(ToString::to_string).collect();
        Self {
            batch: given.batch.to_string(),
            waiting: given.waiting,
            refused: given.refused,
            under_way: ids(&given.under_way),
            missing: ids(&given.missing),
        }
    }
}

/// Commands that were given together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Batch {
    /// `bat_…`.
    batch: String,
    /// How many stand where: waiting, sending, unknown, done, refused, needs_person.
    counts: BTreeMap<&'static str, i64>,
    /// How many there are.
    total: i64,
    /// Whether nothing more happens by itself.
    ended: bool,
    /// A page of them, failures first.
    items: Vec<Command>,
    /// What to send as `after` for the next page; none when this is the last.
    next: Option<String>,
}

impl Batch {
    pub(crate) fn new(
        id: BatchId,
        counts: &[BatchCount],
        rows: &[stored::Command],
        next: Option<BatchCursor>,
    ) -> Self {
        Self {
            batch: id.to_string(),
            counts: counts.iter().map(|count| (count.state.as_str(), count.commands)).collect(),
            total: counts.iter().map(|count| count.commands).sum(),
            ended: counts.iter().all(|count| count.state.is_end()),
            items: rows.iter().map(Command::from).collect(),
            next: next.map(|next| next.to_string()),
        }
    }
}

/// A command as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Command {
    /// `cmd_…`.
    id: String,
    /// The order: `ord_…`.
    order: String,
    /// The channel's number of it.
    channel_order_id: String,
    /// With which others it was given: `bat_…`.
    batch: String,
    /// What is to be done.
    command: &'static str,
    /// waiting, sending, unknown, done, refused or needs_person.
    state: &'static str,
    /// The code of a refusal.
    code: Option<String>,
    /// What the channel said, or why it was refused.
    answer: Option<String>,
    /// The reason that was said.
    reason: Option<String>,
    /// Tries so far.
    attempts: usize,
    /// When it is next due; none at its end.
    due_at: Option<String>,
    /// The account or key that gave it; none = the command line of the machine.
    asked_by: Option<String>,
    asked_at: String,
    sent_at: Option<String>,
    ended_at: Option<String>,
}

impl From<&stored::Command> for Command {
    fn from(command: &stored::Command) -> Self {
        Self {
            id: command.id.to_string(),
            order: command.order.to_string(),
            channel_order_id: command.channel_order_id.clone(),
            batch: command.batch.to_string(),
            command: command.kind.as_str(),
            state: command.state.as_str(),
            code: command.code.clone(),
            answer: command.answer.clone(),
            reason: command.words.reason.clone(),
            attempts: command.attempts,
            due_at: (!command.state.is_end()).then(|| told(command.run_at)),
            asked_by: command.asked_by.shown_id(),
            asked_at: told(command.asked_at),
            sent_at: command.sent_at.map(told),
            ended_at: command.ended_at.map(told),
        }
    }
}

/// A command that the order's channel takes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offer {
    /// The command.
    command: &'static str,
    /// Whether the order allows it now.
    allowed: bool,
    /// Why it does not.
    why_not: Option<String>,
    /// The reasons to choose from; none = it needs none.
    reasons: Vec<CommandReason>,
    /// What must be said besides.
    fields: Vec<Field>,
}

/// A reason out of the channel's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandReason {
    code: &'static str,
    english: &'static str,
    indonesian: &'static str,
    /// What must be said besides when it is chosen.
    fields: Vec<Field>,
}

/// Something that must be said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Field {
    name: &'static str,
    /// text, day (YYYY-MM-DD), lines, or quantities (lines with a quantity each).
    kind: &'static str,
    /// The longest text, in characters.
    length_max: Option<usize>,
    required: bool,
}

impl From<&command::Field> for Field {
    fn from(field: &command::Field) -> Self {
        let (kind, length_max) = match field.kind {
            FieldKind::Text(max) => ("text", Some(max)),
            FieldKind::Day => ("day", None),
            FieldKind::Lines => ("lines", None),
            FieldKind::Quantities => ("quantities", None),
        };
        Self { name: field.name, kind, length_max, required: field.required }
    }
}

impl From<&Offered> for Offer {
    fn from(offered: &Offered) -> Self {
        let reasons = offered.reasons.iter().map(|reason| CommandReason {
            code: reason.code,
            english: reason.english,
            indonesian: reason.indonesian,
            fields: reason.fields.iter().map(Field::from).collect(),
        });
        Self {
            command: offered.offer.kind.as_str(),
            allowed: offered.refusal.is_none(),
            why_not: offered.refusal.as_ref().map(ToString::to_string),
            reasons: reasons.collect(),
            fields: offered.offer.fields.iter().map(Field::from).collect(),
        }
    }
}
