//! Products, their SKUs and what is left of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::TikTok;
use super::books::Side;
use super::errors::{Error, business};
use super::pages::{Cut, second, texts};
use super::routes::{Ask, Reply};
use crate::books::{Books, Product};
use crate::faults::Fault;
use crate::lock;

/// Most units of a SKU in a warehouse.
const QUANTITY_MAX: i64 = 99_999;
/// Most SKUs in one write of stock: those that a product can have.
const WRITE_SKUS_MAX: usize = 100;
/// Most of a seller's own SKUs that a search is narrowed to.
const FILTER_SKUS_MAX: usize = 10;
/// Most products in one look at stock (official reference).
const LOOK_PRODUCTS_MAX: usize = 100;
/// Most SKUs in one look at stock (official reference).
const LOOK_SKUS_MAX: usize = 600;

/// A shop's SKUs by their products.
fn by_product<'a>(books: &'a Books, side: &Side, shop_id: i64) -> BTreeMap<i64, Vec<&'a Product>> {
    let mut products: BTreeMap<i64, Vec<&Product>> = BTreeMap::new();
    for sku in books.products.values().filter(|sku| sku.shop_id == shop_id) {
        products.entry(side.product_of(sku.id)).or_default().push(sku);
    }
    products
}

fn warehouse(books: &Books, shop_id: i64) -> String {
    books.shops.get(&shop_id).map_or(0, |shop| shop.warehouse_id).to_string()
}

/// What is ordered and not sent, of a SKU.
fn committed(books: &Books, sku: &Product) -> i64 {
    let orders = books.orders().filter(|order| order.shop_id == sku.shop_id);
    let open = orders.filter(|order| super::acts::UNSENT.contains(&order.status()));
    let lines = open.flat_map(|order| &order.lines).filter(|line| line.product_id == sku.id);
    lines.map(crate::books::Line::quantity_deliver).sum()
}

impl TikTok {
    /// A shop's products.
    pub(super) fn search_products(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let cut = Cut::read(ask, (1, 100), None)?;
        let body = ask.json()?;
        let wanted = texts(&body, "seller_skus");
        if wanted.as_ref().is_some_and(|skus| skus.len() > FILTER_SKUS_MAX) {
            return Err(business(12_019_027, "At most 10 seller_skus in the search filter"));
        }
        let cut = cut.drifting(&self.desk.faults, shop_id);
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let of_sku = |skus: &[&Product]| {
            wanted.as_ref().is_none_or(|wanted| skus.iter().any(|sku| wanted.contains(&sku.sku)))
        };
        let found: Vec<(i64, Vec<&Product>)> = by_product(&books, &side, shop_id)
            .into_iter()
            .filter(|(_, skus)| of_sku(skus))
            .collect();
        let (rows, next) = cut.of(&found);
        let place = warehouse(&books, shop_id);
        let sku = |sku: &&Product| {
            json!({
                "id": sku.id.to_string(), "seller_sku": sku.sku,
                "price": {"currency": "IDR", "sale_price": sku.price.to_string(), "tax_exclusive_price": sku.price.to_string()},
                "inventory": [{"warehouse_id": place, "quantity": sku.stock.max(0)}],
            })
        };
        let rows = rows.iter().map(|(id, skus)| {
            let changed = skus.iter().map(|sku| sku.updated_us).max().unwrap_or(0);
            json!({
                "id": id.to_string(), "title": skus.first().map_or("", |sku| sku.name.as_str()),
                // A product stays on sale when a SKU of it is sold out.
                "status": "ACTIVATE", "sales_regions": ["ID"], "create_time": 1_700_000_000,
                "update_time": second(changed), "skus": skus.iter().map(sku).collect::<Vec<_>>(),
            })
        });
        let rows: Vec<Value> = rows.collect();
        Ok(Reply::data(json!({
            "total_count": found.len(), "next_page_token": next, "products": rows,
        })))
    }

    /// What is left of products or SKUs; SKUs go first.
    pub(super) fn search_inventory(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let (skus, products) = (texts(&body, "sku_ids"), texts(&body, "product_ids"));
        let too_many = |ids: &Option<Vec<String>>, most: usize| {
            ids.as_ref().is_some_and(|ids| ids.len() > most)
        };
        if too_many(&skus, LOOK_SKUS_MAX) {
            return Err(business(12_019_015, "The number of SKUs exceeds the limit"));
        }
        if too_many(&products, LOOK_PRODUCTS_MAX) {
            return Err(business(12_019_120, "The number of product IDs exceeds the limit"));
        }
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let place = warehouse(&books, shop_id);
        let named = |ids: &[String], id: i64| ids.contains(&id.to_string());
        let mut rows = Vec::new();
        for (id, all) in by_product(&books, &side, shop_id) {
            let wanted: Vec<&&Product> = all
                .iter()
                .filter(|sku| match (&skus, &products) {
                    (Some(skus), _) => named(skus, sku.id),
                    (None, Some(products)) => named(products, id),
                    (None, None) => false,
                })
                .collect();
            let shown = wanted.into_iter().map(|sku| {
                let (left, open) = (sku.stock.max(0), committed(&books, sku));
                json!({
                    "id": sku.id.to_string(), "seller_sku": sku.sku,
                    "total_available_quantity": left, "total_committed_quantity": open,
                    "warehouse_inventory": [{
                        "warehouse_id": place, "available_quantity": left,
                        "committed_quantity": open,
                    }],
                })
            });
            let shown: Vec<Value> = shown.collect();
            if !shown.is_empty() {
                rows.push(json!({"product_id": id.to_string(), "skus": shown}));
            }
        }
        Ok(Reply::data(json!({ "inventory": rows })))
    }

