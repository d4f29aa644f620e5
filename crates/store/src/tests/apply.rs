//! Apply: from what is heard to documents and stock.

use std::sync::Arc;

use dermaga_domain::id::OrgId;
use dermaga_domain::money::Currency;
use dermaga_domain::order::{ActKind, Fact, Head, Line, LineKey, Money, Part, Snapshot};
use dermaga_domain::term::Mode;
use dermaga_domain::time::Time;

use super::{Org, START, on_both};
use crate::apply::{Applied, Batch, Heard, NewAct};
use crate::command::Giver;

/// A look at an order with one line.
pub(super) fn look(sku: &str, quantity: i64, at: i64) -> Snapshot {
    let line = Line {
        key: LineKey(Arc::from(sku)),
        channel_product_id: format!("p-{sku}"),
        channel_sku: sku.to_owned(),
        name: format!("Barang {sku}"),
        quantity,
        cancelled: 0,
        unit_price: 55_000,
        units: Vec::new(),
    };
    let goods = 55_000 * quantity;
    let money = Money {
        currency: Currency::IDR,
        goods,
        shipping: 9_000,
        fees: 0,
        discount: 0,
        total: goods + 9_000,
    };
    let at = Some(Time(START.0 + at));
    Snapshot {
        lines: Some(Part::seen(vec![line], true, at, true)),
        money: Some(Part::seen(money, true, at, true)),
        head: Some(Part::seen(Head { ordered_at: Some(START), ..Head::default() }, true, at, true)),
        ..Snapshot::default()
    }
}

pub(super) fn heard(
    org: &Org,
    order: &str,
    statuses: &[(&str, i64)],
    look: Option<Snapshot>,
) -> Heard {
    let mut heard = Heard::of(org.shop, order);
    for &(status, at) in statuses {
        heard.facts.push(Fact::of_order(status, Some(Time(START.0 + at)), Mode::Realtime));
    }
    heard.snapshot = look.unwrap_or_default();
    heard
}

pub(super) async fn apply(org: &Org, heard: Vec<Heard>) -> Applied {
    org.store.apply(Batch { heard, ..Batch::new(org.org) }).await.unwrap()
}

#[tokio::test]
async fn one_order_from_paid_to_finished() {
    on_both(async |org: Org| {
        let id = apply(&org, vec![heard(&org, "1", &[("220", 1)], None)]).await;
        assert_eq!(id.changed.len(), 1);
        let order = org.order("1").await;
        assert_eq!((order.document.as_str(), order.documented), ("sales_order", false));
        assert_eq!(org.documents("1").await, Vec::<String>::new(), "no lines yet: the fact waits");

        apply(&org, vec![heard(&org, "1", &[], Some(look("GAYO", 2, 1)))]).await;
        assert_eq!(org.documents("1").await, ["sales_order 1 live"]);
        apply(&org, vec![heard(&org, "1", &[("400", 2)], None)]).await;
        assert_eq!(org.documents("1").await, ["invoice 1 live"]);
        apply(&org, vec![heard(&org, "1", &[("500", 3)], None)]).await;
        assert_eq!(org.documents("1").await, ["delivery 1 live", "invoice 1 live"]);
        apply(&org, vec![heard(&org, "1", &[("700", 4)], None)]).await;
        assert_eq!(
            org.documents("1").await,
            ["delivery 1 live", "invoice 1 live", "payment 1 live"]
        );
        let order = org.order("1").await;
        assert_eq!((order.tab.as_deref(), order.payment.as_str()), (Some("completed"), "paid"));

        let again = apply(
            &org,
            vec![heard(&org, "1", &[("220", 1), ("700", 4)], Some(look("GAYO", 2, 1)))],
        )
        .await;
        assert_eq!((again.changed.len(), again.unchanged), (0, 1), "nothing new was heard");
    })
    .await;
}

