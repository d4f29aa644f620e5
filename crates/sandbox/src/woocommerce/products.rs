//! What the shop offers, and how much of it.

use serde_json::{Value, json};

use super::WooCommerce;
use super::books::{Counted, SHOP_ID, Site, Ware};
use super::errors::{self, Error};
use super::hooks::Topic;
use super::pages::{Cut, gmt, local};
use super::routes::{Ask, Reply};
use crate::books::{Books, Product};
use crate::faults::Fault;
use crate::lock;

/// Most rows of one batch.
const ROWS_MAX: usize = 100;

/// A product or variation as the shop shows it.
pub(super) fn shown(books: &Books, site: &Site, product: &Product, ware: &Ware) -> Value {
    let managed = match ware.counted {
        Counted::Itself => json!(true),
        Counted::Parent => json!("parent"),
        Counted::Nobody => json!(false),
    };
    let counted = super::books::counting(site, product.id).and_then(|id| books.products.get(&id));
    let stock = counted.map(|counted| counted.stock);
    let there = stock.is_none_or(|stock| stock > 0);
    let attributes = if ware.parent.is_some() {
        json!([{"id": 0, "name": "Pilihan", "option": ware.option}])
    } else {
        json!([])
    };
    let mut shown = json!({
        "id": product.id, "name": product.name, "sku": product.sku,
        "status": if product.active { "publish" } else { "private" },
        "date_modified": local(product.updated_us), "date_modified_gmt": gmt(product.updated_us),
        "description": "<p>Contoh</p>", "price": product.price.to_string(),
        "regular_price": product.price.to_string(), "sale_price": "", "manage_stock": managed,
        "stock_quantity": stock, "stock_status": if there { "instock" } else { "outofstock" },
        "backorders": "no", "attributes": attributes, "total_sales": 0,
    });
    match ware.parent {
        Some(parent) => {
            shown["parent_id"] = json!(parent);
            shown["type"] = json!("variation");
            shown["name"] = json!(ware.option);
        }
        None => {
            let own = site.wares.iter().filter(|(_, other)| other.parent == Some(product.id));
            shown["type"] = json!(if ware.variable { "variable" } else { "simple" });
            shown["variations"] = json!(own.map(|(id, _)| *id).collect::<Vec<_>>());
        }
    }
    shown
}

/// Which products a path speaks of.
#[derive(Clone, Copy)]
enum Of {
    /// Whole ones.
    Products,
    /// The variations of this one.
    Variations(i64),
}

impl Of {
    fn holds(self, ware: &Ware) -> bool {
        match self {
            Self::Products => ware.parent.is_none(),
            Self::Variations(parent) => ware.parent == Some(parent),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Products => "product",
            Self::Variations(_) => "variation",
        }
    }
}

impl WooCommerce {
    /// The product whose variations a path speaks of.
    fn parent_of(&self, ask: &Ask<'_>) -> Result<Of, Error> {
        let id: i64 = ask.id.parse().map_err(|_| errors::no_route())?;
        let known = lock(&self.site).wares.contains_key(&id);
        if known { Ok(Of::Variations(id)) } else { Err(errors::invalid_id("product", true)) }
    }

    fn list(&self, ask: &Ask<'_>, of: Of) -> Result<Reply, Error> {
        let mut cut = Cut::read(ask)?;
        if cut.is_further() && self.desk.faults.fires(SHOP_ID, Fault::PageDrift) {
            cut = cut.drifted();
        }
        let (books, site) = (lock(&self.desk.books), lock(&self.site));
        let mut found: Vec<(&Product, &Ware)> = site
            .wares
            .iter()
            .filter(|(_, ware)| of.holds(ware))
            .filter_map(|(id, ware)| Some((books.products.get(id)?, ware)))
            .filter(|(product, _)| ask.param("sku").is_none_or(|sku| product.sku == sku))
            .collect();
        if ask.param("order") != Some("asc") {
            found.reverse();
        }
        Ok(cut.of(&found, |(product, ware)| shown(&books, &site, product, ware)))
    }

    fn one(&self, id: &str, of: Of) -> Result<Reply, Error> {
        let (books, site) = (lock(&self.desk.books), lock(&self.site));
        let found = id.parse().ok().and_then(|id: i64| {
            let ware = site.wares.get(&id).filter(|ware| of.holds(ware))?;
            Some((books.products.get(&id)?, ware))
        });
        let (product, ware) = found.ok_or_else(|| errors::invalid_id(of.name(), true))?;
        Ok(Reply::read(shown(&books, &site, product, ware)))
    }

