//! What is asked of the shop, by asking a small server that answers as a test tells it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::reach::this_machine;
use dermaga_channel::{
    Call, Changes, Channel, Command, Credentials, Done, Error, Fetched, OrderCommand, Rate,
    StockRow, Token, What,
};
use dermaga_domain::command::Words;
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::{Clock, Span, Time};
use http::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{ORDER, REFUNDS};
use crate::woocommerce::WooCommerce;
use crate::woocommerce::capabilities::ORDERS_PAGE_MAX;

/// 2026-01-05T03:00:00 in UTC.
const NOW: Time = Time::from_seconds(1_767_582_000);

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

/// One request as the server saw it: method and path with query but for the signature's parts.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    signature: Vec<String>,
    body: Bytes,
}

#[derive(Default)]
struct Book {
    answers: VecDeque<(u16, String)>,
    asked: Vec<Asked>,
}

/// A server of written answers, and a way out that leads to it.
struct Stage {
    book: Arc<Mutex<Book>>,
    credentials: Credentials,
    http: Http,
    token: Token,
}

async fn answer(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let (signature, plain): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .partition(|pair| pair.starts_with("oauth_"));
    let mark = if plain.is_empty() { "" } else { "?" };
    let asked = Asked {
        line: format!("{} {}{mark}{}", head.method, head.uri.path(), plain.join("&")),
        signature: signature.into_iter().map(str::to_owned).collect(),
        body: axum::body::to_bytes(body, 1 << 20).await.unwrap(),
    };
    let mut book = book.lock().unwrap();
    book.asked.push(asked);
    let (status, body) = book.answers.pop_front().expect("a request that no answer is for");
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

impl Stage {
    async fn with<B: Into<String>>(answers: impl IntoIterator<Item = (u16, B)>) -> Self {
        let answers = answers.into_iter().map(|(status, body)| (status, body.into())).collect();
        let book = Arc::new(Mutex::new(Book { answers, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        tokio::spawn(axum::serve(listener, router).into_future());
        let fields = [
            ("site_url", url.as_str()),
            ("consumer_key", "ck_demo"),
            ("consumer_secret", "cs_demo"),
            ("webhook_secret", "whsecdemo123"),
        ];
        let rate = Rate { per_second: 1000, burst: 1000 };
        let client = Client::reaching(&this_machine()).unwrap();
        Self {
            book,
            credentials: Credentials::new(fields),
            http: Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still)),
            token: Token { access: SecretString::from("key"), refresh: None, expires_at: NOW },
        }
    }

    fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: Some("contoh"),
            token: Some(&self.token),
            http: &self.http,
            now: NOW,
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    fn lines(&self) -> Vec<String> {
        let line = |asked: Asked| asked.line.replace("/wp-json/wc/v3", "");
        self.asked().into_iter().map(line).collect()
    }

    fn bodies(&self) -> Vec<Value> {
        let body = |asked: Asked| serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
        self.asked().into_iter().map(body).collect()
    }

    async fn list(&self, what: What, page: Option<&str>) -> Result<Fetched, Error> {
        let from = Time(NOW.0 - 3_600_000_000 + 500_000);
        let to = Time(NOW.0 + 1);
        let changes = Changes { what, from, to, page: page.map(str::to_owned) };
        WooCommerce.list_changes(&self.call(), &changes).await
    }

    async fn execute(&self, command: &Command) -> Result<Done, Error> {
        WooCommerce.execute(&self.call(), command).await
    }
}

fn rows(ids: std::ops::RangeInclusive<i64>, clock: &str) -> String {
    let row = |id| {
        format!(r#"{{"id":{id},"status":"processing","date_modified_gmt":"2026-01-05T{clock}"}}"#)
    };
    format!("[{}]", ids.map(row).collect::<Vec<_>>().join(","))
}

fn refused(code: &str) -> String {
    format!(r#"{{"code":"{code}","message":"m","data":{{"status":400}}}}"#)
}

#[tokio::test]
async fn an_address_that_leads_inside_is_refused_before_anything_is_sent() {
    let mut stage = Stage::with([] as [(u16, &str); 0]).await;
    let site = stage.credentials.get("site_url").to_owned();
    let rate = Rate { per_second: 1000, burst: 1000 };
    let client = Client::build().unwrap();
    stage.http = Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still));
    let numbers =
        ["127.0.0.1", "[::1]", "2130706433", "localhost", "192.168.1.1", "169.254.169.254"];
    for host in numbers {
        let entered = site.replace("127.0.0.1", host);
        let fields = [("site_url", &*entered), ("consumer_key", "ck"), ("consumer_secret", "cs")];
        stage.credentials = Credentials::new(fields);
        let refused = WooCommerce.authorise(&stage.call()).await.unwrap_err();
        let code = match &refused {
            Error::AuthRefused { code, .. } => code.as_str(),
            other => panic!("{host}: {other}"),
        };
        assert_eq!(code, "address_not_public", "{host}");
    }
    assert_eq!(stage.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_is_tried_and_never_stands_in_an_address() {
    let none = refused("woocommerce_rest_cannot_view");
    let answers = [(200, "[]"), (401, &none), (404, "<html>"), (200, "<html>"), (200, "{}")];
    let stage = Stage::with(answers).await;
    let token = WooCommerce.authorise(&stage.call()).await.unwrap();
    assert_eq!(token.expires_at, NOW.plus(Span::days(1)));
    for wanted in ["auth_refused", "auth_refused", "temporary", "auth_refused"] {
        assert_eq!(WooCommerce.authorise(&stage.call()).await.unwrap_err().name(), wanted);
    }
    let asked = stage.asked();
    assert_eq!(asked[0].line, "GET /wp-json/wc/v3/orders?per_page=1");
    let names = ["consumer_key", "nonce", "signature_method", "timestamp", "signature"];
    for (part, name) in asked[0].signature.iter().zip(names) {
        assert!(part.starts_with(&format!("oauth_{name}=")), "{part}");
    }
    let nonce = |asked: &Asked| asked.signature[1].clone();
    assert_ne!(nonce(&asked[0]), nonce(&asked[1]));
    let shown = format!("{asked:?} {:?}", stage.http.take_exchanges());
    assert!(!shown.contains("cs_demo"), "{shown}");
}

#[tokio::test]
async fn a_window_is_walked_by_the_second_of_the_last_row_then_the_bin() {
    let full = i64::from(ORDERS_PAGE_MAX);
    let answers = [
        (200, rows(1..=full, "02:30:00")),
        (200, rows(1..=full, "02:30:00")),
        (200, rows(full + 1..=full + 3, "02:40:00")),
        (200, "[]".to_owned()),
    ];
    let stage = Stage::with(answers).await;
    let (mut page, mut pages) = (None::<String>, Vec::new());
    for _ in 0..4 {
        let fetched = stage.list(What::Orders, page.as_deref()).await.unwrap();
        pages.push(fetched.messages.len());
        page = fetched.next;
    }
    assert_eq!((pages, page), (vec![1, 1, 1, 0], None));
    let common = |status: &str, after: &str, page: u32| {
        format!(
            "GET /orders?status={status}&modified_after=2026-01-05T{after}&modified_before=2026-01-05T03%3A00%3A01\
             &dates_are_gmt=true&orderby=modified&order=asc&per_page=50&page={page}"
        )
    };
    assert_eq!(
        stage.lines(),
        [
            common("any", "01%3A59%3A59", 1),
            common("any", "02%3A29%3A59", 1),
            common("any", "02%3A29%3A59", 2),
            common("trash", "01%3A59%3A59", 1),
        ]
    );
}

#[tokio::test]
async fn a_shop_that_cannot_sort_by_change_is_walked_by_id() {
    let full = i64::from(ORDERS_PAGE_MAX);
    let answers = [
        (400, refused("rest_invalid_param")),
        (200, rows(1..=full, "02:30:00")),
        (200, rows(41..=60, "02:30:00")),
        (400, refused("rest_invalid_param")),
        (400, refused("rest_invalid_param")),
    ];
    let stage = Stage::with(answers).await;
    let mut page = None::<String>;
    for wanted in [1, 1, 0] {
        let fetched = stage.list(What::Orders, page.as_deref()).await.unwrap();
        assert_eq!(fetched.messages.len(), wanted);
        page = fetched.next;
    }
    assert_eq!(page, None);
    let lines = stage.lines();
    assert!(lines[1].contains("orderby=id") && lines[1].ends_with("offset=0"), "{}", lines[1]);
    assert!(lines[2].ends_with("offset=40"), "{}", lines[2]);
}

#[tokio::test]
async fn details_come_at_once_and_the_bin_is_looked_into_one_by_one() {
    let refunded = ORDER.replace(r#""refunds":[]"#, r#""refunds":[{"id":801,"total":"-1"}]"#);
    let trashed = ORDER.replace(r#""id":727"#, r#""id":728"#).replace("processing", "trash");
    let answers = [
        (200, format!("[{refunded}]")),
        (200, trashed),
        (404, refused("woocommerce_rest_shop_order_invalid_id")),
        (200, REFUNDS.to_owned()),
    ];
    let stage = Stage::with(answers).await;
    let ids = ["727", "728", "729", "INV/1"].map(str::to_owned);
    let fetched = WooCommerce.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!(fetched.not_found, ["INV/1", "729"]);
    let said = fetched.messages.iter().map(|raw| {
        let heard = super::heard(raw.kind, std::str::from_utf8(&raw.body).unwrap());
        (heard.channel_order_id.clone(), heard.facts.len())
    });
    let wanted = [("727".to_owned(), 3), ("728".to_owned(), 2)];
    assert_eq!(said.collect::<Vec<_>>(), wanted);
    assert_eq!(
        stage.lines(),
        [
            "GET /orders?include=727%2C728%2C729&status=any&orderby=id&order=asc&per_page=50",
            "GET /orders/728",
            "GET /orders/729",
            "GET /orders/727/refunds?per_page=100",
        ]
    );
}

#[tokio::test]
async fn a_shop_that_is_being_updated_loses_no_order() {
    let stage = Stage::with([(404, refused("rest_no_route"))]).await;
    let error = WooCommerce.fetch_orders(&stage.call(), &["727".to_owned()]).await.unwrap_err();
    assert_eq!(error.name(), "temporary", "not taken for an order that is gone");
}

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
    let answers = [(200, taken.clone()), (429, String::new()), (200, taken), (502, String::new())];
    let stage = Stage::with(answers).await;
    let rows = stock(&[("7", 5), ("22-23", 4)]);
    let done = stage.execute(&rows).await.unwrap();
    assert_eq!(done.refused[0].channel_product_id, "22-23");
    assert_eq!(done.refused.len(), 1);
    // It may have had its effect: nothing is known of any.
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
