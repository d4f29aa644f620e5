//! Requests: where they go, what they carry, and what comes back.

use dermaga_channel::{Call, Error};
use http::{HeaderValue, Method, header};
use serde_json::Value;
use serde_json::value::RawValue;

use super::endpoints::{Effect, Endpoint};
use super::{errors, sign};

/// Where requests go, unless the credentials name another place.
const API_URL: &str = "https://open-api.tiktokglobalshop.com";
/// The header with the token.
const TOKEN: &str = "x-tts-access-token";

/// Asks the channel in the name of one app and one seller.
pub(super) struct Client<'a> {
    pub(super) call: &'a Call<'a>,
    api_url: &'a str,
    app_key: &'a str,
    app_secret: &'a str,
}

/// What a request says besides its path.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    /// The id in the path, in digits.
    pub(super) id: &'a str,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
}

impl<'a> Client<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Result<Self, Error> {
        let (app_key, app_secret) = app(call)?;
        let api_url = base(call.credentials.get("api_url"), API_URL);
        Ok(Self { call, api_url, app_key, app_secret })
    }

    /// Asks an endpoint, of the call's shop where it is of one; gives the `data` of the answer.
    pub(super) async fn ask(
        &self,
        endpoint: &Endpoint,
        said: Said<'_>,
    ) -> Result<Box<RawValue>, Error> {
        let cipher = match (endpoint.of_shop, self.call.shop_key) {
            (false, _) => None,
            (true, Some(cipher)) => Some(cipher),
            (true, None) => return Err(no_cipher()),
        };
        self.ask_of(endpoint, said, cipher).await
    }

    /// The same, of the shop with this cipher.
    pub(super) async fn ask_of(
        &self,
        endpoint: &Endpoint,
        said: Said<'_>,
        cipher: Option<&str>,
    ) -> Result<Box<RawValue>, Error> {
        let path = endpoint.path(said.id);
        let now = self.call.now.as_seconds().to_string();
        let mut query: Vec<(&str, &str)> = said.query.to_vec();
        query.extend([("app_key", self.app_key), ("timestamp", &now)]);
        query.extend(cipher.map(|cipher| ("shop_cipher", cipher)));
        let body = said.body.map(Value::to_string).unwrap_or_default();
        let signature = sign::sign(self.app_secret, &path, &query, body.as_bytes());
        query.push(("sign", &signature));

        let mut token = HeaderValue::from_str(self.call.bearer()?)
            .map_err(|_| wrong_credential("token", "not a text that a header can carry"))?;
        token.set_sensitive(true);
        let url = format!("{}{path}", self.api_url);
        let mut request = self.call.http.request(endpoint.method(), &url).query(&query);
        request = request.header(TOKEN, token);
        // Every call names the type, also one without a body.
        request = request.header(header::CONTENT_TYPE, "application/json");
        if endpoint.method() != Method::GET {
            request = request.body(body);
        }
        let sent = self.call.http.send(endpoint.name, request).await;
        let answer = sent.map_err(|error| match endpoint.effect {
            Effect::Reads => harmless(error),
            Effect::Writes => error,
        })?;
        errors::data(&answer, endpoint.effect).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }
}

/// The app's key and secret.
pub(super) fn app<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a str), Error> {
    let field = |name| call.credentials.get(name).trim();
    let (key, secret) = (field("app_key"), field("app_secret"));
    if key.is_empty() || secret.is_empty() {
        return Err(wrong_credential("app_key", "app_key and app_secret are needed"));
    }
    Ok((key, secret))
}

/// A request without effect that got no answer: it can be repeated.
pub(super) fn harmless(error: Error) -> Error {
    if let Error::Unknown(why) = error { Error::Temporary(why) } else { error }
}

/// An address without its last slashes.
pub(super) fn base<'a>(entered: &'a str, default: &'a str) -> &'a str {
    let entered = entered.trim();
    (if entered.is_empty() { default } else { entered }).trim_end_matches('/')
}

pub(super) fn wrong_credential(code: &str, message: &str) -> Error {
    Error::AuthRefused { code: code.to_owned(), message: message.to_owned() }
}

/// The seller has let this hub in, and this shop was not among those.
fn no_cipher() -> Error {
    let message = "the seller's consent does not open this shop".to_owned();
    Error::ConsentNeeded { code: "shop_cipher".to_owned(), message }
}