    pub(super) fn list_products(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.list(ask, Of::Products)
    }

    pub(super) fn product(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.one(ask.id, Of::Products)
    }

    pub(super) fn list_variations(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.list(ask, self.parent_of(ask)?)
    }

    pub(super) fn variation(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.one(ask.sub, self.parent_of(ask)?)
    }

    pub(super) fn update_product(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let mut row = ask.json()?;
        row["id"] = json!(ask.id.parse::<i64>().unwrap_or(0));
        self.update(&row, Of::Products).map(|shown| Reply::done(200, shown))
    }

    pub(super) fn update_variation(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let mut row = ask.json()?;
        row["id"] = json!(ask.sub.parse::<i64>().unwrap_or(0));
        self.update(&row, self.parent_of(ask)?).map(|shown| Reply::done(200, shown))
    }

    pub(super) fn batch_products(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.batch(ask, Of::Products)
    }

    pub(super) fn batch_variations(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.batch(ask, self.parent_of(ask)?)
    }

    /// Changes many; each row is answered for itself, inside a 200.
    fn batch(&self, ask: &Ask<'_>, of: Of) -> Result<Reply, Error> {
        let body = ask.json()?;
        let count = |name: &str| body[name].as_array().map_or(0, Vec::len);
        if count("create") + count("update") + count("delete") > ROWS_MAX {
            return Err(errors::too_many_rows());
        }
        let rows = body["update"].as_array().cloned().unwrap_or_default();
        let told = rows.iter().map(|row| {
            let refused = self.desk.faults.fires(SHOP_ID, Fault::RowError).then(|| {
                Error::new(400, "woocommerce_rest_contoh_error", "A plugin refuses this row.")
            });
            let told = refused.map_or_else(|| self.update(row, of), Err);
            told.unwrap_or_else(|error| json!({"id": row["id"], "error": error.body()}))
        });
        Ok(Reply::done(200, json!({"update": told.collect::<Vec<_>>()})))
    }

    /// Changes one. Stock that is not counted is not taken, and nobody is told so.
    fn update(&self, row: &Value, of: Of) -> Result<Value, Error> {
        let id = row["id"].as_i64().unwrap_or(0);
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let mut books = lock(&self.desk.books);
        let mut site = lock(&self.site);
        let unknown = || errors::invalid_id(of.name(), false);
        let ware = site.wares.get_mut(&id).ok_or_else(unknown)?;
        if !of.holds(ware) {
            let message = "To manipulate product variations you should use the \
                           /products/<product_id>/variations/<id> endpoint.";
            return Err(match of {
                Of::Products => Error::new(404, "woocommerce_rest_invalid_product_id", message),
                Of::Variations(_) => unknown(),
            });
        }
        match row["manage_stock"].as_bool() {
            Some(true) => ware.counted = Counted::Itself,
            Some(false) => ware.counted = Counted::Nobody,
            None => {}
        }
        let counted = ware.counted;
        let product = books.products.get_mut(&id).ok_or_else(unknown)?;
        let (value, delta) = (row["stock_quantity"].as_i64(), row["inventory_delta"].as_i64());
        match (counted, value, delta) {
            (Counted::Itself, Some(value), _) => product.stock = value,
            (Counted::Itself, None, Some(delta)) => product.stock += delta,
            _ => {}
        }
        if let Some(price) = row["regular_price"].as_str().and_then(|text| text.parse().ok()) {
            product.price = price;
        }
        product.updated_us = now_us;
        let told = match (books.products.get(&id), site.wares.get(&id)) {
            (Some(product), Some(ware)) => shown(&books, &site, product, ware),
            _ => Value::Null,
        };
        let notices = self.notices(&mut site, Topic::ProductUpdated, &id.to_string());
        drop(site);
        drop(books);
        self.post(&notices);
        Ok(told)
    }

    /// A product as a webhook shows it.
    pub(super) fn product_body(&self, id: &str) -> Option<Value> {
        let (books, site) = (lock(&self.desk.books), lock(&self.site));
        let id: i64 = id.parse().ok()?;
        Some(shown(&books, &site, books.products.get(&id)?, site.wares.get(&id)?))
    }
}
