//! What an order says: the same in a list and in its details.
//!
//! Its status is the whole order's. The order shows when it was paid, arranged, collected and delivered
//! too; each of these moments is a status of its own, so that who has missed one ends where who heard it
//! does.

use dermaga_channel::{Error, Heard, HeardFact, Interpretation, Message, Refetch, reason_in_clear};
use dermaga_domain::order::{Buyer, Head, Part, Snapshot, SubPlatform};
use dermaga_domain::term::Actor;
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::{OWN_NAME, TOKOPEDIA};
use super::money::Payment;
use super::packages::{CANCELLED, Courier, Row, lines, packages};
use super::returns::{self, Cancellation};
use super::wire::{Id, Moment, SomeId, Status, Text, read, read_object};

/// The message kind of a page of the order list: its rows.
pub(super) const LIST: &str = "orders";
/// The message kind of an order's details: `{"order": …, "cancellations": […]}`.
pub(super) const DETAIL: &str = "order";

/// The way of an order, to the end.
const WAY: [&str; 8] = [
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "PARTIALLY_SHIPPING",
    "AWAITING_COLLECTION",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
];

/// An order.
#[derive(Deserialize)]
pub(super) struct Order {
    id: SomeId,
    status: Status,
    #[serde(default)]
    commerce_platform: Text,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
    #[serde(default)]
    paid_time: Moment,
    #[serde(default)]
    rts_time: Moment,
    #[serde(default)]
    collection_time: Moment,
    #[serde(default)]
    delivery_time: Moment,
    #[serde(default)]
    cancel_time: Moment,
    #[serde(default)]
    cancel_reason: Text,
    #[serde(default)]
    cancellation_initiator: Text,
    #[serde(default)]
    is_buyer_request_cancel: Option<bool>,
    #[serde(default)]
    is_cod: Option<bool>,
    #[serde(default)]
    rts_sla_time: Moment,
    #[serde(default)]
    tts_sla_time: Moment,
    #[serde(default)]
    warehouse_id: Id,
    #[serde(default)]
    delivery_option_name: Text,
    #[serde(default)]
    shipping_provider: Text,
    #[serde(default)]
    tracking_number: Text,
    #[serde(default)]
    buyer_message: Text,
    #[serde(default)]
    packages: Option<Vec<Named>>,
    #[serde(default)]
    payment: Option<Payment>,
    #[serde(default)]
    recipient_address: Option<Address>,
    #[serde(default)]
    line_items: Option<Vec<Row>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    id: Id,
}

/// Where it goes. Blank while the buyer may still think it over; masked where the platform ships.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    name: Text,
    phone_number: Text,
    full_address: Text,
    address_detail: Text,
    postal_code: Text,
    district_info: Option<Vec<District>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct District {
    address_level: Text,
    address_name: Text,
}

/// What a page of the list says. A row that cannot be read is fetched by its id; one without even that is
/// named as unread, and the others stand.
pub(super) fn list(message: &Message<'_>) -> Result<Interpretation, Error> {
    #[derive(Deserialize)]
    struct Numbered {
        id: SomeId,
    }
    let rows: Vec<&RawValue> = read(LIST, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        let body = row.get().as_bytes();
        let order = read_object::<Order>(LIST, body).and_then(|order| heard(order, message, &[]));
        match order {
            Ok(heard) => said.orders.push(heard),
            Err(error) => match read_object::<Numbered>(LIST, body) {
                Ok(numbered) => said.orders.push(look_at(&numbered.id, message)),
                Err(_) => said.unread.push(format!("row {index}: {error}")),
            },
        }
    }
    Ok(said)
}

/// An order of which only the id is known: look at it.
pub(super) fn look_at(id: &SomeId, message: &Message<'_>) -> Heard {
    Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: id.0.clone(),
        facts: Vec::new(),
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    }
}

/// What details say: the order, and what its buyer asked.
pub(super) fn detail(message: &Message<'_>) -> Result<Interpretation, Error> {
    #[derive(Deserialize)]
    struct Looked {
        order: Order,
        #[serde(default)]
        cancellations: Vec<Cancellation>,
    }
    let looked: Looked = read_object(DETAIL, message.body)?;
    let mut heard = heard(looked.order, message, &looked.cancellations)?;
    heard.refetch = Refetch::Never;
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// What an order says. When its buyer asks to cancel, the request itself is told by the details only.
fn heard(order: Order, message: &Message<'_>, requests: &[Cancellation]) -> Result<Heard, Error> {
    let asked = order.is_buyer_request_cancel == Some(true);
    let id = order.id.0.clone();
    let mut facts = facts(&order);
    let snapshot = snapshot(order, message.fetched)?;
    for request in requests {
        facts.extend(returns::request_facts(request));
    }
    Ok(Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: id,
        facts,
        snapshot,
        refetch: if asked { Refetch::IfNews } else { Refetch::Never },
    })
}

impl Order {
    fn is_cancelled(&self) -> bool {
        CANCELLED.contains(&self.status.0.as_str())
    }

