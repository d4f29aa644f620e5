//! What may follow what, on the wire and through the control API.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Bench, COFFEE, FS, quiet};

/// Brings a new order to a status.
fn order_at(bench: &Bench, status: i64) -> String {
    let order = bench.place("GAYO-250", 2, status != 103);
    if status != 220 && status != 103 {
        bench.act(&order, "status", json!({ "status": status }));
    }
    order
}

fn path(order: &str, act: &str) -> String {
    format!("/v1/order/{order}/fs/{FS}/{act}")
}

const EVERY: [i64; 22] = [
    0, 3, 5, 6, 10, 15, 103, 220, 221, 400, 450, 500, 501, 520, 530, 540, 550, 600, 601, 690, 700,
    999,
];

/// Tries an act of the control API from every status; returns those it was allowed from.
fn allowed_from(act: &str, body: &Value) -> impl AsyncFn() -> Vec<i64> {
    let (act, body) = (act.to_owned(), body.clone());
    async move || {
        let bench = Bench::start(quiet()).await;
        let mut allowed = Vec::new();
        for status in EVERY {
            let order = order_at(&bench, status);
            let target = format!("orders/{order}/{act}");
            match bench.try_control(&Method::POST, &target, &body) {
                (200, _) => allowed.push(status),
                (409, refused) => assert_eq!(refused["error"], "wrong_status"),
                other => panic!("{act} from {status}: {other:?}"),
            }
        }
        allowed
    }
}

#[tokio::test]
async fn acts_are_allowed_from_these_statuses_only() {
    let none = json!({});
    let unsent = vec![103, 220, 221, 400, 450];
    let cases = [
        ("pay", none.clone(), vec![103]),
        ("accept", none.clone(), vec![220]),
        ("ship", none.clone(), vec![400, 450, 501, 520, 530]),
        ("deliver", none.clone(), vec![500, 540]),
        ("complete", none.clone(), vec![500, 540, 600, 601]),
        ("cancel", json!({"by": "buyer"}), unsent.clone()),
        ("cancel", json!({"by": "seller"}), unsent.clone()),
        ("cancel", json!({"by": "system", "status": 5}), unsent),
        ("return", json!({"reason": "rusak"}), vec![500, 540, 600]),
        ("partial", json!({"sku": "GAYO-250", "quantity_deliver": 1}), vec![220, 400, 450]),
        ("request-cancel", none, vec![400, 450, 500, 501, 520, 530, 540, 550]),
    ];
    for (act, body, expected) in cases {
        assert_eq!(allowed_from(act, &body)().await, expected, "{act} {body}");
    }
}

#[tokio::test]
async fn calls_are_allowed_from_these_statuses_only() {
    let cases: [(&str, Value, &[i64]); 4] = [
        ("ack", json!(null), &[220]),
        ("nack", json!({"reason_code": 5, "reason": "habis"}), &[220, 400]),
        ("nack", json!({"reason": "di jalan"}), &[220, 400, 450]),
        (
            "status",
            json!({"order_status": 500, "shipping_ref_num": "JNE1"}),
            &[400, 450, 500, 501, 520, 530],
        ),
    ];
    let bench =
        Bench::start(dermaga_sandbox::Config { lists_early_statuses: true, ..quiet() }).await;
    for (act, body, expected) in cases {
        let mut allowed = Vec::new();
        for status in EVERY {
            let order = order_at(&bench, status);
            let answer = bench.post(&path(&order, act), body.clone()).await;
            if answer.status == 200 {
                allowed.push(status);
            } else {
                assert_eq!(bench.detail(&order).await["order_status"], status, "unchanged");
            }
        }
        assert_eq!(allowed, expected, "{act}");
    }
}

#[tokio::test]
async fn a_shipment_told_again_changes_nothing_and_another_number_corrects_it() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    bench.act(&order, "accept", json!({}));
    let mut steps = Vec::new();
    for (awb, effect) in [("JNE1", true), ("JNE1", false), ("JNE2", true)] {
        let body = json!({"order_status": 500, "shipping_ref_num": awb});
        assert_eq!(bench.post(&path(&order, "status"), body).await.data(), "Success");
        let calls = bench.control(&Method::GET, "calls", json!(null));
        let last = calls["calls"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["effect"], json!(effect), "{last}");
        let detail = bench.detail(&order).await;
        assert_eq!(detail["order_info"]["shipping_info"]["awb"], awb);
        steps.push(detail["order_info"]["order_history"].as_array().unwrap().len());
    }
    assert_eq!((steps[1] - steps[0], steps[2] - steps[1]), (0, 1));
}

