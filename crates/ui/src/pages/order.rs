//! One order: why it stands where it stands, its documents, goods, history and what a person may do.

use askama::Template;

use crate::frame::{ChannelLink, Frame, Place, ShopLink};
use crate::keys::{
    About, Act, Actor, Attention, Axis, Delivery, Ensure, Holding, Mode, MoneyPart, MovementKind,
    Payment, Source, Tab, Verb,
};
use crate::locale::{Locale, Micros, Money};
use crate::pages::{CommandForm, CommandRow, LineChoice, StatusLink};
use crate::sentence::{Sentence, Value};

/// One order, `GET /orders/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The order's id with its prefix.
    pub id: String,
    /// The channel's number of it.
    pub number: String,
    /// The channel.
    pub channel: ChannelLink,
    /// The name it was sold under, where that is not the channel's.
    pub sub_platform: Option<String>,
    /// The shop.
    pub shop: ShopLink,
    /// Where it shows.
    pub tab: Option<Tab>,
    /// The current status.
    pub status: Option<StatusLink>,
    /// What came of the act just posted: `notice-done`, `notice-nothing`, `notice-stale`.
    pub notice: Option<Sentence>,
    /// Why a person must look.
    pub attentions: Vec<AttentionNote>,
    /// Why it stands where it stands.
    pub explain: Explain,
    /// What it would be under the recommended flow; none where that is its flow.
    pub what_if: Option<WhatIf>,
    /// Its documents.
    pub documents: Documents,
    /// Its goods.
    pub lines: Vec<GoodsLine>,
    /// Facts, acts and re-judgements, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Lines of the stock ledger it caused, newest first.
    pub movements: Vec<MovementRow>,
    /// Its parcels.
    pub packages: Vec<Package>,
    /// The buyer, masked; none when the channel tells nothing.
    pub buyer: Option<Buyer>,
    /// When it was placed, in the channel's clock.
    pub placed_at: Option<Micros>,
    /// Until when the seller has to accept.
    pub accept_by: Option<Micros>,
    /// Until when the seller has to ship.
    pub ship_by: Option<Micros>,
    /// The parts of its money.
    pub money: Vec<MoneyLine>,
    /// What the buyer pays.
    pub total: Option<Money>,
    /// What its channel may be asked to do with it now.
    pub forms: Vec<CommandForm>,
    /// Its lines, to choose from.
    pub choices: Vec<LineChoice>,
    /// What was asked, newest first.
    pub commands: Vec<CommandRow>,
    /// What a person may do to it now.
    pub acts: Vec<ActForm>,
    /// The order's revision this page shows; an act names it, so that none is done unseen.
    pub revision: i64,
}

/// An attention with its cause in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionNote {
    /// Which.
    pub attention: Attention,
    /// What it is about; without one the attention's own line is told.
    pub note: Option<Sentence>,
}

/// Why an order stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    /// The whole in one sentence: `explain-lead-*`.
    pub lead: Sentence,
    /// One line for each axis.
    pub lines: Vec<ExplainLine>,
}

/// Why one axis has its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainLine {
    /// Which axis.
    pub axis: Axis,
    /// Key of the word of its value: `payment-unpaid`, `cancelled-no`, `tab-completed`.
    pub value: String,
    /// Why: `explain-<axis>-*`.
    pub because: Sentence,
    /// What would change it: `explain-<axis>-change-*`.
    pub change: Option<Sentence>,
    /// The row of the flow table it rests on.
    pub rule: Option<StatusLink>,
}

/// What the order would be under another flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// The flow: a preset's name or a file's.
    pub flow: Value,
    /// What would be otherwise; nothing when it would be the same.
    pub ends: Vec<WhatIfEnd>,
}

/// One thing that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIfEnd {
    /// Key of the word of what: `axis-payment`, `tab-action_needed`.
    pub what: String,
    /// Keys of the words that it would be: `payment-paid`, `attention-return_edit`; none = nothing to
    /// look at.
    pub values: Vec<String>,
}

impl WhatIf {
    /// The whole in one sentence.
    pub fn said(&self, locale: &Locale) -> String {
        let said = |key: &str| Sentence::new(key).with("flow", self.flow.clone());
        if self.ends.is_empty() {
            return locale.say(&said("what-if-same"));
        }
        let end = |end: &WhatIfEnd| {
            let values: Vec<String> = end.values.iter().map(|key| locale.word(key)).collect();
            let values = match values.as_slice() {
                [] => locale.word("what-if-nothing"),
                values => values.join(", "),
            };
            format!("{}: {values}", locale.word(&end.what))
        };
        let ends: Vec<String> = self.ends.iter().map(end).collect();
        locale.say(&said("what-if-differs").with("ends", ends.join("; ")))
    }
}

/// The documents of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    /// The number of the sales order.
    pub sales_order: Option<Numbered>,
    /// The number of the invoice.
    pub invoice: Option<Numbered>,
    /// The invoice's reference: an AWB, never a booking code.
    pub reference: Option<String>,
    /// The delivery axis; none without a document.
    pub delivery: Option<Delivery>,
    /// Delivery documents.
    pub deliveries: Vec<Numbered>,
    /// The payment axis; none without a document.
    pub payment: Option<Payment>,
    /// Payment documents.
    pub payments: Vec<Numbered>,
    /// The recycle bin.
    pub bin: Bin,
}

/// A document's number with the moment it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number.
    pub number: String,
    /// When.
    pub at: Micros,
}

/// Whether the document is, or was, in the recycle bin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bin {
    /// It is there now.
    pub is_in: bool,
    /// When it last went in.
    pub entered_at: Option<Micros>,
    /// When it last came out.
    pub left_at: Option<Micros>,
}

