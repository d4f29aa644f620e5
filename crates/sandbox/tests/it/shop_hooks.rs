//! What subscribers hear of a WooCommerce shop.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Subscriber, quiet};
use crate::shop::Shop;

async fn hook(shop: &Shop, subscriber: &Subscriber, topic: &str) -> u64 {
    let url = format!("http://{}/{topic}", subscriber.addr);
    let body = json!({"name": "x", "topic": topic, "delivery_url": url, "secret": "whsec_demo"});
    let made = shop.ask(Method::POST, "/webhooks", body).await;
    assert_eq!(made.status, 201);
    assert!(made.json().get("secret").is_none(), "it is shown to nobody");
    made.json()["id"].as_u64().unwrap()
}

#[tokio::test]
async fn a_webhook_is_pinged_signed_and_holds_the_last_of_several_changes() {
    let shop = Shop::open(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    hook(&shop, &subscriber, "order.updated").await;
    let id = shop.place("GAYO-250", 1, false);
    shop.sent().await;
    let ping = subscriber.next().await;
    assert_eq!(&ping.body[..11], b"webhook_id=");
    assert!(subscriber.is_silent(), "an order that is only placed is created, not updated");

    for status in ["on-hold", "processing", "completed"] {
        shop.set(&id, status);
    }
    shop.sent().await;
    let told = subscriber.next().await;
    assert_eq!(told.path, "/order.updated");
    assert_eq!(told.json()["status"], "completed");
    assert_eq!(told.json(), shop.get(&format!("/orders/{id}")).await);
    assert!(subscriber.is_silent(), "three changes are one delivery");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_demo").unwrap();
    mac.update(&told.body);
    assert_eq!(told.header("x-wc-webhook-signature"), STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("x-wc-webhook-topic"), "order.updated");
}

#[tokio::test]
async fn deliveries_of_one_second_have_one_id_and_a_deletion_has_only_a_number() {
    let shop = Shop::open(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    hook(&shop, &subscriber, "order.created").await;
    hook(&shop, &subscriber, "order.deleted").await;
    let orders: Vec<String> = (0..5).map(|_| shop.place("GAYO-250", 1, true)).collect();
    shop.sent().await;
    let mut told = Vec::new();
    for _ in 0..7 {
        told.push(subscriber.next().await);
    }
    told.retain(|it| it.path == "/order.created" && it.body.starts_with(b"{"));
    let ids: BTreeSet<String> =
        told.iter().map(|it| it.header("x-wc-webhook-delivery-id")).collect();
    assert_eq!((told.len(), ids.len()), (5, 1));
    shop.set(&orders[0], "trash");
    shop.sent().await;
    let gone = subscriber.next().await;
    assert_eq!(gone.json(), json!({"id": orders[0].parse::<i64>().unwrap()}));
    shop.control(&Method::POST, &format!("orders/{}/delete", orders[1]), Value::Null);
    shop.sent().await;
    assert!(subscriber.is_silent(), "what is deleted for good is told to nobody");
}

#[tokio::test]
async fn what_fails_is_not_sent_again_and_the_seventh_failure_switches_off() {
    let shop = Shop::open(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    let id = hook(&shop, &subscriber, "order.created").await;
    shop.sent().await;
    subscriber.next().await;
    let status = async || shop.get(&format!("/webhooks/{id}")).await["status"].clone();
    for nth in 1..=7 {
        subscriber.answers(&[500]);
        shop.place("GAYO-250", 1, true);
        shop.sent().await;
        subscriber.next().await;
        let wanted = if nth < 7 { "active" } else { "disabled" };
        until_status(&shop, id, wanted).await;
    }
    shop.sandbox.clock().advance(7_200);
    shop.place("GAYO-250", 1, true);
    shop.sent().await;
    assert!(subscriber.is_silent(), "neither what failed nor what came after");
    shop.ask(Method::PUT, &format!("/webhooks/{id}"), json!({"status": "active"})).await;
    assert_eq!(status().await, "active");
    shop.place("GAYO-250", 1, true);
    shop.sent().await;
    assert!(subscriber.next().await.body.starts_with(b"{"));
}

/// Waits until the shop has counted what came of its last delivery.
async fn until_status(shop: &Shop, id: u64, wanted: &str) {
    for _ in 0..200 {
        if shop.get(&format!("/webhooks/{id}")).await["status"] == wanted {
            return;
        }
    }
    panic!("the webhook never became {wanted}");
}
