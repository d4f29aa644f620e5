//! The shapes of list rows and webhooks, and the channel's ways of writing times and weights.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;
use serde_json::{Value, json};

use super::books::FS_ID;
use super::seal::Seal;
use super::statuses::code;
use crate::books::{Line, Order};
use crate::clock::SECOND_US;

/// How the channel writes "no time".
pub(super) const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// A moment as order details show it: the clock of Jakarta, with a Z that means nothing.
pub(super) fn jakarta(at_us: i64) -> String {
    local(at_us, "%Y-%m-%dT%H:%M:%S%.6fZ")
}

/// A moment by the clock of Jakarta (UTC+7, no summer time), in a `strftime` format.
pub(super) fn local(at_us: i64, format: &str) -> String {
    let moment = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    Offset::constant(7).to_datetime(moment).strftime(format).to_string()
}

/// Grams as the wire's kilograms.
#[expect(clippy::float_arithmetic, reason = "the wire carries weights as JSON doubles of kg")]
pub(super) fn kilograms(grams: i64) -> f64 {
    f64::from(i32::try_from(grams).unwrap_or(i32::MAX)) / 1000.0
}

/// The order's id as the wire's integer.
pub(super) fn number(order: &Order) -> i64 {
    order.number
}

/// One product in a list row or a notification.
#[derive(Serialize)]
struct Product<'a> {
    id: i64,
    name: &'a str,
    quantity: i64,
    notes: &'a str,
    weight: f64,
    total_weight: f64,
    price: i64,
    total_price: i64,
    currency: &'static str,
    sku: &'a str,
    is_wholesale: bool,
}

impl<'a> Product<'a> {
    fn of(line: &'a Line, currency: &'static str) -> Self {
        Self {
            id: line.product_id,
            name: &line.name,
            quantity: line.quantity,
            notes: &line.note,
            weight: kilograms(line.weight_grams),
            total_weight: kilograms(line.weight_grams * line.quantity),
            price: line.price,
            total_price: line.price * line.quantity,
            currency,
            sku: &line.sku,
            is_wholesale: false,
        }
    }
}

#[derive(Serialize)]
struct Fulfilled {
    product_id: i64,
    quantity_deliver: i64,
    quantity_reject: i64,
}

/// A buyer or customer; blank when sealed.
#[derive(Serialize)]
struct Person<'a> {
    id: i64,
    name: &'a str,
    phone: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct Address<'a> {
    address_full: &'a str,
    district: &'a str,
    city: &'a str,
    province: &'a str,
    country: &'static str,
    postal_code: &'a str,
    district_id: i64,
    city_id: i64,
    province_id: i64,
    geo: &'static str,
}

#[derive(Serialize)]
struct Recipient<'a> {
    name: &'a str,
    phone: &'a str,
    address: Address<'a>,
}

#[derive(Serialize)]
struct Logistics<'a> {
    shipping_id: i64,
    district_id: i64,
    city_id: i64,
    province_id: i64,
    geo: &'static str,
    shipping_agency: &'a str,
    service_type: &'a str,
}

#[derive(Serialize)]
struct Amounts {
    ttl_product_price: i64,
    shipping_cost: i64,
    insurance_cost: i64,
    ttl_amount: i64,
    voucher_amount: i64,
    toppoints_amount: i64,
}

#[derive(Serialize)]
struct Voucher {
    voucher_code: &'static str,
    voucher_type: i64,
}

#[derive(Serialize)]
struct Custom<'a> {
    awb: &'a str,
}

fn person(order: &Order, sealed: bool) -> Person<'_> {
    let buyer = &order.buyer;
    let show = |text| if sealed { "" } else { text };
    Person {
        id: buyer.id,
        name: show(&buyer.name),
        phone: show(&buyer.phone),
        email: show(&buyer.email),
    }
}

fn recipient(order: &Order, sealed: bool) -> Recipient<'_> {
    let buyer = &order.buyer;
    let show = |text| if sealed { "" } else { text };
    Recipient {
        name: show(&buyer.name),
        phone: show(&buyer.phone),
        address: Address {
            address_full: show(&buyer.address),
            district: &buyer.district,
            city: &buyer.city,
            province: &buyer.province,
            country: "Indonesia",
            postal_code: show(&buyer.postal_code),
            district_id: 2263,
            city_id: 175,
            province_id: 13,
            geo: if sealed { "" } else { "-6.33,106.82" },
        },
    }
}

fn logistics(order: &Order) -> Logistics<'_> {
    Logistics {
        shipping_id: 1,
        district_id: 0,
        city_id: 0,
        province_id: 0,
        geo: "",
        shipping_agency: order.carrier,
        service_type: order.carrier_service,
    }
}

fn amounts(order: &Order) -> Amounts {
    Amounts {
        ttl_product_price: order.goods_total(),
        shipping_cost: order.shipping_cost,
        insurance_cost: 0,
        ttl_amount: order.total(),
        voucher_amount: 0,
        toppoints_amount: 0,
    }
}

/// What a seal over a list row or a notification holds; `person` is its word for the buyer.
pub(super) fn sealed_part(order: &Order, person_key: &str) -> Value {
    json!({ person_key: person(order, false), "recipient": recipient(order, false) })
}

/// One row of the order list.
#[derive(Serialize)]
pub(super) struct ListRow<'a> {
    fs_id: String,
    order_id: i64,
    is_cod_mitra: bool,
    accept_partial: bool,
    invoice_ref_num: &'a str,
    have_product_bundle: bool,
    products: Vec<Product<'a>>,
    products_fulfilled: Vec<Fulfilled>,
    bundle_detail: Option<()>,
    device_type: &'static str,
    buyer: Person<'a>,
    shop_id: i64,
    payment_id: i64,
    recipient: Recipient<'a>,
    logistics: Logistics<'a>,
    amt: Amounts,
    dropshipper_info: Value,
    voucher_info: Voucher,
    order_status: i64,
    warehouse_id: i64,
    fulfill_by: i64,
    create_time: i64,
    custom_fields: Custom<'a>,
    promo_order_detail: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<Seal>,
}

