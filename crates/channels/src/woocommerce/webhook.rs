//! Webhooks: the ping, which shop they name, and what they say.
//!
//! A webhook's body is the order as it is when it is sent, so that several changes come as one, and
//! none comes twice. What it is about is told by the address it comes to and by headers, of which the
//! signature covers nothing: the body alone is believed. A deletion is only "look at it".

use dermaga_channel::{Error, Interpretation, Message, ShopNamed, Webhook};
use http::header;
use serde::Deserialize;

use super::orders::{self, Order};
use super::wire::{SomeId, read_object};

/// What is registered; each is also the last part of the address it comes to. Products are not: a
/// shop tells of each of them with every sale and with every value that it is told from here.
pub(super) const TOPICS: [&str; 4] =
    ["order.created", "order.updated", "order.deleted", "order.restored"];

/// How the ping begins: `webhook_id=7`, as a form.
const PING: &[u8] = b"webhook_id=";
/// The media type of the ping.
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether it is the ping that a shop sends, unsigned, when a webhook is made or switched on.
pub(super) fn is_ping(webhook: &Webhook<'_>) -> bool {
    let kind = webhook.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let number = webhook.body.strip_prefix(PING).unwrap_or_default();
    kind.is_some_and(|kind| kind.starts_with(FORM))
        && !number.is_empty()
        && number.len() < 20
        && number.iter().all(u8::is_ascii_digit)
}

/// Which order, and whether there is more.
#[derive(Deserialize)]
struct Named {
    id: SomeId,
    #[serde(default)]
    status: Option<serde::de::IgnoredAny>,
}

/// A connection is one shop, and no body names it.
pub(super) fn shop_named(webhook: &Webhook<'_>) -> ShopNamed {
    match read_object::<Named>(webhook.kind, webhook.body) {
        Ok(_) => ShopNamed::Only,
        Err(_) => ShopNamed::Malformed,
    }
}

/// What a webhook says: the order as it was then, or only which one to look at.
pub(super) fn order(message: &Message<'_>) -> Result<Interpretation, Error> {
    let named: Named = read_object(message.kind, message.body)?;
    let heard = if named.status.is_some() {
        let order: Order<'_> = read_object(message.kind, message.body)?;
        orders::heard(order, message)?
    } else {
        Some(orders::look_at(named.id, message))
    };
    Ok(Interpretation { orders: heard.into_iter().collect(), ..Interpretation::default() })
}
