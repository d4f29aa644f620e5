//! What shops offer, and how much of it: what can be sold, what is held for orders, and both together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Lazada;
use super::books::{Floor, country_of};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::show::{amount, plain};
use crate::books::{Books, Product};
use crate::faults::Fault;
use crate::lock;

/// Most products on a page, as the channel documents it.
const LIMIT_MAX: usize = 50;
/// The furthest product that a page begins with, likewise.
const OFFSET_MAX: usize = 10_000;
/// Most rows of one change.
const ROWS_MAX: usize = 50;

/// What a row of a change sets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// What can be sold.
    Sellable,
    /// What can be sold, by so many more or less.
    ByDelta,
    /// What is there, with what is held for orders.
    Total,
}

/// Units held for orders of a shop: SKU to unpaid ones and to those that are not told ready.
fn held(books: &Books, floor: &Floor, shop_id: i64) -> BTreeMap<i64, (i64, i64)> {
    let mut held: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for order in books.orders().filter(|order| order.shop_id == shop_id) {
        for unit in floor.extras.get(&order.id).into_iter().flat_map(|extra| &extra.units) {
            let of = held.entry(order.lines[unit.line].product_id).or_default();
            match unit.status.as_str() {
                "unpaid" => of.0 += 1,
                "pending" | "repacked" | "packed" => of.1 += 1,
                _ => {}
            }
        }
    }
    held
}

fn sku(product: &Product, floor: &Floor, (withheld, occupied): (i64, i64)) -> Value {
    let country = country_of(product.shop_id);
    let ware = floor.wares.get(&product.id);
    let (item, option) = ware.map_or((0, ""), |ware| (ware.item, ware.option));
    let total = product.stock + withheld + occupied;
    let properties = if option.is_empty() { json!({}) } else { json!({ "size": option }) };
    json!({
        "Status": if product.active { "active" } else { "inactive" }, "quantity": total,
        "Available": product.stock, "SellerSku": product.sku,
        "ShopSku": format!("{item}_{}-{}", country.name.to_uppercase(), product.id),
        "SkuId": product.id, "Url": "", "price": plain(&amount(product.price, country)),
        "special_price": 0.0, "special_from_date": "", "special_to_date": "",
        "package_length": "15", "package_width": "10", "package_height": "5",
        "package_weight": format!("0.{:03}", product.weight_grams % 1_000), "saleProp": properties,
        "multiWarehouseInventories": [{
            "warehouseCode": "dropshipping", "quantity": total, "totalQuantity": total,
            "occupyQuantity": occupied, "withholdQuantity": withheld,
            "sellableQuantity": product.stock,
        }],
        "fblWarehouseInventories": [], "channelInventories": [],
    })
}

impl Lazada {
    /// The products of a shop with their SKUs.
    pub(super) fn list_products(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let filter = ask.param("filter").unwrap_or("all");
        if !["all", "live", "inactive", "sold-out", "deleted", "pending", "rejected"]
            .contains(&filter)
        {
            return Err(errors::status_filter(filter));
        }
        let number = |name: &str, default: usize, most: usize, wrong: fn(&str) -> Error| {
            let Some(text) = ask.param(name) else { return Ok(default) };
            text.parse().ok().filter(|number| *number <= most).ok_or_else(|| wrong(text))
        };
        let limit = number("limit", 20, LIMIT_MAX, errors::limit)?;
        let offset = number("offset", 0, OFFSET_MAX, errors::offset)?;
        let books = lock(&self.desk.books);
        let floor = lock(&self.floor);
        let held = held(&books, &floor, ask.shop_id);
        let mut items: BTreeMap<i64, Vec<&Product>> = BTreeMap::new();
        for product in books.products.values().filter(|product| product.shop_id == ask.shop_id) {
            let item = floor.wares.get(&product.id).map_or(0, |ware| ware.item);
            let shown = match filter {
                "live" => product.active,
                "inactive" => !product.active,
                "sold-out" => product.stock == 0,
                filter => filter == "all",
            };
            if shown {
                items.entry(item).or_default().push(product);
            }
        }
        let total = items.len();
        let rows: Vec<Value> = items
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|(item, products)| {
                let of = |product: &&Product| held.get(&product.id).copied().unwrap_or_default();
                let skus: Vec<Value> =
                    products.iter().map(|product| sku(product, &floor, of(product))).collect();
                let updated = products.iter().map(|product| product.updated_us / 1_000).max();
                json!({
                    "item_id": item, "primary_category": 10_100_205, "status": "Active",
                    "subStatus": "", "created_time": "1763000000000",
                    "updated_time": updated.unwrap_or(0).to_string(), "images": [],
                    "attributes": {"name": products[0].name, "description": "Contoh", "brand": "No Brand"},
                    "skus": skus,
                })
            })
            .collect();
        Ok(Reply::data(json!({"total_products": total, "products": rows})))
    }

    /// Changes how much there is: all rows, or none if one of them is wrong.
    pub(super) fn set_sellable(&self, ask: &Ask<'_>, change: Change) -> Result<Reply, Error> {
        let rows = rows(ask.needed("payload")?)?;
        if rows.len() > ROWS_MAX {
            return Err(Error::new("4171", "E4171: more than 50 SKUs"));
        }
        let now_us = self.desk.clock.now_us();
        let mut books = lock(&self.desk.books);
        let floor = lock(&self.floor);
        let held = held(&books, &floor, ask.shop_id);
        let (mut levels, mut wrong) = (Vec::new(), Vec::new());
        for row in &rows {
            match level(row, change, (&books, &floor, ask.shop_id), &held) {
                Ok((sku_id, level)) => {
                    if self.desk.faults.fires(ask.shop_id, Fault::RowError) {
                        let words = "E4170: stock may not be decreased during a campaign";
                        wrong.push((row.sku_id.clone(), "4170", words.to_owned()));
                    }
                    levels.push((sku_id, level));
                }
                Err((code, words)) => wrong.push((row.sku_id.clone(), code, words)),
            }
        }
        if !wrong.is_empty() {
            return Err(errors::update_failed(&wrong));
        }
        let mut effect = false;
        for (sku_id, level) in levels {
            if let Some(product) = books.products.get_mut(&sku_id) {
                effect |= product.stock != level;
                product.stock = level;
                product.updated_us = now_us;
            }
        }
        Ok(Reply::data(json!({})).with_effect(effect))
    }
}

