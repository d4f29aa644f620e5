//! What comes to the webhook's address, and what becomes of it.

use dermaga_channel::sign::hmac_sha256;
use dermaga_testkit::{App, Setup, WEBHOOK_SECRET, both};

const HEADER: &str = "authorization-hmac";

async fn post(app: &App, kind: &str, body: &str) -> u16 {
    let signature = hex::encode(hmac_sha256(WEBHOOK_SECRET.as_bytes(), body.as_bytes()));
    app.post(kind, &[(HEADER, &signature)], body.as_bytes()).await.unwrap()
}

#[tokio::test]
async fn a_signed_body_that_cannot_be_read_becomes_a_dead_letter_and_stops_nothing() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        assert_eq!(post(app, "order_status", "{\"order_id\": 1, \"shop_id\":").await, 200);
        assert_eq!(post(app, "order_status", "{\"shop_id\": 480001}").await, 200);
        assert_eq!(post(app, "nobody_knows", "{\"shop_id\": 480001}").await, 200);
        let id = app.place("GAYO-250", 1, true).unwrap();
        app.hear().await.unwrap();
        let kept = app.pushed().await.unwrap();
        assert_eq!(kept.len(), 4, "{kept:?}");
        assert!(kept[..3].iter().all(|line| line.contains(" dead: DMG-0302")), "{kept:?}");
        assert_eq!(kept[3], "order_notification done");
        assert_eq!(app.said(&id).await.unwrap(), "sales_order unsent unpaid new_order");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_signed_is_not_kept() {
    both(Setup::of("tokopedia"), async |app| {
        let body = br#"{"order_id": 1, "shop_id": 480001, "order_status": 700}"#;
        assert_eq!(app.post("order_status", &[], body).await.unwrap(), 401);
        let wrong = [(HEADER, "00".repeat(32))];
        let wrong: Vec<(&str, &str)> =
            wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(app.post("order_status", &wrong, body).await.unwrap(), 401);
        let long = vec![b' '; 1024 * 1024 + 1];
        assert_eq!(app.post("order_status", &wrong, &long).await.unwrap(), 413);
        app.engine.settle().await.unwrap();
        assert_eq!(app.pushed().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

/// Signed for a shop that is not connected: acknowledged, and no order of anybody's.
#[tokio::test]
async fn another_shops_order_is_nobodys() {
    both(Setup::of("tokopedia"), async |app| {
        let body = r#"{"order_id": 77, "shop_id": 480009, "order_status": 400}"#;
        assert_eq!(post(app, "order_status", body).await, 200);
        app.hear().await.unwrap();
        assert!(app.orders("77").await.unwrap().is_empty());
        assert_eq!(app.pushed().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

/// A replayed body says nothing new, and makes the hub look again, once.
#[tokio::test]
async fn a_replay_is_no_news() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        app.pause_tasks().await.unwrap();
        let id = app.place("GAYO-250", 1, true).unwrap();
        app.advance(60);
        app.set_status(&id, "400").unwrap();
        app.hear().await.unwrap();
        let body = format!(r#"{{"order_id": {id}, "shop_id": 480001, "order_status": 400}}"#);
        assert_eq!(post(app, "order_status", &body).await, 200);
        app.hear().await.unwrap();
        let (facts, asked) = (app.facts(&id).await.unwrap(), app.calls_to("order_detail").unwrap());
        for _ in 0..5 {
            assert_eq!(post(app, "order_status", &body).await, 200);
        }
        app.hear().await.unwrap();
        assert_eq!(app.facts(&id).await.unwrap(), facts);
        assert_eq!(app.calls_to("order_detail").unwrap(), asked + 1);
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
    })
    .await;
}
