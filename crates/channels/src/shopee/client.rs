//! Requests: where they go, what they carry, and what comes back.

use dermaga_channel::http::Answer;
use dermaga_channel::{Call, Error};
use http::Method;
use serde_json::Value;
use serde_json::value::RawValue;

use super::errors::{self, Effect};
use super::sign::Signer;

/// Where requests go, unless the credentials name another place.
const API_URL: &str = "https://partner.shopeemobile.com";

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    /// Its name in the log and for its rate.
    pub(super) name: &'static str,
    /// What stands behind `/api/v2/`.
    path: &'static str,
    posts: bool,
    effect: Effect,
    /// Whether it is of one shop, so that its token and id are signed.
    of_shop: bool,
}

impl Endpoint {
    const fn get(name: &'static str, path: &'static str) -> Self {
        Self { name, path, posts: false, effect: Effect::Reads, of_shop: true }
    }

    /// A look that takes a body.
    const fn look(name: &'static str, path: &'static str) -> Self {
        Self { posts: true, ..Self::get(name, path) }
    }

    const fn post(name: &'static str, path: &'static str) -> Self {
        Self { effect: Effect::Writes, ..Self::look(name, path) }
    }

    /// Of the app, not of a shop.
    const fn public(self) -> Self {
        Self { of_shop: false, ..self }
    }

    fn path(&self) -> String {
        format!("/api/v2/{}", self.path)
    }
}

type E = Endpoint;

/// A code or token without an answer is asked for again: then the channel says that it was taken.
pub(super) const TOKEN_GET: E = E::look("token", "auth/token/get").public();
pub(super) const TOKEN_RENEW: E = E::look("token", "auth/access_token/get").public();
pub(super) const SHOP: E = E::get("shop", "shop/get_shop_info");
pub(super) const ORDER_LIST: E = E::get("order_list", "order/get_order_list");
pub(super) const ORDER_DETAIL: E = E::get("order_detail", "order/get_order_detail");
pub(super) const PACKAGES: E = E::get("package_detail", "order/get_package_detail");
pub(super) const CANCEL: E = E::post("order_cancel", "order/cancel_order");
pub(super) const CANCEL_ANSWER: E = E::post("cancel_answer", "order/handle_buyer_cancellation");
pub(super) const SHIP_PARAMETER: E = E::get("ship_parameter", "logistics/get_shipping_parameter");
pub(super) const SHIP: E = E::post("ship", "logistics/ship_order");
pub(super) const SHIP_AGAIN: E = E::post("ship_again", "logistics/update_shipping_order");
pub(super) const TRACKING: E = E::get("tracking_number", "logistics/get_tracking_number");
pub(super) const PAPER_KINDS: E =
    E::look("label_parameter", "logistics/get_shipping_document_parameter");
/// Asked twice it makes the same document.
pub(super) const PAPER_MAKE: E = E::look("label_create", "logistics/create_shipping_document");
pub(super) const PAPER_STATE: E = E::look("label_result", "logistics/get_shipping_document_result");
pub(super) const PAPER: E = E::look("label_download", "logistics/download_shipping_document");
pub(super) const RETURNS: E = E::get("returns", "returns/get_return_list");
pub(super) const ITEMS: E = E::get("listings", "product/get_item_list");
pub(super) const ITEM_DETAIL: E = E::get("listing_detail", "product/get_item_base_info");
pub(super) const MODELS: E = E::get("variants", "product/get_model_list");
pub(super) const STOCK: E = E::post("stock_update", "product/update_stock");
pub(super) const PUSH: E = E::get("push_config", "push/get_app_push_config").public();
pub(super) const PUSH_SET: E = E::post("push_register", "push/set_app_push_config").public();
pub(super) const PUSH_LOST: E = E::get("push_lost", "push/get_lost_push_message").public();
pub(super) const PUSH_SEEN: E =
    E::post("push_confirm", "push/confirm_consumed_lost_push_message").public();

/// Asks the channel in the name of one app, and of one shop where the call names it.
pub(super) struct Client<'a> {
    pub(super) call: &'a Call<'a>,
    api_url: &'a str,
    signer: Signer<'a>,
}

/// What a request says besides its path.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
}

