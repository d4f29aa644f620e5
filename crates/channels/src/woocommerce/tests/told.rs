//! What the shop is told: webhooks, stock, statuses.

use dermaga_channel::{Command, Credentials, OrderCommand, StockRow};
use dermaga_domain::command::Words;
use dermaga_domain::term::CommandKind;
use serde_json::{Value, json};

use super::ORDER;
use super::stage::Stage;

fn hook(id: u32, topic: &str, url: &str, status: &str) -> Value {
    json!({"id": id, "topic": topic, "delivery_url": url, "status": status, "name": "x"})
}

const TOPICS: [&str; 4] = ["order.created", "order.updated", "order.deleted", "order.restored"];

/// All four as they should be, with ids from 11.
fn standing() -> Vec<Value> {
    let one = |(id, topic): (u32, &str)| {
        hook(id, topic, &format!("https://hub.example/hook/{topic}"), "active")
    };
    (11..).zip(TOPICS).map(one).collect()
}

#[tokio::test]
async fn webhooks_are_made_where_they_lack_and_others_are_left_alone() {
    let base_url = "https://hub.example/hook/".to_owned();
    let others = [
        hook(1, "order.updated", "https://other.example/order.updated", "active"),
        hook(12, "order.updated", "https://hub.example/hook/order.updated", "disabled"),
        hook(15, "order.updated", "https://hub.example/hook/order.updated", "active"),
    ];
    let after = Value::Array(standing()).to_string();
    let answers = [
        (200, json!(others).to_string()),
        (201, "{}".to_owned()),
        (200, "{}".to_owned()),
        (200, "{}".to_owned()),
        (201, "{}".to_owned()),
        (201, "{}".to_owned()),
        (200, after),
    ];
    let stage = Stage::with(answers).await;
    let done = stage.execute(&Command::RegisterWebhooks { base_url }).await.unwrap();
    assert!(done.changed);
    let list = "GET /webhooks?per_page=100&page=1&status=all&orderby=id&order=asc";
    assert_eq!(
        stage.lines(),
        [
            list,
            "POST /webhooks",
            "PUT /webhooks/12",
            "DELETE /webhooks/15?force=true",
            "POST /webhooks",
            "POST /webhooks",
            list
        ]
    );
    let bodies = stage.bodies();
    assert_eq!(
        bodies[1],
        json!({"name": "Dermaga order.created", "topic": "order.created", "status": "active",
            "delivery_url": "https://hub.example/hook/order.created", "secret": "whsecdemo123"})
    );
    assert_eq!(bodies[2], json!({"status": "active", "secret": "whsecdemo123"}));
}

#[tokio::test]
async fn the_watch_switches_on_what_the_shop_switched_off() {
    let base_url = "https://hub.example/hook/".to_owned();
    let mut off = standing();
    off[1]["status"] = json!("disabled");
    let whole = Value::Array(standing()).to_string();
    let answers = [
        (200, whole.clone()),
        (200, Value::Array(off).to_string()),
        (200, "{}".to_owned()),
        (200, whole),
    ];
    let stage = Stage::with(answers).await;
    let watch = Command::WatchWebhooks { base_url };
    assert!(!stage.execute(&watch).await.unwrap().changed);
    assert!(stage.execute(&watch).await.unwrap().changed);
    assert_eq!(stage.lines()[2], "PUT /webhooks/12");
}

#[tokio::test]
async fn a_secret_that_a_shop_would_read_as_another_is_refused() {
    let mut stage = Stage::with([(200, "[]")]).await;
    let url = stage.credentials.get("site_url").to_owned();
    let fields = [
        ("site_url", &*url),
        ("consumer_key", "ck"),
        ("consumer_secret", "cs"),
        ("webhook_secret", "a&amp;b"),
    ];
    stage.credentials = Credentials::new(fields);
    let command = Command::RegisterWebhooks { base_url: "https://hub.example/".to_owned() };
    assert_eq!(stage.execute(&command).await.unwrap_err().name(), "auth_refused");
}

fn stock(rows: &[(&str, i64)]) -> Command {
    let row = |(id, value): &(&str, i64)| StockRow {
        channel_product_id: (*id).to_owned(),
        value: *value,
    };
    Command::SetStock(rows.iter().map(row).collect())
}

