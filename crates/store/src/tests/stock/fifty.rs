//! Many orders for few units.

use std::collections::BTreeMap;

use dermaga_domain::order::ActKind;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::{act, on_both, order, peek};
use crate::stock::Change;
use crate::tests::Org;

const ORDERS: i64 = 200;

fn id(n: i64) -> String {
    format!("o{n:03}")
}

/// Orders of one unit, of three, and of a bundle with two of them; ship-by in an order of its own.
fn wanted(n: i64) -> (&'static str, i64, i64) {
    let ship_by = (n * 67) % ORDERS;
    match n % 3 {
        0 => ("GAYO", 1, ship_by),
        1 => ("GAYO", 3, ship_by),
        _ => ("PAKET", 1, ship_by),
    }
}

fn units(n: i64) -> i64 {
    [1, 3, 2][usize::try_from(n % 3).unwrap()]
}

/// What each order is short of, and what it has.
async fn held(org: &Org) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
    let (mut short, mut has) = (BTreeMap::new(), BTreeMap::new());
    for line in peek::held(org, "GAYO").await {
        let [order, allocated, missing] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        has.insert(order.to_owned(), allocated.parse().unwrap());
        short.insert(order.to_owned(), missing.parse().unwrap());
    }
    (short, has)
}

async fn place_all(org: &Org) {
    let task = async |task: i64| {
        let mut random = StdRng::seed_from_u64(task.unsigned_abs());
        let mut mine: Vec<i64> = (0..ORDERS).filter(|n| n % 8 == task).collect();
        while !mine.is_empty() {
            let size = random.random_range(1..=7).min(mine.len());
            let batch = mine.drain(..size).map(|n| {
                let (sku, quantity, ship_by) = wanted(n);
                order(org, &id(n), "400", &[(sku, quantity)], ship_by)
            });
            org.apply(batch.collect()).await;
        }
    };
    join_all((0..8).map(task)).await;
}

/// Fills a few at a time, so that a fill has to go on where it stopped.
async fn fill(org: &Org) {
    for _ in 0..200 {
        org.judge_marked().await;
        if org.fill_marked(7).await == 0 {
            return;
        }
    }
    panic!("a fill calls for the next one for ever");
}

#[tokio::test]
async fn two_hundred_orders_for_fifty_units() {
    on_both(async |org: Org| {
        let demand: i64 = (0..ORDERS).map(units).sum();
        org.opening("GAYO", [30, 20]).await;
        org.opening("TEH", [500, 500]).await;
        let (gayo, teh) = (org.sku("GAYO").await, org.sku("TEH").await);
        org.bundle("PAKET", vec![(gayo, 2), (teh, 1)]).await;

        place_all(&org).await;
        assert_eq!(org.sum("GAYO").await, (50, 50, 0, demand - 50));
        org.check().await;

        // A receipt serves who is short, the earliest ship-by first.
        let (short, has) = held(&org).await;
        org.change("GAYO", 1, Change::Receipt(30)).await;
        org.check().await;
        fill(&org).await;
        assert_eq!(org.sum("GAYO").await, (80, 80, 0, demand - 80));
        let mut rest = 30;
        let mut queue: Vec<i64> = (0..ORDERS).collect();
        queue.sort_by_key(|&n| wanted(n).2);
        let mut expected = has.clone();
        for n in queue {
            let given = short[&id(n)].min(rest);
            rest -= given;
            *expected.get_mut(&id(n)).unwrap() += given;
        }
        assert_eq!(held(&org).await.1, expected);
        org.check().await;

        // What is voided goes to the next in the queue; what is restored stands at its end.
        let full: Vec<i64> =
            (0..ORDERS).filter(|&n| expected[&id(n)] == units(n)).take(9).collect();
        let freed: i64 = full.iter().map(|&n| units(n)).sum();
        org.apply(full.iter().map(|&n| act(&org, &id(n), ActKind::Void)).collect()).await;
        assert_eq!(org.sum("GAYO").await, (80, 80 - freed, 0, demand - 80));
        org.check().await;
        fill(&org).await;
        assert_eq!(org.sum("GAYO").await, (80, 80, 0, demand - 80 - freed));
        org.apply(full.iter().map(|&n| act(&org, &id(n), ActKind::Restore)).collect()).await;
        assert_eq!(org.sum("GAYO").await, (80, 80, 0, demand - 80));
        fill(&org).await;
        org.check().await;

        // A count below what is allocated takes from the latest ship-by.
        let before = held(&org).await.1;
        org.change("GAYO", 0, Change::Count(22)).await;
        org.check().await;
        assert_eq!(org.sum("GAYO").await, (72, 72, 0, demand - 72));
        assert_eq!(peek::incidents(&org, "GAYO").await, ["open"]);
        let after = held(&org).await.1;
        let lost: i64 = before.iter().map(|(order, units)| units - after[order]).sum();
        assert_eq!(lost, 8);
        fill(&org).await;
        assert_eq!(org.sum("GAYO").await, (72, 72, 0, demand - 72));

        org.change("GAYO", 0, Change::Receipt(demand)).await;
        fill(&org).await;
        assert_eq!(org.sum("GAYO").await, (72 + demand, demand, 0, 0));
        assert_eq!(peek::incidents(&org, "GAYO").await, ["closed"]);
        org.check().await;
    })
    .await;
}
