//! The transmit log: what we asked channels, and what they sent us.

use dermaga_domain::id::{ConnectionId, ExchangeId, MessageId, ShopId};
use dermaga_domain::time::Time;

use super::Scope;
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// Entries that one page holds at most.
pub const PAGE_MAX: i64 = 200;

static ASKED: Statement = Statement::org(
    "read.exchanges",
    "WITH v AS MATERIALIZED ({rows $4: shop_id bigint})
     SELECT x.id, x.connection_id, x.shop_id, c.channel, x.interface, x.request, x.status,
            x.outcome, x.at, x.duration_us, x.message_id,
            x.answer IS NOT NULL AS answered
     FROM exchange x {join} connection c ON c.org_id = $1 AND c.id = x.connection_id
     WHERE x.org_id = $1 AND x.id < $2 AND ($5 OR +x.shop_id IN (SELECT v.shop_id FROM v))
     ORDER BY x.id DESC LIMIT $3",
);

static PUSHED: Statement = Statement::org(
    "read.pushed",
    "WITH v AS MATERIALIZED ({rows $4: shop_id bigint})
     SELECT m.id, m.connection_id, m.shop_id, c.channel, m.kind, m.state, m.repeats, m.reason,
            m.received_at
     FROM message m {join} connection c ON c.org_id = $1 AND c.id = m.connection_id
     WHERE m.org_id = $1 AND m.id < $2 AND NOT m.fetched
       AND ($5 OR +m.shop_id IN (SELECT v.shop_id FROM v))
     ORDER BY m.id DESC LIMIT $3",
);

statements![ASKED, PUSHED];

/// One entry of the transmit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What pages are told apart by: newer entries have larger ones.
    pub key: i64,
    /// The connection.
    pub connection: ConnectionId,
    /// The shop, where it concerned one.
    pub shop: Option<ShopId>,
    /// The channel.
    pub channel: String,
    /// When.
    pub at: Time,
    /// What happened.
    pub what: What,
}

/// A request of ours, or a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// We asked.
    Asked {
        /// Its id.
        id: ExchangeId,
        /// The endpoint's name.
        interface: String,
        /// Method and path.
        request: String,
        /// The HTTP status, when there was an answer.
        status: Option<i64>,
        /// `ok`, or the name of the error.
        outcome: String,
        /// How long, in microseconds.
        duration_us: i64,
        /// The message that the answer became.
        message: Option<MessageId>,
        /// Whether the answer was kept because it did not go well: see [`Store::exchange_answer`].
        answered: bool,
    },
    /// They told us.
    Pushed {
        /// The message's id.
        id: MessageId,
        /// What kind.
        kind: String,
        /// `pending`, `done`, `dead`, `held` or `ignored`.
        state: String,
        /// How often it was repeated.
        repeats: i64,
        /// Why it is not done.
        reason: Option<String>,
    },
}

#[derive(sqlx::FromRow)]
struct AskedRow {
    id: i64,
    connection_id: i64,
    shop_id: Option<i64>,
    channel: String,
    interface: String,
    request: String,
    status: Option<i64>,
    outcome: String,
    at: i64,
    duration_us: i64,
    message_id: Option<i64>,
    answered: bool,
}

#[derive(sqlx::FromRow)]
struct PushedRow {
    id: i64,
    connection_id: i64,
    shop_id: Option<i64>,
    channel: String,
    kind: String,
    state: String,
    repeats: i64,
    reason: Option<String>,
    received_at: i64,
}

impl From<AskedRow> for Exchange {
    fn from(row: AskedRow) -> Self {
        Self {
            key: row.id,
            connection: ConnectionId(row.connection_id),
            shop: row.shop_id.map(ShopId),
            channel: row.channel,
            at: Time(row.at),
            what: What::Asked {
                id: ExchangeId(row.id),
                interface: row.interface,
                request: row.request,
                status: row.status,
                outcome: row.outcome,
                duration_us: row.duration_us,
                message: row.message_id.map(MessageId),
                answered: row.answered,
            },
        }
    }
}

impl From<PushedRow> for Exchange {
    fn from(row: PushedRow) -> Self {
        Self {
            key: row.id,
            connection: ConnectionId(row.connection_id),
            shop: row.shop_id.map(ShopId),
            channel: row.channel,
            at: Time(row.received_at),
            what: What::Pushed {
                id: MessageId(row.id),
                kind: row.kind,
                state: row.state,
                repeats: row.repeats,
                reason: row.reason,
            },
        }
    }
}

impl Store {
    /// A page of the transmit log, newest first, from before a key; and the key it ends with, when
    /// there is more. Whoever sees only some shops sees no entry that concerns none in particular.
    ///
    /// # Errors
    /// The database's.
    pub async fn exchanges(
        &self,
        scope: &Scope,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<Exchange>, Option<i64>)> {
        let (org, limit) = (scope.org.0, limit.clamp(1, PAGE_MAX));
        let (shops, all) = scope.shop_values();
        let before = before.unwrap_or(i64::MAX);
        let values: [Value; 5] = [org.into(), before.into(), (limit + 1).into(), shops, all];
        let (asked, pushed): (Vec<AskedRow>, Vec<PushedRow>) = self
            .db
            .read_with(Some(org), values, |conn, values| {
                Box::pin(async move {
                    Ok((conn.all(&ASKED, values).await?, conn.all(&PUSHED, values).await?))
                })
            })
            .await?;
        let asked = asked.into_iter().map(Exchange::from);
        let mut found: Vec<Exchange> = asked.chain(pushed.into_iter().map(Into::into)).collect();
        found.sort_by_key(|exchange| std::cmp::Reverse(exchange.key));
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > page;
        found.truncate(page);
        let next = found.last().filter(|_| more).map(|exchange| exchange.key);
        Ok((found, next))
    }
}
