//! Lazada's answers and pushes.

use http::Method;
use serde_json::{Value, json};

use super::Lists;
use crate::client::{Subscriber, quiet};
use crate::signing::{Params, Seller};

const LISTS: &str = include_str!("../../fields/lazada.txt");

#[tokio::test]
async fn lazada_answers_and_pushes_as_documented() {
    let mut seller = Seller::open(quiet()).await;
    let mut lists = Lists::of("lazada", LISTS);
    tokens(&mut seller, &mut lists).await;
    let mut subscriber = Subscriber::start().await;
    let url = format!("http://{}/push", subscriber.addr);
    seller.control(&Method::PUT, "push-address", &json!({"url": url}));
    an_order(&seller, &mut lists).await;
    cancellations(&seller, &mut lists).await;
    goods(&seller, &mut lists).await;
    let sent = seller.control(&Method::GET, "webhooks", &Value::Null)["webhooks"].clone();
    for _ in sent.as_array().unwrap() {
        let pushed = subscriber.next().await.json();
        let push = match pushed["message_type"].as_i64() {
            Some(0) => "push trade order",
            Some(10) => "push reverse order",
            other => panic!("a push of type {other:?}"),
        };
        lists.hold(push, &pushed);
    }
    lists.finish();
    seller.sandbox.stop().await;
}

/// An answer that says that all is well, held to its list.
async fn held(
    seller: &Seller,
    lists: &mut Lists,
    (endpoint, method, path): (&str, Method, &str),
    said: Params<'_>,
) -> Value {
    let answer = seller.call(method, path, said).await;
    assert_eq!(answer["code"], "0", "{path}: {answer}");
    lists.hold(endpoint, &answer);
    answer
}

async fn tokens(seller: &mut Seller, lists: &mut Lists) {
    let granted = seller.exchange(&seller.consent("id")).await;
    lists.hold("token create", &granted);
    let said = [("refresh_token", granted["refresh_token"].as_str().unwrap())];
    let asked = (Method::POST, "/auth/token/refresh");
    let renewed = seller.call_at("/auth.lazada.com/rest", asked.clone(), &said).await;
    lists.hold("token refresh", &renewed);
    lists.hold("refusal", &seller.call_at("/auth.lazada.com/rest", asked, &said).await);
    seller.take(&renewed);
    held(seller, lists, ("seller", Method::GET, "/seller/get"), &[]).await;
}

/// The order and its units, as each endpoint shows them.
async fn look(seller: &Seller, lists: &mut Lists, id: &str) -> Vec<Value> {
    let after = [("update_after", "2026-11-01T00:00:00+07:00"), ("limit", "100")];
    held(seller, lists, ("orders", Method::GET, "/orders/get"), &after).await;
    held(seller, lists, ("order", Method::GET, "/order/get"), &[("order_id", id)]).await;
    let several = ("orders items", Method::GET, "/orders/items/get");
    held(seller, lists, several, &[("order_ids", &*format!("[{id}]"))]).await;
    let items = ("order items", Method::GET, "/order/items/get");
    let found = held(seller, lists, items, &[("order_id", id)]).await;
    found["data"].as_array().unwrap().clone()
}

/// One order from before its payment to a return.
async fn an_order(seller: &Seller, lists: &mut Lists) {
    let id = seller.place(2, false);
    look(seller, lists, &id).await;
    seller.act(&id, "pay", &json!({}));
    let units = look(seller, lists, &id).await;
    let ids: Vec<Value> = units.iter().map(|unit| unit["order_item_id"].clone()).collect();
    let number: i64 = id.parse().unwrap();
    let asked = json!({"orders": [{"order_id": number, "order_item_ids": ids}]}).to_string();
    let couriers = ("couriers", Method::POST, "/order/shipment/providers/get");
    held(seller, lists, couriers, &[("getShipmentProvidersReq", &*asked)]).await;
    let asked = json!({"pack_order_list": [{"order_id": number, "order_item_list": ids}],
                       "delivery_type": "dropship", "shipping_allocate_type": "TFS"});
    let pack = ("pack", Method::POST, "/order/fulfill/pack");
    let packed = held(seller, lists, pack, &[("packReq", &*asked.to_string())]).await;
    let rows = &packed["result"]["data"]["pack_order_list"][0]["order_item_list"];
    let parcels = json!([{"package_id": rows[0]["package_id"]}]);
    look(seller, lists, &id).await;
    let asked = json!({"doc_type": "PDF", "print_item_list": false, "packages": parcels});
    let document = ("document", Method::POST, "/order/package/document/get");
    held(seller, lists, document, &[("getDocumentReq", &*asked.to_string())]).await;
    let asked = json!({"packages": parcels}).to_string();
    let ready = ("packages", Method::POST, "/order/package/rts");
    held(seller, lists, ready, &[("readyToShipReq", &*asked)]).await;
    for act in ["ship", "deliver", "return"] {
        seller.act(&id, act, &json!({}));
        look(seller, lists, &id).await;
    }
    let reverses = ("reverse orders", Method::GET, "/reverse/getreverseordersforseller");
    held(seller, lists, reverses, &[("page_no", "1"), ("page_size", "20")]).await;

    let again = seller.place(1, true);
    let asked = json!({"packages": [{"package_id": seller.pack(&again).await}]}).to_string();
    let repack = ("packages", Method::POST, "/order/package/repack");
    held(seller, lists, repack, &[("rePackReq", &*asked)]).await;
}

async fn cancellations(seller: &Seller, lists: &mut Lists) {
    let id = seller.place(1, true);
    let units = format!("[{}]", seller.units(&id).await[0]["order_item_id"]);
    let named = [("order_id", &*id), ("order_item_id_list", &*units)];
    let validate = ("cancel reasons", Method::GET, "/order/reverse/cancel/validate");
    let told = held(seller, lists, validate, &named).await;
    let reason = told["data"]["reason_options"][0]["reason_id"].as_str().unwrap();
    let named = [("order_id", &*id), ("order_item_id_list", &*units), ("reason_id", reason)];
    held(seller, lists, ("cancel", Method::GET, "/order/reverse/cancel/create"), &named).await;
    look(seller, lists, &id).await;

    let asked = seller.place(1, true);
    seller.act(&asked, "request-cancel", &json!({"reason": "Berubah pikiran"}));
    let wish = look(seller, lists, &asked).await[0]["reverse_order_id"].clone();
    let said = [("reverse_order_id", wish.as_str().unwrap()), ("agree_cancel", "true")];
    let decide = ("cancel decision", Method::GET, "/order/reverse/cancel/seller/decide");
    held(seller, lists, decide, &said).await;
    look(seller, lists, &asked).await;
}

async fn goods(seller: &Seller, lists: &mut Lists) {
    let products = ("products", Method::GET, "/products/get");
    let said = [("filter", "all"), ("limit", "50"), ("offset", "0"), ("options", "1")];
    let found = held(seller, lists, products, &said).await;
    let product = &found["data"]["products"][0];
    let payload = |sku: &Value, units: i64| {
        let row = json!({"ItemId": product["item_id"], "SkuId": sku, "SellableQuantity": units});
        json!({"Request": {"Product": {"Skus": {"Sku": [row]}}}}).to_string()
    };
    let path = "/product/stock/sellable/update";
    let right = payload(&product["skus"][0]["SkuId"], 7);
    held(seller, lists, ("stock", Method::POST, path), &[("payload", &*right)]).await;
    let wrong = [("payload", &*payload(&json!(1), 7))];
    lists.hold("refusal of rows", &seller.call(Method::POST, path, &wrong).await);
}
