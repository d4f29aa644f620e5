//! Orders that are cancelled, in whole or in part.

use dermaga_domain::id::SkuId;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";
const IN_BIN: &str = "invoice unsent unpaid bin cancelled";

async fn accepted(app: &App, quantity: i64) -> String {
    let id = app.place(SKU, quantity, true).unwrap();
    app.hear().await.unwrap();
    app.advance(60);
    app.at_channel(&id, "accept", &json!({})).unwrap();
    app.hear().await.unwrap();
    app.advance(60);
    id
}

/// How often units were given back to what can be sold.
async fn releases(app: &App, id: &str) -> usize {
    let movements = app.detail(id).await.unwrap().movements;
    movements.iter().filter(|movement| movement.kind == "release").count()
}

#[tokio::test]
async fn before_it_is_sent_it_goes_to_the_bin_and_its_stock_comes_back_once() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let profile = json!({"probability": {"webhook_duplicate": 1}});
        app.set_faults(&profile).unwrap();
        let id = accepted(app, 3).await;
        assert_eq!(app.level(SKU).await.unwrap(), (10, 3, 0, 0));

        app.at_channel(&id, "cancel", &json!({"by": "buyer"})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), IN_BIN);
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
        assert_eq!(app.documents(&id).await.unwrap(), ["invoice bin"]);
        assert_eq!(releases(app, &id).await, 1);

        // Heard again by pull and by download, it is cancelled no second time.
        app.pull().await.unwrap();
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), IN_BIN);
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
        assert_eq!(releases(app, &id).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_sales_order_goes_to_the_bin_as_well() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 3, true).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 3, 0));
        app.at_channel(&id, "cancel", &json!({"by": "seller"})).unwrap();
        app.hear().await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "sales_order unsent unpaid bin cancelled");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn after_it_is_sent_the_invoice_stays() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = accepted(app, 3).await;
        app.at_channel(&id, "ship", &json!({})).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        app.set_status(&id, "10").unwrap();
        app.hear().await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "invoice sent unpaid cancelled !cancelled_after_sent");
        assert_eq!(app.level(SKU).await.unwrap(), (7, 0, 0, 0));
        assert_eq!(app.documents(&id).await.unwrap(), ["delivery live", "invoice live"]);
    })
    .await;
}

#[tokio::test]
async fn a_delayed_shipment_takes_the_invoice_out_of_the_bin() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = accepted(app, 3).await;
        app.at_channel(&id, "cancel", &json!({"by": "buyer"})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), IN_BIN);
        app.advance(60);
        app.set_status(&id, "500").unwrap();
        app.hear().await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "invoice sent unpaid in_delivery !cancelled_after_sent");
        assert_eq!(app.level(SKU).await.unwrap(), (7, 0, 0, 0));
        let verbs = app.detail(&id).await.unwrap().transitions;
        assert!(verbs.iter().any(|transition| transition.verb.as_str() == "restore_invoice"));
    })
    .await;
}

#[tokio::test]
async fn a_part_that_is_not_delivered_leaves_the_invoice_and_its_stock() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = accepted(app, 3).await;
        app.at_channel(&id, "partial", &json!({"sku": SKU, "quantity_deliver": 2})).unwrap();
        app.pull().await.unwrap();
        let order = app.order(&id).await.unwrap();
        let line = &order.lines[0];
        assert_eq!((line.quantity, line.cancelled, line.live), (3, 1, 2));
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0));

        // What is shipped is what is left of it.
        app.at_channel(&id, "ship", &json!({})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn for_want_of_stock_it_opens_an_incident_on_the_sku() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let scope = Scope::all(app.org);
        let incidents = async || {
            let open = app.engine.store().open_incidents(&scope, SkuId(0), 10).await.unwrap();
            open.into_iter().map(|open| (open.code, open.kind, open.order)).collect::<Vec<_>>()
        };
        for code in ["3", "6"] {
            let id = accepted(app, 3).await;
            assert_eq!(incidents().await, []);
            app.set_status(&id, code).unwrap();
            app.hear().await.unwrap();
            let said = app.said(&id).await.unwrap();
            assert_eq!(said, format!("{IN_BIN} !out_of_stock"), "{code}");
            assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0), "{code}");
            let order = app.order(&id).await.unwrap().id;
            let opened = (SKU.to_owned(), "out_of_stock".to_owned(), Some(order));
            assert_eq!(incidents().await, [opened], "{code}");

            // Whoever counts the shelf ends it; hearing the same once more opens no other.
            app.count(SKU, 10).await.unwrap();
            app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
            app.hear().await.unwrap();
            assert_eq!(incidents().await, [], "{code}");
        }
        // Cancelled for another reason: nothing is said of the stock.
        let id = accepted(app, 3).await;
        app.at_channel(&id, "cancel", &json!({"by": "buyer"})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(incidents().await, []);
    })
    .await;
}
