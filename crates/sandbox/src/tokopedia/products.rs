//! Products: reading them with their stock, and changing the stock.

use serde_json::{Value, json};

use super::Tokopedia;
use super::books::FS_ID;
use super::errors::{self, Error};
use super::routes::{Ask, Endpoint, Reply};
use super::wire::NO_TIME;
use crate::books::{Books, Product};
use crate::clock::SECOND_US;
use crate::faults::{EVERY_SHOP, Fault};
use crate::lock;

/// Most products on one page.
const PER_PAGE_MAX: i64 = 50;

/// Most rows of one stock change.
const ROWS_MAX: usize = 100;

/// The largest stock of a product.
const STOCK_MAX: i64 = 10_000_000;

impl Tokopedia {
    /// P1: products of a shop by page, or one by product id or SKU.
    pub(super) fn product_info(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let books = lock(&self.desk.books);
        let linked =
            |product: &&Product| books.shops.get(&product.shop_id).is_some_and(|shop| shop.linked);
        if let Some(text) = ask.request.param("product_id") {
            let id: i64 = text.parse().map_err(|_| errors::PRODUCT_UNKNOWN)?;
            let product = books.products.get(&id).filter(linked);
            let product = product.ok_or(errors::PRODUCT_UNKNOWN)?;
            return Ok(Reply::data(&[shown(&books, product)]));
        }
        if let Some(sku) = ask.request.param("sku") {
            let mut found: Vec<_> = books.products.values().filter(linked).collect();
            found.retain(|product| {
                product.sku == sku && (shop_id == EVERY_SHOP || product.shop_id == shop_id)
            });
            if found.is_empty() {
                return Err(errors::PRODUCT_UNKNOWN);
            }
            let rows: Vec<_> = found.iter().map(|product| shown(&books, product)).collect();
            return Ok(Reply::data(&rows));
        }
        let shop_id = ask.number("shop_id", errors::LIST_SHOP_BAD)?.ok_or(errors::LIST_SHOP_BAD)?;
        let page = ask.number("page", errors::LIST_PAGE_NEEDED)?.ok_or(errors::LIST_PAGE_NEEDED)?;
        let per_page = ask.number("per_page", errors::LIST_PER_PAGE_BAD)?;
        let per_page = per_page.ok_or(errors::LIST_PER_PAGE_BAD)?;
        if per_page > PER_PAGE_MAX {
            return Err(errors::LIST_PER_PAGE_RANGE);
        }
        let sort = ask.number("sort", errors::LIST_SORT_RANGE)?.unwrap_or(1);
        let rows = sorted(&books, shop_id, sort)?;
        let skip = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
        let take = usize::try_from(per_page).unwrap_or(0);
        let rows: Vec<_> =
            rows.iter().skip(skip).take(take).map(|product| shown(&books, product)).collect();
        // The end of the pages is `null`; no total is given.
        Ok(if rows.is_empty() { Reply::data(&()) } else { Reply::data(&rows) })
    }

    /// S1 and S2: sets or changes the stock of up to 100 products.
    pub(super) fn change_stock(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let shop_id = ask.number("shop_id", errors::STOCK_SHOP_EMPTY)?;
        let shop_id = shop_id.ok_or(errors::STOCK_SHOP_EMPTY)?;
        let warehouse = ask.number("warehouse_id", errors::STOCK_WAREHOUSE_BAD)?;
        let bypass = ask.request.param("bypass_update_product_status") == Some("true");
        let rows = read_rows(ask)?;
        if let Some(id) = self.repeats(ask) {
            tracing::debug!(request.id = id, "a stock change was asked for twice");
            return Ok(Reply::data(&outcome(&[], &[], rows.len())));
        }
        let mut books = lock(&self.desk.books);
        if warehouse
            .is_some_and(|id| books.shops.get(&shop_id).is_none_or(|s| s.warehouse_id != id))
        {
            return Err(errors::STOCK_WAREHOUSE_BAD);
        }
        let now_us = self.desk.shop_now_us(shop_id);
        let (mut failed, mut done) = (Vec::new(), Vec::new());
        for row in &rows {
            match self.change_row(&mut books, ask.endpoint, shop_id, row, now_us, bypass) {
                Ok(product_id) => done.push(product_id),
                Err(message) => failed.push(row.refused(message)),
            }
        }
        let succeeded: Vec<_> = done.iter().filter_map(|id| books.products.get(id)).collect();
        let rows_done: Vec<_> = succeeded.iter().map(|product| changed(&books, product)).collect();
        Ok(Reply::data(&outcome(&rows_done, &failed, done.len())))
    }

    fn change_row(
        &self,
        books: &mut Books,
        endpoint: Endpoint,
        shop_id: i64,
        row: &Row,
        now_us: i64,
        bypass: bool,
    ) -> Result<i64, &'static str> {
        if let Some(limit) = self.desk.config.rates.keep(endpoint.limit()) {
            let key = (endpoint.name(), FS_ID);
            let now_us = self.desk.clock.now_us();
            if !self.desk.buckets.take(key, limit, now_us).passes {
                return Err("ERR_TOO_MANY_REQUEST");
            }
        }
        if self.desk.faults.fires(shop_id, Fault::RowError) {
            return Err("ERR_TOO_MANY_REQUEST");
        }
        let (id, unknown) = match &row.sku {
            Some(sku) => (books.find_sku(shop_id, sku).map(|product| product.id), "Invalid SKU."),
            None => (row.product_id, "Invalid Product ID."),
        };
        let product = id.and_then(|id| books.products.get_mut(&id));
        let product = product.filter(|product| product.shop_id == shop_id).ok_or(unknown)?;
        if endpoint == Endpoint::StockDecrement && product.stock < row.value {
            return Err("Invalid stock.");
        }
        product.stock = if endpoint == Endpoint::StockIncrement {
            (product.stock + row.value).min(STOCK_MAX)
        } else if endpoint == Endpoint::StockDecrement {
            product.stock - row.value
        } else {
            row.value
        };
        if !bypass {
            product.active = product.stock > 0;
        }
        product.updated_us = now_us;
        Ok(product.id)
    }

    /// The request id of a change that was already made with it.
    fn repeats<'a>(&self, ask: &Ask<'a>) -> Option<&'a str> {
        if ask.endpoint == Endpoint::StockUpdate {
            return None;
        }
        let id = ask.request.param("request_id")?;
        (!lock(&self.request_ids).insert(id.to_owned())).then_some(id)
    }
}

