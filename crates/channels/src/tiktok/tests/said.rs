//! What messages say.

use dermaga_channel::{Channel, Credentials, Heard, HeardFact, Interpretation, Message, Refetch};
use dermaga_domain::flow::{Effect, FlowFile, Preset};
use dermaga_domain::order::CLOSED;
use dermaga_domain::term::{About, Actor, Mode};
use dermaga_domain::time::Time;
use serde_json::{Value, json};

use crate::tiktok::TikTok;

fn said(kind: &str, body: &Value, fetched: bool) -> Interpretation {
    let body = body.to_string();
    let shop = fetched.then_some("7495");
    let message = Message { kind, body: body.as_bytes(), fetched, channel_shop_id: shop };
    TikTok.interpret(&message, &Credentials::default()).unwrap()
}

fn one(kind: &str, body: &Value, fetched: bool) -> Heard {
    let mut said = said(kind, body, fetched);
    assert_eq!((said.orders.len(), said.unread.len()), (1, 0), "{said:?}");
    said.orders.remove(0)
}

fn statuses(heard: &Heard) -> Vec<(&str, Option<i64>)> {
    let one = |fact: &'_ HeardFact| fact.at.map(Time::as_seconds);
    heard.facts.iter().map(|fact| (fact.status.as_str(), one(fact))).collect()
}

/// Two units of a SKU in a parcel, waiting to be shipped.
fn order() -> Value {
    let row = |id: &str| {
        json!({
            "id": id, "product_id": "1729", "sku_id": "17291", "seller_sku": "KAOS-M",
            "product_name": "Kaos", "sku_name": "M", "original_price": "80000",
            "sale_price": "75000", "platform_discount": "5000", "currency": "IDR",
            "display_status": "AWAITING_SHIPMENT", "package_id": "1152",
            "package_status": "TO_FULFILL",
        })
    };
    json!({
        "id": "5801", "status": "AWAITING_SHIPMENT", "commerce_platform": "TOKOPEDIA",
        "create_time": 1_760_000_000, "paid_time": 1_760_000_100, "update_time": 1_760_003_700,
        "rts_sla_time": 1_760_176_500, "warehouse_id": "6955", "is_cod": false,
        "is_buyer_request_cancel": false, "shipping_provider": "J&T Express",
        "delivery_option_name": "Standard Shipping", "tracking_number": "",
        "packages": [{"id": "1152"}], "line_items": [row("577"), row("578")],
        "payment": {"currency": "IDR", "original_total_product_price": "160000",
                    "platform_discount": "10000", "original_shipping_fee": "10000",
                    "total_amount": "160000"},
        "recipient_address": {
            "name": "S*** C***", "phone_number": "(+62)812*****01", "full_address": "Jl. Contoh 1",
            "postal_code": "12345", "district_info": [
                {"address_level": "L0", "address_name": "Indonesia"},
                {"address_level": "L1", "address_name": "DKI Jakarta"},
                {"address_level": "L2", "address_name": "Jakarta Selatan"},
                {"address_level": "L3", "address_name": "Jagakarsa"}]},
    })
}

fn detail(order: &Value, cancellations: &Value) -> Heard {
    one("order", &json!({"order": order, "cancellations": cancellations}), true)
}

#[test]
fn rows_of_one_unit_are_a_line_and_the_money_adds_up() {
    let heard = detail(&order(), &json!([]));
    let lines = heard.snapshot.lines.as_ref().unwrap();
    let [line] = lines.content.as_slice() else { panic!("{lines:?}") };
    assert_eq!((line.quantity, line.cancelled, line.unit_price), (2, 0, 80_000));
    assert_eq!((&*line.channel_product_id, &*line.channel_sku), ("1729-17291", "KAOS-M"));
    let money = heard.snapshot.money.as_ref().unwrap().content;
    assert_eq!((money.goods, money.discount, money.total), (160_000, 10_000, 160_000));
    let [parcel] = heard.snapshot.packages.as_slice() else { panic!("no parcel") };
    assert_eq!((&*parcel.content.key.0, parcel.content.awb.as_deref()), ("1152", None));
    assert_eq!(parcel.content.lines, [(line.key.clone(), 2)]);
    let head = &heard.snapshot.head.as_ref().unwrap().content;
    assert_eq!(head.ship_by, Some(Time::from_seconds(1_760_176_500)));
    assert_eq!(heard.refetch, Refetch::Never);
    // The same line in a list.
    let listed = one("orders", &json!([order()]), true);
    assert_eq!(listed.snapshot, heard.snapshot);
}

