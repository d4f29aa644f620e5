//! What an order and its units say: the same in a list and in details.
//!
//! Each unit is a row with a status of its own; an order has none. Rows of the same listing and price
//! are one line, whose units are named.

use std::collections::BTreeMap;
use std::sync::Arc;

use dermaga_channel::{Error, Heard, HeardFact, Interpretation, Message, Refetch, reason_in_clear};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{
    Buyer, Head, Line, LineKey, Money, Package, PackageKey, Part, Snapshot, UnitKey,
};
use dermaga_domain::term::Actor;
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::buyer::{Address, buyer};
use super::wire::{Amount, Flag, Id, MaybeMoment, Moment, SomeId, Text, read, read_object};

/// The message kind of a page of the order list.
pub(super) const LIST: &str = "orders";
/// The message kind of one order.
pub(super) const DETAIL: &str = "order";

/// Statuses in which a buyer's wish to cancel can be open.
pub(super) const CANCELLABLE: [&str; 4] = ["pending", "repacked", "packed", "ready_to_ship"];
/// The one status of a cancelled unit.
pub(super) const CANCELED: &str = "canceled";
/// How the buyer pays at the door, in the channel's word.
const CASH: &str = "COD";

/// An order.
#[derive(Deserialize)]
struct Order<'a> {
    order_id: SomeId,
    #[serde(default)]
    price: Amount,
    #[serde(default)]
    shipping_fee: Amount,
    #[serde(default)]
    voucher: Amount,
    #[serde(default)]
    payment_method: Text,
    #[serde(default)]
    created_at: Moment,
    #[serde(default)]
    updated_at: Moment,
    #[serde(default)]
    buyer_note: Text,
    #[serde(default)]
    remarks: Text,
    /// Masked or blank for apps that may not see it, and then of whatever shape.
    #[serde(default, borrow)]
    address_shipping: Option<&'a RawValue>,
}

/// One unit of an order.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) order_item_id: SomeId,
    pub(super) status: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    variation: Text,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    shop_sku: Text,
    #[serde(default)]
    sku_id: Id,
    #[serde(default)]
    product_id: Id,
    #[serde(default)]
    item_price: Amount,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    shipment_provider: Text,
    #[serde(default)]
    tracking_code: Text,
    #[serde(default)]
    pub(super) package_id: Text,
    #[serde(default)]
    pub(super) warehouse_code: Text,
    #[serde(default)]
    sla_time_stamp: MaybeMoment,
    #[serde(default)]
    reason: Text,
    #[serde(default)]
    cancel_return_initiator: Text,
    /// The channel stores and sends it: it is not packed by the seller.
    #[serde(default)]
    pub(super) is_fbl: Flag,
    #[serde(default)]
    pub(super) is_digital: Flag,
    #[serde(default)]
    need_cancel_confirm: Flag,
    #[serde(default)]
    is_cancel_pending: Flag,
    #[serde(default)]
    pub(super) reverse_order_id: Id,
    #[serde(default)]
    updated_at: Moment,
}

impl Item {
    /// The name of what was sold, the same in orders and in listings: product and SKU.
    fn product(&self) -> String {
        if let (Some(product), Some(sku)) = (self.product_id.0, self.sku_id.0) {
            return product_name(product, sku);
        }
        // `770011_ID-990001` holds both.
        let shop_sku = &self.shop_sku.0;
        let parts = shop_sku.split_once('_').zip(shop_sku.rsplit_once('-'));
        match parts {
            Some(((product, _), (_, sku))) => format!("{product}-{sku}"),
            None => format!("unit-{}", self.order_item_id),
        }
    }

    /// Whether the buyer waits for an answer to the wish to cancel it.
    pub(super) fn waits_for_answer(&self) -> bool {
        (self.is_cancel_pending.0 || self.need_cancel_confirm.0)
            && CANCELLABLE.contains(&self.status.0.as_str())
    }

