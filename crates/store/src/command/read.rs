//! Commands and what they brought, for those who asked.

use dermaga_domain::id::{BatchId, CommandId, OrderId, OrgId, first_at};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::Time;

use super::run::place;
use super::{Command, CommandRow, Giver, commands, select_commands};
use crate::apply::rows::word;
use crate::db::{Statement, Value, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::Scope;

static OF_ORDER: Statement = Statement::org(
    "command.of_order",
    concat!(
        select_commands!(),
        "FROM command c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
     WHERE c.org_id = $1 AND c.order_id = $2 ORDER BY c.id DESC LIMIT $3"
    ),
);

static OF_BATCH: Statement = Statement::org(
    "command.of_batch",
    concat!(
        "WITH v AS MATERIALIZED ({rows $6: shop_id bigint})
 ",
        select_commands!(),
        "FROM command c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
     WHERE c.org_id = $1 AND c.batch_id = $2 AND c.state = $3 AND c.id > $4
       AND ($7 OR +c.shop_id IN (SELECT v.shop_id FROM v))
     ORDER BY c.id LIMIT $5"
    ),
);

static COUNT_BATCH: Statement = Statement::org(
    "command.count_batch",
    "WITH v AS MATERIALIZED ({rows $3: shop_id bigint})
     SELECT c.state, COUNT(*) AS commands FROM command c
     WHERE c.org_id = $1 AND c.batch_id = $2
       AND ($4 OR +c.shop_id IN (SELECT v.shop_id FROM v))
     GROUP BY c.state",
);

static KINDS: Statement = Statement::org(
    "command.kinds",
    "WITH v AS MATERIALIZED ({rows $3: shop_id bigint})
     SELECT DISTINCT c.kind FROM command c
     WHERE c.org_id = $1 AND c.batch_id = $2
       AND ($4 OR +c.shop_id IN (SELECT v.shop_id FROM v))",
);

static PAPER: Statement = Statement::org(
    "command.paper",
    "SELECT p.command_id, p.media_type, p.body, p.at FROM paper p
     WHERE p.org_id = $1 AND p.command_id = $2 AND p.order_id = $3",
);

static UNDER_WAY: Statement = Statement::org(
    "command.under_way",
    "SELECT COUNT(*) AS commands FROM command
     WHERE org_id = $1 AND shop_id > 0 AND state IN ('waiting', 'sending', 'unknown')",
);

/// Those that wait for a person, unless the same was given for the order again since.
static NEEDING: Statement = Statement::org(
    "command.needing_person",
    concat!(
        "WITH v AS MATERIALIZED ({rows $3: shop_id bigint}) ",
        select_commands!(),
        "FROM command c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
         WHERE c.org_id = $1 AND c.id > $5 AND c.state = 'needs_person'
           AND ($4 OR +c.shop_id IN (SELECT v.shop_id FROM v))
           AND NOT EXISTS (SELECT 1 FROM command n WHERE n.org_id = $1 AND n.order_id = c.order_id
              AND n.id > c.id AND n.kind = c.kind)
         ORDER BY c.id DESC LIMIT $2"
    ),
);

static BATCHES: Statement = Statement::org(
    "command.batches",
    "WITH v AS MATERIALIZED ({rows $3: shop_id bigint})
     SELECT c.batch_id, MIN(c.kind) AS kind, MIN(c.asked_by) AS asked_by,
            MIN(c.asked_key) AS asked_key, MIN(c.asked_at) AS asked_at, COUNT(*) AS commands,
            COUNT(CASE WHEN c.state IN ('waiting', 'sending', 'unknown') THEN 1 END) AS open,
            COUNT(CASE WHEN c.state IN ('refused', 'needs_person') THEN 1 END) AS failed
     FROM command c
     WHERE c.org_id = $1 AND c.batch_id >= $2
       AND ($4 OR +c.shop_id IN (SELECT v.shop_id FROM v))
     GROUP BY c.batch_id HAVING COUNT(*) > 1 ORDER BY c.batch_id DESC LIMIT $5",
);

statements![OF_ORDER, OF_BATCH, COUNT_BATCH, KINDS, UNDER_WAY, PAPER, NEEDING, BATCHES];

/// Commands of an order that are shown.
const OF_ORDER_MAX: i64 = 100;

/// Where commands stand, what a person must look at first.
pub const FAILURES_FIRST: [CommandState; 6] = [
    CommandState::Refused,
    CommandState::NeedsPerson,
    CommandState::Unknown,
    CommandState::Sending,
    CommandState::Waiting,
    CommandState::Done,
];

/// A place in the commands of a batch, failures first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchCursor {
    /// The state of the last one that was shown.
    pub state: CommandState,
    /// The last one that was shown.
    pub after: CommandId,
}

impl std::fmt::Display for BatchCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.state, self.after)
    }
}

impl std::str::FromStr for BatchCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Refused("after is not a page's next".to_owned());
        let (state, after) = text.split_once('.').ok_or_else(wrong)?;
        let state = state.parse().map_err(|_| wrong())?;
        Ok(Self { state, after: after.parse().map_err(|_| wrong())? })
    }
}

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

