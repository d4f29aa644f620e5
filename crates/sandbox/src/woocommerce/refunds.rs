//! Money that goes back.

use serde_json::{Value, json};

use super::WooCommerce;
use super::acts::{Back, kept, set_status};
use super::books::{Refund, Site, counting};
use super::errors::{self, Error};
use super::hooks::Topic;
use super::pages::{Cut, gmt, local};
use super::routes::{Ask, Reply};
use super::show::money;
use crate::books::{Actor, Books, Order};
use crate::lock;

/// What of an order's money has gone back.
pub(super) fn sum(site: &Site, order_id: &str) -> i64 {
    let refunds = site.extras.get(order_id).map(|extra| &extra.refunds);
    refunds.into_iter().flatten().map(|refund| refund.amount).sum()
}

/// Sends money back; nothing left makes the order a refunded one.
pub(super) fn refund(
    books: &mut Books,
    site: &mut Site,
    order: &mut Order,
    back: &Back,
    now_us: i64,
) -> (i64, Option<Topic>) {
    let id = site.next_id();
    let refund = kept(id, now_us, back);
    if back.3 {
        for (line_id, units) in &refund.lines {
            let line = order.lines.iter().find(|line| line.id == *line_id);
            let counted = line.and_then(|line| counting(site, line.product_id));
            if let Some(product) = counted.and_then(|id| books.products.get_mut(&id)) {
                product.stock += units;
            }
        }
    }
    site.extra(&order.id).refunds.push(refund);
    if sum(site, &order.id) >= order.total() {
        set_status(books, site, order, ("refunded", Actor::Seller), now_us);
    }
    (id, Some(Topic::OrderUpdated))
}

/// A refund as the order's own list shows it.
pub(super) fn shown(order: &Order, refund: &Refund) -> Value {
    let lines = refund.lines.iter().filter_map(|(id, units)| {
        let line = order.lines.iter().find(|line| line.id == *id)?;
        Some(json!({
            "id": refund.id * 100 + id % 100, "name": line.name, "product_id": line.product_id,
            "quantity": -units, "total": money(-line.price * units), "total_tax": "0.00",
            "sku": line.sku, "price": line.price,
            "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": id.to_string()}],
        }))
    });
    json!({
        "id": refund.id, "date_created": local(refund.at_us), "date_created_gmt": gmt(refund.at_us),
        "amount": money(refund.amount), "reason": refund.reason, "refunded_by": 1,
        "refunded_payment": false, "meta_data": [], "line_items": lines.collect::<Vec<_>>(),
    })
}

impl WooCommerce {
    /// The refunds of an order, newest first.
    pub(super) fn list_refunds(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let cut = Cut::read(ask)?;
        let order = self.order_of(ask)?;
        let site = lock(&self.site);
        let mut refunds: Vec<Refund> =
            site.extras.get(&order.id).map(|extra| extra.refunds.clone()).unwrap_or_default();
        refunds.reverse();
        Ok(cut.of(&refunds, |refund| shown(&order, refund)))
    }

    /// Makes a refund. Unless it says otherwise the payment gateway is asked to pay.
    pub(super) fn create_refund(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let amount = body["amount"].as_str().and_then(|text| text.split('.').next()?.parse().ok());
        let amount: i64 = amount.ok_or_else(|| errors::missing_param("amount"))?;
        let lines = body["line_items"].as_array().into_iter().flatten();
        let lines = lines.filter_map(|row| Some((row["id"].as_i64()?, row["quantity"].as_i64()?)));
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        let restock = body["api_restock"].as_bool().unwrap_or(true);
        let back = (amount, reason, lines.collect(), restock);
        let mut made = None;
        let order =
            self.change(ask.id, errors::invalid_id("order", false), |books, site, order, now| {
                if amount <= 0 || amount > order.total() - sum(site, &order.id) {
                    let message = "Invalid refund amount.";
                    return Err(Error::new(
                        400,
                        "woocommerce_rest_invalid_order_refund_amount",
                        message,
                    ));
                }
                site.gateway_refunds += u64::from(body["api_refund"].as_bool().unwrap_or(true));
                let (id, topic) = refund(books, site, order, &back, now);
                made = Some(id);
                Ok(topic)
            })?;
        let site = lock(&self.site);
        let refunds = site.extras.get(&order.id).map(|extra| &extra.refunds);
        let refund = refunds.into_iter().flatten().find(|refund| Some(refund.id) == made);
        Ok(Reply::done(201, refund.map_or(Value::Null, |refund| shown(&order, refund))))
    }
}
