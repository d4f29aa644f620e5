//! Products and their stock.

use http::Method;
use serde_json::{Value, json};

use crate::client::{BATIK, Bench, COFFEE, FS, quiet};
use dermaga_sandbox::{Config, Rates};

fn stock_of(bench: &Bench, sku: &str) -> i64 {
    bench.control(&Method::GET, &format!("stock/{sku}"), json!(null))["stock"].as_i64().unwrap()
}

fn target(what: &str, rest: &str) -> String {
    format!("/inventory/v1/fs/{FS}/stock/{what}?shop_id={COFFEE}{rest}")
}

#[tokio::test]
async fn products_come_in_pages_until_null() {
    let bench = Bench::start(quiet()).await;
    let page = |n: u32| {
        format!("/inventory/v1/fs/{FS}/product/info?shop_id={COFFEE}&page={n}&per_page=5&sort=7")
    };
    let (one, two) = (bench.get(&page(1)).await.data(), bench.get(&page(2)).await.data());
    assert_eq!((one.as_array().unwrap().len(), two.as_array().unwrap().len()), (5, 4));
    assert_eq!(bench.get(&page(3)).await.data(), json!(null));
    let row = one.as_array().unwrap().iter().find(|row| row["other"]["sku"] == "GULA-AREN-500");
    let row = row.unwrap();
    assert_eq!(row["basic"]["name"], "Gula Aren Cair 500ml");
    assert_eq!(row["stock"], json!({"useStock": true, "value": 250, "stockWording": ""}));
    assert_eq!(row["warehouses"][0]["warehouseID"], 341_700);

    let both = bench.get(&format!("/inventory/v1/fs/{FS}/product/info?sku=GAYO-250")).await.data();
    let shops: Vec<_> =
        both.as_array().unwrap().iter().map(|row| &row["basic"]["shopID"]).collect();
    assert_eq!(shops, [COFFEE, BATIK]);
    let id = &both[0]["basic"]["productID"];
    let one = bench.get(&format!("/inventory/v1/fs/{FS}/product/info?product_id={id}")).await;
    assert_eq!(one.data()[0], both[0]);
}

#[tokio::test]
async fn failed_rows_stand_inside_a_success() {
    let bench = Bench::start(quiet()).await;
    let rows = json!([
        {"sku": "GAYO-250", "new_stock": 11},
        {"sku": "SARUNG-TENUN", "new_stock": 1},
        {"product_id": 15_250_002, "new_stock": 12},
        {"product_id": 99, "new_stock": 13},
    ]);
    let data = bench.post(&target("update", ""), rows).await.data();
    assert_eq!((&data["succeed_rows"], &data["failed_rows"]), (&json!(2), &json!(2)));
    let messages: Vec<_> =
        data["failed_rows_data"].as_array().unwrap().iter().map(|row| &row["message"]).collect();
    assert_eq!(messages, ["Invalid SKU.", "Invalid Product ID."]);
    assert_eq!((stock_of(&bench, "GAYO-250"), stock_of(&bench, "TORAJA-250")), (11, 12));
}

#[tokio::test]
async fn deltas_count_once_per_request_id() {
    let bench = Bench::start(quiet()).await;
    let rows = || json!([{"sku": "GAYO-250", "stock_value": 5}]);
    for _ in 0..2 {
        bench.post(&target("increment", "&request_id=abc-1"), rows()).await.data();
    }
    assert_eq!(stock_of(&bench, "GAYO-250"), 405);
    bench.post(&target("decrement", "&request_id=abc-2"), rows()).await.data();
    assert_eq!(stock_of(&bench, "GAYO-250"), 400);
    let over = json!([{"sku": "GAYO-250", "stock_value": 401}]);
    let data = bench.post(&target("decrement", ""), over).await.data();
    assert_eq!(data["failed_rows"], 1);
    assert_eq!(stock_of(&bench, "GAYO-250"), 400);
}

#[tokio::test]
async fn each_row_counts_against_the_rate() {
    let bench = Bench::start(Config { rates: Rates::Documented, ..quiet() }).await;
    let row = json!({"sku": "GAYO-250", "new_stock": 7});
    let rows = |count: usize| Value::from(vec![row.clone(); count]);
    assert_eq!(bench.post(&target("update", ""), rows(90)).await.data()["failed_rows"], 0);
    let data = bench.post(&target("update", ""), rows(30)).await.data();
    assert_eq!((&data["succeed_rows"], &data["failed_rows"]), (&json!(10), &json!(20)));
    assert_eq!(data["failed_rows_data"][0]["message"], "ERR_TOO_MANY_REQUEST");
}

#[tokio::test]
async fn a_sold_out_product_is_inactive_unless_asked_otherwise() {
    let bench = Bench::start(quiet()).await;
    let status = async |sku: &str| {
        let target = format!("/inventory/v1/fs/{FS}/product/info?sku={sku}&shop_id={COFFEE}");
        bench.get(&target).await.data()[0]["basic"]["status"].clone()
    };
    let nothing = |sku: &str| json!([{"sku": sku, "new_stock": 0}]);
    bench.post(&target("update", ""), nothing("GAYO-250")).await.data();
    let bypass = target("update", "&bypass_update_product_status=true");
    bench.post(&bypass, nothing("TORAJA-250")).await.data();
    assert_eq!((status("GAYO-250").await, status("TORAJA-250").await), (json!(3), json!(1)));
}

#[tokio::test]
async fn a_paid_order_takes_no_more_than_there_is_and_can_be_checked_before() {
    let bench = Bench::start(quiet()).await;
    let wish =
        |check: bool| json!({"lines": [{"sku": "LUWAK-100", "quantity": 7}], "check_stock": check});
    let (status, refused) = bench.try_control(&Method::POST, "orders", &wish(true));
    assert_eq!((status, &refused["error"]), (409, &json!("out_of_stock")));
    assert_eq!(stock_of(&bench, "LUWAK-100"), 6);
    bench.control(&Method::POST, "orders", wish(false));
    assert_eq!(stock_of(&bench, "LUWAK-100"), 0);
    bench.place("GAYO-250", 3, false);
    assert_eq!(stock_of(&bench, "GAYO-250"), 400, "an unpaid order takes nothing");
}
