//! Acts of people on an order's documents.

use dermaga_channel::Listing;
use dermaga_domain::id::{OrderId, OrgId, ShopId};
use dermaga_store::apply::{Applied, Batch, Heard, NewAct};
use dermaga_store::stock::SeenListing;

use crate::engine::Engine;
use crate::error::{Error, Result};

impl Engine {
    /// Records what a person did to an order's document; it outranks the channel until released.
    ///
    /// # Errors
    /// When there is no such order, or the store's.
    pub async fn act(&self, org: OrgId, order: OrderId, act: NewAct) -> Result<Applied> {
        let found = self.store().orders_by_id(org, &[order]).await?;
        let Some((_, shop, channel_order_id)) = found.into_iter().next() else {
            return Err(Error::Store(dermaga_store::Error::NotFound("order")));
        };
        let mut heard = Heard::of(shop, &channel_order_id);
        heard.acts.push(act);
        let batch = Batch { heard: vec![heard], ..Batch::new(org) };
        Ok(self.store().apply(batch).await?)
    }

    /// Keeps what a shop offers.
    pub(crate) async fn keep_listings(
        &self,
        org: OrgId,
        shop: ShopId,
        listings: Vec<Listing>,
    ) -> Result<()> {
        let rows = listings
            .into_iter()
            .map(|listing| SeenListing {
                channel_product_id: listing.channel_product_id,
                channel_sku: listing.channel_sku,
                name: listing.name,
                active: listing.active,
                channel_stock: listing.stock,
            })
            .collect();
        self.store().upsert_listings(org, shop, rows).await?;
        Ok(())
    }
}
