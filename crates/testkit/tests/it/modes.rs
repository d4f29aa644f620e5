//! What is heard by itself and what somebody asked for, also by one fetch.

use dermaga_engine::{Steer, TaskKind};
use dermaga_store::command::Giver;
use dermaga_testkit::{App, Setup, both};
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

/// An order that is completed at the channel, of which the hub has heard up to its delivery.
async fn completed(app: &App) -> String {
    app.stock("GAYO-250", 10).await.unwrap();
    app.pause_tasks().await.unwrap();
    let id = app.place("GAYO-250", 1, true).unwrap();
    for act in ["accept", "ship", "ship", "deliver"] {
        app.advance(60);
        app.at_channel(&id, act, &json!({})).unwrap();
    }
    app.hear().await.unwrap();
    assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
    app.advance(60);
    id
}

/// The buyer confirms, and no webhook tells of it.
async fn confirms_unheard(app: &App, id: &str) {
    app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
    app.at_channel(id, "complete", &json!({})).unwrap();
    app.hear().await.unwrap();
    assert_eq!(app.said(id).await.unwrap(), "invoice sent unpaid in_delivery");
}

async fn download(app: &App, id: &str) {
    app.engine.download(app.org, app.shops[0], &[id.to_owned()]).await.unwrap();
}

/// A task that rested goes on, and has its turn.
async fn run_now(app: &App, kind: TaskKind) {
    for steer in [Steer::Resume, Steer::Run] {
        let shop = app.shops[0];
        app.engine.steer_task(app.org, shop, kind, steer, Giver::Machine).await.unwrap();
    }
}

const UNPAID: &str = "invoice sent unpaid completed";
const PAID: &str = "invoice sent paid completed";

#[tokio::test]
async fn money_that_only_a_download_tells_of_is_there_when_it_was_heard_before() {
    both(Setup::of("tiktok"), async |app| {
        let id = completed(app).await;
        app.at_channel(&id, "complete", &json!({})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), UNPAID);
        download(app, &id).await;
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), PAID);
    })
    .await;
}

#[tokio::test]
async fn money_that_only_a_download_tells_of_stays_when_it_is_heard_afterwards() {
    both(Setup::of("tiktok"), async |app| {
        let id = completed(app).await;
        confirms_unheard(app, &id).await;
        download(app, &id).await;
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), PAID);
        // The webhook comes after all, and the list and the look as well.
        app.set_faults(&json!({})).unwrap();
        app.set_status(&id, "COMPLETED").unwrap();
        for kind in [TaskKind::OrderPull, TaskKind::StatusUpdate] {
            run_now(app, kind).await;
        }
        app.pull().await.unwrap();
        let facts = app.facts(&id).await.unwrap();
        assert!(facts.iter().any(|fact| fact == "COMPLETED realtime"), "{facts:?}");
        assert_eq!(app.said(&id).await.unwrap(), PAID);
    })
    .await;
}

#[tokio::test]
async fn one_fetch_for_a_webhook_and_a_download_brings_the_money() {
    both(Setup::of("tiktok"), async |app| {
        let id = completed(app).await;
        app.at_channel(&id, "complete", &json!({})).unwrap();
        app.advance(1);
        app.delivered().await.unwrap();
        download(app, &id).await;
        let before = app.calls_to("order_detail").unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.calls_to("order_detail").unwrap(), before + 1);
        assert_eq!(app.said(&id).await.unwrap(), PAID);
    })
    .await;
}

#[tokio::test]
async fn what_a_task_hears_brings_no_money() {
    for kind in [TaskKind::OrderPull, TaskKind::StatusUpdate] {
        both(Setup::of("tiktok"), async |app| {
            let id = completed(app).await;
            confirms_unheard(app, &id).await;
            run_now(app, kind).await;
            app.hear().await.unwrap();
            assert_eq!(app.said(&id).await.unwrap(), UNPAID, "{kind:?}");
        })
        .await;
    }
}
