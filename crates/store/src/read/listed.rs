//! The listings that sell a SKU, with what each channel was last told of it.

use std::collections::HashMap;

use dermaga_domain::id::{ListingId, ShopId, SkuId};
use dermaga_domain::stock::Share;
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// Listings of a SKU that are shown at most.
const LISTINGS_MAX: i64 = 200;

static OF_SKU: Statement = Statement::org(
    "listed.of_sku",
    "SELECT l.id, l.shop_id, l.channel_product_id, l.channel_sku, l.name, l.active,
            l.channel_stock, l.seen_at, l.told, l.percent, l.buffer, l.cap, l.published
     FROM listing l WHERE l.org_id = $1 AND l.sku_id = $2 ORDER BY l.id LIMIT $3",
);

static LAST_SENT: Statement = Statement::org(
    "listed.last_sent",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT p.listing_id, p.value, p.outcome, p.message, p.at
     FROM v {join} push p ON p.org_id = $1 AND p.listing_id = v.id
        AND p.id = (SELECT MAX(q.id) FROM push q WHERE q.org_id = $1 AND q.listing_id = v.id)",
);

statements![OF_SKU, LAST_SENT];

/// A value that a channel was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Units.
    pub value: i64,
    /// `taken`, `refused` or `unknown`.
    pub outcome: String,
    /// The channel's words.
    pub message: Option<String>,
    /// When.
    pub at: Time,
}

/// A listing of a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selling {
    /// The listing.
    pub id: ListingId,
    /// Its shop.
    pub shop: ShopId,
    /// The channel's id of the product.
    pub channel_product_id: String,
    /// The seller's code there.
    pub channel_sku: String,
    /// Its name there.
    pub name: String,
    /// Whether buyers can buy it.
    pub active: bool,
    /// What the channel showed when it was last read.
    pub channel_stock: Option<i64>,
    /// When that was.
    pub seen_at: Time,
    /// Whether the channel is told what is left.
    pub told: bool,
    /// How much of it is shown.
    pub share: Share,
    /// What the channel took last.
    pub published: Option<i64>,
    /// What it was last told, and what it answered.
    pub sent: Option<Sent>,
}

#[derive(sqlx::FromRow)]
struct ListingRow {
    id: i64,
    shop_id: i64,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    active: bool,
    channel_stock: Option<i64>,
    seen_at: i64,
    told: bool,
    percent: i64,
    buffer: i64,
    cap: Option<i64>,
    published: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct SentRow {
    listing_id: i64,
    value: i64,
    outcome: String,
    message: Option<String>,
    at: i64,
}

impl Store {
    /// The listings that sell a SKU, in the shops that are visible.
    ///
    /// # Errors
    /// The database's.
    pub async fn selling(&self, scope: &Scope, sku: SkuId) -> Result<Vec<Selling>> {
        let org = scope.org.0;
        let values: Vec<Value> = vec![org.into(), sku.0.into(), LISTINGS_MAX.into()];
        let (rows, sent) = self
            .db
            .read_with(Some(org), values, move |conn, values| {
                Box::pin(async move {
                    let rows: Vec<ListingRow> = conn.all(&OF_SKU, values).await?;
                    let ids = id_rows(rows.iter().map(|row| row.id));
                    let sent: Vec<SentRow> =
                        conn.all(&LAST_SENT, &[org.into(), ids.into()]).await?;
                    Ok((rows, sent))
                })
            })
            .await?;
        let mut sent: HashMap<i64, SentRow> =
            sent.into_iter().map(|row| (row.listing_id, row)).collect();
        let selling = |row: ListingRow| Selling {
            sent: sent.remove(&row.id).map(|sent| Sent {
                value: sent.value,
                outcome: sent.outcome,
                message: sent.message,
                at: Time(sent.at),
            }),
            id: ListingId(row.id),
            shop: ShopId(row.shop_id),
            channel_product_id: row.channel_product_id,
            channel_sku: row.channel_sku,
            name: row.name,
            active: row.active,
            channel_stock: row.channel_stock,
            seen_at: Time(row.seen_at),
            told: row.told,
            share: Share { percent: row.percent, buffer: row.buffer, cap: row.cap },
            published: row.published,
        };
        Ok(rows.into_iter().map(selling).filter(|listing| scope.sees(listing.shop)).collect())
    }
}
