//! TikTok Shop's answers and pushes.

use http::Method;
use serde_json::{Value, json};

use super::Lists;
use crate::client::{Subscriber, quiet};
use crate::tiktok_seller::{FIRST, KEY, SECOND, SECRET, Said, Seller, of};

const LISTS: &str = include_str!("../../fields/tiktok.txt");

/// The shop whose parcels its own couriers carry.
const OWN_COURIERS: Option<i64> = Some(7_495_000_000_000_000_002);

#[tokio::test]
async fn tiktok_answers_and_pushes_as_documented() {
    let seller = Seller::open(quiet()).await;
    let mut lists = Lists::of("tiktok", LISTS);
    tokens(&seller, &mut lists).await;
    let mut subscriber = Subscriber::start().await;
    hooks(&seller, &subscriber, &mut lists).await;
    an_order(&seller, &mut lists).await;
    cancellations(&seller, &mut lists).await;
    parcels(&seller, &mut lists).await;
    goods(&seller, &mut lists).await;
    pushes(&seller, &mut subscriber, &mut lists).await;
    lists.finish();
    seller.sandbox.stop().await;
}

/// An answer of the first shop that says that all is well, held to its list.
async fn held(
    seller: &Seller,
    lists: &mut Lists,
    (endpoint, method, path): (&str, Method, &str),
    said: Said<'_>,
) -> Value {
    let answer = seller.ask(method, path, said).await;
    assert_eq!(answer["code"], 0, "{path}: {answer}");
    lists.hold(endpoint, &answer);
    answer
}

async fn tokens(seller: &Seller, lists: &mut Lists) {
    let granted = seller.exchange(&seller.code()).await;
    lists.hold("token", &granted);
    let renewing = granted["data"]["refresh_token"].as_str().unwrap();
    let renew = format!(
        "/api/v2/token/refresh?app_key={KEY}&app_secret={SECRET}&refresh_token={renewing}&grant_type=refresh_token"
    );
    lists.hold("token", &seller.get(&renew).await.json());
    lists.hold("refusal", &seller.get(&renew).await.json());
    let shops = ("shops", Method::GET, "/authorization/202309/shops");
    held(seller, lists, shops, of("", Value::Null)).await;
}

async fn hooks(seller: &Seller, subscriber: &Subscriber, lists: &mut Lists) {
    let path = "/event/202309/webhooks";
    for topic in ["ORDER_STATUS_CHANGE", "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE"] {
        let address = format!("http://{}/{topic}", subscriber.addr);
        let body = json!({"event_type": topic, "address": address});
        held(seller, lists, ("done", Method::PUT, path), of(FIRST, body)).await;
    }
    held(seller, lists, ("webhook list", Method::GET, path), of(FIRST, Value::Null)).await;
    let body = json!({"event_type": "NEW_MESSAGE"});
    held(seller, lists, ("done", Method::DELETE, path), of(FIRST, body)).await;
}

/// The order as the search and the details show it.
async fn look(seller: &Seller, lists: &mut Lists, cipher: &str, id: &str) -> Value {
    let said = Said { cipher, query: &[("ids", id)], body: Value::Null };
    let detail = ("order detail", Method::GET, "/order/202309/orders");
    let found = held(seller, lists, detail, said).await;
    let said = Said { cipher, query: &[("page_size", "100")], body: json!({}) };
    let search = ("order search", Method::POST, "/order/202309/orders/search");
    held(seller, lists, search, said).await;
    found["data"]["orders"][0].clone()
}

/// One order from before its payment to a return.
async fn an_order(seller: &Seller, lists: &mut Lists) {
    let wish = json!({"lines": [{"sku": "GAYO-250", "quantity": 2, "note": "x"}], "paid": false});
    let placed = seller.control("POST", "orders", &wish);
    let id = placed["order_id"].as_str().unwrap();
    look(seller, lists, FIRST, id).await;
    for act in ["pay", "accept"] {
        seller.act(id, act);
        look(seller, lists, FIRST, id).await;
    }
    let less = json!({"sku": "GAYO-250", "quantity_deliver": 1});
    seller.control("POST", &format!("orders/{id}/partial"), &less);
    for act in ["ship", "ship", "deliver", "return"] {
        seller.act(id, act);
        look(seller, lists, FIRST, id).await;
    }
    let said = Said { cipher: FIRST, query: &[("page_size", "10")], body: json!({}) };
    let returns = ("returns", Method::POST, "/return_refund/202309/returns/search");
    held(seller, lists, returns, said).await;
}

