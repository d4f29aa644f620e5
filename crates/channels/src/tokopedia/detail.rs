//! An order's details: its whole history, and the order as it is.

use std::sync::Arc;

use dermaga_channel::{
    Credentials, Error, Heard, HeardFact, Interpretation, Message, Refetch, reason_in_clear,
};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Buyer, Head, Line, Money, Package, PackageKey, Part, Snapshot};
use dermaga_domain::term::Actor;
use serde::Deserialize;

use super::buyer::{Destination, Person, Sealed, Words, buyer_part};
use super::orders::{grouped, line, note};
use super::wire::{Count, Id, Moment, Rupiah, SomeId, Status, Text, read_object};

/// The message kind of an order's details: see [`Looked`].
pub(super) const DETAIL: &str = "order_detail";

/// Two answers about one order in one message, so that neither erases what the other knows: the
/// order itself, and its courier booking where there is one.
#[derive(Deserialize)]
struct Looked {
    detail: Detail,
    #[serde(default)]
    booking: Option<Vec<Booked>>,
}

/// The order itself.
#[derive(Deserialize)]
struct Detail {
    order_id: SomeId,
    order_status: Status,
    #[serde(default)]
    shop_info: Option<ShopOf>,
    #[serde(default)]
    invoice_number: Text,
    #[serde(default)]
    open_amt: Option<Rupiah>,
    #[serde(default)]
    item_price: Option<Rupiah>,
    #[serde(default, alias = "buyer")]
    buyer_info: Option<Person>,
    #[serde(default)]
    shipment_fulfillment: Option<Deadlines>,
    #[serde(default)]
    order_warehouse: Option<WarehouseOf>,
    order_info: OrderInfo,
    #[serde(default)]
    payment_info: Option<Payment>,
    #[serde(default)]
    cancel_request_info: Option<Present>,
    #[serde(default)]
    is_cod_mitra: Option<bool>,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
    #[serde(default)]
    encryption: Option<Sealed>,
}

/// Something whose inner fields are not confirmed: only that it is there counts.
type Present = serde::de::IgnoredAny;

