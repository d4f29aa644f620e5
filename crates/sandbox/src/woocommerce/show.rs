//! An order as every answer and every webhook shows it.

use serde_json::{Value, json};

use super::books::{Extra, Site};
use super::pages::{gmt, local};
use crate::books::{Line, Order};

/// An amount as the shop writes it: two decimals, also of rupiah.
pub(super) fn money(amount: i64) -> String {
    format!("{amount}.00")
}

fn moment(at_us: Option<i64>, write: fn(i64) -> String) -> Value {
    at_us.map_or(Value::Null, |at_us| Value::from(write(at_us)))
}

/// The order, as `GET /orders/{id}` gives it.
pub(super) fn order(site: &Site, order: &Order) -> Value {
    let nothing = Extra::default();
    let extra = site.extras.get(&order.id).unwrap_or(&nothing);
    let note = order.lines.iter().map(|line| line.note.as_str()).find(|note| !note.is_empty());
    let (first, last) = order.buyer.name.split_once(' ').unwrap_or((&order.buyer.name, ""));
    let place = |email: bool| {
        let mut place = json!({
            "first_name": first, "last_name": last, "company": "", "address_1": order.buyer.address,
            "address_2": "", "city": order.buyer.city, "state": "JK",
            "postcode": order.buyer.postal_code, "country": "ID",
            "phone": if email { order.buyer.phone.as_str() } else { "" },
        });
        if email {
            place["email"] = Value::from(order.buyer.email.as_str());
        }
        place
    };
    let refunds = extra.refunds.iter().map(
        |refund| json!({"id": refund.id, "reason": refund.reason, "total": money(-refund.amount)}),
    );
    let meta =
        extra.meta.iter().map(|(id, key, value)| json!({"id": id, "key": key, "value": value}));
    let by_transfer = order.number % 2 == 0;
    let (method, title) =
        if by_transfer { ("bacs", "Transfer bank") } else { ("contoh_pay", "Pembayaran Contoh") };
    let mut shown = json!({
        "id": order.number, "parent_id": 0, "number": order.number.to_string(),
        "order_key": format!("wc_order_contoh{}", order.number), "created_via": "checkout",
        "version": "10.0.2", "status": order.status(), "currency": "IDR", "currency_symbol": "Rp",
        "customer_id": 0, "customer_ip_address": "192.0.2.1", "customer_user_agent": "",
        "customer_note": note.unwrap_or_default(), "billing": place(true), "shipping": place(false),
        "payment_method": method, "payment_method_title": title, "transaction_id": "",
        "cart_hash": "", "meta_data": meta.collect::<Vec<_>>(),
        "line_items": order.lines.iter().map(|one| line(site, one)).collect::<Vec<_>>(),
        "tax_lines": [], "fee_lines": [], "coupon_lines": [],
        "refunds": refunds.collect::<Vec<_>>(),
        "needs_payment": order.paid_us.is_none(), "is_editable": false,
    });
    let more = json!({
        "date_created": local(order.created_us), "date_created_gmt": gmt(order.created_us),
        "date_modified": local(order.updated_us), "date_modified_gmt": gmt(order.updated_us),
        "date_paid": moment(order.paid_us, local), "date_paid_gmt": moment(order.paid_us, gmt),
        "date_completed": moment(extra.completed_us, local),
        "date_completed_gmt": moment(extra.completed_us, gmt),
        "discount_total": "0.00", "discount_tax": "0.00",
        "shipping_total": money(order.shipping_cost), "shipping_tax": "0.00", "cart_tax": "0.00",
        "total": money(order.total()), "total_tax": "0.00", "prices_include_tax": false,
        "shipping_lines": [{
            "id": order.number * 10 + 9, "method_title": order.carrier, "method_id": "flat_rate",
            "total": money(order.shipping_cost), "total_tax": "0.00", "taxes": [], "meta_data": [],
        }],
    });
    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
        shown.extend(more);
    }
    shown
}

fn line(site: &Site, line: &Line) -> Value {
    let ware = site.wares.get(&line.product_id);
    let parent = ware.and_then(|ware| ware.parent);
    let (product, variation) = match parent {
        Some(parent) => (parent, line.product_id),
        None => (line.product_id, 0),
    };
    let option = ware.map_or("", |ware| ware.option);
    let name =
        if option.is_empty() { line.name.clone() } else { format!("{} - {option}", line.name) };
    json!({
        "id": line.id, "name": name, "product_id": product, "variation_id": variation,
        "quantity": line.quantity, "tax_class": "", "subtotal": money(line.price * line.quantity),
        "subtotal_tax": "0.00", "total": money(line.price * line.quantity), "total_tax": "0.00",
        "taxes": [], "meta_data": [], "sku": line.sku, "price": line.price,
        "image": {"id": "", "src": ""}, "parent_name": if option.is_empty() { Value::Null } else { json!(line.name) },
    })
}