#[tokio::test]
async fn a_void_releases_and_a_person_outranks() {
    on_both(async |org: Org| {
        org.stock("GAYO", 5).await;
        apply(&org, vec![heard(&org, "1", &[("220", 1), ("400", 2)], Some(look("GAYO", 2, 1)))])
            .await;
        assert_eq!(org.level("GAYO").await, (5, 2, 0, 0));
        apply(&org, vec![heard(&org, "1", &[("15", 3)], None)]).await;
        assert_eq!(org.level("GAYO").await, (5, 0, 0, 0));
        assert_eq!(org.documents("1").await, ["invoice 1 bin"]);

        let mut act = Heard::of(org.shop, "1");
        act.acts.push(NewAct { kind: ActKind::Restore, by: Giver::Machine, note: None });
        apply(&org, vec![act]).await;
        assert_eq!(org.documents("1").await, ["invoice 1 live"]);
        assert_eq!(org.level("GAYO").await, (5, 2, 0, 0));
        let order = org.order("1").await;
        assert!(order.attentions.contains("differs_from_channel"), "{}", order.attentions);

        let mut act = Heard::of(org.shop, "1");
        act.acts.push(NewAct { kind: ActKind::Release, by: Giver::Machine, note: None });
        apply(&org, vec![act]).await;
        assert_eq!(org.documents("1").await, ["invoice 1 bin"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_keeps_in_the_bin_moves_no_stock() {
    on_both(async |org: Org| {
        org.stock("GAYO", 5).await;
        apply(&org, vec![heard(&org, "1", &[("400", 2)], Some(look("GAYO", 2, 1)))]).await;
        let act = |kind| {
            let mut act = Heard::of(org.shop, "1");
            act.acts.push(NewAct { kind, by: Giver::Machine, note: None });
            act
        };
        apply(&org, vec![act(ActKind::Void)]).await;
        assert_eq!(org.level("GAYO").await, (5, 0, 0, 0));
        apply(&org, vec![heard(&org, "1", &[("500", 3)], None)]).await;
        assert_eq!(
            org.level("GAYO").await,
            (5, 0, 0, 0),
            "the channel shipped what a person voided"
        );
        let order = org.order("1").await;
        assert!(order.attentions.contains("differs_from_channel"), "{}", order.attentions);
        apply(&org, vec![act(ActKind::Restore)]).await;
        assert_eq!(org.level("GAYO").await, (3, 0, 0, 0), "now the books follow");
    })
    .await;
}

#[tokio::test]
async fn scarce_stock_is_short_and_never_negative() {
    on_both(async |org: Org| {
        org.stock("GAYO", 3).await;
        let orders =
            (1..=4).map(|n| heard(&org, &n.to_string(), &[("400", 1)], Some(look("GAYO", 2, 1))));
        apply(&org, orders.collect()).await;
        assert_eq!(org.level("GAYO").await, (3, 3, 0, 5));
        apply(&org, vec![heard(&org, "4", &[("500", 2)], None)]).await;
        let (on_hand, allocated, reserved, short) = org.level("GAYO").await;
        assert!(on_hand >= 0 && on_hand - allocated - reserved >= 0);
        assert_eq!(allocated + short, 6, "three invoices of two are still to be sent");
    })
    .await;
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_size_of_the_batch() {
    on_both(async |org: Org| {
        org.stock("GAYO", 1_000).await;
        let batch = |from: i64, n: i64| {
            (from..from + n)
                .map(|n| heard(&org, &n.to_string(), &[("400", 1)], Some(look("GAYO", 1, 1))))
                .collect::<Vec<_>>()
        };
        let first = apply(&org, batch(0, 1)).await.statements;
        let small = apply(&org, batch(1_000, 2)).await.statements;
        let large = apply(&org, batch(2_000, 150)).await.statements;
        assert_eq!(small, large);
        assert!(first <= 30 && large <= 30, "{first} and {large} statements");
    })
    .await;
}

impl Org {
    async fn order(&self, number: &str) -> crate::apply::rows::OrderRow {
        super::peek::order(self, number).await
    }

    async fn documents(&self, number: &str) -> Vec<String> {
        super::peek::documents(self, number).await
    }

    pub(super) async fn stock(&self, sku: &str, quantity: i64) {
        super::peek::stock(self, sku, quantity).await;
    }

    /// On hand, allocated, reserved and short, over all warehouses.
    async fn level(&self, sku: &str) -> (i64, i64, i64, i64) {
        super::peek::level(self, sku).await
    }
}

#[tokio::test]
async fn a_batch_of_an_org_that_does_not_exist_is_refused() {
    on_both(async |org: Org| {
        let refused = org
            .store
            .apply(Batch {
                heard: vec![heard(&org, "1", &[("400", 1)], None)],
                ..Batch::new(OrgId(5))
            })
            .await;
        assert!(refused.is_err());
    })
    .await;
}
