//! Whose turn it is when units come free.

use dermaga_domain::order::ActKind;

use super::{act, on_both, order, peek, said};
use crate::stock::Change;
use crate::tests::Org;
use crate::work::FILL;

#[tokio::test]
async fn the_earliest_ship_by_is_served_first_and_new_orders_queue_behind() {
    on_both(async |org: Org| {
        org.opening("GAYO", [0, 0]).await;
        org.opening("TEH", [0, 0]).await;
        org.apply(vec![
            order(&org, "third", "400", &[("GAYO", 2)], 3),
            order(&org, "first", "400", &[("TEH", 1), ("GAYO", 2)], 1),
            order(&org, "second", "400", &[("GAYO", 2)], 2),
            order(&org, "draft", "220", &[("GAYO", 1)], 0),
        ])
        .await;
        org.change("GAYO", 0, Change::Receipt(3)).await;
        assert_eq!(org.marked(FILL).await, [org.sku("GAYO").await.0.to_string()]);
        org.apply(vec![order(&org, "new", "400", &[("GAYO", 1)], 0)]).await;
        assert_eq!(org.sum("GAYO").await.1, 0, "a new order queues behind who was short before");

        let sku = org.sku("GAYO").await;
        let turn = org.store.fill_candidates(org.org, sku, 200).await.unwrap();
        let turn: Vec<String> = turn.into_iter().map(|(_, order)| order).collect();
        assert_eq!(turn, ["new", "first", "second", "third", "draft"]);
        org.work().await;
        assert_eq!(
            peek::held(&org, "GAYO").await,
            ["draft 0 0", "new 1 0", "first 2 0", "second 0 2", "third 0 2"]
        );
        assert_eq!(peek::held(&org, "TEH").await, ["first 0 1"], "its other SKU stays short");
        org.check().await;

        org.change("GAYO", 1, Change::Receipt(5)).await;
        org.work().await;
        assert_eq!(org.sum("GAYO").await, (8, 7, 1, 0), "drafts come last");
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_for_one_sku_is_no_turn_for_another() {
    on_both(async |org: Org| {
        org.opening("GAYO", [0, 0]).await;
        org.opening("TEH", [0, 0]).await;
        org.apply(vec![
            order(&org, "teh", "400", &[("TEH", 2)], 1),
            order(&org, "both", "400", &[("GAYO", 1), ("TEH", 1)], 2),
        ])
        .await;
        org.change("TEH", 0, Change::Receipt(2)).await;
        org.change("GAYO", 0, Change::Receipt(1)).await;
        let gayo = org.sku("GAYO").await;
        let turn = org.store.fill_candidates(org.org, gayo, 200).await.unwrap();
        assert_eq!(turn.len(), 1);
        let heard = turn.iter().map(|(shop, order)| crate::apply::Heard {
            again: true,
            ..crate::apply::Heard::of(*shop, order)
        });
        let batch = crate::apply::Batch {
            heard: heard.collect(),
            fill: Some(gayo),
            ..crate::apply::Batch::new(org.org)
        };
        org.store.apply(batch).await.unwrap();
        assert_eq!(peek::held(&org, "GAYO").await, ["both 1 0"]);
        assert_eq!(peek::held(&org, "TEH").await, ["teh 0 2", "both 0 1"], "TEH has its own queue");
        org.work().await;
        assert_eq!(peek::held(&org, "TEH").await, ["teh 2 0", "both 0 1"]);
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_release_is_given_on_and_a_fill_of_many_comes_to_its_end() {
    on_both(async |org: Org| {
        org.opening("GAYO", [10, 0]).await;
        let small =
            (0..12).map(|n| order(&org, &format!("s{n:02}"), "400", &[("GAYO", 1)], 50 - n));
        let big = order(&org, "big", "400", &[("GAYO", 10)], 1);
        org.apply(std::iter::once(big).chain(small).collect()).await;
        assert_eq!(org.sum("GAYO").await, (10, 10, 0, 12));
        org.apply(vec![act(&org, "big", ActKind::Void)]).await;
        let mut turns = 0;
        while org.fill_marked(3).await > 0 {
            turns += 1;
            assert!(turns < 20, "a fill calls for the next one for ever");
        }
        assert_eq!(org.sum("GAYO").await, (10, 10, 0, 2));
        let served = peek::held(&org, "GAYO").await;
        assert_eq!(served[1], "s11 1 0", "{served:?}");
        assert!(served.ends_with(&["s01 0 1".to_owned(), "s00 0 1".to_owned()]), "{served:?}");
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn who_steps_out_of_the_queue_lets_the_next_one_have_its_turn() {
    on_both(async |org: Org| {
        org.opening("GAYO", [0, 0]).await;
        org.apply(vec![order(&org, "a", "400", &[("GAYO", 5)], 1)]).await;
        org.change("GAYO", 0, Change::Receipt(3)).await;
        let taken = org.store.due(org.org, FILL, 10).await.unwrap();
        let turn = org.store.fill_candidates(org.org, org.sku("GAYO").await, 200).await.unwrap();
        // While the turn is being prepared a new order queues up, and who was short is voided.
        org.apply(vec![order(&org, "b", "400", &[("GAYO", 1)], 2)]).await;
        org.apply(vec![said(&org, "a", "15", 9)]).await;
        let heard = turn.iter().map(|(shop, order)| crate::apply::Heard {
            again: true,
            ..crate::apply::Heard::of(*shop, order)
        });
        let batch = crate::apply::Batch {
            heard: heard.collect(),
            marks: taken.iter().map(|mark| super::done(FILL, mark)).collect(),
            fill: Some(org.sku("GAYO").await),
            ..crate::apply::Batch::new(org.org)
        };
        org.store.apply(batch).await.unwrap();
        org.work().await;
        assert_eq!(org.sum("GAYO").await, (3, 1, 0, 0), "b is not left short beside free units");
        org.check().await;
    })
    .await;
}
