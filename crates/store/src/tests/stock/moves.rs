//! Receipts, adjustments and counts.

use dermaga_domain::order::ActKind;

use super::{act, on_both, order, peek, said};
use crate::command::Giver;
use crate::stock::{Change, Moved, StockMove};
use crate::tests::Org;
use crate::work::{FILL, JUDGE};

#[tokio::test]
async fn what_people_do_is_written_and_never_leaves_less_than_nothing() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 0]).await;
        assert_eq!(org.change("GAYO", 0, Change::Receipt(3)).await, Moved { before: 5, after: 8 });
        assert_eq!(
            org.change("GAYO", 0, Change::Adjustment(-2)).await,
            Moved { before: 8, after: 6 }
        );
        assert_eq!(org.change("GAYO", 0, Change::Count(4)).await, Moved { before: 6, after: 4 });
        assert_eq!(org.change("GAYO", 0, Change::Count(4)).await, Moved { before: 4, after: 4 });
        let (sku, bandung) = (org.sku("GAYO").await, org.warehouses[0]);
        let asked = |change| StockMove {
            sku,
            warehouse: bandung,
            change,
            note: None,
            by: Giver::Machine,
            seen: None,
        };
        for change in [
            Change::Receipt(0),
            Change::Receipt(-1),
            Change::Adjustment(-6),
            Change::Count(-1),
            Change::Adjustment(i64::MAX),
        ] {
            let both = vec![asked(Change::Receipt(1)), asked(change)];
            let refused = org.store.move_stock(org.org, both).await;
            assert!(matches!(refused, Err(crate::Error::Refused(_))), "{change:?}: {refused:?}");
        }
        assert_eq!(org.sum("GAYO").await, (4, 0, 0, 0), "a refused move changes nothing");
        org.bundle("PAKET", vec![(sku, 1)]).await;
        let of_bundle = StockMove { sku: org.sku("PAKET").await, ..asked(Change::Receipt(1)) };
        assert!(org.store.move_stock(org.org, vec![of_bundle]).await.is_err());
        let unknown = StockMove { sku: dermaga_domain::id::SkuId(1), ..asked(Change::Receipt(1)) };
        assert!(org.store.move_stock(org.org, vec![unknown]).await.is_err());
        // Nor does it leave an empty shelf where there was none.
        org.opening("TORAJA", [1, 0]).await;
        let before = org.store.row_counts(org.org).await.unwrap();
        let jakarta = StockMove {
            sku: org.sku("TORAJA").await,
            warehouse: org.store.create_warehouse(org.org, "Kosong").await.unwrap(),
            ..asked(Change::Adjustment(-1))
        };
        assert!(org.store.move_stock(org.org, vec![jakarta]).await.is_err());
        assert_eq!(org.store.row_counts(org.org).await.unwrap(), before);
        let kinds = peek::movements(&org, "GAYO").await;
        assert_eq!(kinds, ["opening 5", "receipt 3", "adjustment -2", "count -2"]);
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_count_below_what_is_held_cuts_the_latest_and_opens_an_incident() {
    on_both(async |org: Org| {
        org.opening("GAYO", [6, 0]).await;
        org.apply(vec![
            order(&org, "late", "400", &[("GAYO", 2)], 9),
            order(&org, "early", "400", &[("GAYO", 2)], 1),
            order(&org, "soft", "220", &[("GAYO", 2)], 1),
        ])
        .await;
        assert_eq!(org.sum("GAYO").await, (6, 4, 2, 0));
        org.change("GAYO", 0, Change::Count(3)).await;
        assert_eq!(org.sum("GAYO").await, (3, 3, 0, 1));
        assert_eq!(peek::incidents(&org, "GAYO").await, ["open"]);
        assert_eq!(org.marked(JUDGE).await.len(), 2, "who lost something is judged again");
        org.work().await;
        assert!(org.attentions("late").await.contains("short"));
        assert!(!org.attentions("early").await.contains("short"));
        org.check().await;

        org.change("GAYO", 0, Change::Receipt(1)).await;
        org.work().await;
        assert_eq!(org.sum("GAYO").await, (4, 4, 0, 0));
        assert!(!org.attentions("late").await.contains("short"));
        assert_eq!(peek::incidents(&org, "GAYO").await, ["closed"]);
        org.change("GAYO", 0, Change::Receipt(2)).await;
        org.work().await;
        assert_eq!(org.sum("GAYO").await, (6, 4, 2, 0), "the sales order holds again");
        assert!(org.marked(FILL).await.is_empty());
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_count_ends_the_attention_of_who_sent_what_was_not_there() {
    on_both(async |org: Org| {
        org.opening("GAYO", [1, 0]).await;
        org.apply(vec![order(&org, "1", "500", &[("GAYO", 3)], 1)]).await;
        assert_eq!(org.sum("GAYO").await, (0, 0, 0, 0));
        assert!(org.attentions("1").await.contains("count"));
        org.change("GAYO", 0, Change::Count(7)).await;
        org.work().await;
        assert!(!org.attentions("1").await.contains("count"));
        assert_eq!(org.sum("GAYO").await, (7, 0, 0, 0));
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_late_send_after_the_units_were_sold_again_cuts_who_holds_them() {
    on_both(async |org: Org| {
        org.opening("GAYO", [2, 0]).await;
        org.apply(vec![order(&org, "1", "400", &[("GAYO", 2)], 1)]).await;
        org.apply(vec![act(&org, "1", ActKind::Void)]).await;
        org.apply(vec![order(&org, "2", "400", &[("GAYO", 2)], 2)]).await;
        org.apply(vec![act(&org, "1", ActKind::Release), said(&org, "1", "500", 5)]).await;
        let (on_hand, allocated, _, short) = org.sum("GAYO").await;
        assert_eq!((on_hand, allocated, short), (0, 0, 2));
        org.work().await;
        assert!(org.attentions("2").await.contains("short"));
        assert_eq!(peek::incidents(&org, "GAYO").await, ["open"]);
        org.check().await;
    })
    .await;
}
