//! Shopee's answers and pushes.

use serde_json::{Value, json};

use super::Lists;
use crate::client::{Subscriber, quiet};
use crate::shopee::{FIRST, SECOND, Seller, target};

const LISTS: &str = include_str!("../../fields/shopee.txt");

/// What the documents let a caller ask for, as far as the hub does.
const ASKED_FOR: &str = "buyer_user_id,buyer_username,estimated_shipping_fee,recipient_address,\
    actual_shipping_fee,actual_shipping_fee_confirmed,item_list,pay_time,buyer_cancel_reason,cancel_by,\
    cancel_reason,fulfillment_flag,pickup_done_time,package_list,shipping_carrier,\
    checkout_shipping_carrier,payment_method,total_amount";

#[tokio::test]
async fn shopee_answers_and_pushes_as_documented() {
    let seller = Seller::open(quiet()).await;
    let mut lists = Lists::of("shopee", LISTS);
    tokens(&seller, &mut lists).await;
    let mut subscriber = Subscriber::start().await;
    let url = format!("http://{}/push", subscriber.addr);
    let codes = json!({"callback_url": url, "set_push_config_on": [3, 4, 15, 29]});
    let set = seller.app_post("push/set_app_push_config", &codes).await;
    lists.hold("push config set", &set);
    app(&seller, &mut lists, "push config", "push/get_app_push_config").await;
    an_order(&seller, &mut lists).await;
    cancellations(&seller, &mut lists).await;
    goods(&seller, &mut lists).await;
    pushes(&seller, &mut subscriber, &mut lists).await;
    lost(&mut lists).await;
    lists.finish();
    seller.sandbox.stop().await;
}

/// An answer that says that all is well, held to its list.
fn held(lists: &mut Lists, endpoint: &str, answer: Value) -> Value {
    assert_eq!(answer["error"], "", "{endpoint}: {answer}");
    lists.hold(endpoint, &answer);
    answer
}

async fn app(seller: &Seller, lists: &mut Lists, endpoint: &str, path: &str) -> Value {
    let told = seller.plain(&target(path, &seller.of_app(path)), None).await.json();
    held(lists, endpoint, told)
}

async fn get(
    seller: &Seller,
    lists: &mut Lists,
    (endpoint, path): (&str, &str),
    said: &[(&str, &str)],
) -> Value {
    held(lists, endpoint, seller.get(path, FIRST, said).await)
}

async fn tokens(seller: &Seller, lists: &mut Lists) {
    let granted = seller.exchange(&seller.code(), json!({"main_account_id": 660_001})).await;
    held(lists, "token", granted.clone());
    let refresh = granted["refresh_token"].as_str().unwrap();
    held(lists, "token renewed", seller.renew(refresh, SECOND).await);
    lists.hold("refusal", &seller.renew(refresh, SECOND).await);
    get(seller, lists, ("shop", "shop/get_shop_info"), &[]).await;
    get(seller, lists, ("warehouses", "shop/get_warehouse_detail"), &[]).await;
}

/// The order as the list and the details show it.
async fn look(seller: &Seller, lists: &mut Lists, id: &str) -> Value {
    let now_s = seller.sandbox.clock().now_us() / 1_000_000;
    let (from, to) = ((now_s - 86_400).to_string(), (now_s + 60).to_string());
    let window = [("time_range_field", "update_time"), ("time_from", &*from), ("time_to", &*to)];
    let page = [("page_size", "100"), ("response_optional_fields", "order_status")];
    let list = ("order list", "order/get_order_list");
    get(seller, lists, list, &[&window[..], &page[..]].concat()).await;
    get(seller, lists, list, &[&window[..], &page[..1]].concat()).await;
    let detail = ("order detail", "order/get_order_detail");
    get(seller, lists, detail, &[("order_sn_list", id)]).await;
    let said = [("order_sn_list", id), ("response_optional_fields", ASKED_FOR)];
    let told = get(seller, lists, detail, &said).await;
    told["response"]["order_list"][0].clone()
}

/// One order from before its payment to a return, with its label.
async fn an_order(seller: &Seller, lists: &mut Lists) {
    let lines = json!([{"sku": "GAYO-250", "quantity": 2, "note": "x"}]);
    let id = seller.place(&json!({"lines": lines, "paid": false}));
    look(seller, lists, &id).await;
    seller.act(&id, "pay");
    let order = look(seller, lists, &id).await;
    let number = order["package_list"][0]["package_number"].as_str().unwrap();
    let query = [("order_sn", &*id), ("package_number", number)];
    let parameter = ("shipping parameter", "logistics/get_shipping_parameter");
    let wanted = get(seller, lists, parameter, &query).await;
    let place = &wanted["response"]["pickup"]["address_list"][0];
    let pickup = json!({"address_id": place["address_id"],
                        "pickup_time_id": place["time_slot_list"][0]["pickup_time_id"]});
    let body = json!({"order_sn": id, "pickup": pickup});
    held(lists, "arranged", seller.post("logistics/ship_order", FIRST, &body).await);
    look(seller, lists, &id).await;
    seller.sandbox.clock().advance(2);
    let tracking = ("tracking number", "logistics/get_tracking_number");
    let told = get(seller, lists, tracking, &query).await;
    let awb = &told["response"]["tracking_number"];
    let package = ("package detail", "order/get_package_detail");
    get(seller, lists, package, &[("package_number_list", number)]).await;
    label(seller, lists, (&id, number, awb)).await;
    for act in ["ship", "deliver", "return"] {
        seller.act(&id, act);
        look(seller, lists, &id).await;
    }
    let now_s = seller.sandbox.clock().now_us() / 1_000_000;
    let (from, to) = ((now_s - 86_400).to_string(), (now_s + 60).to_string());
    let window = [("update_time_from", &*from), ("update_time_to", &*to)];
    let page = [("page_no", "0"), ("page_size", "100")];
    let said = [&window[..], &page[..]].concat();
    get(seller, lists, ("returns", "returns/get_return_list"), &said).await;
    let own = json!({"shop_id": SECOND, "lines": [{"sku": "SARUNG-TENUN", "quantity": 1}]});
    let own = seller.place(&own);
    let told = seller.get("logistics/get_shipping_parameter", SECOND, &[("order_sn", &own)]).await;
    held(lists, "shipping parameter", told);
}

