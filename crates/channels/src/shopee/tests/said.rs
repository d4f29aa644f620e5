//! What messages say.

use dermaga_channel::{
    Channel, Credentials, Heard, HeardFact, Message, Refetch, ShopNamed, Webhook,
};
use dermaga_domain::order::CLOSED;
use dermaga_domain::term::{About, Actor};
use dermaga_domain::time::Time;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::shopee::Shopee;

/// The order of the API's documentation, with values of our own.
fn order() -> Value {
    json!({
        "order_sn": "260105DEMO0001", "region": "ID", "currency": "IDR", "cod": false,
        "total_amount": 215000, "order_status": "PROCESSED", "shipping_carrier": "Reguler (Cashless)",
        "message_to_seller": "", "create_time": 1_767_600_000, "update_time": 1_767_600_400,
        "ship_by_date": 1_767_859_600, "pay_time": 1_767_600_300, "estimated_shipping_fee": 15000.0,
        "recipient_address": {"name": "B****i", "phone": "******12", "district": "Tebet",
            "city": "Jakarta Selatan", "state": "DKI Jakarta", "zipcode": "12810",
            "full_address": "Jl. Contoh 1"},
        "item_list": [{"item_id": 5_000_001, "item_name": "Kaos Demo", "item_sku": "",
            "model_id": 9_000_001, "model_name": "Hitam,L", "model_sku": "KD-BLK-L",
            "model_quantity_purchased": 2, "model_original_price": 100000,
            "model_discounted_price": 95000, "order_item_id": 5_000_001, "promotion_group_id": 0,
            "product_location_id": ["IDZ"]}],
        "package_list": [{"package_number": "OFG100000000000001",
            "logistics_status": "LOGISTICS_REQUEST_CREATED", "shipping_carrier": "Reguler (Cashless)",
            "item_list": [{"item_id": 5_000_001, "model_id": 9_000_001, "model_quantity": 2,
                           "order_item_id": 5_000_001}]}],
        "cancel_by": "", "cancel_reason": "",
    })
}

fn parcel(fields: &[(&str, Value)]) -> Value {
    let mut parcel = json!({"order_sn": "260105DEMO0001", "package_number": "OFG100000000000001",
                            "tracking_number": "JX0000000001", "update_time": 1_767_600_500});
    for (name, value) in fields {
        parcel[*name] = value.clone();
    }
    parcel
}

fn heard(order: &Value, parcels: &[Value]) -> Heard {
    let body = json!({"order": order, "packages": parcels}).to_string();
    let message = Message {
        kind: "order",
        body: body.as_bytes(),
        fetched: true,
        channel_shop_id: Some("14701711"),
    };
    let mut said = Shopee.interpret(&message, &Credentials::default()).unwrap();
    assert_eq!((said.orders.len(), said.unread.len()), (1, 0));
    said.orders.remove(0)
}

fn facts(heard: &Heard) -> Vec<(&str, Option<i64>)> {
    heard.facts.iter().map(|it| (it.status.as_str(), it.at.map(Time::as_seconds))).collect()
}

/// The order with other values, and what it says.
fn with(fields: &[(&str, Value)], parcels: &[Value]) -> Heard {
    let mut order = order();
    for (name, value) in fields {
        order[*name] = value.clone();
    }
    heard(&order, parcels)
}

fn logistics(status: &str) -> (&'static str, Value) {
    let mut list = order()["package_list"].clone();
    list[0]["logistics_status"] = json!(status);
    ("package_list", list)
}

#[test]
fn the_documented_order_is_read_whole() {
    let said = heard(&order(), &[parcel(&[])]);
    assert_eq!((&*said.channel_order_id, said.refetch), ("260105DEMO0001", Refetch::Never));
    let line = &said.snapshot.lines.as_ref().unwrap().content[0];
    assert_eq!((&*line.channel_product_id, &*line.channel_sku), ("5000001-9000001", "KD-BLK-L"));
    assert_eq!((line.quantity, line.cancelled, line.unit_price), (2, 0, 95_000));
    let money = said.snapshot.money.as_ref().unwrap().content;
    assert_eq!((money.goods, money.shipping, money.fees), (190_000, 15_000, 10_000));
    assert_eq!((money.discount, money.total), (0, 215_000));
    let package = &said.snapshot.packages[0].content;
    assert_eq!(
        (&*package.key.0, package.awb.as_deref()),
        ("OFG100000000000001", Some("JX0000000001"))
    );
    assert_eq!(package.lines, [(line.key.clone(), 2)]);
    let changed = said.snapshot.packages[0].stamp.updated_at.map(Time::as_seconds);
    assert_eq!(changed, Some(1_767_600_500), "its own last change");
    let buyer = said.snapshot.buyer.as_ref().unwrap();
    assert!(!buyer.stamp.full, "masked");
    let head = &said.snapshot.head.as_ref().unwrap().content;
    assert_eq!(head.ship_by.map(Time::as_seconds), Some(1_767_859_600));
    let wanted = [("PROCESSED", Some(1_767_600_400)), ("READY_TO_SHIP", Some(1_767_600_300))];
    assert_eq!(facts(&said), wanted);
    assert!(heard(&order(), &[]).snapshot.packages[0].content.awb.is_none());
}