/// A line of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodsLine {
    /// Name as the channel tells it.
    pub name: String,
    /// The channel's SKU code.
    pub listing: String,
    /// Our SKU; none while the listing is not mapped.
    pub sku: Option<String>,
    /// Units.
    pub quantity: i64,
    /// Units that were cancelled.
    pub cancelled: i64,
    /// Price of one.
    pub price: Option<Money>,
    /// Price of all.
    pub subtotal: Option<Money>,
    /// What it has of its stock, one per SKU and warehouse.
    pub holdings: Vec<HoldingNote>,
}

/// What a line has of one SKU in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingNote {
    /// What it has.
    pub holding: Holding,
    /// How many units of it.
    pub quantity: i64,
    /// The component, when the line's SKU is a bundle.
    pub component: Option<String>,
    /// Where.
    pub warehouse: String,
}

/// Something that happened to the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When we heard it, or did it.
    pub at: Micros,
    /// What.
    pub what: Happening,
    /// The transitions of the documents it caused.
    pub verbs: Vec<Verb>,
    /// What it moved in stock.
    pub movements: Vec<MovementNote>,
}

/// A fact, an act of a person, or a re-judgement under another flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The channel said so.
    Fact(FactNote),
    /// A person here did it.
    Act(ActNote),
    /// The order is judged by another version of the flow.
    Rejudged {
        /// Which version now.
        version: i64,
        /// Who asked for it.
        person: String,
    },
}

/// A fact with the rule it met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactNote {
    /// The status with its row of the flow.
    pub status: StatusLink,
    /// What the status speaks of.
    pub about: About,
    /// Who made it happen; [`Actor::Any`] when it is not known.
    pub actor: Actor,
    /// The channel's own time of it.
    pub since: Option<Micros>,
    /// The reason the channel gives.
    pub reason: String,
    /// How it was heard.
    pub mode: Mode,
    /// By which way.
    pub source: Source,
    /// The signature matched; none where nothing is signed.
    pub signed: Option<bool>,
    /// The message's id with its prefix.
    pub message: String,
    /// Version of the flow it was judged by.
    pub version: i64,
    /// The flow has a rule for it.
    pub known: bool,
    /// What the rule ensures.
    pub ensures: Vec<Ensure>,
    /// The mode let the rule's effect through.
    pub released: bool,
}

/// An act of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActNote {
    /// Which.
    pub act: Act,
    /// Who.
    pub person: String,
    /// The reason they gave.
    pub reason: String,
}

/// Stock that one happening moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementNote {
    /// How.
    pub kind: MovementKind,
    /// Units, over all SKUs.
    pub quantity: i64,
}

/// A line of the stock ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    /// When.
    pub at: Micros,
    /// SKU.
    pub sku: String,
    /// Warehouse.
    pub warehouse: String,
    /// How.
    pub kind: MovementKind,
    /// Units, with sign.
    pub quantity: i64,
    /// On hand afterwards.
    pub on_hand: i64,
    /// Allocated afterwards.
    pub allocated: i64,
    /// Reserved afterwards.
    pub reserved: i64,
    /// Available afterwards.
    pub available: i64,
}

/// A parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Carrier and service.
    pub carrier: String,
    /// The code the parcel is handed over by.
    pub booking_code: Option<String>,
    /// The tracking number.
    pub awb: Option<String>,
    /// When it left.
    pub sent_at: Option<Micros>,
}

/// The buyer, every part masked by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// Masked name.
    pub name: String,
    /// Masked phone.
    pub phone: String,
    /// Masked street.
    pub address: String,
    /// District, city, postcode.
    pub area: String,
    /// When it will be, or was, erased.
    pub erased_at: Option<Micros>,
}

/// A part of the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyLine {
    /// Which.
    pub part: MoneyPart,
    /// How much; what the buyer does not pay is negative.
    pub money: Money,
}

/// An act that is possible now, posted to `/orders/{id}/act` as `verb`, `axis`, `revision`,
/// `reason` and `restock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActForm {
    /// Which.
    pub act: Act,
    /// For [`Act::Release`]: the axis that follows the channel again.
    pub axis: Option<Axis>,
    /// What it will do, in numbers: `act-does-*`.
    pub does: Sentence,
    /// The goods have left: ask what becomes of them.
    pub asks_restock: bool,
}

impl OrderPage {
    pub(crate) fn place(&self) -> Place {
        Place::Orders
    }

    /// The entry is the first of its day, seen from above.
    pub(crate) fn opens_day(&self, index: &usize) -> bool {
        let Some(entry) = self.timeline.get(*index) else { return false };
        let before = index.checked_sub(1).and_then(|before| self.timeline.get(before));
        before.is_none_or(|before| self.locale.day(before.at) != self.locale.day(entry.at))
    }

    /// What was just asked was refused.
    pub(crate) fn went_wrong(&self) -> bool {
        let wrong = ["notice-command-refused", "notice-stale", "notice-nothing"];
        self.notice.as_ref().is_some_and(|it| wrong.contains(&it.key.as_str()))
    }

    /// Something that was asked still happens by itself.
    pub(crate) fn is_pending(&self) -> bool {
        self.commands.iter().any(CommandRow::is_pending)
    }

    /// Units of goods.
    pub(crate) fn units(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity).sum()
    }
}

impl FactNote {
    pub(crate) fn icon(&self) -> &'static str {
        match self.mode {
            Mode::Realtime if self.source == Source::Webhook => "live",
            Mode::Realtime | Mode::Download => "in",
            Mode::Operator => "person",
        }
    }
}