#[tokio::test]
async fn a_parcel_goes_from_acceptance_to_the_courier() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    let booking = format!("/v1/fs/{FS}/fulfillment_order?order_id={order}");
    let code = async || {
        let data = bench.get(&booking).await.data();
        data["order_data"][0]["booking_data"]["booking_code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code().await, "");
    bench.post(&path(&order, "ack"), json!(null)).await.data();
    let booked = code().await;
    assert_ne!(booked, "");
    let label = bench.get(&path(&order, "shipping-label?printed=1")).await;
    assert_eq!(label.headers["content-type"], "text/html; charset=utf-8");
    assert!(String::from_utf8_lossy(&label.body).contains(&booked));
    bench.advance(6);
    let number: i64 = order.parse().unwrap();
    let pick_up = json!({"order_id": number, "shop_id": COFFEE});
    let asked = bench.post(&format!("/inventory/v1/fs/{FS}/pick-up"), pick_up).await.data();
    assert_eq!(asked["request_time"], "2026-11-20 09:00:06");
    let shown = bench.act(&order, "ship", json!({}));
    assert_eq!(shown["status"], "500");
    assert_ne!(shown["awb"], booked, "booking code and tracking number are two things");
}

#[tokio::test]
async fn a_wrong_tracking_number_is_corrected() {
    let bench = Bench::start(quiet()).await;
    let order = order_at(&bench, 500);
    let awb = |shown: &Value| shown["awb"].as_str().unwrap().to_owned();
    let wrong = awb(&bench.act(&order, "status", json!({"status": 520})));
    let body = json!({"order_status": 500, "shipping_ref_num": "JNE000111222"});
    bench.post(&path(&order, "status"), body).await.data();
    let detail = bench.detail(&order).await;
    assert_eq!(detail["order_info"]["shipping_info"]["awb"], "JNE000111222");
    assert_ne!(wrong, "JNE000111222");
}

#[tokio::test]
async fn a_request_to_cancel_is_agreed_to_or_refused() {
    let bench = Bench::start(quiet()).await;
    for (agrees, status) in [(true, 10), (false, 400)] {
        let order = order_at(&bench, 400);
        bench.act(&order, "request-cancel", json!({"reason": "salah pesan"}));
        assert_eq!(bench.detail(&order).await["cancel_request_info"]["reason"], "salah pesan");
        if agrees {
            let body = json!({"reason_code": 8, "reason": "setuju"});
            bench.post(&path(&order, "nack"), body).await.data();
        } else {
            let target = path(&order, &format!("reject-cancel?shop_id={COFFEE}"));
            bench.post(&target, json!(null)).await.data();
        }
        let detail = bench.detail(&order).await;
        assert_eq!(detail["order_status"], status);
        assert_eq!(detail["cancel_request_info"], json!(null));
    }
}

#[tokio::test]
async fn a_rejection_for_empty_stock_empties_the_stock() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 1, true);
    let body = json!({"reason_code": 1, "reason": "habis", "empty_products": [15_250_001]});
    bench.post(&path(&order, "nack"), body).await.data();
    assert_eq!(bench.detail(&order).await["order_status"], 3);
    assert_eq!(bench.control(&Method::GET, "stock/GAYO-250", json!(null))["stock"], 0);
}

#[tokio::test]
async fn less_may_be_delivered_but_not_nothing() {
    let bench = Bench::start(quiet()).await;
    let order = bench.place("GAYO-250", 3, true);
    let partial = |quantity: i64| json!({"sku": "GAYO-250", "quantity_deliver": quantity});
    bench.act(&order, "partial", partial(1));
    let detail = bench.detail(&order).await;
    let line = &detail["order_info"]["order_detail"][0];
    assert_eq!((&line["quantity_deliver"], &line["quantity_reject"]), (&json!(1), &json!(2)));
    let target = format!("orders/{order}/partial");
    assert_eq!(bench.try_control(&Method::POST, &target, &partial(0)).0, 400);
    assert_eq!(bench.try_control(&Method::POST, &target, &partial(4)).0, 400);

    let asked = bench.place("GAYO-250", 3, true);
    let shown = bench.control(&Method::GET, &format!("orders/{asked}"), json!(null));
    let row = json!({"order_dtl_id": shown["lines"][0]["line_id"], "quantity_request": 2});
    bench.post(&path(&asked, "pof/request"), json!({"pof_detail": [row]})).await.data();
    assert_eq!(bench.detail(&asked).await["pof_info"]["pof_detail"][0]["quantity_request"], 2);
}

#[tokio::test]
async fn complaints_are_tickets_until_the_order_is_completed() {
    let bench = Bench::start(quiet()).await;
    let order = order_at(&bench, 600);
    bench.act(&order, "return", json!({"reason": "barang rusak"}));
    let target = format!(
        "/resolution/v1/fs/{FS}/ticket?shop_id={COFFEE}&from_date=2026-11-20&to_date=2026-11-20"
    );
    let ticket = |data: Value| data["shops"][0]["ticket"][0].clone();
    let open = ticket(bench.get(&target).await.data());
    assert_eq!((&open["status"], &open["problem_type"]), (&json!("open"), &json!("barang rusak")));
    bench.act(&order, "complete", json!({}));
    let closed = ticket(bench.get(&target).await.data());
    assert_eq!((&closed["status"], &closed["id"]), (&json!("closed"), &open["id"]));
    let before = target.replace("2026-11-20", "2026-11-19");
    assert_eq!(bench.get(&before).await.data()["shops"][0]["ticket"], json!([]));
}

#[tokio::test]
async fn the_channel_moves_orders_by_itself_when_their_time_has_come() {
    let bench = Bench::start(quiet()).await;
    let (late, kept) = (bench.place("GAYO-250", 1, true), bench.place("GAYO-250", 1, true));
    bench.act(&kept, "accept", json!({}));
    bench.advance(2 * 86_400 + 1);
    let status = |order: &str| {
        bench.control(&Method::GET, &format!("orders/{order}"), json!(null))["status"].clone()
    };
    crate::webhooks::until(|| status(&late) == "6").await;
    assert_eq!(status(&kept), "400");
    bench.act(&kept, "ship", json!({}));
    bench.act(&kept, "deliver", json!({}));
    bench.advance(2 * 86_400 + 1);
    crate::webhooks::until(|| status(&kept) == "700").await;
}
