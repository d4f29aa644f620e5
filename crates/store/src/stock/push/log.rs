//! What channels were told, and what they said.

use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::stock::Said;
use dermaga_domain::time::Time;

use super::ToPush;
use crate::db::{self, Conn, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;

static SET_PUBLISHED: Statement = Statement::org(
    "push.set_published",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, published bigint, pushed_at bigint,
        counted_to bigint})
     UPDATE listing SET published = v.published, pushed_at = v.pushed_at, counted_to = v.counted_to
     FROM v WHERE listing.org_id = $1 AND listing.id = v.id",
);

static INSERT: Statement = Statement::org(
    "push.insert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, shop_id bigint, listing_id bigint,
        available bigint, believed bigint, value bigint, outcome text, message text, at bigint})
     INSERT INTO push (org_id, id, shop_id, listing_id, available, believed, value, outcome, message,
        at)
     SELECT $1, id, shop_id, listing_id, available, believed, value, outcome, message, at FROM v",
);

static LOG: Statement = Statement::org(
    "push.log",
    "SELECT p.id, p.shop_id, l.channel_product_id, l.channel_sku, p.available, p.believed, p.value,
            p.outcome, p.message, p.at
     FROM push p {join} listing l ON l.org_id = $1 AND l.id = p.listing_id
     WHERE p.org_id = $1 AND p.shop_id = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4",
);

statements![SET_PUBLISHED, INSERT, LOG];

/// What was sent, or not, for a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// From what.
    pub from: ToPush,
    /// What came of it.
    pub said: Said,
}

/// A value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushEntry {
    /// Its place in the log.
    pub id: i64,
    /// The shop.
    pub shop: ShopId,
    /// The channel's id of the product.
    pub channel_product_id: String,
    /// The seller's code there.
    pub channel_sku: String,
    /// From how many available units.
    pub available: i64,
    /// What the channel was believed to show.
    pub believed: Option<i64>,
    /// What was sent.
    pub value: i64,
    /// `taken`, `refused` or `unknown`.
    pub outcome: String,
    /// The channel's words.
    pub message: Option<String>,
    /// When.
    pub at: Time,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: i64,
    shop_id: i64,
    channel_product_id: String,
    channel_sku: String,
    available: i64,
    believed: Option<i64>,
    value: i64,
    outcome: String,
    message: Option<String>,
    at: i64,
}

/// Keeps what was said of listings.
pub(crate) async fn write_pushed(
    store: &Store,
    conn: &mut Conn,
    org: i64,
    pushed: &[Pushed],
    now: Time,
) -> db::Result<()> {
    let (mut listings, mut log) = (Rows::default(), Rows::default());
    for Pushed { from, said } in pushed {
        let (value, believed) = (from.wanted(), from.believed.now());
        let (published, pushed_at) = said.shows(value, (from.believed, from.pushed_at), now);
        let pushed_at = pushed_at.map(|at| at.0);
        listings.push(&[&from.listing.0, &published, &pushed_at, &from.counted_to]);
        if said.is_sent() {
            log.push(&[
                &store.ids.next(now),
                &from.shop.0,
                &from.listing.0,
                &from.available,
                &believed,
                &value,
                &said.as_str(),
                &said.why(),
                &now.0,
            ]);
        }
    }
    for (statement, rows) in [(&SET_PUBLISHED, listings), (&INSERT, log)] {
        if !rows.is_empty() {
            conn.execute(statement, &[org.into(), rows.into()]).await?;
        }
    }
    Ok(())
}

impl Store {
    /// What was sent to a shop's channel, the newest first, before a place in the log.
    ///
    /// # Errors
    /// The database's.
    pub async fn pushes(
        &self,
        org: OrgId,
        shop: ShopId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<PushEntry>> {
        let before = before.unwrap_or(i64::MAX);
        let values = vec![org.0.into(), shop.0.into(), before.into(), limit.into()];
        let rows: Vec<EntryRow> = self.all(org, &LOG, values).await?;
        Ok(rows
            .into_iter()
            .map(|row| PushEntry {
                id: row.id,
                shop: ShopId(row.shop_id),
                channel_product_id: row.channel_product_id,
                channel_sku: row.channel_sku,
                available: row.available,
                believed: row.believed,
                value: row.value,
                outcome: row.outcome,
                message: row.message,
                at: Time(row.at),
            })
            .collect())
    }
}
