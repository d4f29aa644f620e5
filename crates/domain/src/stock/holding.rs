//! Holdings: what one order line wants and has of one SKU in one warehouse.

use crate::id::{LineId, SkuId, WarehouseId};
use crate::stock::LevelKey;
use crate::term::UnknownWord;
use crate::time::Time;

/// What a line is to hold of a SKU, in units, over all warehouses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Target {
    /// Held softly, as far as it is there.
    pub reserve: i64,
    /// Held firmly; what is not there is short.
    pub allocate: i64,
    /// Gone.
    pub sold: i64,
}

impl Target {
    /// The same for a component that is in each unit `times` times.
    #[must_use]
    pub const fn times(self, times: i64) -> Self {
        Self {
            reserve: self.reserve * times,
            allocate: self.allocate * times,
            sold: self.sold * times,
        }
    }

    /// All units wanted.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.reserve + self.allocate + self.sold
    }
}

/// What decides who goes first when stock is scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Terms {
    /// The buyer has paid: the reservation never gives way.
    pub buyer_paid: bool,
    /// By when it must be shipped; none = last.
    pub ship_by: Option<Time>,
}

/// Which holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldingKey {
    /// The order line.
    pub line: LineId,
    /// The SKU; a bundle's line has a holding for each component.
    pub sku: SkuId,
    /// The warehouse.
    pub warehouse: WarehouseId,
}

impl HoldingKey {
    /// The level it holds from.
    #[must_use]
    pub const fn level(self) -> LevelKey {
        LevelKey { sku: self.sku, warehouse: self.warehouse }
    }
}

/// What a line wants and has of a SKU in a warehouse, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Holding {
    /// Wanted here.
    pub want: i64,
    /// Held softly.
    pub reserved: i64,
    /// Held firmly.
    pub allocated: i64,
    /// Gone.
    pub sold: i64,
    /// Wanted by an invoice and not there.
    pub short: i64,
    /// Of the units sold, those that were not on hand by the books.
    pub found: i64,
    /// Counts the changes; with the key it names a movement.
    pub revision: i64,
    /// Who goes first.
    pub terms: Terms,
}

impl Holding {
    /// Reserved units whose buyer has not paid.
    #[must_use]
    pub const fn reserved_unpaid(&self) -> i64 {
        if self.terms.buyer_paid { 0 } else { self.reserved }
    }

    /// Wanted but not held: an invoice's short, or what a sales order could not reserve.
    #[must_use]
    pub const fn open(&self) -> i64 {
        self.want - self.reserved - self.allocated - self.sold
    }
}

/// Kinds of lines in the stock ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    /// The first count of a SKU.
    Opening,
    /// Goods came in.
    Receipt,
    /// A sales order holds softly.
    Reserve,
    /// An invoice holds firmly.
    Allocate,
    /// A hold was given up.
    Release,
    /// Goods left for a buyer.
    Sale,
    /// Goods came back from a buyer, or never left after all.
    Return,
    /// A person corrected the books.
    Adjustment,
    /// From one warehouse to another.
    Transfer,
    /// A shelf was counted.
    Count,
    /// Sent although it was not on hand by the books.
    Found,
}

impl MovementKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Opening,
        Self::Receipt,
        Self::Reserve,
        Self::Allocate,
        Self::Release,
        Self::Sale,
        Self::Return,
        Self::Adjustment,
        Self::Transfer,
        Self::Count,
        Self::Found,
    ];

    /// The fixed spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Receipt => "receipt",
            Self::Reserve => "reserve",
            Self::Allocate => "allocate",
            Self::Release => "release",
            Self::Sale => "sale",
            Self::Return => "return",
            Self::Adjustment => "adjustment",
            Self::Transfer => "transfer",
            Self::Count => "count",
            Self::Found => "found",
        }
    }
}

impl std::str::FromStr for MovementKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownWord {
            term: "movement",
            found: text.to_owned(),
            allowed: Self::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// A line of the ledger: by how much a level changed, and for which holding.
///
/// The deltas of a level's movements sum to the level; those of a holding's to what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Movement {
    /// Which level.
    pub level: LevelKey,
    /// Which line's holding and its revision; none = not for an order.
    pub holding: Option<(LineId, i64)>,
    /// Why.
    pub kind: MovementKind,
    /// Change of on hand.
    pub on_hand: i64,
    /// Change of allocated.
    pub allocated: i64,
    /// Change of reserved.
    pub reserved: i64,
    /// Change of short.
    pub short: i64,
}