/// A label's way from what can be made to what is there; one of two is refused.
async fn label(seller: &Seller, lists: &mut Lists, (id, number, awb): (&str, &str, &Value)) {
    let row = |awb: &Value| {
        json!({"order_sn": id, "package_number": number, "tracking_number": awb,
               "shipping_document_type": "THERMAL_AIR_WAYBILL"})
    };
    let both = json!({"order_list": [row(awb), row(&json!("other"))]});
    let one = json!({"order_list": [row(awb)]});
    for (endpoint, path, body) in [
        ("label parameter", "get_shipping_document_parameter", &one),
        ("label create", "create_shipping_document", &both),
        ("label result", "get_shipping_document_result", &one),
    ] {
        held(lists, endpoint, seller.post(&format!("logistics/{path}"), FIRST, body).await);
    }
    seller.sandbox.clock().advance(2);
    let told = seller.post("logistics/get_shipping_document_result", FIRST, &one).await;
    held(lists, "label result", told);
}

async fn cancellations(seller: &Seller, lists: &mut Lists) {
    let id = seller.coffee(1);
    let body = json!({"order_sn": id, "cancel_reason": "CUSTOMER_REQUEST"});
    held(lists, "update time", seller.post("order/cancel_order", FIRST, &body).await);
    look(seller, lists, &id).await;

    let asked = seller.coffee(2);
    let less = json!({"sku": "GAYO-250", "quantity_deliver": 1});
    seller.control("POST", &format!("orders/{asked}/partial"), &less);
    seller.act(&asked, "request-cancel");
    look(seller, lists, &asked).await;
    let body = json!({"order_sn": asked, "operation": "ACCEPT"});
    let told = seller.post("order/handle_buyer_cancellation", FIRST, &body).await;
    held(lists, "update time", told);
    look(seller, lists, &asked).await;
}

async fn goods(seller: &Seller, lists: &mut Lists) {
    let said = [("offset", "0"), ("page_size", "100"), ("item_status", "NORMAL")];
    let told = get(seller, lists, ("item list", "product/get_item_list"), &said).await;
    let ids: Vec<String> = told["response"]["item"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["item_id"].to_string())
        .collect();
    let said = [("item_id_list", &*ids.join(","))];
    let told = get(seller, lists, ("item detail", "product/get_item_base_info"), &said).await;
    let items = told["response"]["item_list"].as_array().unwrap();
    let item = |has_model: bool| {
        let found = items.iter().find(|item| item["has_model"] == has_model).unwrap();
        found["item_id"].clone()
    };
    let said = [("item_id", &*item(true).to_string())];
    get(seller, lists, ("model list", "product/get_model_list"), &said).await;
    let row = |model: i64| json!({"model_id": model, "seller_stock": [{"stock": 90}]});
    let body = json!({"item_id": item(false), "stock_list": [row(0), row(1)]});
    held(lists, "stock update", seller.post("product/update_stock", FIRST, &body).await);
}

/// Holds everything that was pushed to somebody.
async fn pushes(seller: &Seller, subscriber: &mut Subscriber, lists: &mut Lists) {
    let sent = seller.control("GET", "webhooks", &Value::Null)["webhooks"].clone();
    for _ in sent.as_array().unwrap().iter().filter(|one| one["url"].is_string()) {
        let pushed = subscriber.next().await.json();
        lists.hold(&format!("push {}", pushed["code"]), &pushed);
    }
}

/// What is kept of a push that nobody takes.
async fn lost(lists: &mut Lists) {
    let seller = Seller::open(quiet()).await;
    let body = json!({"callback_url": "http://127.0.0.1:1/push", "set_push_config_on": [3]});
    held(lists, "push config set", seller.app_post("push/set_app_push_config", &body).await);
    seller.coffee(1);
    crate::webhooks::until(|| {
        seller.sandbox.clock().advance(3_600);
        seller.control("GET", "webhooks", &Value::Null)["outcomes"]["waiting"] == 0
    })
    .await;
    let told = app(&seller, lists, "lost pushes", "push/get_lost_push_message").await;
    let seen = json!({"last_message_id": told["response"]["last_message_id"]});
    let path = "push/confirm_consumed_lost_push_message";
    lists.hold("arranged", &seller.app_post(path, &seen).await);
    seller.sandbox.stop().await;
}
