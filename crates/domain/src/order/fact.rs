//! Facts: "the channel says that this order has this status as of then".

use std::sync::Arc;

use crate::term::{About, Actor, ChannelStatus, Mode};
use crate::time::Time;

/// The status of a return that was closed without goods coming back, and of a request to cancel that
/// is over. The word is ours, the same on every channel: whoever reads a channel's messages writes
/// it. A flow may have a row for it, so that screens can name it, and needs none.
pub const CLOSED: &str = "closed";

/// The channel's name of one unit of an order, where the channel names units.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitKey(pub Arc<str>);

/// What makes a fact the same fact: everything but how it came.
///
/// The same status heard by another mode is another fact, because a flow may release more for one
/// mode than for another. The time is the channel's, never ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    /// What it speaks of.
    pub about: About,
    /// Which return or package, where the channel names it.
    pub reference: Option<Arc<str>>,
    /// Which unit; none = every unit, known now or later. Once a unit's own status was heard, those
    /// of the order move no unit: a channel whose units have statuses gives these for all of them.
    pub unit: Option<UnitKey>,
    /// The channel's status.
    pub status: ChannelStatus,
    /// Who brought it about, where the channel says.
    pub actor: Option<Actor>,
    /// When it became so, by the channel's clock, where it says.
    pub at: Option<Time>,
    /// How it was heard.
    pub mode: Mode,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// What it says.
    pub key: FactKey,
    /// Whether it was fetched by us at least once, rather than only pushed to us.
    pub fetched: bool,
    /// The channel's words for why, where it gives any.
    pub reason: Option<Arc<str>>,
}

impl Fact {
    /// A fact about the whole order, by nobody in particular.
    #[must_use]
    pub fn of_order(status: &str, at: Option<Time>, mode: Mode) -> Self {
        Self {
            key: FactKey {
                about: About::Order,
                reference: None,
                unit: None,
                status: ChannelStatus::new(status),
                actor: None,
                at,
                mode,
            },
            fetched: false,
            reason: None,
        }
    }
}

impl Fact {
    /// Takes in the same fact heard once more; says whether that taught anything.
    ///
    /// Fetched once is fetched; of two reasons the greater text is kept, so that the order in which
    /// they came does not matter.
    pub fn absorb(&mut self, again: &Self) -> bool {
        let fetched = self.fetched || again.fetched;
        let reason = self.reason.clone().max(again.reason.clone());
        let taught = fetched != self.fetched || reason != self.reason;
        self.fetched = fetched;
        self.reason = reason;
        taught
    }
}
