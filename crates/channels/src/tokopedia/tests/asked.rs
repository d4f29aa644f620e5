//! What is asked of the channel, by asking a small server that answers as a test tells it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::{
    Call, Changes, Channel, Command, Credentials, Error, Fetched, Rate, Token, What,
};
use dermaga_domain::time::{Clock, Span, Time};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use crate::tokopedia::{Tokopedia, capabilities};

/// 2026-11-20 in UTC.
const NOW: Time = Time::from_seconds(1_795_132_800);

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

/// One request as the server saw it: method and path with query, then what it carried.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    authorization: String,
    length: Option<String>,
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
    let text = |name| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let asked = Asked {
        line: format!("{} {}", head.method, head.uri),
        authorization: text("authorization").unwrap_or_default(),
        length: text("content-length"),
        body: axum::body::to_bytes(body, 1 << 20).await.unwrap(),
    };
    let mut book = book.lock().unwrap();
    book.asked.push(asked);
    let (status, body) = book.answers.pop_front().expect("a request that no answer is for");
    let reset = [("X-Ratelimit-Reset-After", "0.185000")];
    (StatusCode::from_u16(status).unwrap(), reset, body).into_response()
}

impl Stage {
    async fn with(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let book = Arc::new(Mutex::new(Book { answers, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        tokio::spawn(axum::serve(listener, router).into_future());
        let fields = [
            ("fs_id", "14999"),
            ("client_id", "client-demo"),
            ("client_secret", "secret-demo"),
            ("webhook_secret", "whsec-demo-123"),
            ("api_url", &url),
            ("token_url", &url),
        ];
        let rate = Rate { per_second: 1000, burst: 1000 };
        Self {
            book,
            credentials: Credentials::new(fields),
            http: Http::new(
                Client::build().unwrap(),
                Arc::new(Pacer::default()),
                rate,
                Arc::new(Still),
            ),
            token: Token {
                access: SecretString::from("c:demo"),
                refresh: None,
                expires_at: NOW,
                renewable_until: None,
            },
        }
    }

    fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: Some("480001"),
            shop_key: None,
            token: Some(&self.token),
            http: &self.http,
            now: NOW,
        }
    }

    fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    async fn list(&self, changes: &Changes) -> Result<Fetched, Error> {
        Tokopedia.list_changes(&self.call(), changes).await
    }
}

fn data(data: &str) -> String {
    format!(r#"{{"header":{{"process_time":0.01,"messages":"ok"}},"data":{data}}}"#)
}

fn refused(code: &str) -> String {
    format!(r#"{{"header":{{"messages":"m","reason":"r","error_code":"{code}"}},"data":null}}"#)
}

fn rows(count: usize) -> String {
    let rows: Vec<String> =
        (1..=count).map(|id| format!(r#"{{"order_id":{id},"order_status":220}}"#)).collect();
    data(&format!("[{}]", rows.join(",")))
}

fn window(seconds: i64, page: Option<&str>) -> Changes {
    let from = Time::from_seconds(1_795_000_000);
    let to = from.plus(Span::seconds(seconds));
    Changes { what: What::Orders, from, to, page: page.map(str::to_owned) }
}

#[tokio::test]
async fn a_token_lasts_as_long_as_the_channel_says() {
    let granted = r#"{"access_token":"c:next","expires_in":1200,"token_type":"Bearer"}"#;
    let denied = r#"{"error":"invalid_client"}"#;
    let stage = Stage::with(&[(200, granted), (401, denied), (200, "<html>"), (503, "")]).await;
    let token = Tokopedia.authorise(&stage.call()).await.unwrap();
    assert_eq!(token.access.expose_secret(), "c:next");
    assert_eq!(token.expires_at, NOW.plus(Span::seconds(1200)));
    let asked = &stage.asked()[0];
    assert_eq!(asked.line, "POST /token?grant_type=client_credentials");
    assert_eq!(asked.authorization, "Basic Y2xpZW50LWRlbW86c2VjcmV0LWRlbW8=");
    assert_eq!(asked.length.as_deref(), Some("0"));
    for wanted in ["auth_refused", "temporary", "temporary"] {
        let error = Tokopedia.authorise(&stage.call()).await.unwrap_err();
        assert_eq!(error.name(), wanted);
    }
}

#[tokio::test]
async fn a_window_is_read_in_stretches_of_a_page() {
    let (full, one) = (rows(100), rows(1));
    let answers = [(200, full.as_str()), (200, &one), (200, &data("null"))];
    let stage = Stage::with(&answers).await;
    let first = stage.list(&window(3600, None)).await.unwrap();
    assert_eq!(first.messages[0].kind, "order_list");
    // The envelope, which differs with every read, is not kept.
    assert!(first.messages[0].body.starts_with(b"[{\"order_id\":1,"));
    let empty = stage.list(&window(3600, first.next.as_deref())).await.unwrap();
    assert_eq!(empty, Fetched::default());
    let spans: Vec<String> = stage.lines().iter().map(|line| span(line)).collect();
    assert_eq!(spans, ["0..3600", "0..1800", "1800..3600"]);
    let common = "GET /v2/order/list?fs_id=14999&shop_id=480001&from_date=1795000000";
    assert_eq!(stage.lines()[0], format!("{common}&to_date=1795003600&page=1&per_page=100"));
    assert_eq!(stage.asked()[0].authorization, "Bearer c:demo");
}

#[tokio::test]
async fn a_second_with_more_orders_than_a_page_is_walked_by_number() {
    let stage = Stage::with(&[(200, &rows(100)), (200, &rows(7))]).await;
    let first = stage.list(&window(1, None)).await.unwrap();
    let second = stage.list(&window(1, first.next.as_deref())).await.unwrap();
    assert_eq!((first.messages.len(), second.messages.len(), second.next), (1, 1, None));
    let lines = stage.lines();
    assert!(lines[1].ends_with("&to_date=1795000001&page=2&per_page=100"), "{}", lines[1]);
}

#[tokio::test]
async fn too_large_an_answer_halves_the_window_and_the_rest_follows() {
    let too_large = refused("ORD_API_009");
    let some = rows(2);
    let answers =
        [(500, too_large.as_str()), (500, &too_large), (200, &some), (200, &some), (200, &some)];
    let stage = Stage::with(&answers).await;
    let first = stage.list(&window(4000, None)).await.unwrap();
    assert_eq!(first.messages.len(), 1);
    let second = stage.list(&window(4000, first.next.as_deref())).await.unwrap();
    let third = stage.list(&window(4000, second.next.as_deref())).await.unwrap();
    assert_eq!(third.next, None);
    let spans: Vec<String> = stage.lines().iter().map(|line| span(line)).collect();
    assert_eq!(spans, ["0..4000", "0..2000", "0..1000", "1000..3000", "3000..4000"]);
}

/// The window of a request, relative to the start of [`window`].
fn span(line: &str) -> String {
    let value = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=")).unwrap();
        let seconds: i64 = rest.split('&').next().unwrap().parse().unwrap();
        seconds - 1_795_000_000
    };
    format!("{}..{}", value("from_date"), value("to_date"))
}

#[tokio::test]
async fn a_window_that_cannot_be_halved_is_given_up() {
    let stage = Stage::with(&[(500, &refused("ORD_API_009"))]).await;
    assert_eq!(stage.list(&window(1, None)).await.unwrap_err().name(), "rejected");
}

#[tokio::test]
async fn no_request_asks_for_three_days() {
    let stage = Stage::with(&[(200, &rows(0)), (200, &rows(0))]).await;
    let three_days = 3 * 86_400;
    let first = stage.list(&window(three_days, None)).await.unwrap();
    let second = stage.list(&window(three_days, first.next.as_deref())).await.unwrap();
    assert_eq!(second.next, None);
    let spans: Vec<String> = stage.lines().iter().map(|line| span(line)).collect();
    assert_eq!(spans, ["0..259199", "259199..259200"]);
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let cut = r#"{"header":{"messages":"ok"},"data":[{"order_id":"#;
    let answers = [
        (401, "", "auth_expired"),
        (403, &refused("RBAC_MDLW_001"), "auth_refused"),
        (200, "<html>busy</html>", "temporary"),
        (200, cut, "temporary"),
        (502, "", "temporary"),
        (400, &refused("ORD_DLV_013"), "rejected"),
        // The last: for a while nothing more is asked.
        (429, "", "rate_limited"),
    ];
    let stage = Stage::with(&answers.map(|(status, body, _)| (status, body))).await;
    for (_, body, wanted) in answers {
        let error = stage.list(&window(60, None)).await.unwrap_err();
        assert_eq!(error.name(), wanted);
        if let Error::RateLimited { retry_after } = error {
            assert_eq!(retry_after, Some(Span(185_000)));
        }
        let exchange = stage.http.take_exchanges().pop().unwrap();
        assert_eq!((exchange.outcome, exchange.interface), (wanted, "order_list"));
        assert_eq!(exchange.answer.as_deref(), Some(body.as_bytes()), "the bytes are kept");
    }
    let asked = stage.asked().len();
    assert_eq!(stage.list(&window(60, None)).await.unwrap_err().name(), "rate_limited");
    assert_eq!(stage.asked().len(), asked, "it is left alone");
}

#[tokio::test]
async fn details_and_booking_come_as_one_message() {
    let accepted = data(r#"{"order_id":7,"order_status":400,"order_info":{"order_detail":[]}}"#);
    let new = data(r#"{"order_id":8,"order_status":220,"order_info":{"order_detail":[]}}"#);
    let booking = data(
        r#"{"order_data":[{"booking_data":{"order_id":7,"booking_code":"TKJN-DEMO9001"}}],"next_order_id":9}"#,
    );
    let answers = [
        (200, accepted.as_str()),
        (200, &booking),
        (200, &new),
        (500, &refused("ORD_API_008")),
        (200, &accepted),
        (403, &refused("RBAC_USC_012")),
    ];
    let stage = Stage::with(&answers).await;
    let ids = ["7", "8", "9", "7"].map(str::to_owned);
    let fetched = Tokopedia.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!(fetched.not_found, ["9"]);
    let code_of = |index: usize| {
        let body = std::str::from_utf8(&fetched.messages[index].body).unwrap();
        let heard = super::heard(fetched.messages[index].kind, body);
        heard.snapshot.packages.first().map(|package| package.content.booking_code.clone())
    };
    assert_eq!(code_of(0), Some(Some("TKJN-DEMO9001".to_owned())));
    assert_eq!(code_of(1), None, "no package before the order is accepted");
    assert_eq!(code_of(2), Some(None), "without leave to ask for it there is no booking code");
    assert_eq!(stage.lines()[0], "GET /v2/fs/14999/order?order_id=7");
    assert_eq!(stage.lines()[1], "GET /v1/fs/14999/fulfillment_order?order_id=7&per_page=10");
}

#[tokio::test]
async fn tickets_are_sent_along_with_their_orders() {
    let tickets = data(
        r#"{"is_success":1,"shops":[{"shop_id":480002,"ticket":[{"id":70}]},{"shop_id":480001,"ticket":[
            {"id":72,"invoice_number":"INV/B"},
            {"id":69,"open_date":"2026-10-01","close_date":"2026-11-17","invoice_number":"INV/C"},
            {"id":71,"open_date":"2026-10-01","close_date":"2026-11-18 00:30:00","invoice_number":"INV/A"}]}]}"#,
    );
    let found = data(r#"{"order_id":900100200}"#);
    let answers = [(200, tickets.as_str()), (200, &found), (500, &refused("ORD_API_008"))];
    let stage = Stage::with(&answers).await;
    let changes = Changes { what: What::Returns, ..window(60, None) };
    let fetched = stage.list(&changes).await.unwrap();
    assert_eq!((fetched.messages.len(), fetched.next), (1, None));
    let body = std::str::from_utf8(&fetched.messages[0].body).unwrap();
    let said = super::interpret(fetched.messages[0].kind, body).unwrap();
    assert_eq!(said.orders[0].channel_order_id, "900100200");
    assert_eq!(said.orders[0].facts.len(), 2, "opened and closed");
    assert_eq!(said.unread, ["ticket 72: no order has its invoice number"]);
    // By the day they were opened: one that was closed today was opened long ago.
    let days = "from_date=2026-09-19&to_date=2026-11-18";
    assert_eq!(
        stage.lines(),
        [
            format!("GET /resolution/v1/fs/14999/ticket?shop_id=480001&{days}"),
            "GET /v2/fs/14999/order?invoice_num=INV%2FA".to_owned(),
            "GET /v2/fs/14999/order?invoice_num=INV%2FB".to_owned(),
        ]
    );
}

#[tokio::test]
async fn listings_show_variants_in_place_of_their_parent() {
    let page = data(include_str!("../fixtures/product_info.json"));
    let variant = data(
        r#"[{"basic":{"productID":15250011,"name":"Kaus Contoh M","status":1},"stock":{"useStock":true,"value":"7"},"variant":{"isVariant":true},"other":{"sku":"KAUS-M"}}]"#,
    );
    let answers = [(200, page.as_str()), (200, &variant), (404, &refused("PRD_GRPC_003"))];
    let stage = Stage::with(&answers).await;
    let page = Tokopedia.list_listings(&stage.call(), None).await.unwrap();
    assert_eq!(page.next, None);
    let shown: Vec<_> = page
        .listings
        .iter()
        .map(|l| (l.channel_product_id.as_str(), l.channel_sku.as_str(), l.stock, l.active))
        .collect();
    let wanted = [
        ("15250001", "GAYO-250", Some(40), true),
        ("15250011", "KAUS-M", Some(7), true),
        ("15250020", "JASA", None, false),
    ];
    assert_eq!(shown, wanted);
    let path = "GET /inventory/v1/fs/14999/product/info";
    assert_eq!(
        stage.lines(),
        [
            format!("{path}?shop_id=480001&page=1&per_page=50&sort=1"),
            format!("{path}?product_id=15250011"),
            format!("{path}?product_id=15250012"),
        ]
    );
    assert_eq!(capabilities::LISTINGS_PAGE_MAX, 50);
}

#[tokio::test]
async fn webhooks_are_registered_at_once_without_unsubscribing_others() {
    let base_url = "https://hub.example/hook/".to_owned();
    let command = Command::RegisterWebhooks { base_url };
    let before = r#"{"data":{"fs_id":14999,"chat_notification_url":"https://chat.example/","order_status_url":"https://old.example/","campaign_notification_url":""},"status":"200 Ok","error_message":[]}"#;
    let done = r#"{"data":"success","status":"200 Ok","error_message":[]}"#;
    let urls =
        ["order_notification", "order_status", "order_cancellation", "order_request_cancellation"]
            .map(|kind| format!(r#""{kind}_url":"https://hub.example/hook/{kind}""#))
            .join(",");
    let after = format!(r#"{{"data":{{{urls}}},"status":"200 Ok","error_message":[]}}"#);
    let answers =
        [(200, before), (200, done), (200, &after), (200, before), (200, done), (200, before)];
    let stage = Stage::with(&answers).await;
    Tokopedia.execute(&stage.call(), &command).await.unwrap();
    let asked = stage.asked();
    assert_eq!(asked[1].line, "POST /v1/fs/14999/register");
    let sent: serde_json::Value = serde_json::from_slice(&asked[1].body).unwrap();
    let wanted = serde_json::json!({
        "fs_id": 14999,
        "webhook_secret": "whsec-demo-123",
        "order_notification_url": "https://hub.example/hook/order_notification",
        "order_status_url": "https://hub.example/hook/order_status",
        "order_cancellation_url": "https://hub.example/hook/order_cancellation",
        "order_request_cancellation_url": "https://hub.example/hook/order_request_cancellation",
        "chat_notification_url": "https://chat.example/",
    });
    assert_eq!(sent, wanted);
    let error = Tokopedia.execute(&stage.call(), &command).await.unwrap_err();
    assert_eq!(error.name(), "temporary", "what reads back is not what was set");
}
