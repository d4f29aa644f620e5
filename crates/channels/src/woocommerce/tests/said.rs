//! What messages say.

use dermaga_channel::{Channel, Heard, HeardFact, Refetch, ShopNamed, Webhook};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Money, Parts};
use dermaga_domain::term::About;
use dermaga_domain::time::{Span, Time};
use http::{HeaderMap, HeaderValue};

use super::{ORDER, REFUNDS, heard, interpret};
use crate::woocommerce::WooCommerce;

/// 2026-01-05T03:00:08 in UTC: when the order changed and was paid.
const CHANGED_AT: Time = Time::from_seconds(1_767_582_008);

fn details(order: &str) -> Heard {
    heard("order", &format!("{{\"order\":{order}}}"))
}

fn statuses(heard: &Heard) -> Vec<(&str, Option<Time>)> {
    heard.facts.iter().map(|fact| (fact.status.as_str(), fact.at)).collect()
}

#[test]
fn an_order_says_the_same_in_every_message() {
    let listed = heard("orders", &format!("[{ORDER}]"));
    let told = heard("order.updated", ORDER);
    let detail = details(ORDER);
    for it in [&listed, &told, &detail] {
        assert_eq!(it.channel_order_id, "727");
        assert_eq!(statuses(it), [("processing", Some(CHANGED_AT))]);
        let lines = &it.snapshot.lines.as_ref().unwrap().content;
        let lines: Vec<_> = lines
            .iter()
            .map(|l| (&*l.key.0, l.channel_product_id.as_str(), l.quantity, l.unit_price))
            .collect();
        assert_eq!(lines, [("315", "22-23", 2, 100_000), ("316", "line-316", 3, 1_667)]);
        let wanted = Money {
            currency: Currency::IDR,
            goods: 205_000,
            shipping: 15_000,
            fees: 5_000,
            discount: 10_000,
            total: 215_000,
        };
        assert_eq!(it.snapshot.money.as_ref().unwrap().content, wanted);
        let head = &it.snapshot.head.as_ref().unwrap().content;
        assert_eq!(head.ordered_at, Some(Time::from_seconds(1_767_582_000)));
        assert_eq!(
            (head.carrier.as_deref(), head.channel_invoice.as_deref()),
            (Some("JNE Reguler"), None)
        );
        let buyer = it.snapshot.buyer.as_ref().unwrap();
        assert!(buyer.stamp.full);
        assert_eq!(buyer.content.name, "Sari Contoh");
        assert_eq!(buyer.content.phone, "6281200000001", "that of the bill");
        assert_eq!(buyer.content.address, "Jl. Contoh 2, Blok B");
        assert_eq!(buyer.content.city, "Bandung");
        assert_eq!(buyer.content.note, "titip satpam");
    }
    assert_eq!(
        [listed.refetch, told.refetch, detail.refetch],
        [Refetch::Never, Refetch::IfNews, Refetch::Never]
    );
    assert_eq!(listed.channel_shop_id.as_deref(), Some("contoh"));
    assert_eq!(told.channel_shop_id, None);
    assert!(detail.snapshot.packages.is_empty());
}

#[test]
fn the_clock_of_the_site_is_never_read() {
    // Seven hours ahead, as a shop in Jakarta writes its own times.
    let site_only = ORDER.replace("_gmt\":\"2026", "_other\":\"2026");
    let heard = details(&site_only);
    assert_eq!(statuses(&heard), [("processing", None)]);
    assert_eq!(heard.snapshot.head.unwrap().content.ordered_at, None);
}

