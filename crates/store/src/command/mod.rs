//! Commands to channels, as they are kept: asked, claimed, ended, and what they are about.

mod ask;
mod read;
mod run;
mod subject;

use dermaga_domain::command::Words;
use dermaga_domain::id::{AccountId, ApiKeyId, BatchId, CommandId, OrderId, ShopId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::Time;

pub use crate::once::Once;
pub use ask::{Asked, Earlier, NewCommand};
pub use read::{BatchCount, BatchCursor, FAILURES_FIRST, StoredPaper, Together};
pub(crate) use run::write_ended;
pub use run::{Ended, NewPaper};
pub use subject::Subject;

use crate::apply::rows::word;
use crate::error::{Error, Result};

/// Who gives a command, or does anything else that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Giver {
    /// The command line of the machine.
    Machine,
    /// A person.
    Person(AccountId),
    /// A program, by its key of the API.
    Key(ApiKeyId),
}

impl Giver {
    pub(crate) const fn of(person: Option<i64>, key: Option<i64>) -> Self {
        match (person, key) {
            (Some(id), _) => Self::Person(AccountId(id)),
            (None, Some(id)) => Self::Key(ApiKeyId(id)),
            (None, None) => Self::Machine,
        }
    }

    /// Its id as it is shown; none for the command line.
    #[must_use]
    pub fn shown_id(self) -> Option<String> {
        match self {
            Self::Machine => None,
            Self::Person(id) => Some(id.to_string()),
            Self::Key(id) => Some(id.to_string()),
        }
    }

    /// The person.
    #[must_use]
    pub const fn person(self) -> Option<AccountId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Machine | Self::Key(_) => None,
        }
    }

    /// The key.
    #[must_use]
    pub const fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::Key(id) => Some(id),
            Self::Machine | Self::Person(_) => None,
        }
    }
}

impl From<Option<AccountId>> for Giver {
    fn from(person: Option<AccountId>) -> Self {
        person.map_or(Self::Machine, Self::Person)
    }
}

/// A command as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// The shop.
    pub shop: ShopId,
    /// The order.
    pub order: OrderId,
    /// The channel's id of the order.
    pub channel_order_id: String,
    /// The package; none = the order.
    pub package: Option<String>,
    /// What is to be done.
    pub kind: CommandKind,
    /// What is said with it.
    pub words: Words,
    /// Where it stands.
    pub state: CommandState,
    /// Tries so far.
    pub attempts: usize,
    /// When it is next due.
    pub run_at: Time,
    /// With which others it was given.
    pub batch: BatchId,
    /// Who gave it.
    pub asked_by: Giver,
    /// When.
    pub asked_at: Time,
    /// When it was last sent.
    pub sent_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The code of the refusal.
    pub code: Option<String>,
    /// What the channel said, or why it was refused.
    pub answer: Option<String>,
    /// Why a rule refused it, as [`dermaga_domain::command::Refusal`] is kept.
    pub refusal: Option<String>,
}

/// Selects a [`CommandRow`] from the command `c` and its order `o`; FROM follows.
macro_rules! select_commands {
    () => {
        "SELECT c.id, c.shop_id, c.order_id, o.channel_order_id, c.package, c.kind, c.words, c.state,
            c.attempts, c.run_at, c.batch_id, c.asked_by, c.asked_key, c.refusal, c.asked_at,
            c.sent_at, c.ended_at, c.code, c.answer "
    };
}
use select_commands;

#[derive(sqlx::FromRow)]
struct CommandRow {
    id: i64,
    shop_id: i64,
    order_id: i64,
    channel_order_id: String,
    package: String,
    kind: String,
    words: String,
    state: String,
    attempts: i64,
    run_at: i64,
    batch_id: i64,
    asked_by: Option<i64>,
    asked_key: Option<i64>,
    refusal: Option<String>,
    asked_at: i64,
    sent_at: Option<i64>,
    ended_at: Option<i64>,
    code: Option<String>,
    answer: Option<String>,
}

impl CommandRow {
    fn command(self) -> Result<Command> {
        Ok(Command {
            id: CommandId(self.id),
            shop: ShopId(self.shop_id),
            order: OrderId(self.order_id),
            channel_order_id: self.channel_order_id,
            package: Some(self.package).filter(|package| !package.is_empty()),
            kind: word("command", "kind", self.id, &self.kind)?,
            words: serde_json::from_str(&self.words)
                .map_err(|_| Error::inconsistent("command", "words", self.id))?,
            state: word("command", "state", self.id, &self.state)?,
            attempts: usize::try_from(self.attempts).unwrap_or(usize::MAX),
            run_at: Time(self.run_at),
            batch: BatchId(self.batch_id),
            asked_by: Giver::of(self.asked_by, self.asked_key),
            asked_at: Time(self.asked_at),
            sent_at: self.sent_at.map(Time),
            ended_at: self.ended_at.map(Time),
            code: self.code,
            answer: self.answer,
            refusal: self.refusal,
        })
    }
}

fn commands(rows: Vec<CommandRow>) -> Result<Vec<Command>> {
    rows.into_iter().map(CommandRow::command).collect()
}

/// Every statement of this module.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static crate::db::Statement> {
    [ask::STATEMENTS, read::STATEMENTS, run::STATEMENTS, subject::STATEMENTS].concat()
}