#[test]
fn an_order_is_told_by_which_name_it_was_sold_under() {
    let name = |word: &Value| {
        let mut order = order();
        order["commerce_platform"] = word.clone();
        let seen = detail(&order, &json!([])).snapshot.sub_platform;
        seen.map(|part| (part.content.to_string(), part.stamp.full, part.stamp.updated_at))
    };
    let changed = Some(Time::from_seconds(1_760_003_700));
    let known = |key: &str| Some((key.to_owned(), true, changed));
    assert_eq!(name(&json!("TOKOPEDIA")), known("tokopedia"));
    assert_eq!(name(&json!("TIKTOK_SHOP")), known("tiktok_shop"));
    // A third one is kept as it is written; where none is told, none is made up.
    assert_eq!(name(&json!("SHOP_OF_TOMORROW")), known("SHOP_OF_TOMORROW"));
    for none in [json!(""), json!(" "), Value::Null] {
        assert_eq!(name(&none), None, "{none}");
    }
    let mut silent = order();
    silent.as_object_mut().unwrap().remove("commerce_platform");
    assert_eq!(detail(&silent, &json!([])).snapshot.sub_platform, None);
    // What is told has a name to be shown by.
    let shown = super::super::capabilities::CAPABILITIES.sub_platforms;
    let shown: Vec<_> = shown.iter().map(|known| (known.key, known.name)).collect();
    assert_eq!(shown, [("tiktok_shop", "TikTok Shop"), ("tokopedia", "Tokopedia")]);
}

#[test]
fn masked_buyers_are_not_full_and_shown_ones_are() {
    let buyer = detail(&order(), &json!([])).snapshot.buyer.unwrap();
    assert!(!buyer.stamp.full);
    assert_eq!(
        (&*buyer.content.province, &*buyer.content.city),
        ("DKI Jakarta", "Jakarta Selatan")
    );
    let mut shown = order();
    shown["recipient_address"]["name"] = json!("Sari Contoh");
    assert!(!detail(&shown, &json!([])).snapshot.buyer.unwrap().stamp.full);
    shown["recipient_address"]["phone_number"] = json!("6281200000001");
    assert!(detail(&shown, &json!([])).snapshot.buyer.unwrap().stamp.full);
    let mut held = order();
    held["status"] = json!("ON_HOLD");
    held["recipient_address"] = Value::Null;
    assert!(!detail(&held, &json!([])).snapshot.buyer.unwrap().stamp.full);
}

#[test]
fn the_moments_of_an_order_are_statuses_as_far_as_it_has_come() {
    let mut order = order();
    assert_eq!(
        statuses(&detail(&order, &json!([]))),
        [("AWAITING_SHIPMENT", Some(1_760_003_700)), ("ON_HOLD", Some(1_760_000_100))]
    );
    order["rts_time"] = json!(1_760_003_000);
    order["collection_time"] = json!(1_760_003_500);
    order["status"] = json!("PARTIALLY_SHIPPING");
    let told = detail(&order, &json!([]));
    let paid = ("ON_HOLD", Some(1_760_000_100));
    assert_eq!(statuses(&told), [("PARTIALLY_SHIPPING", Some(1_760_003_700)), paid]);
    order["status"] = json!("IN_TRANSIT");
    let arranged = ("AWAITING_COLLECTION", Some(1_760_003_000));
    let told = detail(&order, &json!([]));
    assert_eq!(statuses(&told), [("IN_TRANSIT", Some(1_760_003_500)), paid, arranged]);
    // One that was lost on the way had left.
    order["status"] = json!("CANCELLED");
    order["cancel_time"] = json!(1_760_003_600);
    order["cancellation_initiator"] = json!("SYSTEM");
    order["cancel_reason"] = json!("package_lost");
    let told = detail(&order, &json!([]));
    let left = ("IN_TRANSIT", Some(1_760_003_500));
    let cancelled = ("CANCELLED", Some(1_760_003_600));
    assert_eq!(statuses(&told), [cancelled, paid, arranged, left]);
    let fact = &told.facts[0];
    assert_eq!((fact.actor, fact.reason.as_deref()), (Some(Actor::System), Some("package_lost")));
}

