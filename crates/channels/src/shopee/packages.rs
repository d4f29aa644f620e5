//! The lines of an order and its parcels, with the second of the two axes: how far each parcel is.

use std::collections::BTreeMap;
use std::sync::Arc;

use dermaga_channel::Error;
use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::order::{Line, LineKey, Package, PackageKey};
use dermaga_domain::time::Time;
use serde::Deserialize;

use super::wire::{Amount, Count, Moment, Sn, Text};

/// Where a parcel is not yet known to a courier.
const OPEN: [&str; 6] = [
    "",
    "LOGISTICS_NOT_START",
    "LOGISTICS_PENDING_ARRANGE",
    "LOGISTICS_READY",
    "LOGISTICS_INVALID",
    "LOGISTICS_COD_REJECTED",
];
/// Where it has left the seller, whatever became of it.
const GONE: [&str; 4] = [
    "LOGISTICS_PICKUP_DONE",
    "LOGISTICS_DELIVERY_DONE",
    "LOGISTICS_DELIVERY_FAILED",
    "LOGISTICS_LOST",
];
/// Where the buyer has it.
const DELIVERED: &str = "LOGISTICS_DELIVERY_DONE";
/// Where it is none any more.
const DEAD: [&str; 2] = ["LOGISTICS_REQUEST_CANCELED", "LOGISTICS_INVALID"];

/// Whether a courier knows of a parcel, so that it may have a tracking number.
pub(super) fn is_arranged(status: &str) -> bool {
    !OPEN.contains(&status)
}

/// A row of the order.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Item {
    item_id: Count,
    model_id: Count,
    item_name: Text,
    model_name: Text,
    item_sku: Text,
    model_sku: Text,
    model_quantity_purchased: Count,
    model_original_price: Amount,
    model_discounted_price: Option<Amount>,
    order_item_id: Count,
    promotion_group_id: Count,
    cancelled_qty: Count,
}

/// What is in a parcel.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    item_id: Count,
    model_id: Count,
    model_quantity: Count,
    order_item_id: Count,
    promotion_group_id: Count,
}

/// A parcel on the order.
#[derive(Deserialize)]
pub(super) struct Parcel {
    package_number: Sn,
    #[serde(default)]
    logistics_status: Text,
    #[serde(default)]
    shipping_carrier: Text,
    #[serde(default)]
    item_list: Option<Vec<Content>>,
}

/// A parcel's own details.
#[derive(Deserialize)]
pub(super) struct Detail {
    package_number: Sn,
    #[serde(default)]
    tracking_number: Text,
    #[serde(default)]
    update_time: Moment,
    #[serde(default)]
    pickup_done_time: Moment,
}

/// The name of a variant, the same in orders and in listings: it is told its stock under its product, so
/// that it is named by both. A product without variants has the variant 0.
pub(super) fn model_name(item: i64, model: i64) -> String {
    format!("{item}-{model}")
}

/// The name of a line. A product may stand on several rows, in bundle deals and with gifts: then these
/// have numbers of their own.
fn key((item, model): (i64, i64), (row, group): (i64, i64)) -> LineKey {
    let name = model_name(item, model);
    let plain = (row == 0 || row == item) && group == 0;
    LineKey(Arc::from(if plain { name } else { format!("{name}.{row}.{group}") }))
}

pub(super) fn too_large() -> Error {
    Error::Malformed("an amount is too large".to_owned())
}

impl Item {
    fn key(&self) -> LineKey {
        key((self.item_id.0, self.model_id.0), (self.order_item_id.0, self.promotion_group_id.0))
    }

    /// What one costs after the seller's own discount.
    fn price(&self, currency: Currency) -> Result<Minor, Error> {
        let price = self.model_discounted_price.unwrap_or(self.model_original_price);
        price.minor(currency).ok_or_else(too_large)
    }

