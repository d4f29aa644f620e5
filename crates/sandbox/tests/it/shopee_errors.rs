//! Every error code of Shopee, provoked as `docs/sandbox.md` says.

use std::collections::BTreeSet;

use dermaga_sandbox::{Config, Rates};
use serde_json::{Value, json};

use crate::client::{Answer, quiet};
use crate::shopee::{FIRST, PARTNER, Query, SECOND, Seller, UNLINKED, pair, sign, target};

const DOCUMENT: &str = include_str!("../../../../docs/sandbox.md");
/// What stands in place of a status and a recipe where a code is not given.
const NOT_GIVEN: &str = "–";

const INFO: &str = "shop/get_shop_info";
const LIST: &str = "order/get_order_list";
const SHIP: &str = "logistics/ship_order";
const TRACKING: &str = "logistics/get_tracking_number";
const LABEL: &str = "logistics/create_shipping_document";
const STOCK: &str = "product/update_stock";
const ANSWER: &str = "order/handle_buyer_cancellation";
const RENEW: &str = "auth/access_token/get";

/// The cells of each row of the table: code, HTTP status, recipe, words.
fn rows() -> Vec<[String; 4]> {
    let table = DOCUMENT.split("<!-- shopee errors -->").nth(1).expect("the table of errors");
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(cell).collect();
        cells.try_into().expect("four cells")
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[tokio::test]
async fn every_row_of_the_document_gives_its_code() {
    let rows = rows();
    assert!(rows.len() > 120, "the table was read: {} rows", rows.len());
    let mut seen = BTreeSet::new();
    let mut given = BTreeSet::new();
    for [code, status, recipe, words] in &rows {
        if recipe == NOT_GIVEN {
            assert_eq!(status, NOT_GIVEN, "{code} is not given");
            assert!(words.starts_with("no "), "why is {code} not given?");
            continue;
        }
        assert!(seen.insert(recipe), "recipe {recipe} stands twice");
        let answer = provoke(recipe, code).await;
        let told = answer.json();
        assert_eq!(answer.status.to_string(), *status, "recipe {recipe}: {told}");
        assert!(found(&told, code), "recipe {recipe}: {told}");
        given.insert(code);
    }
    let not_given = rows.iter().filter(|row| row[2] == NOT_GIVEN);
    for [code, ..] in not_given {
        assert!(!given.contains(code), "{code} is given in another row");
    }
}

#[tokio::test]
async fn what_is_held_against_one_shop_is_let_go_and_is_not_held_against_another() {
    let seller = Seller::open(quiet()).await;
    let hold = |body: Value| seller.control("PUT", "standing", &body);
    let ask = async |shop| seller.get(INFO, shop, &[]).await["error"].clone();
    hold(json!({"code": "shop_banned", "shop_id": FIRST}));
    assert_eq!((ask(FIRST).await, ask(SECOND).await), (json!("shop_banned"), json!("")));
    let told = seller.renew(&seller.refresh, FIRST).await;
    assert_eq!(told["error"], "shop_banned", "nor is its token renewed");
    hold(json!({"shop_id": FIRST}));
    assert_eq!(ask(FIRST).await, "");
    assert_eq!(seller.renew(&seller.refresh, FIRST).await["error"], "", "it was not spent");
    hold(json!({"code": "api_suspended"}));
    assert_eq!(ask(SECOND).await, "api_suspended");
    let target = "/control/shopee/standing";
    let refused = |body: Value| seller.sandbox.control(&http::Method::PUT, target, &body).0;
    assert_eq!(refused(json!({"code": "order.error_limit"})), 400, "no standing");
    assert_eq!(refused(json!({"code": "shop_banned", "shop_id": 7})), 404);
}

/// Whether an answer has a code: as its own, or of a row.
fn found(told: &Value, code: &str) -> bool {
    let rows = told["response"]["result_list"].as_array().into_iter().flatten();
    told["error"] == code || rows.into_iter().any(|row| row["fail_error"] == code)
}

/// A call of a shop, with its status.
async fn get(seller: &Seller, path: &str, shop: i64, said: &[(&str, &str)]) -> Answer {
    let mut query = seller.of_shop(path, shop);
    query.extend(said.iter().map(|(name, value)| pair(name, value)));
    seller.plain(&target(path, &query), None).await
}

async fn post(seller: &Seller, path: &str, shop: i64, body: &Value) -> Answer {
    seller.plain(&target(path, &seller.of_shop(path, shop)), Some(body)).await
}

async fn app_post(seller: &Seller, path: &str, body: &Value) -> Answer {
    seller.plain(&target(path, &seller.of_app(path)), Some(body)).await
}

async fn provoke(recipe: &str, code: &str) -> Answer {
    let rates = if recipe == "access_rate" { Rates::Documented } else { Rates::Lifted };
    let mut seller = Seller::open(Config { rates, ..quiet() }).await;
    let (area, _) = recipe.split_once('_').expect("area and name");
    match area {
        "access" => access(&seller, recipe).await,
        "token" => token(&seller, recipe).await,
        "refresh" => refresh(&mut seller, recipe).await,
        "standing" => standing(&seller, recipe, code).await,
        "list" => list(&seller, recipe).await,
        "cancel" | "answer" => cancel(&seller, recipe).await,
        "ship" | "track" => ship(&seller, recipe).await,
        "label" => label(&seller, recipe).await,
        "stock" => stock(&seller, recipe).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

/// The query of a shop's call, signed by this partner for this time.
fn signed(seller: &Seller, partner: &str, at: i64) -> Query {
    let token = seller.token.as_str();
    let signature = sign(&format!("{partner}/api/v2/{INFO}{at}{token}{FIRST}"));
    let (at, shop) = (at.to_string(), FIRST.to_string());
    let given = [("partner_id", partner), ("timestamp", &at), ("sign", &signature)];
    let given = given.into_iter().chain([("access_token", token), ("shop_id", &shop)]);
    given.map(|(name, value)| pair(name, value)).collect()
}

async fn access(seller: &Seller, recipe: &str) -> Answer {
    let fault = |name: &str| {
        seller.control("PUT", "faults", &json!({"probability": {name: 1.0}}));
    };
    let now = seller.now_s();
    let query = match recipe {
        "access_path" => return get(seller, "order/nothing", FIRST, &[]).await,
        "access_method" => return post(seller, INFO, FIRST, &json!({})).await,
        "access_missing" => {
            signed(seller, PARTNER, now).into_iter().filter(|(name, _)| name != "sign").collect()
        }
        "access_time" => signed(seller, PARTNER, now - 301),
        "access_partner" => signed(seller, "1", now),
        "access_sign" => {
            let mut query = signed(seller, PARTNER, now);
            query[2].1 = "0".repeat(64);
            query
        }
        "access_token_wrong" => return get(seller, INFO, 7, &[]).await,
        "access_token_ended" => {
            seller.sandbox.clock().advance(14_400);
            signed(seller, PARTNER, seller.now_s())
        }
        "access_unlinked" => return get(seller, INFO, UNLINKED, &[]).await,
        "access_rate" => {
            for _ in 0..10 {
                assert_eq!(seller.get(INFO, FIRST, &[]).await["error"], "");
            }
            signed(seller, PARTNER, now)
        }
        "access_token_fault" | "access_rate_bare" | "access_rate_fault" | "access_server" => {
            fault(match recipe {
                "access_token_fault" => "token_expiry",
                "access_rate_bare" => "rate_limited_bare",
                "access_rate_fault" => "rate_limited",
                _ => "server_error",
            });
            signed(seller, PARTNER, now)
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    seller.plain(&target(INFO, &query), None).await
}

async fn token(seller: &Seller, recipe: &str) -> Answer {
    let code = seller.code();
    let mut body = json!({"code": code, "partner_id": 2_009_001, "main_account_id": 660_001});
    let path = "auth/token/get";
    match recipe {
        "token_code_used" => {
            assert_eq!(app_post(seller, path, &body).await.json()["error"], "");
        }
        "token_code_old" => seller.sandbox.clock().advance(601),
        "token_code_shop" => {
            body = json!({"code": code, "partner_id": 2_009_001, "shop_id": UNLINKED});
        }
        "token_code_account" => body["main_account_id"] = json!(1),
        "token_partner" => body["partner_id"] = json!(1),
        _ => panic!("recipe {recipe} is unknown"),
    }
    app_post(seller, path, &body).await
}

async fn refresh(seller: &mut Seller, recipe: &str) -> Answer {
    const DAY: u32 = 86_400;
    let mut whose = json!({"shop_id": FIRST});
    match recipe {
        "refresh_used" => {
            assert_eq!(seller.renew(&seller.refresh, FIRST).await["error"], "");
        }
        "refresh_old" => seller.sandbox.clock().advance(30 * DAY),
        "refresh_grant" => {
            for _ in 0..14 {
                seller.sandbox.clock().advance(26 * DAY);
                let told = seller.renew(&seller.refresh, FIRST).await;
                assert_eq!(told["error"], "", "364 days at most");
                told["refresh_token"].as_str().unwrap().clone_into(&mut seller.refresh);
            }
            seller.sandbox.clock().advance(DAY);
        }
        "refresh_unlinked" => whose = json!({"shop_id": UNLINKED}),
        "refresh_nobody" => whose = json!({}),
        "refresh_merchant" => whose = json!({"merchant_id": 1}),
        "refresh_supplier" => whose = json!({"supplier_id": 1}),
        _ => panic!("recipe {recipe} is unknown"),
    }
    whose["refresh_token"] = json!(seller.refresh);
    whose["partner_id"] = json!(2_009_001);
    app_post(seller, RENEW, &whose).await
}

/// What would go well if nothing was held against the shop.
async fn standing(seller: &Seller, recipe: &str, code: &str) -> Answer {
    let order = seller.coffee(1);
    let hold = || seller.control("PUT", "standing", &json!({"code": code, "shop_id": FIRST}));
    let area = recipe.trim_start_matches("standing_").split('_').next().expect("where");
    match area {
        "any" => {
            hold();
            get(seller, INFO, FIRST, &[]).await
        }
        "answer" => {
            seller.act(&order, "request-cancel");
            hold();
            post(seller, ANSWER, FIRST, &json!({"order_sn": order, "operation": "ACCEPT"})).await
        }
        "ship" => {
            hold();
            post(seller, SHIP, FIRST, &json!({"order_sn": order, "dropoff": {}})).await
        }
        "track" => {
            hold();
            get(seller, TRACKING, FIRST, &[("order_sn", &order)]).await
        }
        "label" => {
            let row = label_row(seller, &order).await;
            hold();
            post(seller, LABEL, FIRST, &json!({"order_list": [row]})).await
        }
        "stock" => {
            hold();
            post(seller, STOCK, FIRST, &stock_body(5_000_001, &[(0, 10)])).await
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn list(seller: &Seller, recipe: &str) -> Answer {
    let now = seller.now_s();
    let (mut from, mut size, mut more) = (now - 9, "2", Vec::new());
    let many = vec!["1"; 51].join(",");
    match recipe {
        "list_window_wide" => from = now - 15 * 86_400 - 1,
        "list_window_none" => from = now,
        "list_size" => size = "101",
        "list_status" => more = vec![("order_status", "TO_RETURN")],
        "list_many_orders" => {
            let said = [("order_sn_list", &*many)];
            return get(seller, "order/get_order_detail", FIRST, &said).await;
        }
        "list_many_items" => {
            let said = [("item_id_list", &*many)];
            return get(seller, "product/get_item_base_info", FIRST, &said).await;
        }
        "list_unknown" => {
            let order = seller.coffee(1);
            let said = [("order_sn_list", &*order)];
            return get(seller, "order/get_order_detail", SECOND, &said).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
    let (from, to) = (from.to_string(), now.to_string());
    let mut said = vec![("time_range_field", "update_time"), ("page_size", size)];
    said.extend([("time_from", &*from), ("time_to", &*to)]);
    said.extend(more);
    get(seller, LIST, FIRST, &said).await
}

async fn cancel(seller: &Seller, recipe: &str) -> Answer {
    let lines = json!([{"sku": "GAYO-250", "quantity": 1}]);
    let order = match recipe {
        "cancel_unpaid" => seller.place(&json!({"lines": lines, "paid": false})),
        "cancel_warehouse" => seller.place(&json!({"lines": lines, "fulfilled_by_channel": true})),
        _ => seller.coffee(1),
    };
    let mut body = json!({"order_sn": order, "cancel_reason": "CUSTOMER_REQUEST"});
    match recipe {
        "cancel_unpaid" | "cancel_warehouse" => {}
        "cancel_asked" => seller.act(&order, "request-cancel"),
        "cancel_collected" => {
            seller.act(&order, "ship");
            seller.act(&order, "ship");
        }
        "cancel_twice" => {
            let told = seller.post("order/cancel_order", FIRST, &body).await;
            assert_eq!(told["error"], "");
        }
        "cancel_reason" => body["cancel_reason"] = json!("CHANGED_MIND"),
        "answer_unasked" => {
            let body = json!({"order_sn": order, "operation": "ACCEPT"});
            return post(seller, ANSWER, FIRST, &body).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
    post(seller, "order/cancel_order", FIRST, &body).await
}

/// An order whose goods travel in two parcels.
fn in_two(seller: &Seller) -> String {
    let lines = json!([{"sku": "GAYO-250", "quantity": 1}, {"sku": "TAS-ANYAM", "quantity": 1}]);
    seller.place(&json!({ "lines": lines }))
}

async fn ship(seller: &Seller, recipe: &str) -> Answer {
    let wish = |shop: i64, sku: &str, paid: bool| {
        let lines = json!([{"sku": sku, "quantity": 1}]);
        seller.place(&json!({"shop_id": shop, "lines": lines, "paid": paid}))
    };
    let first = || wish(FIRST, "GAYO-250", true);
    let second = || wish(SECOND, "SARUNG-TENUN", true);
    let slot = (seller.now_s() + 86_400).to_string();
    let pickup = json!({"address_id": 234, "pickup_time_id": slot});
    let (shop, mut body) = match recipe {
        "track_unnamed" => {
            return get(seller, TRACKING, FIRST, &[("order_sn", &in_two(seller))]).await;
        }
        "ship_unknown" => {
            (FIRST, json!({"order_sn": first(), "package_number": "OFG1", "dropoff": {}}))
        }
        "ship_named" => {
            let id = first();
            let number = &seller.order(&id).await["package_list"][0]["package_number"];
            (FIRST, json!({"order_sn": id, "package_number": number, "dropoff": {}}))
        }
        "ship_unnamed" => (FIRST, json!({"order_sn": in_two(seller), "dropoff": {}})),
        "ship_twice" => {
            let body = json!({"order_sn": first(), "pickup": pickup});
            assert_eq!(seller.post(SHIP, FIRST, &body).await["error"], "");
            (FIRST, body)
        }
        "ship_unpaid" => {
            (FIRST, json!({"order_sn": wish(FIRST, "GAYO-250", false), "dropoff": {}}))
        }
        "ship_two_ways" => (FIRST, json!({"order_sn": first(), "pickup": pickup, "dropoff": {}})),
        "ship_no_time" | "ship_late" | "ship_address" => {
            (FIRST, json!({"order_sn": first(), "pickup": pickup}))
        }
        "ship_no_pickup" => (SECOND, json!({"order_sn": second(), "pickup": pickup})),
        "ship_no_dropoff" => (SECOND, json!({"order_sn": second(), "dropoff": {}})),
        "ship_no_own" => {
            let own = json!({"tracking_number": "JNE1"});
            (FIRST, json!({"order_sn": first(), "non_integrated": own}))
        }
        "ship_no_number" => (SECOND, json!({"order_sn": second(), "non_integrated": {}})),
        _ => panic!("recipe {recipe} is unknown"),
    };
    match recipe {
        "ship_no_time" => body["pickup"]["pickup_time_id"] = json!(""),
        "ship_late" => body["pickup"]["pickup_time_id"] = json!("1760000000"),
        "ship_address" => body["pickup"]["address_id"] = json!(1),
        _ => {}
    }
    post(seller, SHIP, shop, &body).await
}

/// What a label is asked for with, of an order whose courier was asked and whose number is there.
async fn label_row(seller: &Seller, order: &str) -> Value {
    seller.act(order, "ship");
    seller.sandbox.clock().advance(2);
    let told = seller.get(TRACKING, FIRST, &[("order_sn", order)]).await;
    let number = told["response"]["tracking_number"].clone();
    assert_ne!(number, "", "the number is there");
    let kind = "THERMAL_AIR_WAYBILL";
    json!({"order_sn": order, "tracking_number": number, "shipping_document_type": kind})
}

async fn label(seller: &Seller, recipe: &str) -> Answer {
    let (order, mut path) = (seller.coffee(1), LABEL);
    let mut row = match recipe {
        "label_unpaid" => {
            let lines = json!([{"sku": "GAYO-250", "quantity": 1}]);
            json!({"order_sn": seller.place(&json!({"lines": lines, "paid": false}))})
        }
        "label_unnamed" => json!({"order_sn": in_two(seller)}),
        _ => label_row(seller, &order).await,
    };
    match recipe {
        "label_failed" | "label_kind" => row["shipping_document_type"] = json!("POSTCARD"),
        "label_number" => row["tracking_number"] = json!("other"),
        "label_collected" => seller.act(&order, "ship"),
        "label_unmade" => path = "logistics/download_shipping_document",
        "label_unpaid" | "label_unnamed" => {}
        "label_many" => {
            return post(seller, LABEL, FIRST, &json!({"order_list": vec![row; 51]})).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
    post(seller, path, FIRST, &json!({"order_list": [row]})).await
}

/// A message of stock: the product, and of each variant how many.
fn stock_body(item: i64, rows: &[(i64, i64)]) -> Value {
    let row = |(model, stock): &(i64, i64)| json!({"model_id": model, "seller_stock": [{"stock": stock}]});
    json!({"item_id": item, "stock_list": rows.iter().map(row).collect::<Vec<_>>()})
}

async fn stock(seller: &Seller, recipe: &str) -> Answer {
    let own = seller.control("GET", "credentials", &Value::Null)["products"].clone();
    let own = own.as_array().unwrap().iter().filter(|it| it["shop_id"] == SECOND);
    let other = own.filter(|it| it["sku"] == "SARUNG-TENUN").map(|it| it["product_id"].clone());
    let other: Vec<Value> = other.collect();
    let other = other[0].as_str().unwrap().split_once('-').unwrap().0.parse().unwrap();
    let body = match recipe {
        "stock_unknown" => stock_body(5_000_099, &[(0, 5)]),
        "stock_other" => stock_body(other, &[(0, 5)]),
        "stock_no_model" => stock_body(5_000_008, &[(0, 5)]),
        "stock_twice" => stock_body(5_000_001, &[(0, 5), (0, 6)]),
        "stock_many" => stock_body(5_000_001, &[(0, 5); 51]),
        "stock_failed" => stock_body(5_000_001, &[(9, 5)]),
        "stock_location" => {
            let mut body = stock_body(5_000_001, &[(0, 5)]);
            body["stock_list"][0]["seller_stock"][0]["location_id"] = json!("SGZ");
            body
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    post(seller, STOCK, FIRST, &body).await
}
