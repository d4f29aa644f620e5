//! Reading again what has not changed leaves no trace but where the reading stands.

use std::collections::BTreeMap;

use dermaga_testkit::{App, Setup, both};
use serde_json::json;

async fn rows(app: &App) -> BTreeMap<String, i64> {
    app.engine.store().row_counts(app.org).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn an_unchanged_read_writes_the_cursor_and_the_transmit_log_only() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        let ids: Vec<String> = (0..4).map(|_| app.place("GAYO-250", 1, true).unwrap()).collect();
        app.advance(60);
        app.at_channel(&ids[1], "accept", &json!({})).unwrap();
        app.at_channel(&ids[2], "cancel", &json!({"by": "buyer"})).unwrap();
        app.at_channel(&ids[3], "accept", &json!({})).unwrap();
        app.at_channel(&ids[3], "ship", &json!({})).unwrap();
        app.pull().await.unwrap();
        app.pull().await.unwrap();

        let (before, feed) = (rows(app).await, app.feed_end().await.unwrap());
        let mut orders = Vec::new();
        for id in &ids {
            orders.push(app.detail(id).await.unwrap());
        }
        let asked = app.calls_to("order_detail").unwrap();
        app.pull().await.unwrap();
        app.pull().await.unwrap();
        assert!(app.calls_to("order_detail").unwrap() >= asked + 2 * ids.len(), "they were read");
        let mut after = rows(app).await;
        assert!(after["exchange"] > before["exchange"]);
        after.insert("exchange".to_owned(), before["exchange"]);
        assert_eq!(after, before);
        assert_eq!(app.feed_end().await.unwrap(), feed);
        for (id, order) in ids.iter().zip(orders) {
            assert_eq!(app.detail(id).await.unwrap(), order);
        }
    })
    .await;
}
