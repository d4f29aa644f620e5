//! Requests: where they go, how they are signed, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dermaga_channel::http::RequestBuilder;
use dermaga_channel::{Call, Changes, Error, Fetched, Raw, Token};
use dermaga_domain::time::{Span, Time};
use http::{HeaderValue, Method, Uri, header};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::capabilities::{ORDERS_PAGE_MAX, REFUNDS_MAX};
use super::errors::{self, Kind};
use super::orders;
use super::place::{Place, Shelf, Walk};
use super::sign::{self, Signer};
use super::wire::{Gmt, SomeId, read, read_object};

/// Where the API is below a shop's address.
const API: &str = "/wp-json/wc/v3";
/// The header that says how many pages a list has; a cache before the shop may drop it.
const PAGES: &str = "x-wp-totalpages";
/// For how long a key that was accepted is taken for one that still is, before it is tried again.
const KEY_HOLDS: Span = Span::days(1);

/// Asks one shop.
pub(super) struct Client<'a> {
    call: &'a Call<'a>,
    /// The shop's address, without a slash at its end.
    site: String,
    secure: bool,
}

impl<'a> Client<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Result<Self, Error> {
        let (site, secure) = site(call.credentials.get("site_url"))?;
        Ok(Self { call, site, secure })
    }

    /// Begins a request, with the key as this address takes it: over plain HTTP the shop knows nobody by
    /// a password, and a signature takes its place. Neither stands in an address.
    fn begin(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, Error> {
        let credentials = self.call.credentials;
        let (key, secret) = (credentials.get("consumer_key"), credentials.get("consumer_secret"));
        let (key, secret) = (key.trim(), secret.trim());
        let url = format!("{}{API}{path}", self.site);
        let authorities = credentials.get("certificate_authority");
        let to = |query: &str| {
            let mark = if query.is_empty() { "" } else { "?" };
            let whole = format!("{url}{mark}{query}");
            self.call.http.request_entered(authorities, method.clone(), &whole)
        };
        if self.secure {
            let basic = STANDARD.encode(format!("{key}:{secret}"));
            let mut basic = HeaderValue::from_str(&format!("Basic {basic}"))
                .map_err(|_| wrong_credential("consumer_key", "not a text for a header"))?;
            basic.set_sensitive(true);
            return Ok(to(&sign::query_text(query))?.header(header::AUTHORIZATION, basic));
        }
        let signer = Signer {
            key,
            secret,
            method: sign::Method::of(credentials),
            timestamp: self.call.now.as_seconds(),
            nonce: &nonce(),
        };
        to(&sign::signed_query(signer, method.as_str(), &url, query))
    }

    /// Reads. It has no effect, so that one without an answer can be repeated.
    pub(super) async fn get(
        &self,
        endpoint: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Box<RawValue>, Error> {
        Ok(self.page(endpoint, path, query).await?.0)
    }

    /// Reads a page of a list; with how many there are, if something says so.
    async fn page(
        &self,
        endpoint: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<(Box<RawValue>, Option<u32>), Error> {
        let request = self.begin(&Method::GET, path, query)?;
        let sent = self.call.http.send(endpoint, request).await;
        let answer = sent.map_err(harmless)?;
        let pages = answer.headers.get(PAGES).and_then(|pages| pages.to_str().ok()?.parse().ok());
        let json = errors::json(&answer, Kind::Read).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })?;
        Ok((json, pages))
    }

    /// Writes, and gives what the shop says then.
    pub(super) async fn write(
        &self,
        endpoint: &'static str,
        (method, path): (Method, &str),
        body: &Value,
    ) -> Result<Box<RawValue>, Error> {
        let query: &[_] = if method == Method::DELETE { &[("force", "true")] } else { &[] };
        let mut request = self.begin(&method, path, query)?;
        if method != Method::DELETE {
            request = request.json(body);
        }
        let answer = self.call.http.send(endpoint, request).await?;
        errors::json(&answer, Kind::Write).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }

    /// One order; it may be in the shop's bin.
    pub(super) async fn order(&self, id: u64) -> Result<Box<RawValue>, Error> {
        self.get("order", &format!("/orders/{id}"), &[]).await
    }

    /// The refunds of an order.
    pub(super) async fn refunds(&self, order: SomeId) -> Result<Box<RawValue>, Error> {
        let query = [("per_page", &*REFUNDS_MAX.to_string())];
        self.get("refunds", &format!("/orders/{order}/refunds"), &query).await
    }
}

