//! Shops: how they fare, what is told to them, their settings.

use askama::Template;

use crate::frame::{ChannelLink, Frame, Place};
use crate::keys::{Light, PushOutcome, Task, Vital};
use crate::locale::{Locale, Micros, ZONES};
use crate::pages::Choice;
use crate::sentence::Sentence;

/// Every shop, `GET /shops`.
#[derive(Debug, Clone, Template)]
#[template(path = "shops.html")]
pub struct ShopsPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Those that are connected first.
    pub shops: Vec<ShopCard>,
}

/// A shop in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopCard {
    /// Its id with its prefix.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its channel.
    pub channel: ChannelLink,
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// How it fares, the worst of its vitals.
    pub light: Light,
    /// Everything of it stands still.
    pub paused: bool,
    /// Orders are taken.
    pub orders: bool,
    /// The channel is told what is left.
    pub push: bool,
    /// When it was connected.
    pub since: Micros,
    /// When it was disconnected.
    pub disconnected_at: Option<Micros>,
    /// How it fares.
    pub vitals: Vec<VitalSign>,
}

/// One thing that shows how a shop fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VitalSign {
    /// What.
    pub vital: Vital,
    /// How.
    pub light: Light,
    /// In a few words.
    pub value: Sentence,
    /// More, or what to do.
    pub note: Option<Sentence>,
    /// The page that explains it.
    pub code: Option<String>,
}

/// One shop, `GET /shops/{id}?told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop.html")]
pub struct ShopPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// It, as the list shows it.
    pub shop: ShopCard,
    /// Messages heard in each quarter of an hour of the last day, the oldest first.
    pub heard: Vec<i64>,
    /// When the first of those quarters began.
    pub heard_from: Micros,
    /// Its tasks.
    pub tasks: Vec<TaskRow>,
    /// Its settings in short: names of warehouses, where orders are pulled from.
    pub warehouses: Vec<String>,
    /// From when orders are pulled.
    pub orders_from: Option<Micros>,
    /// Listings that are mapped, and those that are not.
    pub listings: (i64, i64),
    /// The version of its flow: the preset's name, or that it was edited.
    pub flow: String,
    /// The channel can be told what is left.
    pub can_push: bool,
    /// What came of what was just posted.
    pub notice: Option<(Sentence, bool)>,
}

/// A scheduled task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The shop: id and name.
    pub shop: (String, String),
    /// The kind.
    pub task: Task,
    /// How often, in minutes.
    pub minutes: i64,
    /// It rests, or its shop does.
    pub paused: bool,
    /// A person may let it rest or go on: its shop does not stand still.
    pub can_steer: bool,
    /// Up to when it has seen everything.
    pub cursor: Option<Micros>,
    /// When it ran last.
    pub last: Option<Micros>,
    /// When it runs next.
    pub next: Micros,
    /// What the last run came to.
    pub outcome: Option<Sentence>,
    /// Whether that was well.
    pub is_well: bool,
    /// Runs that went well.
    pub succeeded: i64,
    /// Runs that did not.
    pub failed: i64,
}

/// The scheduler, `GET /tasks?told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "tasks.html")]
pub struct TasksPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Every task, by shop.
    pub rows: Vec<TaskRow>,
    /// What came of what was just posted.
    pub notice: Option<(Sentence, bool)>,
}

/// What a shop's channel is told of what is left, `GET /shops/{id}/stock?after=&told=`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop_stock.html")]
pub struct ShopStockPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The shop.
    pub shop: ShopCard,
    /// The channel can be told.
    pub can_push: bool,
    /// Listings that would change, at most so many as a page shows.
    pub differing: Vec<PushRow>,
    /// How many would change in all.
    pub differ: i64,
    /// How many listings are mapped.
    pub listings: i64,
    /// What stands for what is shown: who agrees sends it back.
    pub seen: String,
    /// Values that were sent, the newest first.
    pub log: Vec<PushLogRow>,
    /// The page before.
    pub newer: Option<String>,
    /// The page after.
    pub older: Option<String>,
    /// What came of what was just posted.
    pub notice: Option<(Sentence, bool)>,
}

