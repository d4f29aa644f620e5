//! Listings: a SKU as offered in one shop, and how it finds its SKU.

use std::collections::BTreeMap;

use dermaga_domain::id::{ListingId, OrgId, ShopId, SkuId};
use dermaga_domain::time::Time;

use super::books::mark;
use super::push;
use super::skus;
use crate::apply::marks;
use crate::audit::Trail;
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Row, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::work::JUDGE;

/// Keeps what was seen. The SKU of equal code is taken unless a person has decided; a code that names
/// none leaves an earlier mapping as it is.
static UPSERT: Statement = Statement::org(
    "listing.upsert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, shop_id bigint, channel_product_id text,
        channel_sku text, name text, active boolean, channel_stock bigint, seen_at bigint})
     INSERT INTO listing (org_id, id, shop_id, channel_product_id, channel_sku, name, active,
        channel_stock, seen_at, sku_id, mapped_by, told)
     SELECT $1, v.id, v.shop_id, v.channel_product_id, v.channel_sku, v.name, v.active,
        v.channel_stock, v.seen_at, k.id, CASE WHEN k.id IS NULL THEN NULL ELSE 'code' END, s.push
     FROM v {join} shop s ON s.org_id = $1 AND s.id = v.shop_id
     LEFT JOIN sku k ON k.org_id = $1 AND k.code = v.channel_sku AND v.channel_sku <> ''
     WHERE true
     ON CONFLICT (org_id, shop_id, channel_product_id) DO UPDATE SET
        channel_sku = excluded.channel_sku, name = excluded.name, active = excluded.active,
        channel_stock = excluded.channel_stock, seen_at = excluded.seen_at,
        sku_id = CASE WHEN listing.mapped_by = 'person' THEN listing.sku_id
                      ELSE COALESCE(excluded.sku_id, listing.sku_id) END,
        mapped_by = CASE WHEN listing.mapped_by = 'person' THEN 'person'
                         ELSE COALESCE(excluded.mapped_by, listing.mapped_by) END",
);

/// Gives SKUs to listings of equal code that have none, unless a person wanted that.
static ADOPT: Statement = Statement::org(
    "listing.adopt",
    "WITH v AS MATERIALIZED ({rows $2: code text})
     UPDATE listing SET mapped_by = 'code', sku_id = k.id
     FROM v {join} sku k ON k.org_id = $1 AND k.code = v.code
     WHERE listing.org_id = $1 AND listing.channel_sku = v.code AND listing.sku_id IS NULL
       AND listing.mapped_by IS NULL",
);

static MAP: Statement = Statement::org(
    "listing.map",
    "UPDATE listing SET sku_id = $3, mapped_by = 'person', published = NULL
     WHERE org_id = $1 AND id = $2
     RETURNING shop_id, channel_product_id",
);

/// Unsent orders with unmapped lines of products that are mapped now.
static WAITING_FOR_PRODUCTS: Statement = Statement::org(
    "listing.waiting_for_products",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_product_id text})
     SELECT DISTINCT o.id
     FROM v {join} listing l ON l.org_id = $1 AND l.shop_id = v.shop_id
        AND l.channel_product_id = v.channel_product_id AND l.sku_id IS NOT NULL
     {join} order_line ol {indexed by order_line_unmapped} ON ol.org_id = $1
        AND ol.channel_product_id = v.channel_product_id
        AND ol.sku_id IS NULL AND NOT ol.gone
     {join} orders o ON o.org_id = $1 AND o.id = ol.order_id AND o.shop_id = v.shop_id
        AND o.delivery <> 'sent'",
);

/// Unsent orders with unmapped lines that name these codes.
static WAITING_FOR_CODES: Statement = Statement::org(
    "listing.waiting_for_codes",
    "WITH v AS MATERIALIZED ({rows $2: code text})
     SELECT DISTINCT o.id
     FROM v {join} order_line ol {indexed by order_line_unmapped_sku} ON ol.org_id = $1
        AND ol.channel_sku = v.code AND ol.sku_id IS NULL AND NOT ol.gone
     {join} orders o ON o.org_id = $1 AND o.id = ol.order_id AND o.delivery <> 'sent'",
);

static LIST_UNMAPPED: Statement = Statement::org(
    "listing.list_unmapped",
    "SELECT id, shop_id, channel_product_id, channel_sku, name, active, channel_stock, seen_at,
            sku_id, mapped_by
     FROM listing WHERE org_id = $1 AND sku_id IS NULL AND id > $2 ORDER BY id LIMIT $3",
);

