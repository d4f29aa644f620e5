//! The transmit log leads to what was answered: to the message it became, or, where it did not go
//! well, to the channel's own words.

use dermaga_channel::http::Client;
use dermaga_domain::id::MessageId;
use dermaga_domain::time::Span;
use dermaga_engine::Again;
use dermaga_store::Pending;
use dermaga_store::apply::FinishedMessage;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::accounts::BearerToken;
use dermaga_store::read::exchanges::{EntryId, Exchange, Only, What};
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

/// What the hub asked of an endpoint, the newest first: id, outcome, message and whether the answer
/// was kept.
async fn asked(app: &App, endpoint: &str) -> Vec<(String, String, Option<String>, bool)> {
    let log =
        app.engine.store().exchanges(&Scope::all(app.org), (Only::All, None), 200).await.unwrap().0;
    let asked = log.into_iter().filter_map(|exchange| match exchange.what {
        What::Asked { id, interface, outcome, message, answered, .. } if interface == endpoint => {
            Some((id.to_string(), outcome, message.map(|id| id.to_string()), answered))
        }
        What::Asked { .. } | What::Pushed { .. } => None,
    });
    asked.collect()
}

async fn get(app: &App, path: &str, cookie: &str) -> (u16, String) {
    let url = format!("{}{path}", app.public_url());
    let request = Client::build().unwrap().request("GET".parse().unwrap(), &url);
    let answer = request.header("cookie", cookie).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn what_did_not_go_well_can_be_read_by_the_owner() {
    both(Setup::of("tokopedia"), async |app| {
        let store = app.engine.store();
        let account = store.create_owner(app.org, "pemilik", "Pemilik", "none").await.unwrap();
        let session = BearerToken::new(app.org, [3; 32]);
        let expires = app.engine.now().plus(Span::days(1));
        store.create_session(&session, account, expires).await.unwrap();
        let cookie = format!("__Host-dermaga={}", session.reveal());

        let fault = json!({"probability": {"server_error": 1}, "limit": {"server_error": 50}});
        app.set_faults(&fault).unwrap();
        app.pull().await.unwrap();
        app.set_faults(&json!({})).unwrap();
        let failed = asked(app, "order_list").await.remove(0);
        assert!(failed.1 != "ok" && failed.3 && failed.2.is_none(), "{failed:?}");
        let path = format!("/log/{}/answer", failed.0);
        let (status, log) = get(app, "/log", &cookie).await;
        assert!(status == 200 && log.contains(&path), "the log leads to it");
        let (status, said) = get(app, &path, &cookie).await;
        assert_eq!(status, 200);
        assert!(said.contains("error_code"), "{said}");
        assert_eq!(get(app, &path, "").await.0, 303, "who is not logged in logs in first");
        assert_eq!(get(app, "/log/exc_0000000000001/answer", &cookie).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn what_went_well_names_its_message_once_and_for_all() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        app.place("GAYO-250", 1, true).unwrap();
        app.hear().await.unwrap();
        app.pull().await.unwrap();
        app.pull().await.unwrap();
        let details = asked(app, "order_detail").await;
        assert!(details.len() > 1, "{details:?}");
        // An unchanged order reads the same: the message of the first time.
        assert!(details[0].2.is_some() && details[0].2 == details[1].2, "{details:?}");
        assert!(details.iter().all(|(_, outcome, _, kept)| outcome == "ok" && !kept));
    })
    .await;
}

/// The newest entry of the log that is about an order, by whether we asked.
async fn newest(app: &App, order: &str, ours: bool) -> (EntryId, Exchange) {
    let scope = Scope::all(app.org);
    let log = app.engine.store().exchanges(&scope, (Only::All, None), 200);
    let about = log.await.unwrap().0.into_iter().filter(|it| it.about.as_deref() == Some(order));
    let named = about.filter_map(|entry| match &entry.what {
        What::Asked { id, .. } if ours => Some((EntryId::Asked(*id), entry)),
        What::Pushed { id, .. } if !ours => Some((EntryId::Pushed(*id), entry)),
        What::Asked { .. } | What::Pushed { .. } => None,
    });
    named.collect::<Vec<_>>().remove(0)
}

#[tokio::test]
async fn what_an_entry_is_about_is_read_again() {
    both(Setup::of("tokopedia"), async |app| {
        app.pause_tasks().await.unwrap();
        let number = app.place("GAYO-250", 1, true).unwrap();
        app.hear().await.unwrap();
        let order = app.order(&number).await.unwrap().id;
        let (scope, nobody) = (Scope::all(app.org), Giver::Machine);
        for ours in [true, false] {
            let (id, entry) = newest(app, &number, ours).await;
            assert_eq!(entry.order, Some(order), "ours: {ours}");
            let before = app.calls_to("order_detail").unwrap();
            let done = app.engine.again(&scope, id, nobody).await.unwrap();
            assert_eq!(done, Some(Again::Read));
            app.hear().await.unwrap();
            assert_eq!(app.calls_to("order_detail").unwrap(), before + 1, "ours: {ours}");
        }
        let other = Scope { shops: Some(vec![app.shops[1]]), ..scope.clone() };
        let (id, _) = newest(app, &number, true).await;
        assert_eq!(app.engine.again(&other, id, nobody).await.unwrap(), None, "another shop's");
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_is_read_again() {
    both(Setup::of("tokopedia"), async |app| {
        app.pause_tasks().await.unwrap();
        let number = app.place("GAYO-250", 1, true).unwrap();
        app.delivered().await.unwrap();
        let store = app.engine.store();
        let pending = store.pending(app.org, MessageId(i64::MIN), 9).await.unwrap();
        let dead = |message: &Pending| FinishedMessage {
            id: message.id,
            repeats: message.repeats,
            state: "dead",
            reason: Some("DMG-0302".to_owned()),
            about: None,
        };
        store.finish_messages(app.org, pending.iter().map(dead).collect()).await.unwrap();
        app.hear().await.unwrap();
        assert!(app.orders(&number).await.unwrap().is_empty());

        let scope = Scope::all(app.org);
        let wrong = store.exchanges(&scope, (Only::Wrong, None), 9).await.unwrap().0;
        assert_eq!(wrong.len(), pending.len(), "{wrong:?}");
        for message in &pending {
            let id = EntryId::Pushed(message.id);
            let done = app.engine.again(&scope, id, Giver::Machine).await.unwrap();
            assert_eq!(done, Some(Again::Heard));
        }
        app.hear().await.unwrap();
        assert_eq!(app.orders(&number).await.unwrap().len(), 1);
    })
    .await;
}
