//! What listings are to show, and what they are believed to show.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use dermaga_domain::id::{ListingId, OrgId, ShopId, SkuId};
use dermaga_domain::stock::{Believed, Share, whole};
use dermaga_domain::time::Time;

use crate::db::{self, Conn, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::read::id_rows;
use crate::stock::components::{self, Components};

static LISTINGS: Statement = Statement::org(
    "push.listings",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.id, l.shop_id, l.channel_product_id, l.channel_sku, l.name, l.channel_stock, l.seen_at, l.sku_id,
            l.percent, l.buffer, l.cap, l.published, l.pushed_at, l.counted_to
     FROM v {join} listing l ON l.org_id = $1 AND l.id = v.id
     WHERE l.sku_id IS NOT NULL AND l.push",
);

static AVAILABLE: Statement = Statement::org(
    "push.available",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, sku_id bigint})
     SELECT v.shop_id, v.sku_id,
            CAST(SUM(sl.on_hand - sl.allocated - sl.reserved) AS BIGINT) AS available
     FROM v {join} shop_source ss ON ss.org_id = $1 AND ss.shop_id = v.shop_id
     {join} stock_level sl ON sl.org_id = $1 AND sl.sku_id = v.sku_id
        AND sl.warehouse_id = ss.warehouse_id
     GROUP BY v.shop_id, v.sku_id",
);

/// Lines of a shop's own orders that took units for the first time since they were counted.
static OWN: Statement = Statement::org(
    "push.own",
    "WITH v AS MATERIALIZED ({rows $2: listing_id bigint, shop_id bigint, product text,
        sku_id bigint, since bigint})
     SELECT DISTINCT v.listing_id, ol.id, ol.quantity, o.ordered_at
     FROM v {join} shop_source ss ON ss.org_id = $1 AND ss.shop_id = v.shop_id
     {join} movement m ON m.org_id = $1 AND m.sku_id = v.sku_id
        AND m.warehouse_id = ss.warehouse_id AND m.id > v.since
     {join} orders o ON o.org_id = $1 AND o.id = m.order_id
     {join} order_line ol ON ol.org_id = $1 AND ol.order_id = m.order_id AND ol.id = m.line_id
     WHERE m.revision = 1 AND o.shop_id = v.shop_id AND ol.channel_product_id = v.product",
);

statements![LISTINGS, AVAILABLE, OWN];

/// A listing with what it is to show, and what it is believed to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPush {
    /// The listing.
    pub listing: ListingId,
    /// Its shop.
    pub shop: ShopId,
    /// The channel's id of the product.
    pub channel_product_id: String,
    /// The seller's code there.
    pub channel_sku: String,
    /// Its name there.
    pub name: String,
    /// What the channel showed when it was last read.
    pub channel_stock: Option<i64>,
    /// When that was.
    pub seen_at: Time,
    /// Units that are available to the shop: of a bundle, whole ones.
    pub available: i64,
    /// How much of it is shown.
    pub share: Share,
    /// What the channel is believed to show.
    pub believed: Believed,
    /// When it was last told.
    pub pushed_at: Option<Time>,
    /// Up to where its own sales are in what is believed now: less than every id made since.
    pub(super) counted_to: i64,
}

impl ToPush {
    /// What it is to show.
    #[must_use]
    pub fn wanted(&self) -> i64 {
        self.share.of(self.available)
    }
}

#[derive(Clone, sqlx::FromRow)]
struct ListingRow {
    id: i64,
    shop_id: i64,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    channel_stock: Option<i64>,
    seen_at: i64,
    sku_id: i64,
    percent: i64,
    buffer: i64,
    cap: Option<i64>,
    published: Option<i64>,
    pushed_at: Option<i64>,
    counted_to: i64,
}

#[derive(sqlx::FromRow)]
struct AvailableRow {
    shop_id: i64,
    sku_id: i64,
    available: i64,
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    listing_id: i64,
    quantity: i64,
    ordered_at: Option<i64>,
}

/// Everything that the values are computed from, read in one transaction.
struct Read {
    listings: Vec<ListingRow>,
    components: Components,
    available: HashMap<(i64, SkuId), i64>,
    own: HashMap<i64, Vec<OwnRow>>,
}

