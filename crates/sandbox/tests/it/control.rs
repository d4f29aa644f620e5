//! The control API, the page and the stream.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::client::{BATIK, Bench, COFFEE, quiet};

/// A request to the control port over a socket.
async fn control(bench: &Bench, method: &str, target: &str, body: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let addr = bench.sandbox.control_url().replace("http://", "");
    let mut socket = tokio::net::TcpStream::connect(&addr).await.unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    (status, text.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[tokio::test]
async fn the_clock_is_shown_and_advanced() {
    let bench = Bench::start(quiet()).await;
    let (status, before) = control(&bench, "GET", "/control/clock", "").await;
    assert_eq!(status, 200);
    let (_, after) = control(&bench, "POST", "/control/clock", r#"{"advance_seconds":90}"#).await;
    let now = |text: &str| serde_json::from_str::<Value>(text).unwrap()["now_us"].as_i64().unwrap();
    assert_eq!(now(&after) - now(&before), 90_000_000);
    assert_eq!(now(&after), bench.sandbox.clock().now_us());
}

#[tokio::test]
async fn mistakes_are_clear_json() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    let cancel = format!("orders/{order}/cancel");
    let fly = format!("orders/{order}/fly");
    let cases = [
        (Method::GET, "orders/1", json!(null), 404, "not_found"),
        (Method::GET, "nothing", json!(null), 404, "not_found"),
        (Method::POST, "orders", json!({"lines": []}), 400, "invalid"),
        (Method::POST, "orders", json!({"lines": [{"sku": "?", "quantity": 1}]}), 404, "not_found"),
        (Method::POST, "orders", json!({"line": 1}), 400, "invalid"),
        (Method::POST, cancel.as_str(), json!({}), 400, "invalid"),
        (Method::POST, cancel.as_str(), json!({"by": "nobody"}), 400, "invalid"),
        (Method::POST, cancel.as_str(), json!({"by": "buyer", "status": 500}), 400, "invalid"),
        (Method::POST, fly.as_str(), json!({}), 404, "not_found"),
        (Method::PUT, "stock/GAYO-250", json!({"stock": -1}), 400, "invalid"),
        (Method::PUT, "faults", json!({"probability": {"server_error": 2}}), 400, "invalid"),
        (Method::PUT, "faults", json!({"probability": {"fire": 1}}), 400, "invalid"),
    ];
    for (method, target, body, status, error) in cases {
        let (got, answer) = bench.try_control(&method, target, &body);
        assert_eq!((got, &answer["error"]), (status, &json!(error)), "{method} {target} {body}");
        assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let (status, answer) =
        bench.sandbox.control(&Method::GET, "/control/moon/orders", &json!(null));
    assert_eq!((status, &answer["error"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn orders_stock_calls_and_credentials_are_shown() {
    let bench = Bench::start(quiet()).await;
    let wish = json!({"lines": [{"sku": "GAYO-250", "quantity": 2}], "count": 3});
    let placed = bench.control(&Method::POST, "orders", wish);
    assert_eq!(placed["order_ids"].as_array().unwrap().len(), 3);
    let all = bench.control(&Method::GET, "orders?limit=2", json!(null));
    assert_eq!((&all["total"], all["orders"].as_array().unwrap().len()), (&json!(3), 2));
    let after = all["orders"][1]["order_id"].as_str().unwrap();
    let rest = bench.control(&Method::GET, &format!("orders?after={after}"), json!(null));
    assert_eq!(rest["orders"][0]["order_id"], placed["order_ids"][2]);
    assert_eq!(rest["orders"][0]["money"]["goods"], 110_000);

    let own = bench.control(&Method::PUT, "stock/GAYO-250", json!({"shop_id": BATIK, "stock": 3}));
    assert_eq!((&own["shop_id"], &own["stock"]), (&json!(BATIK), &json!(3)));
    let other = format!("stock/GAYO-250?shop_id={COFFEE}");
    assert_eq!(bench.control(&Method::GET, &other, json!(null))["stock"], 394);

    bench.get("/v2/fs/14999/order").await;
    let calls = bench.control(&Method::GET, "calls", json!(null));
    let last = calls["calls"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["endpoint"], &last["error_code"]),
        (&json!("order_detail"), &json!("ORD_DLV_003"))
    );
    let credentials = bench.control(&Method::GET, "credentials", json!(null));
    assert_eq!(credentials["base_url"], json!(bench.url));
    let products = credentials["products"].as_array().unwrap();
    let bundle = products.iter().find(|product| product["sku"] == "PAKET-NUSANTARA").unwrap();
    assert_eq!(bundle["components"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_page_places_and_moves_orders_without_scripts() {
    let bench = Bench::start(quiet()).await;
    let (status, page) = control(&bench, "GET", "/", "").await;
    assert!(status == 200 && page.contains("Toko Kopi Contoh") && !page.contains("<script"));
    let form = "product=480001%2FGAYO-250&quantity=2&note=%3Cb%3E&paid=yes";
    assert_eq!(control(&bench, "POST", "/tokopedia/orders", form).await.0, 303);
    let all = bench.control(&Method::GET, "orders", json!(null));
    let order = all["orders"][0]["order_id"].as_str().unwrap().to_owned();
    let accept = format!("/tokopedia/orders/{order}/accept");
    let (_, page) = control(&bench, "GET", "/", "").await;
    assert!(page.contains(&accept));
    assert_eq!(control(&bench, "POST", &accept, "").await.0, 303);
    let (status, page) = control(&bench, "POST", &accept, "").await;
    assert!(status == 400 && page.contains("can not accept now"));
    assert_eq!(control(&bench, "POST", "/tokopedia/faults", "server_error=always").await.0, 303);
    assert_eq!(bench.get("/v1/fs/14999").await.status, 500);
    assert_eq!(control(&bench, "POST", "/clock", "seconds=60").await.0, 303);
    assert_eq!(control(&bench, "GET", "/other", "").await.0, 404);
}

#[tokio::test]
async fn the_stream_brings_orders_to_every_stage() {
    let config = dermaga_sandbox::Config { clock_speed: 600, ..quiet() };
    let bench = Bench::start(config).await;
    let pace = json!({"orders_per_minute": 60, "lifecycle_seconds": 20});
    bench.control(&Method::POST, "stream", pace);
    let seen = || -> BTreeSet<String> {
        let all = bench.control(&Method::GET, "orders", json!(null));
        let statuses = all["orders"].as_array().unwrap().iter();
        statuses.map(|order| order["status"].as_str().unwrap().to_owned()).collect()
    };
    let wanted = ["103", "220", "400", "450", "500", "601", "700", "15", "10", "6"];
    let mut reached = BTreeSet::new();
    crate::webhooks::until(|| {
        reached.extend(seen());
        wanted.iter().all(|status| reached.contains(*status))
    })
    .await;
    assert_eq!(bench.control(&Method::POST, "stream", json!({"stop": true}))["running"], false);
    let shops: BTreeSet<_> = bench.control(&Method::GET, "orders", json!(null))["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["shop_id"].as_i64().unwrap())
        .collect();
    assert_eq!(shops, BTreeSet::from([COFFEE, BATIK]));
}
