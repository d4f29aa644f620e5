//! What an order says: the same in a list, in its details and in a webhook.
//!
//! An order shows no history: its status counts from its last change. Two moments before it are shown
//! as well, and are facts of their own, so that who has missed a status ends where who heard it does.

use std::sync::Arc;

use dermaga_channel::{Error, Heard, HeardFact, Interpretation, Message, Refetch};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{
    Buyer, Head, Line, LineKey, Money, Package, PackageKey, Part, Snapshot,
};
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::returns::{self, Refund};
use super::wire::{Amount, Count, Gmt, Id, SomeId, Status, Text, read, read_object};

/// The message kind of a page of the order list: its rows.
pub(super) const LIST: &str = "orders";
/// The message kind of an order's details: `{"order": …, "refunds": […]}`.
pub(super) const DETAIL: &str = "order";

/// Under which name an order carries the tracking number that was reported from here.
pub(super) const AWB_KEY: &str = "_dermaga_awb";
/// What the shop writes in place of a buyer who was erased there.
const ERASED: &str = "[deleted]";

/// Somebody at an address.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Person {
    first_name: Text,
    last_name: Text,
    company: Text,
    address_1: Text,
    address_2: Text,
    city: Text,
    state: Text,
    postcode: Text,
    email: Text,
    phone: Text,
}

/// A line of the order.
#[derive(Deserialize)]
struct Item {
    id: SomeId,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    product_id: Id,
    #[serde(default)]
    variation_id: Id,
    quantity: Count,
    #[serde(default)]
    sku: Text,
    #[serde(default)]
    subtotal: Amount,
    #[serde(default)]
    subtotal_tax: Amount,
}

/// A fee or a way of shipping, with what it costs.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Charge {
    method_title: Text,
    total: Amount,
    total_tax: Amount,
}

/// A named value that somebody put on the order.
#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(default)]
    key: Text,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// An order.
#[derive(Deserialize)]
pub(super) struct Order<'a> {
    id: SomeId,
    status: Status,
    #[serde(default)]
    number: Text,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    date_created_gmt: Gmt,
    #[serde(default)]
    date_modified_gmt: Gmt,
    #[serde(default)]
    date_paid_gmt: Gmt,
    #[serde(default)]
    date_completed_gmt: Gmt,
    #[serde(default)]
    discount_total: Amount,
    #[serde(default)]
    discount_tax: Amount,
    #[serde(default)]
    shipping_total: Amount,
    #[serde(default)]
    shipping_tax: Amount,
    #[serde(default)]
    total: Option<Amount>,
    #[serde(default)]
    customer_note: Text,
    #[serde(default)]
    billing: Option<Person>,
    #[serde(default)]
    shipping: Option<Person>,
    #[serde(default)]
    payment_method: Text,
    #[serde(default)]
    line_items: Option<Vec<Item>>,
    #[serde(default)]
    shipping_lines: Option<Vec<Charge>>,
    #[serde(default)]
    fee_lines: Option<Vec<Charge>>,
    #[serde(default, borrow)]
    meta_data: Option<Vec<Meta<'a>>>,
    #[serde(default)]
    refunds: Option<Vec<serde::de::IgnoredAny>>,
}

/// The least of an order: which it is.
#[derive(Deserialize)]
struct Numbered {
    id: SomeId,
}

/// What a page of the list says. A row that cannot be read is fetched by its id; one without even
/// that is named as unread, and the others stand.
pub(super) fn list(message: &Message<'_>) -> Result<Interpretation, Error> {
    let rows: Vec<&RawValue> = read(LIST, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        let body = row.get().as_bytes();
        match read_object::<Order<'_>>(LIST, body).and_then(|order| heard(order, message)) {
            Ok(heard) => said.orders.extend(heard),
            Err(error) => match read_object::<Numbered>(LIST, body) {
                Ok(numbered) => said.orders.push(look_at(numbered.id, message)),
                Err(_) => said.unread.push(format!("row {index}: {error}")),
            },
        }
    }
    Ok(said)
}

/// An order of which only the id is known: look at it.
pub(super) fn look_at(id: SomeId, message: &Message<'_>) -> Heard {
    Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: id.to_string(),
        facts: Vec::new(),
        snapshot: Snapshot::default(),
        refetch: Refetch::Always,
    }
}

