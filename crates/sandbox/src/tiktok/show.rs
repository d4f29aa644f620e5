//! An order as every answer shows it: one row for each unit.

use serde_json::{Value, json};

use super::books::{Extra, OWN_COURIER_SHOP_ID, Parcel, Side};
use super::pages::second;
use crate::books::{Line, Order};

/// Most units of one line: each has an id of its own.
pub(super) const UNITS_MAX: i64 = 1_000;

/// Whether the platform's couriers carry the shop's parcels.
pub(super) fn by_platform(shop_id: i64) -> bool {
    shop_id != OWN_COURIER_SHOP_ID
}

/// Whether the order was sold under the other name of the platform.
fn commerce_platform(order: &Order) -> &'static str {
    if order.number % 3 == 0 { "TOKOPEDIA" } else { "TIKTOK_SHOP" }
}

/// A moment, 0 while there is none.
fn moment(at_us: Option<i64>) -> i64 {
    at_us.map_or(0, second)
}

/// What is still to be seen of a word.
fn masked(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| format!("{first}***"))
}

fn address(order: &Order) -> Value {
    // While the buyer may still think it over the seller is told nothing of where it goes.
    if matches!(order.status(), "UNPAID" | "ON_HOLD") {
        return json!({});
    }
    let buyer = &order.buyer;
    let (name, phone) = if by_platform(order.shop_id) {
        let words: Vec<String> = buyer.name.split(' ').map(masked).collect();
        let last = buyer.phone.get(buyer.phone.len().saturating_sub(2)..).unwrap_or_default();
        (words.join(" "), format!("(+62)812*****{last}"))
    } else {
        (buyer.name.clone(), buyer.phone.clone())
    };
    let level = |level: &str, kind: &str, name: &str| json!({"address_level": level, "address_level_name": kind, "address_name": name});
    json!({
        "name": name, "phone_number": phone, "address_detail": buyer.address,
        "full_address": format!("{}, {}, {}", buyer.address, buyer.city, buyer.province),
        "postal_code": buyer.postal_code, "region_code": "ID",
        "district_info": [
            level("L0", "country", "Indonesia"), level("L1", "province", &buyer.province),
            level("L2", "city", &buyer.city), level("L3", "district", &buyer.district),
        ],
    })
}

/// The order, as searches and details show it.
pub(super) fn order(side: &Side, order: &Order) -> Value {
    let nothing = Extra::default();
    let extra = side.extras.get(&order.id).unwrap_or(&nothing);
    let status = order.status();
    let asked = order.cancel_request.as_ref();
    let paid_s = moment(order.paid_us);
    let later = |seconds: i64| if paid_s == 0 { 0 } else { paid_s + seconds };
    let units = order.lines.iter().flat_map(|line| rows(side, order, extra, line));
    let parcels = extra.parcels.iter().map(|parcel| json!({"id": parcel.id.to_string()}));
    let first = extra.parcels.first();
    let note = order.lines.iter().map(|line| line.note.as_str()).find(|note| !note.is_empty());
    let goods = order.goods_total();
    let mut shown = json!({
        "id": order.id, "status": status, "commerce_platform": commerce_platform(order),
        "order_type": "NORMAL", "create_time": second(order.created_us), "paid_time": paid_s,
        "update_time": second(order.updated_us), "is_on_hold_order": status == "ON_HOLD",
        "is_cod": false, "user_id": order.buyer.id.to_string(),
        "fulfillment_type": if order.fulfilled_by_channel { "FULFILLMENT_BY_TIKTOK" } else { "FULFILLMENT_BY_SELLER" },
        "shipping_type": if by_platform(order.shop_id) { "TIKTOK" } else { "SELLER" },
        "delivery_type": "HOME_DELIVERY", "delivery_option_id": "7091000000000000001",
        "delivery_option_name": order.carrier_service,
        "warehouse_id": order.warehouse_id.to_string(),
        "buyer_message": note.unwrap_or_default(), "seller_note": "",
        "is_buyer_request_cancel": asked.is_some_and(|asked| asked.open),
        "rts_sla_time": later(172_800), "tts_sla_time": later(259_200),
        "cancel_order_sla_time": later(345_600), "payment_method_name": "Transfer bank",
        "packages": parcels.collect::<Vec<_>>(), "recipient_address": address(order),
        "line_items": units.collect::<Vec<_>>(),
        "payment": {
            "currency": "IDR", "sub_total": goods.to_string(),
            "original_total_product_price": goods.to_string(), "seller_discount": "0",
            "platform_discount": "0", "original_shipping_fee": order.shipping_cost.to_string(),
            "shipping_fee": order.shipping_cost.to_string(), "shipping_fee_seller_discount": "0",
            "shipping_fee_platform_discount": "0", "tax": "0",
            "total_amount": order.total().to_string(),
        },
    });
    let times = [
        ("rts_time", extra.rts_us),
        ("collection_time", extra.collected_us),
        ("delivery_time", extra.delivered_us),
        ("cancel_time", extra.cancelled_us),
        ("request_cancel_time", asked.map(|asked| asked.at_us)),
    ];
    for (name, at_us) in times.into_iter().filter(|(_, at_us)| at_us.is_some()) {
        shown[name] = json!(moment(at_us));
    }
    if extra.cancelled_us.is_some() {
        shown["cancel_reason"] = json!(extra.cancel_reason);
        shown["cancellation_initiator"] = json!(extra.initiator);
    }
    // Only orders that the platform carries name its courier before they are arranged.
    if by_platform(order.shop_id) {
        shown["shipping_provider"] = json!(order.carrier);
        shown["shipping_provider_id"] = json!("6841000000000000001");
    }
    shown["tracking_number"] = json!(first.map_or("", |parcel| parcel.awb.as_str()));
    shown
}

/// A line, one row for each of its units.
fn rows(side: &Side, order: &Order, extra: &Extra, line: &Line) -> Vec<Value> {
    let parcel = extra.parcels.iter().find(|parcel| parcel.lines.contains(&line.id));
    let all_dead = order.status() == "CANCELLED";
    let row = |nth: i64| {
        let dead = all_dead || nth >= line.quantity_deliver();
        let status = if dead { "CANCELLED" } else { row_status(order, parcel) };
        let parcel_status = if dead { "CANCELLED" } else { parcel.map_or("", |it| it.status) };
        json!({
            "id": (line.id * UNITS_MAX + nth).to_string(),
            "product_id": side.product_of(line.product_id).to_string(),
            "sku_id": line.product_id.to_string(), "seller_sku": line.sku,
            "product_name": line.name, "sku_name": "", "sku_image": "",
            "original_price": line.price.to_string(), "sale_price": line.price.to_string(),
            "platform_discount": "0", "seller_discount": "0", "currency": "IDR",
            "display_status": status, "is_gift": false, "sku_type": "NORMAL",
            "package_id": parcel.map_or_else(String::new, |it| it.id.to_string()),
            "package_status": parcel_status, "shipping_provider_id": "",
            "shipping_provider_name": order.carrier,
            "tracking_number": parcel.map_or("", |it| it.awb.as_str()),
        })
    };
    (0..line.quantity).map(row).collect()
}

/// The word of a row in a parcel: the order's, unless its parcels are at different places.
fn row_status<'a>(order: &'a Order, parcel: Option<&Parcel>) -> &'a str {
    match (order.status(), parcel.map(|parcel| parcel.status)) {
        ("PARTIALLY_SHIPPING", Some("TO_FULFILL")) => "AWAITING_SHIPMENT",
        ("PARTIALLY_SHIPPING", Some(_)) => "AWAITING_COLLECTION",
        (status, _) => status,
    }
}
