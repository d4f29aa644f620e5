//! Products, their variants and what is left of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Shopee;
use super::acts::UNSENT;
use super::books::{Named, Side, second};
use super::errors::{self, Error, business};
use super::routes::{Ask, Reply, rows};
use crate::books::{Books, Line, Product};
use crate::faults::Fault;
use crate::lock;

/// Most products in one look at details, and variants in one message of stock.
const BATCH_MAX: usize = 50;

/// A shop's one place; who names none means that one.
const LOCATION: &str = "IDZ";

/// A shop's products, each with its variants.
fn items<'a>(
    books: &'a Books,
    side: &Side,
    shop_id: i64,
) -> BTreeMap<i64, Vec<(Named, &'a Product)>> {
    let mut items: BTreeMap<i64, Vec<(Named, &Product)>> = BTreeMap::new();
    for sku in books.products.values().filter(|sku| sku.shop_id == shop_id) {
        let named = side.named(sku.id);
        items.entry(named.item_id).or_default().push((named, sku));
    }
    items
}

/// What is ordered and not collected, of a SKU.
fn reserved(books: &Books, sku: &Product) -> i64 {
    let orders = books.orders().filter(|order| order.shop_id == sku.shop_id);
    let open = orders.filter(|order| UNSENT.contains(&order.status()));
    let lines = open.flat_map(|order| &order.lines).filter(|line| line.product_id == sku.id);
    lines.map(Line::quantity_deliver).sum()
}

fn stock_info(books: &Books, sku: &Product) -> Value {
    let (left, reserved) = (sku.stock.max(0), reserved(books, sku));
    json!({
        "summary_info": {"total_reserved_stock": reserved, "total_available_stock": left},
        "seller_stock": [{"location_id": LOCATION, "stock": left + reserved, "if_saleable": true}],
        "shopee_stock": [],
    })
}

fn price_info(sku: &Product) -> Value {
    json!([{"currency": "IDR", "original_price": sku.price, "current_price": sku.price}])
}

impl Shopee {
    /// The ids of a shop's products.
    pub(super) fn list_items(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let size = ask.page_size()?;
        let offset = usize::try_from(ask.number("offset")?);
        let mut offset = offset.map_err(|_| errors::parameter("offset"))?;
        let wanted: Vec<&str> = ask
            .request
            .query
            .iter()
            .filter(|(name, _)| name == "item_status")
            .map(|(_, value)| value.as_str())
            .collect();
        if wanted.is_empty() {
            return Err(errors::parameter("item_status"));
        }
        if offset > 0 && self.desk.faults.fires(shop_id, Fault::PageDrift) {
            offset += 1;
        }
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let all = items(&books, &side, shop_id);
        let all: Vec<_> = all.iter().filter(|_| wanted.contains(&"NORMAL")).collect();
        let here = all.iter().skip(offset).take(size).map(|(id, skus)| {
            let changed = skus.iter().map(|(_, sku)| sku.updated_us).max().unwrap_or(0);
            json!({"item_id": id, "item_status": "NORMAL", "update_time": second(changed)})
        });
        let here: Vec<Value> = here.collect();
        let next = offset + here.len();
        Ok(Reply::response(json!({
            "total_count": all.len(), "has_next_page": next < all.len(), "next_offset": next,
            "item": here,
        })))
    }

    /// Products by their ids.
    pub(super) fn item_details(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let ids = ask.list("item_id_list", BATCH_MAX)?;
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let all = items(&books, &side, shop_id);
        let mut rows = Vec::new();
        for id in ids {
            let id: i64 = id.parse().map_err(|_| errors::parameter("item_id_list"))?;
            let Some((named, sku)) = all.get(&id).and_then(|skus| skus.first()) else { continue };
            let has_model = named.model_id != 0;
            let mut row = json!({
                "item_id": id, "item_name": sku.name, "item_status": "NORMAL",
                "item_sku": if has_model { "" } else { sku.sku.as_str() },
                "has_model": has_model, "update_time": second(sku.updated_us), "weight": "0.3",
            });
            if !has_model {
                row["price_info"] = price_info(sku);
                row["stock_info_v2"] = stock_info(&books, sku);
            }
            rows.push(row);
        }
        Ok(Reply::response(json!({ "item_list": rows })))
    }

    /// The variants of a product.
    pub(super) fn list_models(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let id = ask.number("item_id")?;
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let all = items(&books, &side, shop_id);
        let skus = all.get(&id).ok_or_else(no_item)?;
        let models = skus.iter().filter(|(named, _)| named.model_id != 0).map(|(named, sku)| {
            json!({
                "model_id": named.model_id, "model_sku": sku.sku, "model_name": named.model_name,
                "model_status": "MODEL_NORMAL", "price_info": price_info(sku),
                "stock_info_v2": stock_info(&books, sku),
            })
        });
        Ok(Reply::response(json!({
            "tier_variation": [], "model": models.collect::<Vec<_>>(),
        })))
    }