    fn line(&self, currency: Currency) -> Result<Line, Error> {
        if self.item_id.0 <= 0 {
            return Err(Error::Malformed("a line without a product".to_owned()));
        }
        let (product, model) = (self.item_name.0.clone(), &self.model_name.0);
        let sku = if self.model_sku.0.is_empty() { &self.item_sku } else { &self.model_sku };
        Ok(Line {
            key: self.key(),
            channel_product_id: model_name(self.item_id.0, self.model_id.0),
            channel_sku: sku.0.clone(),
            name: if model.is_empty() { product } else { format!("{product} - {model}") },
            quantity: 0,
            cancelled: 0,
            unit_price: self.price(currency)?,
            units: Vec::new(),
        })
    }
}

/// The lines, in the channel's order. `living`: the order is not cancelled as a whole, so that a
/// cancelled unit is one less. A whole that is cancelled says so by its status alone.
pub(super) fn lines(items: &[Item], currency: Currency, living: bool) -> Result<Vec<Line>, Error> {
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let key = item.key();
        let at = match lines.iter().position(|line| line.key == key) {
            Some(at) => at,
            None => {
                lines.push(item.line(currency)?);
                lines.len() - 1
            }
        };
        if let Some(line) = lines.get_mut(at) {
            let quantity = item.model_quantity_purchased.0.max(0);
            line.quantity += quantity;
            // Units that were cancelled still count among those that were bought.
            line.cancelled += if living { item.cancelled_qty.0.clamp(0, quantity) } else { 0 };
        }
    }
    Ok(lines)
}

/// What the lines cost together.
pub(super) fn goods(lines: &[Line]) -> Option<Minor> {
    lines.iter().try_fold(0, |sum: Minor, line| {
        sum.checked_add(line.unit_price.checked_mul(line.quantity)?)
    })
}

/// The parcels of an order, with what their own details say.
pub(super) struct Parcels<'a> {
    parcels: &'a [Parcel],
    details: BTreeMap<&'a str, &'a Detail>,
}

impl<'a> Parcels<'a> {
    pub(super) fn new(parcels: &'a [Parcel], details: &'a [Detail]) -> Self {
        let details = details.iter().map(|it| (it.package_number.0.as_str(), it)).collect();
        Self { parcels, details }
    }

    fn detail(&self, parcel: &Parcel) -> Option<&Detail> {
        self.details.get(parcel.package_number.0.as_str()).copied()
    }

    /// Those that are still parcels.
    fn living(&self) -> impl Iterator<Item = &Parcel> {
        self.parcels.iter().filter(|it| !DEAD.contains(&it.logistics_status.0.as_str()))
    }

    /// When the last parcel had come so far; `Some(None)` where that is not told, none while one has
    /// not.
    fn since(&self, so_far: &[&str], at: impl Fn(&Detail) -> Option<Time>) -> Option<Option<Time>> {
        let all = self.living().all(|it| so_far.contains(&it.logistics_status.0.as_str()));
        let any = self.living().next().is_some();
        let times = self.living().map(|it| self.detail(it).and_then(&at));
        (all && any).then(|| times.collect::<Option<Vec<Time>>>()?.into_iter().max())
    }

    /// Since when all have left the seller.
    pub(super) fn gone(&self) -> Option<Option<Time>> {
        self.since(&GONE, |it| it.pickup_done_time.0)
    }

    /// Since when the buyer has all.
    pub(super) fn delivered(&self) -> Option<Option<Time>> {
        self.since(&[DELIVERED], |it| it.update_time.0)
    }

    /// The parcels as they are kept, each with the time of its own last change.
    pub(super) fn packages(&self, lines: &[Line]) -> Vec<(Package, Option<Time>)> {
        let one = |parcel: &Parcel| {
            let detail = self.detail(parcel);
            let package = Package {
                key: PackageKey(Arc::from(parcel.package_number.0.as_str())),
                carrier: parcel.shipping_carrier.0.clone(),
                booking_code: None,
                awb: detail.and_then(|it| it.tracking_number.clone().some()),
                lines: parcel.contents(lines),
            };
            (package, detail.and_then(|it| it.update_time.0))
        };
        self.parcels.iter().map(one).collect()
    }
}

