//! Telling channels what is left: which listings, from what, and what was said.

use std::collections::BTreeSet;

use dermaga_domain::id::{ListingId, OrgId, ShopId, SkuId};
use dermaga_domain::stock::Share;
use dermaga_domain::time::Time;

use crate::apply::marks;
use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement};
use crate::error::Result;
use crate::open::Store;
use crate::read::id_rows;
use crate::work::{Mark, Modes, PUSH};

mod log;
mod read;

pub(crate) use log::write_pushed;
pub use log::{PushEntry, Pushed};
pub use read::ToPush;

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

/// Every statement on what channels are told.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static Statement> {
    let own = [&BUNDLES, &SHOWING, &UNTOLD, &OF_SHOP, &FORGET, &SET_SHOP, &SET_TOLD, &SET_LISTING];
    [&own[..], read::STATEMENTS, log::STATEMENTS].concat()
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: i64,
    shop_id: i64,
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

impl Store {
    async fn listings_of(&self, org: OrgId, shop: ShopId) -> Result<Vec<KeyRow>> {
        self.all(org, &OF_SHOP, vec![org.0.into(), shop.0.into()]).await
    }

    /// What listings show is no longer known: they are told again.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_published(&self, org: OrgId, listings: Vec<ListingId>) -> Result<()> {
        let now = self.now();
        let rows = db::Value::from(id_rows(listings.iter().map(|listing| listing.0)));
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
}
