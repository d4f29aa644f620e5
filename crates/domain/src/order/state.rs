//! The state of an order, as judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::order::{Evidence, LineKey};
use crate::stock::Target;
use crate::term::{
    About, Actor, Attention, Cancelled, ChannelStatus, Delivery, Document, Payment, Returned, Tab,
};
use crate::time::Time;

/// What the facts, the snapshot and the acts of people come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The document axis. No document is written before lines are known; see [`State::documented`].
    pub document: Document,
    /// Delivery, rolled up, with a person's word.
    pub delivery: Delivery,
    /// Payment, rolled up, with a person's word.
    pub payment: Payment,
    /// The channel's word on cancellation, rolled up.
    pub cancelled: Cancelled,
    /// The furthest of the returns: open outranks closed here, because open needs a person.
    pub returned: Returned,
    /// Whether the document is in the recycle bin.
    pub bin: bool,
    /// Where the order shows.
    pub tab: Option<Tab>,
    /// Why a person must look. Those of stock are added when stock is settled.
    pub attentions: BTreeSet<Attention>,
    /// The current status, of whatever it speaks.
    pub status: Option<(About, ChannelStatus)>,
    /// When the current status became so.
    pub status_at: Option<Time>,
    /// Who cancelled, as far as the channel says.
    pub cancelled_by: Option<Actor>,
    /// Why, in the channel's words.
    pub cancelled_reason: Option<Arc<str>>,
    /// Whether lines are known, so that a document can be written.
    pub documented: bool,
    /// What each line is to hold of stock.
    pub targets: Vec<LineTarget>,
    /// The facts that speak for the axes.
    pub evidence: AxisEvidence,
}

/// Which facts speak for which axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AxisEvidence {
    /// Document.
    pub document: Evidence,
    /// Delivery.
    pub delivery: Evidence,
    /// Payment.
    pub payment: Evidence,
    /// Cancelled.
    pub cancelled: Evidence,
    /// Returned.
    pub returned: Evidence,
    /// Current status.
    pub status: Evidence,
}

/// What one line is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTarget {
    /// The line.
    pub line: LineKey,
    /// Units that live: ordered, less cancelled, less dead.
    pub live: i64,
    /// What they are to hold.
    pub target: Target,
}

impl State {
    /// The state of an order of which nothing is known.
    #[must_use]
    pub fn unheard() -> Self {
        Self {
            document: Document::None,
            delivery: Delivery::Unsent,
            payment: Payment::Unpaid,
            cancelled: Cancelled::No,
            returned: Returned::None,
            bin: false,
            tab: None,
            attentions: BTreeSet::new(),
            status: None,
            status_at: None,
            cancelled_by: None,
            cancelled_reason: None,
            documented: false,
            targets: Vec::new(),
            evidence: AxisEvidence::default(),
        }
    }

    /// The document that is written: none before lines are known.
    #[must_use]
    pub const fn written(&self) -> Document {
        if self.documented { self.document } else { Document::None }
    }

    /// A sales order whose buyer has paid: everything that is not in the unpaid tab.
    #[must_use]
    pub fn buyer_paid(&self) -> bool {
        self.tab != Some(Tab::Unpaid)
    }
}