/// One row of a stock change.
#[derive(Debug)]
struct Row {
    sku: Option<String>,
    product_id: Option<i64>,
    value: i64,
}

impl Row {
    fn read(row: &Value, field: &str) -> Result<Self, Error> {
        let sku = row.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty());
        let product_id = row.get("product_id").and_then(Value::as_i64).filter(|id| *id != 0);
        if sku.is_none() && product_id.is_none() {
            return Err(errors::ROW_KEY_EMPTY);
        }
        let value = row.get(field).and_then(Value::as_i64).ok_or(errors::STOCK_NO_INT)?;
        if !(0..=STOCK_MAX).contains(&value) {
            return Err(errors::STOCK_NEGATIVE);
        }
        Ok(Self { sku: sku.map(str::to_owned), product_id, value })
    }

    fn refused(&self, message: &str) -> Value {
        json!({
            "product_id": self.product_id.unwrap_or(0), "sku": self.sku.as_deref().unwrap_or(""),
            "product_url": "", "new_stock": self.value, "message": message,
        })
    }
}

fn read_rows(ask: &Ask<'_>) -> Result<Vec<Row>, Error> {
    let body: Value =
        serde_json::from_slice(&ask.request.body).map_err(|_| errors::ROWS_UNREADABLE)?;
    let rows = body.as_array().filter(|rows| !rows.is_empty()).ok_or(errors::ROWS_NO_ARRAY)?;
    if rows.len() > ROWS_MAX {
        return Err(errors::ROWS_TOO_MANY);
    }
    let field = if ask.endpoint == Endpoint::StockUpdate { "new_stock" } else { "stock_value" };
    rows.iter().map(|row| Row::read(row, field)).collect()
}

fn outcome(done: &[Value], failed: &[Value], succeeded: usize) -> Value {
    json!({
        "failed_rows": failed.len(), "failed_rows_data": failed,
        "succeed_rows": succeeded, "succeed_rows_data": done,
    })
}

fn warehouse_id(books: &Books, product: &Product) -> i64 {
    books.shops.get(&product.shop_id).map_or(0, |shop| shop.warehouse_id)
}

fn changed(books: &Books, product: &Product) -> Value {
    json!({
        "productID": product.id, "warehouseID": warehouse_id(books, product),
        "shopID": product.shop_id, "stock": product.stock, "price": product.price,
    })
}

fn sorted(books: &Books, shop_id: i64, sort: i64) -> Result<Vec<&Product>, Error> {
    let mut rows: Vec<_> =
        books.products.values().filter(|product| product.shop_id == shop_id).collect();
    match sort {
        1 | 3 | 4 => {}
        2 => rows.sort_by_key(|product| std::cmp::Reverse(product.updated_us)),
        5 => rows.sort_by_key(|product| std::cmp::Reverse(product.price)),
        6 => rows.sort_by_key(|product| product.price),
        7 => rows.sort_by_key(|product| &product.name),
        8 => rows.sort_by_key(|product| std::cmp::Reverse(&product.name)),
        9 => rows.sort_by_key(|product| product.stock),
        10 => rows.sort_by_key(|product| std::cmp::Reverse(product.stock)),
        _ => return Err(errors::LIST_SORT_RANGE),
    }
    Ok(rows)
}

fn shown(books: &Books, product: &Product) -> Value {
    let updated_s = product.updated_us / SECOND_US;
    let price = json!({"value": product.price, "currency": 1, "LastUpdateUnix": updated_s,
                       "idr": product.price});
    json!({
        "basic": {"productID": product.id, "shopID": product.shop_id,
                  "status": if product.active { 1 } else { 3 }, "name": product.name,
                  "condition": 1, "childCategoryID": 2871, "shortDesc": product.name},
        "price": price, "weight": {"value": product.weight_grams, "unit": 1},
        "stock": {"useStock": true, "value": product.stock, "stockWording": ""},
        "main_stock": product.stock, "reserve_stock": 0,
        "variant": {"isParent": false, "isVariant": false, "childrenID": null},
        "menu": {"id": 0, "name": ""}, "preorder": {},
        "extraAttribute": {"minOrder": 1, "lastUpdateCategory": updated_s, "isEligibleCOD": false},
        "categoryTree": [{"id": 2871, "name": "Umum", "title": "Umum", "breadcrumbURL": ""}],
        "pictures": [], "GMStats": {}, "stats": {"countView": 0},
        "other": {"sku": product.sku, "url": format!("https://shop.example/{}", product.id),
                  "mobileURL": ""},
        "campaign": {"StartDate": NO_TIME, "EndDate": NO_TIME},
        "warehouses": [{"productID": product.id, "warehouseID": warehouse_id(books, product),
                        "price": price, "stock": {"useStock": true, "value": product.stock}}],
    })
}
