//! What messages say.

use dermaga_channel::{Channel, Refetch, ShopNamed, Webhook};
use dermaga_domain::order::{CLOSED, PackageKey};
use dermaga_domain::term::{About, Actor};
use dermaga_domain::time::Time;
use http::HeaderMap;

use super::{ITEMS, ORDER, heard, interpret, looked};
use crate::lazada::Lazada;

#[test]
fn rows_of_one_listing_and_price_are_a_line_and_each_unit_has_its_status() {
    let heard = heard("order", &looked());
    assert_eq!(heard.channel_order_id, "330044550011");
    let lines = heard.snapshot.lines.unwrap().content;
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (&*line.key.0, &*line.name, line.quantity, line.unit_price, line.units.len()))
        .collect();
    assert_eq!(
        shown,
        [
            ("770011-990001@55000", "Kopi Gayo 250g", 2, 55_000, 2),
            ("770012-990002@55000", "Kemeja Contoh - M", 1, 55_000, 1),
        ]
    );
    let facts: Vec<_> = heard
        .facts
        .iter()
        .map(|fact| {
            let unit = fact.unit.as_ref().unwrap().0.to_string();
            (unit, fact.status.as_str().to_owned(), fact.actor, fact.reason.as_deref())
        })
        .collect();
    let unit = |n: &str| format!("3300445501{n}");
    assert_eq!(
        facts,
        [
            (unit("11"), "packed".to_owned(), None, None),
            (unit("12"), "canceled".to_owned(), Some(Actor::Buyer), Some("Berubah pikiran")),
            // A reason that may lead to a person is left out.
            (unit("13"), "canceled".to_owned(), Some(Actor::Seller), None),
        ]
    );
    assert_eq!(heard.facts[0].at, Some(Time::from_seconds(1_795_142_400)));
}

#[test]
fn money_head_parcel_and_masked_buyer_are_read() {
    let heard = heard("order", &looked());
    let money = heard.snapshot.money.unwrap().content;
    let amounts = (money.goods, money.shipping, money.discount, money.fees, money.total);
    assert_eq!(amounts, (165_000, 9_000, 5_000, 0, 169_000));
    let head = heard.snapshot.head.unwrap();
    assert_eq!(head.stamp.updated_at, Some(Time::from_seconds(1_795_142_400)), "the latest unit");
    let head = head.content;
    assert!(head.cash_on_delivery && head.cancel_requested);
    assert_eq!(head.ordered_at, Some(Time::from_seconds(1_795_141_416)));
    assert_eq!(head.ship_by, Some(Time::from_seconds(1_795_314_216)));
    assert_eq!(head.carrier.as_deref(), Some("LEX ID"));
    let [parcel] = &heard.snapshot.packages[..] else { panic!("not one parcel") };
    assert_eq!(parcel.content.key, PackageKey("FP0330044".into()));
    assert_eq!(parcel.content.awb.as_deref(), Some("LXID-DEMO-1"));
    assert_eq!(parcel.content.lines.len(), 1);
    assert_eq!(parcel.content.lines[0].1, 1);
    let buyer = heard.snapshot.buyer.unwrap();
    assert!(!buyer.stamp.full);
    assert_eq!((&*buyer.content.name, &*buyer.content.city), ("S***i", "Jakarta Selatan"));
}

