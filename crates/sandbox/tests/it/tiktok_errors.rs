//! Every error code of the TikTok Shop side, provoked as `docs/sandbox.md` says.

use std::collections::BTreeSet;

use dermaga_sandbox::{Config, Rates};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, quiet};
use crate::tiktok_seller::{FIRST, KEY, PAGE, SEARCH, SECOND, SECRET, Said, Seller, UNLINKED, of};

const DOCUMENT: &str = include_str!("../../../../docs/sandbox.md");

/// The shop that sends by couriers of its own.
const OWN_COURIERS: Option<i64> = Some(7_495_000_000_000_000_002);
const COURIER: &str = "6841000000000000011";
const OUT_OF_STOCK: &str = "seller_cancel_reason_out_of_stock";
const CANCEL: &str = "/return_refund/202309/cancellations";

/// One row of the table.
struct Row {
    code: i64,
    /// The HTTP status and the recipe; none where the sandbox does not give the code.
    given: Option<(u16, String)>,
    words: String,
}

fn rows() -> Vec<Row> {
    let table = DOCUMENT.split("<!-- tiktok errors -->").nth(1).expect("the table of errors");
    let row = |line: &str| {
        let cell = |text: &str| text.trim().trim_matches('`').to_owned();
        let cells: Vec<_> = line.trim_matches('|').split('|').map(cell).collect();
        let given = (cells[1] != "-" || cells[2] != "-")
            .then(|| (cells[1].parse().expect("an HTTP status"), cells[2].clone()));
        Row { code: cells[0].parse().expect("a code"), given, words: cells[3].clone() }
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[tokio::test]
async fn every_row_of_the_document_gives_its_code() {
    let rows = rows();
    assert!(rows.len() > 90, "the table was read: {} rows", rows.len());
    let mut seen = BTreeSet::new();
    for Row { code, given, words } in rows {
        let Some((status, recipe)) = given else {
            assert!(seen.insert(code.to_string()), "{code} stands twice");
            assert!(words.starts_with("not given: "), "{code} says why not: {words}");
            continue;
        };
        assert!(seen.insert(recipe.clone()), "recipe {recipe} stands twice");
        let answer = provoke(&recipe).await;
        let told = answer.json();
        assert_eq!(answer.status, status, "recipe {recipe}: {told}");
        assert!(codes(&told).contains(&code), "recipe {recipe}: {told}");
        assert!(!told["request_id"].as_str().unwrap().is_empty(), "recipe {recipe}: {told}");
        assert!(!told["message"].as_str().unwrap().is_empty(), "recipe {recipe}: {told}");
        assert_eq!(told["data"].is_null(), told["code"] != 0, "recipe {recipe}: {told}");
    }
}

#[test]
fn a_code_that_is_given_is_not_said_to_be_missing() {
    let rows = rows();
    let given: BTreeSet<i64> =
        rows.iter().filter(|row| row.given.is_some()).map(|row| row.code).collect();
    let missing = rows.iter().filter(|row| row.given.is_none());
    let both: Vec<i64> = missing.map(|row| row.code).filter(|code| given.contains(code)).collect();
    assert_eq!(both, [0; 0]);
}

#[test]
fn every_code_that_the_sandbox_may_give_stands_in_the_document() {
    let given: BTreeSet<i64> =
        rows().into_iter().filter(|row| row.given.is_some()).map(|row| row.code).collect();
    let mut written = BTreeSet::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tiktok")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // Of the common codes some have six digits, as other numbers do too; those of the rest have eight.
        let calls = text.split("Error::new(").skip(1).filter_map(|call| call.split(", ").nth(1));
        let words = text.split(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
        let eight = words.filter(|word| word.len() == 10 && word.matches('_').count() == 2);
        let number = |text: &str| text.replace('_', "").parse::<i64>().ok();
        written.extend(calls.chain(eight).filter_map(number));
    }
    assert!(written.len() > 50, "the sources were read: {written:?}");
    let missing: Vec<&i64> = written.difference(&given).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let nowhere: Vec<&i64> = given.difference(&written).collect();
    assert!(nowhere.is_empty(), "{nowhere:?}");
}

/// The code of an answer; if that is 0, those of its rows and of what is wrong within them.
fn codes(told: &Value) -> Vec<i64> {
    let own = told["code"].as_i64().expect("a code");
    if own != 0 {
        return vec![own];
    }
    let rows = told["data"]["errors"].as_array().into_iter().flatten();
    rows.flat_map(|row| {
        let inner = row["detail"]["extra_errors"].as_array().into_iter().flatten();
        inner.chain([row]).map(|it| it["code"].as_i64().expect("a code")).collect::<Vec<_>>()
    })
    .collect()
}

async fn provoke(recipe: &str) -> Answer {
    let rates = if recipe == "access_rate" { Rates::Documented } else { Rates::Lifted };
    let seller = Seller::open(Config { rates, ..quiet() }).await;
    let (area, _) = recipe.split_once('_').expect("area and name");
    match area {
        "access" => access(&seller, recipe).await,
        "query" => query(&seller, recipe).await,
        "consent" => consent(seller, recipe).await,
        "fault" => fault(&seller, recipe).await,
        "list" => list(&seller, recipe).await,
        "look" => look(&seller, recipe).await,
        "ship" => ship(&seller, recipe).await,
        "label" => label(&seller, recipe).await,
        "cancel" => cancel(&seller, recipe).await,
        "answer" => answer(&seller, recipe).await,
        "stock" => stock(&seller, recipe).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

fn asked<'a>(query: &'a [(&'a str, &'a str)], body: Value) -> Said<'a> {
    Said { cipher: FIRST, query, body }
}

async fn call(seller: &Seller, method: Method, path: &str, said: Said<'_>) -> Answer {
    seller.send(method, path, seller.query(&said), &said.body).await
}

async fn post(seller: &Seller, path: &str, cipher: &str, body: Value) -> Answer {
    call(seller, Method::POST, path, of(cipher, body)).await
}

async fn get(seller: &Seller, path: &str, query: &[(&str, &str)]) -> Answer {
    call(seller, Method::GET, path, asked(query, Value::Null)).await
}

/// What is refused before the query is looked at, and what is wrong with headers and bodies.
async fn access(seller: &Seller, recipe: &str) -> Answer {
    let headers: &[(&str, &str)] = &[("x-tts-access-token", &seller.token)];
    let shops = "/authorization/202309/shops";
    match recipe {
        "access_path" => post(seller, "/order/202309/nothing", FIRST, json!({})).await,
        "access_method" => post(seller, "/order/202309/orders", FIRST, json!({})).await,
        "access_version" => post(seller, "/order/201801/orders/search", FIRST, json!({})).await,
        "access_cipher_unwanted" => get(seller, shops, &[]).await,
        "access_body" => {
            let query = seller.query(&asked(&[("page_size", "1")], Value::Null));
            seller.signed(Method::POST, SEARCH, query, headers, "{").await
        }
        "access_token_missing" | "access_token_wrong" => {
            let query = seller.query(&asked(&[("page_size", "1")], Value::Null));
            let wrong: &[(&str, &str)] = &[("x-tts-access-token", "ROW_wrong")];
            let headers = if recipe == "access_token_wrong" { wrong } else { &[] };
            seller.signed(Method::POST, SEARCH, query, headers, "{}").await
        }
        "access_token_ended" => {
            seller.sandbox.clock().advance(8 * 86_400);
            post(seller, SEARCH, FIRST, json!({})).await
        }
        "access_rate" => {
            for _ in 0..50 {
                let answer = get(seller, "/logistics/202309/warehouses", &[]).await;
                assert_eq!(answer.json()["code"], 0);
            }
            get(seller, "/logistics/202309/warehouses", &[]).await
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
}

/// What is refused for one parameter that is left out or another.
async fn query(seller: &Seller, recipe: &str) -> Answer {
    let now_s = seller.sandbox.clock().now_us() / 1_000_000;
    let (late, early) = ((now_s - 301).to_string(), (now_s + 31).to_string());
    let (name, value) = match recipe {
        "query_app" => ("app_key", "other"),
        "query_time_late" => ("timestamp", &*late),
        "query_time_early" => ("timestamp", &*early),
        "query_time_negative" => ("timestamp", "-1"),
        "query_sign_missing" => ("sign", ""),
        "query_sign_wrong" => ("sign", "0"),
        "query_cipher_missing" => ("shop_cipher", ""),
        "query_cipher_unlinked" => ("shop_cipher", UNLINKED),
        "query_cipher_unknown" => ("shop_cipher", "ROW_nobody"),
        _ => panic!("recipe {recipe} is unknown"),
    };
    let mut query = seller.query(&asked(&[("page_size", "1")], Value::Null));
    query.retain(|(known, _)| known != name);
    if name != "sign" && !value.is_empty() {
        query.push((name.to_owned(), value.to_owned()));
    }
    if name != "sign" {
        return seller.send(Method::POST, SEARCH, query, &json!({})).await;
    }
    let headers = [("x-tts-access-token", &*seller.token)];
    query.push((name.to_owned(), value.to_owned()));
    seller.plain(Method::POST, &crate::tiktok_seller::target(SEARCH, &query), &headers, "{}").await
}

/// Codes, tokens that renew, and what a seller does not let an app do.
async fn consent(mut seller: Seller, recipe: &str) -> Answer {
    let get = "/api/v2/token/get?grant_type=authorized_code";
    let renew = "/api/v2/token/refresh?grant_type=refresh_token";
    let app = format!("app_key={KEY}&app_secret={SECRET}");
    let code = seller.code();
    let target = match recipe {
        "consent_scope" => {
            let code = seller.code_of_page(&format!("{PAGE}&without=seller.order.info"));
            let tokens = seller.exchange(&code).await;
            assert_eq!(tokens["data"]["granted_scopes"].as_array().unwrap().len(), 6);
            tokens["data"]["access_token"].as_str().unwrap().clone_into(&mut seller.token);
            let fine = post(&seller, CANCEL, FIRST, json!({"order_id": "1"})).await.json();
            assert_eq!(fine["code"], 21_008_111, "the other scopes were given");
            return post(&seller, SEARCH, FIRST, json!({})).await;
        }
        "consent_secret" => format!("{get}&app_key={KEY}&app_secret=other&auth_code={code}"),
        "consent_grant" => get.replace("authorized_code", "code") + "&" + &app,
        "consent_code_used" => {
            assert_eq!(seller.exchange(&code).await["code"], 0);
            format!("{get}&{app}&auth_code={code}")
        }
        "consent_code_late" => {
            seller.sandbox.clock().advance(31 * 60);
            format!("{get}&{app}&auth_code={code}")
        }
        "consent_renewed" => {
            let tokens = seller.exchange(&code).await;
            let token = tokens["data"]["refresh_token"].as_str().unwrap();
            let target = format!("{renew}&{app}&refresh_token={token}");
            assert_eq!(seller.get(&target).await.json()["code"], 0);
            target
        }
        "consent_ended" => {
            let tokens = seller.exchange(&code).await;
            seller.sandbox.clock().advance(366 * 86_400);
            let token = tokens["data"]["refresh_token"].as_str().unwrap();
            format!("{renew}&{app}&refresh_token={token}")
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    seller.get(&target).await
}

fn set_fault(seller: &Seller, fault: &str) {
    seller.control("PUT", "faults", &json!({"probability": {fault: 1.0}}));
}

async fn fault(seller: &Seller, recipe: &str) -> Answer {
    if recipe == "fault_orders" {
        set_fault(seller, "server_error");
        return get(seller, "/order/202309/orders", &[("ids", "1")]).await;
    }
    set_fault(seller, recipe.trim_start_matches("fault_"));
    let answer = get(seller, "/logistics/202309/warehouses", &[]).await;
    assert_eq!(answer.headers.contains_key("retry-after"), recipe == "fault_rate_limited");
    answer
}

/// Orders, by a query or a window that is not taken.
async fn list(seller: &Seller, recipe: &str) -> Answer {
    let ids = vec!["1"; 51].join(",");
    let (query, body): (&[(&str, &str)], Value) = match recipe {
        "list_no_page" => (&[], json!({})),
        "list_page_size" => (&[("page_size", "101")], json!({})),
        "list_page_token" => (&[("page_size", "1"), ("page_token", "x")], json!({})),
        "list_sort" => (&[("page_size", "1"), ("sort_field", "price")], json!({})),
        "list_status" => (&[("page_size", "1")], json!({"order_status": "READY"})),
        "list_window_negative" => (&[("page_size", "1")], json!({"update_time_ge": -1})),
        "list_window_turned" => {
            (&[("page_size", "1")], json!({"create_time_ge": 200, "create_time_lt": 100}))
        }
        "list_ids_many" => return get(seller, "/order/202309/orders", &[("ids", &ids)]).await,
        "list_ids_bad" => return get(seller, "/order/202309/orders", &[("ids", "x")]).await,
        _ => panic!("recipe {recipe} is unknown"),
    };
    call(seller, Method::POST, SEARCH, asked(query, body)).await
}

/// Products and their stock, asked for by too many at once.
async fn look(seller: &Seller, recipe: &str) -> Answer {
    let many = |name: &str, count: usize| json!({ name: vec!["1"; count] });
    let stock = "/product/202309/inventory/search";
    match recipe {
        "look_seller_skus" => {
            let said = asked(&[("page_size", "1")], many("seller_skus", 11));
            call(seller, Method::POST, "/product/202309/products/search", said).await
        }
        "look_products" => post(seller, stock, FIRST, many("product_ids", 101)).await,
        "look_skus" => post(seller, stock, FIRST, many("sku_ids", 601)).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

/// An order that is ready to be shipped, and the path of its first parcel.
async fn ready(seller: &Seller, shop: Option<i64>, units: i64) -> (String, String) {
    let id = seller.place(shop, &[("MUG-BATIK", units)]);
    seller.act(&id, "accept");
    let path = parcel(seller, shop, &id).await;
    (id, path)
}

async fn parcel(seller: &Seller, shop: Option<i64>, id: &str) -> String {
    let cipher = if shop.is_some() { SECOND } else { FIRST };
    let order = seller.order(cipher, id).await;
    format!("/fulfillment/202309/packages/{}", order["packages"][0]["id"].as_str().unwrap())
}

fn own(number: &str, courier: &str) -> Value {
    json!({"self_shipment": {"tracking_number": number, "shipping_provider_id": courier}})
}

async fn ship(seller: &Seller, recipe: &str) -> Answer {
    let drop_off = json!({"handover_method": "DROP_OFF"});
    let shop = matches!(recipe, "ship_untold" | "ship_courier" | "ship_number_twice");
    let shop = OWN_COURIERS.filter(|_| shop);
    let cipher = if shop.is_some() { SECOND } else { FIRST };
    let (id, path) = ready(seller, shop, if recipe == "ship_heavy" { 251 } else { 1 }).await;
    let ship = format!("{path}/ship");
    let body = match recipe {
        "ship_other_shop" => return post(seller, &ship, SECOND, own("JX1", COURIER)).await,
        "ship_own_number" => own("JX1", COURIER),
        "ship_untold" => json!({}),
        "ship_courier" => own("JX1", "1"),
        "ship_number_twice" => {
            let (_, before) = ready(seller, shop, 1).await;
            let body = own("JX1", COURIER);
            let taken = post(seller, &format!("{before}/ship"), SECOND, body.clone()).await;
            assert_eq!(taken.json()["code"], 0);
            body
        }
        "ship_on_hold" => {
            let held = seller.place(None, &[("MUG-BATIK", 1)]);
            let path = parcel(seller, None, &held).await;
            return post(seller, &format!("{path}/ship"), FIRST, drop_off).await;
        }
        "ship_twice" => return ship_twice(seller, drop_off).await,
        "ship_cancelled" => {
            seller.act(&id, "cancel");
            drop_off
        }
        "ship_asked" => {
            ask_cancel(seller, &id);
            drop_off
        }
        "ship_heavy" => drop_off,
        "ship_slot" => {
            set_fault(seller, "row_error");
            let id = path.rsplit_once('/').unwrap().1;
            let body = json!({"packages": [{"id": id}]});
            return post(seller, "/fulfillment/202309/packages/ship", FIRST, body).await;
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    post(seller, &ship, cipher, body).await
}

/// One of two parcels, twice, so that the order is still to be shipped.
async fn ship_twice(seller: &Seller, body: Value) -> Answer {
    let id = seller.place(None, &[("MUG-BATIK", 1), ("TAS-ANYAM", 1)]);
    seller.act(&id, "accept");
    let ship = format!("{}/ship", parcel(seller, None, &id).await);
    assert_eq!(post(seller, &ship, FIRST, body.clone()).await.json()["code"], 0);
    post(seller, &ship, FIRST, body).await
}

async fn label(seller: &Seller, recipe: &str) -> Answer {
    let shop = OWN_COURIERS.filter(|_| recipe == "label_own_courier");
    let cipher = if shop.is_some() { SECOND } else { FIRST };
    let (id, path) = ready(seller, shop, 1).await;
    let mut kind = "SHIPPING_LABEL";
    match recipe {
        "label_early" | "label_own_courier" => {}
        "label_kind" => kind = "POSTER",
        "label_cancelled" => seller.act(&id, "cancel"),
        "label_late" => {
            seller.act(&id, "ship");
            seller.act(&id, "ship");
        }
        "label_in_making" => {
            seller.act(&id, "ship");
            set_fault(seller, "stale_read");
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
    let said = Said { cipher, query: &[("document_type", kind)], body: Value::Null };
    call(seller, Method::GET, &format!("{path}/shipping_documents"), said).await
}

fn ask_cancel(seller: &Seller, id: &str) {
    let reason = json!({"reason": "Berubah pikiran"});
    seller.control("POST", &format!("orders/{id}/request-cancel"), &reason);
}

async fn cancel(seller: &Seller, recipe: &str) -> Answer {
    let (id, _) = ready(seller, None, 1).await;
    let acts: &[&str] = match recipe {
        "cancel_cancelled" => &["cancel"],
        "cancel_shipped" => &["ship", "ship"],
        "cancel_completed" => &["ship", "ship", "deliver", "complete"],
        _ => &[],
    };
    acts.iter().for_each(|act| seller.act(&id, act));
    let (cipher, reason) = match recipe {
        "cancel_cancelled" | "cancel_shipped" | "cancel_completed" => (FIRST, OUT_OF_STOCK),
        "cancel_other_shop" => (SECOND, OUT_OF_STOCK),
        "cancel_reason_unknown" => (FIRST, "no_reason"),
        "cancel_reason_system" => (FIRST, "package_lost"),
        "cancel_reason_offline" => (FIRST, "seller_cancel_paid_reason_address_not_deliver"),
        "cancel_reason_unpaid" => (FIRST, "seller_cancel_unpaid_reason_out_of_stock"),
        "cancel_asked" => {
            ask_cancel(seller, &id);
            (FIRST, OUT_OF_STOCK)
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    post(seller, CANCEL, cipher, json!({"order_id": id, "cancel_reason": reason})).await
}

/// A buyer's request to cancel, answered when it can not be.
async fn answer(seller: &Seller, recipe: &str) -> Answer {
    let (id, _) = ready(seller, None, 1).await;
    ask_cancel(seller, &id);
    let found = post(seller, &format!("{CANCEL}/search"), FIRST, json!({})).await.json();
    let request = found["data"]["cancellations"][0]["cancel_id"].as_str().unwrap().to_owned();
    let agree = async |request: &str| {
        post(seller, &format!("{CANCEL}/{request}/approve"), FIRST, json!({})).await
    };
    let refuse = async |reason: &str| {
        let body = json!({ "reject_reason": reason });
        post(seller, &format!("{CANCEL}/{request}/reject"), FIRST, body).await
    };
    let packed = "seller_reject_apply_product_has_been_packed";
    match recipe {
        "answer_unknown" => return agree("1").await,
        "answer_reason" => return refuse("no").await,
        "answer_agree_twice" | "answer_refuse_agreed" => {
            assert_eq!(agree(&request).await.json()["code"], 0);
        }
        "answer_refuse_twice" | "answer_agree_refused" => {
            assert_eq!(refuse(packed).await.json()["code"], 0);
        }
        "answer_agree_shipped" => {
            seller.act(&id, "ship");
            seller.act(&id, "ship");
        }
        _ => panic!("recipe {recipe} is unknown"),
    }
    if recipe.starts_with("answer_agree") { agree(&request).await } else { refuse(packed).await }
}

async fn stock(seller: &Seller, recipe: &str) -> Answer {
    let given = seller.control("GET", "credentials", &Value::Null);
    let mut products = given["products"].as_array().unwrap().iter();
    let shirt = products.find(|it| it["sku"] == "KAUS-KOPI-M").unwrap();
    let (product, sku) = shirt["product_id"].as_str().unwrap().split_once('-').unwrap();
    let (mine, other) = ("6955000000000000001", "6955000000000000002");
    let row = |sku: &str, place: &str, quantity: i64| json!({"id": sku, "inventory": [{"warehouse_id": place, "quantity": quantity}]});
    let (mut of_product, fine) = (product, row(sku, mine, 1));
    let rows = match recipe {
        "stock_product" => {
            of_product = "1";
            vec![fine]
        }
        "stock_sku" | "stock_check" => vec![row("1", mine, 1)],
        "stock_no_sku" => vec![json!({"inventory": []})],
        "stock_sku_twice" => vec![fine.clone(), fine],
        "stock_none" => vec![],
        "stock_many" => (1..=101).map(|id: i32| row(&id.to_string(), mine, 1)).collect(),
        "stock_place_unknown" => vec![row(sku, "1", 1)],
        "stock_place_other" => vec![row(sku, other, 1)],
        "stock_place_none" => vec![json!({"id": sku, "inventory": []})],
        "stock_range" => vec![row(sku, mine, 100_000)],
        "stock_negative" => vec![row(sku, mine, -1)],
        "stock_locked" => {
            set_fault(seller, "row_error");
            vec![fine]
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    let path = format!("/product/202309/products/{of_product}/inventory/update");
    post(seller, &path, FIRST, json!({ "skus": rows })).await
}
