//! The Lazada side: a small client that signs for itself.

use std::collections::BTreeMap;

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

pub(crate) const APP_KEY: &str = "109001";
pub(crate) const APP_SECRET: &str = "sandbox-app-secret-not-a-real-one";
const ID: &str = "/api.lazada.co.id/rest";
const AUTH: &str = "/auth.lazada.com";

/// Parameters of a request.
pub(crate) type Params<'a> = &'a [(&'a str, &'a str)];

/// A running sandbox with a client that has a seller's consent.
pub(crate) struct Seller {
    pub(crate) sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

/// The small hex HMAC-SHA256 of a text.
pub(crate) fn hmac_hex(text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// A page of consent with these parameters.
pub(crate) fn page(country: &str) -> String {
    form_urlencoded::Serializer::new(format!("{AUTH}/oauth/authorize?"))
        .append_pair("response_type", "code")
        .append_pair("client_id", APP_KEY)
        .append_pair("redirect_uri", "https://hub.example.test/consent")
        .append_pair("state", "Sr7k")
        .append_pair("country", country)
        .finish()
}

impl Seller {
    /// Opens the sandbox; the seller of the first shop consents.
    pub(crate) async fn open(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let url = sandbox.channel_url("lazada").unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (token, refresh) = (String::new(), String::new());
        let mut seller = Self { sandbox, client, url, token, refresh };
        let granted = seller.exchange(&seller.consent("id")).await;
        seller.take(&granted);
        seller
    }

    /// Speaks with what was granted from now on.
    pub(crate) fn take(&mut self, granted: &Value) {
        granted["access_token"].as_str().unwrap().clone_into(&mut self.token);
        granted["refresh_token"].as_str().unwrap().clone_into(&mut self.refresh);
    }

    /// The code that a seller's press of Allow gives.
    pub(crate) fn consent(&self, country: &str) -> String {
        let page = json!({"page": page(country)});
        let back = self.control(&Method::POST, "consent", &page);
        let back = back["back"].as_str().unwrap();
        let (place, query) = back.split_once('?').unwrap();
        assert_eq!(place, "https://hub.example.test/consent");
        let pairs: BTreeMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(pairs["state"], "Sr7k");
        pairs["code"].clone()
    }

    pub(crate) async fn exchange(&self, code: &str) -> Value {
        let path = "/auth/token/create";
        self.call_at(&format!("{AUTH}/rest"), (Method::POST, path), &[("code", code)]).await
    }

    pub(crate) fn control(&self, method: &Method, target: &str, body: &Value) -> Value {
        let (status, answer) =
            self.sandbox.control(method, &format!("/control/lazada/{target}"), body);
        assert!((200..300).contains(&status), "{target}: {status} {answer}");
        answer
    }

    pub(crate) fn place(&self, quantity: i64, paid: bool) -> String {
        let lines = json!([{"sku": "GAYO-250", "quantity": quantity}]);
        let placed = self.control(&Method::POST, "orders", &json!({"lines": lines, "paid": paid}));
        placed["order_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn act(&self, order: &str, act: &str, body: &Value) {
        self.control(&Method::POST, &format!("orders/{order}/{act}"), body);
    }

    /// The parameters of a call of this moment, signed.
    pub(crate) fn signed(&self, path: &str, own: Params<'_>) -> Vec<(String, String)> {
        let millis = (self.sandbox.clock().now_us() / 1_000).to_string();
        let every = [
            ("app_key", APP_KEY),
            ("timestamp", &*millis),
            ("sign_method", "sha256"),
            ("access_token", &*self.token),
        ];
        // What the call says of these itself counts.
        let every = every.into_iter().filter(|(name, _)| own.iter().all(|(it, _)| it != name));
        let all: BTreeMap<&str, &str> = every.chain(own.iter().copied()).collect();
        let filled = all.into_iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
        let mut params: Vec<(String, String)> =
            filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let parts = params.iter().map(|(name, value)| format!("{name}{value}"));
        let text: String = std::iter::once(path.to_owned()).chain(parts).collect();
        let sign = own.iter().find(|(name, _)| *name == "sign");
        let sign =
            sign.map_or_else(|| hmac_hex(text.as_bytes()).to_uppercase(), |it| it.1.to_owned());
        params.push(("sign".to_owned(), sign));
        params
    }

    /// A call of Indonesia's host.
    pub(crate) async fn call(&self, method: Method, path: &str, own: Params<'_>) -> Value {
        self.call_at(ID, (method, path), own).await
    }

    pub(crate) async fn call_at(
        &self,
        host: &str,
        (method, path): (Method, &str),
        own: Params<'_>,
    ) -> Value {
        let params = self.signed(path, own);
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let (target, body) = if method == Method::GET {
            (format!("{host}{path}?{text}"), String::new())
        } else {
            (format!("{host}{path}"), text)
        };
        let (status, body) = self.send(method, &target, body).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    /// Sends something, and gives the status and the body.
    pub(crate) async fn send(&self, method: Method, target: &str, body: String) -> (u16, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let answer = self.client.request(request).await.unwrap();
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").cloned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, location.map_or(body, |it| Bytes::copy_from_slice(it.as_bytes())))
    }

    /// The numbers of an order's units.
    pub(crate) async fn units(&self, order: &str) -> Vec<Value> {
        let said = [("order_id", order)];
        let answer = self.call(Method::GET, "/order/items/get", &said).await;
        answer["data"].as_array().unwrap().clone()
    }

    /// Packs a whole order; the name of its parcel.
    pub(crate) async fn pack(&self, order: &str) -> String {
        let units: Vec<Value> =
            self.units(order).await.iter().map(|unit| unit["order_item_id"].clone()).collect();
        let id: i64 = order.parse().unwrap();
        let body = json!({"pack_order_list": [{"order_id": id, "order_item_list": units}],
            "delivery_type": "dropship", "shipping_allocate_type": "TFS"});
        let said = [("packReq", &*body.to_string())];
        let answer = self.call(Method::POST, "/order/fulfill/pack", &said).await;
        let rows = answer["result"]["data"]["pack_order_list"][0]["order_item_list"].as_array();
        let mut packages = rows.unwrap().iter().filter_map(|row| row["package_id"].as_str());
        packages.find(|package| !package.is_empty()).unwrap_or_default().to_owned()
    }
}
