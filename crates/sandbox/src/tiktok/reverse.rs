//! Cancellations, and returns.

use std::sync::Arc;

use serde_json::{Value, json};

use super::TikTok;
use super::acts::{UNSENT, cancel_status};
use super::books::Cancel;
use super::errors::{self, Error, business};
use super::pages::{Cut, second, texts, window};
use super::routes::{Ask, Reply};
use crate::books::{Actor, Complaint, Order};
use crate::lock;

/// The reasons of a seller in Indonesia, before and after the payment.
const REASONS: [(&str, &[&str]); 5] = [
    ("seller_cancel_unpaid_reason_out_of_stock", &["UNPAID"]),
    ("seller_cancel_unpaid_reason_wrong_price", &["UNPAID"]),
    ("seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed", &["UNPAID"]),
    ("seller_cancel_reason_out_of_stock", &["ON_HOLD", "AWAITING_SHIPMENT"]),
    ("seller_cancel_reason_wrong_price", &["ON_HOLD", "AWAITING_SHIPMENT"]),
];

/// A seller's reason that was taken out of service in Indonesia.
const OFFLINE: &str = "seller_cancel_paid_reason_address_not_deliver";
/// Reasons that are not a seller's to give.
const SYSTEMS: [&str; 5] = [
    "system_cancel_unpaid_time_out",
    "package_lost",
    "package_damaged",
    "returned_to_shipper_other",
    "system_cancel_order_reason_shipping_timeout",
];

/// The reasons to refuse a buyer's wish.
const REFUSALS: [&str; 4] = [
    "order_manage_list_action_respond_popup_reject_reason_invalid_cancellation_reason",
    "order_manage_list_action_respond_popup_reject_reason_delivered",
    "order_manage_list_action_respond_popup_reject_reason_buyer_agree",
    "seller_reject_apply_product_has_been_packed",
];

const PENDING: &str = "CANCELLATION_REQUEST_PENDING";

fn field<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The status of a return.
pub(super) fn return_status(complaint: &Complaint) -> &'static str {
    match complaint.closed_us {
        None => "RETURN_OR_REFUND_REQUEST_PENDING",
        Some(_) => "RETURN_OR_REFUND_REQUEST_CANCEL",
    }
}

impl TikTok {
    /// The seller cancels a whole order.
    pub(super) fn cancel_order(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let (order_id, reason) = (field(&body, "order_id"), field(&body, "cancel_reason"));
        self.own_order(order_id, shop_id)?;
        let from = statuses_of(reason)?;
        let mut cancel_id = 0;
        self.change(order_id, errors::not_yours(), |hand| {
            let status = hand.order.status();
            if matches!(status, "CANCELLED" | "COMPLETED") {
                return Err(business(25_001_051, "The order is completed or cancelled"));
            }
            if !UNSENT.contains(&status) {
                return Err(business(25_001_045, "The order has been shipped"));
            }
            if hand.order.cancel_request.as_ref().is_some_and(|request| request.open) {
                return Err(business(25_001_011, "A cancellation is in process"));
            }
            if !from.contains(&status) {
                return Err(business(25_001_021, "The reason does not fit the order's status"));
            }
            let mut told = hand.note_cancel(Actor::Seller, reason, "CANCELLATION_REQUEST_SUCCESS");
            told.extend(hand.cancel(Actor::Seller, reason));
            cancel_id = hand.extra().cancels.last().map_or(0, |cancel| cancel.id);
            Ok(told)
        })?;
        let data = json!({
            "cancel_id": cancel_id.to_string(), "cancel_status": "CANCELLATION_REQUEST_SUCCESS",
        });
        Ok(Reply::done(order_id, data))
    }

