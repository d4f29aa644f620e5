//! The transmit log: what we asked channels, and what they sent us.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use dermaga_domain::id::{BadId, ConnectionId, ExchangeId, MessageId, OrderId, OrgId, ShopId};
use dermaga_domain::time::Time;

use super::Scope;
use crate::db::{Rows, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// Entries that one page holds at most.
pub const PAGE_MAX: i64 = 200;

/// What we asked, before a key, of some shops; of those that went so.
macro_rules! asked {
    ($which:literal) => {
        concat!(
            "WITH v AS MATERIALIZED ({rows $4: shop_id bigint})
     SELECT x.id, x.connection_id, x.shop_id, c.channel, x.interface, x.request, x.status,
            x.outcome, x.at, x.duration_us, x.message_id, x.about, x.window_from, x.window_to,
            x.page, x.attempt, x.answer IS NOT NULL AS answered
     FROM exchange x {join} connection c ON c.org_id = $1 AND c.id = x.connection_id
     WHERE x.org_id = $1 AND x.id < $2 ",
            $which,
            " AND ($5 OR +x.shop_id IN (SELECT v.shop_id FROM v))
     ORDER BY x.id DESC LIMIT $3"
        )
    };
}

/// What they told us, in the same way.
macro_rules! pushed {
    ($which:literal) => {
        concat!(
            "WITH v AS MATERIALIZED ({rows $4: shop_id bigint})
     SELECT m.id, m.connection_id, m.shop_id, c.channel, m.kind, m.state, m.repeats, m.reason,
            m.about, m.received_at
     FROM message m {join} connection c ON c.org_id = $1 AND c.id = m.connection_id
     WHERE m.org_id = $1 AND m.id < $2 AND NOT m.fetched ",
            $which,
            " AND ($5 OR +m.shop_id IN (SELECT v.shop_id FROM v))
     ORDER BY m.id DESC LIMIT $3"
        )
    };
}

static ASKED: Statement = Statement::org("read.exchanges", asked!(""));
static ASKED_WRONG: Statement =
    Statement::org("read.exchanges_wrong", asked!("AND x.outcome <> 'ok'"));
static ASKED_MISSING: Statement = Statement::org(
    "read.exchanges_missing",
    asked!("AND x.outcome <> 'ok' AND x.outcome = 'not_found'"),
);
static PUSHED: Statement = Statement::org("read.pushed", pushed!(""));
static PUSHED_WRONG: Statement =
    Statement::org("read.pushed_wrong", pushed!("AND m.state = 'dead'"));

/// The orders that entries tell of.
static ORDERS: Statement = Statement::org(
    "read.exchange_orders",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text})
     SELECT o.id, o.shop_id, s.connection_id, o.channel_order_id
     FROM v {join} orders o ON o.org_id = $1 AND o.shop_id = v.shop_id
        AND o.channel_order_id = v.channel_order_id
     {join} shop s ON s.org_id = $1 AND s.id = o.shop_id",
);

static SHOPS: Statement = Statement::org(
    "read.exchange_shops",
    "SELECT s.id, s.connection_id FROM shop s WHERE s.org_id = $1 AND s.id > 0",
);

static ONE: Statement = Statement::org(
    "read.exchange",
    "SELECT x.connection_id, x.shop_id, x.about, FALSE AS dead FROM exchange x
     WHERE x.org_id = $1 AND x.id = $2",
);

static ONE_PUSHED: Statement = Statement::org(
    "read.exchange_pushed",
    "SELECT m.connection_id, m.shop_id, m.about,
            m.state = 'dead' AND length(m.body) > 0 AS dead
     FROM message m
     WHERE m.org_id = $1 AND m.id = $2 AND NOT m.fetched",
);

statements![
    ASKED,
    ASKED_WRONG,
    ASKED_MISSING,
    PUSHED,
    PUSHED_WRONG,
    ORDERS,
    SHOPS,
    ONE,
    ONE_PUSHED,
];

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
    /// The channel's id of the order that it was about, when it was one.
    pub about: Option<String>,
    /// That order, when it is here and theirs to see.
    pub order: Option<OrderId>,
    /// What happened.
    pub what: What,
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Only {
    /// Every one.
    #[default]
    All,
    /// What did not go well.
    Wrong,
    /// What we asked for and the channel does not have.
    Missing,
}

/// An entry, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryId {
    /// What we asked.
    Asked(ExchangeId),
    /// What they told us.
    Pushed(MessageId),
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(id) => id.fmt(f),
            Self::Pushed(id) => id.fmt(f),
        }
    }
}

impl FromStr for EntryId {
    type Err = BadId;

    fn from_str(text: &str) -> std::result::Result<Self, BadId> {
        text.parse().map(Self::Asked).or_else(|_| text.parse().map(Self::Pushed))
    }
}

/// What can be done again about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shop and the channel's id of the order that it was about.
    pub order: Option<(ShopId, String)>,
    /// Whether it is a dead letter whose body is still there.
    pub dead: bool,
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
        /// Of a list: from when, and to when.
        window: Option<(Time, Time)>,
        /// Of a list: its page, as the channel names it.
        page: Option<String>,
        /// Which try it was, from 1.
        attempt: i64,
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
    about: Option<String>,
    window_from: Option<i64>,
    window_to: Option<i64>,
    page: Option<String>,
    attempt: i64,
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
    about: Option<String>,
    received_at: i64,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    shop_id: i64,
    connection_id: i64,
    channel_order_id: String,
}

#[derive(sqlx::FromRow)]
struct ShopRow {
    id: i64,
    connection_id: i64,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    connection_id: i64,
    shop_id: Option<i64>,
    about: Option<String>,
    dead: bool,
}

