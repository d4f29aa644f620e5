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

use crate::client::{Answer, quiet};
use crate::webhooks::until;

pub(crate) const KEY: (&str, &str) = ("ck_sandbox_580001", "cs_sandbox_not_a_real_one");
pub(crate) const READS: (&str, &str) = ("ck_sandbox_readonly", "cs_sandbox_readonly_not_real");

/// A running sandbox with a client that signs.
pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    pub(crate) url: String,
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~")
}

/// The target of a request that is signed at a second, with its signature.
pub(crate) fn signed(
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
pub(crate) const START_S: i64 = 1_795_140_000;

impl Shop {
    pub(crate) async fn open(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("woocommerce").unwrap();
        Self { sandbox, client: Client::builder(TokioExecutor::new()).build_http(), url }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send_text(method, target, headers, body).await
    }

    pub(crate) async fn send_text(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.sandbox.clock().now_us() / 1_000_000
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        static NONCE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let nonce = NONCE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = format!("/wp-json/wc/v3{path}");
        let target = signed(&self.url, &method, &path, KEY, (nonce, self.now_s()));
        self.send(method, &target, &[], &body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.json());
        answer.json()
    }

    pub(crate) fn control(&self, method: &Method, target: &str, body: impl Into<Value>) -> Value {
        let target = format!("/control/woocommerce/{target}");
        let (status, answer) = self.sandbox.control(method, &target, &body.into());
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    pub(crate) fn place(&self, sku: &str, quantity: i64, paid: bool) -> String {
        let body = json!({"lines": [{"sku": sku, "quantity": quantity}], "paid": paid});
        self.control(&Method::POST, "orders", body)["order_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn set(&self, order: &str, status: &str) {
        self.control(&Method::POST, &format!("orders/{order}/status"), json!({"status": status}));
    }

    pub(crate) fn stock(&self, sku: &str) -> i64 {
        self.control(&Method::GET, &format!("stock/{sku}"), Value::Null)["stock"].as_i64().unwrap()
    }

    /// Waits until everything that is due was sent.
    pub(crate) async fn sent(&self) {
        self.sandbox.clock().advance(1);
        until(|| {
            self.control(&Method::GET, "webhooks?limit=1", Value::Null)["outcomes"]["waiting"] == 0
        })
        .await;
    }
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
async fn what_the_seller_makes_is_sold_and_can_be_taken_out_again() {
    let shop = Shop::open(quiet()).await;
    let body = json!({"name": "Barang uji", "sku": "UJI-1", "regular_price": "12500",
        "status": "private", "manage_stock": true, "stock_quantity": 5});
    let made = shop.ask(Method::POST, "/products", body.clone()).await;
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("private")));
    let product = made.json()["id"].clone();
    let again = shop.ask(Method::POST, "/products", body).await;
    assert_eq!((again.status, &again.json()["code"]), (400, &json!("product_invalid_sku")));

    let body = json!({"line_items": [{"product_id": product, "quantity": 2}],
        "billing": {"first_name": "Budi", "last_name": "Contoh"},
        "meta_data": [{"key": "_uji", "value": "1"}]});
    let made = shop.ask(Method::POST, "/orders", body).await;
    let order = made.json();
    assert_eq!((made.status, &order["status"]), (201, &json!("pending")));
    assert_eq!(
        (&order["billing"]["last_name"], &order["total"]),
        (&json!("Contoh"), &shop.get(&format!("/orders/{}", order["id"])).await["total"])
    );
    assert_eq!((&order["line_items"][0]["sku"], shop.stock("UJI-1")), (&json!("UJI-1"), 5));
    let body = json!({"status": "on-hold", "line_items": [{"product_id": product}]});
    assert_eq!(shop.ask(Method::POST, "/orders", body).await.status, 201);
    assert_eq!(shop.stock("UJI-1"), 4, "it takes units as any order does");
    let nothing = json!({"line_items": [{"product_id": 999_999}]});
    assert_eq!(shop.ask(Method::POST, "/orders", nothing).await.status, 400);

    let product = format!("/products/{product}");
    assert_eq!(shop.ask(Method::DELETE, &product, Value::Null).await.status, 400);
    let gone = shop.ask(Method::DELETE, &format!("{product}?force=true"), Value::Null).await;
    assert_eq!((gone.status, &gone.json()["sku"]), (200, &json!("UJI-1")));
    assert_eq!(shop.ask(Method::GET, &product, Value::Null).await.status, 404);
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
        // What an order went through counts: nobody may have looked while it was there.
        let steps = orders.iter().flat_map(|order| order["history"].as_array().unwrap());
        reached.extend(steps.map(|step| step["status"].as_str().unwrap().to_owned()));
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
