//! Settling: from what a line holds to what it is to hold.

use crate::id::{LineId, SkuId, WarehouseId};
use crate::stock::{Found, Holding, HoldingKey, LevelKey, Shelf, Target, Terms};

/// Whether the line stands in the queue behind others that are short of the SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// An ordinary settlement: free stock goes to those who were short before.
    Queued,
    /// It is this line's turn.
    Next,
}

/// One line's demand for one SKU.
#[derive(Debug, Clone, Copy)]
pub struct Demand<'a> {
    /// The line.
    pub line: LineId,
    /// The SKU.
    pub sku: SkuId,
    /// What it is to hold.
    pub target: Target,
    /// Where it may take from, in order; a short is booked on the first.
    pub sources: &'a [WarehouseId],
    /// Who goes first.
    pub terms: Terms,
    /// Whether others stand before it.
    pub turn: Turn,
}

impl Shelf {
    /// Makes a line hold its target, as far as stock is there. Does nothing if it holds it already.
    ///
    /// May leave a level [overheld](Shelf::overheld): by an allocation that needs the units of unpaid
    /// reservations, or by a sale of more than was free. The caller then loads the other holdings of
    /// the level and calls [`Shelf::cut`].
    pub fn settle(&mut self, demand: &Demand<'_>) {
        let held = self.holdings_of(demand.line, demand.sku).map(|(key, _)| key.warehouse).next();
        // Without a source the line can still give up, or send, what it holds.
        let Some(first) = demand.sources.first().copied().or(held) else { return };
        let mut work = Work::load(self, demand, first);
        work.sell(self, demand);
        work.allocate(self, demand);
        work.reserve(self, demand);
        work.want(demand, first);
        for (key, holding) in work.holdings {
            self.replace(key, holding);
        }
    }
}

/// The line's holdings while they are being changed, the sources' first.
struct Work {
    holdings: Vec<(HoldingKey, Holding)>,
}

impl Work {
    fn load(shelf: &Shelf, demand: &Demand<'_>, first: WarehouseId) -> Self {
        let key = |warehouse| HoldingKey { line: demand.line, sku: demand.sku, warehouse };
        let mut holdings: Vec<(HoldingKey, Holding)> = Vec::new();
        for &warehouse in demand.sources {
            let known = shelf.holding(key(warehouse));
            if (known.is_some() || warehouse == first || demand.target.total() > 0)
                && !holdings.iter().any(|(held, _)| held.warehouse == warehouse)
            {
                holdings.push((key(warehouse), known.unwrap_or_default()));
            }
        }
        for (held, holding) in shelf.holdings_of(demand.line, demand.sku) {
            if !holdings.iter().any(|(known, _)| *known == held) {
                holdings.push((held, holding));
            }
        }
        for (_, holding) in &mut holdings {
            holding.terms = demand.terms;
        }
        Self { holdings }
    }

    fn sum(&self, of: impl Fn(&Holding) -> i64) -> i64 {
        self.holdings.iter().map(|(_, holding)| of(holding)).sum()
    }

    /// How much of the level is free now, with what this work has changed so far.
    fn free(&self, shelf: &Shelf, key: HoldingKey, now: &Holding, unpaid_gives_way: bool) -> i64 {
        let before = shelf.holding(key).unwrap_or_default();
        let level = shelf.level(key.level());
        let unpaid = level.reserved_unpaid + now.reserved_unpaid() - before.reserved_unpaid();
        let taken = (now.reserved - before.reserved)
            + (now.allocated - before.allocated)
            + (now.sold - before.sold);
        level.available() - taken + if unpaid_gives_way { unpaid } else { 0 }
    }

    fn sell(&mut self, shelf: &mut Shelf, demand: &Demand<'_>) {
        let mut rest = demand.target.sold - self.sum(|holding| holding.sold);
        for (_, holding) in self.holdings.iter_mut().rev() {
            let back = (-rest).clamp(0, holding.sold);
            holding.sold -= back;
            rest += back;
        }
        for (_, holding) in &mut self.holdings {
            let firm = rest.clamp(0, holding.allocated);
            holding.allocated -= firm;
            let soft = (rest - firm).clamp(0, holding.reserved);
            holding.reserved -= soft;
            holding.sold += firm + soft;
            rest -= firm + soft;
        }
        for at in 0..self.holdings.len() {
            let (key, holding) = self.holdings[at];
            let free = self.free(shelf, key, &holding, false);
            let taken = rest.clamp(0, free.max(0));
            self.holdings[at].1.sold += taken;
            rest -= taken;
        }
        if rest > 0 {
            self.sell_what_is_not_free(shelf, rest);
        }
    }

