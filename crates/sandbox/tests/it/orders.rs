//! Reading orders and moving them.

use http::Method;
use serde_json::json;

use crate::client::{BATIK, Bench, COFFEE, FS, quiet};

fn list(bench: &Bench, from_s: i64, to_s: i64, rest: &str) -> String {
    let now_s = bench.now_s();
    format!("/v2/order/list?fs_id={FS}&from_date={}&to_date={}{rest}", now_s + from_s, now_s + to_s)
}

#[tokio::test]
async fn the_token_is_the_same_until_it_expires_and_is_asked_for_again_after_401() {
    let mut bench = Bench::start(quiet()).await;
    let first = bench.token.clone();
    assert_eq!(bench.renew().await["expires_in"], 2_592_000);
    assert_eq!(bench.token, first);
    bench.advance(2_592_000);
    let refused = bench.get(&format!("/v1/fs/{FS}")).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, ""));
    bench.renew().await;
    assert_ne!(bench.token, first);
    assert_eq!(bench.get(&format!("/v1/fs/{FS}")).await.status, 200);
    bench.sandbox.stop().await;
}

#[tokio::test]
async fn wrong_credentials_get_no_token() {
    let bench = Bench::start(quiet()).await;
    let basic = [("authorization", "Basic d3Jvbmc6d3Jvbmc=")];
    let target = "/token?grant_type=client_credentials";
    let answer = bench.send(Method::POST, target, &basic, "").await.unwrap();
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_paid_order_is_listed_and_detailed_and_lowers_the_stock() {
    let bench = Bench::start(quiet()).await;
    let id = bench.place("GAYO-250", 2, true);
    let target = list(&bench, -3_600, 1, "&page=1&per_page=100");
    let rows = bench.get(&target).await.data();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let row = &rows[0];
    assert_eq!(row["fs_id"], "14999");
    assert_eq!(row["order_id"].to_string(), id);
    assert_eq!(row["order_status"], 220);
    assert_eq!(row["products"][0]["weight"], 0.25);
    assert_eq!(row["amt"]["ttl_product_price"], 110_000);
    assert_eq!(row["create_time"], bench.now_s());

    let detail = bench.detail(&id).await;
    assert_eq!(detail["invoice_number"], row["invoice_ref_num"]);
    assert_eq!(detail["open_amt"], row["amt"]["ttl_amount"]);
    let line = &detail["order_info"]["order_detail"][0];
    assert_eq!((&line["quantity_deliver"], &line["quantity_reject"]), (&json!(2), &json!(0)));
    let history = detail["order_info"]["order_history"].as_array().unwrap();
    let codes: Vec<_> = history.iter().map(|step| step["hist_status_code"].clone()).collect();
    assert_eq!(codes, [220, 100]);
    // Nine in the morning in Jakarta, whatever the Z says.
    assert_eq!(history[1]["timestamp"], "2026-11-20T09:00:00.000000Z");
    assert_eq!(detail["cancel_request_info"], json!(null));

    let stock = bench.control(&Method::GET, "stock/GAYO-250", json!(null));
    assert_eq!(stock["stock"], 398);
    let invoice = detail["invoice_number"].as_str().unwrap();
    let same = bench.get(&format!("/v2/fs/{FS}/order?invoice_num={invoice}")).await.data();
    assert_eq!(same["order_id"], detail["order_id"]);
}

#[tokio::test]
async fn an_order_lives_from_unpaid_to_finished() {
    let bench = Bench::start(quiet()).await;
    let id = bench.place("GAYO-250", 1, false);
    let unknown = bench.get(&format!("/v2/fs/{FS}/order?order_id={id}")).await;
    assert_eq!(unknown.code(), "ORD_API_008");
    for (act, status) in
        [("pay", 220), ("accept", 400), ("ship", 500), ("deliver", 600), ("complete", 700)]
    {
        let shown = bench.act(&id, act, json!({}));
        assert_eq!(shown["status"], status.to_string());
        assert_eq!(bench.detail(&id).await["order_status"], status);
    }
    let detail = bench.detail(&id).await;
    assert_ne!(detail["order_info"]["shipping_info"]["awb"], "");
    let history = detail["order_info"]["order_history"].as_array().unwrap();
    assert_eq!(history.len(), 7);
    let times: Vec<_> = history.iter().map(|step| step["timestamp"].as_str().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {times:?}");
}

#[tokio::test]
async fn unpaid_orders_are_shown_only_when_the_setting_says_so() {
    let config = dermaga_sandbox::Config { lists_early_statuses: true, ..quiet() };
    let bench = Bench::start(config).await;
    let id = bench.place("GAYO-250", 1, false);
    assert_eq!(bench.detail(&id).await["order_status"], 103);
    let rows = bench.get(&list(&bench, -60, 1, "&page=1&per_page=1")).await.data();
    assert_eq!(rows[0]["order_status"], 103);

    let hidden = Bench::start(quiet()).await;
    hidden.place("GAYO-250", 1, false);
    let rows = hidden.get(&list(&hidden, -60, 1, "&page=1&per_page=1")).await.data();
    assert_eq!(rows, json!([]));
}

#[tokio::test]
async fn the_list_serves_three_days_in_windows_under_three_days() {
    let bench = Bench::start(quiet()).await;
    let day = 86_400;
    bench.control(
        &Method::POST,
        "orders",
        json!({"lines": [{"sku": "GAYO-250", "quantity": 1}], "seconds_ago": 2 * day, "count": 3}),
    );
    let rest = "&page=1&per_page=100";
    let found = bench.get(&list(&bench, -3 * day + 1, 0, rest)).await.data();
    assert_eq!(found.as_array().unwrap().len(), 3);
    let wide = bench.get(&list(&bench, -3 * day, 0, rest)).await;
    assert_eq!(wide.code(), "ORD_DLV_013");
    // A start before the third day finds nothing, however narrow the window.
    bench.advance(2 * 86_400);
    let old = bench.get(&list(&bench, -3 * day - 1, -2 * day, rest)).await.data();
    assert_eq!(old, json!([]));
    let page = |n: u32| list(&bench, -day, 0, &format!("&page={n}&per_page=2"));
    bench.place("GAYO-250", 1, true);
    bench.place("GAYO-250", 1, true);
    bench.place("GAYO-250", 1, true);
    let first = bench.get(&page(1)).await.data();
    let second = bench.get(&page(2)).await.data();
    let (first, second) = (first.as_array().unwrap(), second.as_array().unwrap());
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(first[1]["order_id"].as_i64() > second[0]["order_id"].as_i64(), "newest first");
}

#[tokio::test]
async fn a_list_is_of_one_shop_or_of_all_linked_ones() {
    let bench = Bench::start(quiet()).await;
    let line = json!([{"sku": "MUG-BATIK", "quantity": 1}]);
    for shop in [COFFEE, BATIK, 480_009] {
        let (status, _) =
            bench.try_control(&Method::POST, "orders", &json!({"shop_id": shop, "lines": line}));
        assert_eq!(status, if shop == 480_009 { 404 } else { 201 });
    }
    let rest = "&page=1&per_page=10";
    let all = bench.get(&list(&bench, -60, 1, rest)).await.data();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let one = bench.get(&list(&bench, -60, 1, &format!("{rest}&shop_id={BATIK}"))).await.data();
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(one[0]["shop_id"], BATIK);
    let by_warehouse = list(&bench, -60, 1, &format!("{rest}&warehouse_id=341701"));
    assert_eq!(bench.get(&by_warehouse).await.data(), one);
    let foreign = bench.get(&list(&bench, -60, 1, &format!("{rest}&shop_id=480009"))).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "RBAC_MDLW_001"));
}

