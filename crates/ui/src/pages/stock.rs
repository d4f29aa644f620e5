//! The list of SKUs with what there is of each, and the listings that are no SKU's yet.

use askama::Template;

use crate::frame::{Frame, Place, ShopLink};
use crate::keys::Incident;
use crate::locale::{Locale, Micros};
use crate::pages::Chip;
use crate::sentence::Sentence;

/// Stock by SKU, `GET /stock?q=&short=&low=&unmapped=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What was searched for, or empty.
    pub query: String,
    /// The filters that are set, each with a link that takes it away.
    pub chips: Vec<Chip>,
    /// Those that are not, each with a link that sets it: the key of its word, and where it leads.
    pub offers: Vec<(&'static str, String)>,
    /// SKUs on this page.
    pub rows: Vec<StockRow>,
    /// Listings that are no SKU's, in the place of SKUs; none = SKUs are shown.
    pub unmapped: Option<Vec<UnmappedRow>>,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// Why what was just posted was not done.
    pub problem: Option<Sentence>,
    /// Stock may be changed by who looks.
    pub may_change: bool,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// One SKU, in units over its warehouses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// Its id with its prefix.
    pub id: String,
    /// Its code.
    pub sku: String,
    /// Name of the goods, or empty.
    pub name: String,
    /// It is made of others and has no stock of its own.
    pub bundle: bool,
    /// The names of its warehouses.
    pub warehouses: Vec<String>,
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
    /// How many listings sell it.
    pub listings: i64,
    /// What happened to it and is not over.
    pub incidents: Vec<Incident>,
}

/// A listing that is no SKU's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedRow {
    /// Its id with its prefix.
    pub id: String,
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
    /// What the channel shows as stock.
    pub channel_stock: Option<i64>,
    /// When it was read.
    pub seen_at: Micros,
}

impl StockRow {
    pub(crate) fn href(&self) -> String {
        format!("/stock/{}", self.id)
    }
}

impl StockPage {
    pub(crate) fn place(&self) -> Place {
        Place::Stock
    }

    /// Nothing narrows the list.
    pub(crate) fn is_plain(&self) -> bool {
        self.query.is_empty() && self.chips.is_empty()
    }

    /// Filters that a new search keeps.
    pub(crate) fn kept(&self) -> Vec<(&'static str, String)> {
        let kept = self.chips.iter().filter_map(|chip| match chip.kind {
            "stock-short" => Some(("short", "1".to_owned())),
            "stock-low" => Some(("low", chip.value.clone())),
            _ => None,
        });
        kept.collect()
    }
}
