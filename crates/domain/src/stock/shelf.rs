//! The shelf: the working copy of levels and holdings while a batch is settled.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{LineId, SkuId};
use crate::stock::{Holding, HoldingKey, Level, LevelKey, Movement, MovementKind};

/// Units that were sent although the books did not have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Found {
    /// By which line.
    pub line: LineId,
    /// From which level.
    pub level: LevelKey,
    /// How many.
    pub quantity: i64,
}

/// Levels and holdings in memory, and the movements that settling them has caused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    levels: BTreeMap<LevelKey, Level>,
    holdings: BTreeMap<HoldingKey, Holding>,
    changed_levels: BTreeSet<LevelKey>,
    changed_holdings: BTreeSet<HoldingKey>,
    movements: Vec<Movement>,
    found: Vec<Found>,
    /// Levels from which an allocation was taken away.
    cut: BTreeSet<LevelKey>,
}

impl Shelf {
    /// Puts a level on the shelf.
    pub fn put_level(&mut self, key: LevelKey, level: Level) {
        self.levels.entry(key).or_insert(level);
    }

    /// Puts a holding on the shelf; one that is there already stays as it is.
    pub fn put_holding(&mut self, key: HoldingKey, holding: Holding) {
        self.holdings.entry(key).or_insert(holding);
    }

    /// The level; one that was never heard of is empty.
    #[must_use]
    pub fn level(&self, key: LevelKey) -> Level {
        self.levels.get(&key).copied().unwrap_or_default()
    }

    /// The holding, if there is one.
    #[must_use]
    pub fn holding(&self, key: HoldingKey) -> Option<Holding> {
        self.holdings.get(&key).copied()
    }

    /// Every level of a SKU that is on the shelf.
    pub fn levels_of(&self, sku: SkuId) -> impl Iterator<Item = (LevelKey, Level)> {
        let key = |edge| LevelKey { sku, warehouse: crate::id::WarehouseId(edge) };
        self.levels.range(key(i64::MIN)..=key(i64::MAX)).map(|(&key, &level)| (key, level))
    }

    /// Every holding of a line's SKU, by warehouse.
    pub fn holdings_of(
        &self,
        line: LineId,
        sku: SkuId,
    ) -> impl Iterator<Item = (HoldingKey, Holding)> {
        let first = HoldingKey { line, sku, warehouse: crate::id::WarehouseId(i64::MIN) };
        let last = HoldingKey { line, sku, warehouse: crate::id::WarehouseId(i64::MAX) };
        self.holdings.range(first..=last).map(|(&key, &holding)| (key, holding))
    }

    /// Every holding of a line, whatever the SKU.
    pub fn holdings_of_line(&self, line: LineId) -> impl Iterator<Item = (HoldingKey, Holding)> {
        let key =
            |edge| HoldingKey { line, sku: SkuId(edge), warehouse: crate::id::WarehouseId(edge) };
        self.holdings.range(key(i64::MIN)..=key(i64::MAX)).map(|(&key, &holding)| (key, holding))
    }

    /// Every holding of a level.
    pub fn holdings_at(&self, level: LevelKey) -> impl Iterator<Item = (HoldingKey, Holding)> {
        self.holdings
            .iter()
            .filter(move |(key, _)| key.level() == level)
            .map(|(&key, &holding)| (key, holding))
    }

    /// Writes a holding and its level together, and the ledger line for the difference.
    pub(crate) fn replace(&mut self, key: HoldingKey, mut after: Holding) {
        let before = self.holding(key).unwrap_or_default();
        after.revision = before.revision;
        if before == after {
            return;
        }
        let sold = after.sold - before.sold;
        let movement = Movement {
            level: key.level(),
            holding: Some((key.line, before.revision + 1)),
            kind: kind_of(&before, &after),
            on_hand: -sold,
            allocated: after.allocated - before.allocated,
            reserved: after.reserved - before.reserved,
            short: after.short - before.short,
        };
        let unpaid = after.reserved_unpaid() - before.reserved_unpaid();
        let moved = movement.on_hand != 0
            || movement.allocated != 0
            || movement.reserved != 0
            || movement.short != 0;
        if moved {
            after.revision += 1;
            self.movements.push(movement);
        }
        if moved || unpaid != 0 {
            let level = self.levels.entry(key.level()).or_default();
            level.on_hand += movement.on_hand;
            level.allocated += movement.allocated;
            level.reserved += movement.reserved;
            level.reserved_unpaid += unpaid;
            level.short += movement.short;
            self.changed_levels.insert(key.level());
        }
        self.holdings.insert(key, after);
        self.changed_holdings.insert(key);
    }

    /// Changes what is on hand for another reason than an order.
    pub fn move_on_hand(&mut self, level: LevelKey, kind: MovementKind, quantity: i64) {
        if quantity == 0 {
            return;
        }
        self.levels.entry(level).or_default().on_hand += quantity;
        self.changed_levels.insert(level);
        self.movements.push(Movement {
            level,
            holding: None,
            kind,
            on_hand: quantity,
            allocated: 0,
            reserved: 0,
            short: 0,
        });
    }

    pub(crate) fn note_found(&mut self, found: Found) {
        self.move_on_hand(found.level, MovementKind::Found, found.quantity);
        self.found.push(found);
    }

    pub(crate) fn note_cut(&mut self, level: LevelKey) {
        self.cut.insert(level);
    }

    /// Levels that changed, with what they are now and a version of one more.
    pub fn changed_levels(&self) -> impl Iterator<Item = (LevelKey, Level)> {
        self.changed_levels.iter().map(|&key| {
            let mut level = self.level(key);
            level.version += 1;
            (key, level)
        })
    }

    /// Holdings that changed, as they are now.
    pub fn changed_holdings(&self) -> impl Iterator<Item = (HoldingKey, Holding)> {
        self.changed_holdings
            .iter()
            .filter_map(|&key| self.holding(key).map(|holding| (key, holding)))
    }

    /// The ledger lines, in order.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// What was sent without being on hand by the books.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Levels from which allocations were taken away: each opens an incident.
    pub fn cut_levels(&self) -> impl Iterator<Item = LevelKey> {
        self.cut.iter().copied()
    }

    /// Levels on which more is held than is there, after a settlement: see [`Shelf::cut`].
    #[must_use]
    pub fn overheld(&self) -> Vec<LevelKey> {
        self.levels.iter().filter(|(_, level)| level.available() < 0).map(|(&key, _)| key).collect()
    }
}

/// The name of a ledger line: its strongest change.
fn kind_of(before: &Holding, after: &Holding) -> MovementKind {
    if after.sold > before.sold {
        MovementKind::Sale
    } else if after.sold < before.sold {
        MovementKind::Return
    } else if after.allocated > before.allocated {
        MovementKind::Allocate
    } else if after.reserved > before.reserved {
        MovementKind::Reserve
    } else if after.short > before.short && after.allocated == before.allocated {
        MovementKind::Allocate
    } else {
        MovementKind::Release
    }
}
