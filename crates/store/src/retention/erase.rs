//! Erasing a buyer because somebody asks: the row, the labels, the raw copies, and whatever comes again.

use dermaga_domain::id::{CommandId, ExchangeId, MessageId, OrderId, OrgId, ShopId};
use dermaga_domain::time::Time;

use super::{buyers, overwrite};
use crate::audit::{self, Trail, act};
use crate::buyer::ERASED;
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, Value, statements};
use crate::error::{Error, Result};
use crate::inbox::{answer_place, body_place};
use crate::open::Store;

/// Bodies that are opened at once.
const BODIES: i64 = 200;

static LIST_BODIES: Statement = Statement::org(
    "erase.list_bodies",
    "SELECT id, body FROM message WHERE org_id = $1 AND id > $2 AND state <> 'pending'
     ORDER BY id LIMIT $3",
);

static LIST_ANSWERS: Statement = Statement::org(
    "erase.list_answers",
    "SELECT id, answer AS body FROM exchange WHERE org_id = $1 AND id > $2 AND answer IS NOT NULL
     ORDER BY id LIMIT $3",
);

static DELETE_BODIES: Statement = Statement::org(
    "erase.delete_bodies",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     DELETE FROM message WHERE org_id = $1 AND id IN (SELECT id FROM v)",
);

static FORGET_ANSWERS: Statement = Statement::org(
    "erase.forget_answers",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     UPDATE exchange SET answer = NULL WHERE org_id = $1 AND id IN (SELECT id FROM v)",
);

/// What is left in place of a buyer keeps every later look from bringing the buyer back.
static LEAVE_NOTHING: Statement = Statement::org(
    "erase.leave_nothing",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, stamp text})
     INSERT INTO buyer (org_id, order_id, stamp, sealed)
     SELECT $1, order_id, stamp, $3 FROM v WHERE true
     ON CONFLICT (org_id, order_id) DO UPDATE SET stamp = excluded.stamp, sealed = excluded.sealed",
);

static REMEMBER: Statement = Statement::org(
    "erase.remember",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text, at bigint,
        account_id bigint, key_id bigint})
     INSERT INTO erasure (org_id, shop_id, channel_order_id, at, account_id, key_id)
     SELECT $1, shop_id, channel_order_id, at, account_id, key_id FROM v WHERE true
     ON CONFLICT (org_id, shop_id, channel_order_id) DO NOTHING",
);

static LIST_ERASURES: Statement = Statement::org(
    "erase.list",
    "SELECT e.channel_order_id, e.at, s.channel, s.channel_shop_id
     FROM erasure e {join} shop s ON s.org_id = $1 AND s.id = e.shop_id
     WHERE e.org_id = $1 AND e.shop_id > $2 ORDER BY e.shop_id, e.channel_order_id",
);

/// Buyers that came again although they were erased: the order was unknown then.
static CAME_AGAIN: Statement = Statement::org(
    "erase.came_again",
    "SELECT o.id, o.shop_id, o.channel_order_id FROM erasure e
        {join} orders o ON o.org_id = $1 AND o.shop_id = e.shop_id
            AND o.channel_order_id = e.channel_order_id
        {join} buyer b ON b.org_id = $1 AND b.order_id = o.id AND b.stamp <> 'erased'
     WHERE e.org_id = $1 AND e.shop_id > $2",
);

static LABELS: Statement = Statement::org(
    "erase.labels",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT p.command_id, p.order_id, p.media_type, p.at
     FROM v {join} paper p ON p.org_id = $1 AND p.order_id = v.order_id
     ORDER BY p.order_id, p.at",
);

statements![
    LIST_BODIES,
    LIST_ANSWERS,
    DELETE_BODIES,
    FORGET_ANSWERS,
    LEAVE_NOTHING,
    REMEMBER,
    LIST_ERASURES,
    CAME_AGAIN,
    LABELS,
];

#[derive(sqlx::FromRow)]
struct BodyRow {
    id: i64,
    body: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    shop_id: i64,
    channel_order_id: String,
}

#[derive(sqlx::FromRow)]
struct ErasureRow {
    channel_order_id: String,
    at: i64,
    channel: String,
    channel_shop_id: String,
}

/// Whose traces are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The orders, with their shops and the channel's ids of them.
    pub orders: Vec<(OrderId, ShopId, String)>,
    /// Texts that only copies of these orders or of this buyer hold, such as a phone number.
    pub texts: Vec<String>,
}

impl Wish {
    fn is_in(&self, body: &[u8]) -> bool {
        let body = String::from_utf8_lossy(body);
        let orders = self.orders.iter().map(|(_, _, number)| number.as_str());
        orders.chain(self.texts.iter().map(String::as_str)).any(|text| body.contains(text))
    }
}

