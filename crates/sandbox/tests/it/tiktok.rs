//! The TikTok Shop side: what the channel must do.

use dermaga_sandbox::Config;
use http::Method;
use serde_json::{Value, json};

use crate::client::quiet;
use crate::tiktok_seller::{
    FIRST, KEY, PAGE, SEARCH, SECOND, SECRET, Said, Seller, UNLINKED, of, signature, target,
};

#[tokio::test]
async fn who_is_not_let_in_is_turned_away_in_the_channels_words() {
    let seller = Seller::open(quiet()).await;
    let whole = |seller: &Seller| {
        seller.query(&Said { cipher: FIRST, query: &[("page_size", "1")], body: json!({}) })
    };
    let with = |name: &str, value: &str| {
        let mut query = whole(&seller);
        query.retain(|(known, _)| known != name);
        if !value.is_empty() {
            query.push((name.to_owned(), value.to_owned()));
        }
        query
    };
    let now_s = seller.sandbox.clock().now_us() / 1_000_000;
    let cases = [
        (with("app_key", "other"), 36_009_004, "app_key"),
        (with("timestamp", &(now_s - 301).to_string()), 36_009_004, "timestamp"),
        (with("timestamp", &(now_s + 31).to_string()), 36_009_004, "timestamp"),
        (with("shop_cipher", ""), 106_013, "shop_cipher"),
        (with("shop_cipher", UNLINKED), 101_000, "shop_cipher"),
        (with("shop_cipher", "ROW_nobody"), 101_000, "shop_cipher"),
        (with("page_size", "101"), 36_009_004, "page_size"),
        (with("page_size", ""), 36_009_004, "page_size"),
        (with("x", "1"), 0, "Success"),
    ];
    for (query, code, words) in cases {
        let told = seller.send(Method::POST, SEARCH, query.clone(), &json!({})).await.json();
        assert_eq!(told["code"], code, "{query:?} {told}");
        assert!(told["message"].as_str().unwrap().contains(words), "{told}");
    }
    let mut query = whole(&seller);
    query.push(("sign".to_owned(), signature(SEARCH, &query, "{}")));
    let token = [("x-tts-access-token", &*seller.token)];
    let wrong = seller.plain(Method::POST, &target(SEARCH, &query), &token, "{ }").await;
    assert_eq!((wrong.status, &wrong.json()["code"]), (401, &json!(106_001)), "another body");
    let none = seller.plain(Method::POST, &target(SEARCH, &query), &[], "{}").await;
    assert!(none.json()["message"].as_str().unwrap().contains("x-tts-access-token"));
    let other = [("x-tts-access-token", "ROW_other")];
    let ended = seller.plain(Method::POST, &target(SEARCH, &query), &other, "{}").await;
    assert_eq!((ended.status, &ended.json()["code"]), (400, &json!(36_009_004)));
    let shops = "/authorization/202309/shops";
    assert_eq!(seller.code_of(Method::GET, shops, of(FIRST, Value::Null)).await, 36_009_004);
    let found = seller.ask(Method::GET, shops, of("", Value::Null)).await;
    assert_eq!(found["data"]["shops"].as_array().unwrap().len(), 2, "two are let in");
    for (path, code) in [
        ("/order/202309/nothing", 36_009_009),
        ("/order/201801/orders/search", 36_009_014),
        ("/order/202309/orders", 36_009_010),
    ] {
        assert_eq!(seller.code_of(Method::POST, path, of(FIRST, json!({}))).await, code, "{path}");
    }
}

