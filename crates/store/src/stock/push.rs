//! Telling channels what is left: which listings, from what, and what was said.

use std::collections::{BTreeSet, HashMap};

use dermaga_domain::id::{ListingId, OrgId, ShopId, SkuId};
use dermaga_domain::stock::{Believed, Share};
use dermaga_domain::time::{Span, Time};

use crate::apply::marks;
use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::read::id_rows;
use crate::work::{Mark, Modes, PUSH};

/// An order placed this close to a push may have been taken off before or after it: clocks differ.
const UNSURE: Span = Span::minutes(2);

/// Bundles that hold these SKUs.
static BUNDLES: Statement = Statement::org(
    "push.bundles",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     SELECT b.bundle_id AS id FROM v
     {join} bundle_component b ON b.org_id = $1 AND b.sku_id = v.sku_id",
);

/// Listings that show these SKUs and are told of it.
static SHOWING: Statement = Statement::org(
    "push.showing",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     SELECT l.id, l.shop_id FROM v
     {join} listing l ON l.org_id = $1 AND l.sku_id = v.sku_id
     WHERE l.told",
);

/// Listings that were never told, or of which it is no longer known what they show.
static UNTOLD: Statement = Statement::org(
    "push.untold",
    "SELECT l.id, l.shop_id FROM listing l
     WHERE l.org_id = $1 AND l.shop_id > 0 AND l.told AND l.published IS NULL
       AND l.sku_id IS NOT NULL",
);

static OF_SHOP: Statement = Statement::org(
    "push.of_shop",
    "SELECT l.id, l.shop_id FROM listing l
     WHERE l.org_id = $1 AND l.shop_id = $2 AND l.sku_id IS NOT NULL AND l.push",
);

static LISTINGS: Statement = Statement::org(
    "push.listings",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.id, l.shop_id, l.channel_product_id, l.channel_sku, l.name, l.channel_stock, l.sku_id,
            l.percent, l.buffer, l.cap, l.published, l.pushed_at, l.counted_to
     FROM v {join} listing l ON l.org_id = $1 AND l.id = v.id
     WHERE l.sku_id IS NOT NULL AND l.push",
);

static COMPONENTS: Statement = Statement::org(
    "push.components",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT b.bundle_id, b.sku_id, b.quantity
     FROM v {join} bundle_component b ON b.org_id = $1 AND b.bundle_id = v.id",
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

static FORGET: Statement = Statement::org(
    "push.forget",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     UPDATE listing SET published = NULL FROM v WHERE listing.org_id = $1 AND listing.id = v.id
     RETURNING listing.id, listing.shop_id",
);

static SET_SHOP: Statement =
    Statement::org("push.set_shop", "UPDATE shop SET push = $3 WHERE org_id = $1 AND id = $2");

static SET_TOLD: Statement = Statement::org(
    "push.set_told",
    "UPDATE listing SET told = listing.push AND s.push
     FROM shop s WHERE s.org_id = $1 AND s.id = $2 AND listing.org_id = $1
        AND listing.shop_id = $2",
);

static SET_LISTING: Statement = Statement::org(
    "push.set_listing",
    "UPDATE listing SET push = $3, percent = $4, buffer = $5, cap = $6, told = $3 AND s.push
     FROM shop s WHERE listing.org_id = $1 AND listing.id = $2 AND s.org_id = $1
        AND s.id = listing.shop_id
     RETURNING listing.id, listing.shop_id",
);

static LOG: Statement = Statement::org(
    "push.log",
    "SELECT p.id, p.shop_id, l.channel_product_id, l.channel_sku, p.available, p.believed, p.value,
            p.outcome, p.message, p.at
     FROM push p {join} listing l ON l.org_id = $1 AND l.id = p.listing_id
     WHERE p.org_id = $1 AND p.shop_id = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4",
);

statements![
    BUNDLES,
    SHOWING,
    UNTOLD,
    OF_SHOP,
    LISTINGS,
    COMPONENTS,
    AVAILABLE,
    OWN,
    SET_PUBLISHED,
    INSERT,
    FORGET,
    SET_SHOP,
    SET_TOLD,
    SET_LISTING,
    LOG,
];

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
    /// Units that are available to the shop: of a bundle, whole ones.
    pub available: i64,
    /// How much of it is shown.
    pub share: Share,
    /// What the channel is believed to show.
    pub believed: Believed,
    /// When it was last told.
    pub pushed_at: Option<Time>,
    /// Up to where its own sales are in what is believed now: less than every id made since.
    counted_to: i64,
}

impl ToPush {
    /// What it is to show.
    #[must_use]
    pub fn wanted(&self) -> i64 {
        self.share.of(self.available)
    }
}

