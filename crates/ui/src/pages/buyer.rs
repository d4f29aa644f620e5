//! A buyer, unmasked.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::Locale;

/// Who ordered, unmasked, `GET /orders/{id}/buyer`: the look was written down before it is shown.
#[derive(Debug, Clone, Template)]
#[template(path = "buyer.html")]
pub struct BuyerPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The order.
    pub id: String,
    /// The channel's number of it.
    pub number: String,
    /// What is known, by the key of its word; none = the buyer is not known, or is known no more.
    pub parts: Option<Vec<(&'static str, String)>>,
}

impl BuyerPage {
    pub(crate) fn place(&self) -> Place {
        Place::Orders
    }
}
