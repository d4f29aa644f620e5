//! Reading orders and parcels, and cancelling.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Shopee;
use super::acts::{Hand, UNSENT};
use super::books::second;
use super::errors::{self, Error, business};
use super::routes::{Ask, Reply, rows, text};
use super::show;
use crate::books::{Actor, Order};
use crate::faults::Fault;
use crate::lock;

/// Most orders, or parcels, in one look at details.
const BATCH_MAX: usize = 50;
/// The statuses that a list can be cut down to; of the others the list knows nothing.
const FILTERS: [&str; 8] = [
    "UNPAID",
    "READY_TO_SHIP",
    "PROCESSED",
    "SHIPPED",
    "COMPLETED",
    "IN_CANCEL",
    "CANCELLED",
    "INVOICE_PENDING",
];
/// The reasons of a seller. Only Taiwan and Malaysia know UNDELIVERABLE_AREA.
const REASONS: [&str; 3] = ["OUT_OF_STOCK", "CUSTOMER_REQUEST", "COD_NOT_SUPPORTED"];

pub(super) fn no_order() -> Error {
    errors::not_found()
}

impl Shopee {
    /// Orders by one of their times: their ids, and their status where it was asked for.
    pub(super) fn list_orders(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let (from, to) = ask.window("time_from", "time_to")?;
        let size = ask.page_size()?;
        let by_change = match ask.param("time_range_field") {
            Some("update_time") => true,
            Some("create_time") => false,
            _ => return Err(errors::parameter("time_range_field")),
        };
        let status = ask.param("order_status").unwrap_or_default();
        if !status.is_empty() && !FILTERS.contains(&status) {
            return Err(errors::parameter("order_status"));
        }
        let cursor = ask.param("cursor").map_or(Ok(0), str::parse::<usize>);
        let mut skip = cursor.map_err(|_| errors::parameter("cursor"))?;
        if skip > 0 && self.desk.faults.fires(shop_id, Fault::PageDrift) {
            skip += 1;
        }
        let with_status =
            ask.param("response_optional_fields").is_some_and(|it| it.contains("order_status"));
        let now_us = self.desk.clock.now_us();
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let found: Vec<&Arc<Order>> = if by_change {
            let range = (shop_id, from, i64::MIN)..(shop_id, to + 1, i64::MIN);
            let listed = side.by_change.range(range);
            listed
                .filter_map(|(_, _, number)| books.find_order(&super::books::sn(*number)))
                .collect()
        } else {
            books.created_in(shop_id, from * 1_000_000, to * 1_000_000 + 999_999).collect()
        };
        let shown = |order: &&&Arc<Order>| {
            order.listed_from_us <= now_us && (status.is_empty() || order.status() == status)
        };
        let found: Vec<&Arc<Order>> = found.iter().filter(shown).copied().collect();
        let (first, last) = (skip.min(found.len()), (skip + size).min(found.len()));
        let here = found.get(first..last).unwrap_or_default();
        let row = |order: &&Arc<Order>| {
            let mut row = json!({"order_sn": order.id, "booking_sn": ""});
            if with_status {
                row["order_status"] = json!(order.status());
            }
            row
        };
        let more = last < found.len();
        let next = if more { last.to_string() } else { String::new() };
        Ok(Reply::response(json!({
            "more": more, "next_cursor": next, "order_list": here.iter().map(row).collect::<Vec<_>>(),
        })))
    }

    /// Orders by their ids; those that are not this shop's are left out.
    pub(super) fn order_details(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let ids = ask.list("order_sn_list", BATCH_MAX)?;
        let fields = ask.param("response_optional_fields").unwrap_or_default();
        let fields: Vec<&str> = fields.split(',').collect();
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mine = |id: &&str| books.find_order(id).filter(|order| order.shop_id == shop_id);
        let found: Vec<&Arc<Order>> = ids.iter().filter_map(mine).collect();
        if found.is_empty() {
            return Err(no_order());
        }
        let rows = found.iter().map(|order| show::order(&side, &self.maybe_stale(order), &fields));
        Ok(Reply::response(json!({"order_list": rows.collect::<Vec<_>>()})))
    }

