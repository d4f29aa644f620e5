//! Orders as the list and the detail show them, in our words.

use std::collections::BTreeMap;
use std::sync::Arc;

use dermaga_channel::{Credentials, Error, Heard, HeardFact, Interpretation, Message, Refetch};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Head, Line, LineKey, Money, Package, PackageKey, Part, Snapshot};
use dermaga_domain::term::Actor;
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::buyer::{Destination, Person, Recipient, Sealed, Words, buyer_part};
use super::wire::{Count, Id, Moment, Rupiah, SomeId, Status, Text, read};

/// The message kind of a page of the order list: its rows, without the envelope around them.
pub(super) const LIST: &str = "order_list";
/// The message kind of an order's details: see [`Looked`].
pub(super) const DETAIL: &str = "order_detail";

/// The longest reason that is kept, in characters.
const REASON_LENGTH_MAX: usize = 200;

/// A product of an order, in a list row or a webhook.
#[derive(Deserialize)]
pub(super) struct Product {
    id: SomeId,
    #[serde(default, alias = "Name")]
    name: Text,
    quantity: Count,
    #[serde(default)]
    price: Rupiah,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    notes: Text,
}

/// How many units of a product are refused.
#[derive(Deserialize)]
pub(super) struct Fulfilled {
    product_id: SomeId,
    #[serde(default)]
    quantity_reject: Count,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Logistics {
    shipping_agency: Text,
    service_type: Text,
}

#[derive(Deserialize)]
struct Amounts {
    ttl_product_price: Rupiah,
    #[serde(default)]
    shipping_cost: Rupiah,
    #[serde(default)]
    insurance_cost: Rupiah,
    #[serde(default)]
    voucher_amount: Rupiah,
    ttl_amount: Rupiah,
}

/// A row of the order list, and the body of a notification.
#[derive(Deserialize)]
pub(super) struct Row {
    order_id: SomeId,
    #[serde(default)]
    shop_id: Id,
    #[serde(default)]
    order_status: Option<Status>,
    #[serde(default)]
    invoice_ref_num: Text,
    #[serde(default)]
    products: Option<Vec<Product>>,
    #[serde(default)]
    products_fulfilled: Option<Vec<Fulfilled>>,
    #[serde(default, alias = "customer")]
    buyer: Option<Person>,
    #[serde(default)]
    recipient: Option<Recipient>,
    #[serde(default)]
    logistics: Option<Logistics>,
    #[serde(default)]
    amt: Option<Amounts>,
    #[serde(default)]
    is_cod_mitra: Option<bool>,
    #[serde(default)]
    warehouse_id: Id,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    encryption: Option<Sealed>,
}

impl Row {
    /// The status, if the row says one.
    pub(super) fn status(&self) -> Option<&str> {
        self.order_status.as_ref().map(|status| status.0.as_str())
    }
}

/// What a page of the list says. A row that cannot be read is fetched by its id; one without even
/// that is named as unread, and the others stand.
pub(super) fn list(
    message: &Message<'_>,
    credentials: &Credentials,
) -> Result<Interpretation, Error> {
    let rows: Option<Vec<&RawValue>> = read(LIST, message.body)?;
    let mut said = Interpretation::default();
    for (index, raw) in rows.unwrap_or_default().into_iter().enumerate() {
        let body = raw.get().as_bytes();
        let read_row = read::<Row>(LIST, body).and_then(|row| {
            let status = row.status().map(str::to_owned);
            let status = status.ok_or_else(|| Error::Malformed("lacks order_status".to_owned()))?;
            let mut heard = of_row(row, credentials, true);
            heard.facts = vec![HeardFact::of_order(&status, None)];
            Ok(heard)
        });
        match (read_row, read::<Numbered>(LIST, body)) {
            (Ok(heard), _) => said.orders.push(heard),
            (Err(_), Ok(numbered)) => said.orders.push(numbered.into_heard()),
            (Err(error), Err(_)) => said.unread.push(format!("row {index}: {error}")),
        }
        if let Some(heard) = said.orders.last_mut().filter(|heard| heard.channel_shop_id.is_none())
        {
            heard.channel_shop_id = message.channel_shop_id.map(str::to_owned);
        }
    }
    Ok(said)
}

/// The least of a row: which order it is.
#[derive(Deserialize)]
struct Numbered {
    order_id: SomeId,
}

impl Numbered {
    fn into_heard(self) -> Heard {
        Heard {
            channel_shop_id: None,
            channel_order_id: self.order_id.0,
            facts: Vec::new(),
            snapshot: Snapshot::default(),
            refetch: Refetch::Always,
        }
    }
}

/// The look that a row gives; its facts are added by who knows what the row is.
///
/// Its parts have no time of change, so that any look at the details is newer.
pub(super) fn of_row(row: Row, credentials: &Credentials, fetched: bool) -> Heard {
    let products = row.products.unwrap_or_default();
    let note = note(products.iter().map(|product| product.notes.0.as_str()));
    let lines = lines(products, &row.products_fulfilled.unwrap_or_default());
    let logistics = row.logistics.unwrap_or_default();
    let head = Head {
        channel_invoice: row.invoice_ref_num.some(),
        ordered_at: row.create_time.0,
        channel_warehouse: row.warehouse_id.text(),
        carrier: logistics.shipping_agency.some(),
        service: logistics.service_type.some(),
        cash_on_delivery: row.is_cod_mitra.unwrap_or_default(),
        ..Head::default()
    };
    let money = row.amt.map(|amt| Money {
        currency: Currency::IDR,
        goods: amt.ttl_product_price.0,
        shipping: amt.shipping_cost.0,
        fees: amt.insurance_cost.0,
        discount: amt.voucher_amount.0,
        total: amt.ttl_amount.0,
    });
    let words = Words { buyer: row.buyer, recipient: row.recipient, ..Words::default() };
    let seen = (None, fetched);
    let buyer = buyer_part(words, row.encryption.as_ref(), note, credentials, seen);
    Heard {
        channel_shop_id: row.shop_id.text(),
        channel_order_id: row.order_id.0,
        facts: Vec::new(),
        snapshot: Snapshot {
            lines: (!lines.is_empty()).then(|| Part::seen(lines, true, None, fetched)),
            money: money.map(|money| Part::seen(money, true, None, fetched)),
            head: Some(Part::seen(head, true, None, fetched)),
            packages: Vec::new(),
            buyer: Some(buyer),
        },
        refetch: Refetch::IfNews,
    }
}

/// The lines of these products.
pub(super) fn lines(products: Vec<Product>, fulfilled: &[Fulfilled]) -> Vec<Line> {
    let mut refused: BTreeMap<&str, i64> = BTreeMap::new();
    for row in fulfilled {
        *refused.entry(row.product_id.0.as_str()).or_default() += row.quantity_reject.0;
    }
    let rows = products.into_iter().map(|product| {
        // Rejections are told for the product, which may have several rows.
        let left = refused.get_mut(product.id.0.as_str());
        let cancelled = left.map_or(0, |left| {
            let taken = (*left).min(product.quantity.0);
            *left -= taken;
            taken
        });
        line(product.id, product.name, product.sku, product.price, (product.quantity.0, cancelled))
    });
    grouped(rows.collect())
}

fn line(id: SomeId, name: Text, sku: Text, price: Rupiah, counts: (i64, i64)) -> Line {
    Line {
        key: LineKey(Arc::from(id.0.as_str())),
        channel_product_id: id.0,
        channel_sku: sku.0,
        name: name.0,
        quantity: counts.0,
        cancelled: counts.1.min(counts.0),
        unit_price: price.0,
        units: Vec::new(),
    }
}

/// One line for each product, named by its id, which every message shows. A product that is there
/// at several prices has a line for each, so that prices stay exact, named by id and price.
fn grouped(rows: Vec<Line>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(rows.len());
    let mut at: BTreeMap<(String, i64), usize> = BTreeMap::new();
    let mut prices: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let group = (row.channel_product_id.clone(), row.unit_price);
        if let Some(line) = at.get(&group).and_then(|&index| lines.get_mut(index)) {
            line.quantity += row.quantity;
            line.cancelled += row.cancelled;
            continue;
        }
        *prices.entry(row.channel_product_id.clone()).or_default() += 1;
        at.insert(group, lines.len());
        lines.push(row);
    }
    for line in &mut lines {
        if prices.get(&line.channel_product_id).is_some_and(|&count| count > 1) {
            let named = format!("{}@{}", line.channel_product_id, line.unit_price);
            line.key = LineKey(Arc::from(named));
        }
    }
    lines.sort_by(|a, b| a.key.cmp(&b.key));
    lines
}