/// A listing that would be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRow {
    /// The channel's id of the product.
    pub product: String,
    /// The seller's code there.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// What the channel shows; none = not known.
    pub shows: Option<i64>,
    /// What it is to show.
    pub wanted: i64,
    /// From how many available units.
    pub available: i64,
}

/// A value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushLogRow {
    /// The seller's code.
    pub sku: String,
    /// The channel's id of the product.
    pub product: String,
    /// From how many available units.
    pub available: i64,
    /// What the channel was believed to show.
    pub believed: Option<i64>,
    /// What was sent.
    pub value: i64,
    /// What came of it.
    pub outcome: PushOutcome,
    /// The channel's words.
    pub message: String,
    /// When.
    pub at: Micros,
}

/// A shop's settings and its credentials, `GET /shops/{id}/settings`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop_settings.html")]
pub struct ShopSettingsPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The shop.
    pub shop: ShopCard,
    /// What the form holds.
    pub form: ShopForm,
    /// What the channel asks for to connect; its secrets are never shown.
    pub credentials: Vec<CredentialAsk>,
    /// Whether the channel asks the seller in the browser.
    pub asks_seller: bool,
    /// How many other shops are reached with the same credentials.
    pub shared: i64,
    /// Where webhooks come to, up to the last slash: some channels want it entered at their side.
    pub webhooks_to: Option<String>,
    /// Why it was not kept.
    pub error: Option<(Sentence, String)>,
}

/// What a person sets of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopForm {
    /// What people call it.
    pub name: String,
    /// Its time zone.
    pub zone: String,
    /// Where its orders take stock from: the warehouse's name and the channel's name of it.
    pub warehouse: String,
    /// The channel's name of that warehouse.
    pub channel_warehouse: String,
    /// Names of warehouses that are there.
    pub warehouses: Vec<String>,
    /// Orders are taken.
    pub order_sync: bool,
    /// Orders are pulled from then on, as `2026-11-20T09:00` in its zone.
    pub from: String,
    /// Returns are pulled from then on; the channel lists returns.
    pub returns_from: Option<String>,
    /// The channel's invoice number is shown first; the channel has one.
    pub by_invoice: Option<bool>,
    /// How many days back the channel lists orders.
    pub history_days: Option<i64>,
}

/// Something that a channel asks for to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialAsk {
    /// Its name.
    pub name: String,
    /// What the channel calls it, in the page's language.
    pub label: String,
    /// What it is and where it is read.
    pub help: String,
    /// Whether it has several lines.
    pub lines: bool,
    /// Whether it is never shown.
    pub secret: bool,
    /// Whether connecting needs it.
    pub required: bool,
    /// What it is now, if it may be shown.
    pub value: String,
    /// Whether something is kept.
    pub is_set: bool,
}

/// Connecting a shop, `GET /shops/connect?channel=`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop_connect.html")]
pub struct ConnectPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The channels that can be connected.
    pub channels: Vec<ChannelLink>,
    /// The one that was chosen.
    pub channel: Option<ChannelLink>,
    /// What must be done at the channel before.
    pub before: Vec<String>,
    /// What it asks for.
    pub credentials: Vec<CredentialAsk>,
    /// Connections of the channel that are there: a shop may be added to one without entering anything.
    pub connections: Vec<Choice>,
    /// The connection that was chosen; empty = a new one.
    pub connection: String,
    /// Whether the channel asks the seller in the browser before shops can be chosen.
    pub asks_seller: bool,
    /// The shops that the seller of the chosen connection opened and nobody connected yet.
    pub opened: Vec<Choice>,
    /// The channel's id of the shop.
    pub channel_shop_id: String,
    /// Where that is read.
    pub shop_id_help: String,
    /// The other settings.
    pub form: ShopForm,
    /// The preset of its flow: `classic` or `recommended`.
    pub preset: String,
    /// Why it was not connected, and the field that it is about.
    pub error: Option<(Sentence, String)>,
}

