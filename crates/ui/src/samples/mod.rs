//! Every page with every state it knows, filled with invented orders.

mod access;
mod attention;
mod command;
mod download;
mod flow;
mod lists;
mod login;
mod order;
mod orders;
mod shop;
mod stock;
mod system;

use jiff::tz::TimeZone;

use crate::Page;
use crate::frame::{ChannelLink, Frame, ShopLink};
use crate::locale::{Locale, Micros};
use crate::words::Language;

/// A page in one state.
pub struct Sample {
    /// `<page>-<state>`; the preview names files by it.
    pub name: &'static str,
    /// The page, filled.
    pub page: Box<dyn Page>,
}

/// Every page in every state, in one language.
pub fn samples(language: Language) -> Vec<Sample> {
    let locale = locale(language);
    let mut all = Vec::new();
    login::add(&locale, &mut all);
    orders::add(&locale, &mut all);
    order::add(&locale, &mut all);
    flow::add(&locale, &mut all);
    lists::add(&locale, &mut all);
    stock::add(&locale, &mut all);
    command::add(&locale, &mut all);
    access::add(&locale, &mut all);
    download::add(&locale, &mut all);
    shop::add(&locale, &mut all);
    system::add(&locale, &mut all);
    attention::add(&locale, &mut all);
    all
}

fn add(all: &mut Vec<Sample>, name: &'static str, page: impl Page + 'static) {
    all.push(Sample { name, page: Box::new(page) });
}

pub(crate) const SECOND: Micros = 1_000_000;
pub(crate) const MINUTE: Micros = 60 * SECOND;
pub(crate) const HOUR: Micros = 60 * MINUTE;
pub(crate) const DAY: Micros = 24 * HOUR;
/// 21 Nov 2026 14.05 in Jakarta.
pub(crate) const NOW: Micros = 1_795_244_700 * SECOND;

fn locale(language: Language) -> Locale {
    let zone = TimeZone::get("Asia/Jakarta").unwrap_or(TimeZone::UTC);
    Locale { language, zone, now: NOW }
}

fn channel(key: &str, name: &str) -> ChannelLink {
    ChannelLink { key: key.to_owned(), name: name.to_owned() }
}

fn shop(id: &str, name: &str, channel: ChannelLink) -> ShopLink {
    ShopLink { id: id.to_owned(), name: name.to_owned(), channel }
}

fn frame(here: &str) -> Frame {
    let tokopedia = channel("tokopedia", "Tokopedia");
    let shopee = channel("shopee", "Shopee");
    Frame {
        org: "Sari Lumbung".to_owned(),
        account: "Dewi Wulandari".to_owned(),
        permissions: vec![
            "see_orders",
            "see_stock",
            "see_log",
            "see_buyers",
            "see_audit",
            "manage_users",
            "manage_keys",
            "manage_shops",
            "change_stock",
            "download",
            "operate",
        ],
        here: here.to_owned(),
        query: String::new(),
        action_needed: 5,
        channels: vec![
            tokopedia.clone(),
            channel("tiktok", "TikTok Shop"),
            channel("lazada", "Lazada"),
            shopee.clone(),
            channel("woocommerce", "WooCommerce"),
            channel("pos", "POS"),
        ],
        shops: vec![
            shop("shp_01", "sari lumbung", tokopedia),
            shop("shp_02", "lumbung.resmi", shopee),
        ],
    }
}
