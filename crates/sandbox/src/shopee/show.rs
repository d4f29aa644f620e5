//! An order and its parcels as the details show them.

use serde_json::{Value, json};

use super::books::{Extra, Parcel, Side, second};
use crate::books::{Line, Order};

/// What is still to be seen of a word.
fn masked(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| format!("{first}****"))
}

/// Where it goes: shown while it is to be shipped, masked before and after. How the real channel masks
/// differs from market to market.
fn address(order: &Order) -> Value {
    let buyer = &order.buyer;
    let shown = matches!(
        order.status(),
        "READY_TO_SHIP" | "PROCESSED" | "RETRY_SHIP" | "IN_CANCEL" | "SHIPPED"
    );
    let (name, phone, full) = if shown {
        let full = format!("{}, {}, {}", buyer.address, buyer.city, buyer.province);
        (buyer.name.clone(), buyer.phone.clone(), full)
    } else {
        let last = buyer.phone.get(buyer.phone.len().saturating_sub(2)..).unwrap_or_default();
        (masked(&buyer.name), format!("******{last}"), masked(&buyer.address))
    };
    json!({
        "name": name, "phone": phone, "town": "", "district": buyer.district, "city": buyer.city,
        "state": buyer.province, "region": "ID", "zipcode": buyer.postal_code,
        "full_address": full,
    })
}

fn item(side: &Side, order: &Order, line: &Line) -> Value {
    let named = side.named(line.product_id);
    let (item_sku, model_sku) =
        if named.model_id == 0 { (line.sku.as_str(), "") } else { ("", line.sku.as_str()) };
    let cancelled = if order.status() == "CANCELLED" { 0 } else { line.quantity_reject };
    json!({
        "item_id": named.item_id, "item_name": line.name, "item_sku": item_sku,
        "model_id": named.model_id, "model_name": named.model_name, "model_sku": model_sku,
        "model_quantity_purchased": line.quantity, "model_original_price": line.price,
        "model_discounted_price": line.price, "weight": 0, "wholesale": false,
        "order_item_id": named.item_id, "promotion_group_id": 0,
        "image_info": {"image_url": ""}, "product_location_id": ["IDZ"],
        "active_qty": line.quantity - cancelled, "cancelled_qty": cancelled,
    })
}

/// What is in a parcel.
fn contents(side: &Side, order: &Order, parcel: &Parcel) -> Vec<Value> {
    let mine = order.lines.iter().filter(|line| parcel.lines.contains(&line.id));
    let one = |line: &Line| {
        let named = side.named(line.product_id);
        json!({
            "item_id": named.item_id, "model_id": named.model_id,
            "model_quantity": line.quantity_deliver(), "order_item_id": named.item_id,
            "promotion_group_id": 0, "product_location_id": "IDZ",
        })
    };
    mine.map(one).collect()
}

/// The order; of what is optional, what was asked for.
pub(super) fn order(side: &Side, order: &Order, fields: &[&str]) -> Value {
    let nothing = Extra::default();
    let extra = side.extras.get(&order.id).unwrap_or(&nothing);
    let moment = |at_us: Option<i64>| at_us.map_or(Value::Null, |at_us| json!(second(at_us)));
    let note = order.lines.iter().map(|line| line.note.as_str()).find(|note| !note.is_empty());
    let cancelled = order.status() == "CANCELLED";
    let by_buyer = order.status() == "IN_CANCEL" || extra.cancel_by == "buyer";
    let mut shown = json!({
        "order_sn": order.id, "region": "ID", "currency": "IDR", "cod": false,
        "order_status": order.status(), "message_to_seller": note.unwrap_or_default(),
        "create_time": second(order.created_us), "update_time": second(order.updated_us),
        "days_to_ship": 2, "booking_sn": "", "advance_package": false,
        "ship_by_date": order.paid_us.map_or(0, |paid_us| second(paid_us) + 2 * 86_400),
        "split_up": extra.parcels.len() > 1,
    });
    let parcels = extra.parcels.iter().map(|parcel| {
        json!({
            "package_number": parcel.number, "logistics_status": parcel.status,
            "logistics_channel_id": 8003, "shipping_carrier": order.carrier,
            "allow_self_design_awb": false, "item_list": contents(side, order, parcel),
        })
    });
    let optional = [
        ("buyer_user_id", json!(order.buyer.id)),
        ("buyer_username", json!(format!("pembeli{}", order.buyer.id % 1_000))),
        ("estimated_shipping_fee", json!(order.shipping_cost)),
        ("actual_shipping_fee", json!(0)),
        ("actual_shipping_fee_confirmed", json!(false)),
        ("recipient_address", address(order)),
        ("item_list", order.lines.iter().map(|line| item(side, order, line)).collect()),
        ("package_list", parcels.collect()),
        ("pay_time", moment(order.paid_us)),
        ("pickup_done_time", extra.collected_us.map_or(json!(0), |at_us| json!(second(at_us)))),
        ("cancel_by", json!(if cancelled { extra.cancel_by } else { "" })),
        ("cancel_reason", json!(if cancelled { extra.cancel_reason.as_str() } else { "" })),
        ("buyer_cancel_reason", json!(if by_buyer { extra.cancel_reason.as_str() } else { "" })),
        (
            "fulfillment_flag",
            json!(if order.fulfilled_by_channel {
                "fulfilled_by_shopee"
            } else {
                "fulfilled_by_local_seller"
            }),
        ),
        ("shipping_carrier", json!(order.carrier)),
        ("checkout_shipping_carrier", json!(order.carrier_service)),
        ("payment_method", json!("ShopeePay")),
        ("total_amount", json!(order.total())),
    ];
    for (name, value) in optional.into_iter().filter(|(name, _)| fields.contains(name)) {
        shown[name] = value;
    }
    shown
}

/// A parcel's own details.
pub(super) fn parcel(side: &Side, order: &Order, number: &str, now_us: i64) -> Option<Value> {
    let extra = side.extras.get(&order.id)?;
    let parcel = extra.parcels.iter().find(|parcel| parcel.number == number)?;
    let told = now_us >= parcel.awb_from_us;
    let changed_us =
        if told { parcel.updated_us.max(parcel.awb_from_us) } else { parcel.updated_us };
    Some(json!({
        "order_sn": order.id, "package_number": parcel.number,
        "fulfillment_status": parcel.status, "update_time": second(changed_us),
        "logistics_channel_id": 8003, "shipping_carrier": order.carrier,
        "tracking_number": if told { parcel.awb.as_str() } else { "" },
        "pickup_done_time": parcel.collected_us.map_or(0, second),
        "is_split_up": extra.parcels.len() > 1, "is_shipment_arranged": !parcel.awb.is_empty(),
        "item_list": contents(side, order, parcel),
    }))
}