/// A shop's address as it is signed and asked: scheme, host and folder; and whether it is by HTTPS.
fn site(entered: &str) -> Result<(String, bool), Error> {
    let wrong = || wrong_credential("site_url", "the address of the shop begins with https://");
    let entered = entered.trim();
    let entered = entered.split_once("/wp-json").map_or(entered, |(site, _)| site);
    let address: Uri = entered.trim_end_matches('/').parse().map_err(|_| wrong())?;
    let secure = match address.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(wrong()),
    };
    let place = address.authority().ok_or_else(wrong)?.as_str().to_ascii_lowercase();
    if place.contains('@') || address.query().is_some() || place.starts_with(':') {
        return Err(wrong());
    }
    let scheme = if secure { "https" } else { "http" };
    let folder = address.path().trim_end_matches('/');
    Ok((format!("{scheme}://{place}{folder}"), secure))
}

/// Something that was never sent before: the shop refuses what it has seen in the same second.
fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A request without effect that got no answer: it can be repeated.
fn harmless(error: Error) -> Error {
    if let Error::Unknown(why) = error { Error::Temporary(why) } else { error }
}

/// While connecting a page that is not there does not pass: the address is wrong.
fn nowhere(error: Error) -> Error {
    if matches!(&error, Error::Temporary(code) if code == "http_404") {
        return wrong_credential("http_404", "no WooCommerce is found at this address");
    }
    error
}

pub(super) fn wrong_credential(code: &str, message: &str) -> Error {
    Error::AuthRefused { code: code.to_owned(), message: message.to_owned() }
}

/// Tries the key. There is no token: what is given stands for a key that was accepted.
pub(super) async fn authorise(call: &Call<'_>) -> Result<Token, Error> {
    let client = Client::new(call)?;
    let rows = client.get("key", "/orders", &[("per_page", "1")]).await.map_err(nowhere)?;
    read::<Vec<&RawValue>>("key", rows.get().as_bytes())
        .map_err(|_| wrong_credential("site_url", "what answers there is not WooCommerce"))?;
    let access = SecretString::from("key".to_owned());
    Ok(Token { access, refresh: None, expires_at: call.now.plus(KEY_HOLDS), renewable_until: None })
}

/// A row of an order list, as far as walking goes.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) id: SomeId,
    #[serde(default)]
    date_modified_gmt: Gmt,
    #[serde(default)]
    refunds: Option<Vec<serde::de::IgnoredAny>>,
}

impl Listed {
    /// Whether money of it went back.
    pub(super) fn is_refunded(&self) -> bool {
        self.refunds.as_ref().is_some_and(|refunds| !refunds.is_empty())
    }
}

/// A page of orders that changed, and where to go on.
pub(super) struct Page {
    pub(super) rows: Box<RawValue>,
    pub(super) listed: Vec<Listed>,
    count: usize,
    pub(super) next: Option<Place>,
}

impl Client<'_> {
    /// Reads a page of orders that changed in a window: both of its ends are whole seconds that the
    /// list leaves out.
    pub(super) async fn changed(&self, mut place: Place, changes: &Changes) -> Result<Page, Error> {
        let before = ceil_seconds(changes.to);
        let (rows, pages) = loop {
            let query = place.query(before);
            let query: Vec<(&str, &str)> =
                query.iter().map(|(key, value)| (*key, value.as_str())).collect();
            match self.page("order_list", "/orders", &query).await {
                Err(Error::Rejected { code, .. }) if code == errors::INVALID_PARAM => {
                    place = match (place.walk, place.shelf) {
                        (Walk::Modified { page: 1 }, _) => place.by_id(),
                        // A shop that does not know its bin by this name has nothing in it.
                        (_, Shelf::Bin) => break (empty(), None),
                        _ => return Err(Error::Rejected { code, message: String::new() }),
                    };
                }
                other => break other?,
            }
        };
        let all: Vec<&RawValue> = read(orders::LIST, rows.get().as_bytes())?;
        let count = all.len();
        let readable = |row: &&RawValue| read_object(orders::LIST, row.get().as_bytes()).ok();
        let listed: Vec<Listed> = all.iter().filter_map(readable).collect();
        let last = listed.iter().filter_map(|row| row.date_modified_gmt.0).max();
        let next = place.next(count, pages, last.map(Time::as_seconds));
        Ok(Page { rows, listed, count, next })
    }
}

