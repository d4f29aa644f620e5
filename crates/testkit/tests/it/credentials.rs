//! Credentials that are wrong, and channels that cannot be reached.

use dermaga_engine::{Connect, Engine};
use dermaga_store::Secret;
use dermaga_store::command::Giver;
use dermaga_testkit::{App, Setup, both, fields};
use serde_json::{Value, json};

fn new(app: &App, changed: &str, value: &str) -> Connect {
    let given = app.channel("GET", "credentials", &Value::Null).unwrap();
    let mut fields = fields(&given);
    for (name, field) in &mut fields {
        if name.ends_with(changed) {
            *field = Secret(value.to_owned());
        }
    }
    Connect { channel: "tokopedia".to_owned(), name: "Toko lain".to_owned(), fields }
}

async fn connections(engine: &Engine, app: &App) -> usize {
    engine.store().connections(app.org, None).await.unwrap().len()
}

#[tokio::test]
async fn what_does_not_work_is_refused_with_its_page_and_not_kept() {
    both(Setup::of("tokopedia"), async |app| {
        let before = connections(&app.engine, app).await;
        let wrong = new(app, "client_secret", "not-the-secret");
        let refused = app.engine.connect(app.org, wrong).await.unwrap_err();
        assert_eq!(refused.code(), Some("DMG-0201"), "{refused}");
        // Nothing listens at port 1.
        let nowhere = new(app, "_url", "http://127.0.0.1:1");
        let refused = app.engine.connect(app.org, nowhere).await.unwrap_err();
        assert_eq!(refused.code(), Some("DMG-0202"), "{refused}");
        let empty = new(app, "client_id", "");
        let refused = app.engine.connect(app.org, empty).await.unwrap_err();
        assert!(refused.to_string().contains("client_id"), "{refused}");
        assert_eq!(connections(&app.engine, app).await, before);
    })
    .await;
}

/// A secret that the channel no longer takes: the connection names the page for as long as it lasts,
/// however many fetches ask at once, and is well again by itself.
#[tokio::test]
async fn a_connection_names_its_trouble_until_it_is_over() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        let store = app.engine.store();
        let connection = store.connections(app.org, None).await.unwrap().remove(0);
        let right = connection.credentials.0.clone();
        let mut wrong: Value = serde_json::from_str(&right).unwrap();
        wrong["client_secret"] = json!("not-the-secret");
        let wrong = Secret(wrong.to_string());
        store
            .set_credentials(app.org, connection.id, (&wrong, None), Giver::Machine)
            .await
            .unwrap();
        let ids: Vec<String> = (0..12).map(|_| app.place("GAYO-250", 1, true).unwrap()).collect();
        app.hear().await.unwrap();
        app.pull().await.unwrap();
        let found = store.connections(app.org, None).await.unwrap().remove(0);
        assert_eq!(found.trouble.as_deref(), Some("DMG-0201"));
        // Webhooks need no token: their orders are here, and wait for their details.
        assert_eq!(app.said(&ids[0]).await.unwrap(), "sales_order unsent unpaid new_order");

        store
            .set_credentials(app.org, connection.id, (&Secret(right), None), Giver::Machine)
            .await
            .unwrap();
        app.pull().await.unwrap();
        let found = store.connections(app.org, None).await.unwrap().remove(0);
        assert_eq!(found.trouble, None);
        for id in &ids {
            assert!(app.facts(id).await.unwrap().iter().any(|fact| fact == "220 realtime"));
        }
    })
    .await;
}
