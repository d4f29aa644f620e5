//! What is wrong with an input is answered as promised, counted once under its outcome, and told in one
//! line of the log that says whose it was and nothing of what it said.

use std::collections::BTreeMap;

use dermaga_channel::sign::hmac_sha256;
use dermaga_engine::Connect;
use dermaga_store::command::Giver;
use dermaga_testkit::{App, Logs, Setup, WEBHOOK_SECRET, both, fields};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

/// In every body, so that a line that repeats one is found.
const SAID: &str = "Jl. Contoh 1";
const WELL: &str =
    r#"{"order_id": 1, "shop_id": 480001, "order_status": 700, "x": "Jl. Contoh 1"}"#;
const CUT: &str = r#"{"order_id": 1, "shop_id": 480001, "x": "Jl. Contoh 1"#;
const OF_ANOTHER: &str =
    r#"{"order_id": 77, "shop_id": 480009, "order_status": 400, "x": "Jl. Contoh 1"}"#;

/// What happens.
enum Input {
    /// A body comes to the webhook's address, signed with this secret, or not at all.
    Webhook(&'static str, Option<&'static str>),
    /// A signed body of one byte more than 1 MiB.
    TooLarge,
    /// The order's status at the channel becomes one that no flow knows.
    UnknownStatus,
    /// A webhook that came before comes again.
    Replay,
    /// A seller connects with one field of the credentials changed.
    Connect(&'static str, &'static str),
    /// The channel takes back the secret of a connection at work, whose token has ended.
    SecretEnded,
}

/// What is answered: a status of HTTP, or the code of a page.
type Answer = &'static str;

/// An input, its answer, what it adds one to, and the fields of its line.
type Case = (Input, Answer, &'static [&'static str], &'static [(&'static str, &'static str)]);

const CASES: [Case; 10] = [
    (
        Input::Webhook(WELL, None),
        "401",
        &["dermaga_webhooks_total{outcome=\"bad_signature\"}"],
        &[("webhook.outcome", "bad_signature"), ("message", "DMG-0301")],
    ),
    (
        Input::Webhook(WELL, Some("not-the-secret")),
        "401",
        &["dermaga_webhooks_total{outcome=\"bad_signature\"}"],
        &[("webhook.outcome", "bad_signature"), ("message", "DMG-0301")],
    ),
    (
        Input::TooLarge,
        "413",
        &["dermaga_webhooks_total{outcome=\"too_large\"}"],
        &[("webhook.outcome", "too_large")],
    ),
    (
        Input::Webhook(CUT, Some(WEBHOOK_SECRET)),
        "200",
        &[
            "dermaga_messages_total{outcome=\"dead\"}",
            "dermaga_webhooks_total{outcome=\"malformed\"}",
        ],
        &[("message.outcome", "dead"), ("message", "DMG-0302")],
    ),
    (
        Input::Webhook(OF_ANOTHER, Some(WEBHOOK_SECRET)),
        "200",
        &["dermaga_webhooks_total{outcome=\"unknown_shop\"}"],
        &[("webhook.outcome", "unknown_shop"), ("message", "DMG-0303")],
    ),
    (
        Input::UnknownStatus,
        "sales_order unsent unpaid new_order !unknown_status",
        &[
            "dermaga_messages_total{outcome=\"unknown_status\"}",
            "dermaga_webhooks_total{outcome=\"kept\"}",
        ],
        &[("message.outcome", "unknown_status")],
    ),
    (
        Input::Replay,
        "200",
        &["dermaga_webhooks_total{outcome=\"repeated\"}"],
        &[("webhook.outcome", "repeated")],
    ),
    (
        Input::Connect("client_secret", "not-the-secret"),
        "DMG-0201",
        &["dermaga_exchanges_total{interface=\"token\",outcome=\"auth_refused\"}"],
        &[("exchange.outcome", "auth_refused"), ("code", "DMG-0201")],
    ),
    (
        // Nothing listens at port 1.
        Input::Connect("_url", "http://127.0.0.1:1"),
        "DMG-0202",
        &["dermaga_exchanges_total{interface=\"token\",outcome=\"temporary\"}"],
        &[("exchange.outcome", "temporary"), ("code", "DMG-0202")],
    ),
    (
        Input::SecretEnded,
        "DMG-0201",
        &["dermaga_exchanges_total{interface=\"token\",outcome=\"auth_refused\"}"],
        &[("exchange.outcome", "auth_refused"), ("code", "DMG-0201")],
    ),
];

