//! A channel where each shop has a pair of tokens of its own, pushes are signed for their address, and
//! numbers and labels come later.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

async fn last(app: &App, order: &str) -> Command {
    let id = app.order(order).await.unwrap().id;
    app.engine.store().commands_of(app.org, id).await.unwrap().remove(0)
}

async fn give(app: &App, order: &str, kind: CommandKind, reason: Option<&str>) -> Command {
    let id = app.order(order).await.unwrap().id;
    let words = Words { reason: reason.map(str::to_owned), ..Words::default() };
    let scope = Scope::all(app.org);
    app.engine.command(&scope, &[id], kind, &words, Giver::Machine).await.unwrap();
    app.hear().await.unwrap();
    last(app, order).await
}

/// A minute later somebody acts, and the hub hears of it.
async fn act(app: &App, order: &str, act: &str) -> String {
    app.advance(60);
    app.at_channel(order, act, &json!({})).unwrap();
    app.hear().await.unwrap();
    app.said(order).await.unwrap()
}

#[tokio::test]
async fn pushes_bring_an_order_to_its_end_and_completed_pays() {
    both(Setup::of("shopee"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "none unsent unpaid unpaid");
        assert_eq!(act(app, &id, "pay").await, "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0));
        assert_eq!(act(app, &id, "ship").await, "invoice unsent unpaid ready_to_ship");
        assert_eq!(act(app, &id, "ship").await, "invoice sent unpaid in_delivery");
        assert_eq!(act(app, &id, "deliver").await, "invoice sent unpaid in_delivery");
        assert_eq!(act(app, &id, "complete").await, "invoice sent paid completed");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_only_pulled_ends_the_same_with_tokens_that_each_shop_renewed() {
    both(Setup { webhooks: false, ..Setup::of("shopee") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.pull().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        let asked = app.calls_to("token_refresh").unwrap();
        // The first tokens have ended twice over by now; what renews them is taken once.
        for step in ["ship", "ship"] {
            app.advance(5 * 3_600);
            app.at_channel(&id, step, &json!({})).unwrap();
            app.pull().await.unwrap();
        }
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
        assert!(app.calls_to("token_refresh").unwrap() >= asked + 4, "two shops, twice each");
    })
    .await;
}

#[tokio::test]
async fn a_courier_is_asked_and_a_label_is_waited_for() {
    both(Setup::of("shopee"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        let done = give(app, &id, CommandKind::Pickup, None).await;
        assert_eq!(done.state, CommandState::Done, "{done:?}");
        assert_eq!(app.status_there(&id).unwrap(), "PROCESSED");
        app.advance(60);
        app.hear().await.unwrap();
        let parcel = app.detail(&id).await.unwrap().packages.remove(0);
        assert!(parcel.awb.is_some(), "the number came by itself");
        let first = give(app, &id, CommandKind::Label, None).await;
        assert_ne!(first.state, CommandState::Done, "it is being made");
        for _ in 0..3 {
            app.advance(60);
            app.hear().await.unwrap();
        }
        assert_eq!(last(app, &id).await.state, CommandState::Done);
    })
    .await;
}

#[tokio::test]
async fn a_buyers_wish_to_cancel_is_refused_once_and_agreed_to_the_next_time() {
    both(Setup::of("shopee"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        let asked = "invoice unsent unpaid ready_to_ship !cancel_request";
        assert_eq!(act(app, &id, "request-cancel").await, asked);
        app.advance(60);
        let refused = give(app, &id, CommandKind::RefuseCancel, None).await;
        assert_eq!(refused.state, CommandState::Done, "{refused:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(act(app, &id, "request-cancel").await, asked);
        app.advance(60);
        let agreed = give(app, &id, CommandKind::AgreeCancel, None).await;
        assert_eq!(agreed.state, CommandState::Done, "{agreed:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid bin cancelled");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
    })
    .await;
}
