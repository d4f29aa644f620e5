//! A channel's books: shops, products with their stock, and orders. The same for every channel.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

/// One seller account.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shop {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) warehouse_id: i64,
    /// Whether the seller let the app in.
    pub(crate) linked: bool,
}

/// One thing a shop sells.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) shop_id: i64,
    pub(crate) sku: String,
    pub(crate) name: String,
    /// In the currency's minor unit; for rupiah the rupiah.
    pub(crate) price: i64,
    pub(crate) weight_grams: i64,
    /// What the channel still offers.
    pub(crate) stock: i64,
    pub(crate) active: bool,
    /// What a bundle is put together from, (SKU, quantity); empty for a plain product.
    pub(crate) components: Vec<(String, i64)>,
    pub(crate) updated_us: i64,
}

/// One product of an order.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) product_id: i64,
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) price: i64,
    pub(crate) weight_grams: i64,
    pub(crate) quantity: i64,
    pub(crate) quantity_reject: i64,
}

impl Line {
    /// What is still to be delivered.
    pub(crate) fn quantity_deliver(&self) -> i64 {
        self.quantity - self.quantity_reject
    }
}

/// Who bought, and where the parcel goes; all invented.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Buyer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) address: String,
    pub(crate) district: String,
    pub(crate) city: String,
    pub(crate) province: String,
    pub(crate) postal_code: String,
}

/// Who acted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Actor {
    Buyer,
    Seller,
    System,
    Courier,
}

/// One entry of an order's history.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    /// As the channel writes it.
    pub(crate) status: String,
    pub(crate) at_us: i64,
    pub(crate) by: Actor,
    pub(crate) comment: String,
}

/// A buyer's wish to cancel.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CancelRequest {
    pub(crate) at_us: i64,
    pub(crate) reason: String,
    pub(crate) open: bool,
}

/// A buyer's complaint.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Complaint {
    pub(crate) id: i64,
    pub(crate) opened_us: i64,
    pub(crate) closed_us: Option<i64>,
    pub(crate) problem: String,
    pub(crate) solution: String,
}

/// An order as the channel keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The channel's own id, as it is written on the wire.
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) shop_id: i64,
    pub(crate) warehouse_id: i64,
    pub(crate) invoice: String,
    pub(crate) created_us: i64,
    pub(crate) paid_us: Option<i64>,
    pub(crate) lines: Vec<Line>,
    pub(crate) buyer: Buyer,
    pub(crate) shipping_cost: i64,
    pub(crate) carrier: &'static str,
    pub(crate) carrier_service: &'static str,
    /// Whether the channel itself stores and sends the goods.
    pub(crate) fulfilled_by_channel: bool,
    pub(crate) booking_code: String,
    /// The carrier's tracking number, empty until there is one.
    pub(crate) awb: String,
    pub(crate) pickup_asked_us: Option<i64>,
    pub(crate) label_printed: bool,
    pub(crate) cancel_request: Option<CancelRequest>,
    pub(crate) complaints: Vec<Complaint>,
    /// From when the lists show it, on the sandbox's own clock: later than its creation when they lag.
    pub(crate) listed_from_us: i64,
    /// Never empty: the first entry is the order's creation.
    pub(crate) history: Vec<Step>,
    /// When anything about the order last changed.
    pub(crate) updated_us: i64,
}

impl Order {
    /// The current status, as the channel writes it.
    pub(crate) fn status(&self) -> &str {
        self.history.last().map_or("", |step| step.status.as_str())
    }

    /// When the order first had that status.
    pub(crate) fn reached_us(&self, status: &str) -> Option<i64> {
        self.history.iter().find(|step| step.status == status).map(|step| step.at_us)
    }

    /// What the goods cost.
    pub(crate) fn goods_total(&self) -> i64 {
        self.lines.iter().map(|line| line.price * line.quantity).sum()
    }