#[tokio::test]
async fn each_outcome_is_answered_counted_once_and_told_in_one_line() {
    let logs = Logs::keep(LevelFilter::INFO);
    both(Setup { token_seconds: 3_600, ..Setup::of("tokopedia") }, async |app| {
        app.stock("GAYO-250", 10).await.unwrap();
        app.pause_tasks().await.unwrap();
        let id = app.place("GAYO-250", 1, true).unwrap();
        app.hear().await.unwrap();
        assert_eq!(post(app, &heard_before(&id), Some(WEBHOOK_SECRET)).await, "200");
        for (case, (input, answer, counted, line)) in CASES.iter().enumerate() {
            let before = app.counters().await.unwrap();
            drop(logs.take());
            assert_eq!(happen(app, &id, input).await, *answer, "case {case}");
            let after = app.counters().await.unwrap();
            assert_eq!(risen(&before, &after), *counted, "case {case}");
            let lines = logs.take();
            let [told] = lines.as_slice() else { panic!("case {case}: {lines:#?}") };
            for (field, part) in *line {
                let value = told[*field].as_str().unwrap_or_default();
                assert!(value.contains(part), "case {case}: {told}");
            }
            assert!(!told.to_string().contains(SAID), "case {case}: {told}");
            assert!(told["connection.id"].is_string() || names_no_connection(input, told));
        }
    })
    .await;
}

/// What is not kept yet belongs to no connection; an order's page knows its own.
fn names_no_connection(input: &Input, told: &Value) -> bool {
    match input {
        Input::UnknownStatus => told["order.id"].is_string(),
        Input::Connect(..) => true,
        Input::Webhook(..) | Input::TooLarge | Input::Replay | Input::SecretEnded => false,
    }
}

/// The counters that rose by one; any other change fails. What goes well is not asked about.
fn risen<'a>(before: &BTreeMap<String, u64>, after: &'a BTreeMap<String, u64>) -> Vec<&'a str> {
    let goes_well = |name: &str| name.contains("applied") || name.contains("outcome=\"ok\"");
    let mut risen = Vec::new();
    for (name, count) in after.iter().filter(|(name, _)| !goes_well(name)) {
        let was = before.get(name).copied().unwrap_or(0);
        assert!(*count <= was + 1, "{name} rose from {was} to {count}");
        if *count > was {
            risen.push(name.as_str());
        }
    }
    risen
}

async fn happen(app: &App, id: &str, input: &Input) -> String {
    match input {
        Input::Webhook(body, secret) => post(app, body, *secret).await,
        Input::TooLarge => post(app, &" ".repeat(1024 * 1024 + 1), Some(WEBHOOK_SECRET)).await,
        Input::UnknownStatus => {
            app.advance(60);
            let documents = app.documents(id).await.unwrap();
            app.set_status(id, "698").unwrap();
            app.hear().await.unwrap();
            assert_eq!(app.documents(id).await.unwrap(), documents);
            assert!(app.facts(id).await.unwrap().iter().any(|fact| fact.starts_with("698")));
            app.said(id).await.unwrap()
        }
        Input::Replay => {
            let facts = app.facts(id).await.unwrap();
            let answer = post(app, &heard_before(id), Some(WEBHOOK_SECRET)).await;
            assert_eq!(app.facts(id).await.unwrap(), facts);
            answer
        }
        Input::Connect(field, value) => {
            let given = app.channel("GET", "credentials", &Value::Null).unwrap();
            let mut fields = fields(&given);
            let changed = fields.iter_mut().filter(|(name, _)| name.ends_with(field));
            changed.for_each(|(_, secret)| secret.0 = (*value).to_owned());
            let new = Connect { channel: "tokopedia".to_owned(), name: "Toko".to_owned(), fields };
            let refused = app.engine.connect(app.org, new).await.unwrap_err();
            refused.code().unwrap_or_default().to_owned()
        }
        Input::SecretEnded => secret_ended(app).await,
    }
}

fn heard_before(id: &str) -> String {
    format!(r#"{{"order_id": {id}, "shop_id": 480001, "order_status": 220, "x": "{SAID}"}}"#)
}

/// Gives the answer's status; what was kept has been looked at.
async fn post(app: &App, body: &str, secret: Option<&str>) -> String {
    let sign = |secret: &str| hex::encode(hmac_sha256(secret.as_bytes(), body.as_bytes()));
    let headers: Vec<(&str, String)> =
        secret.map(|secret| ("authorization-hmac", sign(secret))).into_iter().collect();
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let status = app.post("order_status", &headers, body.as_bytes()).await.unwrap();
    app.engine.settle().await.unwrap();
    status.to_string()
}

async fn secret_ended(app: &App) -> String {
    let store = app.engine.store();
    let mut connection = store.connections(app.org, None).await.unwrap().remove(0);
    let mut fields: Value = serde_json::from_str(&connection.credentials.0).unwrap();
    fields["client_secret"] = json!("not-the-secret");
    connection.credentials.0 = fields.to_string();
    store
        .set_credentials(app.org, connection.id, (&connection.credentials, None), Giver::Machine)
        .await
        .unwrap();
    app.advance(3_600);
    let task = app.task(app.shops[0], dermaga_engine::TaskKind::SkuPull).await.unwrap();
    app.engine.run_task(app.org, &task).await.unwrap();
    let connection = store.connections(app.org, None).await.unwrap().remove(0);
    connection.trouble.unwrap_or_default()
}