async fn cancellations(seller: &Seller, lists: &mut Lists) {
    let path = |rest: &str| format!("/return_refund/202309/cancellations{rest}");
    let id = seller.place(None, &[("GAYO-250", 1)]);
    let body = json!({"order_id": id, "cancel_reason": "seller_cancel_reason_out_of_stock"});
    held(seller, lists, ("cancel", Method::POST, &path("")), of(FIRST, body)).await;
    look(seller, lists, FIRST, &id).await;

    let asked = seller.place(None, &[("GAYO-250", 1)]);
    seller.act(&asked, "accept");
    let reason = json!({"reason": "Berubah pikiran"});
    seller.control("POST", &format!("orders/{asked}/request-cancel"), &reason);
    look(seller, lists, FIRST, &asked).await;
    let said = Said { cipher: FIRST, query: &[("page_size", "50")], body: json!({}) };
    let search = path("/search");
    let found = held(seller, lists, ("cancellations", Method::POST, &search), said).await;
    let rows = found["data"]["cancellations"].as_array().unwrap();
    let request = rows.iter().find(|row| row["order_id"] == asked).unwrap();
    let approve = path(&format!("/{}/approve", request["cancel_id"].as_str().unwrap()));
    held(seller, lists, ("done", Method::POST, &approve), of(FIRST, json!({}))).await;
    look(seller, lists, FIRST, &asked).await;
}

async fn parcels(seller: &Seller, lists: &mut Lists) {
    let id = seller.place(None, &[("GAYO-250", 1), ("TAS-ANYAM", 1)]);
    seller.act(&id, "accept");
    let order = look(seller, lists, FIRST, &id).await;
    let parcel = order["packages"][0]["id"].as_str().unwrap();
    let path = |rest: &str| format!("/fulfillment/202309/packages/{parcel}{rest}");
    let get = async |lists: &mut Lists, endpoint: &str, path: &str| {
        let query = [("document_type", "SHIPPING_LABEL")];
        let said = Said { cipher: FIRST, query: &query, body: Value::Null };
        held(seller, lists, (endpoint, Method::GET, path), said).await;
    };
    get(lists, "pickup slots", &path("/handover_time_slots")).await;
    let drop_off = of(FIRST, json!({"handover_method": "DROP_OFF"}));
    held(seller, lists, ("done", Method::POST, &path("/ship")), drop_off).await;
    look(seller, lists, FIRST, &id).await;
    get(lists, "package", &path("")).await;
    get(lists, "package label", &path("/shipping_documents")).await;
    let rows: Vec<Value> = order["packages"].as_array().unwrap().clone();
    let several = ("packages ship", Method::POST, "/fulfillment/202309/packages/ship");
    held(seller, lists, several, of(FIRST, json!({"packages": rows}))).await;
    look(seller, lists, FIRST, &id).await;

    let own = seller.place(OWN_COURIERS, &[("MUG-BATIK", 1)]);
    look(seller, lists, SECOND, &own).await;
    let couriers = "/logistics/202309/delivery_options/7091000000000000001/shipping_providers";
    get(lists, "shipping providers", couriers).await;
}

async fn goods(seller: &Seller, lists: &mut Lists) {
    let warehouses = ("warehouses", Method::GET, "/logistics/202309/warehouses");
    held(seller, lists, warehouses, of(FIRST, Value::Null)).await;
    let said = Said { cipher: FIRST, query: &[("page_size", "100")], body: json!({}) };
    let search = ("products", Method::POST, "/product/202309/products/search");
    let found = held(seller, lists, search, said).await;
    let product = found["data"]["products"][0]["id"].clone();
    let body = json!({"product_ids": [product]});
    let inventory = ("inventory", Method::POST, "/product/202309/inventory/search");
    held(seller, lists, inventory, of(FIRST, body)).await;
    let row = json!({"id": found["data"]["products"][0]["skus"][0]["id"],
                     "inventory": [{"warehouse_id": "1", "quantity": 3}]});
    let path = format!("/product/202309/products/{}/inventory/update", product.as_str().unwrap());
    let update = ("stock update", Method::POST, &*path);
    held(seller, lists, update, of(FIRST, json!({"skus": [row]}))).await;
}

/// Holds what is pushed until each topic was.
async fn pushes(seller: &Seller, subscriber: &mut Subscriber, lists: &mut Lists) {
    let sent = seller.control("GET", "webhooks", &Value::Null)["webhooks"].clone();
    for _ in sent.as_array().unwrap().iter().filter(|one| one["url"].is_string()) {
        let pushed = subscriber.next().await;
        lists.hold(&pushed.path.replace('/', "push "), &pushed.json());
    }
}
