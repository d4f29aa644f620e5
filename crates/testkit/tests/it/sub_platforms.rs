//! A shop whose orders are sold under two names of its channel: each order has its name, is found by it,
//! and keeps it while it moves.

use std::collections::BTreeMap;

use dermaga_domain::term::Tab;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::{Counts, Query, View};
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

fn under(name: &str) -> Query {
    Query { sub_platform: Some(name.to_owned()), limit: 100, ..Query::default() }
}

async fn found(app: &App, name: &str) -> Vec<String> {
    let page = app.engine.store().list_orders(&Scope::all(app.org), &under(name)).await.unwrap();
    let mut numbers: Vec<String> =
        page.orders.into_iter().map(|order| order.channel_order_id).collect();
    numbers.sort();
    numbers
}

async fn counts(app: &App, name: &str) -> Counts {
    app.engine.store().view_counts(&Scope::all(app.org), &under(name)).await.unwrap()
}

async fn rows(app: &App) -> BTreeMap<String, i64> {
    app.engine.store().row_counts(app.org).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn orders_of_a_shop_that_moved_are_told_apart_and_found() {
    both(Setup::of("tiktok"), async |app| {
        app.stock(SKU, 50).await.unwrap();
        let mut ids: Vec<String> = (0..9).map(|_| app.place(SKU, 1, true).unwrap()).collect();
        ids.sort();
        app.hear().await.unwrap();
        app.pull().await.unwrap();
        let (moved, own) = (found(app, "tokopedia").await, found(app, "tiktok_shop").await);
        // The sandbox sells every third order under the second name.
        assert_eq!((moved.len(), own.len()), (3, 6));
        let mut all = [moved.clone(), own.clone()].concat();
        all.sort();
        assert_eq!(all, ids, "each has one name");
        for id in &moved {
            let order = app.order(id).await.unwrap();
            assert_eq!(order.sub_platform.as_deref(), Some("tokopedia"));
            assert_eq!(order.channel, "tiktok");
        }

        // Read again, nothing has changed and nothing is written.
        app.pull().await.unwrap();
        let (before, feed) = (rows(app).await, app.feed_end().await.unwrap());
        assert!(before["sub_platform_count"] > 0);
        app.pull().await.unwrap();
        let mut after = rows(app).await;
        after.insert("exchange".to_owned(), before["exchange"]);
        assert_eq!((after, app.feed_end().await.unwrap()), (before, feed));

        // One is cancelled: it moves within its name.
        let all = counts(app, "tokopedia").await.of(View::All);
        app.advance(60);
        app.at_channel(&moved[0], "cancel", &json!({"by": "buyer"})).unwrap();
        app.hear().await.unwrap();
        app.pull().await.unwrap();
        let (theirs, others) = (counts(app, "tokopedia").await, counts(app, "tiktok_shop").await);
        assert_eq!((theirs.of(View::All), all), (3, 3));
        assert_eq!(theirs.of(View::Tab(Tab::Cancelled)), 1);
        assert_eq!(others.of(View::Tab(Tab::Cancelled)), 0);
        assert_eq!(found(app, "tokopedia").await, moved);
        let violations = app.engine.store().find_violations(app.org).await.unwrap();
        assert_eq!(violations, []);
    })
    .await;
}
