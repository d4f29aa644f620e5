//! What many webhooks of one shop speak of is read in batches, where the channel has a batch.

use dermaga_testkit::{App, Setup, both};
use serde_json::json;

/// The channels that give several orders at once: requests for a full batch, and for each order of it
/// besides, where the channel gives only its lines in batches.
const CHANNELS: [(&str, usize, usize); 4] =
    [("lazada", 1, 1), ("shopee", 1, 0), ("tiktok", 1, 0), ("woocommerce", 1, 0)];
/// Orders of which a webhook waits. A proof with more is asked for by hand.
const ORDERS: usize = 300;
const ORDERS_ASKED: &str = "DERMAGA_WAITING_ORDERS";

#[expect(clippy::disallowed_methods, reason = "a proof that takes minutes is asked for by hand")]
fn orders() -> usize {
    std::env::var(ORDERS_ASKED).ok().map_or(ORDERS, |asked| asked.parse().unwrap())
}

async fn drained(app: &App, most: usize, (channel, of_batch, of_order): (&str, usize, usize)) {
    app.stock("GAYO-250", 1_000_000).await.unwrap();
    app.pull().await.unwrap();
    app.pause_tasks().await.unwrap();
    let before = app.calls_to("").unwrap();
    let body =
        json!({"lines": [{"sku": "GAYO-250", "quantity": 1}], "paid": true, "count": orders()});
    let placed = app.channel("POST", "orders", &body).unwrap();
    // Some shops send what waits when their clock moves.
    app.advance(1);
    app.delivered().await.unwrap();
    app.engine.settle().await.unwrap();
    let asked = app.calls_to("").unwrap() - before;
    let least = orders().div_ceil(most) * of_batch + orders() * of_order;
    let allowed = least + orders().div_ceil(most).div_ceil(20) * of_batch;
    assert!((least..=allowed).contains(&asked), "{channel}: {asked} calls for {least}");
    for id in placed["order_ids"].as_array().unwrap() {
        let said = app.said(id.as_str().unwrap()).await.unwrap();
        assert!(!said.starts_with("none"), "{channel}: {id} has no document");
    }
}

#[tokio::test]
async fn waiting_webhooks_are_drained_with_batched_reads() {
    for (name, channel) in dermaga_channels::all().iter() {
        let most = usize::try_from(channel.capabilities().details_batch_max).unwrap();
        let known = CHANNELS.iter().find(|(known, ..)| *known == name);
        assert_eq!(known.is_some(), most > 1, "name the channels that have a batch");
        if let Some(known) = known {
            both(Setup::of(known.0), async |app| drained(app, most, *known).await).await;
        }
    }
}