/// The way to the channel's page that asks the seller, `POST /shops/connect/consent`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop_consent.html")]
pub struct ConsentPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The channel.
    pub channel: ChannelLink,
    /// The address of its page.
    pub to: String,
}

/// What a first sync would bring, `GET /shops/{id}/first`.
#[derive(Debug, Clone, Template)]
#[template(path = "shop_first.html")]
pub struct FirstSyncPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The shop.
    pub shop: ShopCard,
    /// Listings that are mapped, and those that are not.
    pub listings: (i64, i64),
    /// Orders in the window.
    pub orders: i64,
    /// There are more.
    pub more_orders: bool,
    /// From when.
    pub from: Micros,
    /// Why it cannot be told: the code of its page.
    pub trouble: Option<String>,
}

/// A bar of the chart of messages: where it stands and how high it is, in the chart's units.
pub(crate) struct Bar {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) height: i64,
}

/// How high the chart is.
const CHART_HEIGHT: i64 = 88;
/// How wide a quarter of an hour is.
const BAR_STEP: i64 = 10;

impl ShopPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }

    pub(crate) fn most(&self) -> i64 {
        self.heard.iter().copied().max().unwrap_or(0)
    }

    pub(crate) fn total(&self) -> i64 {
        self.heard.iter().sum()
    }

    pub(crate) fn bars(&self) -> Vec<Bar> {
        let most = self.most().max(1);
        let bar = |(at, count): (i64, &i64)| {
            let height = (count * CHART_HEIGHT + most - 1) / most;
            Bar { x: at * BAR_STEP + 1, y: CHART_HEIGHT + 8 - height, height }
        };
        (0_i64..).zip(&self.heard).filter(|(_, count)| **count > 0).map(bar).collect()
    }

    /// Four-hourly marks under the chart: where, and when.
    pub(crate) fn marks(&self) -> Vec<(i64, Micros)> {
        let quarter = 15 * 60 * 1_000_000;
        (0_i64..6).map(|n| (n * 16 * BAR_STEP + 1, self.heard_from + n * 16 * quarter)).collect()
    }
}

impl ShopsPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }
}

impl TasksPage {
    pub(crate) fn place(&self) -> Place {
        Place::Tasks
    }
}

impl ShopStockPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }

    /// How many of those that would change are shown.
    pub(crate) fn shown(&self) -> i64 {
        i64::try_from(self.differing.len()).unwrap_or(i64::MAX)
    }
}

impl ShopSettingsPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }

    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.error.as_ref().is_some_and(|(_, of)| of == field)
    }
}

impl ConnectPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }

    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.error.as_ref().is_some_and(|(_, of)| of == field)
    }
}

impl ConsentPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }
}

impl FirstSyncPage {
    pub(crate) fn place(&self) -> Place {
        Place::Shops
    }
}

impl ShopForm {
    /// The zones to choose from, and its own.
    pub(crate) fn zones(&self) -> Vec<String> {
        let mut zones: Vec<String> = ZONES.iter().map(|&zone| zone.to_owned()).collect();
        if !self.zone.is_empty() && !zones.contains(&self.zone) {
            zones.push(self.zone.clone());
        }
        zones
    }
}

impl VitalSign {
    pub(crate) fn icon(&self) -> &'static str {
        match self.light {
            Light::Bad => "late",
            Light::Look => "warn",
            Light::Fine => "okdot",
            Light::Off => "off",
        }
    }

    pub(crate) fn colour(&self) -> &'static str {
        colour(self.light)
    }
}

impl ShopCard {
    /// Those that a person must look at.
    pub(crate) fn bad(&self) -> Vec<&VitalSign> {
        let bad = |sign: &&VitalSign| matches!(sign.light, Light::Bad | Light::Look);
        self.vitals.iter().filter(bad).collect()
    }

    pub(crate) fn colour(&self) -> &'static str {
        colour(self.light)
    }
}

fn colour(light: Light) -> &'static str {
    match light {
        Light::Bad => "red",
        Light::Look => "amber",
        Light::Fine => "green",
        Light::Off => "faint",
    }
}
