//! What the seller makes through the API: products, and orders taken elsewhere than in the shop.

use rand::Rng;
use serde_json::Value;

use super::WooCommerce;
use super::acts::{STATUSES, set_status};
use super::books::{Counted, SHOP_ID, Site, Ware};
use super::errors::{self, Error};
use super::hooks::Topic;
use super::placing::new_order;
use super::routes::{Ask, Reply};
use super::{products, show};
use crate::books::{Actor, Books, Line, Order, Product};
use crate::channel::{Wish, WishBuyer};
use crate::lock;

/// The statuses of a product that only people of the shop see.
const UNSEEN: [&str; 3] = ["draft", "pending", "private"];
/// Most units of a line that the sandbox counts.
const QUANTITY_MAX: i64 = 1_000_000;

/// A product that somebody describes; without variations.
fn product(body: &Value, id: i64, now_us: i64) -> Product {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Product {
        id,
        shop_id: SHOP_ID,
        sku: text("sku"),
        name: text("name"),
        price: text("regular_price").parse().unwrap_or(0),
        weight_grams: 0,
        stock: body["stock_quantity"].as_i64().unwrap_or(0),
        active: !body["status"].as_str().is_some_and(|status| UNSEEN.contains(&status)),
        components: Vec::new(),
        updated_us: now_us,
    }
}

/// The lines of an order that somebody describes, by the ids of products.
fn lines(books: &Books, site: &mut Site, body: &Value) -> Result<Vec<Line>, Error> {
    let mut line = |row: &Value| {
        let sold = row["variation_id"].as_i64().filter(|id| *id > 0);
        let sold = sold.or_else(|| row["product_id"].as_i64()).unwrap_or(0);
        let found = books.products.get(&sold).ok_or_else(|| errors::invalid_id("product", false));
        let (product, quantity) = (found?, row["quantity"].as_i64().unwrap_or(1));
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(errors::invalid_param("quantity"));
        }
        Ok(Line {
            id: site.next_id(),
            product_id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            note: String::new(),
            price: product.price,
            weight_grams: product.weight_grams,
            quantity,
            quantity_reject: 0,
        })
    };
    body["line_items"].as_array().into_iter().flatten().map(&mut line).collect()
}

/// Whether an order's body names customers, coupons and lines that there are. `order`: the one that it changes.
///
/// The shop has neither customers nor coupons of its own.
pub(super) fn check_rows(body: &Value, order: Option<&Order>) -> Result<(), Error> {
    let refused = |code, message: &str| Err(Error::new(400, code, message));
    if body["customer_id"].as_i64().is_some_and(|id| id != 0) {
        return refused("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.");
    }
    if let Some(coupon) = body["coupon_lines"].as_array().and_then(|rows| rows.first()) {
        if !coupon["id"].is_null() {
            let code = "woocommerce_rest_coupon_item_id_readonly";
            return refused(code, "Coupon item ID is readonly.");
        }
        let named = coupon["code"].as_str().unwrap_or_default();
        let message = format!("Coupon \"{named}\" does not exist!");
        return refused("woocommerce_rest_invalid_coupon", &message);
    }
    let Some(order) = order else { return Ok(()) };
    let mut named = body["line_items"].as_array().into_iter().flatten();
    let strange = |id: i64| order.lines.iter().all(|line| line.id != id);
    if named.any(|row| row["id"].as_i64().is_some_and(strange)) {
        let message = "Order item ID provided is not associated with order.";
        return refused("woocommerce_rest_invalid_item_id", message);
    }
    Ok(())
}

fn buyer(billing: &Value) -> WishBuyer {
    let text = |name: &str| billing[name].as_str().map(str::to_owned);
    let last = billing["last_name"].as_str().unwrap_or_default();
    let name = text("first_name").map(|first| format!("{first} {last}").trim_end().to_owned());
    WishBuyer { name, phone: text("phone"), email: text("email"), address: text("address_1") }
}

impl WooCommerce {
    /// Puts a product on sale.
    pub(super) fn create_product(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let mut books = lock(&self.desk.books);
        let mut site = lock(&self.site);
        let sku = body["sku"].as_str().unwrap_or_default();
        let taken = books.products.values().find(|known| known.sku == sku && !sku.is_empty());
        if let Some(known) = taken {
            return Err(errors::sku_taken(sku, known.id));
        }
        let managed = body["manage_stock"].as_bool().unwrap_or(false);
        let counted = if managed { Counted::Itself } else { Counted::Nobody };
        let ware = Ware { parent: None, variable: false, option: "", counted };
        let made = product(&body, site.next_id(), now_us);
        let told = products::shown(&books, &site, &made, &ware);
        site.wares.insert(made.id, ware);
        books.stock(made);
        Ok(Reply::done(201, told))
    }

    /// Takes a product out of the shop for good; its bin is not played.
    pub(super) fn delete_product(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        if ask.param("force") != Some("true") {
            return Err(errors::invalid_param("force"));
        }
        let gone = self.product(ask)?.body;
        let id = ask.id.parse().map_err(|_| errors::invalid_id("product", true))?;
        let mut books = lock(&self.desk.books);
        lock(&self.site).wares.remove(&id);
        books.unstock(id);
        Ok(Reply::done(200, gone))
    }

    /// Enters an order; as with buyers, it is `pending` unless something else is said.
    pub(super) fn create_order(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let paid = body["set_paid"].as_bool().unwrap_or(false);
        let first = if paid { "processing" } else { "pending" };
        let status = body["status"].as_str().unwrap_or(first);
        if !STATUSES.contains(&status) {
            return Err(errors::invalid_param("status"));
        }
        check_rows(&body, None)?;
        let luck: u64 = lock(&self.desk.dice).random();
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let mut books = lock(&self.desk.books);
        let mut site = lock(&self.site);
        let lines = lines(&books, &mut site, &body)?;
        let wish = Wish { buyer: buyer(&body["billing"]), ..nothing() };
        let mut order = new_order(&wish, lines, site.next_id(), now_us, luck);
        set_status(&mut books, &mut site, &mut order, (status, Actor::Seller), now_us);
        let order = books.enter(order);
        for row in body["meta_data"].as_array().into_iter().flatten() {
            let (key, value) = (row["key"].as_str(), row["value"].as_str());
            let id = site.next_id();
            if let (Some(key), Some(value)) = (key, value) {
                site.extra(&order.id).meta.push((id, key.to_owned(), value.to_owned()));
            }
        }
        site.enlist(&order);
        let told = show::order(&site, &order);
        let notices = self.notices(&mut site, Topic::OrderCreated, &order.id);
        drop(site);
        drop(books);
        self.post(&notices);
        Ok(Reply::done(201, told))
    }
}

/// Nobody's wish.
fn nothing() -> Wish {
    Wish {
        shop_id: None,
        lines: Vec::new(),
        paid: false,
        count: 1,
        seconds_ago: 0,
        check_stock: false,
        fulfilled_by_channel: false,
        buyer: WishBuyer::default(),
    }
}
