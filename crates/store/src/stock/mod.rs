//! Stock: SKUs, what is on hand, who holds it, and how listings find their SKU.
//!
//! The ledger comes first: a level changes only together with a movement, under the level's lock. The
//! rules of who gets what are the domain's; here they are read onto a shelf and written back.

pub(crate) mod books;
pub(crate) mod components;
mod csv;
mod drift;
mod fill;
pub(crate) mod incident;
mod listings;
mod moves;
mod opening;
pub(crate) mod push;
pub(crate) mod rows;
mod skus;

pub use csv::{OpeningFile, OpeningRow, RowError, RowTrouble, parse_opening};
pub use drift::Drift;
pub use listings::{Listing, Mapper, SeenListing};
pub use moves::{Change, Moved, StockMove};
pub use opening::Opened;
pub use push::{PushEntry, Pushed, ToPush};
pub use skus::{NewSku, Sku};

/// Every statement on stock.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static crate::db::Statement> {
    [
        books::STATEMENTS,
        components::STATEMENTS,
        drift::STATEMENTS,
        fill::STATEMENTS,
        incident::STATEMENTS,
        listings::STATEMENTS,
        moves::STATEMENTS,
        opening::STATEMENTS,
        &push::statements()[..],
        skus::STATEMENTS,
    ]
    .concat()
}
