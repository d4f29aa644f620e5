//! One order on its way through a batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use dermaga_domain::flow::Flow;
use dermaga_domain::id::{LineId, SkuId, WarehouseId};
use dermaga_domain::order::{
    self, Act, Acts, Axis, Fact, LineKey, Parts, Stamp, State, Transition, transitions,
};
use dermaga_domain::planted::{Bug, planted};
use dermaga_domain::stock::{Shelf, Target, Terms};
use dermaga_domain::term::{Attention, Delivery, Document};

use super::input::Heard;
use super::rows::{DocumentRow, LineRow, OrderRow};

/// A line with what it takes of stock.
#[derive(Debug, Clone)]
pub(super) struct CaseLine {
    pub(super) key: LineKey,
    pub(super) id: LineId,
    /// The mapped SKU.
    pub(super) sku: Option<SkuId>,
    /// What one unit takes: pinned when the line first settles, so that a later change of a bundle
    /// does not touch it.
    pub(super) components: Vec<(SkuId, i64)>,
    pub(super) target: Target,
    pub(super) live: i64,
    /// The newest look no longer shows it.
    pub(super) gone: bool,
    /// What is stored of it; none = it is new.
    pub(super) stored: Option<StoredLine>,
}

/// The stored columns that a judgement may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredLine {
    sku: Option<i64>,
    live: i64,
    gone: bool,
}

impl StoredLine {
    pub(super) const fn of(row: &LineRow) -> Self {
        Self { sku: row.sku_id, live: row.live, gone: row.gone }
    }
}

impl CaseLine {
    /// The SKUs it takes from.
    pub(super) fn skus(&self) -> impl Iterator<Item = SkuId> {
        self.components.iter().map(|component| component.0)
    }

    /// Whether its SKU was not known before.
    pub(super) fn mapped_now(&self) -> bool {
        self.sku.is_some() && self.stored.is_none_or(|stored| stored.sku.is_none())
    }

    /// Whether the line must be written, when the look at it has not changed.
    pub(super) fn moved(&self) -> bool {
        let now = StoredLine { sku: self.sku.map(|sku| sku.0), live: self.live, gone: self.gone };
        self.stored != Some(now)
    }
}

/// One order: what was known, what was heard, what that comes to.
pub(super) struct Case {
    pub(super) row: OrderRow,
    pub(super) heard: Heard,
    pub(super) flow: Arc<Flow>,
    pub(super) parts: Parts,
    pub(super) facts: Vec<Fact>,
    pub(super) acts: Vec<Act>,
    pub(super) lines: Vec<CaseLine>,
    pub(super) sources: Vec<WarehouseId>,
    pub(super) documents: Vec<DocumentRow>,
    /// The new buyer part, when it is newer than the stored one.
    pub(super) buyer: Option<Stamp>,
    pub(super) before: State,
    pub(super) after: State,
    pub(super) transitions: Vec<Transition>,
    /// Facts, parts, acts, mapping or flow are new.
    pub(super) changed: bool,
    pub(super) new_facts: bool,
    /// It was created by this batch.
    pub(super) fresh: bool,
    pub(super) parts_changed: bool,
}

impl Case {
    /// Judges the order by all its facts, and gives each line its target.
    pub(super) fn judge(&mut self) {
        if !self.changed {
            return;
        }
        let lines = self.parts.lines.as_ref().map(|part| part.content.as_slice());
        let head = self.parts.head.as_ref();
        self.after = order::judge(order::Case {
            flow: &self.flow,
            facts: &self.facts,
            lines,
            cancel_requested: head.is_some_and(|head| head.content.cancel_requested),
            acts: Acts::of(&self.acts),
        });
        for line in &mut self.lines {
            let target = self.after.targets.iter().find(|target| target.line == line.key);
            line.target = target.map(|target| target.target).unwrap_or_default();
            line.live = target.map_or(0, |target| target.live);
        }
    }

    /// Whether stock follows this judgement. What has left does not move again by itself: only a
    /// person's word on delivery, or a way into the bin or out of it, moves it. While a person keeps
    /// a document in the bin nothing moves, whatever the channel does with the parcel meanwhile.
    pub(super) fn settles(&self) -> bool {
        if self.after.bin && planted(Bug::VoidWithoutRelease) {
            return false;
        }
        let sent = |state: &State| {
            state.written() == Document::Invoice && state.delivery == Delivery::Sent
        };
        let by_a_person = self.heard.acts.iter().any(|act| act.kind.touches(Axis::Delivery));
        if by_a_person || self.before.bin != self.after.bin {
            return true;
        }
        let kept_in_bin = self.after.bin && Acts::of(&self.acts).bin == Some(true);
        let has_left = sent(&self.before) && sent(&self.after);
        !(kept_in_bin || has_left)
    }

    pub(super) fn terms(&self) -> Terms {
        let head = self.parts.head.as_ref();
        Terms {
            buyer_paid: self.after.buyer_paid(),
            ship_by: head.and_then(|head| head.content.ship_by),
        }
    }

    /// Adds the attentions of stock and tells the transitions.
    pub(super) fn finish(&mut self, shelf: &Shelf) {
        if !self.changed {
            return;
        }
        let attentions = self.stock_attentions(shelf);
        self.after.attentions.extend(attentions);
        self.transitions = transitions(&self.before, &self.after);
    }

    fn stock_attentions(&self, shelf: &Shelf) -> BTreeSet<Attention> {
        let mut found = BTreeSet::new();
        if self.after.written() == Document::None || self.after.bin {
            return found;
        }
        for line in self.lines.iter().filter(|line| line.live > 0 || !line.gone) {
            if line.sku.is_none() && line.live > 0 {
                found.insert(Attention::Unmapped);
            }
            let holdings: Vec<_> = shelf.holdings_of_line(line.id).collect();
            if holdings.iter().any(|(_, holding)| holding.short > 0) {
                found.insert(Attention::Short);
            }
            if holdings.iter().any(|(_, holding)| holding.found > 0) {
                found.insert(Attention::Count);
            }
            let sold: i64 = holdings.iter().map(|(_, holding)| holding.sold).sum();
            let wanted: i64 =
                line.components.iter().map(|(_, times)| times * line.target.sold).sum();
            if !holdings.is_empty() && !self.settles() && sold != wanted {
                found.insert(Attention::LinesChanged);
            }
        }
        found
    }

    /// SKUs for want of which the channel cancelled, once each: when it is heard, or when the line
    /// becomes known by which SKU it takes.
    pub(super) fn found_gone(&self) -> BTreeSet<SkuId> {
        if !self.after.attentions.contains(&Attention::OutOfStock) {
            return BTreeSet::new();
        }
        let heard_now = self.raises(Attention::OutOfStock);
        let lines = self.lines.iter().filter(|line| heard_now || line.mapped_now());
        lines.flat_map(CaseLine::skus).collect()
    }

    /// Whether this batch raises an attention.
    pub(super) fn raises(&self, attention: Attention) -> bool {
        self.after.attentions.contains(&attention) && !self.before.attentions.contains(&attention)
    }

    /// The number of the act that this batch brought, if it brought one.
    pub(super) fn newest_act(&self) -> Option<i64> {
        let newest = self.acts.iter().map(|act| act.number).max();
        newest.filter(|_| !self.heard.acts.is_empty())
    }

    pub(super) fn document(&self, slot: &str) -> Option<&DocumentRow> {
        self.documents.iter().find(|document| document.slot == slot)
    }
}