#[test]
fn a_cancelled_row_is_a_unit_less_and_a_cancelled_order_keeps_its_lines() {
    let mut part = order();
    part["line_items"][1]["display_status"] = json!("CANCELLED");
    let lines = detail(&part, &json!([])).snapshot.lines.unwrap().content;
    assert_eq!((lines[0].quantity, lines[0].cancelled), (2, 1));
    part["status"] = json!("CANCELLED");
    part["line_items"][0]["display_status"] = json!("CANCELLED");
    let lines = detail(&part, &json!([])).snapshot.lines.unwrap().content;
    assert_eq!((lines[0].quantity, lines[0].cancelled), (2, 0));
}

#[test]
fn a_request_to_cancel_is_open_until_it_is_answered() {
    let mut asked = order();
    asked["is_buyer_request_cancel"] = json!(true);
    let mut request = json!({
        "cancel_id": "403", "order_id": "5801", "cancel_type": "BUYER_CANCEL",
        "cancel_status": "CANCELLATION_REQUEST_PENDING", "cancel_reason_text": "Berubah pikiran",
        "create_time": 1_760_003_000, "update_time": 1_760_003_100,
    });
    let heard = detail(&asked, &json!([request]));
    assert!(heard.snapshot.head.unwrap().content.cancel_requested);
    let fact = heard.facts.last().unwrap();
    assert_eq!((fact.about, fact.status.as_str()), (About::CancelRequest, "open"));
    assert_eq!((fact.actor, fact.reference.as_deref()), (Some(Actor::Buyer), Some("403")));
    request["cancel_status"] = json!("CANCELLATION_REQUEST_CANCEL");
    let page = one("cancellations", &json!([request]), true);
    let wanted = [("open", Some(1_760_003_000)), (CLOSED, Some(1_760_003_100))];
    assert_eq!(statuses(&page), wanted);
    request["cancel_type"] = json!("CANCEL");
    assert!(said("cancellations", &json!([request]), true).orders.is_empty(), "asks nobody");
    // A list that shows a request asks for the details, once.
    assert_eq!(one("orders", &json!([asked]), true).refetch, Refetch::IfNews);
}

#[test]
fn returns_are_open_until_they_are_withdrawn_or_refused_for_good() {
    let at = |status: &str, arbitration: &str| {
        let row = json!({
            "return_id": "4035", "order_id": "5801", "return_status": status, "role": "BUYER",
            "arbitration_status": arbitration, "create_time": 1_760_000_001,
            "update_time": 1_760_000_002,
        });
        one("returns", &json!([row]), true).facts.len()
    };
    let cases = [
        ("RETURN_OR_REFUND_REQUEST_PENDING", "", 1),
        ("RETURN_OR_REFUND_REQUEST_SUCCESS", "", 1),
        ("RETURN_OR_REFUND_REQUEST_COMPLETE", "", 1),
        ("RETURN_OR_REFUND_REQUEST_CANCEL", "", 2),
        ("REFUND_OR_RETURN_REQUEST_REJECT", "", 2),
        ("REFUND_OR_RETURN_REQUEST_REJECT", "IN_PROGRESS", 1),
        ("REPLACEMENT_REQUEST_CANCEL", "", 2),
    ];
    for (status, arbitration, facts) in cases {
        assert_eq!(at(status, arbitration), facts, "{status} {arbitration}");
    }
}

