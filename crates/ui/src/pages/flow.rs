//! The flow table of a channel or a shop.

use askama::Template;

use crate::frame::{ChannelLink, Frame, Place, ShopLink};
use crate::keys::{About, Actor, Attention, Ensure, FlowView, Keyed, Preset, Tab, Verb};
use crate::locale::{Locale, Micros};
use crate::pages::StatusLink;

/// A flow, `GET /flows/{channel}?shop=&preset=`; each status has the anchor [`flow_anchor`].
#[derive(Debug, Clone, Template)]
#[template(path = "flow.html")]
pub struct FlowPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The channel.
    pub channel: ChannelLink,
    /// The shop whose flow it is; none for the channel's presets.
    pub shop: Option<ShopLink>,
    /// Which rules are shown.
    pub view: FlowView,
    /// The version in use by the shop, with the preset it comes from.
    pub version: Option<FlowVersion>,
    /// Cancelled orders can come back, and the newest fact decides.
    pub latest_decides: bool,
    /// Rules in the order of an order's life.
    pub rules: Vec<FlowRule>,
}

/// The version of a flow a shop uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowVersion {
    /// Its number.
    pub number: i64,
    /// The preset it started from.
    pub preset: Preset,
    /// It was edited since.
    pub edited: bool,
    /// In use since.
    pub since: Micros,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRule {
    /// The channel's status.
    pub status: String,
    /// Who made it happen.
    pub actor: Actor,
    /// What it speaks of.
    pub about: About,
    /// What it means.
    pub meaning: String,
    /// What must hold once it has been heard.
    pub ensures: Vec<Ensure>,
    /// The seeds' name of the transition it makes.
    pub verb: Verb,
    /// Where the order then shows; none keeps the tab of before.
    pub tab: Option<Tab>,
    /// Why a person must look.
    pub attention: Option<Attention>,
    /// Heard by itself, it releases its effect.
    pub realtime: bool,
    /// Heard on download, it releases its effect.
    pub download: bool,
    /// What an operations lead should know.
    pub note: String,
    /// In [`FlowView::Both`]: what the recommended preset has instead, where it differs.
    pub recommended: Option<Box<FlowRule>>,
}

/// The anchor of a status on its flow page, without the `#`.
pub fn flow_anchor(status: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    format!("status-{}", status.chars().map(safe).collect::<String>())
}

impl StatusLink {
    /// A status with the row of its shop's flow.
    pub fn new(shop: &ShopLink, status: &str, meaning: &str) -> Self {
        Self {
            status: status.to_owned(),
            meaning: meaning.to_owned(),
            href: format!("{}#{}", shop.href(), flow_anchor(status)),
        }
    }
}

impl FlowPage {
    pub(crate) fn place(&self) -> Place {
        Place::Flows
    }

    /// The anchor of a row: the first of a status has the status' own.
    pub(crate) fn anchor(&self, index: &usize) -> String {
        let Some(rule) = self.rules.get(*index) else { return String::new() };
        let before = self.rules.iter().take(*index).filter(|other| other.status == rule.status);
        match before.count() {
            0 => flow_anchor(&rule.status),
            n => format!("{}-{}", flow_anchor(&rule.status), n + 1),
        }
    }

    /// A firmer line stands above the first rule of a tab.
    pub(crate) fn opens_tab(&self, index: &usize) -> bool {
        let Some(rule) = self.rules.get(*index) else { return false };
        let before = index.checked_sub(1).and_then(|before| self.rules.get(before));
        rule.tab.is_some() && before.is_some_and(|before| before.tab != rule.tab)
    }

    pub(crate) fn views(&self) -> Vec<(FlowView, String)> {
        let shop = self.shop.as_ref().map(|shop| shop.id.as_str());
        FlowView::ALL
            .iter()
            .filter(|view| shop.is_some() || **view != FlowView::InUse)
            .map(|view| {
                let base = self.shop.as_ref().map_or(self.channel.href(), ShopLink::href);
                let join = if shop.is_some() { '&' } else { '?' };
                (*view, format!("{base}{join}preset={}", view.key()))
            })
            .collect()
    }

    /// Shops of this channel.
    pub(crate) fn shops(&self) -> Vec<&ShopLink> {
        self.frame.shops.iter().filter(|shop| shop.channel.key == self.channel.key).collect()
    }

    pub(crate) fn is_shop(&self, shop: &ShopLink) -> bool {
        self.shop.as_ref().is_some_and(|mine| mine.id == shop.id)
    }
}
