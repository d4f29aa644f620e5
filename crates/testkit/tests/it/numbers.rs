//! The channel's invoice number as the order's number: a way to show and to search, never a key.

use dermaga_store::Shop;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::Query;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

async fn by_invoice(app: &App, on: bool) {
    let shop = app.shop(app.shops[0]).await.unwrap();
    let shop = Shop { number_by_invoice: on, ..shop };
    app.engine.change_shop(app.org, &shop).await.unwrap();
}

async fn count(app: &App) -> usize {
    let query = Query { limit: 100, ..Query::default() };
    app.engine.store().list_orders(&Scope::all(app.org), &query).await.unwrap().orders.len()
}

#[tokio::test]
async fn switching_the_number_duplicates_no_order() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        let id = app.place("GAYO-250", 1, true).unwrap();
        app.hear().await.unwrap();
        by_invoice(app, true).await;
        app.at_channel(&id, "accept", &json!({})).unwrap();
        app.pull().await.unwrap();
        assert_eq!(count(app).await, 1);
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        app.hear().await.unwrap();
        by_invoice(app, false).await;
        app.at_channel(&id, "ship", &json!({})).unwrap();
        app.pull().await.unwrap();
        assert_eq!(count(app).await, 1);
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
        assert_eq!(app.level("GAYO-250").await.unwrap(), (9, 0, 0, 0));

        let invoice = app.order(&id).await.unwrap().channel_invoice.unwrap();
        let query = Query { search: Some(invoice), limit: 10, ..Query::default() };
        let found = app.engine.store().list_orders(&Scope::all(app.org), &query).await.unwrap();
        assert_eq!(found.orders.len(), 1);
    })
    .await;
}
