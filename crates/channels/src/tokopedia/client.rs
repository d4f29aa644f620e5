//! Requests: where they go, what they carry, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dermaga_channel::{
    Call, Changes, Command, Done, Error, Fetched, Raw, Stretch, Token, Walked, Window,
};
use dermaga_domain::time::{Span, Time};
use http::{Method, header};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::{ORDER_WINDOW_MAX, ORDERS_PAGE_MAX};
use super::wire::{Count, Status, Text, read};
use super::{commands, detail, errors, orders, stock, webhook};

/// Where requests go, unless the credentials name another place.
const API_URL: &str = "https://fs.tokopedia.net";
/// Where tokens come from, unless the credentials name another place.
const TOKEN_URL: &str = "https://accounts.tokopedia.com";

/// Asks one app's endpoints.
pub(super) struct Client<'a> {
    pub(super) call: &'a Call<'a>,
    api_url: &'a str,
    /// The app's id, digits only, so that it can stand in a path.
    pub(super) fs_id: &'a str,
}

impl<'a> Client<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Result<Self, Error> {
        let fs_id = call.credentials.get("fs_id").trim();
        if fs_id.is_empty() || !fs_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong_credential("fs_id", "the fs_id is a number"));
        }
        Ok(Self { call, api_url: base(call.credentials.get("api_url"), API_URL), fs_id })
    }

    /// The shop that is spoken for.
    pub(super) fn shop_id(&self) -> Result<&'a str, Error> {
        self.call.channel_shop_id.ok_or(Error::Unsupported("this request is for one shop"))
    }

    /// Reads the `data` of an endpoint. A read has no effect, so that one without an answer can be
    /// repeated.
    pub(super) async fn get(
        &self,
        endpoint: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Box<RawValue>, Error> {
        let url = format!("{}{path}", self.api_url);
        let request = self.call.http.request(Method::GET, &url).query(query);
        let request = request.bearer_auth(self.call.bearer()?);
        let answer = self.call.http.send(endpoint, request).await.map_err(harmless)?;
        errors::data(&answer).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }

    /// Posts a JSON body and gives the `data` of the answer.
    pub(super) async fn post(
        &self,
        endpoint: &'static str,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<Box<RawValue>, Error> {
        let url = format!("{}{path}", self.api_url);
        let request = self.call.http.request(Method::POST, &url).bearer_auth(self.call.bearer()?);
        let answer = self.call.http.send(endpoint, request.json(body)).await?;
        errors::data(&answer).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }
}

impl Client<'_> {
    /// Reads a page that is not JSON; refusals are. Gives its media type and bytes.
    pub(super) async fn page(
        &self,
        endpoint: &'static str,
        path: &str,
    ) -> Result<(String, Bytes), Error> {
        let url = format!("{}{path}", self.api_url);
        let request = self.call.http.request(Method::GET, &url).bearer_auth(self.call.bearer()?);
        let answer = self.call.http.send(endpoint, request).await.map_err(harmless)?;
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        if answer.status.is_success() && !kind.starts_with("application/json") {
            return Ok((kind, answer.body));
        }
        let refused = errors::data(&answer).err();
        let error = refused.unwrap_or_else(|| Error::Malformed("not a page".to_owned()));
        self.call.http.note_outcome(&error, Some(answer.body));
        Err(error)
    }
}

/// A request without effect that got no answer: it can be repeated.
fn harmless(error: Error) -> Error {
    if let Error::Unknown(why) = error { Error::Temporary(why) } else { error }
}

/// An address without its last slashes.
fn base<'a>(entered: &'a str, default: &'a str) -> &'a str {
    let entered = entered.trim();
    (if entered.is_empty() { default } else { entered }).trim_end_matches('/')
}

fn wrong_credential(code: &str, message: &str) -> Error {
    Error::AuthRefused { code: code.to_owned(), message: message.to_owned() }
}

/// The answer of the token endpoint; it has no envelope.
#[derive(Deserialize)]
struct Granted {
    access_token: Text,
    /// In seconds from now. A repeated request gives the same token with what is left of it.
    expires_in: Count,
}