/// Raw copies that speak of a buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copies {
    /// Messages of the inbox.
    pub messages: Vec<MessageId>,
    /// Answers of calls that failed.
    pub answers: Vec<ExchangeId>,
}

/// What an erasure removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Orders whose buyer is gone.
    pub orders: usize,
    /// Labels.
    pub labels: u64,
    /// Raw messages.
    pub messages: usize,
    /// Answers of calls that failed.
    pub answers: usize,
}

/// One order whose buyer was erased, by names that hold in every installation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Erasure {
    /// The channel.
    pub channel: String,
    /// The channel's id of the shop.
    pub shop: String,
    /// The channel's id of the order.
    pub order: String,
    /// When, in microseconds since the epoch.
    pub at: i64,
}

/// A label that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLabel {
    /// The command that fetched it.
    pub command: CommandId,
    /// The order.
    pub order: OrderId,
    /// Its media type.
    pub media_type: String,
    /// When it was fetched.
    pub at: Time,
}

#[derive(sqlx::FromRow)]
struct LabelRow {
    command_id: i64,
    order_id: i64,
    media_type: String,
    at: i64,
}

/// What one transaction of an erasure works on.
struct Work {
    org: i64,
    wish: Wish,
    copies: Copies,
    by: Giver,
    now: Time,
    trail: Value,
}

impl Store {
    /// The raw copies that hold any of the texts or numbers of a wish. Messages that wait are left:
    /// they are to be read first.
    ///
    /// # Errors
    /// The database's.
    pub async fn copies(&self, org: OrgId, wish: &Wish) -> Result<Copies> {
        let messages = self.speaking(org, &LIST_BODIES, wish).await?;
        let answers = self.speaking(org, &LIST_ANSWERS, wish).await?;
        Ok(Copies {
            messages: messages.into_iter().map(MessageId).collect(),
            answers: answers.into_iter().map(ExchangeId).collect(),
        })
    }