    /// Parcels by their numbers.
    pub(super) fn package_details(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let numbers = ask.list("package_number_list", BATCH_MAX)?;
        let now_us = self.desk.clock.now_us();
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mut rows = Vec::new();
        for number in numbers {
            let order = order_of(number).and_then(|id| books.find_order(&id));
            let Some(order) = order.filter(|order| order.shop_id == shop_id) else { continue };
            rows.extend(show::parcel(&side, order, number, now_us));
        }
        if rows.is_empty() {
            return Err(errors::not_found());
        }
        Ok(Reply::response(json!({ "package_list": rows })))
    }

    /// The order as a lagging replica would show it, when that fault fires.
    fn maybe_stale(&self, order: &Arc<Order>) -> Arc<Order> {
        if let Some(earlier) = order.before().filter(|earlier| !earlier.history.is_empty())
            && self.desk.faults.fires(order.shop_id, Fault::StaleRead)
        {
            return Arc::new(earlier);
        }
        Arc::clone(order)
    }

    /// An order of this shop.
    pub(super) fn own_order(&self, id: &str, shop_id: i64) -> Result<Arc<Order>, Error> {
        let books = lock(&self.desk.books);
        let found = books.find_order(id).filter(|order| order.shop_id == shop_id).cloned();
        found.ok_or_else(no_order)
    }

    /// The seller cancels a whole order.
    pub(super) fn cancel_order(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let (order_id, reason) = (text(&body, "order_sn"), text(&body, "cancel_reason"));
        self.own_order(order_id, shop_id)?;
        if !REASONS.contains(&reason) {
            return Err(errors::parameter("cancel_reason"));
        }
        let items = rows(&body, "item_list");
        if reason == "OUT_OF_STOCK" && items.is_empty() {
            return Err(errors::parameter("item_list"));
        }
        let order = self.change(order_id, no_order(), |hand| {
            if hand.order.fulfilled_by_channel {
                // With a space, as the channel prints it.
                let words = "The order is fulfilled by the warehouse of Shopee.";
                return Err(business("order. error_param", words));
            }
            let can = UNSENT.contains(&hand.order.status());
            if !can || matches!(hand.order.status(), "UNPAID" | "IN_CANCEL") {
                return Err(business("order.error_limit", "Can not cancel this order"));
            }
            if !items.iter().all(|item| is_in(hand, item)) {
                return Err(errors::parameter("item_list"));
            }
            Ok(hand.cancel(Actor::Seller, reason))
        })?;
        Ok(Reply::done(order_id, json!({"update_time": second(order.updated_us)})))
    }

    /// The seller answers a buyer who asked to cancel.
    pub(super) fn answer_cancel(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = text(&body, "order_sn");
        self.own_order(order_id, shop_id)?;
        let agrees = match text(&body, "operation") {
            "ACCEPT" => true,
            "REJECT" => false,
            _ => return Err(errors::parameter("operation")),
        };
        let order = self.change(order_id, no_order(), |hand| {
            if hand.order.status() != "IN_CANCEL" {
                let words = "Invalid order_status.The order status should be IN_CANCEL.";
                return Err(business("order.cancel_order_invalid_status", words));
            }
            let reason = hand.extra().cancel_reason.clone();
            Ok(if agrees { hand.cancel(Actor::Buyer, &reason) } else { hand.refuse_cancel() })
        })?;
        Ok(Reply::done(order_id, json!({"update_time": second(order.updated_us)})))
    }
}

fn is_in(hand: &Hand<'_>, item: &Value) -> bool {
    let number = |name: &str| item.get(name).and_then(Value::as_i64);
    hand.order.lines.iter().any(|line| {
        let named = hand.side.named(line.product_id);
        (number("item_id"), number("model_id")) == (Some(named.item_id), Some(named.model_id))
    })
}

/// The order of a parcel, by its number.
pub(super) fn order_of(number: &str) -> Option<String> {
    let digits = number.strip_prefix("OFG")?;
    let order: i64 = digits.get(..digits.len().checked_sub(1)?)?.parse().ok()?;
    Some(super::books::sn(order))
}