/// Asks for the app's token. There is nothing to renew it with: it is asked for anew.
pub(super) async fn authorise(call: &Call<'_>) -> Result<Token, Error> {
    let (id, secret) = (call.credentials.get("client_id"), call.credentials.get("client_secret"));
    if id.is_empty() || secret.is_empty() {
        return Err(wrong_credential("client_id", "client_id and client_secret are needed"));
    }
    let place = base(call.credentials.get("token_url"), TOKEN_URL);
    let url = format!("{}/token", place.strip_suffix("/token").unwrap_or(place));
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let mut basic = header::HeaderValue::from_str(&format!("Basic {basic}"))
        .map_err(|_| wrong_credential("client_id", "not a text that a header can carry"))?;
    basic.set_sensitive(true);
    let request = call.http.request(Method::POST, &url);
    let request = request.query(&[("grant_type", "client_credentials")]);
    let request = request.header(header::AUTHORIZATION, basic).header(header::CONTENT_LENGTH, 0);
    // Asking twice gives the same token, so that no answer is nothing worse than no token.
    let answer = call.http.send("token", request).await.map_err(harmless)?;
    let granted = granted(&answer);
    granted
        .map(|granted| Token {
            access: SecretString::from(granted.access_token.0),
            refresh: None,
            expires_at: call.now.plus(Span::seconds(granted.expires_in.0)),
            renewable_until: None,
        })
        .inspect_err(|error| call.http.note_outcome(error, None))
}

fn granted(answer: &dermaga_channel::http::Answer) -> Result<Granted, Error> {
    if answer.status.is_success() {
        let unreadable = |error: Error| Error::Temporary(error.to_string());
        let granted: Granted = read("token", &answer.body).map_err(unreadable)?;
        if granted.access_token.0.is_empty() {
            return Err(Error::Temporary("the token is blank".to_owned()));
        }
        return Ok(granted);
    }
    match errors::data(answer) {
        Err(error @ (Error::RateLimited { .. } | Error::Temporary(_))) => Err(error),
        _ => {
            let code = format!("http_{}", answer.status.as_u16());
            Err(wrong_credential(&code, "the client_id or the client_secret is not accepted"))
        }
    }
}

/// The longest stretch of the order list, in seconds: the channel refuses three days.
const STRETCH_SECONDS_MAX: i64 = ORDER_WINDOW_MAX.0 / 1_000_000;

/// A page of the order list.
pub(super) async fn list_orders(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let (start, end) = (changes.from.as_seconds(), ceil_seconds(changes.to));
    if end <= start {
        return Ok(Fetched::default());
    }
    let page_max = ORDERS_PAGE_MAX;
    let window = Window { from: start, end, longest: STRETCH_SECONDS_MAX, page_max };
    let mut stretch = window.resumed(changes.page.as_deref());
    loop {
        let rows = match client.orders_in(&stretch).await {
            Err(Error::Rejected { code, message }) if code == errors::ANSWER_TOO_LARGE => {
                stretch = stretch.halved().ok_or(Error::Rejected { code, message })?;
                continue;
            }
            other => other?,
        };
        let count = read::<Option<Vec<&RawValue>>>(orders::LIST, rows.get().as_bytes())?
            .map_or(0, |rows| rows.len());
        let more = (count >= page_max as usize).then(|| (page_of(&stretch) + 1).to_string());
        match window.after(&stretch, count, more) {
            Walked::Narrower(half) => stretch = half,
            Walked::Kept(next) => {
                let body = Bytes::from(Box::<str>::from(rows).into_string());
                let message = (count > 0).then_some(Raw { kind: orders::LIST, body });
                return Ok(Fetched::page(message, next.map(|next| next.text())));
            }
        }
    }
}

/// The number of a page; pages count from one.
fn page_of(stretch: &Stretch) -> u32 {
    stretch.mark.parse().unwrap_or(1)
}

fn ceil_seconds(at: Time) -> i64 {
    at.plus(Span(999_999)).as_seconds()
}

impl Client<'_> {
    async fn orders_in(&self, stretch: &Stretch) -> Result<Box<RawValue>, Error> {
        let query = [
            ("fs_id", self.fs_id),
            ("shop_id", self.shop_id()?),
            ("from_date", &stretch.from.to_string()),
            ("to_date", &stretch.to.to_string()),
            ("page", &page_of(stretch).to_string()),
            ("per_page", &ORDERS_PAGE_MAX.to_string()),
        ];
        self.get("order_list", "/v2/order/list", &query).await
    }

    /// One order: by `order_id` or by `invoice_num`, never by both.
    pub(super) async fn order(&self, by: (&str, &str)) -> Result<Box<RawValue>, Error> {
        self.get("order_detail", &format!("/v2/fs/{}/order", self.fs_id), &[by]).await
    }

    /// The courier booking of an accepted order; `null` where there is none or the app may not ask.
    async fn booking(&self, order_id: &str) -> Result<Box<RawValue>, Error> {
        #[derive(Deserialize)]
        struct Bookings<'a> {
            #[serde(default, borrow)]
            order_data: Option<&'a RawValue>,
        }
        let path = format!("/v1/fs/{}/fulfillment_order", self.fs_id);
        let query = [("order_id", order_id), ("per_page", "10")];
        let none = || RawValue::NULL.to_owned();
        match self.get("booking", &path, &query).await {
            Ok(data) => {
                let found: Option<Bookings<'_>> = read("booking", data.get().as_bytes())?;
                Ok(found.and_then(|found| found.order_data).map_or_else(none, ToOwned::to_owned))
            }
            Err(Error::NotFound | Error::Rejected { .. } | Error::AuthRefused { .. }) => Ok(none()),
            Err(error) => Err(error),
        }
    }
}

