//! Downloads: orders that a person asked to be read, looked at first and applied when they agree.
//!
//! ```text
//!  asked ─> reading: the list, then each order ─> ready: what would change ─agreed─> applying ─> done
//! ```
//!
//! Each order that is wanted has one row from the beginning to its result. A page of the list and where
//! the list goes on, what was read and what would become of it, what was applied and what became of it:
//! each is one transaction, so a crash resumes where it was and no order has two results.

mod ask;
mod read;
mod run;

use dermaga_domain::id::{DownloadId, MessageId, OrderId, ShopId};
use dermaga_domain::time::Time;

pub use crate::apply::Outcome;
use crate::command::Giver;
use crate::error::{Error, Result};
pub use ask::NewDownload;
pub use read::{Counts, Cursor};
pub use run::{DownloadStep, Left, ListAt, OrderStep, RowState, Trouble, Wanted};
pub(crate) use run::{write_results, write_step};

/// Where a download stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its orders are listed and read; nothing of them is applied.
    Reading,
    /// What it would change is known; it waits for a person.
    Ready,
    /// A person has agreed: what was read is applied.
    Applying,
    /// Every order has its result.
    Done,
    /// A person does not want it any more; nothing of it was applied, or no more is.
    Dropped,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Reading, Self::Ready, Self::Applying, Self::Done, Self::Dropped];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Ready => "ready",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// Whether something of it still happens by itself.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Reading | Self::Applying)
    }
}

/// A download as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its id.
    pub id: DownloadId,
    /// The shop.
    pub shop: ShopId,
    /// Where it stands.
    pub state: State,
    /// The range of time that was asked for; none = orders by their numbers.
    pub range: Option<(Time, Time)>,
    /// Where the list of the range goes on; none = it was read to its end.
    pub list: Option<ListAt>,
    /// Why it does not go on for now, by the code of its page.
    pub trouble: Option<String>,
    /// How often it did not go on.
    pub attempts: i64,
    /// When it goes on.
    pub due_at: Time,
    /// Who asked.
    pub asked_by: Giver,
    /// When.
    pub asked_at: Time,
    /// When a person agreed.
    pub agreed_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// An order of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadOrder {
    /// The channel's id of it.
    pub channel_order_id: String,
    /// The order here, when it is known.
    pub order: Option<OrderId>,
    /// Whether the outcome is its result, or what would become of it.
    pub ended: bool,
    /// What became of it, or would; none = it was not read yet.
    pub outcome: Option<Outcome>,
    /// What is otherwise: see [`crate::apply::Told::changes`].
    pub changes: Vec<String>,
    /// The message that tells of it.
    pub message: Option<MessageId>,
    /// Tries that failed.
    pub attempts: i64,
    /// The code of its failure.
    pub code: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct DownloadRow {
    id: i64,
    shop_id: i64,
    state: String,
    range_from: Option<i64>,
    range_to: Option<i64>,
    list_from: Option<i64>,
    list_window_to: Option<i64>,
    list_page: Option<String>,
    trouble: Option<String>,
    attempts: i64,
    due_at: i64,
    asked_by: Option<i64>,
    asked_key: Option<i64>,
    asked_at: i64,
    agreed_at: Option<i64>,
    ended_at: Option<i64>,
}

impl DownloadRow {
    fn download(self) -> Result<Download> {
        let state = State::ALL.into_iter().find(|state| state.as_str() == self.state);
        let state = state.ok_or_else(|| Error::inconsistent("download", "state", self.id))?;
        let list = self.list_from.map(|from| ListAt {
            from: Time(from),
            window_to: self.list_window_to.map(Time),
            page: self.list_page,
        });
        Ok(Download {
            id: DownloadId(self.id),
            shop: ShopId(self.shop_id),
            state,
            range: self.range_from.map(Time).zip(self.range_to.map(Time)),
            list,
            trouble: self.trouble,
            attempts: self.attempts,
            due_at: Time(self.due_at),
            asked_by: Giver::of(self.asked_by, self.asked_key),
            asked_at: Time(self.asked_at),
            agreed_at: self.agreed_at.map(Time),
            ended_at: self.ended_at.map(Time),
        })
    }
}

/// Every statement of this module.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static crate::db::Statement> {
    [ask::STATEMENTS, read::STATEMENTS, run::STATEMENTS].concat()
}
