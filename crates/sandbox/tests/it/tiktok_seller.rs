//! A small client of the TikTok Shop side that signs for itself.

use bytes::Bytes;
use dermaga_sandbox::{Config, Sandbox};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::Answer;

pub(crate) const KEY: &str = "6sandboxapp01";
pub(crate) const SECRET: &str = "sandbox0secret0not0a0real0one";
pub(crate) const FIRST: &str = "ROW_sandbox1";
pub(crate) const SECOND: &str = "ROW_sandbox2";
pub(crate) const UNLINKED: &str = "ROW_sandbox9";
pub(crate) const PAGE: &str = "/open/authorize?service_id=7430000000000000001&state=5e";
pub(crate) const SEARCH: &str = "/order/202309/orders/search";

/// A running sandbox with a client that signs and holds a token.
pub(crate) struct Seller {
    pub(crate) sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// What a request says besides its path.
pub(crate) struct Said<'a> {
    pub(crate) cipher: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Value,
}

pub(crate) fn of(cipher: &str, body: Value) -> Said<'_> {
    Said { cipher, query: &[], body }
}

pub(crate) fn signature(path: &str, query: &[(String, String)], body: &str) -> String {
    let mut sorted = query.to_vec();
    sorted.sort();
    let joined: String = sorted.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{SECRET}{path}{joined}{body}{SECRET}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub(crate) fn target(path: &str, query: &[(String, String)]) -> String {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{text}")
}

impl Seller {
    pub(crate) async fn open(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("tiktok").unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut seller = Self { sandbox, client, url, token: String::new() };
        let code = seller.code();
        let tokens = seller.exchange(&code).await;
        tokens["data"]["access_token"].as_str().unwrap().clone_into(&mut seller.token);
        seller
    }

    pub(crate) async fn plain(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.plain(Method::GET, target, &[], "").await
    }

    pub(crate) fn control(&self, method: &str, target: &str, body: &Value) -> Value {
        let target = format!("/control/tiktok/{target}");
        let (status, answer) = self.sandbox.control(&method.parse().unwrap(), &target, body);
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    /// A code, as the browser of a seller who lets the app in brings it.
    pub(crate) fn code(&self) -> String {
        self.code_of_page(PAGE)
    }

    /// The same, of another page.
    pub(crate) fn code_of_page(&self, page: &str) -> String {
        let page = format!("{}{page}", self.url);
        let back = self.control("POST", "consent", &json!({"page": page}))["back"].clone();
        let (_, query) = back.as_str().unwrap().split_once('?').unwrap();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    pub(crate) async fn exchange(&self, code: &str) -> Value {
        let target = format!(
            "/api/v2/token/get?app_key={KEY}&app_secret={SECRET}&auth_code={code}&grant_type=authorized_code"
        );
        self.get(&target).await.json()
    }

    pub(crate) fn query(&self, said: &Said<'_>) -> Vec<(String, String)> {
        let now_s = self.sandbox.clock().now_us() / 1_000_000;
        let mut query = vec![
            ("app_key".to_owned(), KEY.to_owned()),
            ("timestamp".to_owned(), now_s.to_string()),
        ];
        let given =
            said.query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        query.extend(given);
        if !said.cipher.is_empty() {
            query.push(("shop_cipher".to_owned(), said.cipher.to_owned()));
        }
        query
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: Vec<(String, String)>,
        body: &Value,
    ) -> Answer {
        let body = if method == Method::GET { String::new() } else { body.to_string() };
        let headers = [("x-tts-access-token", &*self.token)];
        self.signed(method, path, query, &headers, &body).await
    }

    /// A signed request with headers and a body of one's own.
    pub(crate) async fn signed(
        &self,
        method: Method,
        path: &str,
        mut query: Vec<(String, String)>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        query.push(("sign".to_owned(), signature(path, &query, body)));
        self.plain(method, &target(path, &query), headers, body).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, said: Said<'_>) -> Value {
        self.send(method, path, self.query(&said), &said.body).await.json()
    }

    pub(crate) async fn code_of(&self, method: Method, path: &str, said: Said<'_>) -> i64 {
        self.ask(method, path, said).await["code"].as_i64().unwrap()
    }

    pub(crate) fn place(&self, shop: Option<i64>, skus: &[(&str, i64)]) -> String {
        let lines: Vec<Value> =
            skus.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let mut wish = json!({"lines": lines});
        if let Some(shop) = shop {
            wish["shop_id"] = json!(shop);
        }
        self.control("POST", "orders", &wish)["order_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn act(&self, order: &str, act: &str) {
        self.control("POST", &format!("orders/{order}/{act}"), &json!({"by": "seller"}));
    }

    pub(crate) async fn order(&self, cipher: &str, id: &str) -> Value {
        let said = Said { cipher, query: &[("ids", id)], body: Value::Null };
        let answer = self.ask(Method::GET, "/order/202309/orders", said).await;
        answer["data"]["orders"][0].clone()
    }
}