/// The buyer's notes on the products, one a line.
fn note<'a>(notes: impl Iterator<Item = &'a str>) -> String {
    let mut said: Vec<&str> = Vec::new();
    for note in notes.filter(|note| !note.is_empty()) {
        if !said.contains(&note) {
            said.push(note);
        }
    }
    said.join("\n")
}

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
pub(super) fn detail(
    message: &Message<'_>,
    credentials: &Credentials,
) -> Result<Interpretation, Error> {
    let looked: Looked = read(DETAIL, message.body)?;
    let Looked { detail, booking } = looked;
    let booking = Booking::of(&detail.order_id, booking.unwrap_or_default());
    let history = detail.order_info.order_history.as_deref().unwrap_or_default();
    let heard = Heard {
        channel_shop_id: detail.shop_info.as_ref().and_then(|shop| shop.shop_id.text()),
        channel_order_id: detail.order_id.0.clone(),
        facts: facts(history, &detail.order_status),
        snapshot: Snapshot::default(),
        refetch: Refetch::Never,
    };
    let heard = Heard {
        channel_shop_id: heard
            .channel_shop_id
            .or_else(|| message.channel_shop_id.map(str::to_owned)),
        snapshot: snapshot(detail, booking, credentials),
        ..heard
    };
    Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
}

