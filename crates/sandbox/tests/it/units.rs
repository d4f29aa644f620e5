//! The Lazada side: units with statuses of their own, parcels, labels, stock and masked buyers.

use http::Method;
use serde_json::{Value, json};

use crate::client::quiet;
use crate::signing::Seller;

fn statuses(units: &[Value]) -> Vec<&str> {
    units.iter().map(|unit| unit["status"].as_str().unwrap()).collect()
}

fn stock(seller: &Seller, sku: &str) -> i64 {
    let answer = seller.control(&Method::GET, &format!("stock/{sku}"), &Value::Null);
    answer["stock"].as_i64().unwrap()
}

#[tokio::test]
async fn each_unit_is_a_row_and_some_may_be_cancelled() {
    let seller = Seller::open(quiet()).await;
    let before = stock(&seller, "GAYO-250");
    let order = seller.place(3, true);
    assert_eq!(stock(&seller, "GAYO-250"), before - 3);
    seller.act(&order, "partial", &json!({"sku": "GAYO-250", "quantity_deliver": 2}));
    let units = seller.units(&order).await;
    assert_eq!(statuses(&units), ["canceled", "pending", "pending"]);
    assert_eq!(units[0]["cancel_return_initiator"], "cancellation-seller");
    assert_eq!(stock(&seller, "GAYO-250"), before - 2, "what was held is sold again");
    let package = seller.pack(&order).await;
    let units = seller.units(&order).await;
    assert_eq!(statuses(&units), ["canceled", "packed", "packed"]);
    assert_eq!((&units[0]["package_id"], &units[1]["package_id"]), (&json!(""), &json!(package)));
}

#[tokio::test]
async fn a_cancellation_takes_the_whole_parcel_and_out_of_stock_means_none_is_left() {
    let seller = Seller::open(quiet()).await;
    let order = seller.place(2, true);
    seller.pack(&order).await;
    let unit = seller.units(&order).await[0]["order_item_id"].to_string();
    let ids = format!("[{unit}]");
    let said = [("order_id", &*order), ("order_item_id_list", &*ids), ("reason_id", "10000021")];
    let answer = seller.call(Method::GET, "/order/reverse/cancel/create", &said).await;
    assert_eq!((&answer["code"], &answer["data"]["tip_type"]), (&json!("0"), &json!("warn")));
    assert_eq!(statuses(&seller.units(&order).await), ["canceled", "canceled"]);
    assert_eq!(stock(&seller, "GAYO-250"), 0);
}

#[tokio::test]
async fn a_wish_that_nobody_answers_is_granted_and_an_unpaid_order_ends() {
    let config = dermaga_sandbox::Config { auto_transitions: true, ..quiet() };
    let seller = Seller::open(config).await;
    let (wished, unpaid) = (seller.place(1, true), seller.place(1, false));
    seller.act(&wished, "request-cancel", &json!({"reason": "salah pesan"}));
    let unit = &seller.units(&wished).await[0];
    assert_eq!((&unit["is_cancel_pending"], &unit["status"]), (&json!(true), &json!("pending")));
    seller.sandbox.clock().advance(49 * 3_600);
    let ended = |order: &str| {
        seller.control(&Method::GET, &format!("orders/{order}"), &Value::Null)["status"]
            == "canceled"
    };
    crate::webhooks::until(|| ended(&wished) && ended(&unpaid)).await;
    let initiator =
        async |order: &str| seller.units(order).await[0]["cancel_return_initiator"].clone();
    assert_eq!(initiator(&wished).await, "cancellation-customer");
    assert_eq!(initiator(&unpaid).await, "cancellation-internal");
}

#[tokio::test]
async fn a_label_is_behind_an_address_that_holds_for_ten_minutes() {
    let seller = Seller::open(quiet()).await;
    let order = seller.place(1, true);
    let package = seller.pack(&order).await;
    let body = json!({"doc_type": "PDF", "packages": [{"package_id": package}]}).to_string();
    let said = [("getDocumentReq", &*body)];
    let answer = seller.call(Method::GET, "/order/package/document/get", &said).await;
    let url = answer["result"]["data"]["pdf_url"].as_str().unwrap();
    let target = format!("/documents/{}", url.rsplit('/').next().unwrap());
    let (status, pdf) = seller.send(Method::GET, &target, String::new()).await;
    assert!(status == 200 && pdf.starts_with(b"%PDF-1.4"));
    assert!(String::from_utf8_lossy(&pdf).contains(&package));
    seller.sandbox.clock().advance(601);
    assert_eq!(seller.send(Method::GET, &target, String::new()).await.0, 403);
}

#[tokio::test]
async fn total_stock_is_what_can_be_sold_and_what_is_held() {
    let seller = Seller::open(quiet()).await;
    seller.place(2, false);
    seller.place(3, true);
    let shown = async || {
        let products = seller.call(Method::GET, "/products/get", &[("limit", "50")]).await;
        let all = products["data"]["products"].as_array().unwrap().clone();
        let of = |product: &&Value| product["skus"][0]["SellerSku"] == "GAYO-250";
        all.iter().find(of).unwrap()["skus"][0].clone()
    };
    let sku = shown().await;
    let held = &sku["multiWarehouseInventories"][0];
    assert_eq!((&held["withholdQuantity"], &held["occupyQuantity"]), (&json!(2), &json!(3)));
    assert_eq!((&sku["Available"], &sku["quantity"]), (&json!(295), &json!(300)));
    let row = json!({"ItemId": "770001", "SkuId": sku["SkuId"], "Quantity": 45});
    let payload = json!({"Request": {"Product": {"Skus": {"Sku": [row]}}}}).to_string();
    let said = [("payload", &*payload)];
    let answer = seller.call(Method::POST, "/product/price_quantity/update", &said).await;
    assert_eq!(answer["code"], "0", "{answer}");
    let sku = shown().await;
    assert_eq!(
        (&sku["Available"], &sku["quantity"]),
        (&json!(40), &json!(45)),
        "it sets the total"
    );
}

#[tokio::test]
async fn the_second_shop_shows_its_buyers_masked() {
    let mut seller = Seller::open(quiet()).await;
    let body = json!({"shop_id": 1_009_990_002, "lines": [{"sku": "BATIK-MEGA-M", "quantity": 1}],
        "buyer": {"name": "Sari Contoh", "phone": "6281200000001"}});
    let placed = seller.control(&Method::POST, "orders", &body);
    let order = placed["order_id"].as_str().unwrap();
    // Its seller lets the app in by the form of the page.
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "109001"),
            ("response_type", "code"),
            ("redirect_uri", "https://hub.example.test/consent"),
            ("account", "2"),
            ("answer", "allow"),
        ])
        .finish();
    let target = "/auth.lazada.com/oauth/authorize";
    let (_, back) = seller.send(Method::POST, target, form).await;
    let back = String::from_utf8_lossy(&back).into_owned();
    let granted = seller.exchange(back.split_once("code=").unwrap().1).await;
    seller.take(&granted);
    let shown = seller.call(Method::GET, "/order/get", &[("order_id", order)]).await;
    let address = &shown["data"]["address_shipping"];
    assert_eq!((&address["first_name"], &address["phone"]), (&json!("S*****i"), &json!("6*****1")));
}
