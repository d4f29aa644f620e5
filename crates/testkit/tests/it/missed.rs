//! What nobody told, and what a list or a replica did not show when it was asked.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

/// A story for each channel, on both databases.
async fn at_each(channels: &[&'static str], story: impl AsyncFn(&App, &str)) {
    for channel in channels {
        both(Setup::of(channel), async |app| {
            app.stock(SKU, 1_000).await.unwrap();
            story(app, channel).await;
        })
        .await;
    }
}

#[tokio::test]
async fn an_order_that_is_paid_long_after_it_was_placed_is_found() {
    const CHANNELS: [&str; 5] = ["tokopedia", "tiktok", "lazada", "shopee", "woocommerce"];
    at_each(&CHANNELS, async |app, channel| {
        app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
        let id = app.place(SKU, 1, false).unwrap();
        for _ in 0..10 {
            app.pull().await.unwrap();
        }
        app.at_channel(&id, "pay", &json!({})).unwrap();
        for _ in 0..3 {
            app.pull().await.unwrap();
        }
        assert_eq!(app.orders(&id).await.unwrap().len(), 1, "{channel}");
    })
    .await;
}

#[tokio::test]
async fn an_old_state_is_no_sign_that_a_request_was_refused() {
    const TIKTOK: &str = "order_manage_list_action_respond_popup_reject_reason_buyer_agree";
    at_each(&["tokopedia", "tiktok", "lazada", "shopee"], async |app, channel| {
        let id = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        if channel != "shopee" {
            app.happens(&id, "accept", &json!({})).await.unwrap();
        }
        app.happens(&id, "request-cancel", &json!({"reason": "salah pesan"})).await.unwrap();
        assert!(app.said(&id).await.unwrap().ends_with("!cancel_request"), "{channel}");

        app.pause_tasks().await.unwrap();
        app.advance(60);
        // The request is not taken, and the look after it shows the order as it was before.
        let one = json!({"server_error": 1, "stale_read": 1});
        app.set_faults(&json!({"probability": one, "limit": one})).unwrap();
        let order = app.order(&id).await.unwrap().id;
        let scope = Scope::all(app.org);
        let kind = CommandKind::RefuseCancel;
        let reason = (*channel == *"tiktok").then(|| TIKTOK.to_owned());
        let words = Words { reason, ..Words::default() };
        app.engine.command(&scope, &[order], kind, &words, Giver::Machine).await.unwrap();
        app.hear().await.unwrap();
        for _ in 0..3 {
            app.pull().await.unwrap();
        }
        let command = app.engine.store().commands_of(app.org, order).await.unwrap().remove(0);
        assert_eq!(command.state, CommandState::Done, "{channel}: {command:?}");
        let there = app.channel("GET", &format!("orders/{id}"), &json!(null)).unwrap();
        assert_ne!(there["cancel_request"]["open"], json!(true), "{channel}: {there}");
        assert!(!app.said(&id).await.unwrap().contains("cancel_request"), "{channel}");
    })
    .await;
}
