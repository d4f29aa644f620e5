//! What people and programs do to stock by hand.

use dermaga_domain::id::{ListingId, SkuId};
use dermaga_store::command::Giver;
use dermaga_store::once::{Earlier, Once};
use dermaga_store::read::Scope;
use dermaga_store::stock::{Moved, Opened, OpeningRow, StockMove};

use crate::engine::Engine;
use crate::error::{Error, Result};

/// Rows of opening stock that are taken at once: one transaction holds the levels of all of them.
pub const OPENING_ROWS_MAX: usize = 5_000;

impl Engine {
    /// Changes what is on hand, all of it or nothing; a request that came before moves nothing and
    /// gives what came of it then.
    ///
    /// # Errors
    /// Not found when they do not see the warehouse; refused when something would be less than nothing
    /// or a SKU is a bundle; changed when it is no
    /// longer as it was seen.
    pub async fn move_stock(
        &self,
        scope: &Scope,
        moves: Vec<StockMove>,
        once: Option<Once>,
    ) -> Result<Result<Vec<Moved>, Earlier<Vec<Moved>>>> {
        if !moves.iter().all(|asked| scope.sees_warehouse(asked.warehouse)) {
            return Err(Error::Store(dermaga_store::Error::NotFound("warehouse")));
        }
        Ok(self.store().move_stock_once(scope.org, moves, once).await?)
    }

    /// Puts opening stock on the shelves. Gives for each row what it came to; a
    /// request that came before changes nothing and gives how many were taken and refused then.
    ///
    /// # Errors
    /// Too many rows at once, or the store's.
    pub async fn open_stock(
        &self,
        scope: &Scope,
        rows: Vec<OpeningRow>,
        by: Giver,
        once: Option<Once>,
    ) -> Result<Result<Vec<Opened>, Earlier<(i64, i64)>>> {
        bounded(&rows)?;
        Ok(self.store().import_opening_once(scope, rows, by, once).await?)
    }

    /// What [`Engine::open_stock`] would come to; nothing is written.
    ///
    /// # Errors
    /// Too many rows at once, or the store's.
    pub async fn preview_opening(
        &self,
        scope: &Scope,
        rows: Vec<OpeningRow>,
    ) -> Result<Vec<Opened>> {
        bounded(&rows)?;
        Ok(self.store().preview_opening(scope, rows).await?)
    }

    /// Says which SKU a listing is, by a person's word; unsent orders that waited for it are judged
    /// again.
    ///
    /// # Errors
    /// The store's, or that there is no such listing or SKU.
    pub async fn map_listing(
        &self,
        scope: &Scope,
        listing: ListingId,
        sku: Option<SkuId>,
        by: Giver,
    ) -> Result<()> {
        let found = self.store().listing(scope.org, listing).await?;
        if !found.is_some_and(|found| scope.sees(found.shop)) {
            return Err(Error::Store(dermaga_store::Error::NotFound("listing")));
        }
        Ok(self.store().map_listing(scope.org, listing, sku, by).await?)
    }
}

fn bounded(rows: &[OpeningRow]) -> Result<()> {
    if rows.len() > OPENING_ROWS_MAX {
        let told = format!("at most {OPENING_ROWS_MAX} rows at once; this has {}", rows.len());
        return Err(Error::Refused(told));
    }
    Ok(())
}