async fn read(conn: &mut Conn, org: i64, ids: &[i64]) -> db::Result<Read> {
    let rows = id_rows(ids.iter().copied());
    let listings: Vec<ListingRow> = conn.all(&LISTINGS, &[org.into(), rows.into()]).await?;
    let components = components::of(conn, org, listings.iter().map(|it| it.sku_id)).await?;
    let (mut wanted, mut owned) = (BTreeSet::new(), Rows::default());
    for listing in &listings {
        for (sku, _) in listing.parts(&components).iter() {
            wanted.insert((listing.shop_id, sku.0));
            // Of what is not known nothing is taken off.
            if listing.published.is_none() {
                continue;
            }
            let product = &listing.channel_product_id;
            owned.push(&[&listing.id, &listing.shop_id, product, &sku.0, &listing.counted_to]);
        }
    }
    let mut rows = Rows::default();
    for (shop, sku) in wanted {
        rows.push(&[&shop, &sku]);
    }
    let found: Vec<AvailableRow> = conn.all(&AVAILABLE, &[org.into(), rows.into()]).await?;
    let available =
        found.into_iter().map(|row| ((row.shop_id, SkuId(row.sku_id)), row.available)).collect();
    let mut own: HashMap<i64, Vec<OwnRow>> = HashMap::new();
    let found: Vec<OwnRow> = conn.all(&OWN, &[org.into(), owned.into()]).await?;
    for sold in found {
        own.entry(sold.listing_id).or_default().push(sold);
    }
    Ok(Read { listings, components, available, own })
}

impl ListingRow {
    /// What one of it takes: of a bundle its components, else itself.
    fn parts<'a>(&self, components: &'a Components) -> Cow<'a, [(SkuId, i64)]> {
        match components.get(&self.sku_id) {
            Some(parts) => Cow::Borrowed(parts),
            None => Cow::Owned(vec![(SkuId(self.sku_id), 1)]),
        }
    }
}

impl Read {
    fn to_push(&self, listing: &ListingRow, counted_to: i64) -> ToPush {
        let parts = listing.parts(&self.components);
        let units = parts.iter().map(|&(sku, each)| {
            (self.available.get(&(listing.shop_id, sku)).copied().unwrap_or(0), each)
        });
        let pushed_at = listing.pushed_at.map(Time);
        let mut believed = Believed { published: listing.published, ..Believed::default() };
        for line in self.own.get(&listing.id).into_iter().flatten() {
            believed.sold(line.quantity, line.ordered_at.map(Time), pushed_at);
        }
        ToPush {
            listing: ListingId(listing.id),
            shop: ShopId(listing.shop_id),
            channel_product_id: listing.channel_product_id.clone(),
            channel_sku: listing.channel_sku.clone(),
            name: listing.name.clone(),
            channel_stock: listing.channel_stock,
            seen_at: Time(listing.seen_at),
            available: whole(units),
            share: Share { percent: listing.percent, buffer: listing.buffer, cap: listing.cap },
            believed,
            pushed_at,
            counted_to,
        }
    }
}

impl Store {
    /// What listings are to show and what they are believed to show. Without ids: of a whole shop.
    ///
    /// # Errors
    /// The database's.
    pub async fn to_push(
        &self,
        org: OrgId,
        shop: ShopId,
        ids: Option<Vec<ListingId>>,
    ) -> Result<Vec<ToPush>> {
        let ids: Vec<i64> = match ids {
            Some(ids) => ids.into_iter().map(|id| id.0).collect(),
            None => self.listings_of(org, shop).await?.into_iter().map(|row| row.id).collect(),
        };
        // Before the read: what is written meanwhile is at worst counted twice, and then told again.
        let counted_to = self.next_id();
        let found = self
            .db
            .read(Some(org.0), move |conn| {
                let ids = ids.clone();
                Box::pin(async move { read(conn, org.0, &ids).await })
            })
            .await?;
        Ok(found.listings.iter().map(|listing| found.to_push(listing, counted_to)).collect())
    }
}
