//! What goes wrong on purpose.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::client::{BATIK, Bench, COFFEE, FS, Subscriber, quiet};
use crate::webhooks::until;

fn set(bench: &Bench, profile: Value) {
    bench.control(&Method::PUT, "faults", profile);
}

fn only(fault: &str) -> Value {
    json!({"probability": {fault: 1.0}})
}

fn fired(bench: &Bench, fault: &str) -> i64 {
    bench.control(&Method::GET, "faults", json!(null))["fired"][fault].as_i64().unwrap()
}

fn status(bench: &Bench, order: &str) -> Value {
    bench.control(&Method::GET, &format!("orders/{order}"), json!(null))["status"].clone()
}

fn detail(order: &str) -> String {
    format!("/v2/fs/{FS}/order?order_id={order}")
}

#[tokio::test]
async fn answers_are_refused_broken_or_missing() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    set(&bench, only("rate_limited"));
    let answer = bench.get(&detail(&order)).await;
    assert_eq!(
        (answer.status, &answer.headers["x-ratelimit-reset-after"]),
        (429, &"0.185000".parse().unwrap())
    );
    set(&bench, only("rate_limited_bare"));
    let answer = bench.get(&detail(&order)).await;
    assert_eq!((answer.status, answer.headers.get("x-ratelimit-reset-after")), (429, None));
    set(&bench, only("server_error"));
    assert_eq!(bench.get(&detail(&order)).await.status, 500);
    set(&bench, only("html_body"));
    let answer = bench.get(&detail(&order)).await;
    assert!(answer.status == 200 && answer.body.starts_with(b"<html>"));
    set(&bench, only("connect_drop"));
    bench.try_call(Method::GET, &detail(&order), "").await.unwrap_err();
    set(&bench, only("cut_body"));
    bench.try_call(Method::GET, &detail(&order), "").await.unwrap_err();
    for fault in [
        "rate_limited",
        "rate_limited_bare",
        "server_error",
        "html_body",
        "connect_drop",
        "cut_body",
    ] {
        // The client tries a dropped connection of its pool once more by itself.
        assert!(fired(&bench, fault) >= 1, "{fault}");
    }
    set(&bench, json!({}));
    assert_eq!(bench.get(&detail(&order)).await.status, 200);
}

#[tokio::test]
async fn a_server_error_comes_before_or_after_the_effect() {
    let bench = Bench::start(quiet()).await;
    for (fault, after) in [("server_error", "220"), ("server_error_after", "400")] {
        let order = bench.place("GAYO-250", 1, true);
        set(&bench, only(fault));
        let target = format!("/v1/order/{order}/fs/{FS}/ack");
        let answer = bench.try_call(Method::POST, &target, "").await.unwrap();
        assert_eq!(answer.status, 500, "{fault}");
        assert_eq!(status(&bench, &order), after, "{fault}");
        let calls = bench.control(&Method::GET, "calls", json!(null));
        let last = calls["calls"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["order_id"], json!(order));
        assert_eq!(last["effect"], json!(after == "400"), "{last}");
    }
}

#[tokio::test]
async fn a_time_out_comes_before_or_after_the_effect() {
    let bench = Bench::start(quiet()).await;
    for (fault, after) in [("timeout_before", "220"), ("timeout_after", "400")] {
        let order = bench.place("GAYO-250", 1, true);
        set(&bench, json!({"probability": {fault: 1.0}, "timeout_ms": 1}));
        let target = format!("/v1/order/{order}/fs/{FS}/ack");
        let call = bench.try_call(Method::POST, &target, "");
        tokio::time::timeout(Duration::from_secs(10), call).await.unwrap().unwrap_err();
        assert_eq!(status(&bench, &order), after, "{fault}");
    }
}

#[tokio::test]
async fn a_profile_is_of_one_shop_and_has_limits() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    set(&bench, json!({"shop_id": BATIK, "probability": {"server_error": 1.0}}));
    assert_eq!(bench.get(&detail(&order)).await.status, 200);
    let profile = json!({
        "shop_id": COFFEE, "probability": {"server_error": 1.0}, "limit": {"server_error": 1},
    });
    set(&bench, profile);
    assert_eq!(bench.get(&detail(&order)).await.status, 500);
    assert_eq!(bench.get(&detail(&order)).await.status, 200);
    assert_eq!(fired(&bench, "server_error"), 1);
}

#[tokio::test]
async fn a_token_expires_in_the_middle() {
    let mut bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    set(&bench, json!({"probability": {"token_expiry": 1.0}, "limit": {"token_expiry": 1}}));
    assert_eq!(bench.get(&detail(&order)).await.status, 401);
    assert_eq!(bench.get(&detail(&order)).await.status, 401);
    bench.renew().await;
    assert_eq!(bench.get(&detail(&order)).await.status, 200);
}

#[tokio::test]
async fn rows_fail_and_reads_are_stale() {
    let bench = Bench::start(quiet()).await;
    set(&bench, only("row_error"));
    let target = format!("/inventory/v1/fs/{FS}/stock/update?shop_id={COFFEE}");
    let data = bench.post(&target, json!([{"sku": "GAYO-250", "new_stock": 1}])).await.data();
    assert_eq!(data["failed_rows_data"][0]["message"], "ERR_TOO_MANY_REQUEST");
    let order = bench.place("GAYO-250", 1, true);
    bench.act(&order, "accept", json!({}));
    set(&bench, only("stale_read"));
    let stale = bench.detail(&order).await;
    assert_eq!(stale["order_status"], 220);
    assert_eq!(stale["order_info"]["order_history"].as_array().unwrap().len(), 2);
    set(&bench, json!({}));
    assert_eq!(bench.detail(&order).await["order_status"], 400);
}