static FIND: Statement = Statement::org(
    "listing.find",
    "SELECT id, shop_id, channel_product_id, channel_sku, name, active, channel_stock, seen_at,
            sku_id, mapped_by
     FROM listing WHERE org_id = $1 AND id = $2",
);

static LIST: Statement = Statement::org(
    "listing.list",
    "SELECT id, shop_id, channel_product_id, channel_sku, name, active, channel_stock, seen_at,
            sku_id, mapped_by
     FROM listing WHERE org_id = $1 AND shop_id = $2 AND channel_product_id > $3
     ORDER BY channel_product_id LIMIT $4",
);

statements![UPSERT, ADOPT, MAP, WAITING_FOR_PRODUCTS, WAITING_FOR_CODES, LIST_UNMAPPED, FIND, LIST];

/// A listing as a channel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenListing {
    /// The channel's id of the product or variant.
    pub channel_product_id: String,
    /// The seller's code at the channel; may be empty.
    pub channel_sku: String,
    /// Its name at the channel.
    pub name: String,
    /// Whether buyers can buy it.
    pub active: bool,
    /// What the channel shows as stock, in units.
    pub channel_stock: Option<i64>,
}

/// Who mapped a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapper {
    /// Its code is the SKU's.
    Code,
    /// A person; nothing else changes it any more.
    Person,
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its id.
    pub id: ListingId,
    /// The shop.
    pub shop: ShopId,
    /// What the channel showed last.
    pub seen: SeenListing,
    /// When that was.
    pub seen_at: Time,
    /// The SKU it is mapped to.
    pub sku: Option<SkuId>,
    /// Who decided that.
    pub mapped_by: Option<Mapper>,
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
    sku_id: Option<i64>,
    mapped_by: Option<String>,
}

