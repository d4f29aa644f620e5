//! The course of an order, from placed to finished.

use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

async fn now(app: &App, id: &str) -> (String, (i64, i64, i64, i64)) {
    (app.said(id).await.unwrap(), app.level(SKU).await.unwrap())
}

fn seen(said: &str, level: (i64, i64, i64, i64)) -> (String, (i64, i64, i64, i64)) {
    (said.to_owned(), level)
}

/// The stock levels are on hand, allocated, reserved, short.
#[tokio::test]
async fn every_step_makes_the_documents_it_must() {
    both(Setup { early: true, ..Setup::of("tokopedia") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.pull().await.unwrap();
        assert_eq!(now(app, &id).await, seen("none unsent unpaid unpaid", (10, 0, 0, 0)));
        app.set_status(&id, "103").unwrap();
        app.pull().await.unwrap();
        assert_eq!(now(app, &id).await, seen("none unsent unpaid unpaid", (10, 0, 0, 0)));
        assert_eq!(app.documents(&id).await.unwrap(), Vec::<String>::new());

        app.at_channel(&id, "pay", &json!({})).unwrap();
        app.hear().await.unwrap();
        let order = seen("sales_order unsent unpaid new_order", (10, 0, 2, 0));
        assert_eq!(now(app, &id).await, order);
        assert_eq!(app.documents(&id).await.unwrap(), ["sales_order live"]);

        app.at_channel(&id, "accept", &json!({})).unwrap();
        app.hear().await.unwrap();
        let invoice = seen("invoice unsent unpaid ready_to_ship", (10, 2, 0, 0));
        assert_eq!(now(app, &id).await, invoice);
        assert_eq!(app.documents(&id).await.unwrap(), ["invoice live"]);
        app.set_status(&id, "450").unwrap();
        app.hear().await.unwrap();
        assert_eq!(now(app, &id).await, invoice);

        app.at_channel(&id, "ship", &json!({})).unwrap();
        app.hear().await.unwrap();
        let sent = seen("invoice sent unpaid in_delivery", (8, 0, 0, 0));
        assert_eq!(now(app, &id).await, sent);
        assert_eq!(app.documents(&id).await.unwrap(), ["delivery live", "invoice live"]);
        app.at_channel(&id, "deliver", &json!({})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(now(app, &id).await, sent);

        app.at_channel(&id, "complete", &json!({})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(now(app, &id).await, seen("invoice sent paid completed", (8, 0, 0, 0)));
        assert_eq!(
            app.documents(&id).await.unwrap(),
            ["delivery live", "invoice live", "payment live"]
        );
        an_invoice_keeps_the_number_it_had_as_a_sales_order(app, &id).await;
    })
    .await;
}

async fn an_invoice_keeps_the_number_it_had_as_a_sales_order(app: &App, id: &str) {
    let order = app.order(id).await.unwrap();
    let invoice = order.documents.iter().find(|document| document.kind == "invoice").unwrap();
    assert_eq!(invoice.number, "INV-000001");
    assert_eq!(invoice.sales_order_number.as_deref(), Some("SO-000001"));
    let verbs: Vec<&str> = app
        .detail(id)
        .await
        .unwrap()
        .transitions
        .iter()
        .map(|transition| transition.verb.as_str())
        .collect();
    assert_eq!(
        verbs,
        ["create_order", "convert_order_to_invoice", "create_outbound_logistic", "add_payment"]
    );
}

/// No webhook arrives, ever: the tasks alone bring the order from paid to finished.
#[tokio::test]
async fn an_order_that_is_only_pulled_ends_the_same() {
    both(Setup { webhooks: false, ..Setup::of("tokopedia") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.pull().await.unwrap();
        let order = seen("sales_order unsent unpaid new_order", (10, 0, 2, 0));
        assert_eq!(now(app, &id).await, order);
        for (act, said) in [
            ("accept", "invoice unsent unpaid ready_to_ship"),
            ("ship", "invoice sent unpaid in_delivery"),
            ("deliver", "invoice sent unpaid in_delivery"),
            ("complete", "invoice sent paid completed"),
        ] {
            app.at_channel(&id, act, &json!({})).unwrap();
            app.pull().await.unwrap();
            assert_eq!(app.said(&id).await.unwrap(), said, "after {act}");
        }
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
        assert_eq!(app.pushed().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

/// Every webhook comes twice and out of order.
#[tokio::test]
async fn duplicates_and_disorder_end_the_same() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        app.set_faults(&json!({
            "probability": {"webhook_duplicate": 1, "webhook_reorder": 0.5},
            "webhook_reorder_seconds": 30,
        }))
        .unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for act in ["accept", "ship", "deliver", "complete"] {
            app.at_channel(&id, act, &json!({})).unwrap();
            app.advance(7);
        }
        app.advance(60);
        app.hear().await.unwrap();
        let done = seen("invoice sent paid completed", (8, 0, 0, 0));
        assert_eq!(now(app, &id).await, done);
        assert_eq!(app.orders(&id).await.unwrap().len(), 1);
    })
    .await;
}
