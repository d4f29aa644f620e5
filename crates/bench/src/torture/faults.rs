//! Every fault of the sandbox, switched on and counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::CHANNEL;
use crate::control::Control;

/// Faults, their chance, and how often they may fire. Those that cost a time-out are few.
const FAULTS: [(&str, f64, u32); 16] = [
    ("webhook_duplicate", 0.20, 1_000_000),
    ("webhook_reorder", 0.20, 1_000_000),
    ("webhook_delay", 0.15, 1_000_000),
    ("webhook_drop", 0.15, 1_000_000),
    ("webhook_coalesce", 0.10, 1_000_000),
    ("rate_limited", 0.05, 1_000_000),
    ("rate_limited_bare", 0.02, 1_000_000),
    ("server_error", 0.05, 1_000_000),
    ("connect_drop", 0.02, 1_000_000),
    ("timeout_before", 0.03, 4),
    ("timeout_after", 0.03, 4),
    ("cut_body", 0.03, 1_000_000),
    ("html_body", 0.03, 1_000_000),
    ("token_expiry", 0.02, 1_000_000),
    ("stale_read", 0.05, 1_000_000),
    ("page_drift", 0.50, 1_000_000),
];

/// Switches every fault on, at every shop.
pub(super) async fn switch_on(control: Control<'_>) -> Result<()> {
    let probability: serde_json::Map<_, _> =
        FAULTS.iter().map(|(name, chance, _)| ((*name).to_owned(), json!(chance))).collect();
    let limit: serde_json::Map<_, _> =
        FAULTS.iter().map(|(name, _, limit)| ((*name).to_owned(), json!(limit))).collect();
    let profile = json!({
        "probability": probability, "limit": limit,
        "webhook_delay_seconds": 60, "webhook_coalesce_seconds": 5, "clock_skew_seconds": 0,
    });
    control.ask("PUT", &format!("/control/{CHANNEL}/faults"), &profile).await.map(drop)
}

/// Switches every fault off.
pub(super) async fn switch_off(control: Control<'_>) -> Result<()> {
    let profile = json!({"probability": {}, "limit": {}});
    control.ask("PUT", &format!("/control/{CHANNEL}/faults"), &profile).await.map(drop)
}

/// Waits until every fault has fired at least once: the hub goes on reading meanwhile.
pub(super) async fn until_all_fired(control: Control<'_>, limit: Duration) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < limit && fired(control).await?.values().any(|&times| times == 0) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// How often each fault that was switched on has fired.
pub(super) async fn fired(control: Control<'_>) -> Result<BTreeMap<String, u64>> {
    let told = control.get(&format!("/control/{CHANNEL}/faults")).await?;
    let count = |name: &str| total(&told["fired"], name);
    Ok(FAULTS.iter().map(|(name, _, _)| ((*name).to_owned(), count(name))).collect())
}

/// The number under a name, wherever it stands: per shop or for all.
fn total(value: &serde_json::Value, name: &str) -> u64 {
    if let Some(fields) = value.as_object() {
        let of = |(key, value): (&String, &serde_json::Value)| match value.as_u64() {
            Some(times) if key == name => times,
            _ => total(value, name),
        };
        return fields.iter().map(of).sum();
    }
    value.as_array().into_iter().flatten().map(|item| total(item, name)).sum()
}