#[tokio::test]
async fn a_seller_presses_a_button_and_codes_and_tokens_are_taken_once() {
    let seller = Seller::open(quiet()).await;
    let page = seller.get(PAGE).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.status == 200 && html.contains("Allow") && html.contains("Refuse"), "{html}");
    assert_eq!(seller.get("/open/authorize?service_id=1&state=5e").await.status, 400);
    let address = json!({"url": "http://127.0.0.1:1/consent"});
    seller.control("PUT", "redirect", &address);
    let pressed = seller.get("/open/authorize/answer?state=5e&answer=refuse").await;
    let back = pressed.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(pressed.status, 302);
    assert_eq!(back, "http://127.0.0.1:1/consent?code=null&error=auth_denied&state=5e");
    let pressed = seller.get("/open/authorize/answer?state=5e&answer=allow").await;
    let back = pressed.headers["location"].to_str().unwrap().to_owned();
    assert!(back.contains("&code=ROW_SBX") && back.ends_with("&state=5e"), "{back}");

    let code = seller.code();
    let first = seller.exchange(&code).await;
    assert_eq!(first["code"], 0);
    let now_s = seller.sandbox.clock().now_us() / 1_000_000;
    assert_eq!(first["data"]["access_token_expire_in"], now_s + 7 * 86_400, "a moment");
    assert_eq!(seller.exchange(&code).await["code"], 36_004_004);
    let late = seller.code();
    seller.sandbox.clock().advance(31 * 60);
    assert_eq!(seller.exchange(&late).await["code"], 36_004_004);

    let renewing = first["data"]["refresh_token"].as_str().unwrap();
    let renew = format!(
        "/api/v2/token/refresh?app_key={KEY}&app_secret={SECRET}&refresh_token={renewing}&grant_type=refresh_token"
    );
    let renewed = seller.get(&renew).await.json();
    assert_eq!(renewed["code"], 0);
    let until = &first["data"]["refresh_token_expire_in"];
    assert_eq!(&renewed["data"]["refresh_token_expire_in"], until, "the consent ends when it ends");
    assert_eq!(seller.get(&renew).await.json()["code"], 36_004_005);
    let wrong = renew.replace(SECRET, "other");
    assert_eq!(seller.get(&wrong).await.json()["code"], 36_009_004);
    seller.sandbox.clock().advance(8 * 86_400);
    let ended = seller.code_of(Method::POST, SEARCH, of(FIRST, json!({}))).await;
    assert_eq!(ended, 105_002);
}

#[tokio::test]
async fn a_row_is_one_unit_and_where_it_goes_is_told_late_and_masked() {
    let seller = Seller::open(quiet()).await;
    let id = seller.place(None, &[("GAYO-250", 2), ("TAS-ANYAM", 1)]);
    let held = seller.order(FIRST, &id).await;
    assert_eq!((&held["status"], &held["recipient_address"]), (&json!("ON_HOLD"), &json!({})));
    assert_eq!(held["line_items"].as_array().unwrap().len(), 3);
    let parcels = held["packages"].as_array().unwrap();
    assert_eq!(parcels.len(), 2, "what is bulky travels by itself");
    seller.act(&id, "accept");
    let ready = seller.order(FIRST, &id).await;
    let name = ready["recipient_address"]["name"].as_str().unwrap();
    assert!(ready["status"] == "AWAITING_SHIPMENT" && name.contains("***"), "{name}");
    assert_eq!(seller.order(SECOND, &id).await, Value::Null, "another shop's");
    let own = seller.place(Some(7_495_000_000_000_000_002), &[("MUG-BATIK", 1)]);
    seller.act(&own, "accept");
    let own = seller.order(SECOND, &own).await;
    assert_eq!(own["shipping_type"], "SELLER");
    assert!(own["recipient_address"]["name"].as_str().unwrap().ends_with("Contoh"));
}

