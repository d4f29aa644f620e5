//! Every fault, switched on and counted: those of the sandbox and those that befall the hub.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::market::Market;
use super::scene::{Place, Scene};
use super::{Args, pass_time};
use crate::control::Control;

/// Faults, their chance, and how often they may fire at a shop. Those that cost a time-out are few.
const FAULTS: [(&str, f64, u32); 19] = [
    ("webhook_duplicate", 0.20, MANY),
    ("webhook_reorder", 0.20, MANY),
    ("webhook_delay", 0.15, MANY),
    ("webhook_drop", 0.15, MANY),
    ("webhook_coalesce", 0.10, MANY),
    ("webhook_same_id", 0.20, MANY),
    ("rate_limited", 0.05, MANY),
    ("rate_limited_bare", 0.02, MANY),
    ("server_error", 0.05, MANY),
    ("server_error_after", 0.03, MANY),
    ("connect_drop", 0.02, MANY),
    ("timeout_before", 0.03, 3),
    ("timeout_after", 0.03, 3),
    ("cut_body", 0.03, MANY),
    ("html_body", 0.03, MANY),
    ("token_expiry", 0.02, MANY),
    ("stale_read", 0.05, MANY),
    ("page_drift", 0.50, MANY),
    ("list_lag", 0.20, MANY),
];

const MANY: u32 = 1_000_000;

/// The fault of lists that are read page by page. It is on, and befalls nobody who reads a list in
/// stretches of one page, but for more orders in one second than a page holds.
const NEED_NOT_HAPPEN: &str = "page_drift";

fn awaited(market: &Market, fault: &str) -> bool {
    fault != NEED_NOT_HAPPEN && !market.lacks.contains(&fault)
}

/// Switches every fault on, at every shop of a channel.
pub(super) async fn switch_on(control: Control<'_>, market: &Market) -> Result<()> {
    set(control, market.channel, &profile()).await
}

/// Webhooks of one shop no longer come at all: whatever happens there has to be pulled.
pub(super) async fn silence(control: Control<'_>, (channel, shop): &Place) -> Result<()> {
    let mut profile = profile();
    profile["shop_id"] = json!(shop.parse::<i64>()?);
    profile["probability"]["webhook_drop"] = json!(1.0);
    set(control, channel, &profile).await
}

/// Switches every fault off, at every shop of a channel.
pub(super) async fn switch_off(control: Control<'_>, scene: &Scene, market: &Market) -> Result<()> {
    set(control, market.channel, &json!({})).await?;
    let Some((channel, silent)) = scene.edited_at(market) else { return Ok(()) };
    set(control, channel, &json!({"shop_id": silent.parse::<i64>()?})).await
}

fn profile() -> Value {
    let probability: serde_json::Map<_, _> =
        FAULTS.iter().map(|(name, chance, _)| ((*name).to_owned(), json!(chance))).collect();
    let limit: serde_json::Map<_, _> =
        FAULTS.iter().map(|(name, _, limit)| ((*name).to_owned(), json!(limit))).collect();
    // A time-out lasts longer than a lease, in real milliseconds. Who is to wait waits for longer than
    // what was sent before can be on its way.
    json!({
        "probability": probability, "limit": limit, "timeout_ms": 3_000,
        "webhook_delay_seconds": 60, "webhook_coalesce_seconds": 5, "list_lag_seconds": 240,
        "rate_limited_seconds": 30,
    })
}

async fn set(control: Control<'_>, channel: &str, profile: &Value) -> Result<()> {
    control.ask("PUT", &format!("/control/{channel}/faults"), profile).await.map(drop)
}

/// Waits until every fault of the sandbox has fired at least once: the hub goes on reading meanwhile.
pub(super) async fn until_all_fired(
    control: Control<'_>,
    markets: &[&Market],
    limit: Duration,
) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < limit
        && fired(control, markets).await?.values().any(|&times| times == 0)
    {
        pass_time(control, 30).await?;
    }
    Ok(())
}

/// How often each fault that was switched on has fired; those that cannot happen at any of the channels,
/// and the one that need not, are not among them.
pub(super) async fn fired(
    control: Control<'_>,
    markets: &[&Market],
) -> Result<BTreeMap<&'static str, u64>> {
    let mut fired = BTreeMap::new();
    for market in markets {
        let told = control.get(&format!("/control/{}/faults", market.channel)).await?;
        for (name, _, _) in FAULTS.iter().filter(|(name, _, _)| awaited(market, name)) {
            *fired.entry(*name).or_default() += told["fired"][name].as_u64().unwrap_or(0);
        }
    }
    Ok(fired)
}

/// How often what befalls the hub has befallen it.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) killed: u64,
    pub(super) node_paused: u64,
    pub(super) people_acting: u64,
    pub(super) receipts: u64,
    pub(super) downloads: u64,
    pub(super) commands: u64,
    pub(super) webhooks_disabled: u64,
    clock_skew: u64,
    clock_put_back: u64,
    several_nodes: bool,
    kills: bool,
    disables_webhooks: bool,
}

impl Counts {
    pub(super) fn of(args: &Args, markets: &[&Market]) -> Self {
        Self {
            several_nodes: args.nodes > 1,
            kills: args.kills > 0,
            disables_webhooks: markets.iter().any(|market| market.disables_webhooks),
            ..Self::default()
        }
    }

    /// The hubs' clocks were set from one distance to another.
    pub(super) fn clock_set(&mut self, from: i64, to: i64) {
        self.clock_skew += u64::from(to != 0);
        self.clock_put_back += u64::from(to < from);
    }

    /// Each by its name; what was not asked for is not among them.
    pub(super) fn by_name(&self) -> BTreeMap<&'static str, u64> {
        let mut named = BTreeMap::from([
            ("people_acting", self.people_acting),
            ("stock_received", self.receipts),
            ("orders_downloaded", self.downloads),
            ("commands_given", self.commands),
            ("clock_skew", self.clock_skew),
            ("clock_put_back", self.clock_put_back),
        ]);
        if self.kills {
            named.insert("killed", self.killed);
        }
        if self.disables_webhooks {
            named.insert("webhooks_disabled", self.webhooks_disabled);
        }
        if self.several_nodes {
            named.insert("node_paused", self.node_paused);
        }
        named
    }
}
