//! What a seller's system may do to an order: accept, reject, hand over.

use serde_json::{Value, json};

use super::Tokopedia;
use super::acts::step;
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::statuses as st;
use super::wire::{local, number};
use crate::books::{Actor, Order};
use crate::clock::SECOND_US;

/// A pick-up may be asked for this long after the acceptance.
const PICKUP_AFTER_US: i64 = 5 * SECOND_US;

/// Longest reason of a rejection, in characters.
const REASON_LEN_MAX: usize = 490;

/// Longest note of a closed shop, in characters.
const CLOSE_NOTE_LEN_MAX: usize = 100;

impl Tokopedia {
    /// O4: accepts a paid order.
    pub(super) fn ack(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.own_order(ask, ask.order)?;
        let warehouse = ask.number("warehouse_id", errors::WAREHOUSE_BAD)?;
        if warehouse.is_some_and(|id| id != order.warehouse_id) {
            return Err(errors::NOT_THIS_WAREHOUSE);
        }
        if order.fulfilled_by_channel {
            return Err(errors::NEEDS_CHANNEL_WAREHOUSE);
        }
        self.change(ask.order, errors::ORDER_UNKNOWN, |_, order, now_us| {
            if st::code(order) != st::PAID {
                return Err(errors::NOT_ACCEPTABLE);
            }
            step(order, st::ACCEPTED, now_us, Actor::Seller, "");
            Ok(true)
        })?;
        Ok(Reply::data(&json!("success")))
    }

    /// O5: asks the buyer to take less; the sandbox's buyers always agree, at once.
    pub(super) fn request_partial(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.own_order(ask, ask.order)?;
        let body = ask.json()?;
        let rows = body.get("pof_detail").and_then(Value::as_array);
        let rows = rows.filter(|rows| !rows.is_empty()).ok_or(errors::PARTIAL_EMPTY)?;
        self.change(ask.order, errors::ORDER_UNKNOWN, |_, order, _| {
            if st::code(order) != st::PAID {
                return Err(errors::PARTIAL_STATUS);
            }
            for row in rows {
                let id = row.get("order_dtl_id").and_then(Value::as_i64);
                let line = order.lines.iter_mut().find(|line| Some(line.id) == id);
                let line = line.ok_or(errors::PARTIAL_LINE)?;
                let wanted = row.get("quantity_request").and_then(Value::as_i64).unwrap_or(-1);
                if !(0..=line.quantity).contains(&wanted) {
                    return Err(errors::PARTIAL_QUANTITY);
                }
                line.quantity_reject = line.quantity - wanted;
            }
            if order.lines.iter().all(|line| line.quantity_deliver() == 0) {
                return Err(errors::PARTIAL_QUANTITY);
            }
            Ok(true)
        })?;
        Ok(Reply::data(&json!({"success": true})))
    }

    /// O6: rejects an order, or agrees to a buyer's wish to cancel.
    pub(super) fn nack(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.own_order(ask, ask.order)?;
        if order.fulfilled_by_channel {
            return Err(errors::REJECT_NOT_ALLOWED);
        }
        let body = ask.json()?;
        let rejection = Rejection::read(&body, &order)?;
        self.change(ask.order, errors::ORDER_UNKNOWN, |books, order, now_us| {
            rejection.suits(order)?;
            if let Some(request) = &mut order.cancel_request {
                request.open = false;
            }
            for id in &rejection.empty_products {
                if let Some(product) = books.products.get_mut(id) {
                    product.stock = 0;
                    product.updated_us = now_us;
                }
            }
            let next = if rejection.code == 1 { st::OUT_OF_STOCK } else { st::SELLER_REJECTED };
            step(order, next, now_us, Actor::Seller, &rejection.reason);
            Ok(true)
        })?;
        Ok(Reply::data(&json!("success")))
    }

    /// O7: refuses a buyer's wish to cancel.
    pub(super) fn reject_cancel(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let shop_id = ask.number("shop_id", errors::SHOP_BAD)?.ok_or(errors::SHOP_BAD)?;
        self.change(ask.order, errors::ORDER_UNKNOWN, |_, order, _| {
            if order.shop_id != shop_id || !(400..600).contains(&st::code(order)) {
                return Err(errors::CANCEL_REQUEST_NOT_YOURS);
            }
            match &mut order.cancel_request {
                Some(request) if request.open => request.open = false,
                Some(_) | None => return Err(errors::NO_CANCEL_REQUEST),
            }
            Ok(false)
        })?;
        Ok(Reply::data(&json!({"success": true})))
    }

