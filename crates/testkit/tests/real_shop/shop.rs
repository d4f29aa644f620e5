//! The shop as its own people ask it: plain requests, signed here and not by the channel's client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dermaga_channel::Rate;
use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::sign::hmac_sha256;
use dermaga_domain::time::Clock;
use dermaga_testkit::Failure;
use http::Method;
use serde_json::{Value, json};

use crate::Given;

/// Where the API is below a shop's address.
const API: &str = "/wp-json/wc/v3";
/// What SKUs of a course begin with.
pub(crate) const SKU_PREFIX: &str = "DERMAGA-UJI-";
/// The mark on a course's order, so that it can be found again.
const MARK: &str = "_dermaga_uji";
/// What the product costs, as the shop writes it; in rupiah a small amount.
const PRICE: &str = "10000";
/// Requests a second: more than a course sends.
const RATE: Rate = Rate { per_second: 50, burst: 50 };

/// A shop, asked with its own key.
pub(crate) struct Shop {
    given: Given,
    http: Http,
    clock: Arc<dyn Clock>,
    asked: AtomicU64,
}

/// What a course has put into a shop.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) product: Option<u64>,
    pub(crate) order: Option<u64>,
}

impl Shop {
    pub(crate) fn new(given: &Given, client: Client, clock: Arc<dyn Clock>) -> Self {
        let http = Http::new(client, Arc::new(Pacer::default()), RATE, Arc::clone(&clock));
        let site = given.site.trim_end_matches('/').to_owned();
        Self { given: Given { site, ..given.clone() }, http, clock, asked: AtomicU64::new(0) }
    }