impl From<ListingRow> for Listing {
    fn from(row: ListingRow) -> Self {
        Self {
            id: ListingId(row.id),
            shop: ShopId(row.shop_id),
            seen: SeenListing {
                channel_product_id: row.channel_product_id,
                channel_sku: row.channel_sku,
                name: row.name,
                active: row.active,
                channel_stock: row.channel_stock,
            },
            seen_at: Time(row.seen_at),
            sku: row.sku_id.map(SkuId),
            mapped_by: row.mapped_by.map(|by| match by.as_str() {
                "person" => Mapper::Person,
                _ => Mapper::Code,
            }),
        }
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
}

#[derive(sqlx::FromRow)]
struct MappedRow {
    shop_id: i64,
    channel_product_id: String,
}

/// Marks the orders that a statement finds to be judged again, and the listings that were mapped to be
/// told what is left.
async fn judge_waiting(
    conn: &mut Conn,
    org: i64,
    statement: &'static Statement,
    rows: Rows,
    now: Time,
) -> db::Result<()> {
    let found: Vec<OrderRow> = conn.all(statement, &[org.into(), rows.into()]).await?;
    let mut wanted: Vec<_> = found.into_iter().map(|row| mark(JUDGE, row.id, now)).collect();
    wanted.extend(push::untold(conn, org, now).await?);
    marks::write(conn, org, &wanted, &[]).await
}

/// New SKUs take the listings and the unsent orders of equal code.
pub(super) async fn adopt(
    conn: &mut Conn,
    org: i64,
    codes: impl Iterator<Item = &str> + Clone,
    now: Time,
) -> db::Result<()> {
    let rows = || {
        let mut rows = Rows::default();
        for code in codes.clone() {
            rows.push(&[&code]);
        }
        rows
    };
    if rows().is_empty() {
        return Ok(());
    }
    conn.execute(&ADOPT, &[org.into(), rows().into()]).await?;
    judge_waiting(conn, org, &WAITING_FOR_CODES, rows(), now).await
}

impl Store {
    /// Keeps the listings that a shop showed. Unsent orders that waited for one are judged again.
    ///
    /// # Errors
    /// The database's.
    pub async fn upsert_listings(
        &self,
        org: OrgId,
        shop: ShopId,
        seen: Vec<SeenListing>,
    ) -> Result<()> {
        if seen.is_empty() {
            return Ok(());
        }
        let work = (self.clone(), seen, self.now());
        self.db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (store, seen, now)| {
                Box::pin(upsert(store, conn, org, shop, (seen, *now)))
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Maps a listing to a SKU, or to none, by a person's word: nothing else changes it from then on.
    /// Unsent orders that waited for it are judged again; what has a hold keeps it.
    ///
    /// # Errors
    /// Not found when there is no such listing or SKU.
    pub async fn map_listing(
        &self,
        org: OrgId,
        listing: ListingId,
        sku: Option<SkuId>,
        by: impl Into<Giver>,
    ) -> Result<()> {
        let (work, by) = ((self.clone(), self.now()), by.into());
        self.attempt(Lane::Short, org, work, move |conn, (store, now)| {
            Box::pin(map(store, conn, org, (listing, sku), (by, *now)))
        })
        .await?;
        self.db.notify();
        Ok(())
    }

    /// A listing.
    ///
    /// # Errors
    /// The database's.
    pub async fn listing(&self, org: OrgId, id: ListingId) -> Result<Option<Listing>> {
        let rows: Vec<ListingRow> = self.all(org, &FIND, vec![org.0.into(), id.0.into()]).await?;
        Ok(rows.into_iter().next().map(Listing::from))
    }

    /// Listings that are mapped to nothing, by id, from after an id.
    ///
    /// # Errors
    /// The database's.
    pub async fn unmapped_listings(
        &self,
        org: OrgId,
        after: ListingId,
        limit: i64,
    ) -> Result<Vec<Listing>> {
        let values = vec![org.0.into(), after.0.into(), limit.into()];
        let rows: Vec<ListingRow> = self.all(org, &LIST_UNMAPPED, values).await?;
        Ok(rows.into_iter().map(Listing::from).collect())
    }

    /// The listings of a shop by the channel's product id, from after one (the empty one is before
    /// all).
    ///
    /// # Errors
    /// The database's.
    pub async fn listings(
        &self,
        org: OrgId,
        shop: ShopId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Listing>> {
        let values = vec![org.0.into(), shop.0.into(), after.into(), limit.into()];
        let rows: Vec<ListingRow> = self.all(org, &LIST, values).await?;
        Ok(rows.into_iter().map(Listing::from).collect())
    }

    /// The rows of one statement of an org.
    pub(crate) async fn all<T: Row>(
        &self,
        org: OrgId,
        statement: &'static Statement,
        values: Vec<db::Value>,
    ) -> Result<Vec<T>> {
        let rows = self
            .db
            .read_with(Some(org.0), values, move |conn, values| {
                Box::pin(async move { conn.all(statement, values).await })
            })
            .await?;
        Ok(rows)
    }
}

async fn upsert(
    store: &Store,
    conn: &mut Conn,
    org: OrgId,
    shop: ShopId,
    (seen, now): (&[SeenListing], Time),
) -> db::Result<()> {
    // One row for each product, in their order: the last that was shown counts.
    let products: BTreeMap<&str, &SeenListing> =
        seen.iter().map(|seen| (seen.channel_product_id.as_str(), seen)).collect();
    let (mut rows, mut shown) = (Rows::default(), Rows::default());
    for (product, seen) in products {
        let id = store.ids.next(now);
        let SeenListing { channel_sku, name, active, channel_stock, .. } = seen;
        rows.push(&[&id, &shop.0, &product, channel_sku, name, active, channel_stock, &now.0]);
        shown.push(&[&shop.0, &product]);
    }
    conn.execute(&UPSERT, &[org.0.into(), rows.into()]).await?;
    judge_waiting(conn, org.0, &WAITING_FOR_PRODUCTS, shown, now).await
}

async fn map(
    store: &Store,
    conn: &mut Conn,
    org: OrgId,
    (listing, sku): (ListingId, Option<SkuId>),
    (by, now): (Giver, Time),
) -> db::Result<Result<()>> {
    if sku.is_some() && skus::of_ids(conn, org.0, sku.into_iter()).await?.is_empty() {
        return Ok(Err(Error::NotFound("SKU")));
    }
    let values = [org.0.into(), listing.0.into(), sku.map(|sku| sku.0).into()];
    let Some(mapped) = conn.optional::<MappedRow>(&MAP, &values).await? else {
        return Ok(Err(Error::NotFound("listing")));
    };
    let mut rows = Rows::default();
    rows.push(&[&mapped.shop_id, &mapped.channel_product_id]);
    judge_waiting(conn, org.0, &WAITING_FOR_PRODUCTS, rows, now).await?;
    let mut trail = Trail::default();
    let detail = sku.map_or_else(|| "none".to_owned(), |sku| sku.to_string());
    trail.push(store, now, by, "map_listing", (&listing.to_string(), &detail));
    trail.write(conn, org.0).await?;
    Ok(Ok(()))
}
