//! Reverse orders, by when they changed.

use serde_json::{Value, json};

use super::Lazada;
use super::books::{Extra, Reverse};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use crate::books::Order;
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;

/// Most reverse orders on a page.
const SIZE_MAX: usize = 100;

fn shown(order: &Order, extra: &Extra, reverse: &Reverse) -> Value {
    let lines = reverse.units.iter().map(|at| {
        let unit = &extra.units[*at];
        let line = &order.lines[unit.line];
        json!({
            "reverse_order_line_id": reverse.id * 100 + unit.id % 100,
            "trade_order_line_id": unit.id, "reverse_status": reverse.status, "ofc_status": "",
            "refund_amount": line.price * 100, "refund_payment_method": "WALLET",
            "reason_text": reverse.reason, "reason_code": 1001, "seller_sku_id": line.sku,
            "platform_sku_id": line.product_id.to_string(), "tracking_number": "",
            "sla": (reverse.created_us / 1_000) + 172_800_000, "item_unit_price": line.price * 100,
            "is_need_refund": "true", "product": {"product_id": line.product_id, "product_sku": line.sku},
            "buyer": {"buyer_id": order.buyer.id}, "receiver_address": "", "is_dispute": false,
            "whqc_decision": "", "trade_order_gmt_create": order.created_us.div_euclid(SECOND_US),
            "return_order_line_gmt_create": reverse.created_us.div_euclid(SECOND_US),
        })
    });
    json!({
        "reverse_order_id": reverse.id, "trade_order_id": order.number,
        "request_type": reverse.kind, "is_rtm": true, "shipping_type": "PICK_UP",
        "reverse_order_lines": lines.collect::<Vec<_>>(),
    })
}

impl Lazada {
    /// A page of a shop's reverse orders.
    pub(super) fn list_reverses(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let number = |name: &str, default: usize| {
            let Some(text) = ask.param(name) else { return Ok(default) };
            text.parse().ok().filter(|number| *number > 0).ok_or_else(|| errors::limit(text))
        };
        let (page, size) = (number("page_no", 1)?, number("page_size", 20)?.min(SIZE_MAX));
        let millis = |name: &str| {
            let Some(text) = ask.param(name) else { return Ok(None) };
            text.parse::<i64>().map(|at| Some(at * 1_000)).map_err(|_| errors::date(text))
        };
        let from = millis("ReverseOrderLineModifiedTimeRangeStart")?.unwrap_or(i64::MIN);
        let to = millis("ReverseOrderLineModifiedTimeRangeEnd")?.unwrap_or(i64::MAX);
        let books = lock(&self.desk.books);
        let floor = lock(&self.floor);
        let mut found = Vec::new();
        for order in books.orders().filter(|order| order.shop_id == ask.shop_id) {
            let Some(extra) = floor.extras.get(&order.id) else { continue };
            for reverse in &extra.reverses {
                if (from..=to).contains(&reverse.updated_us) {
                    found.push((reverse.id, shown(order, extra, reverse)));
                }
            }
        }
        found.sort_by_key(|(id, _)| *id);
        let total = found.len();
        let drifts = page > 1 && self.desk.faults.fires(ask.shop_id, Fault::PageDrift);
        let skip = (page - 1) * size + usize::from(drifts);
        let rows = found.into_iter().skip(skip).take(size).map(|(_, row)| row);
        let rows: Vec<Value> = rows.collect();
        Ok(Reply::whole(json!({"result": {
            "success": true, "page_no": page, "page_size": size, "total": total, "items": rows,
        }})))
    }
}
