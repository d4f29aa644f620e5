//! What an order says.
//!
//! Two things tell where it stands: its own status, and that of each of its parcels. Both become facts in
//! the words of the order's status, which is what the flow speaks of. It also shows when it was paid and
//! when its goods were collected: facts of their own, so that who has missed a status ends where who
//! heard it does.

use dermaga_channel::{Error, Heard, HeardFact, Interpretation, Message, Refetch, reason_in_clear};
use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::order::{Buyer, Head, Line, Money, Part, Snapshot};
use dermaga_domain::term::Actor;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::packages::{Detail, Item, Parcel, Parcels, goods, lines, too_large};
use super::wire::{Amount, Moment, Sn, Status, Text, read, read_object};

/// The message kind of an order's details: `{"order": …, "packages": […]}`.
pub(super) const DETAIL: &str = "order";

const CANCELLED: &str = "CANCELLED";
/// A buyer's request waits for an answer.
pub(super) const IN_CANCEL: &str = "IN_CANCEL";
/// Not yet paid, or of those that are paid the first.
const BEFORE_READY: [&str; 4] = ["UNPAID", "PENDING", "INVOICE_PENDING", "READY_TO_SHIP"];
/// After the goods have left.
const SENT: [&str; 4] = ["SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN"];

/// An order.
#[derive(Deserialize)]
pub(super) struct Order {
    order_sn: Sn,
    order_status: Status,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    cod: Option<bool>,
    #[serde(default)]
    total_amount: Option<Amount>,
    #[serde(default)]
    estimated_shipping_fee: Amount,
    #[serde(default)]
    actual_shipping_fee: Amount,
    #[serde(default)]
    actual_shipping_fee_confirmed: Option<bool>,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
    #[serde(default)]
    pay_time: Moment,
    #[serde(default)]
    pickup_done_time: Moment,
    #[serde(default)]
    ship_by_date: Moment,
    #[serde(default)]
    shipping_carrier: Text,
    #[serde(default)]
    checkout_shipping_carrier: Text,
    #[serde(default)]
    cancel_by: Text,
    #[serde(default)]
    cancel_reason: Text,
    #[serde(default)]
    buyer_cancel_reason: Text,
    #[serde(default)]
    message_to_seller: Text,
    #[serde(default)]
    recipient_address: Option<Address>,
    #[serde(default)]
    item_list: Option<Vec<Item>>,
    #[serde(default)]
    package_list: Option<Vec<Parcel>>,
}

/// Where it goes; masked or blank where the channel does not show it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    name: Text,
    phone: Text,
    district: Text,
    city: Text,
    state: Text,
    zipcode: Text,
    full_address: Text,
}

/// What details say: the order, and its parcels.
pub(super) fn detail(message: &Message<'_>) -> Result<Interpretation, Error> {
    #[derive(Deserialize)]
    struct Looked<'a> {
        #[serde(borrow)]
        order: &'a RawValue,
        #[serde(default)]
        packages: Vec<Detail>,
    }
    let looked: Looked<'_> = read_object(DETAIL, message.body)?;
    let order: Order = read_object(DETAIL, looked.order.get().as_bytes())?;
    let parcels = order.package_list.as_deref().unwrap_or_default();
    let parcels = Parcels::new(parcels, &looked.packages);
    let heard = Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: order.order_sn.0.clone(),
        facts: facts(&order, &parcels),
        snapshot: snapshot(&order, &parcels, message.fetched)?,
        refetch: Refetch::Never,
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// An order of which only the id is known: look at it.
pub(super) fn look_at(shop: Option<String>, id: &Sn, facts: Vec<HeardFact>) -> Heard {
    Heard {
        channel_shop_id: shop,
        channel_order_id: id.0.clone(),
        facts,
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    }
}

/// The statuses that an order shows: the present one since its last change; that it was paid, and that
/// its goods were collected and delivered, by its own times and by those of its parcels. **The one place
/// that takes times and the parcels' status for statuses.**
fn facts(order: &Order, parcels: &Parcels<'_>) -> Vec<HeardFact> {
    let now = order.order_status.0.as_str();
    let cancelled = now == CANCELLED;
    let actor = if cancelled { actor(&order.cancel_by.0) } else { None };
    let words = [&order.cancel_reason.0, &order.buyer_cancel_reason.0];
    let words = words.into_iter().find(|words| !words.is_empty()).filter(|_| cancelled);
    let reason = words.and_then(|words| reason_in_clear(words, None));
    let mut facts =
        vec![HeardFact { actor, reason, ..HeardFact::of_order(now, order.update_time.0) }];
    // What is paid at the door is paid after it was ready.
    let paid = order.pay_time.0.filter(|_| order.cod != Some(true));
    if let Some(at) = paid.filter(|_| !BEFORE_READY.contains(&now)) {
        facts.push(HeardFact::of_order("READY_TO_SHIP", Some(at)));
    }
    let collected = match order.pickup_done_time.0 {
        Some(at) if now != "SHIPPED" => Some(Some(at)),
        None if !SENT.contains(&now) => parcels.gone(),
        _ => None,
    };
    facts.extend(collected.map(|at| HeardFact::of_order("SHIPPED", at)));
    // Until the order follows its parcels.
    let delivered = if now == "SHIPPED" { parcels.delivered() } else { None };
    facts.extend(delivered.map(|at| HeardFact::of_order("TO_CONFIRM_RECEIVE", at)));
    facts
}

