//! Webhooks: which shop they name, and what they say.
//!
//! The body tells its kind by a number and carries a time; the address it comes to is not signed and is
//! not gone by. Every one asks for the order's details; the engine makes one fetch of many askings.

use dermaga_channel::{
    Error, Heard, HeardFact, Interpretation, Message, Refetch, ShopNamed, Webhook,
};
use dermaga_domain::order::{CLOSED, Snapshot};
use dermaga_domain::term::{About, Actor};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::orders::actor;
use super::returns::{PENDING, about, is_over};
use super::wire::{Count, Moment, SomeId, Status, Text, read_object};

/// The topics that are registered; each is also the last part of the address it comes to.
pub(super) const TOPICS: [&str; 5] = [
    "ORDER_STATUS_CHANGE",
    "RECIPIENT_ADDRESS_UPDATE",
    "PACKAGE_UPDATE",
    "CANCELLATION_STATUS_CHANGE",
    "RETURN_STATUS_CHANGE",
];

/// The numbers of the topics, as bodies have them.
const ORDER_STATUS: i64 = 1;
const ADDRESS: i64 = 3;
const PACKAGE: i64 = 4;
const CANCELLATION: i64 = 11;
const RETURN: i64 = 12;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Count,
    shop_id: SomeId,
    #[serde(default)]
    timestamp: Moment,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The shop in a body.
pub(super) fn shop_named(webhook: &Webhook<'_>) -> ShopNamed {
    match read_object::<Envelope<'_>>("webhook", webhook.body) {
        Ok(envelope) => ShopNamed::Shop(envelope.shop_id.0),
        Err(_) => ShopNamed::Malformed,
    }
}

/// What a webhook says; nothing of an order if it is of another kind than was registered.
pub(super) fn interpret(message: &Message<'_>) -> Result<Interpretation, Error> {
    let envelope: Envelope<'_> = read_object("webhook", message.body)?;
    let data = envelope.data.get().as_bytes();
    let told: Vec<(SomeId, Vec<HeardFact>)> = match envelope.kind.0 {
        ORDER_STATUS => vec![order_status(data)?],
        ADDRESS => vec![(read_object::<Named>("address", data)?.order_id, Vec::new())],
        PACKAGE => package(data)?,
        CANCELLATION => vec![cancellation(data, envelope.timestamp)?],
        RETURN => vec![returned(data)?],
        _ => Vec::new(),
    };
    let heard = told.into_iter().map(|(order_id, facts)| Heard {
        channel_shop_id: Some(envelope.shop_id.0.clone()),
        channel_order_id: order_id.0,
        facts,
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    });
    Ok(Interpretation { orders: heard.collect(), ..Interpretation::default() })
}

#[derive(Deserialize)]
struct Named {
    order_id: SomeId,
}

fn order_status(data: &[u8]) -> Result<(SomeId, Vec<HeardFact>), Error> {
    #[derive(Deserialize)]
    struct Changed {
        order_id: SomeId,
        order_status: Status,
        #[serde(default)]
        update_time: Moment,
    }
    let changed: Changed = read_object("order status", data)?;
    let status = match changed.order_status.0.as_str() {
        // Pushes spell it in their own way.
        "CANCEL" => "CANCELLED",
        status => status,
    };
    let fact = HeardFact::of_order(status, changed.update_time.0);
    Ok((changed.order_id, vec![fact]))
}

/// Parcels were joined or split: each order in them is to be looked at.
fn package(data: &[u8]) -> Result<Vec<(SomeId, Vec<HeardFact>)>, Error> {
    #[derive(Deserialize)]
    struct Changed {
        #[serde(default)]
        package_list: Vec<OfPackage>,
    }
    #[derive(Deserialize)]
    struct OfPackage {
        #[serde(default)]
        order_id_list: Vec<SomeId>,
    }
    let changed: Changed = read_object("package", data)?;
    let ids = changed.package_list.into_iter().flat_map(|package| package.order_id_list);
    let mut ids: Vec<SomeId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into_iter().map(|id| (id, Vec::new())).collect())
}

/// A cancellation. Only a buyer's asks the seller; it is over once it no longer waits, by whatever word.
/// The body has the time at which it was asked; that at which it is over is that of the push.
fn cancellation(data: &[u8], pushed: Moment) -> Result<(SomeId, Vec<HeardFact>), Error> {
    #[derive(Deserialize)]
    struct Changed {
        order_id: SomeId,
        cancel_id: SomeId,
        #[serde(default)]
        cancel_status: Text,
        #[serde(default)]
        cancellations_role: Text,
        #[serde(default)]
        create_time: Moment,
    }
    let changed: Changed = read_object("cancellation", data)?;
    if actor(&changed.cancellations_role.0) != Some(Actor::Buyer) {
        return Ok((changed.order_id, Vec::new()));
    }
    let of = |status, at| about(About::CancelRequest, &changed.cancel_id.0, status, at);
    let opened = HeardFact { actor: Some(Actor::Buyer), ..of("open", changed.create_time) };
    let over = changed.cancel_status.0 != PENDING;
    let facts = std::iter::once(opened).chain(over.then(|| of(CLOSED, pushed))).collect();
    Ok((changed.order_id, facts))
}

fn returned(data: &[u8]) -> Result<(SomeId, Vec<HeardFact>), Error> {
    #[derive(Deserialize)]
    struct Changed {
        order_id: SomeId,
        return_id: SomeId,
        #[serde(default)]
        return_status: Text,
        #[serde(default)]
        return_role: Text,
        #[serde(default)]
        create_time: Moment,
        #[serde(default)]
        update_time: Moment,
    }
    let changed: Changed = read_object("return", data)?;
    let id = &changed.return_id.0;
    let opened = HeardFact {
        actor: actor(&changed.return_role.0),
        ..about(About::Return, id, "open", changed.create_time)
    };
    // Whether the platform was called in is not told: a refusal is left to the search.
    let over = is_over(&changed.return_status.0, "IN_PROGRESS");
    let closed = over.then(|| about(About::Return, id, CLOSED, changed.update_time));
    Ok((changed.order_id, std::iter::once(opened).chain(closed).collect()))
}