    /// It has left all the same: the books follow, and whoever held the units is cut later.
    fn sell_what_is_not_free(&mut self, shelf: &mut Shelf, rest: i64) {
        let (key, holding) = self.holdings[0];
        let before = shelf.holding(key).unwrap_or_default();
        let on_hand = shelf.level(key.level()).on_hand - (holding.sold - before.sold);
        let missing = rest - rest.clamp(0, on_hand.max(0));
        if missing > 0 {
            shelf.note_found(Found { line: key.line, level: key.level(), quantity: missing });
        }
        self.holdings[0].1.found += missing;
        self.holdings[0].1.sold += rest;
    }

    fn allocate(&mut self, shelf: &Shelf, demand: &Demand<'_>) {
        let mut rest = demand.target.allocate - self.sum(|holding| holding.allocated);
        for (_, holding) in self.holdings.iter_mut().rev() {
            let given_up = (-rest).clamp(0, holding.allocated);
            holding.allocated -= given_up;
            rest += given_up;
        }
        for (_, holding) in &mut self.holdings {
            let firmed = rest.clamp(0, holding.reserved);
            holding.reserved -= firmed;
            holding.allocated += firmed;
            rest -= firmed;
        }
        if demand.turn == Turn::Next || !self.others_short(shelf, demand) {
            rest =
                self.take(shelf, demand, rest, true, |holding, taken| holding.allocated += taken);
        }
        for (_, holding) in &mut self.holdings {
            holding.short = 0;
        }
        self.holdings[0].1.short = rest.max(0);
    }

    fn reserve(&mut self, shelf: &Shelf, demand: &Demand<'_>) {
        let mut rest = demand.target.reserve - self.sum(|holding| holding.reserved);
        for (_, holding) in self.holdings.iter_mut().rev() {
            let given_up = (-rest).clamp(0, holding.reserved);
            holding.reserved -= given_up;
            rest += given_up;
        }
        if demand.turn == Turn::Next || !self.others_short(shelf, demand) {
            self.take(shelf, demand, rest, false, |holding, taken| holding.reserved += taken);
        }
    }

    /// Takes up to `rest` from the sources in their order; gives what is still missing.
    fn take(
        &mut self,
        shelf: &Shelf,
        demand: &Demand<'_>,
        mut rest: i64,
        unpaid_gives_way: bool,
        put: impl Fn(&mut Holding, i64),
    ) -> i64 {
        for at in 0..self.holdings.len() {
            let (key, holding) = self.holdings[at];
            if demand.sources.contains(&key.warehouse) {
                let free = self.free(shelf, key, &holding, unpaid_gives_way);
                let taken = rest.clamp(0, free.max(0));
                put(&mut self.holdings[at].1, taken);
                rest -= taken;
            }
        }
        rest
    }

    /// Whether other lines are short of the SKU in one of the sources.
    fn others_short(&self, shelf: &Shelf, demand: &Demand<'_>) -> bool {
        demand.sources.iter().any(|&warehouse| {
            let key = HoldingKey { line: demand.line, sku: demand.sku, warehouse };
            let mine = shelf.holding(key).map_or(0, |holding| holding.short);
            shelf.level(LevelKey { sku: demand.sku, warehouse }).short > mine
        })
    }

    /// What is wanted and not held anywhere is wanted from the first source.
    fn want(&mut self, demand: &Demand<'_>, first: WarehouseId) {
        let held = |holding: &Holding| holding.reserved + holding.allocated + holding.sold;
        let open = demand.target.total() - self.sum(held);
        for (key, holding) in &mut self.holdings {
            holding.want = held(holding) + if key.warehouse == first { open } else { 0 };
        }
    }
}
