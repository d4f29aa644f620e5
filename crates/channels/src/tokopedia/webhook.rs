//! Webhooks: which shop they name, and what they say.
//!
//! They carry neither a type (the address tells it) nor a time. So what they say is a fact without a
//! time, and each asks for the order's details; the engine makes one fetch of many askings.

use dermaga_channel::{
    Credentials, Error, Heard, HeardFact, Interpretation, Refetch, ShopNamed, Webhook,
};
use dermaga_domain::order::{Part, Snapshot};
use serde::Deserialize;

use super::orders::{self, Product, Row};
use super::wire::{Id, SomeId, Status, read_object};

/// A new order with a verified payment.
pub(super) const NOTIFICATION: &str = "order_notification";
/// A status has changed.
pub(super) const STATUS: &str = "order_status";
/// An order was cancelled.
pub(super) const CANCELLATION: &str = "order_cancellation";
/// The buyer asks to cancel.
pub(super) const REQUEST_CANCELLATION: &str = "order_request_cancellation";
/// The kinds that are registered; each is also the last part of the address it comes to.
pub(super) const KINDS: [&str; 4] = [NOTIFICATION, STATUS, CANCELLATION, REQUEST_CANCELLATION];

/// The status of a notification that does not say it: it is sent when a payment is verified.
const PAYMENT_VERIFIED: &str = "220";

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    shop_id: Id,
}

/// The shop in a body's `shop_id`. A request to cancel has none.
pub(super) fn shop_named(webhook: &Webhook<'_>) -> ShopNamed {
    match read_object::<Named>(webhook.kind, webhook.body) {
        Ok(named) => named.shop_id.text().map_or(ShopNamed::Nobody, ShopNamed::Shop),
        Err(_) => ShopNamed::Malformed,
    }
}

/// A changed status; a cancellation looks the same.
#[derive(Deserialize)]
struct StatusChange {
    order_id: SomeId,
    #[serde(default)]
    order_status: Option<Status>,
    #[serde(default)]
    shop_id: Id,
    #[serde(default)]
    product_details: Option<Vec<Product>>,
}

/// The buyer's request. Only the order's id is sure to be in it.
#[derive(Deserialize)]
struct CancelRequest {
    order_id: SomeId,
    #[serde(default)]
    shop_id: Id,
}

/// What a notification says: payment verified, and the whole order.
///
/// `payment_date` is not the fact's time: it is when the buyer paid, in a spelling that is not
/// confirmed, and the history of the details gives the status its own time.
pub(super) fn notification(
    body: &[u8],
    credentials: &Credentials,
) -> Result<Interpretation, Error> {
    let row: Row = read_object(NOTIFICATION, body)?;
    let status = row.status().unwrap_or(PAYMENT_VERIFIED).to_owned();
    let mut heard = orders::of_row(row, credentials, false);
    heard.facts = vec![HeardFact::of_order(&status, None)];
    heard.refetch = Refetch::Always;
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// What a changed status or a cancellation says. Only old pages show the body of a cancellation: one
/// without a status asks for the details, like every push, and says no more.
pub(super) fn status_change(kind: &str, body: &[u8]) -> Result<Interpretation, Error> {
    let change: StatusChange = read_object(kind, body)?;
    if change.order_status.is_none() && kind == STATUS {
        return Err(Error::Malformed(format!("{kind}: lacks order_status")));
    }
    let fact = change.order_status.map(|status| HeardFact::of_order(&status.0, None));
    let lines = orders::lines(change.product_details.unwrap_or_default(), &[]);
    let lines = (!lines.is_empty()).then(|| Part::seen(lines, true, None, false));
    let heard = Heard {
        channel_shop_id: change.shop_id.text(),
        channel_order_id: change.order_id.0,
        facts: fact.into_iter().collect(),
        snapshot: Snapshot { lines, ..Snapshot::default() },
        refetch: Refetch::Always,
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// What a request to cancel says: look at the details, which show whether it is open.
///
/// It is not a fact: the channel has no status for it, and an answer to it is shown only by the
/// details (`Head::cancel_requested`).
pub(super) fn cancel_request(body: &[u8]) -> Result<Interpretation, Error> {
    let request: CancelRequest = read_object(REQUEST_CANCELLATION, body)?;
    let heard = Heard {
        channel_shop_id: request.shop_id.text(),
        channel_order_id: request.order_id.0,
        facts: Vec::new(),
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}
