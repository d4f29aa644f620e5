//! WooCommerce's answers and webhooks.

use http::Method;
use serde_json::{Value, json};

use super::Lists;
use crate::client::{Subscriber, quiet};
use crate::shop::Shop;

const LISTS: &str = include_str!("../../fields/woocommerce.txt");

/// What the sandbox tells of.
const TOPICS: [&str; 5] =
    ["order.created", "order.updated", "order.deleted", "order.restored", "product.updated"];

#[tokio::test]
async fn woocommerce_answers_and_tells_as_documented() {
    let shop = Shop::open(quiet()).await;
    let mut lists = Lists::of("woocommerce", LISTS);
    let site = shop.send(Method::GET, "/wp-json/", &[], &Value::Null).await;
    lists.hold("site", &site.json());
    let mut subscriber = Subscriber::start().await;
    hooks(&shop, &mut subscriber, &mut lists).await;
    an_order(&shop, &mut lists).await;
    refunds(&shop, &mut lists).await;
    goods(&shop, &mut lists).await;
    deleted(&shop, &mut lists).await;
    refusals(&shop, &mut lists).await;
    tell(&shop, &mut subscriber, &mut lists).await;
    lists.finish();
    shop.sandbox.stop().await;
}

/// An answer that says that all is well, held to its list.
async fn held(
    shop: &Shop,
    lists: &mut Lists,
    (endpoint, method, path): (&str, Method, &str),
    body: Value,
) -> Value {
    let answer = shop.ask(method, path, body).await;
    assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.json());
    lists.hold(endpoint, &answer.json());
    answer.json()
}

async fn get(shop: &Shop, lists: &mut Lists, endpoint: &str, path: &str) -> Value {
    held(shop, lists, (endpoint, Method::GET, path), Value::Null).await
}

/// Registers every topic and takes the pings.
async fn hooks(shop: &Shop, subscriber: &mut Subscriber, lists: &mut Lists) {
    for topic in TOPICS {
        let url = format!("http://{}/{topic}", subscriber.addr);
        let body =
            json!({"name": "x", "topic": topic, "delivery_url": url, "secret": "whsec_demo"});
        let made = held(shop, lists, ("webhook", Method::POST, "/webhooks"), body).await;
        let path = format!("/webhooks/{}", made["id"]);
        get(shop, lists, "webhook", &path).await;
        let on = json!({"status": "active"});
        held(shop, lists, ("webhook", Method::PUT, &path), on).await;
    }
    get(shop, lists, "webhooks", "/webhooks?per_page=100").await;
    shop.sent().await;
    for _ in TOPICS {
        assert_eq!(&subscriber.next().await.body[..11], b"webhook_id=");
    }
}

/// One order from before its payment to its end, with a note.
async fn an_order(shop: &Shop, lists: &mut Lists) {
    let id = shop.place("GAYO-250", 2, false);
    let path = format!("/orders/{id}");
    get(shop, lists, "order", &path).await;
    for status in ["on-hold", "processing", "completed"] {
        shop.set(&id, status);
        get(shop, lists, "order", &path).await;
    }
    let meta = json!({"meta_data": [{"key": "_hub_tracking", "value": "JX0000000001"}]});
    held(shop, lists, ("order", Method::PUT, &path), meta).await;
    let note = json!({"note": "Dikirim", "customer_note": true});
    let notes = format!("{path}/notes");
    held(shop, lists, ("note", Method::POST, &notes), note).await;
    get(shop, lists, "notes", &notes).await;
    get(shop, lists, "orders", "/orders?per_page=100").await;
    shop.sent().await;
}

/// An order of a variation, of which one unit is given back.
async fn refunds(shop: &Shop, lists: &mut Lists) {
    let id = shop.place("BATIK-MEGA-M", 2, true);
    let path = format!("/orders/{id}");
    let order = get(shop, lists, "order", &path).await;
    let line = &order["line_items"][0];
    let body = json!({
        "amount": "10000.00", "reason": "rusak", "api_refund": false, "api_restock": true,
        "line_items": [{"id": line["id"], "quantity": 1, "refund_total": 10_000}],
    });
    let refunds = format!("{path}/refunds");
    held(shop, lists, ("refund", Method::POST, &refunds), body).await;
    get(shop, lists, "refunds", &refunds).await;
    get(shop, lists, "order", &path).await;
    get(shop, lists, "orders", "/orders?per_page=100").await;
    get(shop, lists, "status totals", "/reports/orders/totals").await;
}

async fn goods(shop: &Shop, lists: &mut Lists) {
    let products = get(shop, lists, "products", "/products?per_page=100&order=asc").await;
    let all = products.as_array().unwrap();
    let of_type = |wanted: &str| {
        let found = all.iter().find(|product| product["type"] == wanted).unwrap();
        found["id"].clone()
    };
    let (simple, variable) = (of_type("simple"), of_type("variable"));
    get(shop, lists, "product", &format!("/products/{simple}")).await;
    for product in all.iter().filter(|product| product["type"] == "variable") {
        let path = format!("/products/{}/variations", product["id"]);
        get(shop, lists, "variations", &path).await;
    }
    let path = format!("/products/{variable}/variations");
    let rows = get(shop, lists, "variations", &path).await;
    let one = &rows[0]["id"];
    get(shop, lists, "variation", &format!("{path}/{one}")).await;
    let body = json!({"update": [{"id": one, "manage_stock": true, "stock_quantity": 7}]});
    let batch = format!("{path}/batch");
    held(shop, lists, ("batch", Method::POST, &batch), body).await;
    let body = json!({"update": [{"id": 999_999, "stock_quantity": 7}]});
    let batch = ("batch, refused", Method::POST, "/products/batch");
    held(shop, lists, batch, body).await;
}

/// An order that is put into the bin, and one that comes back from it.
async fn deleted(shop: &Shop, lists: &mut Lists) {
    let id = shop.place("GAYO-250", 1, false);
    shop.sent().await;
    let bin = ("order deleted", Method::DELETE, &*format!("/orders/{id}"));
    held(shop, lists, bin, Value::Null).await;
    shop.sent().await;
    shop.set(&id, "processing");
    shop.sent().await;
}

async fn refusals(shop: &Shop, lists: &mut Lists) {
    let unknown = shop.ask(Method::GET, "/orders/1", Value::Null).await;
    lists.hold("refusal", &unknown.json());
    let wrong = shop.ask(Method::GET, "/orders?per_page=101", Value::Null).await;
    lists.hold("refusal of a parameter", &wrong.json());
}

/// Holds everything that was told to its list.
async fn tell(shop: &Shop, subscriber: &mut Subscriber, lists: &mut Lists) {
    shop.sent().await;
    let sent = shop.control(&Method::GET, "webhooks", Value::Null)["webhooks"].clone();
    for _ in sent.as_array().unwrap().iter().skip(TOPICS.len()) {
        let told = subscriber.next().await;
        lists.hold(&told.path.replace('/', "push "), &told.json());
    }
}