/// A fact for each entry of the history; the status of the order itself if it is in none.
fn facts(history: &[Step], status: &Status) -> Vec<HeardFact> {
    let mut facts: Vec<HeardFact> = Vec::with_capacity(history.len());
    for step in history {
        let fact = HeardFact {
            actor: actor(&step.action_by.0),
            reason: reason(&step.comment.0),
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

fn reason(comment: &str) -> Option<Arc<str>> {
    let cut: String = comment.chars().take(REASON_LENGTH_MAX).collect();
    (!cut.is_empty()).then(|| Arc::from(cut))
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
    let known = u8::from(package.booking_code.is_some()) + u8::from(package.awb.is_some());
    let packed = known > 0 || detail.order_status.is_accepted();
    let asked = u8::from(head.cancel_requested);
    Snapshot {
        lines: (!lines.is_empty()).then(|| Part::seen(lines, true, changed_at, true)),
        money: money.map(|money| Part::seen(money, true, changed_at, true)),
        head: Some(Part::seen(head, true, later(changed_at, asked), true)),
        packages: packed
            .then(|| Part::seen(package, true, later(changed_at, known), true))
            .into_iter()
            .collect(),
        buyer: Some(buyer_part(words, detail.encryption.as_ref(), note, with, (changed_at, true))),
    }
}

impl Ordered {
    fn line(self) -> Line {
        let counts = (self.quantity.0, self.quantity_reject.0);
        line(self.product_id, self.product_name, self.sku, self.product_price, counts)
    }
}

/// A time later by that many microseconds.
///
/// A booking code, an AWB and a request to cancel may appear without a change of the order's own
/// time. Of two looks with the same time the one that shows more is then the newer.
fn later(at: Option<Time>, micros: u8) -> Option<Time> {
    at.map(|at| Time(at.0.saturating_add(i64::from(micros))))
}