    /// Sets what is left of SKUs of one product; rows that are not taken are named in an answer that
    /// says that all is well.
    pub(super) fn update_inventory(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let rows = body.get("skus").and_then(Value::as_array).cloned().unwrap_or_default();
        acceptable(&rows)?;
        let now_us = self.desk.shop_now_us(shop_id);
        let mut books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mine = |sku: &&Product| {
            sku.shop_id == shop_id && side.product_of(sku.id).to_string() == ask.id
        };
        let known: Vec<i64> = books.products.values().filter(mine).map(|sku| sku.id).collect();
        if known.is_empty() {
            return Err(business(12_052_032, "The product does not exist"));
        }
        let place = warehouse(&books, shop_id);
        let others: Vec<String> =
            books.shops.values().map(|shop| shop.warehouse_id.to_string()).collect();
        let (mut not_taken, mut changes) = (Vec::new(), Vec::new());
        for row in &rows {
            let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
            let sku = id.parse().ok().filter(|id| known.contains(id));
            let fails = self.desk.faults.fires(shop_id, Fault::RowError);
            let told = match sku {
                None => Err((12_052_556, "The SKU does not exist")),
                Some(_) if fails => Err((12_052_393, "The SKU is locked by a promotion")),
                Some(sku) => quantity(row, &place, &others).map(|quantity| (sku, quantity)),
            };
            match told {
                Ok(change) => changes.push(change),
                Err((code, words)) => not_taken.push(json!({
                    "code": 12_052_990, "message": "Check failed",
                    "detail": {"sku_id": id, "extra_errors": [
                        {"warehouse_id": place, "code": code, "message": words}]},
                })),
            }
        }
        let effect = !changes.is_empty();
        for (sku, quantity) in changes {
            if let Some(product) = books.products.get_mut(&sku) {
                product.stock = quantity;
                product.updated_us = now_us;
            }
        }
        let mut reply = Reply::data(json!({ "errors": not_taken }));
        reply.effect = effect;
        Ok(reply)
    }

    /// Where a shop's goods are.
    pub(super) fn warehouses(&self, shop_id: i64) -> Reply {
        let place = warehouse(&lock(&self.desk.books), shop_id);
        Reply::data(json!({"warehouses": [{
            "id": place, "name": "Gudang Utama", "type": "SALES_WAREHOUSE",
            "sub_type": "DOMESTIC_WAREHOUSE", "effect_status": "ENABLED", "is_default": true,
            // The channel's spelling.
            "address": {"region": "Indonesia", "region_code": "ID", "state": "DKI Jakarta",
                        "city": "Jakarta Selatan", "distict": "Jagakarsa",
                        "full_address": "Jl. Contoh 1", "postal_code": "12620"},
        }]}))
    }
}

/// Whether the rows of a call can be looked at one by one.
fn acceptable(rows: &[Value]) -> Result<(), Error> {
    if rows.is_empty() {
        return Err(business(12_052_902, "The SKU list is empty"));
    }
    if rows.len() > WRITE_SKUS_MAX {
        return Err(business(12_052_050, "A product cannot have more than 100 different SKUs"));
    }
    let ids = rows.iter().map(|row| row.get("id").and_then(Value::as_str));
    let ids: Option<BTreeSet<&str>> = ids.collect();
    let ids = ids.ok_or_else(|| business(12_052_036, "The SKU ID is necessary"))?;
    if ids.len() < rows.len() {
        return Err(business(12_052_553, "A SKU ID is duplicate"));
    }
    Ok(())
}

/// The units of a row, which names every warehouse of the SKU: here the shop's only one.
fn quantity(row: &Value, place: &str, others: &[String]) -> Result<i64, (i64, &'static str)> {
    let rows = row.get("inventory").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = None;
    for one in &rows {
        let id = one.get("warehouse_id").and_then(Value::as_str).unwrap_or_default();
        if id != place {
            return Err(if others.iter().any(|other| other == id) {
                (12_052_530, "The warehouse is not yours")
            } else {
                (12_052_097, "The warehouse does not exist")
            });
        }
        found = one.get("quantity").and_then(Value::as_i64);
    }
    let found = found.ok_or((12_019_028, "All warehouses of the SKU must be listed"))?;
    if (0..=QUANTITY_MAX).contains(&found) {
        Ok(found)
    } else {
        Err((12_052_055, "The quantity must be within allowed limits"))
    }
}