/// A row of a change, as it was written.
#[derive(Debug, Default)]
struct Row {
    item_id: String,
    sku_id: String,
    quantity: String,
}

/// What can be sold after a row, or what is wrong with it.
fn level(
    row: &Row,
    change: Change,
    (books, floor, shop_id): (&Books, &Floor, i64),
    held: &BTreeMap<i64, (i64, i64)>,
) -> Result<(i64, i64), (&'static str, String)> {
    let unknown = || ("4137", format!("E4137: SKU {} is not found", row.sku_id));
    let sku_id: i64 = row.sku_id.parse().map_err(|_| unknown())?;
    let product = books.products.get(&sku_id).filter(|it| it.shop_id == shop_id);
    let product = product.ok_or_else(unknown)?;
    let item = floor.wares.get(&sku_id).map(|ware| ware.item.to_string());
    if item.as_ref() != Some(&row.item_id) {
        return Err(("208", format!("E208: item {} is not found", row.item_id)));
    }
    let wrong = || ("4152", "E4152: wrong stock parameter".to_owned());
    let number: i64 = row.quantity.parse().map_err(|_| wrong())?;
    let (withheld, occupied) = held.get(&sku_id).copied().unwrap_or_default();
    let level = match change {
        Change::Sellable => number,
        Change::ByDelta => product.stock + number,
        Change::Total => number - withheld - occupied,
    };
    if level < 0 {
        return Err(("212", "INV_NEGATIVE_SELLABLE".to_owned()));
    }
    Ok((sku_id, level))
}

/// The rows of a payload, in XML or its JSON equivalent.
fn rows(payload: &str) -> Result<Vec<Row>, Error> {
    let empty = || Error::new("30", "E030: Empty Request");
    let rows = if payload.trim_start().starts_with('<') {
        payload.split("<Sku>").skip(1).map(row_of_xml).collect()
    } else {
        let body: Value =
            serde_json::from_str(payload).map_err(|_| Error::new("1001", "E1001: not JSON"))?;
        let skus = body["Request"]["Product"]["Skus"]["Sku"].clone();
        let skus = if skus.is_object() {
            vec![skus]
        } else {
            skus.as_array().cloned().unwrap_or_default()
        };
        skus.iter().map(row_of_json).collect::<Vec<Row>>()
    };
    if rows.is_empty() { Err(empty()) } else { Ok(rows) }
}

fn row_of_xml(text: &str) -> Row {
    let field = |name: &str| {
        let (_, after) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = after.split_once(&format!("</{name}>"))?;
        Some(value.trim().to_owned())
    };
    let quantity = field("SellableQuantity").or_else(|| field("Quantity"));
    Row {
        item_id: field("ItemId").unwrap_or_default(),
        sku_id: field("SkuId").unwrap_or_default(),
        quantity: quantity.unwrap_or_default(),
    }
}

fn row_of_json(sku: &Value) -> Row {
    let text = |name: &str| {
        let value = sku.get(name).filter(|value| !value.is_null());
        value.map_or(String::new(), |value| value.to_string().trim_matches('"').to_owned())
    };
    let sellable = text("SellableQuantity");
    Row {
        item_id: text("ItemId"),
        sku_id: text("SkuId"),
        quantity: if sellable.is_empty() { text("Quantity") } else { sellable },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_xml_or_json() {
        let xml = "<Request><Product><Skus><Sku><ItemId>1</ItemId><SkuId>2</SkuId>\
            <SellableQuantity>3</SellableQuantity></Sku><Sku><ItemId>4</ItemId><SkuId>5</SkuId>\
            <Quantity>6</Quantity></Sku></Skus></Product></Request>";
        let json = r#"{"Request":{"Product":{"Skus":{"Sku":[{"ItemId":1,"SkuId":"2","SellableQuantity":3},
            {"ItemId":4,"SkuId":5,"Quantity":"6"}]}}}}"#;
        for payload in [xml, json] {
            let rows = rows(payload).unwrap();
            let read =
                rows.iter().map(|row| format!("{} {} {}", row.item_id, row.sku_id, row.quantity));
            assert_eq!(read.collect::<Vec<_>>(), ["1 2 3", "4 5 6"]);
        }
        assert!(rows("<Request/>").is_err() && rows("{}").is_err() && rows("x").is_err());
    }
}