    /// Who cancelled it, by the channel's word: `cancellation-customer`, `cancellation-seller`,
    /// `cancellation-internal`, `cancellation-failed Delivery`. Another word, or none, says nothing.
    fn canceller(&self) -> Option<Actor> {
        if self.status.0 != CANCELED {
            return None;
        }
        match self.cancel_return_initiator.0.to_ascii_lowercase().as_str() {
            "cancellation-customer" => Some(Actor::Buyer),
            "cancellation-seller" => Some(Actor::Seller),
            "cancellation-internal" | "cancellation-failed delivery" => Some(Actor::System),
            _ => None,
        }
    }
}

/// The name of a product's SKU.
pub(super) fn product_name(product: u64, sku: u64) -> String {
    format!("{product}-{sku}")
}

/// A message's row: an order with its units.
#[derive(Deserialize)]
struct Looked<'a> {
    #[serde(borrow)]
    order: Order<'a>,
    #[serde(default)]
    items: Vec<Item>,
}

/// The least of a row: which order it is.
#[derive(Deserialize)]
struct Numbered {
    order: Number,
}

#[derive(Deserialize)]
struct Number {
    order_id: SomeId,
}

/// What a page of the list says. A row that cannot be read, or shows no units, is fetched by its id; one
/// without even that is named as unread, and the others stand.
pub(super) fn list(message: &Message<'_>) -> Result<Interpretation, Error> {
    let rows: Vec<&RawValue> = read(LIST, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        let body = row.get().as_bytes();
        match read_object::<Looked<'_>>(LIST, body).and_then(|looked| heard(looked, message)) {
            Ok(heard) => said.orders.push(heard),
            Err(error) => match read_object::<Numbered>(LIST, body) {
                Ok(numbered) => {
                    let id = numbered.order.order_id.to_string();
                    said.orders.push(look_at(id, message.channel_shop_id));
                }
                Err(_) => said.unread.push(format!("row {index}: {error}")),
            },
        }
    }
    Ok(said)
}

/// What the details of an order say.
pub(super) fn detail(message: &Message<'_>) -> Result<Interpretation, Error> {
    let looked: Looked<'_> = read_object(DETAIL, message.body)?;
    let orders = vec![heard(looked, message)?];
    Ok(Interpretation { orders, ..Interpretation::default() })
}

/// An order of which only the id is known: look at it.
pub(super) fn look_at(order: String, channel_shop_id: Option<&str>) -> Heard {
    Heard {
        channel_shop_id: channel_shop_id.map(str::to_owned),
        channel_order_id: order,
        facts: Vec::new(),
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    }
}

fn heard(looked: Looked<'_>, message: &Message<'_>) -> Result<Heard, Error> {
    if looked.items.is_empty() {
        return Err(Error::Malformed("an order without units".to_owned()));
    }
    let (order, items) = (looked.order, looked.items);
    let note = [&order.buyer_note, &order.remarks].map(|text| text.0.as_str()).join(" ");
    let address = order.address_shipping.map(|json| json.get().as_bytes());
    let address = address.and_then(|json| read_object::<Address>("address", json).ok());
    let (buyer, full) = buyer(address.unwrap_or_default(), note.trim());
    let facts = items.iter().map(|item| fact(item, &buyer)).collect();
    // Units change later than their order says, so that the latest of all is the time of the look.
    let changed = items.iter().map(|item| item.updated_at.0);
    let look = Look {
        updated_at: changed.chain([order.updated_at.0]).flatten().max(),
        fetched: message.fetched,
    };
    let lines = lines(&items)?;
    Ok(Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: order.order_id.to_string(),
        facts,
        snapshot: Snapshot {
            money: Some(look.part(money(&order, lines.currency))),
            head: Some(look.part(head(&order, &items))),
            packages: packages(&items).into_iter().map(|package| look.part(package)).collect(),
            lines: Some(look.part(lines.lines)),
            buyer: Some(Part::seen(buyer, full, look.updated_at, look.fetched)),
            ..Snapshot::default()
        },
        refetch: Refetch::Never,
    })
}

/// When and how the parts of a look were seen.
struct Look {
    updated_at: Option<Time>,
    fetched: bool,
}

impl Look {
    fn part<T: std::hash::Hash>(&self, content: T) -> Part<T> {
        Part::seen(content, true, self.updated_at, self.fetched)
    }
}

