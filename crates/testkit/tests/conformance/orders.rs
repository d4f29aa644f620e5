//! Orders: listed whole, read again without a difference, and read as they are.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_channel::{Heard, What};
use dermaga_domain::time::{Span, Time};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::every;
use crate::profile::MASKING;

/// The lines of a look: code, units that are to be delivered, price of one.
fn lines(heard: &Heard) -> Vec<(String, i64, i64)> {
    let lines = heard.snapshot.lines.as_ref().unwrap();
    let one = |line: &dermaga_domain::order::Line| {
        (line.channel_sku.clone(), line.quantity - line.cancelled, line.unit_price)
    };
    lines.content.iter().map(one).collect()
}

/// The same as the channel's own books have it.
fn booked(order: &Value) -> Vec<(String, i64, i64)> {
    let one = |line: &Value| {
        let number = |name: &str| line[name].as_i64().unwrap();
        (line["sku"].as_str().unwrap().to_owned(), number("quantity_deliver"), number("price"))
    };
    order["lines"].as_array().unwrap().iter().map(one).collect()
}

fn ids(heard: &[Heard]) -> BTreeSet<String> {
    heard.iter().map(|heard| heard.channel_order_id.clone()).collect()
}

#[tokio::test]
async fn every_order_of_a_window_is_listed_and_no_other() {
    every(async |bench| {
        bench.place(1, true);
        bench.advance(3_600);
        let from = bench.now();
        let count = bench.channel.capabilities().orders_page_max * 2 + 7;
        let lines = json!([{"sku": bench.profile.sku, "quantity": 1}]);
        let placed = bench.control("POST", "orders", &json!({"lines": lines, "count": count}));
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        wanted.extend(placed["order_ids"].as_array().unwrap().iter().map(crate::messages::text));
        // More than a page of one second, then a few later ones.
        for _ in 0..3 {
            bench.advance(1);
            wanted.insert(bench.place(1, true));
        }
        let to = bench.now().plus(Span::seconds(1));
        bench.advance(10);
        bench.place(1, true);
        let listed = bench.heard(&bench.list(What::Orders, from, to).await);
        let listed: BTreeSet<String> = ids(&listed);
        assert_eq!(listed, wanted, "{}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn rows_that_slip_between_two_pages_are_not_lost() {
    every(async |bench| {
        let from = bench.now();
        let count = bench.channel.capabilities().orders_page_max * 3;
        let mut wanted = BTreeSet::new();
        for at in 0..count {
            if at % 10 == 0 {
                bench.advance(1);
            }
            wanted.insert(bench.place(1, true));
        }
        bench.set_faults(&json!({"probability": {"page_drift": 1}}));
        let to = bench.now().plus(Span::seconds(1));
        let listed = ids(&bench.heard(&bench.list(What::Orders, from, to).await));
        assert_eq!(listed, wanted, "{}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn lines_and_money_are_those_of_the_channels_books() {
    every(async |bench| {
        let id = bench.place(3, true);
        let order = bench.at_channel(&id);
        let listed = bench.heard(&bench.lately(What::Orders).await);
        let detail = bench.detail(&id).await;
        for heard in listed.iter().chain([&detail]) {
            assert_eq!(heard.channel_order_id, id);
            assert_eq!(lines(heard), booked(&order), "{}", bench.profile.channel);
            let money = heard.snapshot.money.as_ref().unwrap().content;
            let booked = |name: &str| order["money"][name].as_i64().unwrap();
            assert_eq!(money.currency.as_str(), "IDR");
            let amounts = (money.goods, money.shipping, money.total);
            assert_eq!(amounts, (booked("goods"), booked("shipping"), booked("total")));
            assert_eq!(money.goods + money.shipping + money.fees - money.discount, money.total);
            let buyer = heard.snapshot.buyer.as_ref().unwrap();
            if MASKING.contains(&bench.profile.channel) {
                assert!(!buyer.stamp.full && !buyer.content.name.contains("Contoh"));
            } else {
                assert!(buyer.stamp.full);
                assert_eq!(buyer.content.name, order["buyer"]["name"].as_str().unwrap());
                assert_eq!(buyer.content.phone, order["buyer"]["phone"].as_str().unwrap());
            }
            let ordered_at = heard.snapshot.head.as_ref().unwrap().content.ordered_at;
            let seconds = order["created_us"].as_i64().unwrap().div_euclid(1_000_000);
            assert_eq!(ordered_at.map(Time::as_seconds), Some(seconds));
        }
        let keys = |heard: &Heard| {
            let lines = heard.snapshot.lines.as_ref().unwrap();
            lines.content.iter().map(|line| line.key.clone()).collect::<Vec<_>>()
        };
        assert_eq!(keys(&listed[0]), keys(&detail), "a line has one name in every message");
    })
    .await;
}

#[tokio::test]
async fn each_status_is_a_fact_with_the_channels_own_time() {
    every(async |bench| {
        let id = bench.place(2, true);
        for (act, status) in bench.profile.course {
            bench.act(&id, *act);
            let acted = bench.now();
            bench.advance(30);
            let heard = bench.detail(&id).await;
            let fact = heard.facts.iter().rev().chain(&heard.facts);
            let mut fact = fact.filter(|fact| fact.status.as_str() == *status);
            let at =
                fact.find_map(|fact| fact.at.filter(|at| at.as_seconds() == acted.as_seconds()));
            assert!(at.is_some(), "{} {status}: {:?}", bench.profile.channel, heard.facts);
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_not_changed_is_read_with_the_same_bytes() {
    every(async |bench| {
        let id = bench.place(2, true);
        for (act, _) in bench.profile.course.iter().take(2) {
            bench.act(&id, *act);
        }
        let (list, detail) = read(bench, &id).await;
        bench.advance(120);
        assert_eq!(read(bench, &id).await, (list, detail), "{}", bench.profile.channel);
    })
    .await;
}

async fn read(bench: &Bench, id: &str) -> (Vec<bytes::Bytes>, Vec<bytes::Bytes>) {
    let list = bench.lately(What::Orders).await;
    let detail = bench.fetch(&[id.to_owned()]).await.unwrap().messages;
    let bodies = |raw: Vec<dermaga_channel::Raw>| raw.into_iter().map(|raw| raw.body).collect();
    (bodies(list), bodies(detail))
}

#[tokio::test]
async fn many_are_fetched_at_once_and_the_unknown_are_named() {
    every(async |bench| {
        let most = usize::try_from(bench.channel.capabilities().details_batch_max).unwrap();
        let mut ids: Vec<String> = (1..most.min(5)).map(|_| bench.place(1, true)).collect();
        ids.push(bench.profile.unknown.to_owned());
        let fetched = bench.fetch(&ids).await.unwrap();
        let heard = bench.heard(&fetched.messages);
        let found: BTreeMap<&str, usize> = heard.iter().fold(BTreeMap::new(), |mut sum, heard| {
            *sum.entry(heard.channel_order_id.as_str()).or_default() += 1;
            sum
        });
        ids.pop();
        let wanted: BTreeMap<&str, usize> = ids.iter().map(|id| (id.as_str(), 1)).collect();
        assert_eq!(found, wanted, "{}", bench.profile.channel);
        assert_eq!(fetched.not_found, [bench.profile.unknown], "{}", bench.profile.channel);
    })
    .await;
}