impl From<AskedRow> for Exchange {
    fn from(row: AskedRow) -> Self {
        Self {
            key: row.id,
            connection: ConnectionId(row.connection_id),
            shop: row.shop_id.map(ShopId),
            channel: row.channel,
            at: Time(row.at),
            about: row.about,
            order: None,
            what: What::Asked {
                id: ExchangeId(row.id),
                interface: row.interface,
                request: row.request,
                status: row.status,
                outcome: row.outcome,
                duration_us: row.duration_us,
                message: row.message_id.map(MessageId),
                answered: row.answered,
                window: row.window_from.map(Time).zip(row.window_to.map(Time)),
                page: row.page,
                attempt: row.attempt,
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
            about: row.about,
            order: None,
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

/// The orders of an org by connection and the channel's id: each with its shop.
type Orders = HashMap<(i64, String), (OrderId, ShopId)>;

impl Store {
    /// A page of the transmit log, newest first, from before a key; and the key it ends with, when
    /// there is more. Whoever sees only some shops sees no entry that concerns none in particular.
    ///
    /// # Errors
    /// The database's.
    pub async fn exchanges(
        &self,
        scope: &Scope,
        (only, before): (Only, Option<i64>),
        limit: i64,
    ) -> Result<(Vec<Exchange>, Option<i64>)> {
        let (org, limit) = (scope.org.0, limit.clamp(1, PAGE_MAX));
        let (shops, all) = scope.shop_values();
        let before = before.unwrap_or(i64::MAX);
        let values: [Value; 5] = [org.into(), before.into(), (limit + 1).into(), shops, all];
        let (asked, pushed) = match only {
            Only::All => (&ASKED, Some(&PUSHED)),
            Only::Wrong => (&ASKED_WRONG, Some(&PUSHED_WRONG)),
            Only::Missing => (&ASKED_MISSING, None),
        };
        let (asked, pushed): (Vec<AskedRow>, Vec<PushedRow>) = self
            .db
            .read_with(Some(org), values, move |conn, values| {
                Box::pin(async move {
                    let of_ours = conn.all(asked, values).await?;
                    let of_theirs = match pushed {
                        Some(pushed) => conn.all(pushed, values).await?,
                        None => Vec::new(),
                    };
                    Ok((of_ours, of_theirs))
                })
            })
            .await?;
        let asked = asked.into_iter().map(Exchange::from);
        let mut found: Vec<Exchange> = asked.chain(pushed.into_iter().map(Into::into)).collect();
        found.sort_by_key(|exchange| std::cmp::Reverse(exchange.key));
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > page;
        found.truncate(page);
        let told = found.iter().map(|it| (it.connection, it.shop, it.about.as_deref()));
        let orders = self.orders_told(scope.org, told).await?;
        for exchange in &mut found {
            let about = exchange.about.clone().unwrap_or_default();
            let order = orders.get(&(exchange.connection.0, about));
            exchange.order = order.filter(|(_, shop)| scope.sees(*shop)).map(|(order, _)| *order);
        }
        let next = found.last().filter(|_| more).map(|exchange| exchange.key);
        Ok((found, next))
    }

    /// What can be done again about an entry; none when it is not there or not theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn entry(&self, scope: &Scope, id: EntryId) -> Result<Option<Entry>> {
        let (statement, id) = match id {
            EntryId::Asked(id) => (&ONE, id.0),
            EntryId::Pushed(id) => (&ONE_PUSHED, id.0),
        };
        let rows: Vec<EntryRow> =
            self.all(scope.org, statement, vec![scope.org.0.into(), id.into()]).await?;
        let sees = |row: &EntryRow| match row.shop_id {
            Some(shop) => scope.sees(ShopId(shop)),
            None => scope.shops.is_none(),
        };
        let Some(row) = rows.into_iter().find(sees) else { return Ok(None) };
        let told = (ConnectionId(row.connection_id), row.shop_id.map(ShopId), row.about.as_deref());
        let orders = self.orders_told(scope.org, std::iter::once(told)).await?;
        let known = row.about.and_then(|about| {
            let found = orders.get(&(row.connection_id, about.clone()));
            let shop = found.map(|(_, shop)| *shop).or(row.shop_id.map(ShopId))?;
            Some((shop, about))
        });
        Ok(Some(Entry { order: known, dead: row.dead }))
    }

    /// The orders that entries tell of: an entry of a connection may be about any of its shops.
    async fn orders_told<'a>(
        &self,
        org: OrgId,
        told: impl Iterator<Item = (ConnectionId, Option<ShopId>, Option<&'a str>)>,
    ) -> Result<Orders> {
        let told: Vec<_> = told.filter_map(|(by, shop, about)| Some((by, shop, about?))).collect();
        if told.is_empty() {
            return Ok(Orders::new());
        }
        let shops: Vec<ShopRow> = self.all(org, &SHOPS, vec![org.0.into()]).await?;
        let mut rows = Rows::default();
        for (connection, shop, about) in told {
            let may = |row: &&ShopRow| {
                row.connection_id == connection.0 && shop.is_none_or(|shop| shop.0 == row.id)
            };
            for shop in shops.iter().filter(may) {
                rows.push(&[&shop.id, &about]);
            }
        }
        let found: Vec<OrderRow> = self.all(org, &ORDERS, vec![org.0.into(), rows.into()]).await?;
        let by_name = |row: OrderRow| {
            ((row.connection_id, row.channel_order_id), (OrderId(row.id), ShopId(row.shop_id)))
        };
        Ok(found.into_iter().map(by_name).collect())
    }
}