#[test]
fn whoever_cancelled_is_known_by_the_channels_word_only() {
    let actor = |word: &str| {
        let items = ITEMS.replace("cancellation-customer", word);
        let heard = heard("order", &format!(r#"{{"order":{ORDER},"items":{items}}}"#));
        heard.facts[1].actor
    };
    let words = [
        ("cancellation-customer", Some(Actor::Buyer)),
        ("cancellation-seller", Some(Actor::Seller)),
        ("cancellation-internal", Some(Actor::System)),
        ("cancellation-failed Delivery", Some(Actor::System)),
        ("null-null", None),
        ("", None),
    ];
    for (word, wanted) in words {
        assert_eq!(actor(word), wanted, "{word}");
    }
}

#[test]
fn a_buyer_that_is_not_shown_at_all_stops_nothing() {
    for address in [r#""""#, "null", r#""***""#, "{}", r#"{"first_name":null}"#, "[]"] {
        let from = ORDER.find(r#"{"first_name""#).unwrap();
        let to = ORDER.find(r#""addressDsitrict":""}"#).unwrap() + r#""addressDsitrict":""}"#.len();
        let order = format!("{}{address}{}", &ORDER[..from], &ORDER[to..]);
        let heard = heard("order", &format!(r#"{{"order":{order},"items":{ITEMS}}}"#));
        assert!(!heard.snapshot.buyer.unwrap().stamp.full, "{address}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_looked_at_and_the_others_stand() {
    let other = ORDER.replace("330044550011", "330044550012");
    let rows = format!(
        r#"[{},{{"order":{other},"items":[]}},{{"order":{{"order_id":7,"price":"x"}},"items":{ITEMS}}},
           {{"order":{{"order_id":"?"}},"items":[]}}]"#,
        looked()
    );
    let said = interpret("orders", &rows).unwrap();
    let ids: Vec<(&str, Refetch)> =
        said.orders.iter().map(|it| (it.channel_order_id.as_str(), it.refetch)).collect();
    let again = Refetch::Always;
    let wanted = [("330044550011", Refetch::Never), ("330044550012", again), ("7", again)];
    assert_eq!(ids, wanted);
    assert_eq!(said.unread.len(), 1);
    assert!(!said.unread[0].contains('?'), "{}", said.unread[0]);
}

fn push(kind: i64, data: &str) -> String {
    format!(
        r#"{{"seller_id":"1009990001","message_type":{kind},"data":{data},"timestamp":1795142400123,"site":"lazada_id"}}"#
    )
}

#[test]
fn a_push_is_one_unit_and_names_nobody_who_cancelled() {
    let unit = |status: &str| {
        let data = format!(
            r#"{{"order_status":"{status}","trade_order_id":"330044550011",
               "trade_order_line_id":"330044550111","status_update_time":1795142400}}"#
        );
        heard("push", &push(0, &data))
    };
    let packed = unit("packed");
    assert_eq!(packed.channel_shop_id.as_deref(), Some("1009990001"));
    assert_eq!(packed.refetch, Refetch::IfNews);
    let [fact] = &packed.facts[..] else { panic!("not one fact") };
    assert_eq!((fact.status.as_str(), fact.actor), ("packed", None));
    assert_eq!(fact.at, Some(Time::from_seconds(1_795_142_400)));
    assert_eq!(&*fact.unit.as_ref().unwrap().0, "330044550111");
    // Who cancelled decides what follows, and only the order tells.
    assert_eq!(unit("canceled").refetch, Refetch::Always);
}

#[test]
fn pushes_of_reverse_orders_parcels_and_other_things() {
    let reverse = |status: &str| {
        let data = format!(
            r#"{{"reverse_order_id":510001,"reverse_status":"{status}","trade_order_id":330044550011,
               "trade_order_line_id":330044550111,"status_update_time":1795142400000}}"#
        );
        heard("push", &push(10, &data))
    };
    let at = Some(Time::from_seconds(1_795_142_400));
    let words = [
        ("RTM_INIT", Some(("open", at))),
        ("RTM_SHIPPING_BACK", Some(("open", None))),
        ("RTM_CANCELED", Some((CLOSED, at))),
        ("REFUND_REJECTED", Some((CLOSED, at))),
        ("CANCEL_INIT", None),
        ("CANCEL_SUCCESS", None),
    ];
    for (word, wanted) in words {
        let heard = reverse(word);
        assert_eq!(heard.refetch, Refetch::Always, "{word}");
        let fact = heard.facts.first().map(|fact| {
            assert_eq!((fact.about, fact.reference.as_deref()), (About::Return, Some("510001")));
            (fact.status.as_str(), fact.at)
        });
        assert_eq!(fact, wanted, "{word}");
    }
    let parcel =
        heard("push", &push(14, r#"{"trade_order_id":330044550011,"status":"DELIVERED"}"#));
    assert_eq!((parcel.facts.len(), parcel.refetch), (0, Refetch::Always));
    for kind in [1, 2, 3, 6, 8, 21] {
        assert!(interpret("push", &push(kind, "{}")).unwrap().orders.is_empty(), "{kind}");
    }
    assert_eq!(interpret("push", &push(0, "{}")).unwrap_err().name(), "malformed");
}

#[test]
fn a_push_names_the_sellers_account() {
    let headers = HeaderMap::new();
    let named = |body: &str| {
        let webhook = Webhook { kind: "push", headers: &headers, body: body.as_bytes() };
        Lazada.shop_named(&webhook)
    };
    assert_eq!(named(&push(0, "{}")), ShopNamed::Shop("1009990001".to_owned()));
    assert_eq!(named(r#"{"seller_id":1009990001}"#), ShopNamed::Shop("1009990001".to_owned()));
    assert_eq!(named("{}"), ShopNamed::Malformed);
    assert_eq!(named("[]"), ShopNamed::Malformed);
}

#[test]
fn reverse_orders_are_returns_but_for_cancellations() {
    let row = |kind: &str, statuses: [&str; 2]| {
        let line = |status: &str| {
            format!(
                r#"{{"reverse_status":"{status}","reason_text":"Rusak",
                   "return_order_line_gmt_create":1795142400}}"#
            )
        };
        format!(
            r#"{{"reverse_order_id":510001,"trade_order_id":330044550011,"request_type":"{kind}",
               "reverse_order_lines":[{},{}]}}"#,
            line(statuses[0]),
            line(statuses[1])
        )
    };
    let open =
        heard("returns", &format!("[{}]", row("RETURN", ["REQUEST_INITIATE", "REQUEST_REJECT"])));
    let [fact] = &open.facts[..] else { panic!("not one fact") };
    assert_eq!((fact.status.as_str(), fact.reason.as_deref()), ("open", Some("Rusak")));
    let over = heard(
        "returns",
        &format!("[{}]", row("ONLY_REFUND", ["REQUEST_REJECT", "REQUEST_CANCEL"])),
    );
    let statuses: Vec<&str> = over.facts.iter().map(|fact| fact.status.as_str()).collect();
    assert_eq!(statuses, ["open", CLOSED]);
    let none =
        interpret("returns", &format!("[{}]", row("CANCEL", ["CANCEL_SUCCESS", "X"]))).unwrap();
    assert!(none.orders.is_empty() && none.unread.is_empty());
}