#[test]
fn what_came_before_is_said_by_its_times() {
    let gone = ORDER.replace(r#""status":"processing""#, r#""status":"cancelled""#).replace(
        r#""date_modified_gmt":"2026-01-05T03:00:08""#,
        r#""date_modified_gmt":"2026-01-05T05:00:00""#,
    );
    let cancelled_at = Time::from_seconds(1_767_589_200);
    assert_eq!(
        statuses(&details(&gone)),
        [("cancelled", Some(cancelled_at)), ("processing", Some(CHANGED_AT))]
    );
    let done = gone
        .replace(r#""date_completed_gmt":null"#, r#""date_completed_gmt":"2026-01-05T04:00:00""#);
    let completed_at = Some(Time::from_seconds(1_767_585_600));
    assert_eq!(
        statuses(&details(&done)),
        [
            ("cancelled", Some(cancelled_at)),
            ("completed", completed_at),
            ("processing", Some(CHANGED_AT))
        ]
    );
    // Virtual goods are completed when they are paid.
    let at_once = done.replace("T04:00:00", "T03:00:08");
    assert_eq!(statuses(&details(&at_once)).len(), 2);
    // A replica that lags may show a time before the status that goes with it.
    let ahead = done.replace("T04:00:00", "T06:00:00");
    assert!(!statuses(&details(&ahead)).iter().any(|(status, _)| *status == "completed"));
}

#[test]
fn a_status_of_the_shops_own_is_told_as_it_is() {
    let own = ORDER.replace(r#""status":"processing""#, r#""status":"wc-packing""#);
    assert_eq!(statuses(&details(&own))[0], ("packing", Some(CHANGED_AT)));
    for draft in ["draft", "auto-draft", "new"] {
        let body = ORDER.replace(r#""status":"processing""#, &format!(r#""status":"{draft}""#));
        assert!(interpret("order.created", &body).unwrap().orders.is_empty(), "{draft}");
    }
}

#[test]
fn refunds_are_facts_about_returns_with_their_own_times() {
    let refunded = ORDER
        .replace(r#""refunds":[]"#, r#""refunds":[{"id":801,"reason":"","total":"-95000.00"}]"#);
    let listed = heard("orders", &format!("[{refunded}]"));
    assert_eq!((statuses(&listed).len(), listed.refetch), (1, Refetch::IfNews));

    let body = format!("{{\"order\":{refunded},\"refunds\":{REFUNDS}}}");
    let detail = heard("order", &body);
    let [_, first, second] = detail.facts.as_slice() else { panic!("{:?}", detail.facts) };
    let at = Time::from_seconds(1_767_664_800);
    assert_eq!((first.about, first.reference.as_deref()), (About::Return, Some("801")));
    assert_eq!((first.status.as_str(), first.at), ("refund", Some(at)));
    assert_eq!(first.reason.as_deref(), Some("Ukuran salah"));
    assert_eq!(second.reason, None, "a number of somebody's is left out");
    let lines = &detail.snapshot.lines.unwrap().content;
    assert!(lines.iter().all(|line| line.cancelled == 0), "a person edits the invoice");

    let page = format!("[{{\"order_id\":727,\"refunds\":{REFUNDS}}}]");
    let pulled = heard("refunds", &page);
    assert_eq!(pulled.facts, [first.clone(), second.clone()], "the same facts by either way");
}

#[test]
fn a_deletion_only_asks_to_look() {
    let gone = heard("order.deleted", r#"{"id":727}"#);
    assert_eq!((gone.facts.len(), gone.refetch), (0, Refetch::Always));
    assert_eq!(gone.channel_order_id, "727");
    // The address is not signed: an order that is replayed to another one says what it says.
    let replayed = heard("order.deleted", ORDER);
    assert_eq!(statuses(&replayed), [("processing", Some(CHANGED_AT))]);
}

#[test]
fn a_tracking_number_from_here_comes_back_as_a_package() {
    let meta = r#""meta_data":[{"id":9,"key":"_dermaga_awb","value":"JNE0001112223"},"#;
    let shipped = details(&ORDER.replace(r#""meta_data":[{"id":1"#, &format!("{meta}{{\"id\":1")));
    let [package] = shipped.snapshot.packages.as_slice() else { panic!("not one package") };
    assert_eq!(package.content.awb.as_deref(), Some("JNE0001112223"));
    assert_eq!((package.content.booking_code.as_deref(), &*package.content.key.0), (None, "727"));
}

#[test]
fn the_newest_change_wins_whatever_comes_last() {
    let later = ORDER
        .replace("T03:00:08\",\n", "T03:09:00\",\n")
        .replace(r#""quantity":2"#, r#""quantity":1"#);
    let (old, new) = (details(ORDER), heard("order.updated", &later));
    for looks in [[&old, &new], [&new, &old]] {
        let mut parts = Parts::default();
        for look in looks {
            parts.take(look.snapshot.clone());
        }
        assert_eq!(parts.lines.unwrap().content[0].quantity, 1);
    }
}

#[test]
fn a_buyer_who_was_erased_there_does_not_replace_one_who_is_known() {
    let erased = ORDER.replace("Sari", "[deleted]").replace("Budi", "[deleted]");
    assert!(!details(&erased).snapshot.buyer.unwrap().stamp.full);
}

#[test]
fn rows_stand_by_themselves() {
    let broken = ORDER.replace(r#""total":"215000.00""#, r#""total":{"Sari":1}"#);
    let said = interpret("orders", &format!(r#"[{ORDER},{broken},{{"id":"Sari"}}]"#)).unwrap();
    assert_eq!(said.orders.len(), 2);
    assert_eq!((said.orders[1].facts.len(), said.orders[1].refetch), (0, Refetch::Always));
    assert_eq!(said.unread.len(), 1);
    assert!(said.unread[0].starts_with("row 2") && !said.unread[0].contains("Sari"));
}

#[test]
fn what_cannot_be_understood_is_refused_without_repeating_it() {
    let cases = [
        ("order", r#"{"order":{"id":1}}"#, "lacks status"),
        ("order", r#"{"order":{"id":"Sari","status":"x"}}"#, "order.id"),
        ("order.updated", r#"{"status":"Sari"}"#, "lacks id"),
        ("order.updated", "[1]", "a list, not an object"),
        ("orders", r#"{"code":"Sari"}"#, "orders"),
        ("refunds", "", "cut short"),
    ];
    for (kind, body, wanted) in cases {
        let error = interpret(kind, body).unwrap_err();
        assert_eq!(error.name(), "malformed", "{kind} {body}");
        let text = error.to_string();
        assert!(text.contains(wanted) && !text.contains("Sari"), "{text}");
    }
    assert_eq!(interpret("product.updated", "{}").unwrap_err().name(), "unsupported");
    let money = details(ORDER).snapshot.money.unwrap().content;
    let text = ORDER.replace("IDR", "USD");
    assert_eq!(details(&text).snapshot.money.unwrap().content.total, money.total * 100);
    assert!(interpret("order.updated", &ORDER.replace("IDR", "Rupiah")).is_err());
}

fn webhook<'a>(headers: &'a HeaderMap, body: &'a str) -> Webhook<'a> {
    Webhook { kind: "order.updated", headers, body: body.as_bytes() }
}

#[test]
fn a_ping_is_known_by_its_form_and_says_nothing() {
    let mut form = HeaderMap::new();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    form.insert("content-type", kind);
    let greets = |headers, body| WooCommerce.is_greeting(&webhook(headers, body));
    assert!(greets(&form, "webhook_id=7"));
    let json = HeaderMap::new();
    assert!(!greets(&json, "webhook_id=7"));
    for body in ["webhook_id=", "webhook_id=7&id=1", "webhook_id=-7", ORDER, ""] {
        assert!(!greets(&form, body), "{body}");
    }
    assert!(!greets(&form, &format!("webhook_id={}", "7".repeat(40))));
}

#[test]
fn no_shop_is_named_because_there_is_only_one() {
    let headers = HeaderMap::new();
    let named = |body: &str| WooCommerce.shop_named(&webhook(&headers, body));
    assert_eq!(named(ORDER), ShopNamed::Only);
    assert_eq!(named(r#"{"id":727}"#), ShopNamed::Only);
    assert_eq!(named(r#"{"id":0}"#), ShopNamed::Malformed);
    assert_eq!(named("<html>"), ShopNamed::Malformed);
}

#[test]
fn an_hour_of_edits_is_the_same_status_at_later_times() {
    let later = ORDER.replace(
        r#""date_modified_gmt":"2026-01-05T03:00:08""#,
        r#""date_modified_gmt":"2026-01-05T04:00:08""#,
    );
    let fact = HeardFact::of_order("processing", Some(CHANGED_AT.plus(Span::hours(1))));
    assert_eq!(details(&later).facts, [fact]);
}