#[tokio::test]
async fn stock_is_told_by_product_and_what_is_refused_is_named() {
    let invalid = json!({"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."});
    let answers = [
        json!({"update": [{"id": 7, "manage_stock": true}, {"id": 99, "error": invalid}]}),
        json!({"update": [{"id": 23, "manage_stock": true}, {"id": 24, "manage_stock": false},
            {"id": 25, "manage_stock": "parent"}, {"id": 26, "manage_stock": "parent"}]}),
        json!({"update": [{"id": 24, "manage_stock": true}]}),
        json!({"update": [{"id": 22, "manage_stock": true}]}),
    ];
    let stage = Stage::with(answers.map(|body| (200, body.to_string()))).await;
    let rows = [
        ("7", 5),
        ("99", 1),
        ("22-23", 4),
        ("22-24", 3),
        ("22-25", 9),
        ("22-26", 6),
        ("line-1", 2),
    ];
    let done = stage.execute(&stock(&rows)).await.unwrap();
    let refused: Vec<_> = done.refused.iter().map(|row| row.channel_product_id.as_str()).collect();
    assert_eq!(refused, ["line-1", "99"]);
    assert_eq!(done.answer, "5 of 7 rows taken");
    let variations = "POST /products/22/variations/batch";
    assert_eq!(
        stage.lines(),
        ["POST /products/batch", variations, variations, "POST /products/batch"]
    );
    let bodies = stage.bodies();
    assert_eq!(
        bodies[0],
        json!({"update": [{"id": 7, "manage_stock": true, "stock_quantity": 5},
            {"id": 99, "manage_stock": true, "stock_quantity": 1}]})
    );
    assert_eq!(bodies[1]["update"][0], json!({"id": 23, "stock_quantity": 4}));
    let counts = json!({"update": [{"id": 24, "manage_stock": true, "stock_quantity": 3}]});
    assert_eq!(bodies[2], counts);
    let least = json!({"update": [{"id": 22, "stock_quantity": 6}]});
    assert_eq!(bodies[3], least, "one value for all that share it");
}

#[tokio::test]
async fn what_was_told_before_trouble_came_is_not_told_again() {
    let taken = json!({"update": [{"id": 7, "manage_stock": true}]}).to_string();
    let stage = Stage::with([(200, taken.clone()), (429, String::new())]).await;
    let rows = stock(&[("7", 5), ("22-23", 4)]);
    let done = stage.execute(&rows).await.unwrap();
    assert_eq!(done.refused[0].channel_product_id, "22-23");
    assert_eq!(done.refused.len(), 1);
    // It may have had its effect: nothing is known of any.
    let stage = Stage::with([(200, taken), (502, String::new())]).await;
    assert_eq!(stage.execute(&rows).await.unwrap_err().name(), "unknown");
}

fn order(kind: CommandKind, fields: &[(&str, &str)]) -> Command {
    let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let words = Words { fields: fields.collect(), ..Words::default() };
    Command::Order(OrderCommand { kind, channel_order_id: "727".to_owned(), package: None, words })
}

#[tokio::test]
async fn a_shipment_completes_the_order_and_tells_the_buyer() {
    let answers = [(200, ORDER), (200, "{}"), (500, "")];
    let stage = Stage::with(answers).await;
    let done = stage.execute(&order(CommandKind::Ship, &[("awb", "JNE1")])).await.unwrap();
    assert!(done.changed && done.answer.contains("the note was not taken"), "{}", done.answer);
    assert_eq!(stage.lines(), ["GET /orders/727", "PUT /orders/727", "POST /orders/727/notes"]);
    let bodies = stage.bodies();
    let set =
        json!({"status": "completed", "meta_data": [{"key": "_dermaga_awb", "value": "JNE1"}]});
    assert_eq!(bodies[1], set);
    assert_eq!(bodies[2], json!({"note": "Dikirim / shipped: JNE1", "customer_note": true}));
}

#[tokio::test]
async fn an_order_that_has_moved_is_not_moved_back() {
    let cancelled = ORDER.replace(r#""status":"processing""#, r#""status":"cancelled""#);
    let answers = [(200, cancelled.as_str()), (200, &cancelled), (500, "")];
    let stage = Stage::with(answers).await;
    let error = stage.execute(&order(CommandKind::Ship, &[])).await.unwrap_err();
    assert_eq!(error.to_string(), "the channel refuses (status): it is cancelled");
    let done = stage.execute(&order(CommandKind::Cancel, &[])).await.unwrap();
    assert!(!done.changed, "it is so already");
    let error = stage.execute(&order(CommandKind::Cancel, &[])).await.unwrap_err();
    assert_eq!(error.name(), "temporary", "nothing was sent yet");
    assert!(stage.lines().iter().all(|line| line.starts_with("GET ")));
}
