//! The Lazada side: consent, tokens, pushes, and every code that `docs/sandbox.md` names.

use std::collections::BTreeSet;

use dermaga_sandbox::{Config, Rates};
use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::client::quiet;
use crate::signing::{APP_KEY, Params, Seller, hmac_hex, page};
use crate::webhooks::until;

const DOCUMENT: &str = include_str!("../../../../docs/sandbox.md");

#[tokio::test]
async fn the_page_has_two_buttons_and_sends_the_browser_back() {
    let seller = Seller::open(quiet()).await;
    let (status, body) = seller.send(Method::GET, &page("id"), String::new()).await;
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 200);
    assert!(body.contains(">Allow<") && body.contains(">Refuse<"), "{body}");
    let form = |answer: &str| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", APP_KEY),
                ("response_type", "code"),
                ("redirect_uri", "https://hub.example.test/consent"),
                ("state", "S1"),
                ("account", "3"),
                ("answer", answer),
            ])
            .finish()
    };
    let press = async |answer| {
        let target = "/auth.lazada.com/oauth/authorize";
        let (status, back) = seller.send(Method::POST, target, form(answer)).await;
        assert_eq!(status, 303);
        String::from_utf8_lossy(&back).into_owned()
    };
    let refused = press("refuse").await;
    assert_eq!(refused, "https://hub.example.test/consent?error=access_denied&state=S1");
    let allowed = press("allow").await;
    let code = allowed.split_once("code=").unwrap().1.split_once('&').unwrap().0;
    let granted = seller.exchange(code).await;
    assert_eq!(granted["country"], "cb");
    let countries = granted["country_user_info"].as_array().unwrap().iter();
    assert_eq!(countries.map(|it| it["country"].clone()).collect::<Vec<_>>(), ["my", "sg"]);
    let wrong = page("id").replace(APP_KEY, "1");
    assert_eq!(seller.send(Method::GET, &wrong, String::new()).await.0, 400);
}

#[tokio::test]
async fn one_token_speaks_in_each_country_of_its_account_and_in_no_other() {
    let mut seller = Seller::open(quiet()).await;
    let granted = seller.exchange(&seller.consent("sg")).await;
    seller.take(&granted);
    let ask = async |host: &str| {
        let asked = (Method::GET, "/seller/get");
        let answer = seller.call_at(&format!("/{host}/rest"), asked, &[]).await;
        (answer["code"].clone(), answer["data"]["seller_id"].clone())
    };
    assert_eq!(ask("api.lazada.com.my").await, (json!("0"), json!("1009990003")));
    assert_eq!(ask("api.lazada.sg").await, (json!("0"), json!("1009990004")));
    assert_eq!(ask("api.lazada.co.id").await.0, "IllegalAccessToken");
}

#[tokio::test]
async fn a_renewal_is_taken_once_and_its_end_is_not_moved() {
    let mut seller = Seller::open(quiet()).await;
    let (first, day) = (seller.refresh.clone(), 86_400);
    let renew = async |seller: &Seller, token: &str| {
        let asked = (Method::POST, "/auth/token/refresh");
        seller.call_at("/auth.lazada.com/rest", asked, &[("refresh_token", token)]).await
    };
    seller.sandbox.clock().advance(day * 20);
    let second = renew(&seller, &first).await;
    assert_eq!(second["refresh_expires_in"], i64::from(day) * 160);
    assert!(second["country_user_info_list"].is_array(), "the list's other name");
    assert_eq!(renew(&seller, &first).await["code"], "IllegalRefreshToken");
    seller.take(&second);
    seller.sandbox.clock().advance(day * 29);
    assert_eq!(seller.call(Method::GET, "/seller/get", &[]).await["code"], "0");
    seller.sandbox.clock().advance(day * 131);
    assert_eq!(renew(&seller, &seller.refresh).await["code"], "IllegalRefreshToken");
}

#[tokio::test]
async fn a_push_is_signed_and_one_that_is_not_answered_in_time_comes_again_in_half_an_hour() {
    // It takes connections and never answers: no answer is late, however fast the machine.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/push", listener.local_addr().unwrap());
    let config = Config { rates: Rates::Documented, webhook_timeout_ms: 60_000, ..quiet() };
    let seller = Seller::open(config).await;
    seller.control(&Method::PUT, "push-address", &json!({"url": url}));
    let order = seller.place(1, true);
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut text = Vec::new();
    let whole = |text: &[u8]| {
        text.windows(4).position(|it| it == b"\r\n\r\n").is_some() && text.ends_with(b"}")
    };
    while !whole(&text) {
        assert!(socket.read_buf(&mut text).await.unwrap() > 0);
    }
    let text = String::from_utf8(text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let signed = hmac_hex(format!("{APP_KEY}{body}").as_bytes());
    assert!(head.contains(&format!("authorization: {signed}")), "{head}");
    let told: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&told["message_type"], &told["seller_id"]), (&json!(0), &json!("1009990001")));
    assert_eq!(told["data"]["trade_order_id"], order);

    let sent = || seller.control(&Method::GET, "webhooks", &Value::Null)["webhooks"][0].clone();
    until(|| sent()["attempts"].as_array().is_some_and(|tries| tries.len() == 1)).await;
    let first = sent();
    assert_eq!(first["attempts"][0]["error"], "timed out");
    let wait = first["due_us"].as_i64().unwrap() - first["attempts"][0]["at_us"].as_i64().unwrap();
    assert!((1_800_000_000..1_805_000_000).contains(&wait), "{wait}");
}

