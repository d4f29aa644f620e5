//! Shortage: who gives way when more is held than is there, and who is served when stock comes free.

use std::cmp::Reverse;

use crate::id::LineId;
use crate::stock::{Holding, HoldingKey, LevelKey, Shelf};

impl Shelf {
    /// Takes holds away until no more is held than is there.
    ///
    /// All holdings of the level that reserve or allocate must be on the shelf. Unpaid reservations
    /// give way first, then paid ones, then allocations (which become short); among equals the one
    /// with the latest ship-by, then the youngest line. Gives the lines that lost something.
    pub fn cut(&mut self, level: LevelKey) -> Vec<LineId> {
        let mut lost = Vec::new();
        for class in [Class::UnpaidReservation, Class::PaidReservation, Class::Allocation] {
            for key in self.in_order_of_giving_way(level, class) {
                let over = -self.level(level).available();
                if over <= 0 {
                    return lost;
                }
                let Some(mut holding) = self.holding(key) else { continue };
                class.take(&mut holding, over);
                if class == Class::Allocation {
                    self.note_cut(level);
                }
                self.replace(key, holding);
                lost.push(key.line);
            }
        }
        lost
    }

    fn in_order_of_giving_way(&self, level: LevelKey, class: Class) -> Vec<HoldingKey> {
        let mut found: Vec<(HoldingKey, Holding)> =
            self.holdings_at(level).filter(|(_, holding)| class.holds(holding) > 0).collect();
        found.sort_by_key(|(key, holding)| {
            let ship_by = holding.terms.ship_by;
            Reverse((ship_by.is_none(), ship_by, key.line))
        });
        found.into_iter().map(|(key, _)| key).collect()
    }
}

/// The classes of holds, in the order in which they give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    UnpaidReservation,
    PaidReservation,
    Allocation,
}

impl Class {
    const fn holds(self, holding: &Holding) -> i64 {
        match self {
            Self::UnpaidReservation => holding.reserved_unpaid(),
            Self::PaidReservation => holding.reserved - holding.reserved_unpaid(),
            Self::Allocation => holding.allocated,
        }
    }

    fn take(self, holding: &mut Holding, over: i64) {
        let taken = over.min(self.holds(holding));
        match self {
            Self::UnpaidReservation | Self::PaidReservation => holding.reserved -= taken,
            Self::Allocation => {
                holding.allocated -= taken;
                holding.short += taken;
            }
        }
    }
}