impl<'a> ListRow<'a> {
    pub(super) fn of(order: &'a Order, seal: Option<Seal>) -> Self {
        let sealed = seal.is_some();
        let fulfilled = |line: &Line| Fulfilled {
            product_id: line.product_id,
            quantity_deliver: line.quantity_deliver(),
            quantity_reject: line.quantity_reject,
        };
        Self {
            fs_id: FS_ID.to_string(),
            order_id: number(order),
            is_cod_mitra: false,
            accept_partial: false,
            invoice_ref_num: &order.invoice,
            have_product_bundle: false,
            products: order.lines.iter().map(|line| Product::of(line, "Rp")).collect(),
            products_fulfilled: order.lines.iter().map(fulfilled).collect(),
            bundle_detail: None,
            device_type: "android",
            buyer: person(order, sealed),
            shop_id: order.shop_id,
            payment_id: payment_id(order),
            recipient: recipient(order, sealed),
            logistics: logistics(order),
            amt: amounts(order),
            dropshipper_info: json!({}),
            voucher_info: Voucher { voucher_code: "", voucher_type: 0 },
            order_status: code(order),
            warehouse_id: order.warehouse_id,
            fulfill_by: i64::from(order.fulfilled_by_channel),
            create_time: order.created_us / SECOND_US,
            custom_fields: Custom { awb: &order.awb },
            promo_order_detail: None,
            encryption: seal,
        }
    }
}

/// The number of the payment that belongs to an order.
pub(super) fn payment_id(order: &Order) -> i64 {
    order.number - 888_560_200
}

/// The webhook of a verified payment.
#[derive(Serialize)]
pub(super) struct Notification<'a> {
    fs_id: i64,
    order_id: i64,
    invoice_ref_num: &'a str,
    products: Vec<Product<'a>>,
    customer: Person<'a>,
    recipient: Recipient<'a>,
    shop_id: i64,
    shop_name: &'a str,
    warehouse_id: i64,
    payment_id: i64,
    payment_date: Cow<'static, str>,
    logistics: Logistics<'a>,
    amt: Amounts,
    dropshipper_info: Value,
    voucher_info: Voucher,
    device_type: &'static str,
    create_time: i64,
    order_status: i64,
    accept_partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<Seal>,
    custom_fields: Custom<'a>,
    have_product_bundle: bool,
    bundle_detail: Option<()>,
    fulfillment_order_type: i64,
}

impl<'a> Notification<'a> {
    pub(super) fn of(order: &'a Order, shop_name: &'a str, seal: Option<Seal>) -> Self {
        let sealed = seal.is_some();
        Self {
            fs_id: FS_ID,
            order_id: number(order),
            invoice_ref_num: &order.invoice,
            products: order.lines.iter().map(|line| Product::of(line, "Rp.")).collect(),
            customer: person(order, sealed),
            recipient: recipient(order, sealed),
            shop_id: order.shop_id,
            shop_name,
            warehouse_id: order.warehouse_id,
            payment_id: payment_id(order),
            payment_date: order.paid_us.map_or(NO_TIME.into(), |at_us| jakarta(at_us).into()),
            logistics: logistics(order),
            amt: amounts(order),
            dropshipper_info: json!({"name": "", "phone": ""}),
            voucher_info: Voucher { voucher_code: "", voucher_type: 0 },
            device_type: "android",
            create_time: order.created_us / SECOND_US,
            order_status: code(order),
            accept_partial: false,
            encryption: seal,
            custom_fields: Custom { awb: &order.awb },
            have_product_bundle: false,
            bundle_detail: None,
            fulfillment_order_type: 0,
        }
    }
}

/// The webhook of a changed status; a cancellation has the same shape.
#[derive(Serialize)]
pub(super) struct StatusChange<'a> {
    order_status: i64,
    fs_id: i64,
    shop_id: i64,
    order_id: i64,
    warehouse_id: i64,
    product_details: Vec<Detail<'a>>,
}

/// A product as a status change shows it.
#[derive(Serialize)]
struct Detail<'a> {
    id: i64,
    name: &'a str,
    notes: &'a str,
    currency: &'static str,
    weight: f64,
    total_weight: f64,
    price: i64,
    total_price: i64,
    quantity: i64,
    sku: &'a str,
}

impl<'a> StatusChange<'a> {
    pub(super) fn of(order: &'a Order) -> Self {
        let detail = |line: &'a Line| Detail {
            id: line.product_id,
            name: &line.name,
            notes: &line.note,
            currency: "Rp.",
            weight: kilograms(line.weight_grams),
            total_weight: kilograms(line.weight_grams * line.quantity),
            price: line.price,
            total_price: line.price * line.quantity,
            quantity: line.quantity,
            sku: &line.sku,
        };
        Self {
            order_status: code(order),
            fs_id: FS_ID,
            shop_id: order.shop_id,
            order_id: number(order),
            warehouse_id: order.warehouse_id,
            product_details: order.lines.iter().map(detail).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_show_the_clock_of_jakarta_with_a_cosmetic_z() {
        // 2026-11-20T02:30:58.061156 UTC is half past nine in Jakarta.
        assert_eq!(jakarta(1_795_141_858_061_156), "2026-11-20T09:30:58.061156Z");
    }

    #[test]
    fn weights_are_kilograms() {
        assert_eq!(serde_json::to_string(&kilograms(250)).unwrap(), "0.25");
    }
}