/// One row of the table: code and recipe.
fn rows() -> Vec<(String, String)> {
    let table = DOCUMENT.split("<!-- lazada errors -->").nth(1).expect("the table of errors");
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(cell).collect();
        (cells[0].clone(), cells[1].clone())
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[tokio::test]
async fn every_row_of_the_document_gives_its_code() {
    let rows = rows();
    assert!(rows.len() > 25, "the table was read: {} rows", rows.len());
    let mut seen = BTreeSet::new();
    for (code, recipe) in rows {
        assert!(seen.insert(recipe.clone()), "recipe {recipe} stands twice");
        let answer = provoke(&recipe).await;
        assert!(found(&answer, &code), "recipe {recipe}: {answer}");
    }
}

/// Whether an answer has a code: as its own, of a row, or of a row of products.
fn found(answer: &Value, code: &str) -> bool {
    let rows = &answer["result"]["data"];
    let parcels = rows["packages"].as_array().into_iter().flatten();
    let packed = rows["pack_order_list"][0]["order_item_list"].as_array().into_iter().flatten();
    let detail = answer["detail"].as_array().into_iter().flatten();
    let mut codes = parcels.chain(packed).map(|row| &row["item_err_code"]);
    answer["code"] == code
        || codes.any(|it| it == code)
        || detail.into_iter().any(|row| row["code"] == code)
}

async fn provoke(recipe: &str) -> Value {
    let rates = if recipe == "access_rate" { Rates::Documented } else { Rates::Lifted };
    let seller = Seller::open(Config { rates, ..quiet() }).await;
    let (area, _) = recipe.split_once('_').expect("area and name");
    match area {
        "access" => access(&seller, recipe).await,
        "list" => list(&seller, recipe).await,
        "pack" | "parcel" => parcel(&seller, recipe).await,
        "cancel" => cancel(&seller, recipe).await,
        "stock" => stock(&seller, recipe).await,
        "fault" => {
            let fault = recipe.trim_start_matches("fault_");
            let profile = json!({"probability": {fault: 1.0}});
            seller.control(&Method::PUT, "faults", &profile);
            seller.call(Method::GET, "/seller/get", &[]).await
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn access(seller: &Seller, recipe: &str) -> Value {
    let own: Params<'_> = match recipe {
        "access_app_key" => &[("app_key", "1")],
        "access_sign" => &[("sign", "0")],
        "access_timestamp" => &[("timestamp", "1763712000000")],
        "access_missing" => &[("timestamp", "")],
        "access_token" => &[("access_token", "wrong")],
        "access_rate" => {
            for _ in 0..20 {
                seller.call(Method::GET, "/seller/get", &[]).await;
            }
            &[]
        }
        "access_path" => return seller.call(Method::GET, "/order/rts", &[]).await,
        "access_code" => return seller.exchange("0_109001_used").await,
        "access_refresh" => {
            let asked = (Method::POST, "/auth/token/refresh");
            let said = [("refresh_token", "wrong")];
            return seller.call_at("/auth.lazada.com/rest", asked, &said).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    seller.call(Method::GET, "/seller/get", own).await
}

async fn list(seller: &Seller, recipe: &str) -> Value {
    let since = ("update_after", "2026-11-20T00:00:00+07:00");
    let own: Vec<(&str, &str)> = match recipe {
        "list_no_time" => vec![("limit", "10")],
        "list_time" => vec![("update_after", "2026/11/20")],
        "list_limit" => vec![since, ("limit", "101")],
        "list_offset" => vec![since, ("offset", "5001")],
        "list_status" => vec![since, ("status", "new")],
        "list_sort" => vec![since, ("sort_by", "price")],
        "list_direction" => vec![since, ("sort_direction", "UP")],
        "list_order" => return seller.call(Method::GET, "/order/get", &[("order_id", "7")]).await,
        "list_no_orders" => vec![("order_ids", "[]")],
        "list_orders_form" => vec![("order_ids", "1,2")],
        "list_many_orders" => {
            let ids = format!("[{}]", vec!["1"; 51].join(","));
            let said = [("order_ids", &*ids)];
            return seller.call(Method::GET, "/orders/items/get", &said).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    let path = if own[0].0 == "order_ids" { "/orders/items/get" } else { "/orders/get" };
    seller.call(Method::GET, path, &own).await
}

async fn parcel(seller: &Seller, recipe: &str) -> Value {
    let ready = async |package: &str| {
        let body = json!({"packages": [{"package_id": package}]}).to_string();
        seller.call(Method::POST, "/order/package/rts", &[("readyToShipReq", &body)]).await
    };
    let pack = async |order: i64, units: Vec<Value>| {
        let row = json!({"order_id": order, "order_item_list": units});
        let body = json!({"pack_order_list": [row]}).to_string();
        seller.call(Method::POST, "/order/fulfill/pack", &[("packReq", &body)]).await
    };
    let order = if recipe == "pack_by_channel" {
        let lines = json!([{"sku": "GAYO-250", "quantity": 1}]);
        let body = json!({"lines": lines, "fulfilled_by_channel": true});
        let placed = seller.control(&Method::POST, "orders", &body);
        placed["order_id"].as_str().unwrap().to_owned()
    } else {
        seller.place(1, true)
    };
    let number: i64 = order.parse().unwrap();
    let unit = seller.units(&order).await[0]["order_item_id"].clone();
    match recipe {
        "pack_twice" => {
            seller.pack(&order).await;
            pack(number, vec![unit]).await
        }
        "pack_by_channel" => pack(number, vec![unit]).await,
        "pack_order" => pack(7, vec![json!(1)]).await,
        "pack_unit" => pack(number, vec![json!(1)]).await,
        "pack_many" => {
            let rows = vec![json!({"order_id": number, "order_item_list": [unit]}); 21];
            let body = json!({"pack_order_list": rows}).to_string();
            seller.call(Method::POST, "/order/fulfill/pack", &[("packReq", &body)]).await
        }
        "parcel_unknown" => ready("FP0").await,
        "parcel_cancelled" => {
            let package = seller.pack(&order).await;
            seller.act(&order, "cancel", &json!({"by": "buyer"}));
            ready(&package).await
        }
        "parcel_ready_twice" => {
            let package = seller.pack(&order).await;
            ready(&package).await;
            ready(&package).await
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn cancel(seller: &Seller, recipe: &str) -> Value {
    let order = seller.place(1, true);
    let unit = seller.units(&order).await[0]["order_item_id"].clone();
    let units = format!("[{unit}]");
    let validate = "/order/reverse/cancel/validate";
    let both = [("order_id", &*order), ("order_item_id_list", &*units)];
    match recipe {
        "cancel_order" => {
            let said = [("order_id", "7"), ("order_item_id_list", "[1]")];
            seller.call(Method::GET, validate, &said).await
        }
        "cancel_unit" => {
            let said = [both[0], ("order_item_id_list", "[1]")];
            seller.call(Method::GET, validate, &said).await
        }
        "cancel_shipped" => {
            seller.act(&order, "accept", &json!({}));
            seller.act(&order, "ship", &json!({}));
            seller.call(Method::GET, validate, &both).await
        }
        "cancel_reason" => {
            let said = [both[0], both[1], ("reason_id", "10000121")];
            seller.call(Method::GET, "/order/reverse/cancel/create", &said).await
        }
        "cancel_wish" => {
            let said = [("reverse_order_id", "7"), ("agree_cancel", "true")];
            seller.call(Method::GET, "/order/reverse/cancel/seller/decide", &said).await
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn stock(seller: &Seller, recipe: &str) -> Value {
    let sku = |item: i64, sku: i64, quantity: &str| {
        format!(
            "<Sku><ItemId>{item}</ItemId><SkuId>{sku}</SkuId><SellableQuantity>{quantity}\
             </SellableQuantity></Sku>"
        )
    };
    let rows = match recipe {
        "stock_sku" => sku(770_001, 1, "5"),
        "stock_item" => sku(1, 990_001, "5"),
        "stock_number" => sku(770_001, 990_001, "many"),
        "stock_negative" => sku(770_001, 990_001, "-1"),
        "stock_many" => sku(770_001, 990_001, "5").repeat(51),
        "stock_empty" => String::new(),
        "stock_campaign" => {
            let profile = json!({"probability": {"row_error": 1.0}});
            seller.control(&Method::PUT, "faults", &profile);
            sku(770_001, 990_001, "5")
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    let payload = format!("<Request><Product><Skus>{rows}</Skus></Product></Request>");
    let said = [("payload", &*payload)];
    seller.call(Method::POST, "/product/stock/sellable/update", &said).await
}
