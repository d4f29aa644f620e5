//! Commands to channels, as they are kept: asked, claimed, ended, and what they are about.

mod ask;
mod read;
mod run;
mod subject;

use dermaga_domain::command::Words;
use dermaga_domain::id::{AccountId, BatchId, CommandId, OrderId, ShopId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::Time;

pub use ask::{Asked, NewCommand};
pub use read::{BatchCount, StoredPaper};
pub(crate) use run::write_ended;
pub use run::{Ended, NewPaper};
pub use subject::Subject;

use crate::apply::rows::word;
use crate::error::{Error, Result};

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
    /// Who gave it; none = the command line of the machine.
    pub asked_by: Option<AccountId>,
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
}

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
            asked_by: self.asked_by.map(AccountId),
            asked_at: Time(self.asked_at),
            sent_at: self.sent_at.map(Time),
            ended_at: self.ended_at.map(Time),
            code: self.code,
            answer: self.answer,
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
