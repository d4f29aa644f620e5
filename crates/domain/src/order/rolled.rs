//! The axes of the units, rolled up into those of the order.

use crate::order::Acts;
use crate::order::axes::{Axes, Unit};
use crate::order::heard::Hearing;
use crate::term::{Cancelled, Delivery, Document, Payment};

/// The rolled-up axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rolled {
    pub(crate) delivery: Delivery,
    pub(crate) payment: Payment,
    pub(crate) cancelled: Cancelled,
    /// The earliest fact that cancelled a unit as strongly as the order is cancelled.
    pub(crate) cancelled_by: Option<usize>,
    pub(crate) bin: bool,
    /// A unit that did not leave waits for a person to void it.
    pub(crate) void_wanted: bool,
    /// A unit that left is cancelled.
    pub(crate) cancelled_after_leaving: bool,
    document: Document,
}

impl Rolled {
    /// Rolls up over the units that are not dead, or over all when every one is; the order is
    /// cancelled as far as its least cancelled unit.
    pub(crate) fn of(axes: &Axes, hearing: &Hearing<'_>) -> Self {
        let all: Vec<&Unit> = axes.units.values().collect();
        let alive: Vec<&Unit> = all.iter().copied().filter(|unit| !unit.is_dead()).collect();
        let counted = if alive.is_empty() { &all } else { &alive };
        let delivery = if counted.iter().all(|unit| unit.sent) {
            Delivery::Sent
        } else if counted.iter().any(|unit| unit.has_left()) {
            Delivery::PartlySent
        } else {
            Delivery::Unsent
        };
        let paid = counted.iter().all(|unit| unit.paid);
        let cancelled = all.iter().map(|unit| unit.cancelled.value).min().unwrap_or(Cancelled::No);
        let cancelled_by = all
            .iter()
            .filter(|unit| unit.cancelled.value == cancelled)
            .filter_map(|unit| unit.cancelled.evidence)
            .reduce(|one, two| hearing.earlier(Some(one), two));
        Self {
            delivery,
            payment: if paid { Payment::Paid } else { Payment::Unpaid },
            cancelled,
            cancelled_by,
            bin: axes.document > Document::None
                && cancelled == Cancelled::Yes
                && delivery == Delivery::Unsent,
            void_wanted: all.iter().any(|unit| {
                unit.cancelled.value == Cancelled::ManualVoidWanted && !unit.has_left()
            }),
            cancelled_after_leaving: all
                .iter()
                .any(|unit| unit.cancelled.value > Cancelled::No && unit.has_left()),
            document: axes.document,
        }
    }

    /// The same with what people hold against the channel.
    pub(crate) fn held_by(mut self, acts: Acts) -> Self {
        let exists = self.document > Document::None;
        if let Some(sent) = acts.sent {
            self.delivery = if sent { Delivery::Sent } else { Delivery::Unsent };
            self.bin = exists && self.cancelled == Cancelled::Yes && !sent;
        }
        if let Some(paid) = acts.paid {
            self.payment = if paid { Payment::Paid } else { Payment::Unpaid };
        }
        if let Some(bin) = acts.bin {
            self.bin = bin && exists;
        }
        self
    }
}