    /// The seller agrees to a buyer's request, or refuses it. The same key again changes nothing.
    pub(super) fn answer_cancel(
        &self,
        ask: &Ask<'_>,
        shop_id: i64,
        agrees: bool,
    ) -> Result<Reply, Error> {
        let body = ask.json()?;
        let reason = field(&body, "reject_reason");
        if !agrees && !REFUSALS.contains(&reason) {
            return Err(business(25_001_014, "Unknown reject reason"));
        }
        if let Some(key) = ask.param("idempotency_key")
            && lock(&self.side).answered.contains(key)
        {
            return Ok(Reply::data(json!({})));
        }
        let unknown = || business(25_001_001, "The cancellation does not exist");
        let order_id = self.order_of_cancel(ask.id, shop_id).ok_or_else(unknown)?;
        self.change(&order_id, unknown(), |hand| {
            let now_us = hand.now_us;
            let shipped = !UNSENT.contains(&hand.order.status());
            let mine = |cancel: &&mut Cancel| cancel.id.to_string() == ask.id;
            let Some(cancel) = hand.extra().cancels.iter_mut().find(mine) else {
                return Err(unknown());
            };
            if let Some(error) = unanswerable(cancel.status, shipped, agrees) {
                return Err(error);
            }
            cancel.status =
                if agrees { "CANCELLATION_REQUEST_SUCCESS" } else { "CANCELLATION_REQUEST_CANCEL" };
            cancel.updated_us = now_us;
            let cancel = cancel.clone();
            let mut told = vec![cancel_status(hand.order, &cancel)];
            if let Some(request) = &mut hand.order.cancel_request {
                request.open = false;
            }
            if agrees {
                told.extend(hand.cancel(Actor::Buyer, &cancel.reason));
            }
            Ok(told)
        })?;
        if let Some(key) = ask.param("idempotency_key") {
            lock(&self.side).answered.insert(key.to_owned());
        }
        Ok(Reply::done(&order_id, json!({})))
    }

    fn order_of_cancel(&self, cancel_id: &str, shop_id: i64) -> Option<String> {
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mine = |id: &&String| books.find_order(id).is_some_and(|it| it.shop_id == shop_id);
        let of = |cancels: &[Cancel]| cancels.iter().any(|one| one.id.to_string() == cancel_id);
        let mut found = side.extras.iter().filter(|(_, extra)| of(&extra.cancels));
        found.find_map(|(id, _)| Some(id).filter(mine).cloned())
    }

    /// Cancellations, by what the body asks for.
    pub(super) fn search_cancels(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let cut = Cut::read(ask, (1, 50), Some(10))?;
        let body = ask.json()?;
        let (orders, types) = (texts(&body, "order_ids"), texts(&body, "cancel_types"));
        let statuses = texts(&body, "cancel_status");
        let (created, changed) = (window(&body, "create_time")?, window(&body, "update_time")?);
        let wanted = |cancel: &Cancel| {
            let within = |at_us: i64, (from, to): (i64, i64)| (from..to).contains(&second(at_us));
            types.as_ref().is_none_or(|all| all.iter().any(|one| one == type_of(cancel)))
                && statuses.as_ref().is_none_or(|all| all.iter().any(|one| one == cancel.status))
                && within(cancel.created_us, created)
                && within(cancel.updated_us, changed)
        };
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mut found: Vec<(Arc<Order>, Cancel)> = Vec::new();
        for order in asked(&books, shop_id, orders.as_deref()) {
            let cancels = side.extras.get(&order.id).map(|extra| extra.cancels.as_slice());
            let cancels = cancels.unwrap_or_default().iter().filter(|cancel| wanted(cancel));
            found.extend(cancels.map(|cancel| (Arc::clone(&order), cancel.clone())));
        }
        found.sort_by_key(|(_, cancel)| (cancel.updated_us, cancel.id));
        let (rows, next) = cut.drifting(&self.desk.faults, shop_id).of(&found);
        let rows: Vec<Value> =
            rows.iter().map(|(order, cancel)| shown_cancel(order, cancel)).collect();
        Ok(Reply::data(json!({
            "total_count": found.len(), "next_page_token": next, "cancellations": rows,
        })))
    }