fn push(kind: i64, data: &Value) -> Interpretation {
    let body = json!({
        "type": kind, "tts_notification_id": "738", "shop_id": "7495", "timestamp": 1_760_000_050,
        "data": data,
    });
    // The address is not gone by.
    said("ORDER_STATUS_CHANGE", &body, false)
}

#[test]
fn pushes_say_their_kind_in_the_body_and_ask_for_the_details() {
    let cancel =
        json!({"order_id": "5801", "order_status": "CANCEL", "update_time": 1_760_000_001});
    let told = push(1, &cancel);
    assert_eq!(statuses(&told.orders[0]), [("CANCELLED", Some(1_760_000_001))]);
    assert_eq!(told.orders[0].channel_shop_id.as_deref(), Some("7495"));
    assert_eq!(told.orders[0].refetch, Refetch::Always);
    let request = |role: &str, status: &str| {
        push(
            11,
            &json!({"order_id": "5801", "cancel_id": "403", "cancellations_role": role,
                         "cancel_status": status, "create_time": 1_760_000_001}),
        )
    };
    let open = request("BUYER", "CANCELLATION_REQUEST_PENDING");
    assert_eq!(statuses(&open.orders[0]), [("open", Some(1_760_000_001))]);
    let over = request("BUYER", "CANCELLATION_REQUEST_CANCELLED");
    assert_eq!(statuses(&over.orders[0])[1], (CLOSED, Some(1_760_000_050)));
    assert!(request("SELLER", "CANCELLATION_REQUEST_SUCCESS").orders[0].facts.is_empty());
    let parcels = push(
        4,
        &json!({"sc_type": "SPLIT", "package_list": [
        {"package_id": "1", "order_id_list": ["5802", "5801"]},
        {"package_id": "2", "order_id_list": ["5801"]}]}),
    );
    let ids: Vec<&str> = parcels.orders.iter().map(|it| &*it.channel_order_id).collect();
    assert_eq!(ids, ["5801", "5802"]);
    let returned = push(
        12,
        &json!({"order_id": "5801", "return_id": "4035", "return_role": "BUYER",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING", "create_time": 1_760_000_001}),
    );
    assert_eq!(returned.orders[0].facts[0].about, About::Return);
    assert!(push(27, &json!({"product_id": "1"})).orders.is_empty());
}

#[test]
fn completed_pays_only_when_it_was_asked_for_and_an_unpaid_order_is_nothing() {
    let file = FlowFile::parse("flow", TikTok.flow_file()).unwrap();
    let flow = file.flow(Preset::Classic);
    let ensured = |status: &str, mode| {
        let status = dermaga_domain::term::ChannelStatus::new(status);
        flow.ensured(About::Order, &status, None, mode).unwrap().ensures
    };
    for status in ["IN_TRANSIT", "DELIVERED", "COMPLETED"] {
        assert!(ensured(status, Mode::Realtime).has(Effect::Sent), "{status}");
        assert!(!ensured(status, Mode::Realtime).has(Effect::Paid), "{status}");
    }
    assert!(ensured("COMPLETED", Mode::Download).has(Effect::Paid));
    assert!(!ensured("UNPAID", Mode::Download).has(Effect::SalesOrder));
    assert!(ensured("ON_HOLD", Mode::Realtime).has(Effect::Invoice));
    for status in ["CANCELLED", "CANCEL"] {
        assert!(ensured(status, Mode::Realtime).has(Effect::Void), "{status}");
    }
}

#[test]
fn a_bad_row_does_not_hide_the_others() {
    let mut bad = order();
    bad["status"] = json!("");
    let told = said("orders", &json!([bad, {"x": 1}, order()]), true);
    assert_eq!((told.orders.len(), told.unread.len()), (2, 1));
    assert_eq!(told.orders[0].refetch, Refetch::Always, "it is fetched by its id");
}