    /// The moments that are statuses. **The one place that takes times for statuses**: an order that
    /// was paid first waits for the buyer to think it over; one whose parcels were all arranged, all
    /// collected, all delivered has the status of that.
    fn moments(&self) -> [(&'static str, Option<Time>); 4] {
        [
            ("ON_HOLD", self.paid_time.0),
            ("AWAITING_COLLECTION", self.rts_time.0),
            ("IN_TRANSIT", self.collection_time.0),
            ("DELIVERED", self.delivery_time.0),
        ]
    }

    /// Since when it has its status.
    fn since(&self) -> Option<Time> {
        let now = self.status.0.as_str();
        let own = if self.is_cancelled() {
            self.cancel_time.0
        } else if now == "UNPAID" {
            self.create_time.0
        } else {
            self.moments().into_iter().find(|(status, _)| *status == now).and_then(|(_, at)| at)
        };
        own.filter(|at| self.update_time.0.is_none_or(|changed| *at <= changed))
            .or(self.update_time.0)
    }
}

/// Where a status stands on the way; what is none of it may have come from anywhere.
fn reached(status: &str) -> usize {
    WAY.iter().position(|step| *step == status).unwrap_or(WAY.len())
}

fn facts(order: &Order) -> Vec<HeardFact> {
    let now = order.status.0.as_str();
    let actor = order.is_cancelled().then(|| actor(&order.cancellation_initiator.0)).flatten();
    let reason = reason_in_clear(&order.cancel_reason.0, None).filter(|_| order.is_cancelled());
    let mut facts = vec![HeardFact { actor, reason, ..HeardFact::of_order(now, order.since()) }];
    // A time that its status does not bear out yet is that of some parcels only.
    let before = |status: &str| reached(status) < reached(now);
    let moments = order.moments().into_iter().filter(|(status, _)| before(status));
    facts.extend(
        moments.filter_map(|(status, at)| at.map(|at| HeardFact::of_order(status, Some(at)))),
    );
    facts
}

/// Who cancelled. **The one place that reads it**: no list of the words was found for this field; those
/// of the cancellations are BUYER, SELLER, OPERATOR and SYSTEM.
pub(super) fn actor(who: &str) -> Option<Actor> {
    let who = who.to_ascii_uppercase();
    if who.starts_with("BUYER") {
        Some(Actor::Buyer)
    } else if who.starts_with("SELLER") {
        Some(Actor::Seller)
    } else if who.starts_with("SYSTEM") || who.starts_with("OPERATOR") {
        Some(Actor::System)
    } else {
        None
    }
}

fn snapshot(order: Order, fetched: bool) -> Result<Snapshot, Error> {
    let updated_at = order.update_time.0;
    let living = !order.is_cancelled();
    let head = head(&order);
    let sold_under = sub_platform(&order.commerce_platform.0);
    let payment = order.payment.unwrap_or_default();
    let rows = order.line_items.unwrap_or_default();
    let buyer = buyer(order.recipient_address.unwrap_or_default(), order.buyer_message);
    let full = [&buyer.name, &buyer.phone, &buyer.address].iter().all(|text| is_told(text));
    let mut snapshot = Snapshot {
        sub_platform: sold_under.map(|name| Part::seen(name, true, updated_at, fetched)),
        buyer: Some(Part::seen(buyer, full, updated_at, fetched)),
        ..Snapshot::default()
    };
    if !rows.is_empty() {
        let currency = payment.currency()?;
        let lines = lines(&rows, currency, living)?;
        let courier =
            Courier { carrier: &order.shipping_provider.0, awb: &order.tracking_number.0 };
        let named = order.packages.unwrap_or_default();
        let named: Vec<String> = named.into_iter().filter_map(|package| package.id.0).collect();
        let parcels = packages(&named, &rows, currency, &courier)?;
        let money = payment.money(currency)?;
        let ranks = parcels.into_iter().map(|parcel| {
            let rank = u8::from(parcel.awb.is_some());
            ranked(Part::seen(parcel, true, updated_at, fetched), rank)
        });
        snapshot.packages = ranks.collect();
        snapshot.lines = Some(Part::seen(lines, true, updated_at, fetched));
        snapshot.money = money.map(|money| Part::seen(money, true, updated_at, fetched));
    }
    let asked = u8::from(head.cancel_requested);
    snapshot.head = Some(ranked(Part::seen(head, true, updated_at, fetched), asked));
    Ok(snapshot)
}

/// The name that the order was sold under. A shop of Tokopedia that has moved sells under both; a word
/// that is none of the two is kept as it is.
fn sub_platform(word: &str) -> Option<SubPlatform> {
    SubPlatform::new(match word {
        "TIKTOK_SHOP" => OWN_NAME.key,
        "TOKOPEDIA" => TOKOPEDIA.key,
        other => other,
    })
}

fn is_told(text: &str) -> bool {
    !text.is_empty() && !text.contains('*')
}

fn head(order: &Order) -> Head {
    Head {
        channel_invoice: None,
        ordered_at: order.create_time.0,
        ship_by: order.rts_sla_time.0.or(order.tts_sla_time.0),
        accept_by: None,
        channel_warehouse: order.warehouse_id.0.clone(),
        carrier: order.shipping_provider.clone().some(),
        service: order.delivery_option_name.clone().some(),
        cash_on_delivery: order.is_cod == Some(true),
        cancel_requested: order.is_buyer_request_cancel == Some(true),
    }
}

fn buyer(address: Address, note: Text) -> Buyer {
    let districts = address.district_info.unwrap_or_default();
    let level = |level: &str| {
        let mut found = districts.iter().filter(|one| one.address_level.0 == level);
        found.next().map(|one| one.address_name.0.clone()).unwrap_or_default()
    };
    let whole = address.full_address.some();
    Buyer {
        name: address.name.0,
        phone: address.phone_number.0,
        email: String::new(),
        address: whole.unwrap_or(address.address_detail.0),
        province: level("L1"),
        city: level("L2"),
        district: level("L3"),
        postal_code: address.postal_code.0,
        note: note.0,
    }
}

/// A part that wins over those of the same time that show less.
///
/// A tracking number and a request to cancel may appear within the second of the order's last change.
/// Among looks with the same time the hash of the content decides, so the rank, which is a function of
/// the content too, takes its highest bit.
fn ranked<T>(mut part: Part<T>, rank: u8) -> Part<T> {
    part.stamp.hash = (part.stamp.hash >> 1) | (u64::from(rank & 1) << 63);
    part
}
