//! Everybody locks in the same order.

use std::sync::Arc;

use dermaga_domain::id::IdMaker;
use dermaga_domain::order::ActKind;
use dermaga_domain::time::Clock;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::{act, open, order, said};
use crate::db::testing::Fixture;
use crate::open::MIGRATIONS;
use crate::stock::{Change, StockMove};
use crate::tests::Org;
use crate::{Options, Store};

const SKUS: [&str; 5] = ["A", "B", "C", "D", "NEW"];

fn random_order(org: &Org, random: &mut StdRng) -> crate::apply::Heard {
    let n = random.random_range(0..40_u8);
    let id = format!("o{n}");
    let at = random.random_range(2..50);
    match random.random_range(0..7_u8) {
        0 => act(org, &id, ActKind::Void),
        1 => act(org, &id, ActKind::Restore),
        2 => said(org, &id, "500", at),
        3 => said(org, &id, "15", at),
        _ => {
            let (a, b) = (usize::from(n) % 5, usize::from(n) / 5 % 5);
            let lines = [(SKUS[a], 1 + i64::from(n % 4)), (SKUS[b], 1)];
            let status = if random.random() { "220" } else { "400" };
            order(org, &id, status, &lines, i64::from(n) * 7 % 40)
        }
    }
}

async fn random_step(org: &Org, random: &mut StdRng) {
    match random.random_range(0..6_u8) {
        0 => {
            let mut moves = Vec::new();
            for _ in 0..random.random_range(1..4_u8) {
                let code = SKUS[random.random_range(0..4_usize)];
                let change = if random.random() {
                    Change::Receipt(random.random_range(1..6))
                } else {
                    Change::Count(random.random_range(0..9))
                };
                moves.push(StockMove {
                    sku: org.sku(code).await,
                    warehouse: org.warehouses[random.random_range(0..2_usize)],
                    change,
                    note: None,
                    by: crate::command::Giver::Machine,
                    seen: None,
                });
            }
            org.store.move_stock(org.org, moves).await.unwrap();
        }
        1 => drop(org.judge_marked().await),
        2 => drop(org.fill_marked(9).await),
        _ => {
            let size = random.random_range(1..9_u8);
            let heard = (0..size).map(|_| random_order(org, random)).collect();
            org.apply(heard).await;
        }
    }
}

/// The same org as another node sees it.
async fn node(org: &Org, number: i64) -> Org {
    let clock = Arc::clone(&org.clock);
    let ids = Arc::new(IdMaker::new(number));
    let db = org.fixture.open_again().await;
    let store = Store::on(db, [7; 32], ids, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    Org {
        store,
        clock,
        org: org.org,
        connection: org.connection,
        shop: org.shop,
        warehouses: org.warehouses,
        fixture: Arc::clone(&org.fixture),
    }
}

#[tokio::test]
async fn eight_nodes_at_once_never_wait_in_a_circle() {
    let options = Options { writers: 2, readers: 2, ..Options::default() };
    let org = open(Arc::new(Fixture::postgres(&MIGRATIONS, options).await)).await;
    for sku in &SKUS[..4] {
        org.opening(sku, [5, 0]).await;
    }
    // A SKU without levels: the batches make them while others hold levels of other SKUs.
    org.bundle("NEW", Vec::new()).await;
    let task = async |number: u32| {
        let node = node(&org, i64::from(number) + 10).await;
        let mut random = StdRng::seed_from_u64(number.into());
        for _ in 0..40 {
            random_step(&node, &mut random).await;
        }
        node.store.retries()
    };
    let retries: u64 = join_all((0..8).map(task)).await.into_iter().sum();
    org.check().await;
    org.work().await;
    org.check().await;
    assert_eq!(retries, 0, "transactions were broken off by deadlocks");
}