/// What details say: the order, and its refunds.
pub(super) fn detail(message: &Message<'_>) -> Result<Interpretation, Error> {
    #[derive(Deserialize)]
    struct Looked<'a> {
        #[serde(borrow)]
        order: Order<'a>,
        #[serde(default)]
        refunds: Vec<Refund>,
    }
    let looked: Looked<'_> = read_object(DETAIL, message.body)?;
    let refunds: Vec<HeardFact> = looked.refunds.iter().map(returns::fact).collect();
    let heard = heard(looked.order, message)?.map(|mut heard| {
        heard.facts.extend(refunds);
        heard.refetch = Refetch::Never;
        heard
    });
    Ok(Interpretation { orders: heard.into_iter().collect(), ..Interpretation::default() })
}

/// What an order says; nothing of one that somebody has only begun to write.
///
/// Money that went back is told with its times by the details only.
pub(super) fn heard(order: Order<'_>, message: &Message<'_>) -> Result<Option<Heard>, Error> {
    if order.status.is_draft() {
        return Ok(None);
    }
    let refunded = order.refunds.as_ref().is_some_and(|refunds| !refunds.is_empty());
    let known = refunded || !message.fetched;
    Ok(Some(Heard {
        channel_shop_id: message.channel_shop_id.map(str::to_owned),
        channel_order_id: order.id.to_string(),
        facts: facts(&order),
        snapshot: snapshot(order, message.fetched)?,
        refetch: if known { Refetch::IfNews } else { Refetch::Never },
    }))
}

/// The statuses that an order shows: the present one since its last change; that it was completed,
/// which is a status too; and that it was paid. **The one place that takes "paid" for a status**: the
/// shop notes the time when an order first becomes `processing` or `completed`.
fn facts(order: &Order<'_>) -> Vec<HeardFact> {
    let now = order.status.0.as_str();
    let mut facts = vec![HeardFact::of_order(now, order.date_modified_gmt.0)];
    let before = |at: Gmt| at.0.filter(|at| order.date_modified_gmt.0.is_none_or(|now| *at <= now));
    let completed = before(order.date_completed_gmt).filter(|_| now != "completed");
    let paid = before(order.date_paid_gmt).filter(|_| !matches!(now, "processing" | "completed"));
    facts.extend(completed.map(|at| HeardFact::of_order("completed", Some(at))));
    facts.extend(
        paid.filter(|at| completed != Some(*at))
            .map(|at| HeardFact::of_order("processing", Some(at))),
    );
    facts
}

fn snapshot(order: Order<'_>, fetched: bool) -> Result<Snapshot, Error> {
    let updated_at = order.date_modified_gmt.0;
    let money = money(&order)?;
    let head = head(&order);
    let awb = awb(&order);
    let currency = money.currency;
    let items = order.line_items.unwrap_or_default();
    let lines: Vec<Line> =
        items.into_iter().map(|item| line(item, currency)).collect::<Result<_, _>>()?;
    let package = awb.map(|awb| Package {
        key: PackageKey(Arc::from(order.id.to_string())),
        carrier: head.carrier.clone().unwrap_or_default(),
        booking_code: None,
        awb: Some(awb),
        lines: lines.iter().map(|line| (line.key.clone(), line.quantity)).collect(),
    });
    let buyer = buyer(order.shipping, order.billing, order.customer_note);
    let full = !buyer.name.is_empty() && !buyer.name.contains(ERASED);
    let seen = Part::seen(buyer, full, updated_at, fetched);
    Ok(Snapshot {
        lines: (!lines.is_empty()).then(|| Part::seen(lines, true, updated_at, fetched)),
        money: order.total.map(|_| Part::seen(money, true, updated_at, fetched)),
        head: Some(Part::seen(head, true, updated_at, fetched)),
        packages: package.map(|package| part(package, updated_at, fetched)).into_iter().collect(),
        buyer: Some(seen),
        ..Snapshot::default()
    })
}

fn part(package: Package, updated_at: Option<Time>, fetched: bool) -> Part<Package> {
    Part::seen(package, true, updated_at, fetched)
}

