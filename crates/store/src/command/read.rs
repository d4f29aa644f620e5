//! Commands and what they brought, for those who asked.

use dermaga_domain::id::{BatchId, CommandId, OrderId, OrgId};
use dermaga_domain::term::CommandState;
use dermaga_domain::time::Time;

use super::run::place;
use super::{Command, CommandRow, commands};
use crate::apply::rows::word;
use crate::db::{Statement, statements};
use crate::error::Result;
use crate::open::Store;

static OF_ORDER: Statement = Statement::org(
    "command.of_order",
    "SELECT c.id, c.shop_id, c.order_id, o.channel_order_id, c.package, c.kind, c.words, c.state,
            c.attempts, c.run_at, c.batch_id, c.asked_by, c.asked_at, c.sent_at, c.ended_at, c.code,
            c.answer
     FROM command c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
     WHERE c.org_id = $1 AND c.order_id = $2 ORDER BY c.id DESC LIMIT $3",
);

static OF_BATCH: Statement = Statement::org(
    "command.of_batch",
    "SELECT c.id, c.shop_id, c.order_id, o.channel_order_id, c.package, c.kind, c.words, c.state,
            c.attempts, c.run_at, c.batch_id, c.asked_by, c.asked_at, c.sent_at, c.ended_at, c.code,
            c.answer
     FROM command c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
     WHERE c.org_id = $1 AND c.batch_id = $2 AND c.state = $3 AND c.id > $4
     ORDER BY c.id LIMIT $5",
);

static COUNT_BATCH: Statement = Statement::org(
    "command.count_batch",
    "SELECT c.state, COUNT(*) AS commands FROM command c
     WHERE c.org_id = $1 AND c.batch_id = $2 GROUP BY c.state",
);

static PAPER: Statement = Statement::org(
    "command.paper",
    "SELECT p.command_id, p.media_type, p.body, p.at FROM paper p
     WHERE p.org_id = $1 AND p.command_id = $2 AND p.order_id = $3",
);

static UNDER_WAY: Statement = Statement::org(
    "command.under_way",
    "SELECT COUNT(*) AS commands FROM command
     WHERE org_id = $1 AND state IN ('waiting', 'sending', 'unknown') AND run_at > $2",
);

statements![OF_ORDER, OF_BATCH, COUNT_BATCH, UNDER_WAY, PAPER];

/// Commands of an order that are shown.
const OF_ORDER_MAX: i64 = 100;

/// How many commands of a batch stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchCount {
    /// Where.
    pub state: CommandState,
    /// How many.
    pub commands: i64,
}

/// Something to print, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPaper {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it came.
    pub at: Time,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    state: String,
    commands: i64,
}

#[derive(sqlx::FromRow)]
struct PaperRow {
    media_type: String,
    body: Vec<u8>,
    at: i64,
}

impl Store {
    /// The commands of an order, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn commands_of(&self, org: OrgId, order: OrderId) -> Result<Vec<Command>> {
        let rows: Vec<CommandRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [org.0.into(), order.0.into(), OF_ORDER_MAX.into()];
                    conn.all(&OF_ORDER, &values).await
                })
            })
            .await?;
        commands(rows)
    }

    /// Commands that were given together and stand somewhere, in the order in which they were given.
    ///
    /// # Errors
    /// The database's.
    pub async fn commands_in(
        &self,
        org: OrgId,
        batch: BatchId,
        state: CommandState,
        after: Option<CommandId>,
        limit: i64,
    ) -> Result<Vec<Command>> {
        let after = after.map_or(0, |id| id.0);
        let rows: Vec<CommandRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        batch.0.into(),
                        state.as_str().into(),
                        after.into(),
                        limit.into(),
                    ];
                    conn.all(&OF_BATCH, &values).await
                })
            })
            .await?;
        commands(rows)
    }

    /// How many commands of a batch stand where; empty when there is no such batch.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_batch(&self, org: OrgId, batch: BatchId) -> Result<Vec<BatchCount>> {
        let rows: Vec<CountRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(
                    async move { conn.all(&COUNT_BATCH, &[org.0.into(), batch.0.into()]).await },
                )
            })
            .await?;
        rows.into_iter()
            .map(|row| {
                let state = word("command", "state", batch.0, &row.state)?;
                Ok(BatchCount { state, commands: row.commands })
            })
            .collect()
    }

    /// How many commands are not at their end, due or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn commands_under_way(&self, org: OrgId) -> Result<i64> {
        #[derive(sqlx::FromRow)]
        struct Counted {
            commands: i64,
        }
        let found: Counted = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.one(&UNDER_WAY, &[org.0.into(), 0_i64.into()]).await })
            })
            .await?;
        Ok(found.commands)
    }

    /// What a command of an order brought to print.
    ///
    /// # Errors
    /// The database's, or a key that is gone.
    pub async fn paper(
        &self,
        org: OrgId,
        order: OrderId,
        id: CommandId,
    ) -> Result<Option<StoredPaper>> {
        let found: Option<PaperRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.optional(&PAPER, &[org.0.into(), id.0.into(), order.0.into()]).await
                })
            })
            .await?;
        let Some(row) = found else { return Ok(None) };
        let key = id.0.to_string();
        let body = self.vault.open(&self.db, &place(org, &key), &row.body).await?;
        Ok(Some(StoredPaper { media_type: row.media_type, body, at: Time(row.at) }))
    }
}
