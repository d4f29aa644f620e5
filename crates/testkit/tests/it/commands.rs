//! Commands: what people ask the channel to do with orders, to their end.

use std::collections::BTreeMap;

use dermaga_domain::command::{CommandLine, Words};
use dermaga_domain::id::OrderId;
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_engine::Given;
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

/// A reason, what it needs to be said, and whether it names lines.
type Rejection<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);

fn nothing() -> Words {
    Words::default()
}

fn said(reason: Option<&str>, fields: &[(&str, &str)]) -> Words {
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Words { reason: reason.map(ToOwned::to_owned), fields, lines: Vec::new() }
}

async fn paid(app: &App) -> String {
    let id = app.place(SKU, 2, true).unwrap();
    app.hear().await.unwrap();
    id
}

async fn give(app: &App, orders: &[&str], kind: CommandKind, words: &Words) -> Given {
    let mut ids: Vec<OrderId> = Vec::new();
    for order in orders {
        ids.push(app.order(order).await.unwrap().id);
    }
    app.engine.command(&Scope::all(app.org), &ids, kind, words, Giver::Machine).await.unwrap()
}

/// Gives a command and sees what comes of it.
async fn ends(app: &App, order: &str, kind: CommandKind, words: &Words) -> Command {
    give(app, &[order], kind, words).await;
    app.hear().await.unwrap();
    newest(app, order).await
}

async fn newest(app: &App, order: &str) -> Command {
    let id = app.order(order).await.unwrap().id;
    app.engine.store().commands_of(app.org, id).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_order_is_accepted_picked_up_labelled_and_shipped() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = paid(app).await;
        let accepted = ends(app, &id, CommandKind::Accept, &nothing()).await;
        assert_eq!(accepted.state, CommandState::Done, "{accepted:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");

        // The courier is called no sooner than the channel takes it.
        let early = ends(app, &id, CommandKind::Pickup, &nothing()).await;
        assert_eq!(early.state, CommandState::Waiting, "{early:?}");
        assert_eq!(app.calls_to("pick-up").unwrap(), 0);
        app.advance(5);
        app.hear().await.unwrap();
        let called = newest(app, &id).await;
        assert_eq!((called.state, called.attempts), (CommandState::Done, 1), "{called:?}");
        assert_eq!(app.status_there(&id).unwrap(), "450");

        let label = ends(app, &id, CommandKind::Label, &nothing()).await;
        assert_eq!(label.state, CommandState::Done, "{label:?}");
        let paper = app.engine.store().paper(app.org, label.order, label.id).await.unwrap();
        let paper = paper.unwrap();
        assert!(paper.media_type.starts_with("text/html"), "{}", paper.media_type);
        assert!(String::from_utf8(paper.body).unwrap().contains(&id));

        let words = said(None, &[("awb", "CONTOH000111")]);
        let shipped = ends(app, &id, CommandKind::Ship, &words).await;
        assert_eq!(shipped.state, CommandState::Done, "{shipped:?}");
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
    })
    .await;
}

#[tokio::test]
async fn every_reason_is_taken_with_what_it_needs_and_refused_without() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 100).await.unwrap();
        let line = async |id: &str| {
            let line = app.detail(id).await.unwrap().order.lines.remove(0);
            CommandLine { key: line.id.to_string(), channel_product_id: String::new(), quantity: 1 }
        };
        let cases: [Rejection<'_>; 6] = [
            ("1", &[], true),
            ("2", &[("reason_text", "Warna itu habis")], false),
            ("3", &[], false),
            ("4", &[("closed_until", "2026-11-30"), ("close_note", "Libur")], false),
            ("5", &[("reason_text", "Lainnya")], false),
            ("7", &[("reason_text", "Kurir tidak datang")], false),
        ];
        for (reason, fields, lines) in cases {
            let id = paid(app).await;
            let mut words = said(Some(reason), fields);
            if !fields.is_empty() || lines {
                let bare = ends(app, &id, CommandKind::Reject, &said(Some(reason), &[])).await;
                assert_eq!(bare.state, CommandState::Refused, "{reason}: {bare:?}");
                assert_eq!(bare.code.as_deref(), Some("DMG-0704"));
            }
            if lines {
                words.lines.push(line(&id).await);
            }
            let ended = ends(app, &id, CommandKind::Reject, &words).await;
            assert_eq!(ended.state, CommandState::Done, "{reason}: {ended:?}");
            let now = app.status_there(&id).unwrap();
            assert_eq!(now, if reason == "1" { "3" } else { "10" }, "{reason}");
            assert!(app.said(&id).await.unwrap().contains("bin cancelled"), "{reason}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_buyers_wish_to_cancel_is_refused_or_agreed_to() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let accepted = async || {
            let id = paid(app).await;
            ends(app, &id, CommandKind::Accept, &nothing()).await;
            id
        };
        let (kept, given_up, unasked) = (accepted().await, accepted().await, accepted().await);
        for id in [&kept, &given_up] {
            app.advance(1);
            app.at_channel(id, "request-cancel", &json!({})).unwrap();
        }
        app.hear().await.unwrap();

        let refused = ends(app, &kept, CommandKind::RefuseCancel, &nothing()).await;
        assert_eq!(refused.state, CommandState::Done, "{refused:?}");
        assert!(!app.order(&kept).await.unwrap().cancel_requested);

        let words = said(None, &[("reason_text", "Atas permintaan pembeli")]);
        let agreed = ends(app, &given_up, CommandKind::AgreeCancel, &words).await;
        assert_eq!(agreed.state, CommandState::Done, "{agreed:?}");
        assert!(app.said(&given_up).await.unwrap().contains("bin cancelled"));

        let no = ends(app, &unasked, CommandKind::AgreeCancel, &words).await;
        assert_eq!((no.state, no.code.as_deref()), (CommandState::Refused, Some("DMG-0701")));
    })
    .await;
}

#[tokio::test]
async fn what_was_done_elsewhere_counts_as_done_and_is_not_done_again() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = paid(app).await;
        // Accepted in the seller centre, and no webhook tells.
        app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
        app.at_channel(&id, "accept", &json!({})).unwrap();
        let already = ends(app, &id, CommandKind::Accept, &nothing()).await;
        assert_eq!((already.state, already.code), (CommandState::Done, None));
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
    })
    .await;
}

#[tokio::test]
async fn no_answer_is_followed_by_a_look_and_never_by_a_second_effect() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = paid(app).await;
        app.set_faults(&json!({"probability": {"cut_body": 1}, "limit": {"cut_body": 1}})).unwrap();
        let ended = ends(app, &id, CommandKind::Accept, &nothing()).await;
        assert_eq!(ended.state, CommandState::Done, "{ended:?}");
        assert_eq!(app.status_there(&id).unwrap(), "400");
    })
    .await;
}

#[tokio::test]
async fn the_same_command_is_under_way_once() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = paid(app).await;
        let first = give(app, &[&id], CommandKind::Accept, &nothing()).await;
        let second = give(app, &[&id], CommandKind::Accept, &nothing()).await;
        assert_eq!((first.waiting, first.under_way.len()), (1, 0));
        assert_eq!((second.waiting, second.under_way.len()), (0, 1));
        app.hear().await.unwrap();
        assert_eq!(newest(app, &id).await.state, CommandState::Done);
        let again = give(app, &[&id], CommandKind::Accept, &nothing()).await;
        assert_eq!((again.waiting, again.refused), (0, 1));
    })
    .await;
}
