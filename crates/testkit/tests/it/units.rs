//! A channel that the seller lets in with the browser, and whose units have statuses of their own.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::{Value, json};

const SKU: &str = "GAYO-250";

/// On hand, allocated, reserved, short.
type Level = (i64, i64, i64, i64);

async fn now(app: &App, id: &str) -> (String, Level) {
    (app.said(id).await.unwrap(), app.level(SKU).await.unwrap())
}

fn seen(said: &str, level: Level) -> (String, Level) {
    (said.to_owned(), level)
}

/// Gives a command and sees what comes of it.
async fn ends(app: &App, id: &str, kind: CommandKind, reason: Option<&str>) -> Command {
    app.advance(60);
    let order = app.order(id).await.unwrap().id;
    let words = Words { reason: reason.map(str::to_owned), ..Words::default() };
    let scope = Scope::all(app.org);
    app.engine.command(&scope, &[order], kind, &words, Giver::Machine).await.unwrap();
    app.hear().await.unwrap();
    app.engine.store().commands_of(app.org, order).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_order_goes_from_checkout_to_the_door() {
    both(Setup::of("lazada"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.hear().await.unwrap();
        let unpaid = seen("sales_order unsent unpaid unpaid", (10, 0, 2, 0));
        assert_eq!(now(app, &id).await, unpaid);
        let nothing = json!({});
        let steps = [
            ("pay", &nothing, "invoice unsent unpaid new_order", (10, 2, 0, 0)),
            ("accept", &nothing, "invoice unsent unpaid ready_to_ship", (10, 2, 0, 0)),
            ("ship", &nothing, "invoice sent unpaid in_delivery", (8, 0, 0, 0)),
            ("deliver", &nothing, "invoice sent paid completed", (8, 0, 0, 0)),
            (
                "return",
                &json!({"reason": "barang rusak"}),
                "invoice sent paid complained !return_edit",
                (8, 0, 0, 0),
            ),
        ];
        for (word, body, said, level) in steps {
            app.happens(&id, word, body).await.unwrap();
            assert_eq!(now(app, &id).await, seen(said, level), "{word}");
        }
        assert_eq!(app.orders(&id).await.unwrap().len(), 1);
        let packages = app.detail(&id).await.unwrap();
        assert!(format!("{packages:?}").contains("LXSB-"), "the tracking number is known");
    })
    .await;
}

/// No push comes, ever: the list of what changed brings everything.
#[tokio::test]
async fn what_is_only_pulled_ends_the_same() {
    both(Setup { webhooks: false, ..Setup::of("lazada") }, async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.pull().await.unwrap();
        let new = seen("invoice unsent unpaid new_order", (10, 2, 0, 0));
        assert_eq!(now(app, &id).await, new);
        for (word, said) in [
            ("accept", "invoice unsent unpaid ready_to_ship"),
            ("ship", "invoice sent unpaid in_delivery"),
            ("deliver", "invoice sent paid completed"),
        ] {
            app.at_channel(&id, word, &json!({})).unwrap();
            app.pull().await.unwrap();
            assert_eq!(app.said(&id).await.unwrap(), said, "{word}");
        }
        assert_eq!(
            app.channel("GET", "webhooks", &Value::Null).unwrap()["outcomes"]["delivered"],
            Value::Null
        );
    })
    .await;
}

#[tokio::test]
async fn a_buyers_cancellation_waits_for_a_person_and_a_sellers_does_not() {
    both(Setup::of("lazada"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        app.happens(&id, "cancel", &json!({"by": "buyer"})).await.unwrap();
        let waits = seen("invoice unsent unpaid cancelled !manual_void", (10, 2, 0, 0));
        assert_eq!(now(app, &id).await, waits);

        let id = app.place(SKU, 3, true).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.level(SKU).await.unwrap(), (10, 5, 0, 0));
        let fewer = json!({"sku": SKU, "quantity_deliver": 2});
        app.happens(&id, "partial", &fewer).await.unwrap();
        let rest = seen("invoice unsent unpaid new_order", (10, 4, 0, 0));
        assert_eq!(now(app, &id).await, rest, "one unit is gone, the others are not");
        app.happens(&id, "cancel", &json!({"by": "seller"})).await.unwrap();
        let binned = seen("invoice unsent unpaid bin cancelled", (10, 2, 0, 0));
        assert_eq!(now(app, &id).await, binned);
    })
    .await;
}

#[tokio::test]
async fn an_order_is_packed_labelled_told_ready_and_cancelled_from_here() {
    both(Setup::of("lazada"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        for (kind, status) in [
            (CommandKind::Accept, "packed"),
            (CommandKind::Label, "packed"),
            (CommandKind::Pickup, "ready_to_ship"),
        ] {
            let command = ends(app, &id, kind, None).await;
            assert_eq!(command.state, CommandState::Done, "{kind}: {command:?}");
            assert_eq!(app.status_there(&id).unwrap(), status, "{kind}");
        }
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");

        app.happens(&id, "request-cancel", &json!({"reason": "salah pesan"})).await.unwrap();
        let asked = "invoice unsent unpaid ready_to_ship !cancel_request";
        assert_eq!(app.said(&id).await.unwrap(), asked);
        let command = ends(app, &id, CommandKind::RefuseCancel, None).await;
        assert_eq!(command.state, CommandState::Done, "{command:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");

        let command = ends(app, &id, CommandKind::Cancel, Some("10000019")).await;
        assert_eq!(command.state, CommandState::Done, "{command:?}");
        assert_eq!(app.status_there(&id).unwrap(), "canceled");
        let binned = seen("invoice unsent unpaid bin cancelled", (10, 0, 0, 0));
        assert_eq!(now(app, &id).await, binned);
    })
    .await;
}

/// A cancellation is a GET request here: after a lost answer the order is read, and it is not sent again.
#[tokio::test]
async fn a_cancellation_without_an_answer_is_sent_once() {
    both(Setup::of("lazada"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        let fault = json!({"probability": {"cut_body": 1.0}, "limit": {"cut_body": 1}, "skip": {"cut_body": 2}});
        app.set_faults(&fault).unwrap();
        let command = ends(app, &id, CommandKind::Cancel, Some("10000019")).await;
        app.set_faults(&json!({})).unwrap();
        assert_eq!(command.state, CommandState::Done, "{command:?}");
        assert_eq!(app.calls_to("cancel_create").unwrap(), 1);
        assert_eq!(app.status_there(&id).unwrap(), "canceled");
    })
    .await;
}
