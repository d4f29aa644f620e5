//! Pushes: which shop they name, and what they say.
//!
//! There is one for each unit of an order and change, in no order, and some come twice. They say little:
//! what is news is followed by a look at the order.

use dermaga_channel::{
    Error, Heard, HeardFact, Interpretation, Message, Refetch, ShopNamed, Webhook,
};
use dermaga_domain::order::{Snapshot, UnitKey};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::orders::{CANCELED, look_at};
use super::returns;
use super::wire::{Id, MaybeMoment, SomeId, Text, read_object};

/// The last part of the address that pushes are sent to. It is entered at the channel by a person.
pub(super) const PUSH: &str = "push";

/// A unit of an order changed.
const TRADE: &str = "0";
/// A reverse order changed: a cancellation or a return.
const REVERSE: &str = "10";
/// A parcel changed.
const PARCEL: &str = "14";

#[derive(Deserialize)]
struct Envelope<'a> {
    seller_id: Text,
    #[serde(default)]
    message_type: Text,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Told {
    trade_order_id: SomeId,
    #[serde(default)]
    trade_order_line_id: Id,
    #[serde(default)]
    order_status: Text,
    #[serde(default)]
    reverse_order_id: Id,
    #[serde(default)]
    reverse_status: Text,
    #[serde(default)]
    status_update_time: MaybeMoment,
}

/// The seller's account in the country that it is about.
pub(super) fn shop_named(webhook: &Webhook<'_>) -> ShopNamed {
    match read_object::<Envelope<'_>>(PUSH, webhook.body) {
        Ok(envelope) if !envelope.seller_id.0.is_empty() => ShopNamed::Shop(envelope.seller_id.0),
        _ => ShopNamed::Malformed,
    }
}

/// What a push says; nothing of orders if it is about something else.
pub(super) fn push(message: &Message<'_>) -> Result<Interpretation, Error> {
    let envelope: Envelope<'_> = read_object(PUSH, message.body)?;
    let kind = envelope.message_type.0.as_str();
    if ![TRADE, REVERSE, PARCEL].contains(&kind) {
        return Ok(Interpretation::default());
    }
    let lacking = || Error::Malformed(format!("{PUSH}: . lacks data"));
    let data = envelope.data.ok_or_else(lacking)?;
    let told: Told = read_object(PUSH, data.get().as_bytes())?;
    let shop = envelope.seller_id.0;
    let heard = match kind {
        TRADE => of_unit(&told, shop),
        REVERSE => of_reverse(&told, shop),
        _ => look_at(told.trade_order_id.to_string(), Some(&shop)),
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

fn heard(told: &Told, shop: String, fact: HeardFact, refetch: Refetch) -> Heard {
    Heard {
        channel_shop_id: Some(shop),
        channel_order_id: told.trade_order_id.to_string(),
        facts: vec![fact],
        snapshot: Snapshot::default(),
        refetch,
    }
}

/// A unit's status. Who cancelled is told by the order only, and decides what follows.
fn of_unit(told: &Told, shop: String) -> Heard {
    let (Some(unit), false) = (told.trade_order_line_id.0, told.order_status.0.is_empty()) else {
        return look_at(told.trade_order_id.to_string(), Some(&shop));
    };
    let fact = HeardFact {
        unit: Some(UnitKey(unit.to_string().into())),
        ..HeardFact::of_order(&told.order_status.0, told.status_update_time.0)
    };
    let ended = told.order_status.0 == CANCELED;
    heard(told, shop, fact, if ended { Refetch::Always } else { Refetch::IfNews })
}

/// A return that was opened or is over; of a cancellation the units tell.
fn of_reverse(told: &Told, shop: String) -> Heard {
    let status = told.reverse_status.0.as_str();
    let Some(reverse) = told.reverse_order_id.0.filter(|_| !status.starts_with("CANCEL")) else {
        return look_at(told.trade_order_id.to_string(), Some(&shop));
    };
    let over = returns::is_over(status);
    // Only these two changes have their own times: it was opened, and it is over.
    let at = told.status_update_time.0.filter(|_| over || status.ends_with("_INIT"));
    heard(told, shop, returns::fact(SomeId(reverse), over, at), Refetch::Always)
}