/// The details of orders, one request for each and one more for the booking of an accepted order.
pub(super) async fn fetch_orders(call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
    #[derive(Deserialize)]
    struct Stage {
        order_status: Status,
    }
    let client = Client::new(call)?;
    let mut fetched = Fetched::default();
    for id in ids {
        let order = match client.order(("order_id", id)).await {
            Ok(order) if order.get() != "null" => order,
            Ok(_) | Err(Error::NotFound) => {
                fetched.not_found.push(id.clone());
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut body = format!("{{\"detail\":{order}");
        // Details that cannot be read go to the inbox all the same, where they are kept.
        let stage = read::<Stage>(detail::DETAIL, order.get().as_bytes());
        if stage.is_ok_and(|stage| stage.order_status.is_accepted()) {
            let booking = client.booking(id).await?;
            body.push_str(&format!(",\"booking\":{booking}"));
        }
        body.push('}');
        fetched.messages.push(Raw { kind: detail::DETAIL, body: body.into() });
    }
    Ok(fetched)
}

/// Does what a command says.
pub(super) async fn execute(call: &Call<'_>, command: &Command) -> Result<Done, Error> {
    match command {
        Command::RegisterWebhooks { base_url } => register(call, base_url).await,
        Command::SetStock(rows) => stock::set(call, rows).await,
        Command::Order(command) => commands::execute(call, command).await,
        Command::WatchWebhooks { base_url } => watch(call, base_url).await,
        Command::RemoveWebhooks { .. } => {
            Err(Error::Unsupported("the registration is one for all shops of the app"))
        }
    }
}

/// What of a registration sends our kinds to addresses that begin with this one.
fn all_stand(registered: &serde_json::Map<String, serde_json::Value>, base_url: &str) -> bool {
    let stands = |kind: &&str| {
        registered.get(&format!("{kind}_url")).and_then(serde_json::Value::as_str)
            == Some(&format!("{base_url}{kind}"))
    };
    webhook::KINDS.iter().all(stands)
}

/// The registration is one for the app, and anybody who has the app's token can replace it.
async fn watch(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    if all_stand(&Client::new(call)?.registered().await?, base_url) {
        return Ok(Done { answer: "the webhooks stand".to_owned(), ..Done::default() });
    }
    register(call, base_url).await
}

/// Registers the webhooks of the app, for all of its shops.
///
/// The call replaces everything: an address that is left out is no longer served. So what others
/// have registered for other kinds is read first and sent along.
async fn register(call: &Call<'_>, base_url: &str) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let fs_id: u64 = client.fs_id.parse().map_err(|_| wrong_credential("fs_id", "too long"))?;
    let secret = call.credentials.get("webhook_secret");
    if secret.is_empty() {
        return Err(wrong_credential("webhook_secret", "a webhook_secret is needed"));
    }
    let mut body = client.registered().await?;
    body.retain(|key, value| {
        key.ends_with("_url") && value.as_str().is_some_and(|url| !url.is_empty())
    });
    for kind in webhook::KINDS {
        body.insert(format!("{kind}_url"), format!("{base_url}{kind}").into());
    }
    body.insert("fs_id".to_owned(), fs_id.into());
    body.insert("webhook_secret".to_owned(), secret.into());
    let body = serde_json::Value::Object(body);
    let path = format!("/v1/fs/{}/register", client.fs_id);
    client.post("webhook_register", &path, &body).await?;

    if all_stand(&client.registered().await?, base_url) {
        let answer = format!("{} webhooks are registered", webhook::KINDS.len());
        Ok(Done { answer, changed: true, ..Done::default() })
    } else {
        Err(Error::Temporary("the webhooks that read back are not those that were set".to_owned()))
    }
}

impl Client<'_> {
    /// What is registered; nothing if nothing ever was.
    async fn registered(&self) -> Result<serde_json::Map<String, serde_json::Value>, Error> {
        match self.get("webhook_list", &format!("/v1/fs/{}", self.fs_id), &[]).await {
            Ok(data) => {
                let registered: Option<_> = read("webhook_list", data.get().as_bytes())?;
                Ok(registered.unwrap_or_default())
            }
            Err(Error::NotFound) => Ok(serde_json::Map::new()),
            Err(error) => Err(error),
        }
    }
}
