//! What torture prints.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;

use super::compare::{CHECKED, Tally, Watch};
use super::market::Market;
use crate::control::Control;

/// Differences that are printed one by one.
const SHOWN: usize = 40;

/// What happened at one channel.
pub(super) struct OfChannel {
    channel: &'static str,
    orders: u64,
    /// Webhooks, each as often as it was sent.
    webhooks: u64,
    calls: u64,
    /// Calls that were answered with a request to wait.
    throttled: u64,
    /// Until its orders were the same on both sides; none = they never were.
    seconds: Option<u64>,
}

/// What happened at each channel, as its sandbox counts it.
pub(super) async fn of_channels(
    control: Control<'_>,
    markets: &[&Market],
    (watch, began): (&Watch, Instant),
) -> Result<Vec<OfChannel>> {
    let mut told = Vec::new();
    for market in markets {
        let ask =
            async |what: &str| control.get(&format!("/control/{}/{what}", market.channel)).await;
        let (orders, calls) = (ask("orders?limit=1").await?, ask("calls?limit=1").await?);
        let (webhooks, faults) = (ask("webhooks?limit=1").await?, ask("faults").await?);
        let fired = |name: &str| faults["fired"][name].as_u64().unwrap_or(0);
        let equal_at = watch.equal_at().get(market.channel);
        told.push(OfChannel {
            channel: market.channel,
            orders: orders["total"].as_u64().unwrap_or(0),
            webhooks: webhooks["total"].as_u64().unwrap_or(0),
            calls: calls["total"].as_u64().unwrap_or(0),
            throttled: fired("rate_limited") + fired("rate_limited_bare"),
            seconds: equal_at.map(|at| at.duration_since(began).as_secs()),
        });
    }
    Ok(told)
}

/// Prints what happened and what was found.
#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
pub(super) fn print(channels: &[OfChannel], fired: &BTreeMap<&'static str, u64>, tally: &Tally) {
    println!("{:<22} orders webhooks    calls told to wait seconds", "channel");
    for of in channels {
        let seconds = of.seconds.map_or_else(|| "never".to_owned(), |seconds| seconds.to_string());
        let OfChannel { channel, orders, webhooks, calls, throttled, .. } = of;
        println!("{channel:<22} {orders:>6} {webhooks:>8} {calls:>8} {throttled:>12} {seconds:>7}");
    }
    println!("{:<22} fired", "fault");
    for (name, times) in fired {
        println!("{name:<22} {times}");
    }
    println!("{:<22} {:>9} differences", "invariant", "looked at");
    for invariant in CHECKED {
        let differences = tally.found().iter().filter(|(of, _)| *of == invariant).count();
        println!("{invariant:<22} {:>9} {differences}", tally.looked(invariant));
    }
    for (invariant, told) in tally.found().iter().take(SHOWN) {
        println!("DIFFERS {invariant}: {told}");
    }
}

/// Faults that never fired, and invariants for which nothing was looked at.
pub(super) fn silent(fired: &BTreeMap<&'static str, u64>, tally: &Tally) -> Vec<&'static str> {
    let faults = fired.iter().filter(|(_, times)| **times == 0).map(|(name, _)| *name);
    let blind = CHECKED.into_iter().filter(|invariant| tally.looked(invariant) == 0);
    faults.chain(blind).collect()
}
