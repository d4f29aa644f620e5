//! What a message says, in our words.

use std::sync::Arc;

use dermaga_domain::order::{Fact, FactKey, Snapshot, UnitKey};
use dermaga_domain::term::{About, Actor, ChannelStatus, Mode};
use dermaga_domain::time::Time;

/// A fact as a message says it; how it was heard is added by who received the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardFact {
    /// What it speaks of.
    pub about: About,
    /// Which return or package.
    pub reference: Option<Arc<str>>,
    /// Which unit; none = all.
    pub unit: Option<UnitKey>,
    /// The channel's status.
    pub status: ChannelStatus,
    /// Who brought it about.
    pub actor: Option<Actor>,
    /// When, by the channel's clock; none when the message does not say.
    pub at: Option<Time>,
    /// Why, in the channel's words.
    pub reason: Option<Arc<str>>,
}

impl HeardFact {
    /// A status of the whole order.
    #[must_use]
    pub fn of_order(status: &str, at: Option<Time>) -> Self {
        Self {
            about: About::Order,
            reference: None,
            unit: None,
            status: ChannelStatus::new(status),
            actor: None,
            at,
            reason: None,
        }
    }

    /// The fact, heard this way.
    #[must_use]
    pub fn heard(&self, mode: Mode, fetched: bool) -> Fact {
        Fact {
            key: FactKey {
                about: self.about,
                reference: self.reference.clone(),
                unit: self.unit.clone(),
                status: self.status.clone(),
                actor: self.actor,
                at: self.at,
                mode,
            },
            fetched,
            reason: self.reason.clone(),
        }
    }
}

/// Whether a message asks for the order's details to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refetch {
    /// It says all there is.
    Never,
    /// Only if it brought a new fact.
    IfNews,
    /// In any case.
    Always,
}

/// What a message says of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The channel's id of the shop; none when the message does not say.
    pub channel_shop_id: Option<String>,
    /// The channel's id of the order.
    pub channel_order_id: String,
    /// The facts.
    pub facts: Vec<HeardFact>,
    /// What the order looks like.
    pub snapshot: Snapshot,
    /// Whether more must be fetched.
    pub refetch: Refetch,
}

/// All that a message says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interpretation {
    /// Orders.
    pub orders: Vec<Heard>,
    /// Parts that cannot be understood, each with what is wrong and without its content. The rest
    /// of the message stands: one bad row of a page does not stop the others.
    pub unread: Vec<String>,
}

/// A SKU as offered in a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The channel's id of the product or variant.
    pub channel_product_id: String,
    /// The seller's code there.
    pub channel_sku: String,
    /// Its name there.
    pub name: String,
    /// What the channel shows as sellable; none = unlimited.
    pub stock: Option<i64>,
    /// Whether buyers can see it.
    pub active: bool,
}

/// A page of listings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListingPage {
    /// The listings.
    pub listings: Vec<Listing>,
    /// How to ask for the next page; none = that was the last.
    pub next: Option<String>,
}