    /// Asks; anything but success is a failure with the shop's words.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, Failure> {
        let url = format!("{}{API}{path}", self.given.site);
        let secure = url.starts_with("https://");
        let query = if secure { joined(query) } else { self.signed(&method, &url, query) };
        let whole = if query.is_empty() { url } else { format!("{url}?{query}") };
        let mut request =
            self.http.request_entered(&self.given.authority, method.clone(), &whole)?;
        if secure {
            request = request.basic_auth(&self.given.key, Some(&self.given.secret));
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = self.http.send("course", request).await?;
        let said = String::from_utf8_lossy(&answer.body);
        if !answer.status.is_success() {
            let (status, said) = (answer.status, said.chars().take(300).collect::<String>());
            return Err(format!("the shop answers {status} to {method} {path}: {said}").into());
        }
        let not_json = |error| format!("{method} {path} is not answered with JSON: {error}");
        Ok(serde_json::from_str(&said).map_err(not_json)?)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, &[], &Value::Null).await
    }

    /// A query with a signature (OAuth 1.0a with one leg): over plain HTTP a shop takes no password.
    fn signed(&self, method: &Method, url: &str, query: &[(&str, &str)]) -> String {
        let (now, turn) = (self.clock.now(), self.asked.fetch_add(1, Ordering::Relaxed));
        let (at, nonce) = (now.as_seconds().to_string(), format!("{}x{turn}", now.0));
        let mut pairs = query.to_vec();
        pairs.extend([
            ("oauth_consumer_key", self.given.key.as_str()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", &at),
        ]);
        pairs.sort_unstable();
        let base = format!("{method}&{}&{}", escaped(url), escaped(&joined(&pairs)));
        let key = format!("{}&", self.given.secret);
        let signature = STANDARD.encode(hmac_sha256(key.as_bytes(), base.as_bytes()));
        format!("{}&oauth_signature={}", joined(&pairs), escaped(&signature))
    }

    /// Puts a product into the shop that buyers do not see.
    pub(crate) async fn make_product(&self, sku: &str, stock: i64) -> Result<u64, Failure> {
        let body = json!({
            "name": "Dermaga: barang uji", "type": "simple", "status": "private", "sku": sku,
            "regular_price": PRICE, "manage_stock": true, "stock_quantity": stock,
        });
        id_of(&self.ask(Method::POST, "/products", &[], &body).await?)
    }

    /// Enters an order of it that waits to be paid, of a buyer who is nobody.
    pub(crate) async fn make_order(
        &self,
        product: u64,
        quantity: i64,
        sku: &str,
    ) -> Result<u64, Failure> {
        let place = json!({
            "first_name": "Budi", "last_name": "Contoh", "address_1": "Jl. Contoh 1",
            "city": "Jakarta", "postcode": "12810", "country": "ID", "phone": "6281200000001",
            "email": "budi@pembeli.example.test",
        });
        let body = json!({
            "status": "pending", "billing": place, "payment_method": "bacs",
            "line_items": [{"product_id": product, "quantity": quantity}],
            "meta_data": [{"key": MARK, "value": sku}],
        });
        id_of(&self.ask(Method::POST, "/orders", &[], &body).await?)
    }

    pub(crate) async fn set_status(&self, order: u64, status: &str) -> Result<(), Failure> {
        let body = json!({ "status": status });
        self.ask(Method::PUT, &format!("/orders/{order}"), &[], &body).await.map(drop)
    }

    pub(crate) async fn status(&self, order: u64) -> Result<String, Failure> {
        let order = self.get(&format!("/orders/{order}")).await?;
        Ok(order["status"].as_str().unwrap_or_default().to_owned())
    }

    /// How much of a product the shop shows.
    pub(crate) async fn stock(&self, product: u64) -> Result<Option<i64>, Failure> {
        Ok(self.get(&format!("/products/{product}")).await?["stock_quantity"].as_i64())
    }

    /// The webhooks that go to addresses that begin so: their ids, and whether they are sent.
    pub(crate) async fn hooks(&self, prefix: &str) -> Result<Vec<(u64, bool)>, Failure> {
        let query = [("per_page", "100"), ("status", "all")];
        let all = self.ask(Method::GET, "/webhooks", &query, &Value::Null).await?;
        let ours = |hook: &&Value| {
            hook["delivery_url"].as_str().is_some_and(|url| url.starts_with(prefix))
        };
        let hooks = all.as_array().into_iter().flatten().filter(ours);
        hooks.map(|hook| Ok((id_of(hook)?, hook["status"] == "active"))).collect()
    }

    /// Looks at the site as a visitor does: that is when a quiet shop does what it has queued.
    pub(crate) async fn visit(&self) {
        let url = format!("{}/wp-cron.php?doing_wp_cron", self.given.site);
        let request = self.http.request_entered(&self.given.authority, Method::GET, &url);
        if let Ok(request) = request {
            // What a shop without this page answers is of no account.
            drop(self.http.send("visit", request).await);
        }
    }

    /// Takes out again what was put in, order first; all of it is tried. The product comes first of all.
    pub(crate) async fn remove(&self, made: &Made, hooks: &str) -> Result<(), Failure> {
        if made.product.is_none() {
            return Ok(());
        }
        let mut paths: Vec<String> = Vec::new();
        paths.extend(made.order.map(|id| format!("/orders/{id}")));
        paths.extend(made.product.map(|id| format!("/products/{id}")));
        let mut failures = Vec::new();
        match self.hooks(hooks).await {
            Ok(left) => paths.extend(left.iter().map(|(id, _)| format!("/webhooks/{id}"))),
            Err(failure) => failures.push(failure.to_string()),
        }
        for path in &paths {
            let gone = self.ask(Method::DELETE, path, &[("force", "true")], &Value::Null).await;
            match gone {
                Ok(_) => println!("  removed {path} at the shop"),
                Err(failure) => failures.push(failure.to_string()),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures.join("; ").into()) }
    }

    /// What any course has left among the newest products, orders and webhooks.
    pub(crate) async fn left_of_courses(&self) -> Result<Vec<String>, Failure> {
        let query = [("per_page", "100")];
        let all = self.ask(Method::GET, "/products", &query, &Value::Null).await?;
        let of_course = |product: &&Value| {
            product["sku"].as_str().is_some_and(|sku| sku.starts_with(SKU_PREFIX))
        };
        let products = all.as_array().into_iter().flatten().filter(of_course);
        let mut left: Vec<String> = products.map(|it| format!("product {}", it["id"])).collect();
        let all = self.ask(Method::GET, "/orders", &query, &Value::Null).await?;
        let marked = |order: &&Value| {
            let mut meta = order["meta_data"].as_array().into_iter().flatten();
            meta.any(|row| row["key"] == MARK)
        };
        let orders = all.as_array().into_iter().flatten().filter(marked);
        left.extend(orders.map(|it| format!("order {}", it["id"])));
        left.extend(self.hooks("").await?.iter().map(|(id, _)| format!("webhook {id}")));
        Ok(left)
    }
}

fn id_of(thing: &Value) -> Result<u64, Failure> {
    thing["id"].as_u64().ok_or_else(|| "the shop gives no id".into())
}

/// Everything but letters, digits and `-._~` as percent signs.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut safe, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            safe.extend(format!("%{byte:02X}").chars());
        }
        safe
    })
}

fn joined(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}