/// The status of a unit, since its last change.
fn fact(item: &Item, buyer: &Buyer) -> HeardFact {
    let canceller = item.canceller();
    let ended = item.status.0 == CANCELED;
    HeardFact {
        unit: Some(unit(item)),
        actor: canceller,
        reason: reason_in_clear(&item.reason.0, Some(buyer)).filter(|_| ended),
        ..HeardFact::of_order(&item.status.0, item.updated_at.0)
    }
}

fn unit(item: &Item) -> UnitKey {
    UnitKey(Arc::from(item.order_item_id.to_string()))
}

/// The line that a unit belongs to: its listing at its price.
fn line_key(item: &Item, price: i64) -> LineKey {
    LineKey(Arc::from(format!("{}@{price}", item.product())))
}

struct Lines {
    lines: Vec<Line>,
    currency: Currency,
}

/// The currency of the units: all of an order have one.
fn currency(items: &[Item]) -> Result<Currency, Error> {
    let wrong = || Error::Malformed("currency is not what it should be".to_owned());
    let mut named = items.iter().map(|item| item.currency.0.as_str());
    named.find(|text| !text.is_empty()).ok_or_else(wrong)?.parse().map_err(|_| wrong())
}

/// The lines of an order, in the order of their first units.
fn lines(items: &[Item]) -> Result<Lines, Error> {
    let currency = currency(items)?;
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let unit_price = item.item_price.minor(currency);
        let key = line_key(item, unit_price);
        if let Some(line) = lines.iter_mut().find(|line| line.key == key) {
            line.quantity += 1;
            line.units.push(unit(item));
            continue;
        }
        let variation = item.variation.clone().some();
        lines.push(Line {
            key,
            channel_product_id: item.product(),
            channel_sku: item.sku.0.clone(),
            name: variation
                .map_or_else(|| item.name.0.clone(), |which| format!("{} - {which}", item.name.0)),
            quantity: 1,
            // Told unit by unit.
            cancelled: 0,
            unit_price,
            units: vec![unit(item)],
        });
    }
    lines.iter_mut().for_each(|line| line.units.sort());
    Ok(Lines { lines, currency })
}

/// What the buyer pays: the goods less vouchers, and shipping.
fn money(order: &Order<'_>, currency: Currency) -> Money {
    Money {
        currency,
        goods: order.price.minor(currency),
        shipping: order.shipping_fee.minor(currency),
        fees: 0,
        discount: order.voucher.minor(currency),
        total: (order.price + order.shipping_fee - order.voucher).minor(currency),
    }
}

fn head(order: &Order<'_>, items: &[Item]) -> Head {
    let first = |of: fn(&Item) -> &Text| items.iter().find_map(|item| of(item).clone().some());
    Head {
        ordered_at: order.created_at.0,
        ship_by: items.iter().filter_map(|item| item.sla_time_stamp.0).min(),
        channel_warehouse: first(|item| &item.warehouse_code),
        carrier: first(|item| &item.shipment_provider),
        cash_on_delivery: order.payment_method.0.eq_ignore_ascii_case(CASH),
        cancel_requested: items.iter().any(Item::waits_for_answer),
        ..Head::default()
    }
}

/// The parcels, each with its units by line.
fn packages(items: &[Item]) -> Vec<Package> {
    let Ok(currency) = currency(items) else { return Vec::new() };
    let mut packages: BTreeMap<&str, (&Item, BTreeMap<LineKey, i64>)> = BTreeMap::new();
    for item in items.iter().filter(|item| !item.package_id.0.is_empty()) {
        let key = line_key(item, item.item_price.minor(currency));
        let (_, lines) =
            packages.entry(&item.package_id.0).or_insert_with(|| (item, BTreeMap::new()));
        *lines.entry(key).or_default() += 1;
    }
    let package = |(id, (item, lines)): (&str, (&Item, BTreeMap<LineKey, i64>))| Package {
        key: PackageKey(Arc::from(id)),
        carrier: item.shipment_provider.0.clone(),
        // There is no booking code: counters scan the tracking number.
        booking_code: None,
        awb: item.tracking_code.clone().some(),
        lines: lines.into_iter().collect(),
    };
    packages.into_iter().map(package).collect()
}
