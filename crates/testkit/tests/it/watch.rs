//! Webhooks that somebody took away come back by themselves.

use dermaga_channel::http::Client;
use dermaga_engine::TaskKind;
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Logs, Setup, both};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

/// What is registered at the channel, by kind; asked with the hub's own token.
async fn at_channel(app: &App, method: &str, target: &str, body: &Value) -> Value {
    let connection = app.engine.store().connections(app.org, None).await.unwrap().remove(0);
    let given: Value = serde_json::from_str(&connection.credentials.0).unwrap();
    let token: Value = serde_json::from_str(&connection.token.unwrap().0).unwrap();
    let url = format!("{}{target}", given["api_url"].as_str().unwrap());
    let request = Client::build().unwrap().request(method.parse().unwrap(), &url);
    let request = request.bearer_auth(token["shared"]["access"].as_str().unwrap());
    let answer = request.body(body.to_string()).send().await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn registered(app: &App) -> Value {
    at_channel(app, "GET", "/v1/fs/14999", &Value::Null).await["data"].clone()
}

/// Another program with the same app registers its own address, for all kinds or for none.
async fn replace(app: &App, url: &str) {
    let body = json!({"fs_id": 14999, "webhook_secret": "another", "order_status_url": url,
        "order_notification_url": url, "chat_notification_url": "https://chat.example"});
    at_channel(app, "POST", "/v1/fs/14999/register", &body).await;
}

/// The attentions that are not of one order, as `code`, of the watch only.
async fn raised(app: &App) -> usize {
    let notices = app.engine.store().notices(&Scope::all(app.org)).await.unwrap();
    notices.iter().filter(|notice| notice.code == "DMG-0206").count()
}

#[tokio::test]
async fn what_one_shop_is_told_to_leave_alone_no_other_asks_for() {
    for channel in ["tokopedia", "tiktok", "woocommerce"] {
        both(Setup::of(channel), async |app| {
            app.set_faults(&json!({
                "probability": {"rate_limited": 1}, "limit": {"rate_limited": 3},
                "rate_limited_seconds": 30,
            }))
            .unwrap();
            app.pull().await.unwrap();
            let early = app.channel("GET", "calls?banned=true", &Value::Null).unwrap();
            assert_eq!(early["calls"], json!([]), "{channel}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_registration_that_is_gone_or_goes_elsewhere_is_made_again() {
    let logs = Logs::keep(LevelFilter::WARN);
    both(Setup::of("tokopedia"), async |app| {
        app.pull().await.unwrap();
        let ours = registered(app).await;
        let posts = app.calls_to("webhook_register").unwrap();
        app.pull().await.unwrap();
        assert_eq!(app.calls_to("webhook_register").unwrap(), posts, "what stands is left alone");
        assert_eq!(raised(app).await, 0);
        drop(logs.take());

        for address in ["https://elsewhere.example/", ""] {
            replace(app, address).await;
            assert_ne!(registered(app).await, ours);
            app.pull().await.unwrap();
            let now = registered(app).await;
            assert_eq!(now["order_status_url"], ours["order_status_url"]);
            assert_eq!(now["order_notification_url"], ours["order_notification_url"]);
            let others = json!("https://chat.example");
            assert_eq!(now["chat_notification_url"], others, "others' addresses stay");
            let lines = logs.take();
            let told = lines.iter().filter(|line| line.to_string().contains("DMG-0206"));
            assert_eq!(told.count(), 1, "{lines:#?}");
        }
        assert_eq!(raised(app).await, 1, "one attention a day");
        let task = app.task(app.shops[0], TaskKind::WebhookWatch).await.unwrap();
        assert_eq!(task.outcome.as_deref(), Some("registered again"));

        // They are heard again at once, for every shop of the connection.
        app.pause_tasks().await.unwrap();
        let id = app.place("MUG-BATIK", 1, true).unwrap();
        app.hear().await.unwrap();
        assert!(app.said(&id).await.unwrap().starts_with("sales_order"));
    })
    .await;
}