    async fn speaking(
        &self,
        org: OrgId,
        list: &'static Statement,
        wish: &Wish,
    ) -> Result<Vec<i64>> {
        let (mut found, mut after) = (Vec::new(), i64::MIN);
        loop {
            let rows: Vec<BodyRow> = self
                .db
                .read(Some(org.0), move |conn| {
                    Box::pin(async move {
                        conn.all(list, &[org.0.into(), after.into(), BODIES.into()]).await
                    })
                })
                .await?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = last.id;
            for row in &rows {
                let key = row.id.to_string();
                let place = if std::ptr::eq(list, &raw const LIST_BODIES) {
                    body_place(org, &key)
                } else {
                    answer_place(org, &key)
                };
                match self.vault.open(&self.db, &place, &row.body).await {
                    Ok(body) if wish.is_in(&body) => found.push(row.id),
                    // What cannot be opened holds nothing for anybody.
                    Ok(_) | Err(Error::NoKey | Error::Sealed(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Erases what is held of the buyer of some orders, with the raw copies, and remembers that it was.
    /// Who asked stands in the audit, in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase_buyers(
        &self,
        org: OrgId,
        wish: Wish,
        copies: Copies,
        by: Giver,
    ) -> Result<Erased> {
        let now = self.now();
        let (orders, messages, answers) =
            (wish.orders.len(), copies.messages.len(), copies.answers.len());
        let subject = wish.orders.first().map(|(order, ..)| order.to_string());
        let subject = subject.as_deref().unwrap_or("nobody");
        let detail = format!("{orders} orders, {messages} messages, {answers} answers");
        let trail = Trail::one(self, by, act::BUYER_ERASED, (subject, &detail)).packed();
        let work = Work { org: org.0, wish, copies, by, now, trail };
        let labels = self
            .db
            .write_with(Lane::Bulk, Some(org.0), work, |conn, work| Box::pin(work.erase(conn)))
            .await?;
        self.db.forget_log().await?;
        Ok(Erased { orders, labels, messages, answers })
    }

    /// Writes down that somebody was given what is held of a buyer.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_buyer_export(&self, org: OrgId, orders: &[OrderId], by: Giver) -> Result<()> {
        let subject = orders.first().map_or_else(|| "nobody".to_owned(), ToString::to_string);
        let detail = format!("{} orders", orders.len());
        let trail = Trail::one(self, by, act::BUYER_GIVEN_OUT, (&subject, &detail)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(audit::write(conn, org.0, trail))
            })
            .await?;
        Ok(())
    }

    /// The labels of some orders.
    ///
    /// # Errors
    /// The database's.
    pub async fn held_labels(&self, org: OrgId, orders: &[OrderId]) -> Result<Vec<HeldLabel>> {
        let mut rows = Rows::default();
        orders.iter().for_each(|order| rows.push(&[&order.0]));
        let rows: Value = rows.into();
        let labels: Vec<LabelRow> = self
            .db
            .read_with(Some(org.0), rows, move |conn, rows| {
                Box::pin(async move { conn.all(&LABELS, &[org.0.into(), rows.clone()]).await })
            })
            .await?;
        let held = |row: LabelRow| HeldLabel {
            command: CommandId(row.command_id),
            order: OrderId(row.order_id),
            media_type: row.media_type,
            at: Time(row.at),
        };
        Ok(labels.into_iter().map(held).collect())
    }

    /// Every erasure that is remembered.
    ///
    /// # Errors
    /// The database's.
    pub async fn erasures(&self, org: OrgId) -> Result<Vec<Erasure>> {
        let rows: Vec<ErasureRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(
                    async move { conn.all(&LIST_ERASURES, &[org.0.into(), i64::MIN.into()]).await },
                )
            })
            .await?;
        let told = |row: ErasureRow| Erasure {
            channel: row.channel,
            shop: row.channel_shop_id,
            order: row.channel_order_id,
            at: row.at,
        };
        Ok(rows.into_iter().map(told).collect())
    }

    /// Remembers erasures that this database does not know of, as after a restore: those of shops that
    /// are not here are left out. See [`Store::came_again`].
    ///
    /// # Errors
    /// The database's.
    pub async fn remember_erasures(&self, org: OrgId, erasures: &[Erasure]) -> Result<()> {
        let shops = self.shops(org, None).await?;
        let mut rows = Rows::default();
        for erasure in erasures {
            let shop = shops.iter().find(|shop| {
                shop.channel == erasure.channel && shop.channel_shop_id == erasure.shop
            });
            let Some(shop) = shop else { continue };
            let nobody: Option<i64> = None;
            rows.push(&[&shop.id.0, &erasure.order, &erasure.at, &nobody, &nobody]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let rows: Value = rows.into();
        self.db
            .write_with(Lane::Bulk, Some(org.0), rows, move |conn, rows| {
                Box::pin(
                    async move { conn.execute(&REMEMBER, &[org.0.into(), rows.clone()]).await },
                )
            })
            .await?;
        Ok(())
    }

    /// Orders whose buyer came again although it was erased: after a restore, or because the order was
    /// not known then.
    ///
    /// # Errors
    /// The database's.
    pub async fn came_again(&self, org: OrgId) -> Result<Vec<(OrderId, ShopId, String)>> {
        let rows: Vec<OrderRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(
                    async move { conn.all(&CAME_AGAIN, &[org.0.into(), i64::MIN.into()]).await },
                )
            })
            .await?;
        let order = |row: OrderRow| (OrderId(row.id), ShopId(row.shop_id), row.channel_order_id);
        Ok(rows.into_iter().map(order).collect())
    }
}

impl Work {
    async fn erase(&self, conn: &mut Conn) -> db::Result<u64> {
        let org = self.org;
        overwrite(conn).await?;
        for (statement, ids) in [
            (&DELETE_BODIES, self.copies.messages.iter().map(|id| id.0).collect::<Vec<_>>()),
            (&FORGET_ANSWERS, self.copies.answers.iter().map(|id| id.0).collect()),
        ] {
            if !ids.is_empty() {
                let mut rows = Rows::default();
                ids.iter().for_each(|id| rows.push(&[id]));
                conn.execute(statement, &[org.into(), rows.into()]).await?;
            }
        }
        let orders: Vec<i64> = self.wish.orders.iter().map(|(order, ..)| order.0).collect();
        let labels = erase_rows(conn, org, &orders).await?;
        let mut rows = Rows::default();
        let (person, key) = (self.by.person().map(|id| id.0), self.by.key().map(|id| id.0));
        for (_, shop, number) in &self.wish.orders {
            rows.push(&[&shop.0, number, &self.now.0, &person, &key]);
        }
        conn.execute(&REMEMBER, &[org.into(), rows.into()]).await?;
        audit::write(conn, org, &self.trail).await?;
        Ok(labels)
    }
}

/// Leaves nothing of the buyers of some orders, nor their labels; says how many labels there were.
async fn erase_rows(conn: &mut Conn, org: i64, orders: &[i64]) -> db::Result<u64> {
    overwrite(conn).await?;
    let (mut ids, mut left) = (Rows::default(), Rows::default());
    for order in orders {
        ids.push(&[order]);
        left.push(&[order, &ERASED]);
    }
    let labels = conn.execute(&buyers::DELETE_LABELS, &[org.into(), ids.into()]).await?;
    let nothing = Value::Blob(Some(Vec::new().into()));
    conn.execute(&LEAVE_NOTHING, &[org.into(), left.into(), nothing]).await?;
    Ok(labels)
}
