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
use dermaga_domain::time::{Clock, Span, Time};
use secrecy::SecretString;

use crate::lazada::Lazada;

/// 2026-11-20T02:40:00 in UTC.
pub(super) const NOW: Time = Time::from_seconds(1_795_142_400);

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        NOW
    }
}

/// One request as the server saw it: method and path, and its own parameters without those that every
/// request has.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    every: Vec<String>,
}

#[derive(Default)]
struct Book {
    answers: VecDeque<String>,
    asked: Vec<Asked>,
}

/// A server of written answers, and a way out that leads to it.
pub(super) struct Stage {
    book: Arc<Mutex<Book>>,
    pub(super) url: String,
    pub(super) credentials: Credentials,
    pub(super) http: Http,
    pub(super) token: Token,
    pub(super) country: &'static str,
}

const EVERY: [&str; 5] = ["access_token", "app_key", "sign", "sign_method", "timestamp"];

async fn answer(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let query = head.uri.query().unwrap_or_default();
    let form = std::str::from_utf8(&body).unwrap();
    let all = query.split('&').chain(form.split('&')).filter(|pair| !pair.is_empty());
    let name = |pair: &str| pair.split_once('=').unwrap().0.to_owned();
    let (every, own): (Vec<&str>, Vec<&str>) =
        all.partition(|pair| EVERY.contains(&name(pair).as_str()));
    let own = own.into_iter().map(|pair| pair.replace("%5B", "[").replace("%5D", "]"));
    let own: Vec<String> = own.map(|pair| pair.replace("%2C", ",").replace("%3A", ":")).collect();
    let asked = Asked {
        line: format!("{} {} {}", head.method, head.uri.path(), own.join("&")),
        every: every.into_iter().map(str::to_owned).collect(),
    };
    let mut book = book.lock().unwrap();
    book.asked.push(asked);
    book.answers.pop_front().expect("a request that no answer is for").into_response()
}

impl Stage {
    pub(super) async fn with<B: Into<String>>(answers: impl IntoIterator<Item = B>) -> Self {
        let answers = answers.into_iter().map(Into::into).collect();
        let book = Arc::new(Mutex::new(Book { answers, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        tokio::spawn(axum::serve(listener, router).into_future());
        let fields = [
            ("app_key", "109999"),
            ("app_secret", "demoSecret9876"),
            ("api_url", &*url),
            ("token_url", &*url),
        ];
        let rate = Rate { per_second: 1000, burst: 1000 };
        let client = Client::reaching(&this_machine()).unwrap();
        Self {
            book,
            credentials: Credentials::new(fields),
            url,
            http: Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still)),
            token: Token {
                access: SecretString::from("demo-token"),
                refresh: Some(SecretString::from("demo-refresh")),
                expires_at: NOW,
                renewable_until: Some(NOW.plus(Span::days(3))),
            },
            country: "id",
        }
    }

    /// One more answer.
    pub(super) fn answer(&self, body: String) {
        self.book.lock().unwrap().answers.push_back(body);
    }

    pub(super) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: Some("1009990001"),
            shop_key: Some(self.country),
            token: Some(&self.token),
            http: &self.http,
            now: NOW,
        }
    }

    /// What was asked, without the host of Indonesia.
    pub(super) fn lines(&self) -> Vec<String> {
        let asked = self.book.lock().unwrap().asked.clone();
        asked.into_iter().map(|it| it.line.replace("/api.lazada.co.id/rest", "")).collect()
    }

    /// The parameters of the last request that every request has.
    pub(super) fn every(&self) -> Vec<String> {
        self.book.lock().unwrap().asked.last().unwrap().every.clone()
    }

    pub(super) async fn list(&self, what: What, page: Option<&str>) -> Result<Fetched, Error> {
        let changes = Changes {
            what,
            from: NOW.minus(Span::hours(1)),
            to: NOW.plus(Span(1)),
            page: page.map(str::to_owned),
        };
        Lazada.list_changes(&self.call(), &changes).await
    }

    pub(super) async fn give(
        &self,
        kind: CommandKind,
        reason: Option<&str>,
    ) -> Result<Done, Error> {
        let words = Words { reason: reason.map(str::to_owned), ..Words::default() };
        let channel_order_id = "330044550011".to_owned();
        let command = OrderCommand { kind, channel_order_id, package: None, words };
        Lazada.execute(&self.call(), &Command::Order(command)).await
    }
}

/// An answer of the older endpoints.
pub(super) fn data(json: &str) -> String {
    format!(r#"{{"code":"0","data":{json},"request_id":"0ba2"}}"#)
}

/// An answer of the newer ones.
pub(super) fn result(json: &str) -> String {
    let result = format!(r#"{{"success":true,"errorCode":"","errorMsg":"","data":{json}}}"#);
    format!(r#"{{"code":"0","result":{result},"request_id":"0ba2"}}"#)
}

/// A refusal.
pub(super) fn refused(code: &str) -> String {
    format!(r#"{{"code":"{code}","type":"ISV","message":"m","request_id":"0ba2"}}"#)
}
