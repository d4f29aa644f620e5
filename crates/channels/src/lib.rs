//! The channels of Dermaga, a folder for each.
//!
//! A folder holds everything that is particular to its channel: addresses, signatures, names of
//! fields, statuses. Nothing outside it knows any of that; `docs/adding-a-channel.md` is the way to
//! another one.

mod amount;
pub mod flows;
mod json;
mod lazada;
mod shopee;
mod tiktok;
mod tokopedia;
mod woocommerce;

use std::sync::Arc;

use dermaga_channel::{Channel, Registry};

/// Every channel, one line each.
#[must_use]
pub fn all() -> Registry {
    let channels: [Arc<dyn Channel>; 5] = [
        Arc::new(shopee::Shopee), // a token for each shop, one push address an app, labels that are made while one waits
        Arc::new(tiktok::TikTok), // the seller consents in the browser; a row is one unit
        Arc::new(lazada::Lazada), // a seller's consent and token for each account, a host for each country
        Arc::new(tokopedia::Tokopedia), // one webhook registration and one rate per app, three days of list
        Arc::new(woocommerce::WooCommerce), // a shop of the seller's own: no token, one connection a shop
    ];
    Registry::new(channels)
}