#[test]
fn what_is_paid_less_is_a_discount() {
    let said = with(&[("total_amount", json!(200000))], &[]);
    let money = said.snapshot.money.unwrap().content;
    assert_eq!((money.fees, money.discount, money.total), (0, 5_000, 200_000));
}

#[test]
fn both_axes_become_the_flows_own_statuses() {
    let at = 1_767_600_400;
    let paid = ("READY_TO_SHIP", Some(1_767_600_300));
    let collected = || parcel(&[("pickup_done_time", json!(1_767_600_450))]);
    // The parcel is ahead of the order, with its own time, or without.
    let said = with(&[logistics("LOGISTICS_PICKUP_DONE")], &[collected()]);
    assert_eq!(facts(&said), [("PROCESSED", Some(at)), paid, ("SHIPPED", Some(1_767_600_450))]);
    let said = with(&[logistics("LOGISTICS_PICKUP_DONE")], &[]);
    assert_eq!(facts(&said), [("PROCESSED", Some(at)), paid, ("SHIPPED", None)]);
    // The order's own time goes before.
    let shipped = [
        ("order_status", json!("SHIPPED")),
        ("pickup_done_time", json!(1_767_600_390)),
        logistics("LOGISTICS_DELIVERY_DONE"),
    ];
    let said = with(&shipped, &[collected()]);
    let delivered = ("TO_CONFIRM_RECEIVE", Some(1_767_600_500));
    assert_eq!(facts(&said), [("SHIPPED", Some(at)), paid, delivered]);
    // Cancelled after the courier had it: the goods are gone all the same.
    let lost = [
        ("order_status", json!("CANCELLED")),
        ("cancel_by", json!("system")),
        logistics("LOGISTICS_LOST"),
    ];
    let said = with(&lost, &[collected()]);
    assert_eq!(facts(&said), [("CANCELLED", Some(at)), paid, ("SHIPPED", Some(1_767_600_450))]);
    assert_eq!(said.facts[0].actor, Some(Actor::System));
    // One that is not arranged or has failed says nothing.
    for status in ["LOGISTICS_READY", "LOGISTICS_PICKUP_FAILED", "LOGISTICS_REQUEST_CANCELED"] {
        let said = with(&[logistics(status)], &[collected()]);
        assert_eq!(facts(&said), [("PROCESSED", Some(at)), paid], "{status}");
    }
    // Paid at the door.
    let said = with(&[("cod", json!(true))], &[]);
    assert_eq!(facts(&said), [("PROCESSED", Some(at))]);
}

#[test]
fn a_cancellation_has_who_and_why_and_leaves_the_lines() {
    let cancelled = [
        ("order_status", json!("CANCELLED")),
        ("cancel_by", json!("buyer")),
        ("cancel_reason", json!("Berubah pikiran")),
    ];
    let said = with(&cancelled, &[]);
    let HeardFact { actor, reason, .. } = &said.facts[0];
    assert_eq!((*actor, reason.as_deref()), (Some(Actor::Buyer), Some("Berubah pikiran")));
    assert_eq!(said.snapshot.lines.unwrap().content[0].cancelled, 0);
    let asked = with(&[("order_status", json!("IN_CANCEL"))], &[]);
    assert!(asked.snapshot.head.unwrap().content.cancel_requested);
    assert!(!heard(&order(), &[]).snapshot.head.unwrap().content.cancel_requested);
    let mut fewer = order();
    fewer["item_list"][0]["cancelled_qty"] = json!(1);
    assert_eq!(heard(&fewer, &[]).snapshot.lines.unwrap().content[0].cancelled, 1);
}

