//! Every error code of WooCommerce, provoked as `docs/sandbox.md` says.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::client::{Answer, quiet};
use crate::shop::{KEY, READS, Shop, signed};

const DOCUMENT: &str = include_str!("../../../../docs/sandbox.md");
const WRITES: (&str, &str) = ("ck_sandbox_writeonly", "cs_sandbox_writeonly_not_real");
const CUSTOMER: (&str, &str) = ("ck_sandbox_customer", "cs_sandbox_customer_not_real");
/// What stands in place of a status and a recipe where a code is not given.
const NOT_GIVEN: &str = "–";
const ORDERS: &str = "/wp-json/wc/v3/orders";

/// The cells of each row of the table: code, HTTP status, recipe, words.
fn rows() -> Vec<[String; 4]> {
    let table = DOCUMENT.split("<!-- woocommerce errors -->").nth(1).expect("the table of errors");
    let cell = |text: &str| text.trim().to_owned();
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(cell).collect();
        let cells: [String; 4] = cells.try_into().expect("four cells");
        let [code, status, recipe, words] = cells;
        let plain = |text: String| text.trim_matches('`').to_owned();
        [plain(code), status, plain(recipe), words]
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[tokio::test]
async fn every_row_of_the_document_gives_its_code() {
    let rows = rows();
    assert!(rows.len() > 50, "the table was read: {} rows", rows.len());
    let mut seen = BTreeSet::new();
    for [code, status, recipe, words] in &rows {
        if recipe == NOT_GIVEN {
            assert!(status == NOT_GIVEN && words.starts_with("no "), "why is {code} not given?");
            continue;
        }
        assert!(seen.insert(recipe), "recipe {recipe} stands twice");
        let answer = provoke(recipe).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status.to_string(), *status, "recipe {recipe}: {text}");
        if code == "(html)" {
            assert!(text.starts_with('<'), "recipe {recipe}: {text}");
            continue;
        }
        let told = refusal(&answer);
        assert_eq!(told["code"].as_str(), Some(&**code), "recipe {recipe}: {text}");
        let said = told["message"].as_str().unwrap_or_default();
        assert!(!said.is_empty(), "recipe {recipe}: {text}");
        if let Some(quoted) = words.split('"').nth(1) {
            assert!(said.contains(quoted), "recipe {recipe}: {text}");
        }
        if answer.status != 200 {
            assert_eq!(told["data"]["status"].to_string(), *status, "recipe {recipe}: {text}");
        }
    }
}

#[tokio::test]
async fn refusals_of_parameters_and_skus_say_which() {
    let told = provoke("param_per_page").await.json();
    assert_eq!(told["data"]["params"]["per_page"], "per_page is not valid.");
    assert_eq!(told["data"]["details"]["per_page"]["code"], "rest_invalid_param");
    let told = provoke("param_missing").await.json();
    assert_eq!(told["data"]["params"], json!(["note"]));
    let told = provoke("made_sku").await.json();
    assert!(told["data"]["resource_id"].is_i64() && told["data"]["unique_sku"].is_string());
}

/// What an answer refuses: the whole, or its first row.
fn refusal(answer: &Answer) -> Value {
    let told = answer.json();
    let row = &told["update"][0]["error"];
    if row.is_null() { told.clone() } else { row.clone() }
}

