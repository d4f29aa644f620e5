//! Acts of people on an order's documents.

use dermaga_channel::Listing;
use dermaga_domain::id::{OrderId, OrgId, ShopId};
use dermaga_domain::order::{ActKind, judge};
use dermaga_store::apply::{Applied, Batch, Heard, NewAct};
use dermaga_store::read::Scope;
use dermaga_store::stock::SeenListing;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// What came of something that is said of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// It is recorded.
    Done,
    /// The order stood so already: nothing is recorded.
    WasSo,
    /// It cannot be said of the order as it stands; these can.
    NotOpen(Vec<ActKind>),
}

impl Engine {
    /// Records what somebody says of an order's document, if it can be said of it as it stands.
    ///
    /// # Errors
    /// When there is no such order, or it is not theirs to see; the store's.
    pub async fn say(&self, scope: &Scope, order: OrderId, act: NewAct) -> Result<Acted> {
        let case = self.store().order_case(scope, order).await?;
        let case = case.ok_or(dermaga_store::Error::NotFound("order"))?;
        let (state, held) = (judge(case.case()), case.case().acts);
        let open = ActKind::open(&state, held);
        if !open.contains(&act.kind) {
            return Ok(if act.kind.is_so(&state, held) {
                Acted::WasSo
            } else {
                Acted::NotOpen(open)
            });
        }
        self.act(scope.org, order, act).await?;
        Ok(Acted::Done)
    }

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