fn pushed(body: &Value) -> (ShopNamed, Vec<Heard>) {
    let text = body.to_string();
    let headers = HeaderMap::new();
    let webhook = Webhook { kind: "push", headers: &headers, body: text.as_bytes() };
    let message =
        Message { kind: "push", body: text.as_bytes(), fetched: false, channel_shop_id: None };
    let said = Shopee.interpret(&message, &Credentials::default()).unwrap();
    (Shopee.shop_named(&webhook), said.orders)
}

#[test]
fn a_push_names_its_shop_and_asks_for_the_order() {
    let status = json!({"data": {"items": [], "ordersn": "220810QSK8S7BX", "status": "PROCESSED",
        "completed_scenario": "", "update_time": 1_660_123_127},
        "shop_id": 727_720_655, "code": 3, "timestamp": 1_660_123_127});
    let (shop, heard) = pushed(&status);
    assert_eq!(shop, ShopNamed::Shop("727720655".to_owned()));
    assert_eq!(
        (&*heard[0].channel_order_id, heard[0].refetch),
        ("220810QSK8S7BX", Refetch::Always)
    );
    assert_eq!(facts(&heard[0]), [("PROCESSED", Some(1_660_123_127))]);
    // Both names of the order are met; these say nothing but "look at it".
    for (code, name) in [(4, "ordersn"), (15, "order_sn"), (30, "ordersn"), (47, "order_sn")] {
        let mut body = json!({"data": {"package_number": "OFG1"}, "shop_id": 7, "code": code});
        body["data"][name] = json!("220810QSK8S7BX");
        let (_, heard) = pushed(&body);
        assert_eq!((heard.len(), heard[0].facts.len()), (1, 0), "{code}");
        assert_eq!(heard[0].channel_shop_id.as_deref(), Some("7"));
    }
    let (shop, heard) =
        pushed(&json!({"data": {"shop_expire_soon": [7], "expire_before": 1}, "code": 12}));
    assert_eq!((shop, heard.len()), (ShopNamed::Nobody, 0), "it is about the app");
    let message = Message {
        kind: "push",
        body: b"{\"code\":3,\"data\":{}}",
        fetched: false,
        channel_shop_id: None,
    };
    assert_eq!(Shopee.interpret(&message, &Credentials::default()).unwrap().orders.len(), 0);
    let webhook = Webhook { kind: "push", headers: &HeaderMap::new(), body: b"no" };
    assert_eq!(Shopee.shop_named(&webhook), ShopNamed::Malformed);
}

#[test]
fn a_return_opens_and_comes_to_nothing() {
    let push = |new: &str| {
        let body = json!({"code": 29, "shop_id": 7, "data": {"order_sn": "A1", "return_sn": "R1",
            "updated_values": [{"update_field": "status", "old_value": "REQUESTED",
                                "new_value": new, "update_time": 500}]}});
        pushed(&body).1.remove(0).facts
    };
    let said = |facts: &[HeardFact]| {
        let one = |it: &HeardFact| {
            assert_eq!((it.about, it.reference.as_deref()), (About::Return, Some("R1")));
            (it.status.as_str().to_owned(), it.at.map(Time::as_seconds))
        };
        facts.iter().map(one).collect::<Vec<_>>()
    };
    let open = |at| ("open".to_owned(), at);
    assert_eq!(said(&push("ACCEPTED")), [open(None)]);
    assert_eq!(said(&push("CANCELLED")), [open(None), (CLOSED.to_owned(), Some(500))]);

    let rows = json!([
        {"return_sn": "R1", "order_sn": "A1", "status": "PROCESSING", "reason": "ITEM_DAMAGED",
         "create_time": 400, "update_time": 450},
        {"return_sn": "R1", "order_sn": "A1", "status": "CLOSED", "create_time": 400, "update_time": 460},
        {"order_sn": "A1"},
    ])
    .to_string();
    let message = Message {
        kind: "returns",
        body: rows.as_bytes(),
        fetched: true,
        channel_shop_id: Some("14701711"),
    };
    let told = Shopee.interpret(&message, &Credentials::default()).unwrap();
    assert_eq!(told.unread.len(), 1);
    assert_eq!(said(&told.orders[0].facts), [open(Some(400))]);
    assert_eq!(said(&told.orders[1].facts), [open(Some(400)), (CLOSED.to_owned(), Some(460))]);
    assert_eq!(told.orders[0].facts[0].reason.as_deref(), Some("ITEM_DAMAGED"));
}