/// What came of looking at a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It shows what it should: nothing was sent.
    Nothing,
    /// The channel took the value.
    Taken,
    /// The channel refused it, for good or for now.
    Refused(String),
    /// It is not known whether the channel took it.
    Unknown(String),
}

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
struct KeyRow {
    id: i64,
    shop_id: i64,
}

#[derive(Clone, sqlx::FromRow)]
struct ListingRow {
    id: i64,
    shop_id: i64,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    channel_stock: Option<i64>,
    sku_id: i64,
    percent: i64,
    buffer: i64,
    cap: Option<i64>,
    published: Option<i64>,
    pushed_at: Option<i64>,
    counted_to: i64,
}

#[derive(sqlx::FromRow)]
struct ComponentRow {
    bundle_id: i64,
    sku_id: i64,
    quantity: i64,
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

fn push_mark(row: &KeyRow, now: Time) -> Mark {
    Mark {
        kind: PUSH,
        scope: row.shop_id,
        subject: row.id.to_string(),
        modes: Modes::default(),
        due_at: now,
    }
}

/// Marks for the listings that show SKUs whose levels changed.
pub(crate) async fn showing(
    conn: &mut Conn,
    org: i64,
    skus: impl Iterator<Item = SkuId>,
    now: Time,
) -> db::Result<Vec<Mark>> {
    #[derive(sqlx::FromRow)]
    struct BundleRow {
        id: i64,
    }
    let mut wanted: BTreeSet<i64> = skus.map(|sku| sku.0).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = id_rows(wanted.iter().copied());
    let bundles: Vec<BundleRow> = conn.all(&BUNDLES, &[org.into(), rows.into()]).await?;
    wanted.extend(bundles.into_iter().map(|bundle| bundle.id));
    let rows = id_rows(wanted);
    let found: Vec<KeyRow> = conn.all(&SHOWING, &[org.into(), rows.into()]).await?;
    Ok(found.iter().map(|row| push_mark(row, now)).collect())
}

/// Marks for the listings that were never told.
pub(super) async fn untold(conn: &mut Conn, org: i64, now: Time) -> db::Result<Vec<Mark>> {
    let found: Vec<KeyRow> = conn.all(&UNTOLD, &[org.into()]).await?;
    Ok(found.iter().map(|row| push_mark(row, now)).collect())
}

/// Everything that the values are computed from, read in one transaction.
struct Read {
    listings: Vec<ListingRow>,
    parts: HashMap<i64, Vec<(i64, i64)>>,
    available: HashMap<(i64, i64), i64>,
    own: Vec<OwnRow>,
}

async fn read(conn: &mut Conn, org: i64, ids: &[i64]) -> db::Result<Read> {
    let mut rows = Rows::default();
    for id in ids {
        rows.push(&[id]);
    }
    let listings: Vec<ListingRow> = conn.all(&LISTINGS, &[org.into(), rows.into()]).await?;
    let mut rows = Rows::default();
    for listing in &listings {
        rows.push(&[&listing.sku_id]);
    }
    let found: Vec<ComponentRow> = conn.all(&COMPONENTS, &[org.into(), rows.into()]).await?;
    let mut parts: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
    for part in found {
        let of = parts.entry(part.bundle_id).or_default();
        if !of.contains(&(part.sku_id, part.quantity)) {
            of.push((part.sku_id, part.quantity));
        }
    }
    let (mut wanted, mut owned) = (BTreeSet::new(), Rows::default());
    for listing in &listings {
        let itself = [(listing.sku_id, 1)];
        for (sku, _) in parts.get(&listing.sku_id).map_or(&itself[..], Vec::as_slice) {
            wanted.insert((listing.shop_id, *sku));
            // Of what is not known nothing is taken off.
            if listing.published.is_none() {
                continue;
            }
            let product = &listing.channel_product_id;
            owned.push(&[&listing.id, &listing.shop_id, product, sku, &listing.counted_to]);
        }
    }
    let mut rows = Rows::default();
    for (shop, sku) in wanted {
        rows.push(&[&shop, &sku]);
    }
    let found: Vec<AvailableRow> = conn.all(&AVAILABLE, &[org.into(), rows.into()]).await?;
    let available =
        found.into_iter().map(|row| ((row.shop_id, row.sku_id), row.available)).collect();
    let own = conn.all(&OWN, &[org.into(), owned.into()]).await?;
    Ok(Read { listings, parts, available, own })
}

impl Read {
    fn to_push(&self, listing: &ListingRow, counted_to: i64) -> ToPush {
        let itself = [(listing.sku_id, 1)];
        let parts = self.parts.get(&listing.sku_id).map_or(&itself[..], Vec::as_slice);
        let units = parts.iter().map(|&(sku, times)| {
            let available = self.available.get(&(listing.shop_id, sku)).copied().unwrap_or(0);
            available / times.max(1)
        });
        let sure_from = listing.pushed_at.map(|at| Time(at).plus(UNSURE));
        let mut believed = Believed { published: listing.published, ..Believed::default() };
        for line in self.own.iter().filter(|line| line.listing_id == listing.id) {
            let placed = line.ordered_at.map(Time);
            if placed > sure_from {
                believed.own += line.quantity;
            } else {
                believed.unsure = true;
            }
        }
        ToPush {
            listing: ListingId(listing.id),
            shop: ShopId(listing.shop_id),
            channel_product_id: listing.channel_product_id.clone(),
            channel_sku: listing.channel_sku.clone(),
            name: listing.name.clone(),
            channel_stock: listing.channel_stock,
            available: units.min().unwrap_or(0),
            share: Share { percent: listing.percent, buffer: listing.buffer, cap: listing.cap },
            believed,
            pushed_at: listing.pushed_at.map(Time),
            counted_to,
        }
    }
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
        let (outcome, message) = match said {
            Said::Nothing => (None, None),
            Said::Taken => (Some("taken"), None),
            Said::Refused(why) => (Some("refused"), Some(why)),
            Said::Unknown(why) => (Some("unknown"), Some(why)),
        };
        let (published, pushed_at) = match said {
            Said::Nothing => (Some(value), from.pushed_at),
            Said::Taken => (Some(value), Some(now)),
            // What it refused it does not show; what it may have taken is not known.
            Said::Refused(_) => (believed, from.pushed_at),
            Said::Unknown(_) => (None, Some(now)),
        };
        let pushed_at = pushed_at.map(|at| at.0);
        listings.push(&[&from.listing.0, &published, &pushed_at, &from.counted_to]);
        if let Some(outcome) = outcome {
            log.push(&[
                &store.ids.next(now),
                &from.shop.0,
                &from.listing.0,
                &from.available,
                &believed,
                &value,
                &outcome,
                &message,
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

    async fn listings_of(&self, org: OrgId, shop: ShopId) -> Result<Vec<KeyRow>> {
        self.all(org, &OF_SHOP, vec![org.0.into(), shop.0.into()]).await
    }

    /// What listings show is no longer known: they are told again.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_published(&self, org: OrgId, listings: Vec<ListingId>) -> Result<()> {
        let now = self.now();
        let mut rows = Rows::default();
        for listing in &listings {
            rows.push(&[&listing.0]);
        }
        let rows = db::Value::from(rows);
        self.db
            .write_with(Lane::Short, Some(org.0), rows, move |conn, rows| {
                Box::pin(async move {
                    let found: Vec<KeyRow> =
                        conn.all(&FORGET, &[org.0.into(), rows.clone()]).await?;
                    let wanted: Vec<Mark> = found.iter().map(|row| push_mark(row, now)).collect();
                    marks::write(conn, org.0, &wanted, &[]).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Whether a shop's channel is told what is left. Switched on, it is told of every listing.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_shop_push(&self, org: OrgId, shop: ShopId, on: bool, by: Giver) -> Result<()> {
        let now = self.now();
        let what = if on { "on" } else { "off" };
        let said = Trail::one(self, by, "shop.push", (&shop.to_string(), what)).packed();
        let listings = if on { self.listings_of(org, shop).await? } else { Vec::new() };
        let wanted: Vec<Mark> = listings.iter().map(|row| push_mark(row, now)).collect();
        self.db
            .write_with(Lane::Short, Some(org.0), (wanted, said), move |conn, (wanted, said)| {
                Box::pin(async move {
                    let values = [org.0.into(), shop.0.into(), on.into()];
                    conn.execute(&SET_SHOP, &values).await?;
                    audit::write(conn, org.0, said).await?;
                    conn.execute(&SET_TOLD, &[org.0.into(), shop.0.into()]).await?;
                    marks::write(conn, org.0, wanted, &[]).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Sets whether a listing is told what is left, and how much of it.
    ///
    /// # Errors
    /// The database's; [`crate::Error::NotFound`] when there is no such listing.
    pub async fn set_listing_push(
        &self,
        org: OrgId,
        id: ListingId,
        push: bool,
        share: Share,
    ) -> Result<()> {
        let now = self.now();
        let found = self
            .db
            .write(Lane::Short, Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        id.0.into(),
                        push.into(),
                        share.percent.into(),
                        share.buffer.into(),
                        share.cap.into(),
                    ];
                    let row: Option<KeyRow> = conn.optional(&SET_LISTING, &values).await?;
                    if let Some(row) = &row {
                        marks::write(conn, org.0, &[push_mark(row, now)], &[]).await?;
                    }
                    Ok(row.is_some())
                })
            })
            .await?;
        self.db.notify();
        if found { Ok(()) } else { Err(crate::Error::NotFound("listing")) }
    }

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
