//! Facts: "the channel says that this order has this status as of then".

use std::sync::Arc;

use crate::term::{About, Actor, ChannelStatus, Mode};
use crate::time::Time;

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
    /// Which unit; none = every unit, known now or later.
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
