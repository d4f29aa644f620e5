//! One fetch that several asked for.

use dermaga_testkit::{Setup, both};
use serde_json::json;

#[tokio::test]
async fn a_fetch_that_serves_a_webhook_and_a_download_is_heard_in_both_modes() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        app.pause_tasks().await.unwrap();
        let id = app.place("GAYO-250", 1, true).unwrap();
        app.advance(60);
        app.at_channel(&id, "accept", &json!({})).unwrap();
        app.delivered().await.unwrap();
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        let before = app.calls_to("order_detail").unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.calls_to("order_detail").unwrap(), before + 1);
        let facts = app.facts(&id).await.unwrap();
        for fact in ["220 realtime", "220 download", "400 realtime", "400 download"] {
            assert!(facts.iter().any(|heard| heard == fact), "{fact} is not in {facts:?}");
        }
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level("GAYO-250").await.unwrap(), (10, 1, 0, 0));
    })
    .await;
}
