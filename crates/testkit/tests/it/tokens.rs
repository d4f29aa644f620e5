//! Tokens that end.

use dermaga_testkit::{Setup, both};
use serde_json::json;

#[tokio::test]
async fn a_token_that_ends_midway_is_renewed_once() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 100).await.unwrap();
        app.pull().await.unwrap();
        let tokens = app.calls_to("token").unwrap();
        let ids: Vec<String> = (0..20).map(|_| app.place("GAYO-250", 1, true).unwrap()).collect();
        app.delivered().await.unwrap();
        app.set_faults(&json!({
            "shop_id": 480001, "probability": {"token_expiry": 1}, "limit": {"token_expiry": 1},
        }))
        .unwrap();
        app.engine.settle().await.unwrap();
        for id in &ids {
            let facts = app.facts(id).await.unwrap();
            assert!(facts.iter().any(|fact| fact == "220 realtime"), "{id} was not fetched");
        }
        assert_eq!(app.calls_to("token").unwrap(), tokens + 1);
    })
    .await;
}

/// A token whose time is over is not even tried.
#[tokio::test]
async fn a_token_whose_time_is_over_is_renewed_first() {
    both(Setup { token_seconds: 3_600, ..Setup::of("tokopedia") }, async |app| {
        app.pull().await.unwrap();
        let tokens = app.calls_to("token").unwrap();
        app.advance(3_600);
        app.pull().await.unwrap();
        assert_eq!(app.calls_to("token").unwrap(), tokens + 1);
        let calls = app.channel("GET", "calls?limit=10000", &json!(null)).unwrap();
        let calls = calls["calls"].as_array().unwrap();
        assert!(calls.iter().all(|call| call["status"] != json!(401)));
    })
    .await;
}
