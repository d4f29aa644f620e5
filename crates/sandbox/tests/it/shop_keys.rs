//! Who may ask a WooCommerce shop, and what it answers to mistakes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use crate::client::quiet;
use crate::shop::{KEY, READS, START_S, Shop, signed};

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
