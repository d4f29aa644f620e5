//! What is due is worked off in rounds, one a shop, side by side: no shop waits for another.

use std::collections::BTreeMap;

use dermaga_domain::id::{OrgId, ShopId};
use dermaga_store::Shop;
use futures_util::future::join_all;

use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Gives each shop its part of what is due, in a round of its own; sums what the rounds say. A
    /// shop that is no longer there is none.
    ///
    /// # Errors
    /// The store's, or the first of a round.
    pub(crate) async fn rounds<T, F>(
        &self,
        org: OrgId,
        due: Vec<T>,
        shop_of: impl Fn(&T) -> ShopId,
        round: impl Fn(Option<Shop>, Vec<T>) -> F,
    ) -> Result<usize>
    where
        F: Future<Output = Result<usize>>,
    {
        if due.is_empty() {
            return Ok(0);
        }
        let mut of_shop: BTreeMap<ShopId, Vec<T>> = BTreeMap::new();
        for one in due {
            of_shop.entry(shop_of(&one)).or_default().push(one);
        }
        let shops = self.store().shops(org, None).await?;
        let rounds = of_shop.into_iter().map(|(id, part)| {
            let shop = shops.iter().find(|shop| shop.id == id).cloned();
            round(shop, part)
        });
        join_all(rounds).await.into_iter().sum()
    }
}
