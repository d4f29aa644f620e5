//! What is read of the shop: the key, pages of what changed, details.

use std::sync::Arc;

use dermaga_channel::http::{Client, Http, Pacer};
use dermaga_channel::{Channel, Credentials, Error, Rate, What};
use dermaga_domain::time::Span;

use super::stage::{Asked, NOW, Stage, Still, refused};
use super::{ORDER, REFUNDS};
use crate::woocommerce::WooCommerce;
use crate::woocommerce::capabilities::ORDERS_PAGE_MAX;

fn rows(ids: std::ops::RangeInclusive<i64>, clock: &str) -> String {
    let row = |id| {
        format!(r#"{{"id":{id},"status":"processing","date_modified_gmt":"2026-01-05T{clock}"}}"#)
    };
    format!("[{}]", ids.map(row).collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn an_address_that_leads_inside_is_refused_before_anything_is_sent() {
    let mut stage = Stage::with([] as [(u16, &str); 0]).await;
    let site = stage.credentials.get("site_url").to_owned();
    let rate = Rate { per_second: 1000, burst: 1000 };
    let client = Client::build().unwrap();
    stage.http = Http::new(client, Arc::new(Pacer::default()), rate, Arc::new(Still));
    let numbers =
        ["127.0.0.1", "[::1]", "2130706433", "localhost", "192.168.1.1", "169.254.169.254"];
    for host in numbers {
        let entered = site.replace("127.0.0.1", host);
        let fields = [("site_url", &*entered), ("consumer_key", "ck"), ("consumer_secret", "cs")];
        stage.credentials = Credentials::new(fields);
        let refused = WooCommerce.authorise(&stage.call()).await.unwrap_err();
        let inside =
            matches!(&refused, Error::AuthRefused { code, .. } if code == "address_not_public");
        assert!(inside, "{host}: {refused}");
    }
    assert_eq!(stage.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_is_tried_and_never_stands_in_an_address() {
    let none = refused("woocommerce_rest_cannot_view");
    let answers = [(200, "[]"), (401, &none), (404, "<html>"), (200, "<html>"), (200, "{}")];
    let stage = Stage::with(answers).await;
    let token = WooCommerce.authorise(&stage.call()).await.unwrap();
    assert_eq!(token.expires_at, NOW.plus(Span::days(1)));
    for wanted in ["auth_refused", "auth_refused", "temporary", "auth_refused"] {
        assert_eq!(WooCommerce.authorise(&stage.call()).await.unwrap_err().name(), wanted);
    }
    let asked = stage.asked();
    assert_eq!(asked[0].line, "GET /wp-json/wc/v3/orders?per_page=1");
    let names = ["consumer_key", "nonce", "signature_method", "timestamp", "signature"];
    for (part, name) in asked[0].signature.iter().zip(names) {
        assert!(part.starts_with(&format!("oauth_{name}=")), "{part}");
    }
    let nonce = |asked: &Asked| asked.signature[1].clone();
    assert_ne!(nonce(&asked[0]), nonce(&asked[1]));
    let shown = format!("{asked:?} {:?}", stage.http.take_exchanges());
    assert!(!shown.contains("cs_demo"), "{shown}");
}

#[tokio::test]
async fn a_window_is_walked_by_the_second_of_the_last_row_then_the_bin() {
    let full = i64::from(ORDERS_PAGE_MAX);
    let answers = [
        (200, rows(1..=full, "02:30:00")),
        (200, rows(1..=full, "02:30:00")),
        (200, rows(full + 1..=full + 3, "02:40:00")),
        (200, "[]".to_owned()),
    ];
    let stage = Stage::with(answers).await;
    let (mut page, mut pages) = (None::<String>, Vec::new());
    for _ in 0..4 {
        let fetched = stage.list(What::Orders, page.as_deref()).await.unwrap();
        pages.push(fetched.messages.len());
        page = fetched.next;
    }
    assert_eq!((pages, page), (vec![1, 1, 1, 0], None));
    let common = |status: &str, after: &str, page: u32| {
        format!(
            "GET /orders?status={status}&modified_after=2026-01-05T{after}&modified_before=2026-01-05T03%3A00%3A01\
             &dates_are_gmt=true&orderby=modified&order=asc&per_page=50&page={page}"
        )
    };
    assert_eq!(
        stage.lines(),
        [
            common("any", "01%3A59%3A59", 1),
            common("any", "02%3A29%3A59", 1),
            common("any", "02%3A29%3A59", 2),
            common("trash", "01%3A59%3A59", 1),
        ]
    );
}

#[tokio::test]
async fn a_shop_that_cannot_sort_by_change_is_walked_by_id() {
    let full = i64::from(ORDERS_PAGE_MAX);
    let answers = [
        (400, refused("rest_invalid_param")),
        (200, rows(1..=full, "02:30:00")),
        (200, rows(41..=60, "02:30:00")),
        (400, refused("rest_invalid_param")),
        (400, refused("rest_invalid_param")),
    ];
    let stage = Stage::with(answers).await;
    let mut page = None::<String>;
    for wanted in [1, 1, 0] {
        let fetched = stage.list(What::Orders, page.as_deref()).await.unwrap();
        assert_eq!(fetched.messages.len(), wanted);
        page = fetched.next;
    }
    assert_eq!(page, None);
    let lines = stage.lines();
    assert!(lines[1].contains("orderby=id") && lines[1].ends_with("offset=0"), "{}", lines[1]);
    assert!(lines[2].ends_with("offset=40"), "{}", lines[2]);
}

#[tokio::test]
async fn details_come_at_once_and_the_bin_is_looked_into_one_by_one() {
    let refunded = ORDER.replace(r#""refunds":[]"#, r#""refunds":[{"id":801,"total":"-1"}]"#);
    let trashed = ORDER.replace(r#""id":727"#, r#""id":728"#).replace("processing", "trash");
    let answers = [
        (200, format!("[{refunded}]")),
        (200, trashed),
        (404, refused("woocommerce_rest_shop_order_invalid_id")),
        (200, REFUNDS.to_owned()),
    ];
    let stage = Stage::with(answers).await;
    let ids = ["727", "728", "729", "INV/1"].map(str::to_owned);
    let fetched = WooCommerce.fetch_orders(&stage.call(), &ids).await.unwrap();
    assert_eq!(fetched.not_found, ["INV/1", "729"]);
    let said = fetched.messages.iter().map(|raw| {
        let heard = super::heard(raw.kind, std::str::from_utf8(&raw.body).unwrap());
        (heard.channel_order_id.clone(), heard.facts.len())
    });
    let wanted = [("727".to_owned(), 3), ("728".to_owned(), 2)];
    assert_eq!(said.collect::<Vec<_>>(), wanted);
    assert_eq!(
        stage.lines(),
        [
            "GET /orders?include=727%2C728%2C729&status=any&orderby=id&order=asc&per_page=50",
            "GET /orders/728",
            "GET /orders/729",
            "GET /orders/727/refunds?per_page=100",
        ]
    );
}

#[tokio::test]
async fn a_shop_that_is_being_updated_loses_no_order() {
    let stage = Stage::with([(404, refused("rest_no_route"))]).await;
    let error = WooCommerce.fetch_orders(&stage.call(), &["727".to_owned()]).await.unwrap_err();
    assert_eq!(error.name(), "temporary", "not taken for an order that is gone");
}
