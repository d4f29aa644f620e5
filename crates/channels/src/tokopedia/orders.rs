//! Orders as the list and the notification show them, and the lines of any message.

use std::collections::BTreeMap;
use std::sync::Arc;

use dermaga_channel::{Credentials, Error, Heard, HeardFact, Interpretation, Message, Refetch};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Head, Line, LineKey, Money, Part, Snapshot};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::buyer::{Person, Recipient, Sealed, Words, buyer_part};
use super::wire::{Count, Id, Moment, Rupiah, SomeId, Status, Text, read, read_object};

/// The message kind of a page of the order list: its rows, without the envelope around them.
pub(super) const LIST: &str = "order_list";
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
        let read_row = read_object::<Row>(LIST, body).and_then(|row| {
            let status = row.status().map(str::to_owned);
            let status = status.ok_or_else(|| Error::Malformed("lacks order_status".to_owned()))?;
            let mut heard = of_row(row, credentials, true);
            heard.facts = vec![HeardFact::of_order(&status, None)];
            Ok(heard)
        });
        match read_row {
            Ok(heard) => said.orders.push(heard),
            Err(error) => match read_object::<Numbered>(LIST, body) {
                Ok(numbered) => said.orders.push(numbered.into_heard()),
                Err(_) => said.unread.push(format!("row {index}: {error}")),
            },
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
            buyer: Some(buyer),
            ..Snapshot::default()
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

pub(super) fn line(id: SomeId, name: Text, sku: Text, price: Rupiah, counts: (i64, i64)) -> Line {
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
pub(super) fn grouped(rows: Vec<Line>) -> Vec<Line> {
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
pub(super) fn note<'a>(notes: impl Iterator<Item = &'a str>) -> String {
    let mut said: Vec<&str> = Vec::new();
    for note in notes.filter(|note| !note.is_empty()) {
        if !said.contains(&note) {
            said.push(note);
        }
    }
    said.join("\n")
}