#[derive(Deserialize, Default)]
#[serde(default)]
struct ShopOf {
    shop_id: Id,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WarehouseOf {
    warehouse_id: Id,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Payment {
    discount_amount: Rupiah,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Deadlines {
    accept_deadline: Moment,
    confirm_shipping_deadline: Moment,
}

#[derive(Deserialize)]
struct OrderInfo {
    order_detail: Vec<Ordered>,
    #[serde(default)]
    order_history: Option<Vec<Step>>,
    #[serde(default)]
    shipping_info: Option<Shipping>,
    #[serde(default)]
    destination: Option<Destination>,
}

/// A product of the order.
#[derive(Deserialize)]
struct Ordered {
    product_id: SomeId,
    #[serde(default)]
    product_name: Text,
    #[serde(default)]
    product_price: Rupiah,
    quantity: Count,
    #[serde(default)]
    quantity_reject: Count,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    notes: Text,
}

/// An entry of the order's history.
#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    action_by: Text,
    hist_status_code: Status,
    #[serde(default)]
    timestamp: Moment,
    #[serde(default)]
    comment: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Shipping {
    logistic_name: Text,
    logistic_service: Text,
    shipping_price: Rupiah,
    insurance_price: Rupiah,
    awb: Text,
}

/// A row of the booking answer.
#[derive(Deserialize)]
struct Booked {
    #[serde(default)]
    order: Option<BookedOrder>,
    #[serde(default)]
    booking_data: Option<Booking>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BookedOrder {
    payment_amt_cod: Rupiah,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Booking {
    order_id: Id,
    booking_code: Text,
}

/// What the details say: the whole history, and the order as it is.
pub(super) fn interpret(
    message: &Message<'_>,
    credentials: &Credentials,
) -> Result<Interpretation, Error> {
    let looked: Looked = read_object(DETAIL, message.body)?;
    let Looked { mut detail, booking } = looked;
    let booking = Booking::of(&detail.order_id, booking.unwrap_or_default());
    let history = detail.order_info.order_history.take().unwrap_or_default();
    let (order_id, status) = (detail.order_id.0.clone(), detail.order_status.clone());
    let shop_id = detail.shop_info.as_ref().and_then(|shop| shop.shop_id.text());
    let snapshot = snapshot(detail, booking, credentials);
    let buyer = snapshot.buyer.as_ref().map(|part| &part.content);
    let heard = Heard {
        channel_shop_id: shop_id.or_else(|| message.channel_shop_id.map(str::to_owned)),
        channel_order_id: order_id,
        facts: facts(&history, &status, buyer),
        snapshot,
        refetch: Refetch::Never,
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// A fact for each entry of the history; the status of the order itself if it is in none.
fn facts(history: &[Step], status: &Status, buyer: Option<&Buyer>) -> Vec<HeardFact> {
    let mut facts: Vec<HeardFact> = Vec::with_capacity(history.len());
    for step in history {
        let fact = HeardFact {
            actor: actor(&step.action_by.0),
            reason: reason_in_clear(&step.comment.0, buyer),
            ..HeardFact::of_order(&step.hist_status_code.0, step.timestamp.0)
        };
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    if !history.iter().any(|step| step.hist_status_code == *status) {
        facts.push(HeardFact::of_order(&status.0, None));
    }
    facts
}

/// Who brought a status about. **The one place that reads `action_by`.**
///
/// No official list of its values was found; these beginnings are those of samples. Others leave the
/// actor unknown, which releases the least.
fn actor(action_by: &str) -> Option<Actor> {
    let who = action_by.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| who.starts_with(word));
    if begins(&["buyer", "customer"]) {
        Some(Actor::Buyer)
    } else if begins(&["seller", "shop", "merchant"]) {
        Some(Actor::Seller)
    } else if begins(&["system", "tokopedia", "cron"]) {
        Some(Actor::System)
    } else {
        None
    }
}

impl Booking {
    /// The booking of this order, and whether the courier collects the money.
    fn of(order_id: &SomeId, rows: Vec<Booked>) -> (Option<String>, bool) {
        let mut code = None;
        let mut collects = false;
        for row in rows {
            collects |= row.order.unwrap_or_default().payment_amt_cod.0 > 0;
            let booking = row.booking_data.unwrap_or_default();
            if booking.order_id.text().is_none_or(|id| id == order_id.0) {
                code = code.or(booking.booking_code.some());
            }
        }
        (code, collects)
    }
}

/// The parts of the details. They are as new as the order's last change.
fn snapshot(detail: Detail, booking: (Option<String>, bool), with: &Credentials) -> Snapshot {
    let (booking_code, collects) = booking;
    let newest_step = detail.order_info.order_history.iter().flatten().map(|step| step.timestamp.0);
    let changed_at = newest_step.max().flatten().max(detail.update_time.0);
    let shipping = detail.order_info.shipping_info.unwrap_or_default();
    let products = detail.order_info.order_detail;
    let note = note(products.iter().map(|product| product.notes.0.as_str()));
    let lines = grouped(products.into_iter().map(Ordered::line).collect());
    let money = detail.open_amt.zip(detail.item_price).map(|(total, goods)| Money {
        currency: Currency::IDR,
        goods: goods.0,
        shipping: shipping.shipping_price.0,
        fees: shipping.insurance_price.0,
        discount: detail.payment_info.unwrap_or_default().discount_amount.0,
        total: total.0,
    });
    let deadlines = detail.shipment_fulfillment.unwrap_or_default();
    let head = Head {
        channel_invoice: detail.invoice_number.some(),
        ordered_at: detail.create_time.0,
        ship_by: deadlines.confirm_shipping_deadline.0,
        accept_by: deadlines.accept_deadline.0,
        channel_warehouse: detail.order_warehouse.unwrap_or_default().warehouse_id.text(),
        carrier: shipping.logistic_name.clone().some(),
        service: shipping.logistic_service.some(),
        cash_on_delivery: collects || detail.is_cod_mitra.unwrap_or_default(),
        cancel_requested: detail.cancel_request_info.is_some(),
    };
    let package = Package {
        key: PackageKey(Arc::from(detail.order_id.0.as_str())),
        carrier: shipping.logistic_name.0,
        booking_code,
        awb: shipping.awb.some(),
        lines: lines
            .iter()
            .map(|line| (line.key.clone(), line.quantity - line.cancelled))
            .collect(),
    };
    let words = Words {
        buyer: detail.buyer_info,
        destination: detail.order_info.destination,
        ..Words::default()
    };
    let known = u8::from(package.booking_code.is_some()) + 2 * u8::from(package.awb.is_some());
    let packed = known > 0 || detail.order_status.is_accepted();
    let asked = u8::from(head.cancel_requested);
    Snapshot {
        lines: (!lines.is_empty()).then(|| Part::seen(lines, true, changed_at, true)),
        money: money.map(|money| Part::seen(money, true, changed_at, true)),
        head: Some(ranked(Part::seen(head, true, changed_at, true), asked)),
        packages: packed
            .then(|| ranked(Part::seen(package, true, changed_at, true), known))
            .into_iter()
            .collect(),
        buyer: Some(buyer_part(words, detail.encryption.as_ref(), note, with, (changed_at, true))),
        ..Snapshot::default()
    }
}

impl Ordered {
    fn line(self) -> Line {
        let counts = (self.quantity.0, self.quantity_reject.0);
        line(self.product_id, self.product_name, self.sku, self.product_price, counts)
    }
}

/// A part that wins over those of the same time that show less; `rank` is 0 to 3.
///
/// A booking code, an AWB and a request to cancel may appear without a change of the order's own
/// time. Among looks with the same time the hash of the content decides, so the rank, which is a
/// function of the content too, takes its two highest bits.
fn ranked<T>(mut part: Part<T>, rank: u8) -> Part<T> {
    part.stamp.hash = (part.stamp.hash >> 2) | (u64::from(rank & 3) << 62);
    part
}
