//! The WooCommerce side: a small client that signs for itself, and what a shop must do.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dermaga_sandbox::{Config, Sandbox};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Answer, Subscriber, quiet};
use crate::webhooks::until;

const KEY: (&str, &str) = ("ck_sandbox_580001", "cs_sandbox_not_a_real_one");
const READS: (&str, &str) = ("ck_sandbox_readonly", "cs_sandbox_readonly_not_real");

/// A running sandbox with a client that signs.
struct Shop {
    sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~")
}

/// The target of a request that is signed at a second, with its signature.
fn signed(
    url: &str,
    method: &Method,
    target: &str,
    (key, secret): (&str, &str),
    (nonce, at): (u64, i64),
) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.extend(
        [
            ("oauth_consumer_key", key.to_owned()),
            ("oauth_nonce", format!("nonce{nonce}")),
            ("oauth_signature_method", "HMAC-SHA256".to_owned()),
            ("oauth_timestamp", at.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let mut sorted: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    sorted.sort();
    let base =
        format!("{method}&{}&{}", escaped(&format!("{url}{path}")), escaped(&sorted.join("&")));
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
    mac.update(base.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    format!("{path}?{}&oauth_signature={}", sorted.join("&"), escaped(&signature))
}

/// The second at which the sandbox's clock begins.
const START_S: i64 = 1_795_140_000;

impl Shop {
    async fn open(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("woocommerce").unwrap();
        Self { sandbox, client: Client::builder(TokioExecutor::new()).build_http(), url }
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    fn now_s(&self) -> i64 {
        self.sandbox.clock().now_us() / 1_000_000
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        static NONCE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let nonce = NONCE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = format!("/wp-json/wc/v3{path}");
        let target = signed(&self.url, &method, &path, KEY, (nonce, self.now_s()));
        self.send(method, &target, &[], &body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        answer.json()
    }

    fn control(&self, method: &Method, target: &str, body: impl Into<Value>) -> Value {
        let target = format!("/control/woocommerce/{target}");
        let (status, answer) = self.sandbox.control(method, &target, &body.into());
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    fn place(&self, sku: &str, quantity: i64, paid: bool) -> String {
        let body = json!({"lines": [{"sku": sku, "quantity": quantity}], "paid": paid});
        self.control(&Method::POST, "orders", body)["order_id"].as_str().unwrap().to_owned()
    }

    fn set(&self, order: &str, status: &str) {
        self.control(&Method::POST, &format!("orders/{order}/status"), json!({"status": status}));
    }

    fn stock(&self, sku: &str) -> i64 {
        self.control(&Method::GET, &format!("stock/{sku}"), Value::Null)["stock"].as_i64().unwrap()
    }

    /// Waits until everything that is due was sent.
    async fn sent(&self) {
        self.sandbox.clock().advance(1);
        until(|| {
            self.control(&Method::GET, "webhooks?limit=1", Value::Null)["outcomes"]["waiting"] == 0
        })
        .await;
    }
}

async fn hook(shop: &Shop, subscriber: &Subscriber, topic: &str) -> u64 {
    let url = format!("http://{}/{topic}", subscriber.addr);
    let body = json!({"name": "x", "topic": topic, "delivery_url": url, "secret": "whsec_demo"});
    let made = shop.ask(Method::POST, "/webhooks", body).await;
    assert_eq!(made.status, 201);
    assert!(made.json().get("secret").is_none(), "it is shown to nobody");
    made.json()["id"].as_u64().unwrap()
}

#[tokio::test]
async fn who_is_not_signed_for_is_turned_away_in_the_shops_words() {
    let shop = Shop::open(quiet()).await;
    let orders = "/wp-json/wc/v3/orders";
    let get = Method::GET;
    let cases = [
        (orders.to_owned(), "woocommerce_rest_cannot_view", "Sorry"),
        (
            format!("{orders}?oauth_nonce=1"),
            "woocommerce_rest_authentication_missing_parameter",
            "oauth_consumer_key",
        ),
        (
            signed(&shop.url, &get, orders, ("ck_nobody", "x"), (1, START_S)),
            "woocommerce_rest_authentication_error",
            "Consumer key is invalid.",
        ),
        (
            signed(&shop.url, &get, orders, (KEY.0, "x"), (2, START_S)),
            "woocommerce_rest_authentication_error",
            "Invalid signature - provided",
        ),
        (
            signed("http://other.example", &get, orders, KEY, (3, START_S)),
            "woocommerce_rest_authentication_error",
            "Invalid signature - provided",
        ),
    ];
    for (target, code, words) in cases {
        let answer = shop.send(Method::GET, &target, &[], &Value::Null).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some(code)), "{target}");
        assert!(answer.json()["message"].as_str().unwrap().contains(words), "{target}");
    }
    // A password over plain HTTP is no key.
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", KEY.0, KEY.1)));
    let answer = shop.send(Method::GET, orders, &[("authorization", &basic)], &Value::Null).await;
    assert_eq!(answer.json()["code"], "woocommerce_rest_cannot_view");

    let once = signed(&shop.url, &get, orders, KEY, (77_777, START_S));
    assert_eq!(shop.send(Method::GET, &once, &[], &Value::Null).await.status, 200);
    let again = shop.send(Method::GET, &once, &[], &Value::Null).await;
    assert!(again.json()["message"].as_str().unwrap().starts_with("Invalid nonce"));
    let write =
        signed(&shop.url, &Method::POST, "/wp-json/wc/v3/webhooks", READS, (88_888, START_S));
    let answer = shop.send(Method::POST, &write, &[], &json!({})).await;
    assert!(answer.json()["message"].as_str().unwrap().contains("write permissions"));
    shop.sandbox.clock().advance(16 * 60);
    let late = signed(&shop.url, &get, orders, KEY, (99_999, START_S));
    let answer = shop.send(Method::GET, &late, &[], &Value::Null).await;
    assert_eq!(answer.json()["message"], "Invalid timestamp.");
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_known_once() {
    let shop = Shop::open(quiet()).await;
    let target =
        signed(&shop.url, &Method::GET, "/wp-json/wc/v3/orders?per_page=2", KEY, (5_001, START_S));
    let twice = format!("{target}&per_page=2");
    assert_eq!(shop.send(Method::GET, &twice, &[], &Value::Null).await.status, 200);
}

#[tokio::test]
async fn stock_moves_once_at_the_statuses_that_move_it() {
    let shop = Shop::open(quiet()).await;
    let before = shop.stock("GAYO-250");
    let id = shop.place("GAYO-250", 3, false);
    let steps = [
        ("pending", 0),
        ("on-hold", -3),
        ("processing", -3),
        ("packing", -3),
        ("completed", -3),
        ("cancelled", 0),
        ("cancelled", 0),
        ("processing", -3),
        ("failed", -3),
        ("pending", 0),
        ("trash", 0),
    ];
    for (status, moved) in steps {
        shop.set(&id, status);
        assert_eq!(shop.stock("GAYO-250"), before + moved, "{status}");
    }
    // It sells what it has not.
    shop.place("LUWAK-100", 9, true);
    assert_eq!(shop.stock("LUWAK-100"), 4 - 9);
}

#[tokio::test]
async fn a_window_is_by_the_sites_clock_unless_it_is_said() {
    let shop = Shop::open(quiet()).await;
    let id = shop.place("GAYO-250", 1, true);
    // 02:00 in UTC is 09:00 at the site.
    let count =
        async |query: &str| shop.get(&format!("/orders?{query}")).await.as_array().unwrap().len();
    let hour = |from: &str, to: &str| {
        format!("modified_after=2026-11-20T{from}&modified_before=2026-11-20T{to}")
    };
    assert_eq!(count(&hour("01:59:59", "02:00:01")).await, 0);
    assert_eq!(count(&hour("08:59:59", "09:00:01")).await, 1);
    let gmt = |window: String| format!("{window}&dates_are_gmt=true");
    assert_eq!(count(&gmt(hour("01:59:59", "02:00:01"))).await, 1);
    assert_eq!(count(&gmt(hour("02:00:00", "02:00:01"))).await, 0, "both ends are left out");
    assert_eq!(count(&hour("01:59:59Z", "02:00:01Z")).await, 1);
    let order = shop.get(&format!("/orders/{id}")).await;
    assert_eq!(order["date_modified"], "2026-11-20T09:00:00");
    assert_eq!(order["date_modified_gmt"], "2026-11-20T02:00:00");
}

#[tokio::test]
async fn the_bin_is_in_no_list_but_its_own() {
    let shop = Shop::open(quiet()).await;
    let (kept, gone) = (shop.place("GAYO-250", 1, true), shop.place("GAYO-250", 1, true));
    assert_eq!(shop.ask(Method::DELETE, &format!("/orders/{gone}"), Value::Null).await.status, 200);
    let again = shop.ask(Method::DELETE, &format!("/orders/{gone}"), Value::Null).await;
    assert_eq!(
        (again.status, again.code_of()),
        (410, "woocommerce_rest_already_trashed".to_owned())
    );
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|order| order["id"].to_string()).collect()
    };
    assert_eq!(ids(&shop.get("/orders").await), [kept.as_str()]);
    assert_eq!(ids(&shop.get("/orders?status=trash").await), [gone.as_str()]);
    let both = format!("/orders?include={kept},{gone}");
    assert_eq!(ids(&shop.get(&both).await), [kept.as_str()]);
    assert_eq!(shop.get(&format!("/orders/{gone}")).await["status"], "trash");
    shop.control(&Method::POST, &format!("orders/{kept}/delete"), Value::Null);
    let answer = shop.ask(Method::GET, &format!("/orders/{kept}"), Value::Null).await;
    assert_eq!(
        (answer.status, answer.code_of()),
        (404, "woocommerce_rest_shop_order_invalid_id".to_owned())
    );
}

#[tokio::test]
async fn mistakes_are_answered_as_the_shop_does() {
    let shop = Shop::open(quiet()).await;
    let id = shop.place("GAYO-250", 1, true);
    let rows: Vec<Value> = (0..101).map(|id| json!({"id": id})).collect();
    let cases = [
        (Method::GET, "/orders?per_page=101".to_owned(), Value::Null, 400, "rest_invalid_param"),
        (Method::GET, "/orders?status=odd".to_owned(), Value::Null, 400, "rest_invalid_param"),
        (Method::GET, "/orders?orderby=odd".to_owned(), Value::Null, 400, "rest_invalid_param"),
        (
            Method::GET,
            "/orders/9".to_owned(),
            Value::Null,
            404,
            "woocommerce_rest_shop_order_invalid_id",
        ),
        (
            Method::PUT,
            "/orders/9".to_owned(),
            json!({"status": "completed"}),
            400,
            "woocommerce_rest_shop_order_invalid_id",
        ),
        (Method::PUT, format!("/orders/{id}"), json!({"status": "odd"}), 400, "rest_invalid_param"),
        (
            Method::GET,
            "/products/999999".to_owned(),
            Value::Null,
            404,
            "woocommerce_rest_product_invalid_id",
        ),
        (
            Method::POST,
            "/products/batch".to_owned(),
            json!({"update": rows}),
            413,
            "woocommerce_rest_request_entity_too_large",
        ),
        (
            Method::POST,
            "/webhooks".to_owned(),
            json!({"topic": "odd"}),
            400,
            "woocommerce_rest_shop_webhook_invalid_topic",
        ),
        (
            Method::DELETE,
            "/webhooks/1".to_owned(),
            Value::Null,
            501,
            "woocommerce_rest_trash_not_supported",
        ),
        (Method::GET, "/nothing".to_owned(), Value::Null, 404, "rest_no_route"),
    ];
    for (method, path, body, status, code) in cases {
        let answer = shop.ask(method.clone(), &path, body).await;
        assert_eq!((answer.status, answer.code_of().as_str()), (status, code), "{method} {path}");
    }
    let page = shop.ask(Method::GET, "/products?per_page=4&page=2", Value::Null).await;
    assert_eq!(
        (&page.headers["x-wp-total"], &page.headers["x-wp-totalpages"]),
        (&"11".parse().unwrap(), &"3".parse().unwrap())
    );
    let links = page.headers["link"].to_str().unwrap();
    assert!(links.contains("rel=\"prev\"") && links.contains("rel=\"next\""), "{links}");
    assert_eq!(shop.get("/products?page=99").await, json!([]), "behind the end is nothing");
}

#[tokio::test]
async fn rows_of_a_batch_are_answered_one_by_one() {
    let shop = Shop::open(quiet()).await;
    let products = shop.get("/products?per_page=100&order=asc").await;
    let id = |sku: &str| {
        let found = products.as_array().unwrap().iter().find(|product| product["sku"] == sku);
        found.unwrap()["id"].as_i64().unwrap()
    };
    let (coffee, shirt) = (id("GAYO-250"), id("BATIK-MEGA"));
    let of_shirt = shop.get(&format!("/products/{shirt}/variations")).await;
    let small = of_shirt[1]["id"].as_i64().unwrap();
    let rows = json!({"update": [{"id": coffee, "stock_quantity": 7}, {"id": small, "stock_quantity": 7}, {"id": 999_999}]});
    let told = shop.ask(Method::POST, "/products/batch", rows).await;
    assert_eq!(told.status, 200);
    let rows = told.json()["update"].clone();
    assert_eq!((&rows[0]["stock_quantity"], &rows[0]["error"]), (&json!(7), &Value::Null));
    assert_eq!(rows[1]["error"]["code"], "woocommerce_rest_invalid_product_id");
    assert_eq!(rows[2]["error"]["data"]["status"], 400);
    let target = format!("/products/{shirt}/variations/batch");
    let rows = json!({"update": [{"id": small, "stock_quantity": 7}, {"id": coffee, "stock_quantity": 7}]});
    let told = shop.ask(Method::POST, &target, rows).await.json()["update"].clone();
    assert_eq!(told[0]["stock_quantity"], 7);
    assert_eq!(told[1]["error"]["code"], "woocommerce_rest_product_variation_invalid_id");
    // A stock that nobody counts is not taken, and nobody says so.
    let bag = id("TOTE-KOPI");
    let white = shop.get(&format!("/products/{bag}/variations")).await[0]["id"].as_i64().unwrap();
    let target = format!("/products/{bag}/variations/{white}");
    let told = shop.ask(Method::PUT, &target, json!({"stock_quantity": 7})).await.json();
    assert_eq!((&told["manage_stock"], &told["stock_quantity"]), (&json!(false), &Value::Null));
    let told =
        shop.ask(Method::PUT, &target, json!({"manage_stock": true, "stock_quantity": 7})).await;
    assert_eq!(told.json()["stock_quantity"], 7);
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

#[tokio::test]
async fn refunds_stand_beside_the_status_until_nothing_is_left() {
    let shop = Shop::open(quiet()).await;
    let id = shop.place("GAYO-250", 2, true);
    let order = shop.get(&format!("/orders/{id}")).await;
    let line = order["line_items"][0]["id"].clone();
    let path = format!("/orders/{id}/refunds");
    let gateway =
        || shop.control(&Method::GET, "credentials", Value::Null)["gateway_refunds"].clone();
    let body = json!({"amount": "57000.00", "reason": "satu rusak", "api_refund": false,
        "line_items": [{"id": line, "quantity": 1}]});
    let before = shop.stock("GAYO-250");
    let made = shop.ask(Method::POST, &path, body).await;
    assert_eq!((made.status, &made.json()["amount"]), (201, &json!("57000.00")));
    assert_eq!((shop.stock("GAYO-250"), gateway()), (before + 1, json!(0)));
    let order = shop.get(&format!("/orders/{id}")).await;
    assert_eq!(
        (&order["status"], &order["refunds"][0]["total"]),
        (&json!("processing"), &json!("-57000.00"))
    );
    assert_eq!(shop.get(&path).await[0]["reason"], "satu rusak");
    let rest: i64 = order["total"].as_str().unwrap().split('.').next().unwrap().parse().unwrap();
    let body = json!({"amount": format!("{}.00", rest - 57_000)});
    assert_eq!(shop.ask(Method::POST, &path, body).await.status, 201);
    assert_eq!(gateway(), json!(1), "who does not say otherwise makes the gateway pay");
    assert_eq!(shop.get(&format!("/orders/{id}")).await["status"], "refunded");
}

#[tokio::test]
async fn the_stream_brings_orders_to_every_stage() {
    let shop = Shop::open(Config { clock_speed: 600, ..quiet() }).await;
    shop.control(
        &Method::POST,
        "stream",
        json!({"orders_per_minute": 60, "lifecycle_seconds": 20}),
    );
    let wanted = [
        "pending",
        "on-hold",
        "processing",
        "completed",
        "cancelled",
        "failed",
        "packing",
        "refunded",
        "trash",
    ];
    let mut reached = BTreeSet::new();
    until(|| {
        let all = shop.control(&Method::GET, "orders", Value::Null);
        let orders = all["orders"].as_array().unwrap().clone();
        reached.extend(orders.iter().map(|order| order["status"].as_str().unwrap().to_owned()));
        wanted.iter().all(|status| reached.contains(*status))
    })
    .await;
    shop.control(&Method::POST, "stream", json!({"stop": true}));
}

#[tokio::test]
async fn what_nobody_pays_for_in_an_hour_is_cancelled() {
    let shop = Shop::open(quiet()).await;
    let (unpaid, paid) = (shop.place("GAYO-250", 1, false), shop.place("GAYO-250", 1, false));
    let status = |id: &str| {
        let order = shop.control(&Method::GET, &format!("orders/{id}"), Value::Null);
        order["status"].as_str().unwrap().to_owned()
    };
    shop.sandbox.clock().advance(3_599);
    shop.set(&paid, "processing");
    assert_eq!(status(&unpaid), "pending");
    shop.sandbox.clock().advance(2);
    until(|| status(&unpaid) == "cancelled").await;
    assert_eq!(status(&paid), "processing");
}

#[tokio::test]
async fn the_control_api_says_where_it_answers_over_tls() {
    let shop = Shop::open(quiet()).await;
    let (_, told) = shop.sandbox.control(&Method::GET, "/control", &Value::Null);
    let url = shop.sandbox.secure_channel_url("woocommerce").unwrap();
    assert_eq!(told["secure"], json!({"woocommerce": url}));
    assert!(told["certificate_authority"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE"));
    assert_eq!(shop.sandbox.secure_channel_url("tokopedia"), None);
}
