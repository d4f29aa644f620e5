//! The recycle bin.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::{Locale, Micros};
use crate::pages::{Filters, OrderRow};
use crate::sentence::Sentence;

/// Orders whose document is in the recycle bin, `GET /bin?channel=&shop=&q=&after=&told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "bin.html")]
pub struct BinPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The filters as set, with what can be chosen.
    pub filters: Filters,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// For how many days after its end an order's buyer is kept.
    pub kept_days: i64,
    /// Documents on this page.
    pub rows: Vec<BinRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

/// A document in the bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinRow {
    /// The order, with `binned_at`.
    pub order: OrderRow,
    /// Why it is there, and by whom.
    pub why: Sentence,
    /// What was said with it, or empty.
    pub note: String,
    /// When the buyer of it is erased; none = it has none.
    pub erased_at: Option<Micros>,
    /// What restoring it does; none = who looks may not.
    pub restores: Option<Sentence>,
    /// The order's revision that an act is for.
    pub revision: i64,
}

impl BinPage {
    pub(crate) fn place(&self) -> Place {
        Place::Bin
    }
}
