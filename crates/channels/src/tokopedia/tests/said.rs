//! What messages say.

use std::sync::Arc;

use dermaga_channel::{Channel, Credentials, Heard, HeardFact, Refetch, ShopNamed, Webhook};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{LineKey, Money, Parts};
use dermaga_domain::term::{About, Actor};
use dermaga_domain::time::Time;
use http::HeaderMap;

use super::{DETAIL, LIST, NOTIFICATION, STATUS, TICKETS, heard, interpret, interpret_with};
use crate::tokopedia::Tokopedia;

/// 2026-11-20T09:30:58.061156 by the clock of Jakarta.
const PAID_AT: Time = Time(1_795_141_858_061_156);

fn status(fact: &HeardFact) -> (&str, Option<Time>, Option<Actor>) {
    (fact.status.as_str(), fact.at, fact.actor)
}

fn quantities(heard: &Heard) -> Vec<(&str, i64, i64, i64)> {
    let lines = &heard.snapshot.lines.as_ref().unwrap().content;
    lines.iter().map(|l| (&*l.key.0, l.quantity, l.cancelled, l.unit_price)).collect()
}

#[test]
fn a_notification_says_the_whole_order() {
    let heard = heard("order_notification", NOTIFICATION);
    assert_eq!(heard.channel_shop_id.as_deref(), Some("480001"));
    assert_eq!(heard.channel_order_id, "900100200");
    assert_eq!(heard.refetch, Refetch::Always);
    assert_eq!(heard.facts.iter().map(status).collect::<Vec<_>>(), [("220", None, None)]);
    assert_eq!(quantities(&heard), [("15250001", 2, 0, 55_000), ("15250002", 1, 0, 20_000)]);
    let money = heard.snapshot.money.unwrap();
    let wanted = Money {
        currency: Currency::IDR,
        goods: 130_000,
        shipping: 9_000,
        fees: 500,
        discount: 0,
        total: 139_500,
    };
    assert_eq!(money.content, wanted);
    assert_eq!((money.stamp.updated_at, money.stamp.fetched), (None, false));
    let head = heard.snapshot.head.unwrap().content;
    assert_eq!(head.channel_invoice.as_deref(), Some("INV/20261120/MPL/900100200"));
    assert_eq!(head.ordered_at, Some(Time::from_seconds(1_795_141_858)));
    assert_eq!(head.channel_warehouse.as_deref(), Some("341700"));
    let buyer = heard.snapshot.buyer.unwrap();
    assert!(buyer.stamp.full);
    assert_eq!(buyer.content.name, "Sari Contoh");
    assert_eq!(buyer.content.phone, "6281200000001");
    assert_eq!(buyer.content.address, "Jl. Contoh 1");
    assert_eq!(buyer.content.note, "giling halus");
}

