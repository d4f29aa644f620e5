//! The Shopee side: a small client that signs for itself, and what the channel must do.

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

pub(crate) const PARTNER: &str = "2009001";
const KEY: &str = "sandbox0partner0key0not0a0real0one";
pub(crate) const FIRST: i64 = 220_100_001;
pub(crate) const SECOND: i64 = 220_100_002;
pub(crate) const UNLINKED: i64 = 220_100_009;

/// A running sandbox with a client that signs and holds a token of both shops.
pub(crate) struct Seller {
    pub(crate) sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

pub(crate) type Query = Vec<(String, String)>;

pub(crate) fn sign(base: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(base.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub(crate) fn target(path: &str, query: &[(String, String)]) -> String {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("/api/v2/{path}?{text}")
}

pub(crate) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

impl Seller {
    pub(crate) async fn open(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("shopee").unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (token, refresh) = (String::new(), String::new());
        let mut seller = Self { sandbox, client, url, token, refresh };
        let told = seller.exchange(&seller.code(), json!({"main_account_id": 660_001})).await;
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        (seller.token, seller.refresh) = (text("access_token"), text("refresh_token"));
        assert_eq!(told["shop_id_list"], json!([FIRST, SECOND]), "two are let in");
        seller
    }

    pub(crate) async fn plain(&self, target: &str, body: Option<&Value>) -> Answer {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder().method(method).uri(format!("{}{target}", self.url));
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn control(&self, method: &str, target: &str, body: &Value) -> Value {
        let target = format!("/control/shopee/{target}");
        let (status, answer) = self.sandbox.control(&method.parse().unwrap(), &target, body);
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.sandbox.clock().now_us() / 1_000_000
    }

    /// What the app signs with.
    pub(crate) fn of_app(&self, path: &str) -> Query {
        let now = self.now_s().to_string();
        let signature = sign(&format!("{PARTNER}/api/v2/{path}{now}"));
        vec![pair("partner_id", PARTNER), pair("timestamp", &now), pair("sign", &signature)]
    }

    /// What a shop's calls are signed with.
    pub(crate) fn of_shop(&self, path: &str, shop: i64) -> Query {
        let (now, shop, token) = (self.now_s().to_string(), shop.to_string(), &self.token);
        let signature = sign(&format!("{PARTNER}/api/v2/{path}{now}{token}{shop}"));
        vec![
            pair("partner_id", PARTNER),
            pair("timestamp", &now),
            pair("sign", &signature),
            pair("access_token", token),
            pair("shop_id", &shop),
        ]
    }

    fn page(&self) -> String {
        let mut query = self.of_app("shop/auth_partner");
        query.push(pair("redirect", "https://hub.example.test/consent/5e"));
        target("shop/auth_partner", &query)
    }

    /// A code, as the browser of a seller who lets the app in brings it.
    pub(crate) fn code(&self) -> String {
        let page = format!("{}{}", self.url, self.page());
        let back = self.control("POST", "consent", &json!({"page": page}))["back"].clone();
        let back = back.as_str().unwrap().to_owned();
        let (path, query) = back.split_once('?').unwrap();
        assert_eq!(path, "https://hub.example.test/consent/5e");
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    pub(crate) async fn exchange(&self, code: &str, whose: Value) -> Value {
        let mut body = whose;
        body["code"] = json!(code);
        body["partner_id"] = json!(2_009_001);
        let path = "auth/token/get";
        self.plain(&target(path, &self.of_app(path)), Some(&body)).await.json()
    }

    pub(crate) async fn renew(&self, refresh: &str, shop: i64) -> Value {
        let body = json!({"refresh_token": refresh, "partner_id": 2_009_001, "shop_id": shop});
        let path = "auth/access_token/get";
        self.plain(&target(path, &self.of_app(path)), Some(&body)).await.json()
    }

    pub(crate) async fn get(&self, path: &str, shop: i64, said: &[(&str, &str)]) -> Value {
        let mut query = self.of_shop(path, shop);
        query.extend(said.iter().map(|(name, value)| pair(name, value)));
        self.plain(&target(path, &query), None).await.json()
    }

    pub(crate) async fn post(&self, path: &str, shop: i64, body: &Value) -> Value {
        self.plain(&target(path, &self.of_shop(path, shop)), Some(body)).await.json()
    }

    pub(crate) async fn app_post(&self, path: &str, body: &Value) -> Value {
        self.plain(&target(path, &self.of_app(path)), Some(body)).await.json()
    }

    pub(crate) fn place(&self, wish: &Value) -> String {
        self.control("POST", "orders", wish)["order_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn coffee(&self, quantity: i64) -> String {
        self.place(&json!({"lines": [{"sku": "GAYO-250", "quantity": quantity}]}))
    }

    pub(crate) fn act(&self, order: &str, act: &str) {
        self.control("POST", &format!("orders/{order}/{act}"), &json!({}));
    }

    pub(crate) async fn order(&self, id: &str) -> Value {
        let fields = "item_list,package_list,recipient_address,pay_time,pickup_done_time";
        let said = [("order_sn_list", id), ("response_optional_fields", fields)];
        let told = self.get("order/get_order_detail", FIRST, &said).await;
        told["response"]["order_list"][0].clone()
    }
}

const LIST: &str = "order/get_order_list";

#[tokio::test]
async fn who_is_not_let_in_is_turned_away_in_the_channels_words() {
    let seller = Seller::open(quiet()).await;
    let (now, key) = (seller.now_s(), seller.token.clone());
    let signed = |partner: &str, at: i64, token: &str, shop: i64| {
        let signature = sign(&format!("{partner}/api/v2/{LIST}{at}{token}{shop}"));
        let (at, shop) = (at.to_string(), shop.to_string());
        let given = [("partner_id", partner), ("timestamp", &at), ("sign", &signature)];
        let given = given.into_iter().chain([("access_token", token), ("shop_id", &shop)]);
        given.map(|(name, value)| pair(name, value)).collect::<Query>()
    };
    let without = |name: &str| {
        let mut query = signed(PARTNER, now, &key, FIRST);
        query.retain(|(known, _)| known != name);
        query
    };
    let mut wrong_sign = signed(PARTNER, now, &key, FIRST);
    wrong_sign[2].1 = "0".repeat(64);
    let cases = [
        (without("sign"), 403, "error_param"),
        (without("access_token"), 403, "error_param"),
        (without("shop_id"), 403, "error_param"),
        (signed("1", now, &key, FIRST), 403, "error_auth"),
        (signed(PARTNER, now - 301, &key, FIRST), 403, "error_param"),
        (signed(PARTNER, now + 301, &key, FIRST), 403, "error_param"),
        (wrong_sign, 403, "error_sign"),
        (signed(PARTNER, now, "other", FIRST), 403, "invalid_acceess_token"),
        (signed(PARTNER, now, &key, UNLINKED), 403, "shop_no_linked"),
        (signed(PARTNER, now, &key, 7), 403, "invalid_acceess_token"),
        (signed(PARTNER, now, &key, FIRST), 200, "error_param"),
    ];
    for (query, status, code) in cases {
        let answer = seller.plain(&target(LIST, &query), None).await;
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(code)), "{query:?}");
    }
    let nowhere = seller.plain("/api/v2/order/nothing", None).await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test]
async fn a_seller_presses_a_button_and_codes_and_tokens_are_taken_once() {
    let seller = Seller::open(quiet()).await;
    let page = seller.plain(&seller.page(), None).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.status == 200 && html.contains("Allow") && html.contains("Refuse"), "{html}");
    let address = seller.page();
    seller.sandbox.clock().advance(301);
    let late = seller.plain(&address, None).await;
    assert_eq!(late.json()["message"], "Timestamp is expired.", "its address holds five minutes");

    let answer =
        "/api/v2/shop/auth_partner/answer?redirect=http%3A%2F%2F127.0.0.1%3A1%2Fconsent%2F5e";
    let pressed = seller.plain(&format!("{answer}&answer=refuse&shop="), None).await;
    let back = pressed.headers["location"].to_str().unwrap();
    assert_eq!((pressed.status, back), (302, "http://127.0.0.1:1/consent/5e"));
    let pressed = seller.plain(&format!("{answer}&answer=allow&shop={SECOND}"), None).await;
    let back = pressed.headers["location"].to_str().unwrap().to_owned();
    let (code, shop) = back.split_once("code=").unwrap().1.split_once("&shop_id=").unwrap();
    assert_eq!(shop, SECOND.to_string());
    let other = seller.exchange(code, json!({"shop_id": FIRST})).await;
    assert_eq!(other["error"], "invalid_shop_id", "it was given for another shop");
    let again = seller.exchange(code, json!({"shop_id": SECOND})).await;
    assert_eq!(again["error"], "invalid_code", "and is spent");

    let code = seller.code();
    let account = || json!({"main_account_id": 660_001});
    assert_eq!(seller.exchange(&code, account()).await["expire_in"], 14_400);
    assert_eq!(seller.exchange(&code, account()).await["error"], "invalid_code");
    let old = seller.code();
    seller.sandbox.clock().advance(601);
    assert_eq!(seller.exchange(&old, account()).await["error"], "invalid_code");
}

#[tokio::test]
async fn each_shop_renews_its_own_token_once() {
    let mut seller = Seller::open(quiet()).await;
    let refresh = seller.refresh.clone();
    let info = "shop/get_shop_info";
    let first = seller.renew(&refresh, FIRST).await;
    assert_eq!((&first["error"], &first["shop_id"]), (&json!(""), &json!(FIRST)));
    assert_eq!(seller.renew(&refresh, FIRST).await["error"], "error_shop_refresh_token");
    // The one before holds for five minutes more, of this shop; of the other as long as it was to.
    seller.sandbox.clock().advance(299);
    assert_eq!(seller.get(info, FIRST, &[]).await["shop_name"], "Toko Kopi Contoh");
    seller.sandbox.clock().advance(2);
    assert_eq!(seller.get(info, FIRST, &[]).await["error"], "invalid_acceess_token");
    assert_eq!(seller.get(info, SECOND, &[]).await["error"], "");
    assert_eq!(seller.renew(&refresh, SECOND).await["error"], "");
    first["access_token"].as_str().unwrap().clone_into(&mut seller.token);
    assert_eq!(seller.get(info, FIRST, &[]).await["error"], "");
    assert_eq!(seller.get(info, SECOND, &[]).await["error"], "invalid_acceess_token");
    let last = first["refresh_token"].as_str().unwrap();
    seller.sandbox.clock().advance(30 * 86_400);
    assert_eq!(seller.renew(last, FIRST).await["error"], "refresh_token_expired");
}

#[tokio::test]
async fn windows_pages_and_batches_have_their_limits() {
    let seller = Seller::open(quiet()).await;
    for _ in 0..3 {
        seller.coffee(1);
    }
    let now = seller.now_s();
    let ask = async |from: i64, to: i64, size: &str, more: &[(&str, &str)]| {
        let (from, to) = (from.to_string(), to.to_string());
        let mut said = vec![("time_range_field", "update_time"), ("page_size", size)];
        said.extend([("time_from", &*from), ("time_to", &*to)]);
        said.extend_from_slice(more);
        seller.get(LIST, FIRST, &said).await
    };
    let wide = ask(now - 15 * 86_400 - 1, now, "2", &[]).await;
    assert_eq!(wide["error"], "order.order_list_invalid_time");
    assert_eq!(ask(now, now, "2", &[]).await["error"], "order.order_list_invalid_time");
    assert_eq!(ask(now - 9, now, "101", &[]).await["error"], "error_param");
    assert_eq!(
        ask(now - 9, now, "2", &[("order_status", "TO_RETURN")]).await["error"],
        "error_param"
    );
    let first = ask(now - 15 * 86_400, now, "2", &[]).await["response"].clone();
    assert_eq!((&first["more"], &first["next_cursor"]), (&json!(true), &json!("2")));
    assert!(first["order_list"][0].get("order_status").is_none(), "not asked for");
    let status = [("cursor", "2"), ("response_optional_fields", "order_status")];
    let last = ask(now - 9, now, "2", &status).await["response"].clone();
    assert_eq!((&last["more"], last["order_list"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(last["order_list"][0]["order_status"], "READY_TO_SHIP");

    let many = vec!["A"; 51].join(",");
    let told = seller.get("order/get_order_detail", FIRST, &[("order_sn_list", &many)]).await;
    assert_eq!(told["error"], "error_param");
    let told = seller.get("product/get_item_base_info", FIRST, &[("item_id_list", &many)]).await;
    assert_eq!(told["error"], "error_param");
    let calls = async |rates| {
        let limited = Seller::open(Config { rates, ..quiet() }).await;
        let mut codes = Vec::new();
        for _ in 0..11 {
            let told = limited.get("shop/get_shop_info", FIRST, &[]).await;
            codes.push(told["error"].as_str().unwrap().to_owned());
        }
        codes
    };
    let codes = calls(dermaga_sandbox::Rates::Documented).await;
    assert_eq!((codes[9].as_str(), codes[10].as_str()), ("", "error_rate_limit"));
}

#[tokio::test]
async fn a_parcel_gets_its_number_and_its_label_later() {
    let seller = Seller::open(quiet()).await;
    let id = seller.coffee(2);
    let order = seller.order(&id).await;
    let number = order["package_list"][0]["package_number"].as_str().unwrap().to_owned();
    assert_eq!(order["package_list"][0]["logistics_status"], "LOGISTICS_READY");
    let parcel = json!({"order_sn": id, "package_number": number});
    let query = [("order_sn", &*id), ("package_number", &*number)];
    let wanted = seller.get("logistics/get_shipping_parameter", FIRST, &query).await;
    let slot = &wanted["response"]["pickup"]["address_list"][0]["time_slot_list"][0];
    let ship = "logistics/ship_order";
    let pickup = json!({"address_id": 1, "pickup_time_id": slot["pickup_time_id"]});
    let mut body = json!({"order_sn": id, "pickup": pickup});
    assert_eq!(seller.post(ship, FIRST, &body).await["error"], "error_param", "another address");
    body["pickup"]["address_id"] = json!(234);
    assert_eq!(seller.post(ship, FIRST, &body).await["error"], "");
    assert_eq!(seller.order(&id).await["order_status"], "PROCESSED");
    assert_eq!(seller.post(ship, FIRST, &body).await["error"], "logistics.package_already_shipped");

    let tracking = "logistics/get_tracking_number";
    let awb = seller.get(tracking, FIRST, &query).await["response"]["tracking_number"].clone();
    assert_eq!(awb, "", "not yet");
    seller.sandbox.clock().advance(2);
    let awb = seller.get(tracking, FIRST, &query).await["response"]["tracking_number"].clone();
    let said = [("package_number_list", &*number)];
    let detail = seller.get("order/get_package_detail", FIRST, &said).await;
    assert_eq!(detail["response"]["package_list"][0]["tracking_number"], awb);

    let [make, state, paper] =
        ["create_shipping_document", "get_shipping_document_result", "download_shipping_document"]
            .map(|name| format!("logistics/{name}"));
    let list = |row: &Value| json!({"order_list": [row]});
    let told = seller.post(&state, FIRST, &list(&parcel)).await;
    assert_eq!(told["error"], "common.batch_api_all_failed", "nobody asked for it");
    let mut asked = parcel.clone();
    asked["shipping_document_type"] = json!("THERMAL_AIR_WAYBILL");
    asked["tracking_number"] = json!("other");
    let told = seller.post(&make, FIRST, &list(&asked)).await;
    let why = &told["response"]["result_list"][0]["fail_error"];
    assert_eq!(why, "logistics.tracking_number_invalid");
    asked["tracking_number"] = awb;
    assert_eq!(seller.post(&make, FIRST, &list(&asked)).await["error"], "");
    let status = async || {
        let told = seller.post(&state, FIRST, &list(&parcel)).await;
        told["response"]["result_list"][0]["status"].clone()
    };
    assert_eq!(status().await, "PROCESSING");
    let early = seller.post(&paper, FIRST, &list(&parcel)).await;
    assert_eq!(early["error"], "common.batch_api_all_failed", "as JSON");
    seller.sandbox.clock().advance(2);
    assert_eq!(status().await, "READY");
    let address = target(&paper, &seller.of_shop(&paper, FIRST));
    let whole = seller.plain(&address, Some(&list(&parcel))).await;
    assert!(whole.body.starts_with(b"%PDF") && whole.headers["content-type"] == "application/pdf");

    // The courier takes it: both axes move, and no more labels.
    seller.act(&id, "ship");
    let order = seller.order(&id).await;
    assert_eq!(order["order_status"], "SHIPPED");
    assert_eq!(order["package_list"][0]["logistics_status"], "LOGISTICS_PICKUP_DONE");
    let told = seller.post(&make, FIRST, &list(&asked)).await;
    let why = &told["response"]["result_list"][0]["fail_error"];
    assert_eq!(why, "logistics.package_can_not_print");
}

#[tokio::test]
async fn a_shop_with_couriers_of_its_own_gives_the_number() {
    let seller = Seller::open(quiet()).await;
    let lines = json!([{"sku": "SARUNG-TENUN", "quantity": 1}]);
    let id = seller.place(&json!({"shop_id": SECOND, "lines": lines}));
    let ship = "logistics/ship_order";
    let with = |how: Value| {
        let mut body = how;
        body["order_sn"] = json!(id);
        body
    };
    let told = seller.post(ship, SECOND, &with(json!({"dropoff": {}}))).await;
    assert_eq!(told["error"], "logistics.ship_order_unsupport_dropoff");
    let told = seller.post(ship, FIRST, &with(json!({"dropoff": {}}))).await;
    assert_eq!(told["message"], "The information you queried is not found.", "another shop");
    let own = with(json!({"non_integrated": {"tracking_number": "JNE1"}}));
    assert_eq!(seller.post(ship, SECOND, &own).await["error"], "");
    let told = seller.get("logistics/get_tracking_number", SECOND, &[("order_sn", &id)]).await;
    assert_eq!(told["response"]["tracking_number"], "JNE1", "at once");
}

#[tokio::test]
async fn cancelling_has_its_reasons_and_a_buyer_is_answered_once() {
    let seller = Seller::open(quiet()).await;
    let cancel = "order/cancel_order";
    let id = seller.coffee(2);
    let body = |reason: &str, items: Value| json!({"order_sn": id, "cancel_reason": reason, "item_list": items});
    let mine = || json!([{"item_id": 5_000_001, "model_id": 0}]);
    for (reason, items) in [
        ("CHANGED_MIND", json!([])),
        ("OUT_OF_STOCK", json!([])),
        ("OUT_OF_STOCK", json!([{"item_id": 5_000_002, "model_id": 0}])),
    ] {
        let told = seller.post(cancel, FIRST, &body(reason, items)).await;
        assert_eq!(told["error"], "error_param", "{reason}");
    }
    assert_eq!(seller.post(cancel, FIRST, &body("OUT_OF_STOCK", mine())).await["error"], "");
    assert_eq!(seller.order(&id).await["order_status"], "CANCELLED");
    let told = seller.post(cancel, FIRST, &body("CUSTOMER_REQUEST", mine())).await;
    assert_eq!(told["error"], "order.error_limit");

    let id = seller.coffee(1);
    let answer = "order/handle_buyer_cancellation";
    let say = |operation: &str| json!({"order_sn": id, "operation": operation});
    let early = seller.post(answer, FIRST, &say("ACCEPT")).await;
    assert_eq!(early["error"], "order.cancel_order_invalid_status");
    seller.act(&id, "ship");
    seller.act(&id, "request-cancel");
    assert_eq!(seller.order(&id).await["order_status"], "IN_CANCEL");
    assert_eq!(seller.post(answer, FIRST, &say("MAYBE")).await["error"], "error_param");
    assert_eq!(seller.post(answer, FIRST, &say("REJECT")).await["error"], "");
    assert_eq!(seller.order(&id).await["order_status"], "PROCESSED", "as it was");
    seller.act(&id, "request-cancel");
    assert_eq!(seller.post(answer, FIRST, &say("ACCEPT")).await["error"], "");
    assert_eq!(seller.order(&id).await["order_status"], "CANCELLED");
}

#[tokio::test]
async fn what_is_reserved_is_part_of_what_is_told() {
    let seller = Seller::open(quiet()).await;
    let info = async || {
        let said = [("item_id_list", "5000001")];
        let told = seller.get("product/get_item_base_info", FIRST, &said).await;
        told["response"]["item_list"][0]["stock_info_v2"]["summary_info"].clone()
    };
    seller.coffee(3);
    let reserved = json!({"total_reserved_stock": 3, "total_available_stock": 297});
    assert_eq!(info().await, reserved);
    let set = async |item: i64, model: i64, stock: i64| {
        let row = json!({"model_id": model, "seller_stock": [{"stock": stock}]});
        let body = json!({"item_id": item, "stock_list": [row]});
        seller.post("product/update_stock", FIRST, &body).await
    };
    let told = set(5_000_001, 0, 2).await["response"]["failure_list"][0]["failed_reason"].clone();
    assert_eq!(told, "Can not update item with stock less than reserve stock");
    assert_eq!(set(5_000_001, 0, 10).await["response"]["failure_list"], json!([]));
    assert_eq!(info().await["total_available_stock"], 7);
    let told = set(5_000_008, 7, 5).await["response"]["failure_list"][0]["failed_reason"].clone();
    assert_eq!(told, "Wrong model_id.");
    let told = set(5_000_008, 0, 5).await["error"].clone();
    assert_eq!(told, "error_edit_item_stock_for_item_has_model");
    assert_eq!(set(5_000_099, 0, 5).await["error"], "error_item_not_found");
}

#[tokio::test]
async fn a_push_that_nobody_takes_is_kept_until_it_is_seen() {
    let seller = Seller::open(quiet()).await;
    let set = "push/set_app_push_config";
    let body = json!({"callback_url": "http://127.0.0.1:1/push", "set_push_config_on": [3]});
    assert_eq!(seller.app_post(set, &body).await["error"], "");
    let wrong = json!({"callback_url": "nowhere"});
    assert_eq!(seller.app_post(set, &wrong).await["error"], "error_param");
    let id = seller.coffee(1);
    let lost = async || {
        let path = "push/get_lost_push_message";
        let told = seller.plain(&target(path, &seller.of_app(path)), None).await.json();
        told["response"].clone()
    };
    assert_eq!(lost().await["push_message_list"], json!([]), "it is still tried");
    let waiting = async {
        while seller.control("GET", "webhooks", &Value::Null)["outcomes"]["waiting"] != 0 {
            // The sandbox tells nobody when it is done, so it is asked.
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            seller.sandbox.clock().advance(3_600);
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.unwrap();
    let webhooks = seller.control("GET", "webhooks", &Value::Null);
    let tries = webhooks["webhooks"][0]["attempts"].as_array().unwrap().len();
    assert_eq!(tries, 4, "once, and after five minutes, half an hour, three hours");
    let kept = lost().await;
    let message = &kept["push_message_list"][0];
    assert_eq!((&message["shop_id"], &message["code"]), (&json!(FIRST), &json!(3)));
    let data: Value = serde_json::from_str(message["data"].as_str().unwrap()).unwrap();
    assert_eq!((&data["ordersn"], &data["status"]), (&json!(id), &json!("READY_TO_SHIP")));
    let seen = json!({"last_message_id": kept["last_message_id"]});
    seller.app_post("push/confirm_consumed_lost_push_message", &seen).await;
    assert_eq!(lost().await["push_message_list"], json!([]));
}