fn empty() -> Box<RawValue> {
    serde_json::value::to_raw_value(&Value::Array(Vec::new()))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The start of a window in a list: the second before its first.
pub(super) fn start_of(changes: &Changes, shelf: Shelf) -> Result<Place, Error> {
    match changes.page.as_deref() {
        Some(page) => Place::parse(page).ok_or(Error::Unsupported("not a page of this list")),
        None => Ok(Place::start(shelf, changes.from.as_seconds() - 1)),
    }
}

fn ceil_seconds(at: Time) -> i64 {
    at.as_seconds() + i64::from(at.0.rem_euclid(1_000_000) > 0)
}

/// A page of the orders that changed: first those of the shop, then those in its bin.
pub(super) async fn list_orders(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let place = start_of(changes, Shelf::Any)?;
    let page = client.changed(place, changes).await?;
    let after = changes.from.as_seconds() - 1;
    let bin = || (place.shelf == Shelf::Any).then(|| Place::start(Shelf::Bin, after));
    let body = Bytes::from(Box::<str>::from(page.rows).into_string());
    let message = (page.count > 0).then_some(Raw { kind: orders::LIST, body });
    Ok(Fetched::page(message, page.next.or_else(bin).map(Place::text)))
}

/// The details of orders: by one request for many, each by its own where that does not show it.
pub(super) async fn fetch_orders(call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let mut fetched = Fetched::default();
    let mut wanted: Vec<u64> = Vec::with_capacity(ids.len());
    for id in ids {
        match id.parse() {
            Ok(number) => wanted.push(number),
            Err(_) => fetched.not_found.push(id.clone()),
        }
    }
    for some in wanted.chunks(ORDERS_PAGE_MAX as usize) {
        let mut found: Vec<Box<RawValue>> = Vec::new();
        if some.len() > 1 {
            found = client.several(some).await?;
        }
        for &id in some {
            if found.iter().any(|order| id_of(order) == Some(id)) {
                continue;
            }
            match client.order(id).await {
                Ok(order) => found.push(order),
                Err(Error::NotFound) => fetched.not_found.push(id.to_string()),
                Err(error) => return Err(error),
            }
        }
        for order in found {
            fetched.messages.push(client.whole(&order).await?);
        }
    }
    Ok(fetched)
}

fn id_of(order: &RawValue) -> Option<u64> {
    read_object::<Listed>(orders::DETAIL, order.get().as_bytes()).ok().map(|listed| listed.id.0)
}

impl Client<'_> {
    /// Those of these orders that are not in the bin.
    async fn several(&self, ids: &[u64]) -> Result<Vec<Box<RawValue>>, Error> {
        let include: Vec<String> = ids.iter().map(u64::to_string).collect();
        let query = [
            ("include", &*include.join(",")),
            ("status", "any"),
            ("orderby", "id"),
            ("order", "asc"),
            ("per_page", &ORDERS_PAGE_MAX.to_string()),
        ];
        let rows = self.get("order_list", "/orders", &query).await?;
        let rows: Vec<&RawValue> = read(orders::DETAIL, rows.get().as_bytes())?;
        Ok(rows.into_iter().map(ToOwned::to_owned).collect())
    }

    /// An order with its refunds, which the order itself shows without their times.
    async fn whole(&self, order: &RawValue) -> Result<Raw, Error> {
        let listed: Result<Listed, _> = read_object(orders::DETAIL, order.get().as_bytes());
        let body = match listed {
            Ok(listed) if listed.is_refunded() => {
                let refunds = self.refunds(listed.id).await?;
                format!("{{\"order\":{order},\"refunds\":{refunds}}}")
            }
            // Details that cannot be read go to the inbox all the same, where they are kept.
            _ => format!("{{\"order\":{order}}}"),
        };
        Ok(Raw { kind: orders::DETAIL, body: body.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_the_shop_knows_it() {
        let cases = [
            ("https://shop.example.test", Some(("https://shop.example.test", true))),
            (" https://Shop.Example.Test/ ", Some(("https://shop.example.test", true))),
            ("https://a.example/toko/wp-json/wc/v3", Some(("https://a.example/toko", true))),
            ("http://127.0.0.1:8080", Some(("http://127.0.0.1:8080", false))),
            ("shop.example.test", None),
            ("ftp://shop.example.test", None),
            ("https://user:secret@shop.example.test", None),
            ("https://shop.example.test?x=1", None),
            ("https://", None),
            ("", None),
        ];
        for (entered, wanted) in cases {
            let wanted = wanted.map(|(address, secure)| (address.to_owned(), secure));
            assert_eq!(site(entered).ok(), wanted, "{entered}");
        }
    }
}
