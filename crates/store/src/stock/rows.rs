//! Levels and holdings as the database gives them.

use dermaga_domain::id::{LineId, SkuId, WarehouseId};
use dermaga_domain::stock::{Holding, HoldingKey, Level, LevelKey, Terms};
use dermaga_domain::time::Time;

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LevelRow {
    pub(crate) sku_id: i64,
    pub(crate) warehouse_id: i64,
    pub(crate) on_hand: i64,
    pub(crate) allocated: i64,
    pub(crate) reserved: i64,
    pub(crate) reserved_unpaid: i64,
    pub(crate) short: i64,
    pub(crate) version: i64,
}

impl LevelRow {
    pub(crate) const fn entry(&self) -> (LevelKey, Level) {
        let key = LevelKey { sku: SkuId(self.sku_id), warehouse: WarehouseId(self.warehouse_id) };
        let level = Level {
            on_hand: self.on_hand,
            allocated: self.allocated,
            reserved: self.reserved,
            reserved_unpaid: self.reserved_unpaid,
            short: self.short,
            version: self.version,
        };
        (key, level)
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct HoldingRow {
    pub(crate) order_id: i64,
    pub(crate) line_id: i64,
    pub(crate) sku_id: i64,
    pub(crate) warehouse_id: i64,
    pub(crate) want: i64,
    pub(crate) reserved: i64,
    pub(crate) allocated: i64,
    pub(crate) sold: i64,
    pub(crate) short: i64,
    pub(crate) found: i64,
    pub(crate) revision: i64,
    pub(crate) buyer_paid: bool,
    pub(crate) ship_by: Option<i64>,
}

impl HoldingRow {
    pub(crate) fn entry(&self) -> (HoldingKey, Holding) {
        let key = HoldingKey {
            line: LineId(self.line_id),
            sku: SkuId(self.sku_id),
            warehouse: WarehouseId(self.warehouse_id),
        };
        let holding = Holding {
            want: self.want,
            reserved: self.reserved,
            allocated: self.allocated,
            sold: self.sold,
            short: self.short,
            found: self.found,
            revision: self.revision,
            terms: Terms { buyer_paid: self.buyer_paid, ship_by: self.ship_by.map(Time) },
        };
        (key, holding)
    }
}