/// Who cancelled. **The one place that reads it**: no list of the words was found.
fn actor(who: &str) -> Option<Actor> {
    let who = who.to_ascii_lowercase();
    let begins = |with: &str| who.starts_with(with);
    if begins("buyer") {
        Some(Actor::Buyer)
    } else if begins("seller") {
        Some(Actor::Seller)
    } else if begins("system") || begins("ops") || begins("shopee") {
        Some(Actor::System)
    } else {
        None
    }
}

fn snapshot(order: &Order, parcels: &Parcels<'_>, fetched: bool) -> Result<Snapshot, Error> {
    let updated_at = order.update_time.0;
    let head = head(order);
    let asked = u8::from(head.cancel_requested);
    let mut snapshot = Snapshot {
        head: Some(ranked(Part::seen(head, true, updated_at, fetched), asked)),
        ..Snapshot::default()
    };
    if let Some(address) = &order.recipient_address {
        let buyer = buyer(address, &order.message_to_seller);
        let full = [&buyer.name, &buyer.phone, &buyer.address].iter().all(|text| is_told(text));
        snapshot.buyer = Some(Part::seen(buyer, full, updated_at, fetched));
    }
    let items = order.item_list.as_deref().unwrap_or_default();
    if !items.is_empty() {
        let wrong = |_| Error::Malformed("currency is not what it should be".to_owned());
        let currency: Currency = order.currency.0.parse().map_err(wrong)?;
        let living = order.order_status.0 != CANCELLED;
        let lines = lines(items, currency, living)?;
        let money = money(order, &lines, currency)?;
        let packages = parcels.packages(&lines).into_iter().map(|(package, changed_at)| {
            let rank = u8::from(package.awb.is_some());
            let updated_at = updated_at.max(changed_at);
            ranked(Part::seen(package, true, updated_at, fetched), rank)
        });
        snapshot.packages = packages.collect();
        snapshot.money = money.map(|money| Part::seen(money, true, updated_at, fetched));
        snapshot.lines = Some(Part::seen(lines, true, updated_at, fetched));
    }
    Ok(snapshot)
}

/// What the order costs; none when it does not say what is paid. What is paid beyond goods and shipping
/// is taken as fees, and what is paid less as a discount, so that the parts always make the whole.
fn money(order: &Order, lines: &[Line], currency: Currency) -> Result<Option<Money>, Error> {
    let Some(total) = order.total_amount else { return Ok(None) };
    let minor = |amount: Amount| amount.minor(currency).ok_or_else(too_large);
    let confirmed = order.actual_shipping_fee_confirmed == Some(true);
    let shipping = if confirmed { order.actual_shipping_fee } else { order.estimated_shipping_fee };
    let (total, shipping) = (minor(total)?, minor(shipping)?);
    let goods = goods(lines).ok_or_else(too_large)?;
    let rest: Option<Minor> = goods.checked_add(shipping).and_then(|sum| total.checked_sub(sum));
    let rest = rest.ok_or_else(too_large)?;
    let discount = rest.min(0).checked_neg().ok_or_else(too_large)?;
    Ok(Some(Money { currency, goods, shipping, fees: rest.max(0), discount, total }))
}

fn is_told(text: &str) -> bool {
    !text.is_empty() && !text.contains('*')
}

fn head(order: &Order) -> Head {
    let carrier = order.shipping_carrier.clone().some();
    Head {
        channel_invoice: None,
        ordered_at: order.create_time.0,
        ship_by: order.ship_by_date.0,
        accept_by: None,
        channel_warehouse: None,
        carrier: carrier.or_else(|| order.checkout_shipping_carrier.clone().some()),
        service: None,
        cash_on_delivery: order.cod == Some(true),
        cancel_requested: order.order_status.0 == IN_CANCEL,
    }
}

fn buyer(address: &Address, note: &Text) -> Buyer {
    let text = |text: &Text| text.0.clone();
    Buyer {
        name: text(&address.name),
        phone: text(&address.phone),
        email: String::new(),
        address: text(&address.full_address),
        province: text(&address.state),
        city: text(&address.city),
        district: text(&address.district),
        postal_code: text(&address.zipcode),
        note: text(note),
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

/// The status of an order, of details as the channel wrote them.
pub(super) fn status_of(order: &RawValue) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Stands {
        order_status: Status,
    }
    let stands: Stands = read(DETAIL, order.get().as_bytes())?;
    Ok(stands.order_status.0)
}
