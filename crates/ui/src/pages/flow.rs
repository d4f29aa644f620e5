//! The flow table of a channel or a shop.

use askama::Template;

use crate::frame::{ChannelLink, Frame, Place, ShopLink};
use crate::keys::{About, Actor, Attention, Ensure, FlowView, Keyed, Preset, Tab, Verb};
use crate::locale::{Locale, Micros};
use crate::pages::StatusLink;
use crate::sentence::Sentence;

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
    /// The versions of the shop's flow, the newest first.
    pub versions: Vec<VersionRow>,
    /// What came of what was just posted.
    pub notice: Option<Sentence>,
    /// Why what was just posted was not done.
    pub problem: Option<Sentence>,
    /// The shop's flow may be changed by who looks.
    pub may_edit: bool,
}

/// A version of a shop's flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its id with its prefix.
    pub id: String,
    /// Its number among the shop's.
    pub number: i64,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<Preset>,
    /// When it was made.
    pub at: Micros,
    /// Who made it; none = it came with the shop, or from the command line.
    pub by: Option<String>,
    /// New orders are judged by it.
    pub in_use: bool,
}

/// A tab with the statuses that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabNote {
    /// The tab.
    pub tab: Tab,
    /// The statuses, each with its anchor.
    pub statuses: Vec<(String, String)>,
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

impl FlowRule {
    /// A rule that says nothing yet.
    pub(crate) fn blank() -> Self {
        Self {
            status: String::new(),
            actor: Actor::Any,
            about: About::Order,
            meaning: String::new(),
            ensures: Vec::new(),
            verb: Verb::None,
            tab: None,
            attention: None,
            realtime: true,
            download: true,
            note: String::new(),
            recommended: None,
        }
    }

    pub(crate) fn has_tab(&self, tab: &Tab) -> bool {
        self.tab == Some(*tab)
    }

    pub(crate) fn has_attention(&self, attention: &Attention) -> bool {
        self.attention == Some(*attention)
    }

    /// What it means for the documents: the key of its sentence.
    pub(crate) fn means(&self) -> &'static str {
        let strongest = [
            (Ensure::Void, "means-void"),
            (Ensure::ManualVoid, "means-manual_void"),
            (Ensure::Return, "means-return"),
            (Ensure::Paid, "means-paid"),
            (Ensure::Sent, "means-sent"),
            (Ensure::PartlySent, "means-partly_sent"),
            (Ensure::Invoice, "means-invoice"),
            (Ensure::SalesOrder, "means-sales_order"),
        ];
        let found = strongest.iter().find(|(ensure, _)| self.ensures.contains(ensure));
        found.map_or("means-nothing", |(_, key)| key)
    }

    /// In which mode alone it does so; none where both do, or there is nothing to do.
    pub(crate) fn only(&self) -> Option<&'static str> {
        match (self.realtime, self.download) {
            _ if self.ensures.is_empty() => None,
            (true, true) => None,
            (false, true) => Some("means-download-only"),
            (true, false) => Some("means-realtime-only"),
            (false, false) => Some("means-never"),
        }
    }
}

impl FlowPage {
    /// The tabs that this flow leads to, each with its statuses.
    pub(crate) fn tabs(&self) -> Vec<TabNote> {
        let of = |tab: Tab| {
            let mut statuses: Vec<(String, String)> = Vec::new();
            for rule in self.rules.iter().filter(|rule| rule.tab == Some(tab)) {
                if !statuses.iter().any(|(status, _)| *status == rule.status) {
                    statuses.push((rule.status.clone(), flow_anchor(&rule.status)));
                }
            }
            TabNote { tab, statuses }
        };
        let all = Tab::ALL.iter().map(|tab| of(*tab));
        all.filter(|note| !note.statuses.is_empty()).collect()
    }

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