    /// What the buyer pays.
    pub(crate) fn total(&self) -> i64 {
        self.goods_total() + self.shipping_cost
    }

    /// The order as it was one status ago, for a read from a replica that lags; None if there was none.
    pub(crate) fn before(&self) -> Option<Self> {
        let mut earlier = self.clone();
        earlier.history.pop()?;
        earlier.updated_us = earlier.history.last()?.at_us;
        Some(earlier)
    }
}

/// Everything a channel knows.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) shops: BTreeMap<i64, Shop>,
    pub(crate) products: BTreeMap<i64, Product>,
    by_sku: HashMap<(i64, String), i64>,
    orders: HashMap<String, Arc<Order>>,
    /// (shop, created, number) of every order, for lists by time.
    by_time: BTreeMap<(i64, i64, i64), Arc<Order>>,
    by_invoice: HashMap<String, String>,
}

impl Books {
    /// Adds a product.
    pub(crate) fn stock(&mut self, product: Product) {
        self.by_sku.insert((product.shop_id, product.sku.clone()), product.id);
        self.products.insert(product.id, product);
    }

    /// Takes a product out of the books for good.
    pub(crate) fn unstock(&mut self, id: i64) {
        if let Some(product) = self.products.remove(&id) {
            self.by_sku.remove(&(product.shop_id, product.sku));
        }
    }

    /// The product a shop sells under a SKU.
    pub(crate) fn find_sku(&self, shop_id: i64, sku: &str) -> Option<&Product> {
        self.products.get(self.by_sku.get(&(shop_id, sku.to_owned()))?)
    }

    /// The same, to change.
    pub(crate) fn find_sku_mut(&mut self, shop_id: i64, sku: &str) -> Option<&mut Product> {
        self.products.get_mut(self.by_sku.get(&(shop_id, sku.to_owned()))?)
    }

    /// Enters a new order.
    pub(crate) fn enter(&mut self, order: Order) -> Arc<Order> {
        let order = Arc::new(order);
        self.by_invoice.insert(order.invoice.clone(), order.id.clone());
        self.keep(&order);
        order
    }

    fn keep(&mut self, order: &Arc<Order>) {
        let key = (order.shop_id, order.created_us, order.number);
        self.by_time.insert(key, Arc::clone(order));
        self.orders.insert(order.id.clone(), Arc::clone(order));
    }

    pub(crate) fn find_order(&self, id: &str) -> Option<&Arc<Order>> {
        self.orders.get(id)
    }

    /// Puts a changed order in the place of the one with its id; readers keep what they hold.
    ///
    /// Shop, creation time, number and invoice of an order never change.
    pub(crate) fn replace(&mut self, order: Order) -> Arc<Order> {
        let order = Arc::new(order);
        self.keep(&order);
        order
    }

    /// Takes an order out of the books for good.
    pub(crate) fn remove(&mut self, id: &str) {
        if let Some(order) = self.orders.remove(id) {
            self.by_time.remove(&(order.shop_id, order.created_us, order.number));
            self.by_invoice.remove(&order.invoice);
        }
    }

    pub(crate) fn find_invoice(&self, invoice: &str) -> Option<&Arc<Order>> {
        self.orders.get(self.by_invoice.get(invoice)?)
    }

    pub(crate) fn orders_len(&self) -> usize {
        self.orders.len()
    }

    /// A shop's orders created in `[from_us, to_us]`, newest first.
    pub(crate) fn created_in(
        &self,
        shop_id: i64,
        from_us: i64,
        to_us: i64,
    ) -> impl Iterator<Item = &Arc<Order>> {
        let window = (shop_id, from_us, i64::MIN)..=(shop_id, to_us, i64::MAX);
        let found = (from_us <= to_us).then(|| self.by_time.range(window).rev());
        found.into_iter().flatten().map(|(_, order)| order)
    }

    /// Every order of every shop, oldest first within a shop.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &Arc<Order>> {
        self.by_time.values()
    }
}
