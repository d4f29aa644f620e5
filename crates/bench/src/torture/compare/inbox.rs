//! What was answered is kept, and the feed has no gap.

use anyhow::Result;
use serde_json::Value;

use super::{Hubs, Tally, pages};
use crate::control::{Control, text};
use crate::torture::market::Market;

/// Every webhook that was answered 2xx is in the inbox.
pub(super) async fn answered(
    tally: &mut Tally,
    control: Control<'_>,
    hubs: &Hubs,
    markets: &[&Market],
) -> Result<()> {
    let kept = hubs.kept().await?;
    for market in markets {
        let told = control.get(&format!("/control/{}/webhooks", market.channel)).await?;
        let sent = told["webhooks"].as_array().into_iter().flatten();
        // A ping tells nothing but that it came.
        let told = |sent: &&Value| sent["outcome"] == "delivered" && sent["kind"] != "ping";
        for sent in sent.filter(told) {
            let body = text(&sent["body_sha256"]);
            tally.check("I10", kept.contains(&body), || {
                let (kind, order) = (text(&sent["kind"]), text(&sent["order_id"]));
                format!("{kind} of order {order} was answered 2xx and is not kept")
            });
        }
    }
    Ok(())
}

/// Positions in the feed are 1, 2, 3 and so on.
pub(super) async fn feed(tally: &mut Tally, hubs: &Hubs) -> Result<()> {
    let changes = pages(hubs, "/feed?").await?;
    let positions = changes.iter().map(|change: &Value| change["position"].as_i64());
    for (wanted, position) in (1_i64..).zip(positions) {
        tally.check("I17", position == Some(wanted), || {
            format!("position {position:?} of the feed stands where {wanted} should")
        });
    }
    Ok(())
}
