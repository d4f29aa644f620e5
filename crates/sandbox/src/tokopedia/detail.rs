//! Reading one order, with its history.

use serde_json::{Value, json};

use super::Tokopedia;
use super::acts::{ACCEPT_WITHIN_US, SHIP_WITHIN_US};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::seal::Seal;
use super::statuses as st;
use super::wire::{NO_TIME, jakarta, kilograms, number, payment_id};
use crate::books::{Order, Shop};
use crate::lock;

impl Tokopedia {
    /// O2: one order by id or by invoice number.
    pub(super) fn order_detail(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let invoice = ask.request.param("invoice_num");
        let id = match (ask.request.param("order_id"), invoice) {
            (None, None) => return Err(errors::KEY_EMPTY),
            (Some(_), Some(_)) => return Err(errors::KEY_BOTH),
            (Some(id), None) => id.to_owned(),
            (None, Some(invoice)) => {
                let books = lock(&self.desk.books);
                books.find_invoice(invoice).ok_or(errors::ORDER_UNKNOWN)?.id.clone()
            }
        };
        let order = self.maybe_stale(self.own_order(ask, &id)?);
        let shop = lock(&self.desk.books).shops.get(&order.shop_id).cloned();
        let shop = shop.ok_or(errors::ORDER_UNKNOWN)?;
        let seal = self.sealer.seal(&order.id, "detail", || {
            json!({"buyer_info": buyer(&order, false),
                   "order_info": {"destination": destination(&order, false)}})
        });
        Ok(Reply::data(&detail(&order, &shop, seal)))
    }
}

fn time(at_us: Option<i64>) -> String {
    at_us.map_or_else(|| NO_TIME.to_owned(), jakarta)
}

fn buyer(order: &Order, sealed: bool) -> Value {
    let buyer = &order.buyer;
    let show = |text: &str| if sealed { Value::from("") } else { Value::from(text) };
    json!({
        "buyer_id": buyer.id, "buyer_fullname": show(&buyer.name),
        "buyer_email": show(&buyer.email), "buyer_phone": show(&buyer.phone),
    })
}

fn destination(order: &Order, sealed: bool) -> Value {
    let buyer = &order.buyer;
    let show = |text: &str| if sealed { Value::from("") } else { Value::from(text) };
    json!({
        "receiver_name": show(&buyer.name), "receiver_phone": show(&buyer.phone),
        "address_street": show(&buyer.address), "address_district": buyer.district,
        "address_city": buyer.city, "address_province": buyer.province,
        "address_postal": show(&buyer.postal_code), "customer_address_id": 0,
        "district_id": 2263, "city_id": 175, "province_id": 13,
    })
}

/// The order's lines as details and labels show them.
pub(super) fn details(order: &Order) -> Vec<Value> {
    let line = |line: &crate::books::Line| {
        json!({
            "order_detail_id": line.id, "product_id": line.product_id,
            "product_name": line.name, "product_desc_pdp": line.name, "product_desc_atc": line.name,
            "product_price": line.price, "subtotal_price": line.price * line.quantity,
            "weight": kilograms(line.weight_grams),
            "total_weight": kilograms(line.weight_grams * line.quantity),
            "quantity": line.quantity, "quantity_deliver": line.quantity_deliver(),
            "quantity_reject": line.quantity_reject, "is_free_returns": false,
            "insurance_price": 0, "normal_price": line.price, "currency_id": 2, "currency_rate": 0,
            "min_order": 0, "child_cat_id": 0, "campaign_id": "", "product_picture": "",
            "snapshot_url": "", "sku": line.sku, "notes": line.note,
        })
    };
    order.lines.iter().map(line).collect()
}

fn history(order: &Order) -> Vec<Value> {
    let step = |step: &crate::books::Step| {
        let status = step.status.parse::<i64>().unwrap_or(-1);
        json!({
            "action_by": st::actor(step.by), "hist_status_code": status,
            "message": st::message(status), "timestamp": jakarta(step.at_us),
            "comment": step.comment, "create_by": 1, "update_by": st::actor(step.by),
        })
    };
    // Newest first.
    order.history.iter().rev().map(step).collect()
}

fn deadlines(order: &Order) -> Value {
    let since_us = order.paid_us;
    let delivered = order.reached_us("600");
    json!({
        "id": order.number, "order_id": order.number, "payment_date_time": time(since_us),
        "is_same_day": false,
        "accept_deadline": time(since_us.map(|at_us| at_us + ACCEPT_WITHIN_US)),
        "confirm_shipping_deadline": time(since_us.map(|at_us| at_us + SHIP_WITHIN_US)),
        "item_delivered_deadline": {"Time": NO_TIME, "Valid": false},
        "is_accepted": order.reached_us("400").is_some(),
        "is_confirm_shipping": order.reached_us("500").is_some(),
        "is_item_delivered": delivered.is_some(), "fulfillment_status": 0,
    })
}