#[tokio::test]
async fn booking_codes_are_paged_by_the_next_order() {
    let bench = Bench::start(quiet()).await;
    let mut booked = Vec::new();
    for _ in 0..5 {
        let order = bench.place("GAYO-250", 1, true);
        bench.act(&order, "accept", json!({}));
        booked.push(order.parse::<i64>().unwrap());
    }
    bench.place("GAYO-250", 1, true);
    let (mut next, mut seen) = (0, Vec::new());
    loop {
        let cursor = if next == 0 { String::new() } else { format!("&next_order_id={next}") };
        let target = format!("/v1/fs/{FS}/fulfillment_order?shop_id={COFFEE}&per_page=2{cursor}");
        let data = bench.get(&target).await.data();
        let rows = data["order_data"].as_array().unwrap();
        assert_eq!(data["first_order_id"], rows[0]["order"]["order_id"]);
        assert!(rows.len() <= 2);
        seen.extend(rows.iter().map(|row| row["order"]["order_id"].as_i64().unwrap()));
        next = data["next_order_id"].as_i64().unwrap();
        if next == 0 {
            break;
        }
    }
    assert_eq!(seen, booked, "those with a booking code, once each");
}

#[tokio::test]
async fn a_standing_sandbox_ends_in_order() {
    let bench = Bench::start(quiet()).await;
    let (control, channel) = (bench.sandbox.control_url(), bench.url.clone());
    bench.place("GAYO-250", 1, true);
    bench.sandbox.stop().await;
    for url in [control, channel] {
        let addr = url.replace("http://", "");
        tokio::net::TcpStream::connect(addr).await.unwrap_err();
    }
}