impl Parcel {
    /// What is in it; a row of no line that the order has is left out.
    fn contents(&self, lines: &[Line]) -> Vec<(LineKey, i64)> {
        let mut contents: BTreeMap<LineKey, i64> = BTreeMap::new();
        for row in self.item_list.iter().flatten() {
            let named = (row.item_id.0, row.model_id.0);
            let exact = key(named, (row.order_item_id.0, row.promotion_group_id.0));
            // Parcels do not always repeat the row's own numbers.
            let name = model_name(named.0, named.1);
            let line = lines.iter().find(|line| line.key == exact);
            let line = line.or_else(|| lines.iter().find(|line| line.channel_product_id == name));
            if let Some(line) = line {
                *contents.entry(line.key.clone()).or_default() += row.model_quantity.0.max(0);
            }
        }
        contents.into_iter().filter(|(_, quantity)| *quantity > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::read;
    use super::*;

    #[test]
    fn rows_of_one_name_are_a_line_and_gifts_are_their_own() {
        let items: Vec<Item> = read(
            "items",
            br#"[{"item_id":17,"model_id":171,"item_name":"Kaos","model_name":"M","model_sku":"K-M",
                  "model_quantity_purchased":2,"model_original_price":100000,"model_discounted_price":95000,
                  "order_item_id":17,"cancelled_qty":1},
                 {"item_id":17,"model_id":171,"model_quantity_purchased":1,"model_original_price":100000,
                  "order_item_id":17},
                 {"item_id":17,"model_id":171,"item_sku":"GIFT","model_quantity_purchased":1,
                  "model_original_price":0,"order_item_id":99,"promotion_group_id":5},
                 {"item_id":18,"item_sku":"ONLY","model_quantity_purchased":1,"model_original_price":5.5}]"#,
        )
        .unwrap();
        let told = lines(&items, Currency::IDR, true).unwrap();
        let shown: Vec<_> = told
            .iter()
            .map(|line| (&*line.key.0, line.quantity, line.cancelled, line.unit_price))
            .collect();
        assert_eq!(shown, [("17-171", 3, 1, 95_000), ("17-171.99.5", 1, 0, 0), ("18-0", 1, 0, 6)]);
        assert_eq!((told[0].name.as_str(), &*told[0].channel_sku), ("Kaos - M", "K-M"));
        assert_eq!((&*told[2].channel_product_id, &*told[2].channel_sku), ("18-0", "ONLY"));
        assert_eq!(goods(&told), Some(285_006));
        assert_eq!(lines(&items, Currency::IDR, false).unwrap()[0].cancelled, 0);
    }

    fn parcels(json: &str) -> Vec<Parcel> {
        read("parcels", json.as_bytes()).unwrap()
    }

    #[test]
    fn an_order_has_left_when_all_its_parcels_have() {
        let of = |one: &str, two: &str| {
            parcels(&format!(
                r#"[{{"package_number":"OFG1","logistics_status":"{one}"}},
                    {{"package_number":"OFG2","logistics_status":"{two}"}}]"#
            ))
        };
        let details: Vec<Detail> = read(
            "details",
            br#"[{"package_number":"OFG1","pickup_done_time":100,"update_time":150},
                 {"package_number":"OFG2","pickup_done_time":120,"update_time":160}]"#,
        )
        .unwrap();
        let (done, failed) = ("LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_FAILED");
        let both = of(done, failed);
        let at = |seconds| Some(Some(Time::from_seconds(seconds)));
        assert_eq!(Parcels::new(&both, &details).gone(), at(120));
        assert_eq!(Parcels::new(&both, &details[..1]).gone(), Some(None), "not told of one");
        assert_eq!(Parcels::new(&both, &details).delivered(), None);
        assert_eq!(Parcels::new(&of(done, "LOGISTICS_READY"), &details).gone(), None);
        let one_dead = of(done, "LOGISTICS_REQUEST_CANCELED");
        assert_eq!(Parcels::new(&one_dead, &details).gone(), at(100));
        let delivered = of(DELIVERED, DELIVERED);
        assert_eq!(Parcels::new(&delivered, &details).delivered(), at(160));
        assert_eq!(Parcels::new(&[], &details).gone(), None);
    }
}
