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

#[tokio::test]
async fn a_silent_or_missing_subscriber_is_tried_again() {
    let config = dermaga_sandbox::Config { webhook_timeout_ms: 50, ..quiet() };
    let bench = Bench::start(config).await;
    // Bound and never accepted from: connections wait in the backlog.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let register = async |url: String| {
        let body = json!({"fs_id": 14999, "order_notification_url": url, "webhook_secret": "s"});
        assert_eq!(bench.post("/v1/fs/14999/register", body).await.status, 200);
    };
    register(format!("http://{}/", silent.local_addr().unwrap())).await;
    bench.place("GAYO-250", 1, true);
    until(|| attempts(&bench) == [0]).await;
    let first =
        |bench: &Bench| bench.control(&Method::GET, "webhooks", json!(null))["webhooks"][0].clone();
    assert_eq!(first(&bench)["attempts"][0]["error"], "timed out");
    drop(silent);
    bench.advance(5);
    until(|| attempts(&bench) == [0, 0]).await;
    assert_eq!(first(&bench)["outcome"], "waiting");
}

#[tokio::test]
async fn a_registration_replaces_the_one_before_and_hides_its_secret() {
    let bench = Bench::start(quiet()).await;
    let subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    let shown = bench.get("/v1/fs/14999").await.json();
    assert_eq!((&shown["status"], &shown["data"]["fs_id"]), (&json!("200 Ok"), &json!(14_999)));
    assert!(shown["data"]["order_status_url"].as_str().unwrap().ends_with("/status"));
    assert!(!shown.to_string().contains("whsec-test-1"));
    let url = format!("http://{}/order", subscriber.addr);
    let body = json!({"fs_id": 14999, "order_notification_url": url, "webhook_secret": "s"});
    bench.post("/v1/fs/14999/register", body).await;
    let shown = bench.get("/v1/fs/14999").await.json();
    assert_eq!(shown["data"]["order_status_url"], "");
    let order = bench.place("GAYO-250", 1, true);
    bench.act(&order, "accept", json!({}));
    let sent = bench.control(&Method::GET, "webhooks", json!(null));
    assert_eq!(sent["webhooks"][1]["outcome"], "no_url");
    let wrong = bench.post("/v1/fs/14999/register", json!({"fs_id": 7})).await;
    assert_eq!((wrong.status, &wrong.json()["status"]), (400, &json!("400 Bad Request")));
}

#[tokio::test]
async fn a_webhook_can_be_asked_for_again() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    let mut subscriber = Subscriber::start().await;
    let url = format!("http://{}/again", subscriber.addr);
    let number: i64 = order.parse().unwrap();
    let body =
        |kind: &str| json!({"order_id": number, "type": kind, "url": url, "is_encrypted": 0});
    assert_eq!(
        bench.post("/v1/fs/14999/trigger", body("order_notification")).await.data(),
        "success"
    );
    let told = subscriber.next().await;
    assert_eq!((told.path.as_str(), &told.json()["order_id"]), ("/again", &json!(number)));
    let refused = bench.post("/v1/fs/14999/trigger", body("nothing")).await;
    assert_eq!(refused.code(), "ORD_API_006");
    let target = format!("/v1/order/{order}/fs/14999/webhook?type=order_notification");
    assert_eq!(bench.get(&target).await.data(), told.json());
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