/// Several commands that were given together, and how far they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// Which.
    pub batch: BatchId,
    /// What was asked for.
    pub kind: CommandKind,
    /// Who gave them.
    pub asked_by: Giver,
    /// When.
    pub asked_at: Time,
    /// How many.
    pub commands: i64,
    /// How many are not at their end.
    pub open: i64,
    /// How many did not come to what was asked.
    pub failed: i64,
}

#[derive(sqlx::FromRow)]
struct TogetherRow {
    batch_id: i64,
    kind: String,
    asked_by: Option<i64>,
    asked_key: Option<i64>,
    asked_at: i64,
    commands: i64,
    open: i64,
    failed: i64,
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
        scope: &Scope,
        batch: BatchId,
        state: CommandState,
        after: Option<CommandId>,
        limit: i64,
    ) -> Result<Vec<Command>> {
        let after = after.map_or(0, |id| id.0);
        let (shops, all) = scope.shop_values();
        let values: Vec<Value> = vec![
            scope.org.0.into(),
            batch.0.into(),
            state.as_str().into(),
            after.into(),
            limit.into(),
            shops,
            all,
        ];
        let rows: Vec<CommandRow> = self
            .db
            .read_with(Some(scope.org.0), values, |conn, values| {
                Box::pin(conn.all(&OF_BATCH, values))
            })
            .await?;
        commands(rows)
    }

    /// Commands that were given together, failures first, and where to read on.
    ///
    /// # Errors
    /// The database's.
    pub async fn batch_page(
        &self,
        scope: &Scope,
        batch: BatchId,
        from: Option<BatchCursor>,
        limit: usize,
    ) -> Result<(Vec<Command>, Option<BatchCursor>)> {
        let mut found: Vec<Command> = Vec::new();
        let first = from.and_then(|from| FAILURES_FIRST.iter().position(|it| *it == from.state));
        for state in FAILURES_FIRST.into_iter().skip(first.unwrap_or(0)) {
            let wanted = i64::try_from((limit + 1).saturating_sub(found.len())).unwrap_or(i64::MAX);
            if wanted == 0 {
                break;
            }
            let after = from.filter(|from| from.state == state).map(|from| from.after);
            found.extend(self.commands_in(scope, batch, state, after, wanted).await?);
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|last| BatchCursor { state: last.state, after: last.id });
        Ok((found, next))
    }

    /// How many commands of a batch stand where; empty when there is no such batch, or when none of it
    /// is theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_batch(&self, scope: &Scope, batch: BatchId) -> Result<Vec<BatchCount>> {
        let (shops, all) = scope.shop_values();
        let values: Vec<Value> = vec![scope.org.0.into(), batch.0.into(), shops, all];
        let rows: Vec<CountRow> = self
            .db
            .read_with(Some(scope.org.0), values, |conn, values| {
                Box::pin(conn.all(&COUNT_BATCH, values))
            })
            .await?;
        rows.into_iter()
            .map(|row| {
                let state = word("command", "state", batch.0, &row.state)?;
                Ok(BatchCount { state, commands: row.commands })
            })
            .collect()
    }

    /// What was asked for in a batch; empty when none of it is theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn kinds_of_batch(&self, scope: &Scope, batch: BatchId) -> Result<Vec<CommandKind>> {
        #[derive(sqlx::FromRow)]
        struct KindRow {
            kind: String,
        }
        let (shops, all) = scope.shop_values();
        let values: Vec<Value> = vec![scope.org.0.into(), batch.0.into(), shops, all];
        let rows: Vec<KindRow> = self
            .db
            .read_with(Some(scope.org.0), values, |conn, values| Box::pin(conn.all(&KINDS, values)))
            .await?;
        rows.into_iter().map(|row| word("command", "kind", batch.0, &row.kind)).collect()
    }

    /// Commands whose outcome only a person can tell, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn commands_needing_person(&self, scope: &Scope, limit: i64) -> Result<Vec<Command>> {
        let (shops, all) = scope.shop_values();
        let values = vec![scope.org.0.into(), limit.into(), shops, all, 0.into()];
        let rows: Vec<CommandRow> = self.all(scope.org, &NEEDING, values).await?;
        commands(rows)
    }

    /// Commands that were given several at once since a time, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn batches(&self, scope: &Scope, since: Time, limit: i64) -> Result<Vec<Together>> {
        let (shops, all) = scope.shop_values();
        let values = vec![scope.org.0.into(), first_at(since).into(), shops, all, limit.into()];
        let rows: Vec<TogetherRow> = self.all(scope.org, &BATCHES, values).await?;
        let together = |row: TogetherRow| {
            Ok(Together {
                batch: BatchId(row.batch_id),
                kind: word("command", "kind", row.batch_id, &row.kind)?,
                asked_by: Giver::of(row.asked_by, row.asked_key),
                asked_at: Time(row.asked_at),
                commands: row.commands,
                open: row.open,
                failed: row.failed,
            })
        };
        rows.into_iter().map(together).collect()
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
                Box::pin(async move { conn.one(&UNDER_WAY, &[org.0.into()]).await })
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
