//! A small client of the channel, and a subscriber that takes its webhooks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use dermaga_sandbox::{Config, Rates, Sandbox};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

pub(crate) const FS: &str = "14999";
pub(crate) const COFFEE: i64 = 480_001;
pub(crate) const BATIK: i64 = 480_002;

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{:?}", self.json());
        self.json()["data"].clone()
    }

    /// The code of a refusal that has no envelope.
    pub(crate) fn code_of(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["header"]["error_code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A running sandbox with a client that holds a token.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// A standing clock and no rates, so that only the test moves anything.
pub(crate) fn quiet() -> Config {
    Config { clock_speed: 0, rates: Rates::Lifted, ..Config::default() }
}

impl Bench {
    pub(crate) async fn start(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("tokopedia").unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut bench = Self { sandbox, client, url, token: String::new() };
        bench.renew().await;
        bench
    }

    pub(crate) async fn renew(&mut self) -> Value {
        let basic = "Basic c2FuZGJveC1jbGllbnQtMTQ5OTk6c2FuZGJveC1zZWNyZXQtbm90LWEtcmVhbC1vbmU=";
        let target = "/token?grant_type=client_credentials";
        let answer = self.send(Method::POST, target, &[("authorization", basic)], "").await;
        let token = answer.unwrap().json();
        self.token = token["access_token"].as_str().unwrap().to_owned();
        token
    }

    /// A call of the channel with these headers; the error is a connection that ended.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.client.request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    pub(crate) async fn try_call(
        &self,
        method: Method,
        target: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let bearer = format!("Bearer {}", self.token);
        self.send(method, target, &[("authorization", &bearer)], body).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.try_call(Method::GET, target, "").await.unwrap()
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.try_call(Method::POST, target, body).await.unwrap()
    }

    /// A successful call of the control API under the channel's address.
    pub(crate) fn control(&self, method: &Method, target: &str, body: impl Into<Value>) -> Value {
        let (status, answer) = self.try_control(method, target, &body.into());
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    pub(crate) fn try_control(&self, method: &Method, target: &str, body: &Value) -> (u16, Value) {
        self.sandbox.control(method, &format!("/control/tokopedia/{target}"), body)
    }

    pub(crate) fn place(&self, sku: &str, quantity: i64, paid: bool) -> String {
        let body = json!({"lines": [{"sku": sku, "quantity": quantity}], "paid": paid});
        let placed = self.control(&Method::POST, "orders", body);
        placed["order_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn act(&self, order: &str, act: &str, body: impl Into<Value>) -> Value {
        self.control(&Method::POST, &format!("orders/{order}/{act}"), body)
    }

    pub(crate) async fn detail(&self, order: &str) -> Value {
        self.get(&format!("/v2/fs/{FS}/order?order_id={order}")).await.data()
    }

    pub(crate) fn advance(&self, seconds: u32) {
        let step = json!({ "advance_seconds": seconds });
        let (status, _) = self.sandbox.control(&Method::POST, "/control/clock", &step);
        assert_eq!(status, 200);
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.sandbox.clock().now_us() / 1_000_000
    }

    pub(crate) async fn subscribe(&self, subscriber: &Subscriber) {
        let url = |path: &str| format!("http://{}/{path}", subscriber.addr);
        let body = json!({
            "fs_id": 14999, "order_notification_url": url("order"),
            "order_status_url": url("status"), "order_cancellation_url": url("cancel"),
            "order_request_cancellation_url": url("request"), "webhook_secret": "whsec-test-1",
        });
        let answer = self.post(&format!("/v1/fs/{FS}/register"), body).await;
        assert_eq!(answer.json()["data"], "success");
    }
}

/// A webhook as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) signature: String,
    pub(crate) delivery_id: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// A header's text, "" without one.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A subscriber that answers with the statuses it is told to, then 200.
pub(crate) struct Subscriber {
    pub(crate) addr: SocketAddr,
    answers: Arc<Mutex<VecDeque<u16>>>,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Subscriber {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, received) = mpsc::unbounded_channel();
        let said = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (sender, said) = (sender.clone(), Arc::clone(&said));
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (sender, said) = (sender.clone(), Arc::clone(&said));
                    async move {
                        let (head, body) = request.into_parts();
                        let header = |name: &str| {
                            let value = head.headers.get(name);
                            value.map_or("", |value| value.to_str().unwrap()).to_owned()
                        };
                        let received = Received {
                            path: head.uri.path().to_owned(),
                            signature: header("authorization-hmac"),
                            delivery_id: header("x-delivery-id"),
                            headers: head.headers.clone(),
                            body: body.collect().await?.to_bytes(),
                        };
                        let status = said.lock().unwrap().pop_front().unwrap_or(200);
                        sender.send(received).unwrap();
                        let mut response = hyper::Response::new(Full::new(Bytes::new()));
                        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                        Ok::<_, hyper::Error>(response)
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service),
                );
            }
        });
        Self { addr, answers, received }
    }

    pub(crate) fn answers(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// The next webhook; fails when none comes.
    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(10), self.received.recv());
        next.await.expect("a webhook within ten seconds").unwrap()
    }

    /// Whether nothing has come in so far.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}