    /// Returns, by what the body asks for.
    pub(super) fn search_returns(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let cut = Cut::read(ask, (10, 50), Some(10))?;
        let body = ask.json()?;
        let orders = texts(&body, "order_ids");
        let (created, changed) = (window(&body, "create_time")?, window(&body, "update_time")?);
        let within = |at_us: i64, (from, to): (i64, i64)| (from..to).contains(&second(at_us));
        let updated_us = |one: &Complaint| one.closed_us.unwrap_or(one.opened_us);
        let books = lock(&self.desk.books);
        let mut found: Vec<(Arc<Order>, Complaint)> = Vec::new();
        for order in asked(&books, shop_id, orders.as_deref()) {
            let wanted = order
                .complaints
                .iter()
                .filter(|one| within(one.opened_us, created) && within(updated_us(one), changed));
            found.extend(wanted.map(|one| (Arc::clone(&order), one.clone())));
        }
        found.sort_by_key(|(_, one)| (updated_us(one), one.id));
        let (rows, next) = cut.drifting(&self.desk.faults, shop_id).of(&found);
        let rows = rows.iter().map(|(order, one)| {
            json!({
                "return_id": one.id.to_string(), "order_id": order.id, "role": "BUYER",
                "return_type": one.solution, "return_status": return_status(one),
                "return_reason": "ecom_order_delivered_refund_reason_defective",
                "return_reason_text": one.problem, "create_time": second(one.opened_us),
                "update_time": second(updated_us(one)),
            })
        });
        let rows: Vec<Value> = rows.collect();
        Ok(Reply::data(json!({
            "total_count": found.len(), "next_page_token": next, "return_orders": rows,
        })))
    }
}

/// The statuses that a seller's reason is of.
fn statuses_of(reason: &str) -> Result<&'static [&'static str], Error> {
    if let Some((_, from)) = REASONS.iter().find(|(key, _)| *key == reason) {
        return Ok(from);
    }
    Err(if reason == OFFLINE {
        business(25_001_020, "The reason is currently offline")
    } else if SYSTEMS.contains(&reason) {
        business(25_001_015, "The reason cannot be used by the seller")
    } else {
        business(25_001_014, "Unknown cancel reason")
    })
}

/// Why a request is no longer to be answered.
fn unanswerable(status: &str, shipped: bool, agrees: bool) -> Option<Error> {
    let (code, words) = match (status, agrees) {
        (PENDING, _) if !shipped => return None,
        (PENDING, true) => (25_001_045, "The order has already been shipped"),
        ("CANCELLATION_REQUEST_CANCEL", true) => (25_020_009, "The request is already cancelled"),
        ("CANCELLATION_REQUEST_SUCCESS", false) => {
            (25_020_010, "The request has been approved and cannot be rejected")
        }
        (_, true) => (25_011_012, "The request's status cannot be approved"),
        (_, false) => (25_011_011, "The request's status cannot be rejected"),
    };
    Some(business(code, words))
}

/// The orders of a shop that are asked for; all without a list.
fn asked(books: &crate::books::Books, shop_id: i64, ids: Option<&[String]>) -> Vec<Arc<Order>> {
    let all: Vec<&Arc<Order>> = match ids {
        Some(ids) => ids.iter().filter_map(|id| books.find_order(id)).collect(),
        None => books.orders().collect(),
    };
    all.into_iter().filter(|order| order.shop_id == shop_id).cloned().collect()
}

fn type_of(cancel: &Cancel) -> &'static str {
    if cancel.by_buyer { "BUYER_CANCEL" } else { "CANCEL" }
}

fn shown_cancel(order: &Order, cancel: &Cancel) -> Value {
    let rows = order.lines.iter().map(|line| {
        json!({
            "sku_id": line.product_id.to_string(), "seller_sku": line.sku,
            "product_name": line.name,
        })
    });
    json!({
        "cancel_id": cancel.id.to_string(), "order_id": order.id, "role": cancel.role,
        "cancel_type": type_of(cancel), "cancel_status": cancel.status,
        "cancel_reason": "ecom_order_to_ship_canceled_reason_other",
        "cancel_reason_text": cancel.reason, "create_time": second(cancel.created_us),
        "update_time": second(cancel.updated_us),
        "cancel_line_items": rows.collect::<Vec<_>>(),
    })
}
