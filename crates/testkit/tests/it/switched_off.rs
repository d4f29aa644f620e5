//! *Order Sync* off: what the channel sends is acknowledged and kept, and nothing is asked for.

use dermaga_domain::command::Words;
use dermaga_domain::term::CommandKind;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::{Value, json};

const SKU: &str = "GAYO-250";

#[tokio::test]
async fn webhooks_are_kept_and_nothing_is_pulled_until_it_is_on_again() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        app.pull().await.unwrap();
        let before = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        app.set_order_sync(false).await.unwrap();
        let asked = app.calls_to("order_").unwrap();

        let told = app.place(SKU, 2, true).unwrap();
        app.advance(60);
        app.at_channel(&told, "accept", &json!({})).unwrap();
        app.at_channel(&before, "accept", &json!({})).unwrap();
        app.advance(60);
        app.at_channel(&before, "request-cancel", &json!({"reason": "Salah pesan"})).unwrap();
        app.pull().await.unwrap();
        assert!(app.orders(&told).await.unwrap().is_empty());
        let said = app.said(&before).await.unwrap();
        assert_eq!(said, "sales_order unsent unpaid new_order");
        assert_eq!(app.calls_to("order_").unwrap(), asked, "nothing was asked for");
        let sent = app.channel("GET", "webhooks?limit=1", &Value::Null).unwrap();
        assert_eq!(sent["outcomes"]["delivered"], sent["total"], "{}", sent["outcomes"]);
        let kept = app.pushed().await.unwrap();
        assert_eq!(kept.iter().filter(|line| line.contains(" held: order sync")).count(), 4);

        // Not told by any webhook: only the pull finds it.
        app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
        let pulled = app.place(SKU, 3, true).unwrap();
        app.set_faults(&json!({})).unwrap();
        app.advance(600);
        app.set_order_sync(true).await.unwrap();
        app.engine.settle().await.unwrap();
        assert_eq!(app.said(&told).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        let said = app.said(&before).await.unwrap();
        assert_eq!(said, "invoice unsent unpaid ready_to_ship !cancel_request");
        assert_eq!(app.said(&pulled).await.unwrap(), "sales_order unsent unpaid new_order");
        assert!(app.pushed().await.unwrap().iter().all(|line| line.ends_with(" done")));
        assert_eq!(app.level(SKU).await.unwrap(), (10, 3, 3, 0));
    })
    .await;
}

/// How many orders a command was kept for, and its refusal.
async fn give(app: &App, id: &str, kind: CommandKind) -> (usize, Option<String>) {
    let order = app.order(id).await.unwrap().id;
    let (scope, words) = (Scope::all(app.org), Words::default());
    let given = app.engine.command(&scope, &[order], kind, &words, None).await.unwrap();
    let commands = app.engine.store().commands_of(app.org, order).await.unwrap();
    (given.waiting, commands[0].code.clone())
}

#[tokio::test]
async fn nothing_is_asked_of_the_channel_either_no_label_and_no_accept() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 1, true).unwrap();
        app.hear().await.unwrap();
        app.set_order_sync(false).await.unwrap();
        let asked = app.calls_to("").unwrap();
        let order = app.order(&id).await.unwrap().id;
        let offers = app.engine.offers(&Scope::all(app.org), order).await.unwrap();
        assert!(!offers.is_empty() && offers.iter().all(|offered| offered.refusal.is_some()));
        for kind in [CommandKind::Label, CommandKind::Accept] {
            let refused = (0, Some("DMG-0207".to_owned()));
            assert_eq!(give(app, &id, kind).await, refused, "{kind}");
        }
        app.engine.settle().await.unwrap();
        assert_eq!(app.calls_to("").unwrap(), asked, "nothing was asked for");

        app.set_order_sync(true).await.unwrap();
        assert_eq!(give(app, &id, CommandKind::Accept).await.0, 1);
        app.engine.settle().await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
    })
    .await;
}