fn shipping(order: &Order) -> Value {
    let count = i64::from(!order.awb.is_empty());
    json!({
        "sp_id": 1, "shipping_id": 1, "logistic_name": order.carrier,
        "logistic_service": order.carrier_service, "shipping_price": order.shipping_cost,
        "shipping_price_rate": order.shipping_cost, "shipping_fee": 0, "insurance_price": 0,
        "fee": 0, "is_change_courier": false, "second_sp_id": 0, "second_shipping_id": 0,
        "second_logistic_name": "", "second_logistic_service": "", "second_agency_fee": 0,
        "second_insurance": 0, "second_rate": 0, "awb": order.awb,
        "autoresi_cashless_status": 0, "autoresi_awb": order.awb, "autoresi_shipping_price": 0,
        "count_awb": count, "isCashless": true, "is_fake_delivery": false,
        "recommended_courier_info": null,
    })
}

fn payment(order: &Order) -> Value {
    let paid = order.paid_us.is_some();
    json!({
        "payment_id": payment_id(order), "payment_ref_num": format!("PYM/{}", order.number),
        "payment_date": time(order.paid_us), "payment_method": 0,
        "payment_status": if paid { "Payment Verified" } else { "Waiting for Payment" },
        "payment_status_id": if paid { 2 } else { 1 },
        "gateway_name": "Transfer Contoh", "discount_amount": 0, "voucher_code": "",
    })
}

fn detail(order: &Order, shop: &Shop, seal: Option<Seal>) -> Value {
    let sealed = seal.is_some();
    let mut shown = json!({
        "order_id": number(order), "buyer_id": order.buyer.id, "seller_id": order.shop_id,
        "payment_id": payment_id(order), "is_affiliate": false,
        "is_fulfillment": order.fulfilled_by_channel,
        "order_warehouse": {
            "warehouse_id": order.warehouse_id, "fulfill_by": i64::from(order.fulfilled_by_channel),
            "meta_data": {"warehouse_id": order.warehouse_id, "partner_id": 0,
                          "shop_id": order.shop_id, "warehouse_name": shop.name},
        },
        "order_status": st::code(order), "invoice_number": order.invoice,
        "invoice_pdf": "", "invoice_url": "", "open_amt": order.total(), "lp_amt": 0,
        "cashback_amt": 0, "info": "", "comment": "", "item_price": order.goods_total(),
        "buyer_info": buyer(order, sealed),
        "shop_info": {"shop_owner_id": order.shop_id, "shop_owner_email": "",
                      "shop_owner_phone": "", "shop_name": shop.name, "shop_domain": shop.domain,
                      "shop_id": order.shop_id},
        "shipment_fulfillment": deadlines(order),
        "preorder": {"order_id": 0, "preorder_type": 0, "preorder_process_time": 0,
                     "preorder_process_start": NO_TIME, "preorder_deadline": NO_TIME,
                     "shop_id": 0, "customer_id": 0},
        "order_info": order_info(order, sealed),
        "origin_info": {"sender_name": shop.name, "origin_province": 13, "origin_city": 175,
                        "origin_address": "Jl. Contoh 1", "origin_district": 2263,
                        "origin_postal_code": "12620", "origin_geo": "", "receiver_name": "",
                        "destination_address": "", "destination_province": 0,
                        "destination_city": 0, "destination_district": 0,
                        "destination_postal_code": "", "destination_geo": ""},
        "payment_info": payment(order),
        "insurance_info": {"insurance_type": 0}, "hold_info": null,
        "cancel_request_info": cancel_request(order),
    });
    let rest = json!({
        "create_time": jakarta(order.created_us),
        "shipping_date": order.reached_us("500").map(jakarta),
        "update_time": jakarta(order.updated_us), "payment_date": time(order.paid_us),
        "delivered_date": order.reached_us("600").map(jakarta),
        "est_shipping_date": null, "est_delivery_date": null, "related_invoices": null,
        "custom_fields": null, "promo_order_detail": null, "pof_info": pof(order),
    });
    if let (Some(shown), Value::Object(rest)) = (shown.as_object_mut(), rest) {
        shown.extend(rest);
    }
    if let Some(seal) = seal {
        shown["encryption"] = json!(seal);
    }
    shown
}

fn order_info(order: &Order, sealed: bool) -> Value {
    json!({
        "order_detail": details(order), "order_history": history(order),
        "order_age_day": 0, "shipping_age_day": 0, "delivered_age_day": 0,
        "partial_process": false, "shipping_info": shipping(order),
        "destination": destination(order, sealed),
        "is_replacement": false, "replacement_multiplier": 0,
    })
}

fn cancel_request(order: &Order) -> Value {
    match &order.cancel_request {
        Some(asked) if asked.open => {
            json!({"create_time": jakarta(asked.at_us), "reason": asked.reason, "status": 0})
        }
        Some(_) | None => Value::Null,
    }
}

fn pof(order: &Order) -> Value {
    if order.lines.iter().all(|line| line.quantity_reject == 0) {
        return Value::Null;
    }
    let lines = order
        .lines
        .iter()
        .map(|line| json!({"order_dtl_id": line.id, "quantity_request": line.quantity_deliver()}));
    json!({ "pof_detail": lines.collect::<Vec<_>>() })
}