#[tokio::test]
async fn parcels_are_arranged_one_by_one_and_labelled_in_between() {
    let seller = Seller::open(quiet()).await;
    let id = seller.place(None, &[("GAYO-250", 1), ("TAS-ANYAM", 1)]);
    let order = seller.order(FIRST, &id).await;
    let parcel = |nth: usize| order["packages"][nth]["id"].as_str().unwrap().to_owned();
    let path = |nth, verb: &str| format!("/fulfillment/202309/packages/{}/{verb}", parcel(nth));
    let drop_off = || of(FIRST, json!({"handover_method": "DROP_OFF"}));
    let ship = async |nth| seller.code_of(Method::POST, &path(nth, "ship"), drop_off()).await;
    let label = async |nth| {
        let query = [("document_type", "SHIPPING_LABEL")];
        let said = Said { cipher: FIRST, query: &query, body: Value::Null };
        seller.ask(Method::GET, &path(nth, "shipping_documents"), said).await
    };
    assert_eq!(ship(0).await, 21_011_040, "the buyer may still think it over");
    seller.act(&id, "accept");
    assert_eq!(label(0).await["code"], 21_042_104);
    assert_eq!(ship(0).await, 0);
    let part = seller.order(FIRST, &id).await;
    let rows: Vec<&str> = part["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["display_status"].as_str().unwrap())
        .collect();
    assert_eq!(part["status"], "PARTIALLY_SHIPPING");
    assert_eq!(rows, ["AWAITING_COLLECTION", "AWAITING_SHIPMENT"]);
    assert_eq!(ship(0).await, 21_008_099);
    let both = json!({"packages": [{"id": parcel(0)}, {"id": parcel(1)}]});
    let told = seller.ask(Method::POST, "/fulfillment/202309/packages/ship", of(FIRST, both)).await;
    assert_eq!(
        (&told["code"], &told["data"]["errors"][0]["code"]),
        (&json!(0), &json!(21_008_099))
    );
    assert_eq!(told["data"]["errors"].as_array().unwrap().len(), 1, "the other was taken");
    assert_eq!(seller.order(FIRST, &id).await["status"], "AWAITING_COLLECTION");
    let url = label(1).await["data"]["doc_url"].as_str().unwrap().replace(&seller.url, "");
    assert!(seller.get(&url).await.body.starts_with(b"%PDF-1.4"));
    seller.act(&id, "ship");
    assert_eq!(label(1).await["code"], 21_042_102);

    let shop = Some(7_495_000_000_000_000_002);
    let own = seller.place(shop, &[("MUG-BATIK", 1)]);
    seller.act(&own, "accept");
    let own = seller.order(SECOND, &own).await["packages"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/fulfillment/202309/packages/{own}/ship");
    assert_eq!(seller.code_of(Method::POST, &path, of(SECOND, json!({}))).await, 21_001_001);
    let by = |courier: &str| json!({"self_shipment": {"tracking_number": "JX1", "shipping_provider_id": courier}});
    assert_eq!(seller.code_of(Method::POST, &path, of(SECOND, by("1"))).await, 21_011_022);
    let known = by("6841000000000000011");
    assert_eq!(seller.code_of(Method::POST, &path, of(SECOND, known)).await, 0);
}

#[tokio::test]
async fn a_cancellation_needs_a_reason_of_its_status_and_a_request_is_answered_once() {
    let seller = Seller::open(quiet()).await;
    let cancel = async |id: &str, reason: &str| {
        let body = json!({"order_id": id, "cancel_reason": reason});
        seller.code_of(Method::POST, "/return_refund/202309/cancellations", of(FIRST, body)).await
    };
    let id = seller.place(None, &[("LUWAK-100", 5)]);
    let left = || seller.control("GET", "stock/LUWAK-100", &Value::Null)["stock"].clone();
    assert_eq!(left(), 0);
    assert_eq!(cancel(&id, "no reason").await, 25_001_014);
    assert_eq!(cancel(&id, "seller_cancel_unpaid_reason_out_of_stock").await, 25_001_021);
    assert_eq!(cancel("1", "seller_cancel_reason_out_of_stock").await, 21_008_111);
    assert_eq!(cancel(&id, "seller_cancel_reason_out_of_stock").await, 0);
    assert_eq!(cancel(&id, "seller_cancel_reason_out_of_stock").await, 25_001_051);
    assert_eq!(left(), 5, "it is offered again");

    let id = seller.place(None, &[("GAYO-250", 1)]);
    seller.act(&id, "accept");
    let reason = json!({"reason": "Berubah pikiran"});
    seller.control("POST", &format!("orders/{id}/request-cancel"), &reason);
    assert_eq!(cancel(&id, "seller_cancel_reason_out_of_stock").await, 25_001_011);
    let body = json!({"order_ids": [id], "cancel_types": ["BUYER_CANCEL"]});
    let search = "/return_refund/202309/cancellations/search";
    let found = seller.ask(Method::POST, search, of(FIRST, body)).await;
    let request = &found["data"]["cancellations"][0];
    assert_eq!(request["cancel_status"], "CANCELLATION_REQUEST_PENDING");
    let path =
        format!("/return_refund/202309/cancellations/{}", request["cancel_id"].as_str().unwrap());
    let reject = format!("{path}/reject");
    let refuse = |reason: &str, key: &'static [(&'static str, &'static str)]| Said {
        cipher: FIRST,
        query: key,
        body: json!({ "reject_reason": reason }),
    };
    let packed = "seller_reject_apply_product_has_been_packed";
    let key = &[("idempotency_key", "k1")];
    assert_eq!(seller.code_of(Method::POST, &reject, refuse("no", key)).await, 25_001_014);
    assert_eq!(seller.code_of(Method::POST, &reject, refuse(packed, key)).await, 0);
    assert_eq!(seller.code_of(Method::POST, &reject, refuse(packed, key)).await, 0, "once");
    assert_eq!(seller.code_of(Method::POST, &reject, refuse(packed, &[])).await, 25_011_011);
    let agree = format!("{path}/approve");
    assert_eq!(seller.code_of(Method::POST, &agree, of(FIRST, json!({}))).await, 25_020_009);
    assert_eq!(seller.order(FIRST, &id).await["is_buyer_request_cancel"], false);
}

#[tokio::test]
async fn stock_is_refused_row_by_row_inside_an_answer_that_says_all_is_well() {
    let seller = Seller::open(quiet()).await;
    let given = seller.control("GET", "credentials", &Value::Null);
    let named = |sku: &str| {
        let products = given["products"].as_array().unwrap();
        let id = products.iter().find(|it| it["sku"] == sku).unwrap()["product_id"].clone();
        let (product, sku) = id.as_str().unwrap().split_once('-').unwrap();
        (product.to_owned(), sku.to_owned())
    };
    let ((product, medium), (_, large)) = (named("KAUS-KOPI-M"), named("KAUS-KOPI-L"));
    let path = format!("/product/202309/products/{product}/inventory/update");
    let mine = "6955000000000000001";
    let row = |sku: &str, places: &[(&str, i64)]| {
        let places = places.iter().map(|(id, n)| json!({"warehouse_id": id, "quantity": n}));
        json!({"id": sku, "inventory": places.collect::<Vec<_>>()})
    };
    let told = async |rows: Vec<Value>| {
        let answer = seller.ask(Method::POST, &path, of(FIRST, json!({ "skus": rows }))).await;
        assert_eq!(answer["code"], 0, "{answer}");
        let errors = answer["data"]["errors"].as_array().unwrap().clone();
        let code = |error: &Value| error["detail"]["extra_errors"][0]["code"].as_i64().unwrap();
        errors.iter().map(code).collect::<Vec<i64>>()
    };
    let both = vec![row(&medium, &[(mine, 7)]), row(&large, &[("1", 3)])];
    assert_eq!(told(both).await, [12_052_097]);
    let left =
        |sku: &str| seller.control("GET", &format!("stock/{sku}"), &Value::Null)["stock"].clone();
    assert_eq!((left("KAUS-KOPI-M"), left("KAUS-KOPI-L")), (json!(7), json!(70)));
    assert_eq!(told(vec![row(&medium, &[("6955000000000000002", 1)])]).await, [12_052_530]);
    assert_eq!(told(vec![row(&medium, &[])]).await, [12_019_028]);
    assert_eq!(told(vec![row(&medium, &[(mine, 100_000)])]).await, [12_052_055]);
    assert_eq!(told(vec![row("1", &[(mine, 1)])]).await, [12_052_556]);
    assert_eq!(told(vec![row(&medium, &[(mine, 0)])]).await, [0_i64; 0]);
    let other = "/product/202309/products/1/inventory/update";
    let body = json!({"skus": [row(&medium, &[(mine, 1)])]});
    assert_eq!(seller.code_of(Method::POST, other, of(FIRST, body)).await, 12_052_032);
}

#[tokio::test]
async fn an_hour_after_the_payment_an_order_is_ready_by_itself() {
    let config = Config { auto_transitions: true, ..quiet() };
    let seller = Seller::open(config).await;
    let id = seller.place(None, &[("GAYO-250", 1)]);
    seller.sandbox.clock().advance(3_601);
    let ready = async {
        while seller.control("GET", &format!("orders/{id}"), &Value::Null)["status"]
            != "AWAITING_SHIPMENT"
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), ready).await.unwrap();
}
