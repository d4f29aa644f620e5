//! Every error code, provoked as `docs/sandbox.md` says.

use std::collections::BTreeSet;

use dermaga_sandbox::{Config, Rates};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, BATIK, Bench, COFFEE, FS, quiet};

const DOCUMENT: &str = include_str!("../../../../docs/sandbox.md");

/// One row of the table: code, HTTP status, recipe.
fn rows() -> Vec<(String, u16, String)> {
    let table = DOCUMENT.split("<!-- errors -->").nth(1).expect("the table of errors");
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(cell).collect();
        (cells[0].clone(), cells[1].parse().expect("an HTTP status"), cells[2].clone())
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[tokio::test]
async fn every_row_of_the_document_gives_its_code() {
    let rows = rows();
    assert!(rows.len() > 60, "the table was read: {} rows", rows.len());
    let mut seen = BTreeSet::new();
    for (code, status, recipe) in rows {
        assert!(seen.insert(recipe.clone()), "recipe {recipe} stands twice");
        let answer = provoke(&recipe).await;
        let expected = if code == "(empty)" { "" } else { &code };
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, status, "recipe {recipe}: {text}");
        assert_eq!(answer.code(), expected, "recipe {recipe}: {text}");
    }
}

async fn provoke(recipe: &str) -> Answer {
    let config = if recipe == "rate_exceeded" {
        Config { rates: Rates::Documented, ..quiet() }
    } else {
        quiet()
    };
    let bench = Bench::start(config).await;
    let (area, _) = recipe.split_once('_').expect("area and name");
    match area {
        "access" | "rate" => access(&bench, recipe).await,
        "list" => bench.get(&list(&bench, recipe)).await,
        "detail" => bench.get(&detail(&bench, recipe)).await,
        "booking" => bench.get(booking(recipe)).await,
        "ack" => ack(&bench, recipe).await,
        "pof" => pof(&bench, recipe).await,
        "nack" => nack(&bench, recipe).await,
        "refuse" => refuse(&bench, recipe).await,
        "pickup" => pickup(&bench, recipe).await,
        "ship" => ship(&bench, recipe).await,
        "label" => label(&bench).await,
        "product" => product(&bench, recipe).await,
        "stock" => stock(&bench, recipe).await,
        "shop" => bench.get(&format!("/v1/shop/fs/{FS}/shop-info?shop_id=x")).await,
        "ticket" => {
            let target = format!("/resolution/v1/fs/{FS}/ticket?from_date=1/2/2026&to_date=x");
            bench.get(&target).await
        }
        "upstream" => upstream(&bench, recipe).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn access(bench: &Bench, recipe: &str) -> Answer {
    let target = match recipe {
        "access_token_wrong" => {
            let headers = [("authorization", "Bearer wrong")];
            return bench.send(Method::GET, "/v1/fs/14999", &headers, "").await.unwrap();
        }
        "access_fs_other" => "/v1/fs/15000".to_owned(),
        "access_fs_bad" => "/v1/fs/abc".to_owned(),
        "access_fs_empty" => "/v2/order/list?from_date=1&to_date=2&page=1&per_page=1".to_owned(),
        "access_shop_unlinked" => format!("/v1/shop/fs/{FS}/shop-info?shop_id=480009"),
        "rate_exceeded" => {
            let target = format!("/v1/fs/{FS}");
            for left in (0..5).rev() {
                let answer = bench.get(&target).await;
                assert_eq!(answer.headers["x-ratelimit-remaining"], left.to_string());
            }
            target
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.get(&target).await
}

fn list(bench: &Bench, recipe: &str) -> String {
    let (from, to) = ((bench.now_s() - 60).to_string(), bench.now_s().to_string());
    let early = (bench.now_s() - 3 * 86_400).to_string();
    let (mut from, mut to, mut page, mut per_page, mut rest) =
        (from.as_str(), to.as_str(), "1", "100", "");
    match recipe {
        "list_from_empty" => from = "",
        "list_from_bad" => from = "yesterday",
        "list_to_empty" => to = "",
        "list_to_bad" => to = "now",
        "list_window_wide" => from = &early,
        "list_page_empty" => page = "",
        "list_page_bad" => page = "0",
        "list_per_page_empty" => per_page = "",
        "list_per_page_bad" => per_page = "101",
        "list_status_bad" => rest = "&status=new",
        "list_shop_bad" => rest = "&shop_id=x",
        "list_warehouse_bad" => rest = "&warehouse_id=x",
        "list_shop_and_warehouse" => rest = "&shop_id=480001&warehouse_id=341700",
        _ => panic!("recipe {recipe} is unknown"),
    }
    format!(
        "/v2/order/list?fs_id={FS}&from_date={from}&to_date={to}&page={page}&per_page={per_page}{rest}"
    )
}

fn detail(bench: &Bench, recipe: &str) -> String {
    let query = match recipe {
        "detail_key_empty" => String::new(),
        "detail_key_both" => "order_id=1&invoice_num=2".to_owned(),
        "detail_order_bad" => "order_id=x".to_owned(),
        "detail_unknown" => "order_id=1".to_owned(),
        "detail_unpaid" => format!("order_id={}", bench.place("GAYO-250", 1, false)),
        _ => panic!("recipe {recipe} is unknown"),
    };
    format!("/v2/fs/{FS}/order?{query}")
}

fn booking(recipe: &str) -> &'static str {
    match recipe {
        "booking_next_bad" => "/v1/fs/14999/fulfillment_order?shop_id=480001&next_order_id=x",
        _ => panic!("recipe {recipe} is unknown"),
    }
}

fn path(order: &str, act: &str) -> String {
    format!("/v1/order/{order}/fs/{FS}/{act}")
}

/// An order the channel's own warehouse stores and sends.
fn channel_order(bench: &Bench) -> String {
    let line = json!([{"sku": "GAYO-250", "quantity": 1}]);
    let body = json!({"lines": line, "fulfilled_by_channel": true});
    bench.control(&Method::POST, "orders", body)["order_id"].as_str().unwrap().to_owned()
}

async fn ack(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    match recipe {
        "ack_twice" => {
            assert_eq!(bench.post(&path(&order, "ack"), json!(null)).await.data(), "success");
            bench.post(&path(&order, "ack"), json!(null)).await
        }
        "ack_warehouse_other" => {
            bench.post(&format!("{}?warehouse_id=341701", path(&order, "ack")), json!(null)).await
        }
        "ack_channel_order" => bench.post(&path(&channel_order(bench), "ack"), json!(null)).await,
        _ => panic!("recipe {recipe} is unknown"),
    }
}

async fn pof(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 3, true);
    let line = bench.control(&Method::GET, &format!("orders/{order}"), json!(null));
    let line = line["lines"][0]["line_id"].clone();
    let body = match recipe {
        "pof_accepted" => {
            bench.act(&order, "accept", json!({}));
            json!({"pof_detail": [{"order_dtl_id": line, "quantity_request": 1}]})
        }
        "pof_empty" => json!({"pof_detail": []}),
        "pof_line_other" => json!({"pof_detail": [{"order_dtl_id": 1, "quantity_request": 1}]}),
        "pof_quantity" => json!({"pof_detail": [{"order_dtl_id": line, "quantity_request": 4}]}),
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.post(&path(&order, "pof/request"), body).await
}

async fn nack(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    let target = path(&order, "nack");
    let body = match recipe {
        "nack_body_empty" => json!(null),
        "nack_body_bad" => {
            return bench.try_call(Method::POST, &target, "{").await.unwrap();
        }
        "nack_shipped" => {
            bench.act(&order, "accept", json!({}));
            bench.act(&order, "ship", json!({}));
            json!({"reason_code": 5, "reason": "salah"})
        }
        "nack_reason_empty" => json!({"reason_code": 5}),
        "nack_products_bad" => json!({"reason_code": 1, "empty_products": ["x"]}),
        "nack_product_other" => json!({"reason_code": 1, "empty_products": [1]}),
        "nack_close_empty" => json!({"reason_code": 4, "shop_close_note": "Libur"}),
        "nack_close_bad" => json!({
            "reason_code": 4, "shop_close_end_date": "2026-11-30", "shop_close_note": "Libur",
        }),
        "nack_not_asked" => json!({"reason_code": 8, "reason": "pembeli"}),
        "nack_code_six" => json!({"reason_code": 6, "reason": "?"}),
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.post(&target, body).await
}

async fn refuse(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    bench.act(&order, "accept", json!({}));
    let shop = match recipe {
        "refuse_not_asked" => COFFEE,
        "refuse_shop_other" => BATIK,
        "refuse_shop_unlinked" => 480_009,
        _ => panic!("recipe {recipe} is unknown"),
    };
    let target = format!("{}?shop_id={shop}", path(&order, "reject-cancel"));
    bench.post(&target, json!(null)).await
}

async fn pickup(bench: &Bench, recipe: &str) -> Answer {
    let order: i64 = bench.place("GAYO-250", 1, true).parse().unwrap();
    let body = match recipe {
        "pickup_body_bad" => json!(null),
        "pickup_order_bad" => json!({"shop_id": COFFEE}),
        "pickup_shop_bad" => json!({"order_id": order}),
        "pickup_too_soon" => {
            bench.post(&path(&order.to_string(), "ack"), json!(null)).await.data();
            bench.advance(4);
            json!({"order_id": order, "shop_id": COFFEE})
        }
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.post(&format!("/inventory/v1/fs/{FS}/pick-up"), body).await
}

async fn ship(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    bench.act(&order, "accept", json!({}));
    let body = match recipe {
        "ship_awb_empty" => json!({"order_status": 500, "shipping_ref_num": " "}),
        "ship_status_other" => json!({"order_status": 600, "shipping_ref_num": "JNE1"}),
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.post(&path(&order, "status"), body).await
}

async fn label(bench: &Bench) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    bench.get(&path(&order, "shipping-label")).await
}

async fn product(bench: &Bench, recipe: &str) -> Answer {
    let query = match recipe {
        "product_shop_bad" => "shop_id=x&page=1&per_page=50",
        "product_page_empty" => "shop_id=480001&per_page=50",
        "product_per_page_bad" => "shop_id=480001&page=1&per_page=x",
        "product_per_page_range" => "shop_id=480001&page=1&per_page=51",
        "product_sort_range" => "shop_id=480001&page=1&per_page=50&sort=11",
        "product_unknown" => "product_id=1",
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.get(&format!("/inventory/v1/fs/{FS}/product/info?{query}")).await
}

async fn stock(bench: &Bench, recipe: &str) -> Answer {
    let row = json!({"sku": "GAYO-250", "new_stock": 1});
    let (query, body): (&str, Value) = match recipe {
        "stock_shop_empty" => ("", json!([row])),
        "stock_body_bad" => ("?shop_id=480001", json!(null)),
        "stock_rows_many" => ("?shop_id=480001", json!(vec![row; 101])),
        "stock_warehouse_other" => ("?shop_id=480001&warehouse_id=341701", json!([row])),
        "stock_negative" => ("?shop_id=480001", json!([{"sku": "GAYO-250", "new_stock": -1}])),
        "stock_no_int" => ("?shop_id=480001", json!([{"sku": "GAYO-250", "new_stock": "many"}])),
        "stock_no_array" => ("?shop_id=480001", row),
        "stock_key_empty" => ("?shop_id=480001", json!([{"new_stock": 1}])),
        _ => panic!("recipe {recipe} is unknown"),
    };
    bench.post(&format!("/inventory/v1/fs/{FS}/stock/update{query}"), body).await
}

async fn upstream(bench: &Bench, recipe: &str) -> Answer {
    let order = bench.place("GAYO-250", 1, true);
    let faults = json!({"probability": {"server_error": 1.0}});
    bench.control(&Method::PUT, "faults", faults);
    let target = match recipe {
        "upstream_orders" => format!("/v2/fs/{FS}/order?order_id={order}"),
        "upstream_ack" => path(&order, "ack"),
        "upstream_nack" => path(&order, "nack"),
        "upstream_pickup" => format!("/inventory/v1/fs/{FS}/pick-up"),
        "upstream_ship" => path(&order, "status"),
        "upstream_products" => format!("/inventory/v1/fs/{FS}/stock/update?shop_id={COFFEE}"),
        _ => panic!("recipe {recipe} is unknown"),
    };
    if recipe == "upstream_orders" {
        bench.get(&target).await
    } else {
        bench.post(&target, json!({})).await
    }
}
