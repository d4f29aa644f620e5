//! Stock on both databases.

mod fifty;
mod fill;
mod listings;
mod locks;
mod marks;
mod moves;
mod opening;
mod shelf;
mod twin;

use std::sync::Arc;

use dermaga_domain::id::{OrderId, SkuId};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{ActKind, Fact, Head, Line, LineKey, Money, Part, Snapshot};
use dermaga_domain::term::Mode;
use dermaga_domain::time::{Span, Time};

use super::{Org, START, on_both, open, peek};
use crate::apply::{Applied, Batch, Heard, NewAct, TakenMark};
use crate::command::Giver;
use crate::stock::{Change, Moved, NewSku, OpeningRow, StockMove};
use crate::work::{FILL, JUDGE};

/// An order with lines of (SKU code, quantity), to be shipped by so many hours after the start.
fn order(org: &Org, id: &str, status: &str, lines: &[(&str, i64)], ship_by: i64) -> Heard {
    let line = |(at, &(sku, quantity)): (usize, &(&str, i64))| Line {
        key: LineKey(Arc::from(format!("{at}"))),
        channel_product_id: format!("p-{sku}"),
        channel_sku: sku.to_owned(),
        name: format!("Barang {sku}"),
        quantity,
        cancelled: 0,
        unit_price: 1_000,
        units: Vec::new(),
    };
    let goods = lines.iter().map(|line| line.1 * 1_000).sum();
    let lines = lines.iter().enumerate().map(line).collect();
    let money =
        Money { currency: Currency::IDR, goods, shipping: 0, fees: 0, discount: 0, total: goods };
    let ship_by = Some(START.plus(Span(ship_by * 3_600_000_000)));
    let head = Head { ordered_at: Some(START), ship_by, ..Head::default() };
    let mut heard = said(org, id, status, 1);
    heard.snapshot = Snapshot {
        lines: Some(Part::seen(lines, true, Some(START), true)),
        money: Some(Part::seen(money, true, Some(START), true)),
        head: Some(Part::seen(head, true, Some(START), true)),
        ..Snapshot::default()
    };
    heard
}

/// A status heard at so many microseconds after the start.
fn said(org: &Org, id: &str, status: &str, at: i64) -> Heard {
    let mut heard = Heard::of(org.shop, id);
    heard.facts.push(Fact::of_order(status, Some(Time(START.0 + at)), Mode::Realtime));
    heard
}

fn act(org: &Org, id: &str, kind: ActKind) -> Heard {
    let mut heard = Heard::of(org.shop, id);
    heard.acts.push(NewAct { kind, by: Giver::Machine, note: None });
    heard
}

/// What the tests do to the stock of an org.
impl Org {
    async fn apply(&self, heard: Vec<Heard>) -> Applied {
        self.store.apply(Batch { heard, ..Batch::new(self.org) }).await.unwrap()
    }

    async fn sku(&self, code: &str) -> SkuId {
        self.store.find_sku(self.org, code).await.unwrap().unwrap().id
    }

    async fn bundle(&self, code: &str, components: Vec<(SkuId, i64)>) -> SkuId {
        let new = NewSku { code: code.to_owned(), name: code.to_owned(), components };
        self.store.create_sku(self.org, new).await.unwrap()
    }

    /// Opens the levels of a SKU in the two warehouses.
    async fn opening(&self, sku: &str, quantities: [i64; 2]) {
        let rows =
            ["Bandung", "Jakarta"].into_iter().zip(quantities).map(|(name, quantity)| OpeningRow {
                line: 0,
                sku: sku.to_owned(),
                name: String::new(),
                warehouse: name.to_owned(),
                quantity,
            });
        self.store.import_opening(self.org, rows.collect(), None).await.unwrap();
    }

    async fn change(&self, sku: &str, house: usize, change: Change) -> Moved {
        let sku = self.sku(sku).await;
        let asked = StockMove {
            sku,
            warehouse: self.warehouses[house],
            change,
            note: None,
            by: Giver::Machine,
            seen: None,
        };
        self.store.move_stock(self.org, vec![asked]).await.unwrap()[0]
    }

    /// On hand, allocated, reserved and short, over all warehouses.
    async fn sum(&self, sku: &str) -> (i64, i64, i64, i64) {
        peek::level(self, sku).await
    }

    /// Does what is marked until nothing is marked any more, as the engine does.
    async fn work(&self) {
        for _ in 0..100 {
            let judged = self.judge_marked().await;
            let filled = self.fill_marked(200).await;
            if judged + filled == 0 {
                return;
            }
        }
        panic!("marks bring marks for ever");
    }

    async fn judge_marked(&self) -> usize {
        let taken = self.store.due(self.org, JUDGE, 200).await.unwrap();
        if taken.is_empty() {
            return 0;
        }
        let ids: Vec<OrderId> =
            taken.iter().map(|mark| OrderId(mark.subject.parse().unwrap())).collect();
        let keys = self.store.orders_by_id(self.org, &ids).await.unwrap();
        let again = |(_, shop, order): &(OrderId, _, String)| Heard {
            again: true,
            ..Heard::of(*shop, order)
        };
        let batch = Batch {
            heard: keys.iter().map(again).collect(),
            marks: taken.iter().map(|mark| done(JUDGE, mark)).collect(),
            ..Batch::new(self.org)
        };
        self.store.apply(batch).await.unwrap();
        taken.len()
    }

    async fn fill_marked(&self, limit: i64) -> usize {
        let taken = self.store.due(self.org, FILL, 200).await.unwrap();
        for mark in &taken {
            let sku = SkuId(mark.subject.parse().unwrap());
            let turn = self.store.fill_candidates(self.org, sku, limit).await.unwrap();
            let heard = turn
                .iter()
                .map(|(shop, order)| Heard { again: true, ..Heard::of(*shop, order) })
                .collect();
            let batch = Batch {
                heard,
                marks: vec![done(FILL, mark)],
                fill: Some(sku),
                ..Batch::new(self.org)
            };
            self.store.apply(batch).await.unwrap();
        }
        taken.len()
    }

    async fn marked(&self, kind: &'static str) -> Vec<String> {
        let taken = self.store.due(self.org, kind, 1_000).await.unwrap();
        taken.into_iter().map(|mark| mark.subject).collect()
    }

    /// The books agree, level by level and holding by holding.
    async fn check(&self) {
        let drift = self.store.stock_drift(self.org).await.unwrap();
        assert!(drift.is_empty(), "{drift:?}");
    }

    async fn attentions(&self, id: &str) -> String {
        peek::order(self, id).await.attentions
    }
}

fn done(kind: &'static str, mark: &crate::work::Taken) -> TakenMark {
    TakenMark {
        kind,
        scope: mark.scope,
        subject: mark.subject.clone(),
        generation: mark.generation,
    }
}
