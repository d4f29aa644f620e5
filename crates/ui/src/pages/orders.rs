//! The list of orders; the recycle bin shows the same rows.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::keys::{Attention, Command, Delivery, Payment, Tab, View};
use crate::locale::{Locale, Micros, Money};
use crate::pages::CommandForm;
use crate::sentence::Sentence;

/// Orders by tab, `GET /orders?tab=&channel=&shop=&sub_platform=&q=&sort=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "orders.html")]
pub struct OrdersPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What is shown.
    pub view: View,
    /// Every view with its count, in the order of [`View::ALL`].
    pub tabs: Vec<TabCount>,
    /// The filters as set, with what can be chosen.
    pub filters: Filters,
    /// Orders on this page.
    pub rows: Vec<OrderRow>,
    /// The page before, when this is not the first.
    pub newer: Option<String>,
    /// The page after, when there is one.
    pub older: Option<String>,
    /// What may be done with several at once.
    pub bulk: Option<Bulk>,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// No order has ever come: the page says how to make one come.
    pub first_run: bool,
}

/// What may be done with several orders at once, posted to `/commands` as `order` (repeated) or `all`
/// with the list's filters, and `command`, which is a form's prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    /// The commands that some order of the page allows.
    pub forms: Vec<CommandForm>,
    /// What names the list: the choice of orders is kept over its pages.
    pub list: String,
    /// The list's filters, posted along.
    pub kept: Vec<(&'static str, String)>,
    /// How many orders the list holds; none when it was not counted.
    pub count: Option<i64>,
}

/// One tab with its count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabCount {
    /// Which.
    pub view: View,
    /// How many orders.
    pub count: i64,
    /// Where it leads, other filters kept.
    pub href: String,
}

/// Filters as set, and what can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Chosen channel key, or empty.
    pub channel: String,
    /// Chosen shop id, or empty.
    pub shop: String,
    /// Chosen name that a channel sells under, by its key, or empty.
    pub sub_platform: String,
    /// Search text, or empty.
    pub query: String,
    /// Whether the newest come first rather than the soonest deadline; none where nothing has one.
    pub newest: Option<bool>,
    /// Channels to choose from.
    pub channels: Vec<Choice>,
    /// Shops to choose from.
    pub shops: Vec<Choice>,
    /// Names that channels sell under, to choose from; empty = no channel has several.
    pub sub_platforms: Vec<Choice>,
    /// What is set, each with a link that takes it away.
    pub chips: Vec<Chip>,
}

/// An option of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// A filter that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Key of its kind: `filter-channel`, `filter-shop`, `filter-sub-platform`, `filter-query`,
    /// `filter-newest`.
    pub kind: &'static str,
    /// What it is set to.
    pub value: String,
    /// The page without it.
    pub without: String,
}

/// A channel's status with the row of the flow table that says what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLink {
    /// The channel's own status.
    pub status: String,
    /// What the flow says it means; empty when the flow does not know it.
    pub meaning: String,
    /// `/flows/{channel}?shop=…#status-…`.
    pub href: String,
}

/// One order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The order's id with its prefix; live hints name it.
    pub id: String,
    /// The channel's number of it.
    pub number: String,
    /// The channel's name.
    pub channel: String,
    /// The name it was sold under, where that is another.
    pub sub_platform: Option<String>,
    /// The shop's name.
    pub shop: String,
    /// Number of the invoice, else of the sales order.
    pub document: Option<String>,
    /// The current status.
    pub status: Option<StatusLink>,
    /// Where it shows; none when no known fact names a tab.
    pub tab: Option<Tab>,
    /// The buyer, masked.
    pub buyer: String,
    /// Where the parcel goes.
    pub city: String,
    /// The first two lines.
    pub lines: Vec<RowLine>,
    /// How many lines more.
    pub more: i64,
    /// What the buyer pays.
    pub total: Option<Money>,
    /// The carrier's name.
    pub carrier: String,
    /// Tracking number, once there is one.
    pub awb: Option<String>,
    /// Ship by; none once sent or when the channel sets none.
    pub due: Option<Micros>,
    /// The payment axis of the document; none without a document.
    pub payment: Option<Payment>,
    /// The delivery axis of the document; none without a document.
    pub delivery: Option<Delivery>,
    /// Its document is in the recycle bin.
    pub in_bin: bool,
    /// When it went there.
    pub binned_at: Option<Micros>,
    /// Why a person must look.
    pub attentions: Vec<Attention>,
    /// What its channel may be asked to do with it now.
    pub can: Vec<Command>,
}

/// A line of goods in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLine {
    /// Name of the goods as the channel tells it.
    pub name: String,
    /// Our SKU; none while the listing is not mapped.
    pub sku: Option<String>,
    /// Units.
    pub quantity: i64,
    /// Units wanted and not there.
    pub short: i64,
}

impl OrderRow {
    /// The order's page.
    pub fn href(&self) -> String {
        format!("/orders/{}", self.id)
    }

    /// The edge of the row: overdue, to be looked at, or none.
    pub(crate) fn edge(&self, locale: &Locale) -> &'static str {
        if self.due.is_some_and(|due| due < locale.now) {
            "late"
        } else if self.attentions.is_empty() {
            ""
        } else {
            "look"
        }
    }
}

impl StatusLink {
    /// A number says nothing without its meaning.
    pub(crate) fn is_code(&self) -> bool {
        self.status.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl OrdersPage {
    /// Rows can be chosen.
    pub(crate) fn picks(&self) -> bool {
        self.bulk.is_some()
    }

    pub(crate) fn place(&self) -> Place {
        Place::Orders
    }

    /// Asks for the page with nothing but the tab kept.
    pub(crate) fn without_filters(&self) -> String {
        format!("/orders?tab={}", crate::keys::Keyed::key(self.view))
    }
}
