//! The transmit log leads to what was answered: to the message it became, or, where it did not go
//! well, to the channel's own words.

use dermaga_channel::http::Client;
use dermaga_domain::time::Span;
use dermaga_store::read::Scope;
use dermaga_store::read::accounts::BearerToken;
use dermaga_store::read::exchanges::What;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

/// What the hub asked of an endpoint, the newest first: id, outcome, message and whether the answer
/// was kept.
async fn asked(app: &App, endpoint: &str) -> Vec<(String, String, Option<String>, bool)> {
    let log = app.engine.store().exchanges(&Scope::all(app.org), None, 200).await.unwrap().0;
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
