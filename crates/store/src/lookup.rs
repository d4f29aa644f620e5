//! Small look-ups that the engine makes while it works.

use dermaga_domain::id::{NoticeId, OrderId, OrgId, ShopId};
use dermaga_domain::time::Time;

use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{Lane, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::read::Scope;

/// Notices that are shown at once.
const NOTICES_MAX: i64 = 200;

static SHOP_OF_ORDER: Statement = Statement::org(
    "lookup.shop_of_order",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text})
     SELECT o.shop_id FROM v {join} orders o
       ON o.org_id = $1 AND o.shop_id = v.shop_id AND o.channel_order_id = v.channel_order_id",
);

static OPEN_ORDERS: Statement = Statement::org(
    "lookup.open_orders",
    "SELECT id, channel_order_id, updated_at FROM orders
     WHERE org_id = $1 AND shop_id = $2 AND reread_until > $3",
);

static OPEN_NOTICE: Statement = Statement::org(
    "lookup.open_notice",
    "INSERT INTO notice (org_id, id, shop_id, code, detail, at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (org_id, shop_id, code, detail) WHERE closed_at IS NULL DO NOTHING",
);

static LIST_NOTICES: Statement = Statement::org(
    "lookup.list_notices",
    "SELECT id, shop_id, code, detail, at FROM notice
     WHERE org_id = $1 AND id >= 0 AND closed_at IS NULL ORDER BY id LIMIT $2",
);

static CLOSE_NOTICE: Statement = Statement::org(
    "lookup.close_notice",
    "UPDATE notice SET closed_at = $3 WHERE org_id = $1 AND id = $2 AND closed_at IS NULL",
);

statements![SHOP_OF_ORDER, OPEN_ORDERS, OPEN_NOTICE, LIST_NOTICES, CLOSE_NOTICE];

/// An attention that is not of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// The shop it is about; none = the org.
    pub shop: Option<ShopId>,
    /// The code of the page that explains it.
    pub code: String,
    /// What exactly: its words depend on the code.
    pub detail: String,
    /// When it was raised.
    pub at: Time,
}

impl Notice {
    /// Whether it is theirs to see: that of a shop they see, or of the whole business if they see all.
    fn is_seen_by(&self, scope: &Scope) -> bool {
        self.shop.map_or(scope.is_all(), |shop| scope.sees(shop))
    }
}

#[derive(sqlx::FromRow)]
struct NoticeRow {
    id: i64,
    shop_id: Option<i64>,
    code: String,
    detail: String,
    at: i64,
}

/// An order that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its id.
    pub id: OrderId,
    /// The channel's id of it.
    pub channel_order_id: String,
    /// When it last changed here.
    pub updated_at: Time,
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    id: i64,
    channel_order_id: String,
    updated_at: i64,
}

impl Store {
    /// Which of some shops has an order of this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn shop_of_order(
        &self,
        org: OrgId,
        shops: &[ShopId],
        channel_order_id: &str,
    ) -> Result<Option<ShopId>> {
        #[derive(sqlx::FromRow)]
        struct Found {
            shop_id: i64,
        }
        let input = (shops.to_vec(), channel_order_id.to_owned());
        let found: Option<Found> = self
            .db
            .read_with(Some(org.0), input, move |conn, (shops, order)| {
                Box::pin(async move {
                    let mut rows = Rows::default();
                    for shop in shops {
                        rows.push(&[&shop.0, order]);
                    }
                    conn.optional(&SHOP_OF_ORDER, &[org.0.into(), rows.into()]).await
                })
            })
            .await?;
        Ok(found.map(|found| ShopId(found.shop_id)))
    }

    /// A shop's orders that are not finished, however old.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_orders(&self, org: OrgId, shop: ShopId) -> Result<Vec<OpenOrder>> {
        let now = self.now();
        let rows: Vec<OpenRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&OPEN_ORDERS, &[org.0.into(), shop.0.into(), now.0.into()]).await
                })
            })
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| OpenOrder {
                id: OrderId(row.id),
                channel_order_id: row.channel_order_id,
                updated_at: Time(row.updated_at),
            })
            .collect())
    }

    /// Raises an attention that is not of one order; the same one twice is one.
    ///
    /// # Errors
    /// The database's.
    pub async fn raise_notice(
        &self,
        org: OrgId,
        shop: Option<ShopId>,
        code: &str,
        detail: &str,
    ) -> Result<()> {
        let values = vec![
            org.0.into(),
            self.next_id().into(),
            shop.map(|shop| shop.0).into(),
            code.into(),
            detail.into(),
            self.now().0.into(),
        ];
        self.run(org, &OPEN_NOTICE, values).await
    }

    /// Closes an attention that is not of one order, because somebody saw to it; false when it was
    /// closed before, is none, or is not theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn close_notice(&self, scope: &Scope, id: NoticeId, by: Giver) -> Result<bool> {
        let (org, now) = (scope.org, self.now());
        if !self.notices(scope).await?.iter().any(|notice| notice.id == id) {
            return Ok(false);
        }
        let said = Trail::one(self, by, act::NOTICE_CLOSED, (&id.to_string(), "")).packed();
        let closed = self
            .db
            .write_with(Lane::Short, Some(org.0), said, move |conn, said| {
                Box::pin(async move {
                    let values = [org.0.into(), id.0.into(), now.0.into()];
                    let closed = conn.execute(&CLOSE_NOTICE, &values).await?;
                    if closed > 0 {
                        audit::write(conn, org.0, said).await?;
                    }
                    Ok(closed)
                })
            })
            .await?;
        Ok(closed > 0)
    }

    /// The attentions that are open, theirs to see and not of one order, the oldest first, of at most
    /// 200.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices(&self, scope: &Scope) -> Result<Vec<Notice>> {
        let org = scope.org;
        let rows: Vec<NoticeRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_NOTICES, &[org.0.into(), NOTICES_MAX.into()]).await
                })
            })
            .await?;
        let open = rows.into_iter().map(|row| Notice {
            id: NoticeId(row.id),
            shop: row.shop_id.map(ShopId),
            code: row.code,
            detail: row.detail,
            at: Time(row.at),
        });
        Ok(open.filter(|notice| notice.is_seen_by(scope)).collect())
    }
}
