//! The recycle bin.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::Locale;
use crate::pages::{Filters, OrderRow};

/// Orders whose document is in the recycle bin, `GET /bin?channel=&shop=&q=&after=`.
#[derive(Debug, Clone, Template)]
#[template(path = "bin.html")]
pub struct BinPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The filters as set, with what can be chosen.
    pub filters: Filters,
    /// Orders on this page, each with `in_bin` and `binned_at`.
    pub rows: Vec<OrderRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
}

impl BinPage {
    /// Rows cannot be chosen.
    pub(crate) fn picks(&self) -> bool {
        false
    }

    pub(crate) fn place(&self) -> Place {
        Place::Bin
    }
}
