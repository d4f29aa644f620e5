//! Stock levels.

use crate::id::{SkuId, WarehouseId};

/// One SKU in one warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelKey {
    /// The SKU.
    pub sku: SkuId,
    /// The warehouse.
    pub warehouse: WarehouseId,
}

/// What is there of a SKU in a warehouse, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Level {
    /// On the shelf.
    pub on_hand: i64,
    /// Held firmly by invoices.
    pub allocated: i64,
    /// Held softly by sales orders.
    pub reserved: i64,
    /// Of the reserved units, those whose buyers have not paid.
    pub reserved_unpaid: i64,
    /// Wanted by invoices and not there.
    pub short: i64,
    /// Rises with every change; fences what is told to channels.
    pub version: i64,
}

impl Level {
    /// What can be offered: never negative once a shelf is at rest.
    #[must_use]
    pub const fn available(&self) -> i64 {
        self.on_hand - self.allocated - self.reserved
    }
}