fn too_large() -> Error {
    Error::Malformed("an amount is too large".to_owned())
}

/// What the order costs, taxes in each amount as the buyer pays them.
fn money(order: &Order<'_>) -> Result<Money, Error> {
    let currency: Currency = order
        .currency
        .0
        .parse()
        .map_err(|_| Error::Malformed("currency is not what it should be".to_owned()))?;
    let goods: Amount =
        order.line_items.iter().flatten().map(|item| item.subtotal + item.subtotal_tax).sum();
    let fees: Amount =
        order.fee_lines.iter().flatten().map(|charge| charge.total + charge.total_tax).sum();
    let minor = |amount: Amount| amount.minor(currency).ok_or_else(too_large);
    Ok(Money {
        currency,
        goods: minor(goods)?,
        shipping: minor(order.shipping_total + order.shipping_tax)?,
        fees: minor(fees)?,
        discount: minor(order.discount_total + order.discount_tax)?,
        total: minor(order.total.unwrap_or_default())?,
    })
}

fn head(order: &Order<'_>) -> Head {
    let number = order.number.clone().some().filter(|number| *number != order.id.to_string());
    let ways = order.shipping_lines.iter().flatten();
    let mut named = ways.filter_map(|way| way.method_title.clone().some());
    Head {
        channel_invoice: number,
        ordered_at: order.date_created_gmt.0,
        carrier: named.next(),
        cash_on_delivery: order.payment_method.0 == "cod",
        ..Head::default()
    }
}

/// The tracking number that was reported from here.
fn awb(order: &Order<'_>) -> Option<String> {
    let mut all = order.meta_data.iter().flatten();
    let value = all.find(|meta| meta.key.0 == AWB_KEY)?.value?;
    read::<Text>("meta_data", value.get().as_bytes()).ok()?.some()
}

/// The name of a product or variation, the same in orders and in listings: a variation is asked for
/// under its product, so that it is named by both. A line that somebody typed in, or whose product is
/// gone, is itself only.
pub(super) fn product_name(product: Id, variation: Id) -> Option<String> {
    match (product.0, variation.0) {
        (Some(product), Some(variation)) => Some(format!("{product}-{variation}")),
        (Some(product), None) => Some(product.to_string()),
        (None, _) => None,
    }
}

fn line(item: Item, currency: Currency) -> Result<Line, Error> {
    let product = product_name(item.product_id, item.variation_id);
    let unit_price = (item.subtotal + item.subtotal_tax).minor_each(item.quantity.0, currency);
    Ok(Line {
        key: LineKey(Arc::from(item.id.to_string())),
        channel_product_id: product.unwrap_or_else(|| format!("line-{}", item.id)),
        channel_sku: item.sku.0,
        name: item.name.0,
        quantity: item.quantity.0,
        cancelled: 0,
        unit_price: unit_price.ok_or_else(too_large)?,
        units: Vec::new(),
    })
}

/// Where it goes; what the shipping address leaves out the billing address tells.
fn buyer(shipping: Option<Person>, billing: Option<Person>, note: Text) -> Buyer {
    let (shipping, billing) = (shipping.unwrap_or_default(), billing.unwrap_or_default());
    let joined = |parts: [&Text; 2], between: &str| {
        let said = parts.iter().map(|part| part.0.as_str()).filter(|part| !part.is_empty());
        said.collect::<Vec<_>>().join(between)
    };
    let name = |of: &Person| {
        let person = joined([&of.first_name, &of.last_name], " ");
        if person.is_empty() { of.company.0.clone() } else { person }
    };
    let or = |one: String, two: &dyn Fn() -> String| if one.is_empty() { two() } else { one };
    let there = if shipping.address_1.0.is_empty() { &billing } else { &shipping };
    Buyer {
        name: or(name(&shipping), &|| name(&billing)),
        phone: or(shipping.phone.0.clone(), &|| billing.phone.0.clone()),
        email: billing.email.0.clone(),
        address: joined([&there.address_1, &there.address_2], ", "),
        district: String::new(),
        city: there.city.0.clone(),
        province: there.state.0.clone(),
        postal_code: there.postcode.0.clone(),
        note: note.0,
    }
}
