//! What goes into an apply batch, and what comes out.

use std::collections::BTreeMap;

use dermaga_domain::id::{DownloadId, FlowVersionId, MessageId, OrderId, OrgId, ShopId, SkuId};
use dermaga_domain::order::{ActKind, Fact, Snapshot, merge};

use crate::command::Giver;

/// Whether the order's details are to be fetched after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Fetch {
    /// No.
    #[default]
    Never,
    /// If something new was heard.
    IfNews,
    /// In any case.
    Always,
}

/// An act of a person to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAct {
    /// What was done.
    pub kind: ActKind,
    /// By whom.
    pub by: Giver,
    /// The person's words.
    pub note: Option<String>,
}

/// What was heard of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The shop.
    pub shop: ShopId,
    /// The channel's id of the order.
    pub channel_order_id: String,
    /// The facts, with their modes.
    pub facts: Vec<Fact>,
    /// What it looks like.
    pub snapshot: Snapshot,
    /// The message that says so.
    pub message: Option<MessageId>,
    /// Whether to fetch details, and in which modes (see [`crate::work::Modes`]).
    pub fetch: Fetch,
    /// The modes of the message.
    pub modes: crate::work::Modes,
    /// Acts of people.
    pub acts: Vec<NewAct>,
    /// Judge it by this flow version from now on: a recorded act of a person.
    pub flow_version: Option<FlowVersionId>,
    /// Judge and settle it again although nothing new was heard.
    pub again: bool,
}

impl Heard {
    /// Nothing heard yet of this order.
    #[must_use]
    pub fn of(shop: ShopId, channel_order_id: &str) -> Self {
        Self {
            shop,
            channel_order_id: channel_order_id.to_owned(),
            facts: Vec::new(),
            snapshot: Snapshot::default(),
            message: None,
            fetch: Fetch::Never,
            modes: crate::work::Modes::default(),
            acts: Vec::new(),
            flow_version: None,
            again: false,
        }
    }

    fn join(&mut self, other: Self) {
        self.facts.extend(other.facts);
        let mut seen = other.snapshot;
        merge(&mut self.snapshot.lines, seen.lines.take());
        merge(&mut self.snapshot.money, seen.money.take());
        merge(&mut self.snapshot.head, seen.head.take());
        merge(&mut self.snapshot.buyer, seen.buyer.take());
        self.snapshot.packages.append(&mut seen.packages);
        self.message = self.message.or(other.message);
        self.fetch = self.fetch.max(other.fetch);
        self.modes = self.modes.and(other.modes);
        self.acts.extend(other.acts);
        self.flow_version = other.flow_version.or(self.flow_version);
        self.again |= other.again;
    }
}

/// A message of the inbox that this batch finishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedMessage {
    /// Which.
    pub id: MessageId,
    /// How often it had been repeated when it was taken: a repetition since then keeps it pending.
    pub repeats: i64,
    /// `done`, `dead`, `held` or `ignored`.
    pub state: &'static str,
    /// Why, when it is not `done`.
    pub reason: Option<String>,
    /// The channel's id of the order that it tells of, when it is one.
    pub about: Option<String>,
}

/// A mark of work that this batch finishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMark {
    /// The kind of work.
    pub kind: &'static str,
    /// The shop, or 0.
    pub scope: i64,
    /// The subject.
    pub subject: String,
    /// The generation that was taken.
    pub generation: i64,
}

/// A batch of one org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The org.
    pub org: OrgId,
    /// The orders; several entries for one order are joined.
    pub heard: Vec<Heard>,
    /// Messages that it finishes.
    pub messages: Vec<FinishedMessage>,
    /// Marks that it finishes.
    pub marks: Vec<TakenMark>,
    /// Marks that it leaves, whatever becomes of its orders.
    pub wanted: Vec<crate::work::Mark>,
    /// These orders' turn has come for this SKU, in the order given.
    pub fill: Option<SkuId>,
    /// The download whose results these orders are; each gets its one result in the same transaction.
    pub download: Option<DownloadId>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub const fn new(org: OrgId) -> Self {
        Self {
            org,
            heard: Vec::new(),
            messages: Vec::new(),
            marks: Vec::new(),
            wanted: Vec::new(),
            fill: None,
            download: None,
        }
    }

    /// One entry per order, in the order in which each was first heard.
    pub(super) fn merged(mut self) -> Self {
        let mut places: BTreeMap<(ShopId, String), usize> = BTreeMap::new();
        let mut merged: Vec<Heard> = Vec::with_capacity(self.heard.len());
        for heard in std::mem::take(&mut self.heard) {
            let key = (heard.shop, heard.channel_order_id.clone());
            match places.get(&key) {
                Some(&place) => merged[place].join(heard),
                None => {
                    places.insert(key, merged.len());
                    merged.push(heard);
                }
            }
        }
        self.heard = merged;
        self
    }
}

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Orders that changed, with their ids.
    pub changed: Vec<OrderId>,
    /// Orders of which nothing new was heard.
    pub unchanged: usize,
    /// Facts that were new.
    pub new_facts: usize,
    /// Orders that now stand at a status their flow does not know, and did not before.
    pub at_unknown_status: Vec<OrderId>,
    /// Statements that the transaction ran.
    pub statements: u32,
}