#[test]
fn a_changed_status_is_a_fact_without_a_time() {
    for kind in ["order_status", "order_cancellation"] {
        let heard = heard(kind, STATUS);
        assert_eq!(heard.facts, [HeardFact::of_order("500", None)]);
        assert_eq!(heard.refetch, Refetch::Always);
        assert_eq!(quantities(&heard), [("15250001", 2, 0, 55_000), ("15250002", 1, 0, 20_000)]);
        assert_eq!(heard.snapshot.money, None);
    }
    let unknown = heard("order_status", r#"{"order_id":1,"order_status":"9999"}"#);
    assert_eq!(unknown.facts, [HeardFact::of_order("9999", None)]);
    assert_eq!(unknown.snapshot.lines, None);
    let bare = heard("order_cancellation", r#"{"order_id":1}"#);
    assert_eq!((bare.facts.len(), bare.refetch), (0, Refetch::Always));
    assert!(interpret("order_status", r#"{"order_id":1}"#).is_err());
}

#[test]
fn a_request_to_cancel_only_asks_to_look() {
    let heard = heard("order_request_cancellation", r#"{"order_id":"900100200"}"#);
    assert_eq!(heard.channel_shop_id, None);
    assert_eq!(heard.channel_order_id, "900100200");
    assert!(heard.facts.is_empty());
    assert_eq!(heard.refetch, Refetch::Always);
}

#[test]
fn a_page_of_the_list_stands_row_by_row() {
    let said = interpret("order_list", LIST).unwrap();
    let [first, damaged, last] = said.orders.as_slice() else { panic!("not three orders") };
    assert_eq!(first.facts, [HeardFact::of_order("400", None)]);
    assert_eq!(first.refetch, Refetch::IfNews);
    assert_eq!(quantities(first), [("15250001", 2, 1, 55_000), ("15250002", 1, 0, 20_000)]);
    let stamp = first.snapshot.lines.as_ref().unwrap().stamp;
    assert_eq!((stamp.updated_at, stamp.fetched), (None, true));
    assert!(first.snapshot.head.as_ref().unwrap().content.cash_on_delivery);
    let buyer = first.snapshot.buyer.as_ref().unwrap();
    assert!(!buyer.stamp.full, "a masked phone is not a phone");
    assert_eq!(buyer.content.note, "giling halus\ngiling kasar");

    // A row that cannot be read is fetched by its id, and does not stop the others.
    assert_eq!(damaged.channel_order_id, "900100201");
    assert_eq!((damaged.facts.len(), damaged.refetch), (0, Refetch::Always));
    assert_eq!(damaged.channel_shop_id.as_deref(), Some("480001"));
    assert_eq!(last.facts, [HeardFact::of_order("220", None)]);
    assert_eq!((&last.snapshot.lines, &last.snapshot.money), (&None, &None));
    assert_eq!(said.unread.len(), 1);
    assert!(said.unread[0].starts_with("row 2: "), "{}", said.unread[0]);
}

#[test]
fn details_say_every_status_with_its_time_and_actor() {
    let heard = heard("order_detail", DETAIL);
    let minute = 60_000_000;
    let facts: Vec<_> = heard.facts.iter().map(status).collect();
    let ten = Time(1_795_143_600_000_000);
    assert_eq!(
        facts,
        [
            ("500", Some(Time(ten.0 + 300 * minute + 500_000)), None),
            ("400", Some(ten), Some(Actor::Seller)),
            ("220", Some(PAID_AT), Some(Actor::System)),
            ("100", None, Some(Actor::Buyer)),
        ]
    );
    assert_eq!(heard.facts[1].reason.as_deref(), Some("dikemas hari ini"));
    assert_eq!(heard.refetch, Refetch::Never);
    assert_eq!(quantities(&heard), [("15250001", 2, 0, 55_000), ("15250002", 1, 1, 20_000)]);

    let changed_at = Some(Time(ten.0 + 300 * minute + 1_000_000));
    let head = heard.snapshot.head.unwrap();
    assert_eq!(head.stamp.updated_at, changed_at);
    assert_eq!(head.content.accept_by, Some(Time(1_795_366_799_000_000)));
    assert_eq!(head.content.ship_by, Some(Time(1_795_539_599_000_000)));
    assert_eq!(head.content.carrier.as_deref(), Some("JNE"));
    assert!(!head.content.cancel_requested && !head.content.cash_on_delivery);
    let money = heard.snapshot.money.unwrap().content;
    assert_eq!((money.goods, money.shipping, money.total), (110_000, 9_000, 119_000));
    let [package] = heard.snapshot.packages.as_slice() else { panic!("not one package") };
    assert_eq!(package.content.booking_code.as_deref(), Some("TKJN-DEMO9001"));
    assert_eq!(package.content.awb.as_deref(), Some("JNE000111222333"));
    assert_eq!(package.content.lines[0], (LineKey(Arc::from("15250001")), 2));
    assert!(heard.snapshot.buyer.unwrap().stamp.full);
}

#[test]
fn a_status_that_the_history_lacks_is_a_fact_without_a_time() {
    let body = r#"{"detail":{"order_id":1,"order_status":15,"order_info":{"order_detail":[],"order_history":null}}}"#;
    let heard = heard("order_detail", body);
    assert_eq!(heard.facts, [HeardFact::of_order("15", None)]);
    assert!(heard.snapshot.packages.is_empty() && heard.snapshot.money.is_none());
}

#[test]
fn an_open_request_to_cancel_is_on_the_head() {
    let asked = DETAIL.replace(
        "\"cancel_request_info\":null",
        r#""cancel_request_info":{"create_time":"2026-11-20T15:00:00Z","reason":"","status":0}"#,
    );
    let before = heard("order_detail", DETAIL);
    let after = heard("order_detail", &asked);
    assert!(after.snapshot.head.as_ref().unwrap().content.cancel_requested);
    // The order's own time has not changed, and still the request is the newer look.
    for looks in [[&before, &after], [&after, &before]] {
        let mut parts = Parts::default();
        for look in looks {
            parts.take(look.snapshot.clone());
        }
        assert!(parts.head.unwrap().content.cancel_requested);
    }
}

#[test]
fn a_booking_code_and_an_awb_never_erase_each_other() {
    let booked = DETAIL.replace("\"awb\":\"JNE000111222333\"", "\"awb\":\"\"");
    let neither = booked.replace("TKJN-DEMO9001", "");
    let looks = [DETAIL, &booked, &neither].map(|body| heard("order_detail", body).snapshot);
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let mut parts = Parts::default();
        for index in order {
            parts.take(looks[index].clone());
        }
        let package = &parts.packages[0].content;
        assert_eq!(package.booking_code.as_deref(), Some("TKJN-DEMO9001"));
        assert_eq!(package.awb.as_deref(), Some("JNE000111222333"));
    }
}

#[test]
fn details_win_over_lists_and_pushes_whatever_comes_last() {
    let detail = heard("order_detail", DETAIL);
    let push = heard("order_status", STATUS);
    let list = interpret("order_list", LIST).unwrap().orders.remove(0);
    for looks in [[&detail, &push, &list], [&list, &detail, &push], [&push, &list, &detail]] {
        let mut parts = Parts::default();
        for look in looks {
            parts.take(look.snapshot.clone());
        }
        assert_eq!(parts.lines, detail.snapshot.lines);
        assert_eq!(parts.money, detail.snapshot.money);
    }
}

#[test]
fn a_product_at_two_prices_keeps_both() {
    let body = r#"{"order_id":1,"order_status":400,"product_details":[
        {"id":7,"name":"a","quantity":1,"price":1000},{"id":7,"name":"a","quantity":2,"price":900},
        {"id":7,"name":"a","quantity":3,"price":1000}]}"#;
    let heard = heard("order_status", body);
    assert_eq!(quantities(&heard), [("7@1000", 4, 0, 1000), ("7@900", 2, 0, 900)]);
}

#[test]
fn tickets_are_facts_about_returns() {
    let said = interpret("tickets", TICKETS).unwrap();
    let [first, second] = said.orders.as_slice() else { panic!("not two orders") };
    let fact = &first.facts[0];
    assert_eq!((fact.about, fact.reference.as_deref()), (About::Return, Some("71")));
    assert_eq!(status(fact), ("open", Some(Time(1_795_230_000_000_000)), Some(Actor::Buyer)));
    assert_eq!(fact.reason.as_deref(), Some("Barang rusak"));
    assert_eq!(first.channel_order_id, "900100200");
    assert_eq!(first.facts.len(), 1, "a blank close date is none");
    assert_eq!(second.facts[0].at, Some(Time(1_795_194_000_000_000)));
    let closed = &second.facts[1];
    assert_eq!((closed.about, closed.reference.as_deref()), (About::Return, Some("73")));
    assert_eq!(status(closed), ("closed", Some(Time(1_795_402_800_000_000)), None));
    assert_eq!(said.unread.len(), 2);
    assert!(said.unread[0].contains("ticket 72"), "{:?}", said.unread);
    assert!(!said.unread[1].contains("Sari"), "{:?}", said.unread);
}

#[test]
fn sealed_buyers_open_with_the_apps_key_only() {
    let seal = include_str!("../fixtures/seal.json");
    let blank = NOTIFICATION.replace("Sari Contoh", "").replace("6281200000001", "\"\"");
    let blank = blank.replace("\"\"\"\"", "\"\"").replace("buyer@example.test", "");
    let body = blank.replacen('{', &format!("{{\"encryption\":{seal},"), 1);
    let buyer = |key: &str| {
        let credentials = Credentials::new([("private_key", key)]);
        let said = interpret_with("order_notification", &body, &credentials).unwrap();
        let [heard] = said.orders.try_into().unwrap();
        assert_eq!(heard.facts.len(), 1, "the order is the same without its buyer");
        heard.snapshot.buyer.unwrap()
    };
    let pkcs8 = include_str!("../fixtures/invented_key_pkcs8.pem");
    let pkcs1 = include_str!("../fixtures/invented_key_pkcs1.pem");
    for key in [pkcs8, pkcs1] {
        let opened = buyer(key);
        assert!(opened.stamp.full);
        assert_eq!(opened.content.name, "Sari Contoh");
        assert_eq!(opened.content.phone, "6281200000001");
        assert_eq!(opened.content.email, "buyer@example.test");
        assert_eq!(opened.content.city, "Kota Administrasi Jakarta Selatan");
    }
    for key in ["", "not a key"] {
        let masked = buyer(key);
        assert!(!masked.stamp.full && masked.content.name.is_empty());
    }
}

#[test]
fn the_shop_is_named_by_number_or_text() {
    let named = |body: &str| {
        let headers = HeaderMap::new();
        let webhook = Webhook { kind: "order_status", headers: &headers, body: body.as_bytes() };
        Tokopedia.shop_named(&webhook)
    };
    assert_eq!(named(r#"{"shop_id":480001}"#), ShopNamed::Shop("480001".to_owned()));
    assert_eq!(named(r#"{"shop_id":"480001"}"#), ShopNamed::Shop("480001".to_owned()));
    assert_eq!(named(r#"{"order_id":"900100200"}"#), ShopNamed::Nobody);
    assert_eq!(named(r#"{"shop_id":null}"#), ShopNamed::Nobody);
    assert_eq!(named(r#"{"shop_id":{}}"#), ShopNamed::Malformed);
    assert_eq!(named("[]"), ShopNamed::Malformed);
    assert_eq!(named("<html>"), ShopNamed::Malformed);
}

#[test]
fn what_cannot_be_understood_is_refused_without_repeating_it() {
    let cases = [
        ("order_status", r#"{"order_status":500,"note":"Sari"}"#, "lacks order_id"),
        ("order_status", r#"{"order_id":1,"order_status":["Sari"]}"#, "order_status"),
        (
            "order_notification",
            r#"{"order_id":1,"amt":{"ttl_product_price":"Sari","ttl_amount":1}}"#,
            "amt.ttl_product_price",
        ),
        ("order_detail", r#"{"detail":{"order_id":"Sari"}}"#, "detail.order_id"),
        ("order_detail", r#"{"detail":null}"#, "detail"),
        ("order_list", r#"{"Sari":1}"#, "order_list"),
        ("order_status", "[1,500]", "a list, not an object"),
        ("tickets", "", "cut short"),
        ("order_status", "Sari", "is not JSON"),
    ];
    for (kind, body, wanted) in cases {
        let error = interpret(kind, body).unwrap_err();
        assert_eq!(error.name(), "malformed", "{kind} {body}");
        let text = error.to_string();
        assert!(text.contains(wanted) && !text.contains("Sari"), "{text}");
    }
    // What is not asked for is skipped without a stack, however deep it goes.
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!(r#"{{"order_id":1,"order_status":500,"unknown":{deep}}}"#);
    assert_eq!(interpret("order_status", &nested).unwrap().orders.len(), 1);
    assert_eq!(interpret("chat_notification", "{}").unwrap_err().name(), "unsupported");
}