#[tokio::test]
async fn a_page_drifts_and_a_clock_is_off() {
    let bench = Bench::start(quiet()).await;
    set(&bench, json!({"shop_id": COFFEE, "clock_skew_seconds": -600}));
    for _ in 0..4 {
        bench.place("GAYO-250", 1, true);
    }
    let now_s = bench.now_s();
    let page = |n: u32| {
        let (from, to) = (now_s - 3_600, now_s);
        format!(
            "/v2/order/list?fs_id={FS}&from_date={from}&to_date={to}&page={n}&per_page=2&shop_id={COFFEE}"
        )
    };
    let (one, two) = (bench.get(&page(1)).await.data(), bench.get(&page(2)).await.data());
    assert_eq!(one[0]["create_time"], now_s - 600);
    assert!(fired(&bench, "clock_skew") > 0);
    set(&bench, json!({"shop_id": COFFEE, "probability": {"page_drift": 1.0}}));
    assert_eq!(bench.get(&page(1)).await.data(), one, "the first page never drifts");
    let drifted = bench.get(&page(2)).await.data();
    assert_eq!(drifted[0], two[1], "one order fell between the pages");
}

#[tokio::test]
async fn a_list_lags_behind_the_details() {
    let bench = Bench::start(quiet()).await;
    set(&bench, json!({"probability": {"list_lag": 1.0}, "list_lag_seconds": 240}));
    let order = bench.place("GAYO-250", 1, true);
    let listed = async || {
        let (from, to) = (bench.now_s() - 3_600, bench.now_s());
        let target = format!(
            "/v2/order/list?fs_id={FS}&from_date={from}&to_date={to}&page=1&per_page=10&shop_id={COFFEE}"
        );
        bench.get(&target).await.data().as_array().map_or(0, Vec::len)
    };
    assert_eq!(bench.detail(&order).await["order_status"], 220);
    assert_eq!((fired(&bench, "list_lag"), listed().await), (1, 0));
    bench.advance(239);
    assert_eq!(listed().await, 0);
    bench.advance(1);
    assert_eq!(listed().await, 1);
}

#[tokio::test]
async fn two_webhooks_leave_with_one_id() {
    let bench = Bench::start(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    let mut next = async || {
        let heard = subscriber.next().await;
        (heard.delivery_id, heard.body)
    };
    set(&bench, only("webhook_duplicate"));
    bench.place("GAYO-250", 1, true);
    let first = next().await;
    assert_eq!(next().await, first, "a repetition has the id of what it repeats");
    set(&bench, json!({}));
    bench.place("GAYO-250", 1, true);
    let second = next().await;
    assert_ne!(second.0, first.0);
    set(&bench, only("webhook_same_id"));
    bench.place("GAYO-250", 1, true);
    let third = next().await;
    assert!(third.0 == second.0 && third.1 != second.1, "another order, the same id");
}

#[tokio::test]
async fn webhooks_are_doubled_dropped_held_and_replaced() {
    let bench = Bench::start(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    set(&bench, only("webhook_duplicate"));
    bench.place("GAYO-250", 1, true);
    assert_eq!(subscriber.next().await.body, subscriber.next().await.body);

    set(&bench, only("webhook_drop"));
    bench.place("GAYO-250", 1, true);
    let outcome =
        |name: &str| bench.control(&Method::GET, "webhooks", json!(null))["outcomes"][name].clone();
    assert_eq!(outcome("dropped"), 1);

    set(&bench, json!({"probability": {"webhook_delay": 1.0}, "webhook_delay_seconds": 30}));
    let order = bench.place("GAYO-250", 1, true);
    set(&bench, json!({}));
    bench.act(&order, "accept", json!({}));
    assert_eq!(subscriber.next().await.json()["order_status"], 400, "the later one overtakes");
    bench.advance(30);
    assert_eq!(subscriber.next().await.json()["order_status"], 220);

    set(&bench, json!({"probability": {"webhook_reorder": 1.0}, "limit": {"webhook_reorder": 1}}));
    let second = bench.place("GAYO-250", 1, true);
    bench.act(&second, "accept", json!({}));
    assert_eq!(subscriber.next().await.json()["order_status"], 400);
    bench.advance(3);
    assert_eq!(subscriber.next().await.json()["order_status"], 220);

    set(&bench, only("webhook_coalesce"));
    bench.act(&order, "ship", json!({}));
    bench.act(&order, "deliver", json!({}));
    bench.advance(2);
    assert_eq!(subscriber.next().await.json()["order_status"], 600);
    until(|| outcome("waiting") == 0).await;
    assert_eq!(outcome("coalesced"), 1);
    assert!(subscriber.is_silent());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run() {
    let run = async |seed: u64| {
        let bench = Bench::start(dermaga_sandbox::Config { seed, ..quiet() }).await;
        let order = bench.place("GAYO-250", 1, true);
        set(&bench, json!({"probability": {"server_error": 0.5, "html_body": 0.2}}));
        let mut outcomes = Vec::new();
        for _ in 0..40 {
            let answer = bench.get(&detail(&order)).await;
            outcomes.push((answer.status, answer.body.first().copied()));
        }
        let shown = bench.control(&Method::GET, "orders", json!(null));
        (outcomes, shown, bench.token.clone())
    };
    assert_eq!(run(5).await, run(5).await);
    assert_ne!(run(5).await, run(6).await);
}
