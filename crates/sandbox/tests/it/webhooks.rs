//! What subscribers hear.

use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::json;
use sha2::Sha256;

use crate::client::{Bench, Received, Subscriber, quiet};

fn check_signature(received: &Received) {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec-test-1").unwrap();
    mac.update(&received.body);
    assert_eq!(received.signature, hex::encode(mac.finalize().into_bytes()));
}

#[tokio::test]
async fn each_status_is_told_signed_at_its_own_url() {
    let bench = Bench::start(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    let id = bench.place("GAYO-250", 2, true);
    let told = subscriber.next().await;
    check_signature(&told);
    assert_eq!(told.path, "/order");
    let body = told.json();
    assert_eq!(body["fs_id"], 14_999);
    assert_eq!(body["order_status"], 220);
    assert_eq!(body["order_id"].to_string(), id);
    assert!(body.get("buyer").is_none() && body["customer"]["name"] != "");

    bench.act(&id, "accept", json!({}));
    let told = subscriber.next().await;
    check_signature(&told);
    assert_eq!(told.path, "/status");
    assert_eq!(told.json()["order_status"], 400);
    assert_eq!(told.json()["product_details"][0]["currency"], "Rp.");

    bench.act(&id, "request-cancel", json!({"reason": "salah alamat"}));
    let told = subscriber.next().await;
    assert_eq!(told.path, "/request");
    assert_eq!(told.json(), json!({ "order_id": id }));
    assert_ne!(bench.detail(&id).await["cancel_request_info"], json!(null));

    bench.act(&id, "cancel", json!({"by": "seller"}));
    let (one, two) = (subscriber.next().await, subscriber.next().await);
    assert_eq!((one.path.as_str(), two.path.as_str()), ("/cancel", "/status"));
    assert_eq!(one.json()["order_status"], 10);
    assert_eq!(one.body, two.body);
}

#[tokio::test]
async fn a_refused_webhook_is_tried_again_on_the_sandbox_clock() {
    let bench = Bench::start(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    subscriber.answers(&[500, 503]);
    bench.subscribe(&subscriber).await;
    bench.place("GAYO-250", 1, true);
    let first = subscriber.next().await;
    until(|| attempts(&bench) == [500]).await;
    assert!(subscriber.is_silent());
    bench.advance(5);
    assert_eq!(subscriber.next().await.body, first.body);
    until(|| attempts(&bench) == [500, 503]).await;
    bench.advance(29);
    assert!(subscriber.is_silent());
    bench.advance(1);
    assert_eq!(subscriber.next().await.body, first.body);
    until(|| attempts(&bench) == [500, 503, 200]).await;
    let sent = bench.control(&Method::GET, "webhooks", json!(null));
    assert_eq!(sent["webhooks"][0]["outcome"], "delivered");
    assert_eq!(sent["outcomes"]["delivered"], 1);
}

#[tokio::test]
async fn a_webhook_is_given_up_when_the_schedule_is_used_up() {
    let config = dermaga_sandbox::Config { webhook_retry_seconds: vec![1], ..quiet() };
    let bench = Bench::start(config).await;
    let mut subscriber = Subscriber::start().await;
    subscriber.answers(&[500, 500]);
    bench.subscribe(&subscriber).await;
    bench.place("GAYO-250", 1, true);
    subscriber.next().await;
    until(|| attempts(&bench).len() == 1).await;
    bench.advance(1);
    subscriber.next().await;
    until(|| bench.control(&Method::GET, "webhooks", json!(null))["outcomes"]["given_up"] == 1)
        .await;
}

fn attempts(bench: &Bench) -> Vec<u16> {
    let sent = bench.control(&Method::GET, "webhooks", json!(null));
    let attempts = sent["webhooks"][0]["attempts"].as_array().unwrap().clone();
    let status = |attempt: &serde_json::Value| attempt["status"].as_u64().unwrap();
    attempts.iter().map(|attempt| u16::try_from(status(attempt)).unwrap()).collect()
}

/// Waits for a condition that a background task makes true.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "the condition never held");
        tokio::task::yield_now().await;
    }
}
