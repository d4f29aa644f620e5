//! A channel that the seller opens in the browser: tokens that are renewed, rows of one unit, parcels
//! that are there from the payment, and money that is heard of only when it is asked for.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Power, Setup, both, consent_again};
use serde_json::json;

const SKU: &str = "GAYO-250";

async fn give(app: &App, order: &str, kind: CommandKind, reason: Option<&str>) -> Command {
    let id = app.order(order).await.unwrap().id;
    let words = Words { reason: reason.map(str::to_owned), ..Words::default() };
    let scope = Scope::all(app.org);
    app.engine.command(&scope, &[id], kind, &words, Giver::Machine).await.unwrap();
    app.hear().await.unwrap();
    app.engine.store().commands_of(app.org, id).await.unwrap().remove(0)
}

/// A minute later somebody acts, and the hub hears of it.
async fn act(app: &App, order: &str, act: &str) -> String {
    app.advance(60);
    app.at_channel(order, act, &json!({})).unwrap();
    app.hear().await.unwrap();
    app.said(order).await.unwrap()
}

#[tokio::test]
async fn completed_is_sent_when_it_is_heard_and_paid_when_it_is_asked_for() {
    both(Setup::of("tiktok"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "none unsent unpaid unpaid");
        assert_eq!(act(app, &id, "pay").await, "invoice unsent unpaid new_order !on_hold");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0), "two rows are two units");
        assert_eq!(act(app, &id, "accept").await, "invoice unsent unpaid ready_to_ship");
        assert_eq!(act(app, &id, "ship").await, "invoice unsent unpaid ready_to_ship");
        assert_eq!(act(app, &id, "ship").await, "invoice sent unpaid in_delivery");
        assert_eq!(act(app, &id, "deliver").await, "invoice sent unpaid in_delivery");
        assert_eq!(act(app, &id, "complete").await, "invoice sent unpaid completed");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent paid completed");
    })
    .await;
}

#[tokio::test]
async fn a_downloaded_order_that_nobody_heard_of_is_one_invoice_sent_and_paid() {
    both(Setup { webhooks: false, ..Setup::of("tiktok") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        app.pause_tasks().await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for step in ["accept", "ship", "ship", "deliver", "complete"] {
            app.advance(60);
            app.at_channel(&id, step, &json!({})).unwrap();
        }
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent paid completed");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
        assert_eq!(app.orders(&id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_only_pulled_ends_the_same_with_a_token_that_was_renewed() {
    both(Setup { webhooks: false, ..Setup::of("tiktok") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.pull().await.unwrap();
        let held = "invoice unsent unpaid new_order !on_hold";
        assert_eq!(app.said(&id).await.unwrap(), held);
        let asked = app.calls_to("token_refresh").unwrap();
        // The first token has ended by now.
        app.advance(8 * 86_400);
        for step in ["accept", "ship", "ship"] {
            app.at_channel(&id, step, &json!({})).unwrap();
        }
        app.pull().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
        assert!(app.calls_to("token_refresh").unwrap() > asked);
    })
    .await;
}

#[tokio::test]
async fn a_part_is_sent_while_another_parcel_waits_and_a_cancelled_unit_leaves() {
    both(Setup::of("tiktok"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        app.stock("TAS-ANYAM", 10).await.unwrap();
        let lines = json!([{"sku": SKU, "quantity": 3}, {"sku": "TAS-ANYAM", "quantity": 1}]);
        let placed = app.channel("POST", "orders", &json!({"lines": lines})).unwrap();
        let id = placed["order_id"].as_str().unwrap().to_owned();
        app.hear().await.unwrap();
        app.at_channel(&id, "partial", &json!({"sku": SKU, "quantity_deliver": 2})).unwrap();
        act(app, &id, "accept").await;
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0), "one of three is cancelled");
        assert_eq!(app.detail(&id).await.unwrap().packages.len(), 2);
        let done = give(app, &id, CommandKind::Ship, None).await;
        assert_eq!(done.state, CommandState::Done, "{done:?}");
        assert_eq!(app.status_there(&id).unwrap(), "AWAITING_COLLECTION");
        let numbers = app.detail(&id).await.unwrap();
        assert!(numbers.packages.iter().all(|package| package.awb.is_some()));
        let label = give(app, &id, CommandKind::Label, None).await;
        assert_eq!(label.state, CommandState::Done, "{label:?}");
        app.at_channel(&id, "status", &json!({"status": "PARTIALLY_SHIPPING"})).unwrap();
        app.hear().await.unwrap();
        assert!(app.said(&id).await.unwrap().starts_with("invoice partly_sent unpaid"));
    })
    .await;
}

#[tokio::test]
async fn a_buyers_wish_to_cancel_is_refused_once_and_agreed_to_the_next_time() {
    both(Setup::of("tiktok"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        act(app, &id, "accept").await;
        let asked = "invoice unsent unpaid ready_to_ship !cancel_request";
        assert_eq!(act(app, &id, "request-cancel").await, asked);
        let reason = Some("seller_reject_apply_product_has_been_packed");
        let refused = give(app, &id, CommandKind::RefuseCancel, reason).await;
        assert_eq!(refused.state, CommandState::Done, "{refused:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(act(app, &id, "request-cancel").await, asked);
        let agreed = give(app, &id, CommandKind::AgreeCancel, None).await;
        assert_eq!(agreed.state, CommandState::Done, "{agreed:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid bin cancelled");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn webhooks_that_come_twice_late_and_turned_around_change_nothing() {
    both(Setup::of("tiktok"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let faults = json!({"probability": {
            "webhook_duplicate": 0.5, "webhook_reorder": 0.5, "webhook_delay": 0.3, "webhook_drop": 0.2,
        }});
        app.set_faults(&faults).unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for step in ["accept", "ship", "ship", "deliver", "complete"] {
            app.advance(60);
            app.at_channel(&id, step, &json!({})).unwrap();
        }
        app.set_faults(&json!({})).unwrap();
        app.advance(60);
        app.hear().await.unwrap();
        app.pull().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid completed");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
    })
    .await;
}

/// What was entered and what it gave are kept together: a hub that stops on the way can still speak.
#[tokio::test]
async fn a_consent_that_is_cut_off_leaves_a_connection_that_speaks() {
    let power = Power::default();
    let setup = Setup { power: Some(power.clone()), ..Setup::of("tiktok") };
    both(setup, async |app| {
        let store = app.engine.store();
        let speaks = async || {
            let found = store.connections(app.org, None).await.unwrap().remove(0);
            assert!(found.token.is_some(), "the connection has a token");
            found
        };
        let mut cuts = 0;
        for lasts in 0.. {
            let found = speaks().await;
            power.watch(lasts);
            let consented = consent_again(&app.engine, app.org, &app.sandbox, (&found, &[])).await;
            let (_, out) = power.restore();
            speaks().await;
            if !out {
                consented.unwrap();
                break;
            }
            cuts += 1;
        }
        assert!(cuts > 8, "it was cut off at {cuts} steps");
    })
    .await;
}
