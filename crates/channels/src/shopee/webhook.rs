//! Pushes: which shop they name, and what they say.
//!
//! All shops of an app share one address, and the body tells its kind by a number. No order of arrival
//! is promised and nothing is inferred from one: every push about an order asks for its details; the
//! engine makes one fetch of many askings.

use dermaga_channel::{Error, HeardFact, Interpretation, Message, ShopNamed, Webhook};
use dermaga_domain::order::CLOSED;
use dermaga_domain::term::Actor;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::orders::look_at;
use super::returns::{OPEN, fact, is_over};
use super::wire::{Count, Moment, Sn, Status, Text, read_object};

/// The message kind, and the last part of the address.
pub(super) const PUSH: &str = "push";

const ORDER_STATUS: i64 = 3;
const RETURN: i64 = 29;
/// What is switched on: an order's status, its tracking number, an authorisation about to end, a
/// document, a return, a parcel.
pub(super) const CODES: [i64; 6] = [ORDER_STATUS, 4, 12, 15, RETURN, 30];

#[derive(Deserialize)]
struct Envelope<'a> {
    code: Count,
    /// Pushes about the app's own standing name none.
    #[serde(default)]
    shop_id: Count,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

impl Envelope<'_> {
    fn shop(&self) -> Option<String> {
        (self.shop_id.0 > 0).then(|| self.shop_id.0.to_string())
    }
}

/// The shop in a body.
pub(super) fn shop_named(webhook: &Webhook<'_>) -> ShopNamed {
    match read_object::<Envelope<'_>>(PUSH, webhook.body) {
        Ok(envelope) => envelope.shop().map_or(ShopNamed::Nobody, ShopNamed::Shop),
        Err(_) => ShopNamed::Malformed,
    }
}

/// The order in a push: tables and samples of the documentation do not agree on its name.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    ordersn: Option<Sn>,
    order_sn: Option<Sn>,
}

/// What a push says; nothing if it is about no order.
pub(super) fn push(message: &Message<'_>) -> Result<Interpretation, Error> {
    let envelope: Envelope<'_> = read_object(PUSH, message.body)?;
    let data = envelope.data.map_or("{}", RawValue::get).as_bytes();
    // Of what is about no order the data may be anything.
    let Ok(named) = read_object::<Named>(PUSH, data) else {
        return match envelope.code.0 {
            ORDER_STATUS | RETURN => Err(Error::Malformed("push: no order".to_owned())),
            _ => Ok(Interpretation::default()),
        };
    };
    let Some(id) = named.ordersn.or(named.order_sn) else { return Ok(Interpretation::default()) };
    let facts = match envelope.code.0 {
        ORDER_STATUS => vec![order_status(data)?],
        RETURN => returned(data)?,
        _ => Vec::new(),
    };
    let heard = look_at(envelope.shop(), &id, facts);
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

fn order_status(data: &[u8]) -> Result<HeardFact, Error> {
    #[derive(Deserialize)]
    struct Changed {
        status: Status,
        #[serde(default)]
        update_time: Moment,
    }
    let changed: Changed = read_object("order status", data)?;
    Ok(HeardFact::of_order(&changed.status.0, changed.update_time.0))
}

/// A return. When it was opened is not told; that it is over is told by a change of its status. **The one
/// place that knows the names of the changed fields**, which are not documented.
fn returned(data: &[u8]) -> Result<Vec<HeardFact>, Error> {
    #[derive(Deserialize)]
    struct Changed {
        return_sn: Sn,
        #[serde(default)]
        updated_values: Vec<Value>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Value {
        update_field: Text,
        new_value: Text,
        update_time: Moment,
    }
    let changed: Changed = read_object("return", data)?;
    let id = &changed.return_sn;
    let opened = HeardFact { actor: Some(Actor::Buyer), ..fact(id, OPEN, None) };
    let is_end = |it: &&Value| {
        matches!(it.update_field.0.as_str(), "status" | "return_status") && is_over(&it.new_value.0)
    };
    let ends = changed.updated_values.iter().filter(is_end);
    let ends = ends.map(|it| fact(id, CLOSED, it.update_time.0));
    Ok(std::iter::once(opened).chain(ends).collect())
}
