//! Orders and their units as the channel writes them.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Value, json};

use super::books::{Country, Extra, Floor, MASKED_SHOP, Unit, country_of};
use crate::books::{Buyer, Order};

/// A time by a country's clocks: `2026-11-20 09:23:36 +0700`.
pub(super) fn local(at_us: i64, country: Country) -> String {
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = Offset::from_hours(country.hours).unwrap_or(Offset::UTC);
    offset.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
        + &format!(" +{:02}00", country.hours)
}

/// An amount as a text with two decimals.
pub(super) fn amount(minor: i64, country: Country) -> String {
    let cents = minor * (100 / country.minor);
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// An amount as a number, where the channel writes one.
pub(super) fn plain(amount: &str) -> Value {
    serde_json::from_str(amount).unwrap_or(Value::Null)
}

/// The first and last letters of a text, with stars between.
fn masked(text: &str, shop_id: i64) -> String {
    if shop_id != MASKED_SHOP {
        return text.to_owned();
    }
    let mut letters = text.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) => format!("{first}*****{last}"),
        _ => text.to_owned(),
    }
}

fn address(buyer: &Buyer, shop_id: i64) -> Value {
    let (first, last) = buyer.name.split_once(' ').unwrap_or((&buyer.name, ""));
    let hide = |text: &str| masked(text, shop_id);
    json!({
        "first_name": hide(first), "last_name": hide(last), "phone": hide(&buyer.phone),
        "phone2": "", "address1": hide(&buyer.address), "address2": "",
        "address3": buyer.province, "address4": buyer.city, "address5": buyer.district,
        "city": buyer.city, "post_code": buyer.postal_code, "country": "Indonesia",
        "addressDsitrict": "",
    })
}

/// An order without its units; of these only which statuses they have.
pub(super) fn order(order: &Order, extra: &Extra) -> Value {
    let country = country_of(order.shop_id);
    let mut statuses: Vec<&str> = extra.units.iter().map(|unit| unit.status.as_str()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let number: Value = order.number.into();
    let shipping = amount(order.shipping_cost, country);
    // As the documents never do and the channel often does: a number where a text is promised.
    let shipping = plain(&shipping);
    let wished = extra.units.iter().any(|unit| unit.wish.is_some());
    let goods = order.goods_total();
    let (first, _) = order.buyer.name.split_once(' ').unwrap_or((&order.buyer.name, ""));
    json!({
        "order_id": number, "order_number": number, "statuses": statuses,
        "price": amount(goods, country), "shipping_fee": shipping,
        "shipping_fee_original": shipping, "voucher": 0.0, "voucher_platform": 0.0,
        "voucher_seller": 0.0, "voucher_code": "", "items_count": extra.units.len(),
        "payment_method": "BCA_VA", "created_at": local(order.created_us, country),
        "updated_at": local(order.updated_us, country),
        "customer_first_name": masked(first, order.shop_id), "customer_last_name": "",
        "address_shipping": address(&order.buyer, order.shop_id), "address_billing": {},
        "warehouse_code": "dropshipping", "buyer_note": order.lines.first().map_or("", |it| &it.note),
        "promised_shipping_times": "", "delivery_info": "", "remarks": "", "tax_code": "",
        "branch_number": "", "national_registration_number": "", "gift_option": false,
        "gift_message": "", "extra_attributes": "", "need_cancel_confirm": wished,
        "is_cancel_pending": wished,
    })
}

/// The units of an order, one object each; `stale` shows them as they were before their last change.
pub(super) fn units(order: &Order, extra: &Extra, floor: &Floor, stale: bool) -> Value {
    let shown = extra.units.iter().map(|one| unit(order, one, floor, stale));
    Value::Array(shown.collect())
}

fn unit(order: &Order, unit: &Unit, floor: &Floor, stale: bool) -> Value {
    let country = country_of(order.shop_id);
    let line = &order.lines[unit.line];
    let ware = floor.wares.get(&line.product_id);
    let item = ware.map_or(0, |ware| ware.item);
    let now = (unit.status.clone(), unit.updated_us);
    let (status, updated_us) = unit.before.clone().filter(|_| stale).unwrap_or(now);
    let ended = status == "canceled";
    let paid_at = order.paid_us.map(|at_us| at_us.div_euclid(1_000));
    let courier = if unit.package.is_empty() { "" } else { order.carrier };
    let mut shown = json!({
        "order_item_id": unit.id, "order_id": order.number, "status": status, "name": line.name,
        "variation": ware.map_or("", |ware| ware.option), "sku": line.sku,
        "shop_sku": format!("{item}_{}-{}", country.name.to_uppercase(), line.product_id),
        "sku_id": line.product_id.to_string(), "product_id": item.to_string(),
        "item_price": amount(line.price, country), "paid_price": amount(line.price, country),
        "currency": country.currency, "tax_amount": 0.0, "shipping_amount": 0.0,
        "voucher_amount": 0.0, "order_type": "Normal", "order_flag": "NORMAL",
        "stage_pay_status": "", "invoice_number": "", "payment_time": paid_at,
        "created_at": local(order.created_us, country), "updated_at": local(updated_us, country),
    });
    let rest = json!({
        "shipment_provider": courier, "shipping_type": "Dropshipping",
        "shipping_provider_type": "standard", "tracking_code": unit.awb, "tracking_code_pre": "",
        "package_id": unit.package, "promised_shipping_time": "",
        "sla_time_stamp": sla(order, country), "warehouse_code": "dropshipping",
        "reason": if ended { unit.reason.as_str() } else { "" }, "reason_detail": "",
        "return_status": if unit.status == "returned" { "RETURNED" } else { "" },
        "cancel_return_initiator": if ended { unit.initiator } else { "null-null" },
        "delivery_option_sof": 0, "is_fbl": u8::from(order.fulfilled_by_channel), "is_digital": 0,
        "need_cancel_confirm": unit.wish.is_some(), "is_cancel_pending": unit.wish.is_some(),
        "cancel_trigger_time": "",
        "reverse_order_id": unit.wish.map_or(String::new(), |id| id.to_string()),
        "digital_delivery_info": "", "product_main_image": "", "product_detail_url": "",
    });
    if let (Value::Object(shown), Value::Object(rest)) = (&mut shown, rest) {
        shown.extend(rest);
    }
    shown
}

/// By when it is to be told ready: two days after it was placed.
fn sla(order: &Order, country: Country) -> String {
    let at_us = order.created_us + 2 * 24 * 3_600 * crate::clock::SECOND_US;
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = Offset::from_hours(country.hours).unwrap_or(Offset::UTC);
    offset.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
        + &format!("+{:02}:00", country.hours)
}
