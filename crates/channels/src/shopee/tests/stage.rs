//! A small server that answers as a test tells it, and a way out that leads to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::reach::this_machine;
use dermaga_channel::{
    Call, Changes, Channel, Command, Credentials, Done, Error, Fetched, OrderCommand, Rate, Token,
    What,
};
use dermaga_domain::command::Words;
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::{Clock, Time};
use http::StatusCode;
use secrecy::SecretString;
use serde_json::Value;

use crate::shopee::Shopee;

pub(super) const NOW: Time = Time::from_seconds(1_760_000_000);

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

/// One request as the server saw it: method and path with query but for what every call carries.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    /// What every call carries.
    pub(super) common: Vec<String>,
    pub(super) body: Bytes,
}

#[derive(Default)]
struct Book {
    answers: VecDeque<(u16, String)>,
    asked: Vec<Asked>,
}

/// A server of written answers, and a way out that leads to it.
pub(super) struct Stage {
    book: Arc<Mutex<Book>>,
    pub(super) credentials: Credentials,
    http: Http,
    token: Token,
    pub(super) url: String,
}

const COMMON: [&str; 5] = ["partner_id=", "timestamp=", "sign=", "access_token=", "shop_id="];

async fn answer(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let carried = |pair: &&str| COMMON.iter().any(|name| pair.starts_with(name));
    let (common, plain): (Vec<&str>, Vec<&str>) =
        query.split('&').filter(|pair| !pair.is_empty()).partition(carried);
    let mark = if plain.is_empty() { "" } else { "?" };
    let asked = Asked {
        line: format!("{} {}{mark}{}", head.method, head.uri.path(), plain.join("&")),
        common: common.into_iter().map(str::to_owned).collect(),
        body: axum::body::to_bytes(body, 1 << 20).await.unwrap(),
    };
    let mut book = book.lock().unwrap();
    book.asked.push(asked);
    let (status, body) = book.answers.pop_front().expect("a request that no answer is for");
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

/// An answer that says that all is well.
pub(super) fn well(response: &str) -> (u16, String) {
    flat(&format!(r#""response":{response}"#))
}

/// One without `response` around what it says.
pub(super) fn flat(fields: &str) -> (u16, String) {
    (200, format!(r#"{{"request_id":"r","error":"","message":"",{fields}}}"#))
}

/// A refusal.
pub(super) fn no(code: &str, message: &str) -> (u16, String) {
    (200, format!(r#"{{"request_id":"r","error":"{code}","message":"{message}"}}"#))
}

impl Stage {
    pub(super) async fn with(answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let answers = answers.into_iter().collect();
        let book = Arc::new(Mutex::new(Book { answers, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        tokio::spawn(axum::serve(listener, router).into_future());
        let fields = [
            ("partner_id", "2001887"),
            ("partner_key", "demo_partner_key_0123456789abcdef"),
            ("push_url", "https://hub.example.test/webhooks/r1/push"),
            ("api_url", &*url),
        ];
        let rate = Rate { per_second: 1000, burst: 1000 };
        let client = Client::reaching(&this_machine()).unwrap();
        Self {
            book,
            credentials: Credentials::new(fields),
            http: Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still)),
            token: Token {
                access: SecretString::from("demoaccesstoken"),
                refresh: Some(SecretString::from("demorefreshtoken")),
                expires_at: NOW,
                renewable_until: None,
            },
            url,
        }
    }

    pub(super) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: Some("14701711"),
            shop_key: None,
            token: Some(&self.token),
            http: &self.http,
            now: NOW,
        }
    }

    /// What is answered from now on.
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = (u16, String)>) {
        self.book.lock().unwrap().answers.extend(answers);
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    pub(super) fn bodies(&self) -> Vec<Value> {
        let body = |asked: Asked| serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
        self.asked().into_iter().map(body).collect()
    }

    pub(super) async fn list(&self, what: What, page: Option<&str>) -> Result<Fetched, Error> {
        let from = Time(NOW.0 - 3_600_000_000);
        let to = Time(NOW.0 + 1);
        let changes = Changes { what, from, to, page: page.map(str::to_owned) };
        Shopee.list_changes(&self.call(), &changes).await
    }

    pub(super) async fn execute(&self, command: &Command) -> Result<Done, Error> {
        Shopee.execute(&self.call(), command).await
    }

    pub(super) async fn order(
        &self,
        kind: CommandKind,
        reason: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Result<Done, Error> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let words = Words {
            reason: reason.map(str::to_owned),
            fields: fields.iter().map(pair).collect(),
            ..Words::default()
        };
        let channel_order_id = "260105DEMO0001".to_owned();
        let command = OrderCommand { kind, channel_order_id, package: None, words };
        self.execute(&Command::Order(command)).await
    }

    pub(super) fn exchanges(&self) -> String {
        format!("{:?}", self.http.take_exchanges())
    }
}