async fn provoke(recipe: &str) -> Answer {
    let shop = Shop::open(quiet()).await;
    let (area, what) = recipe.split_once('_').expect("area and name");
    match area {
        "key" if what.starts_with("tls") => over_tls(&shop, recipe).await,
        "key" => key(&shop, recipe).await,
        "stranger" => may_not(&shop, what, None).await,
        "customer" => may_not(&shop, what, Some(CUSTOMER)).await,
        "read" | "param" => read(&shop, recipe).await,
        "write" | "batch" => write(&shop, recipe).await,
        "delete" => delete(&shop, recipe).await,
        "made" => made(&shop, recipe).await,
        "hook" => hook(&shop, recipe).await,
        "fault" => fault(&shop, recipe).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn key(shop: &Shop, recipe: &str) -> Answer {
    let get = Method::GET;
    let now = shop.now_s();
    let with = |key: (&str, &str)| signed(&shop.url, &get, ORDERS, key, (1, now));
    let target = match recipe {
        "key_none" => ORDERS.to_owned(),
        "key_plain" => {
            let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", KEY.0, KEY.1)));
            return shop.send(get, ORDERS, &[("authorization", &basic)], &Value::Null).await;
        }
        "key_part" => format!("{ORDERS}?oauth_nonce=1"),
        "key_unknown" => with(("ck_nobody", "x")),
        "key_signature" => signed("http://other.example", &get, ORDERS, KEY, (1, now)),
        "key_method" => with(KEY).replace("HMAC-SHA256", "PLAINTEXT"),
        "key_time" => signed(&shop.url, &get, ORDERS, KEY, (1, now - 15 * 60 - 1)),
        "key_nonce" => {
            assert_eq!(shop.send(get.clone(), &with(KEY), &[], &Value::Null).await.status, 200);
            with(KEY)
        }
        "key_reads" => {
            let target = signed(&shop.url, &Method::POST, ORDERS, READS, (1, now));
            return shop.send(Method::POST, &target, &[], &json!({})).await;
        }
        "key_writes" => with(WRITES),
        _ => panic!("recipe {recipe} is unknown"),
    };
    shop.send(get, &target, &[], &Value::Null).await
}

/// A password over TLS, by a client that trusts the sandbox's own authority.
async fn over_tls(shop: &Shop, recipe: &str) -> Answer {
    let (key, secret) = match recipe {
        "key_tls_unknown" => ("ck_nobody", KEY.1),
        "key_tls_secret" => (KEY.0, "x"),
        _ => panic!("recipe {recipe} is unknown"),
    };
    let (_, told) = shop.sandbox.control(&Method::GET, "/control", &Value::Null);
    let authority = told["certificate_authority"].as_str().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = shop.sandbox.secure_channel_url("woocommerce").unwrap();
    let socket = TcpStream::connect(url.strip_prefix("https://").unwrap()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
    let basic = STANDARD.encode(format!("{key}:{secret}"));
    let request = format!(
        "GET {ORDERS} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         authorization: Basic {basic}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    // The server may end without saying so in TLS; what was announced is there by then.
    while let Ok(1..) = stream.read_buf(&mut text).await {}
    let text = String::from_utf8(text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, headers: http::HeaderMap::new(), body: body.to_owned().into() }
}

/// A deed of somebody who may not do it; without a key, of a stranger.
async fn may_not(shop: &Shop, deed: &str, key: Option<(&str, &str)>) -> Answer {
    let order = shop.place("GAYO-250", 1, true);
    let (method, path) = match deed {
        "view" => (Method::GET, "/orders".to_owned()),
        "create" => (Method::POST, "/orders".to_owned()),
        "edit" => (Method::PUT, format!("/orders/{order}")),
        "delete" => (Method::DELETE, format!("/orders/{order}")),
        "batch" => (Method::POST, "/products/batch".to_owned()),
        _ => panic!("deed {deed} is unknown"),
    };
    let path = format!("/wp-json/wc/v3{path}");
    let target = match key {
        Some(key) => signed(&shop.url, &method, &path, key, (1, shop.now_s())),
        None => path,
    };
    let body = if method == Method::GET { Value::Null } else { json!({}) };
    shop.send(method, &target, &[], &body).await
}

/// A product that has variations, and one of these.
fn varied(shop: &Shop) -> (String, String) {
    let told = shop.control(&Method::GET, "credentials", Value::Null);
    let ids = told["products"].as_array().unwrap().iter();
    let mut ids = ids.filter_map(|it| it["product_id"].as_str()?.split_once('-'));
    let (product, variation) = ids.next().unwrap();
    (product.to_owned(), variation.to_owned())
}

async fn read(shop: &Shop, recipe: &str) -> Answer {
    let path = match recipe {
        "read_path" => "/nothing".to_owned(),
        "read_order" => "/orders/9".to_owned(),
        "read_product" => "/products/999999".to_owned(),
        "read_variation" => format!("/products/{}/variations/9", varied(shop).0),
        "read_webhook" => "/webhooks/9".to_owned(),
        "param_per_page" => "/orders?per_page=101".to_owned(),
        "param_status" => "/orders?status=odd".to_owned(),
        "param_orderby" => "/orders?orderby=odd".to_owned(),
        "param_date" => "/orders?modified_after=yesterday".to_owned(),
        "param_set_status" | "param_missing" | "param_json" => {
            return told_wrongly(shop, recipe).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    shop.ask(Method::GET, &path, Value::Null).await
}

async fn told_wrongly(shop: &Shop, recipe: &str) -> Answer {
    let order = format!("/orders/{}", shop.place("GAYO-250", 1, true));
    match recipe {
        "param_set_status" => shop.ask(Method::PUT, &order, json!({"status": "odd"})).await,
        "param_missing" => shop.ask(Method::POST, &format!("{order}/notes"), json!({})).await,
        _ => {
            let path = format!("/wp-json/wc/v3{order}");
            let target = signed(&shop.url, &Method::PUT, &path, KEY, (1, shop.now_s()));
            shop.send_text(Method::PUT, &target, &[], "{".to_owned()).await
        }
    }
}

async fn write(shop: &Shop, recipe: &str) -> Answer {
    let (product, variation) = varied(shop);
    let price = json!({"regular_price": "1000"});
    let many = |ids: Vec<i64>| {
        let rows: Vec<Value> =
            ids.into_iter().map(|id| json!({"id": id, "stock_quantity": 1})).collect();
        json!({ "update": rows })
    };
    let (method, path, body) = match recipe {
        "write_order" => (Method::PUT, "/orders/9".to_owned(), json!({"status": "completed"})),
        "write_product" => (Method::PUT, "/products/999999".to_owned(), price),
        "write_variation" => (Method::PUT, format!("/products/{product}/variations/9"), price),
        "write_other" => (Method::PUT, format!("/products/{variation}"), price),
        "write_webhook" => (Method::PUT, "/webhooks/9".to_owned(), json!({"status": "active"})),
        "batch_product" => (Method::POST, "/products/batch".to_owned(), many(vec![999_999])),
        "batch_variation" => {
            (Method::POST, format!("/products/{product}/variations/batch"), many(vec![9]))
        }
        "batch_many" => (Method::POST, "/products/batch".to_owned(), many((1..=101).collect())),
        _ => panic!("recipe {recipe} is unknown"),
    };
    shop.ask(method, &path, body).await
}

async fn delete(shop: &Shop, recipe: &str) -> Answer {
    let path = match recipe {
        "delete_order" => "/orders/9".to_owned(),
        "delete_product" => "/products/999999?force=true".to_owned(),
        "delete_twice" => {
            let path = format!("/orders/{}", shop.place("GAYO-250", 1, true));
            assert_eq!(shop.ask(Method::DELETE, &path, Value::Null).await.status, 200);
            path
        }
        "delete_webhook" => "/webhooks/1".to_owned(),
        _ => panic!("recipe {recipe} is unknown"),
    };
    shop.ask(Method::DELETE, &path, Value::Null).await
}

async fn made(shop: &Shop, recipe: &str) -> Answer {
    let order = shop.place("GAYO-250", 1, true);
    let (path, body) = match recipe {
        "made_sku" => ("/products".to_owned(), json!({"name": "Gayo", "sku": "GAYO-250"})),
        "made_customer" => ("/orders".to_owned(), json!({"customer_id": 7})),
        "made_coupon" => ("/orders".to_owned(), json!({"coupon_lines": [{"code": "GRATIS"}]})),
        "made_coupon_id" => {
            (format!("/orders/{order}"), json!({"coupon_lines": [{"id": 7, "code": "GRATIS"}]}))
        }
        "made_item" => {
            (format!("/orders/{order}"), json!({"line_items": [{"id": 7, "quantity": 2}]}))
        }
        "made_refund" => {
            let body = json!({"amount": "99999999.00", "api_refund": false});
            (format!("/orders/{order}/refunds"), body)
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    shop.ask(Method::POST, &path, body).await
}

async fn hook(shop: &Shop, recipe: &str) -> Answer {
    let mut body = json!({"topic": "order.updated", "delivery_url": "http://127.0.0.1:1/hook"});
    match recipe {
        "hook_topic" => body["topic"] = json!("odd"),
        "hook_url" => body["delivery_url"] = json!("nowhere"),
        "hook_status" => body["status"] = json!("odd"),
        _ => panic!("recipe {recipe} is unknown"),
    }
    shop.ask(Method::POST, "/webhooks", body).await
}

async fn fault(shop: &Shop, recipe: &str) -> Answer {
    let name = match recipe {
        "fault_server" => "server_error",
        "fault_row" => "row_error",
        "fault_page" => "html_body",
        "fault_rate" => "rate_limited",
        "fault_rate_bare" => "rate_limited_bare",
        _ => panic!("recipe {recipe} is unknown"),
    };
    let product: i64 = varied(shop).0.parse().unwrap();
    shop.control(&Method::PUT, "faults", json!({"probability": {name: 1.0}}));
    let body = json!({"update": [{"id": product, "regular_price": "1000"}]});
    shop.ask(Method::POST, "/products/batch", body).await
}