    /// Sets what the seller has of a product's variants, what is reserved included.
    pub(super) fn update_stock(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let asked = rows(&body, "stock_list");
        if asked.is_empty() || asked.len() > BATCH_MAX {
            return Err(errors::parameter("stock_list"));
        }
        let item_id = body.get("item_id").and_then(Value::as_i64).unwrap_or_default();
        let now_us = self.desk.shop_now_us(shop_id);
        let mut books = lock(&self.desk.books);
        let side = lock(&self.side);
        let known: Vec<(i64, i64)> = {
            let all = items(&books, &side, shop_id);
            let skus = all.get(&item_id).ok_or_else(|| not_here(&books, &side, item_id))?;
            skus.iter().map(|(named, sku)| (named.model_id, sku.id)).collect()
        };
        check_rows(&asked, &known)?;
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for row in &asked {
            let model = model_of(row);
            let fails = self.desk.faults.fires(shop_id, Fault::RowError);
            let sku = known.iter().find(|(id, _)| *id == model).map(|(_, sku)| *sku);
            let told = match sku {
                None => Err("Wrong model_id."),
                Some(_) if fails => Err("Cannot change stock when item is under promotion."),
                Some(sku) => set_one(&mut books, row, (sku, now_us)),
            };
            match told {
                Ok(stock) => {
                    taken.push(json!({"model_id": model, "location_id": "", "stock": stock}));
                }
                Err(words) => failed.push(json!({"model_id": model, "failed_reason": words})),
            }
        }
        let effect = !taken.is_empty();
        let told = json!({"success_list": taken, "failure_list": failed});
        if !effect {
            return Err(errors::stock_failed(told));
        }
        let mut reply = Reply::response(told);
        reply.effect = effect;
        Ok(reply)
    }

    /// Where a shop's goods are.
    pub(super) fn warehouses(&self, shop_id: i64) -> Reply {
        let books = lock(&self.desk.books);
        let id = books.shops.get(&shop_id).map_or(0, |shop| shop.warehouse_id);
        Reply::response(json!([{
            "warehouse_id": id, "warehouse_name": "Gudang Utama", "warehouse_type": 1,
            "location_id": LOCATION, "address_id": 234, "region": "ID", "state": "DKI Jakarta",
            "city": "Jakarta Selatan", "address": "Jl. Contoh 1", "zipcode": "12620",
            "holiday_mode_state": 0,
        }]))
    }
}

fn no_item() -> Error {
    business("error_item_not_found", "Product not found")
}

/// Why a shop has not this product: it is another's, or nobody's.
fn not_here(books: &Books, side: &Side, item_id: i64) -> Error {
    if books.products.values().any(|sku| side.named(sku.id).item_id == item_id) {
        return business("error_item_not_belong_shop", "Item not belong to shop.");
    }
    no_item()
}

fn model_of(row: &Value) -> i64 {
    row.get("model_id").and_then(Value::as_i64).unwrap_or(0)
}

/// Whether rows name a product's variants, each once. `known`: its variants and their SKUs.
fn check_rows(asked: &[Value], known: &[(i64, i64)]) -> Result<(), Error> {
    let models: BTreeSet<i64> = asked.iter().map(model_of).collect();
    if models.len() < asked.len() {
        return Err(business("error_param", "Repeat model_id."));
    }
    if models.contains(&0) && known.iter().all(|(model, _)| *model != 0) {
        let words = "Can't to edit item stock directly while item has models.";
        return Err(business("error_edit_item_stock_for_item_has_model", words));
    }
    let location =
        |place: &Value| place.get("location_id").is_some_and(|id| id.as_str() != Some(LOCATION));
    if asked.iter().flat_map(|row| rows(row, "seller_stock")).any(|place| location(&place)) {
        let words = "The location_id input is not matched the shop's location_id(more/wrong).";
        return Err(business("error_auth", words));
    }
    Ok(())
}

fn set_one(books: &mut Books, row: &Value, (sku, now_us): (i64, i64)) -> Result<i64, &'static str> {
    let places = rows(row, "seller_stock");
    let [place] = places.as_slice() else { return Err("Wrong seller_stock.") };
    let stock = place.get("stock").and_then(Value::as_i64).filter(|stock| *stock >= 0);
    let stock = stock.ok_or("Wrong seller_stock.")?;
    let held = books.products.get(&sku).map_or(0, |product| reserved(books, product));
    if stock < held {
        return Err("Can not update item with stock less than reserve stock");
    }
    if let Some(product) = books.products.get_mut(&sku) {
        product.stock = stock - held;
        product.updated_us = now_us;
    }
    Ok(stock)
}