impl<'a> Client<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Result<Self, Error> {
        let field = |name| call.credentials.get(name).trim();
        let signer = signer(call.credentials, call.now)?;
        Ok(Self { call, api_url: base(field("api_url")), signer })
    }

    /// The app's number.
    pub(super) fn partner_id(&self) -> Result<i64, Error> {
        self.signer.partner_id.parse().map_err(|_| wrong_partner())
    }

    /// Asks with a query.
    pub(super) async fn get(
        &self,
        endpoint: &Endpoint,
        query: &[(&str, &str)],
    ) -> Result<Box<RawValue>, Error> {
        self.ask(endpoint, Said { query, body: None }).await
    }

    /// Asks with a body.
    pub(super) async fn post(
        &self,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<Box<RawValue>, Error> {
        self.ask(endpoint, Said { query: &[], body: Some(body) }).await
    }

    /// The same, of which the log keeps no answer: it holds tokens.
    pub(super) async fn secret_post(
        &self,
        endpoint: &Endpoint,
        body: &Value,
    ) -> Result<Box<RawValue>, Error> {
        let answer = self.answer(endpoint, Said { query: &[], body: Some(body) }).await?;
        errors::response(&answer, endpoint.effect)
            .inspect_err(|error| self.call.http.note_outcome(error, None))
    }

    async fn ask(&self, endpoint: &Endpoint, said: Said<'_>) -> Result<Box<RawValue>, Error> {
        let answer = self.answer(endpoint, said).await?;
        errors::response(&answer, endpoint.effect).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }

    /// Asks, and gives the answer as it came.
    pub(super) async fn answer(
        &self,
        endpoint: &Endpoint,
        said: Said<'_>,
    ) -> Result<Answer, Error> {
        let path = endpoint.path();
        let token_and_shop = if endpoint.of_shop {
            Some((self.call.bearer()?, self.call.channel_shop_id.ok_or_else(no_shop)?))
        } else {
            None
        };
        let signature = self.signer.sign(&path, token_and_shop);
        let timestamp = self.signer.timestamp.to_string();
        let mut query = vec![
            ("partner_id", self.signer.partner_id),
            ("timestamp", &*timestamp),
            ("sign", &*signature),
        ];
        if let Some((token, shop)) = token_and_shop {
            query.extend([("access_token", token), ("shop_id", shop)]);
        }
        query.extend_from_slice(said.query);
        let method = if endpoint.posts { Method::POST } else { Method::GET };
        let url = format!("{}{path}", self.api_url);
        let mut request = self.call.http.request(method, &url).query(&query);
        if let Some(body) = said.body {
            // What a body says must not stand in the query as well: that was answered `error_sign`.
            request = request.json(body);
        }
        let sent = self.call.http.send(endpoint.name, request).await;
        sent.map_err(|error| match endpoint.effect {
            Effect::Reads => harmless(error),
            Effect::Writes => error,
        })
    }
}

/// Who signs.
pub(super) fn signer<'a>(
    credentials: &'a dermaga_channel::Credentials,
    now: dermaga_domain::time::Time,
) -> Result<Signer<'a>, Error> {
    let field = |name| credentials.get(name).trim();
    let (partner_id, partner_key) = (field("partner_id"), field("partner_key"));
    if partner_key.is_empty() || partner_id.parse::<i64>().is_err() {
        return Err(wrong_partner());
    }
    Ok(Signer { partner_id, partner_key, timestamp: now.as_seconds() })
}

/// A request without effect that got no answer: it can be repeated.
fn harmless(error: Error) -> Error {
    if let Error::Unknown(why) = error { Error::Temporary(why) } else { error }
}

/// The address of the API without its last slashes.
pub(super) fn base(entered: &str) -> &str {
    let entered = entered.trim();
    (if entered.is_empty() { API_URL } else { entered }).trim_end_matches('/')
}

pub(super) fn wrong_credential(code: &str, message: &str) -> Error {
    Error::AuthRefused { code: code.to_owned(), message: message.to_owned() }
}

fn wrong_partner() -> Error {
    wrong_credential("partner_id", "the partner id is a number, and the partner key is needed")
}

fn no_shop() -> Error {
    Error::Unsupported("a call of a shop that names none")
}
