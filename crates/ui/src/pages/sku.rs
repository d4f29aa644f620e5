//! One SKU: what each warehouse has, its ledger, the listings that sell it, and what can be done by hand.

use askama::Template;

use crate::frame::{Frame, Place, ShopLink};
use crate::keys::{Incident, MovementKind, PushOutcome, StockAct};
use crate::locale::{Locale, Micros};
use crate::pages::Choice;
use crate::sentence::Sentence;

/// A SKU, `GET /stock/{id}?warehouse=&before=&count=&at=&told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "sku.html")]
pub struct SkuPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Its id with its prefix.
    pub id: String,
    /// Its code.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// It is made of others and has no stock of its own.
    pub bundle: bool,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// Why what was just posted was not done.
    pub problem: Option<Sentence>,
    /// What each warehouse has.
    pub levels: Vec<LevelRow>,
    /// For a bundle: what is in it.
    pub made_of: Vec<PartNote>,
    /// The bundles that it is in.
    pub part_of: Vec<PartNote>,
    /// What happened to it, the newest first.
    pub incidents: Vec<IncidentNote>,
    /// The ledger, the newest first.
    pub ledger: Vec<LedgerRow>,
    /// The warehouse that the ledger is narrowed to, with the page of all.
    pub only: Option<(String, String)>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
    /// The listings that sell it.
    pub listings: Vec<SellingRow>,
    /// What can be done by hand; none for a bundle, and for who may not.
    pub forms: Option<MoveForms>,
    /// What a count would change, before it is written.
    pub counted: Option<CountPreview>,
}

/// What one warehouse has, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRow {
    /// The warehouse's name.
    pub warehouse: String,
    /// The ledger of this warehouse alone.
    pub href: String,
    /// What is there.
    pub on_hand: i64,
    /// Held by invoices.
    pub allocated: i64,
    /// Held by sales orders.
    pub reserved: i64,
    /// Wanted by invoices and not there.
    pub short: i64,
    /// On hand less allocated less reserved.
    pub available: i64,
}

/// Another SKU that one is made of, or is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartNote {
    /// The other's page.
    pub href: String,
    /// Its code.
    pub sku: String,
    /// How many units of the component a bundle takes.
    pub quantity: i64,
}

/// Something that happened to a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentNote {
    /// What.
    pub kind: Incident,
    /// The order that was cancelled for it.
    pub order: Option<String>,
    /// Since when.
    pub since: Micros,
    /// Until when; none = it is not over.
    pub until: Option<Micros>,
}

/// A line of the ledger, in units with sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// When.
    pub at: Micros,
    /// How.
    pub kind: MovementKind,
    /// The warehouse's name.
    pub warehouse: String,
    /// Change of what is on hand.
    pub on_hand: i64,
    /// Change of what invoices hold.
    pub allocated: i64,
    /// Change of what sales orders hold.
    pub reserved: i64,
    /// Change of what is short.
    pub short: i64,
    /// On hand afterwards.
    pub left: i64,
    /// Available afterwards.
    pub available: i64,
    /// Why.
    pub cause: Cause,
    /// What was said with it, or empty.
    pub note: String,
}

/// Why stock moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// An order: its page, and the channel's number of it.
    Order(String, String),
    /// An order of a shop that who looks does not see.
    Elsewhere,
    /// A person, by name.
    Person(String),
    /// A key of the API, by its id.
    Key(String),
    /// The command line of the machine.
    Machine,
}

/// A listing that sells the SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellingRow {
    /// Its name at the channel.
    pub name: String,
    /// Its shop.
    pub shop: ShopLink,
    /// The seller's code there, or empty.
    pub channel_sku: String,
    /// The channel's id of the product.
    pub product: String,
    /// Whether buyers can buy it.
    pub active: bool,
    /// What the channel showed when it was last read, and when that was.
    pub shown: Option<(i64, Micros)>,
    /// Whether the channel is told what is left.
    pub told: bool,
    /// What it is to show now.
    pub wanted: Option<i64>,
    /// What the channel was last told.
    pub sent: Option<SentNote>,
}

/// A value that a channel was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentNote {
    /// Units.
    pub value: i64,
    /// What it answered.
    pub outcome: PushOutcome,
    /// In its words, or empty.
    pub message: String,
    /// When.
    pub at: Micros,
}

/// The forms of what can be done by hand, as they were filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveForms {
    /// What names the form, so that pressing twice does once.
    pub once: String,
    /// Warehouses to choose from.
    pub warehouses: Vec<Choice>,
    /// The form that was sent and not done.
    pub open: Option<StockAct>,
    /// The warehouse that was chosen there.
    pub warehouse: String,
    /// The quantity that was written there.
    pub quantity: String,
    /// The note that was written there.
    pub note: String,
}

/// What a count would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountPreview {
    /// What names the form.
    pub once: String,
    /// The warehouse's id and name.
    pub warehouse: (String, String),
    /// On hand now.
    pub before: i64,
    /// On hand as counted.
    pub after: i64,
    /// Units that orders would lose, because fewer are there than they hold.
    pub lost: i64,
    /// Units that are short and would be given out.
    pub filled: i64,
    /// What was said with it.
    pub note: String,
}

impl CountPreview {
    pub(crate) fn change(&self) -> i64 {
        self.after - self.before
    }
}

impl MoveForms {
    pub(crate) fn is_open(&self, act: &StockAct) -> bool {
        self.open == Some(*act)
    }

    /// What was written in a form, or nothing.
    pub(crate) fn written<'a>(&self, act: &StockAct, text: &'a str) -> &'a str {
        if self.is_open(act) { text } else { "" }
    }
}

impl SkuPage {
    pub(crate) fn place(&self) -> Place {
        Place::Stock
    }

    /// The sum over the warehouses, where there are several.
    pub(crate) fn total(&self) -> Option<LevelRow> {
        let sum = |of: fn(&LevelRow) -> i64| self.levels.iter().map(of).sum();
        (self.levels.len() > 1).then(|| LevelRow {
            warehouse: String::new(),
            href: String::new(),
            on_hand: sum(|level| level.on_hand),
            allocated: sum(|level| level.allocated),
            reserved: sum(|level| level.reserved),
            short: sum(|level| level.short),
            available: sum(|level| level.available),
        })
    }
}