    /// O8: asks the courier to come.
    pub(super) fn pick_up(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json().map_err(|_| errors::PICKUP_BODY_BAD)?;
        let whole = |key: &str, bad| body.get(key).and_then(Value::as_i64).ok_or(bad);
        let order_id = whole("order_id", errors::PICKUP_ORDER_BAD)?.to_string();
        let shop_id = whole("shop_id", errors::PICKUP_SHOP_BAD)?;
        self.own_order(ask, &order_id)?;
        let order = self.change(&order_id, errors::ORDER_UNKNOWN, |_, order, now_us| {
            if order.shop_id != shop_id {
                return Err(errors::ORDER_UNKNOWN);
            }
            let accepted_us = order.reached_us("400").unwrap_or(now_us);
            if st::code(order) != st::ACCEPTED || now_us - accepted_us < PICKUP_AFTER_US {
                return Err(errors::PICKUP_REFUSED);
            }
            order.pickup_asked_us = Some(now_us);
            step(order, st::PICKUP_ASKED, now_us, Actor::Seller, "");
            Ok(true)
        })?;
        let asked_us = order.pickup_asked_us.unwrap_or(order.updated_us);
        Ok(Reply::data(&json!({
            "order_id": number(&order), "shop_id": order.shop_id,
            "request_time": local(asked_us, "%Y-%m-%d %H:%M:%S"),
            "result": "Terima kasih telah melakukan pengiriman.",
        })))
    }

    /// O9: reports that the parcel left, with its tracking number. To a shipped order the same number is
    /// no news, another one corrects it.
    pub(super) fn ship(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.own_order(ask, ask.order)?;
        let body = ask.json()?;
        if body.get("order_status").and_then(Value::as_i64) != Some(st::SHIPPED) {
            return Err(errors::STATUS_UNSUPPORTED);
        }
        let awb = body.get("shipping_ref_num").and_then(Value::as_str).unwrap_or("").trim();
        if awb.is_empty() {
            return Err(errors::AWB_EMPTY);
        }
        let mut reply = Reply::data(&json!("Success"));
        self.change(ask.order, errors::ORDER_UNKNOWN, |_, order, now_us| {
            if !st::SHIPPABLE.contains(&st::code(order)) {
                return Err(errors::STATUS_UNSUPPORTED);
            }
            if st::code(order) == st::SHIPPED && order.awb == awb {
                reply = Reply::already(&json!("Success"));
                return Ok(false);
            }
            order.awb = awb.to_owned();
            step(order, st::SHIPPED, now_us, Actor::Seller, awb);
            Ok(true)
        })?;
        Ok(reply)
    }
}

/// A rejection, read and complete.
#[derive(Debug)]
struct Rejection {
    code: i64,
    reason: String,
    empty_products: Vec<i64>,
}

impl Rejection {
    fn read(body: &Value, order: &Order) -> Result<Self, Error> {
        let code = body.get("reason_code").and_then(Value::as_i64).unwrap_or(0);
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or("").trim();
        let reason = text("reason").to_owned();
        let mut empty_products = Vec::new();
        match code {
            0 | 2 | 5 | 7 | 8 if reason.is_empty() => return Err(errors::REASON_EMPTY),
            1 => empty_products = products(body, order)?,
            4 => {
                let (date, note) = (text("shop_close_end_date"), text("shop_close_note"));
                if date.is_empty() || note.is_empty() || note.chars().count() > CLOSE_NOTE_LEN_MAX {
                    return Err(errors::CLOSE_DATE_NEEDED);
                }
                if jiff::civil::Date::strptime("%d/%m/%Y", date).is_err() {
                    return Err(errors::CLOSE_DATE_BAD);
                }
            }
            0 | 2 | 3 | 5 | 7 | 8 => {}
            _ => return Err(errors::REJECT_NOT_ALLOWED),
        }
        if reason.chars().count() > REASON_LEN_MAX {
            return Err(errors::REASON_EMPTY);
        }
        Ok(Self { code, reason, empty_products })
    }

    /// Whether the order is where this rejection may hit it.
    fn suits(&self, order: &Order) -> Result<(), Error> {
        let status = st::code(order);
        let asked = order.cancel_request.as_ref().is_some_and(|request| request.open);
        match self.code {
            8 if !asked => Err(errors::NO_CANCEL_REQUEST),
            8 | 0 if [st::PAID, st::ACCEPTED, st::PICKUP_ASKED].contains(&status) => Ok(()),
            1..=7 if [st::PAID, st::ACCEPTED].contains(&status) => Ok(()),
            _ => Err(errors::NOT_REJECTABLE),
        }
    }
}

fn products(body: &Value, order: &Order) -> Result<Vec<i64>, Error> {
    let named = body.get("empty_products").and_then(Value::as_array);
    let named = named.filter(|ids| !ids.is_empty()).ok_or(errors::PRODUCTS_UNREADABLE)?;
    let ids: Option<Vec<i64>> = named.iter().map(Value::as_i64).collect();
    let ids = ids.ok_or(errors::PRODUCTS_UNREADABLE)?;
    let sold = |id: &i64| order.lines.iter().any(|line| line.product_id == *id);
    if ids.iter().all(sold) { Ok(ids) } else { Err(errors::PRODUCT_NOT_IN_ORDER) }
}
