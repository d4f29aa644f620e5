//! A small server that answers as a test tells it, and a way out that leads to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::reach::this_machine;
use dermaga_channel::{
    Call, Changes, Channel, Command, Credentials, Done, Error, Fetched, Rate, Token, What,
};
use dermaga_domain::time::{Clock, Time};
use http::StatusCode;
use secrecy::SecretString;
use serde_json::Value;

use crate::woocommerce::WooCommerce;

/// 2026-01-05T03:00:00 in UTC.
pub(super) const NOW: Time = Time::from_seconds(1_767_582_000);

pub(super) struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

/// One request as the server saw it: method and path with query but for the signature's parts.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) signature: Vec<String>,
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
    pub(super) http: Http,
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
    pub(super) async fn with<B: Into<String>>(answers: impl IntoIterator<Item = (u16, B)>) -> Self {
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
            token: Token {
                access: SecretString::from("key"),
                refresh: None,
                expires_at: NOW,
                renewable_until: None,
            },
        }
    }

    pub(super) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: Some("contoh"),
            shop_key: None,
            token: Some(&self.token),
            http: &self.http,
            now: NOW,
        }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let line = |asked: Asked| asked.line.replace("/wp-json/wc/v3", "");
        self.asked().into_iter().map(line).collect()
    }

    pub(super) fn bodies(&self) -> Vec<Value> {
        let body = |asked: Asked| serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
        self.asked().into_iter().map(body).collect()
    }

    pub(super) async fn list(&self, what: What, page: Option<&str>) -> Result<Fetched, Error> {
        let from = Time(NOW.0 - 3_600_000_000 + 500_000);
        let to = Time(NOW.0 + 1);
        let changes = Changes { what, from, to, page: page.map(str::to_owned) };
        WooCommerce.list_changes(&self.call(), &changes).await
    }

    pub(super) async fn execute(&self, command: &Command) -> Result<Done, Error> {
        WooCommerce.execute(&self.call(), command).await
    }
}

/// A refusal of the shop.
pub(super) fn refused(code: &str) -> String {
    format!(r#"{{"code":"{code}","message":"m","data":{{"status":400}}}}"#)
}
