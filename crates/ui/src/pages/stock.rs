//! Stock levels, to be read.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::Locale;

/// Stock levels by SKU and warehouse, `GET /stock?q=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// What was searched for, or empty.
    pub query: String,
    /// Levels on this page.
    pub rows: Vec<StockRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// One stock level, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// SKU code.
    pub sku: String,
    /// Name of the goods, or empty.
    pub name: String,
    /// Warehouse name.
    pub warehouse: String,
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

impl StockPage {
    pub(crate) fn place(&self) -> Place {
        Place::Stock
    }
}
