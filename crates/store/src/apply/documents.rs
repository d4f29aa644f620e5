//! The documents of a batch: which are written anew, and their numbers.

use dermaga_domain::term::{Delivery, Document, Payment};
use dermaga_domain::time::Time;

use super::case::Case;
use super::rows::DocumentRow;
use crate::Store;
use crate::db::Rows;

/// How many numbers of each series; or, as taken, the last number of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub(super) struct Numbers {
    pub(super) feed: i64,
    pub(super) sales_order: i64,
    pub(super) invoice: i64,
    pub(super) delivery: i64,
    pub(super) payment: i64,
}

/// A document that must be written.
pub(super) struct Wanted {
    order: i64,
    slot: &'static str,
    kind: &'static str,
    state: &'static str,
    stored: Option<DocumentRow>,
}

impl Wanted {
    /// A new document, or a sales order that became an invoice.
    fn needs_number(&self) -> bool {
        self.stored.as_ref().is_none_or(|stored| stored.kind != self.kind)
    }

    fn differs(&self) -> bool {
        self.stored
            .as_ref()
            .is_none_or(|stored| stored.kind != self.kind || stored.state != self.state)
    }
}

impl Numbers {
    /// How many numbers of each series the documents need.
    pub(super) fn count(wanted: &[Wanted]) -> Self {
        let mut count = Self::default();
        for document in wanted.iter().filter(|document| document.needs_number()) {
            *count.series(document.kind) += 1;
        }
        count
    }

    fn series(&mut self, kind: &str) -> &mut i64 {
        match kind {
            "sales_order" => &mut self.sales_order,
            "invoice" => &mut self.invoice,
            "delivery" => &mut self.delivery,
            _ => &mut self.payment,
        }
    }
}

/// The documents that are new or changed.
pub(super) fn wanted(cases: &[Case]) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for case in cases {
        wanted.extend(of_order(case).into_iter().flatten().filter(Wanted::differs));
    }
    wanted
}

fn of_order(case: &Case) -> [Option<Wanted>; 3] {
    let state = &case.after;
    let written = state.written();
    let of = |slot, kind, state| Wanted {
        order: case.row.id,
        slot,
        kind,
        state,
        stored: case.document(slot).cloned(),
    };
    let sale = match written {
        Document::None => None,
        Document::SalesOrder => Some("sales_order"),
        Document::Invoice => Some("invoice"),
    };
    let follows = |slot: &'static str, holds: bool| {
        let holds = holds && written == Document::Invoice;
        (holds || case.document(slot).is_some())
            .then(|| of(slot, slot, if holds { "live" } else { "withdrawn" }))
    };
    [
        sale.map(|kind| of("sale", kind, if state.bin { "bin" } else { "live" })),
        follows("delivery", state.delivery != Delivery::Unsent),
        follows("payment", state.payment == Payment::Paid),
    ]
}

/// The rows, with the numbers that were taken.
pub(super) fn rows(
    store: &Store,
    wanted: Vec<Wanted>,
    taken: &Numbers,
    asked: &Numbers,
    now: Time,
) -> Rows {
    let mut next = Numbers {
        feed: 0,
        sales_order: taken.sales_order - asked.sales_order,
        invoice: taken.invoice - asked.invoice,
        delivery: taken.delivery - asked.delivery,
        payment: taken.payment - asked.payment,
    };
    let mut rows = Rows::default();
    for document in wanted {
        let stored = document.stored.as_ref();
        let number = if document.needs_number() {
            let series = next.series(document.kind);
            *series += 1;
            *series
        } else {
            stored.map_or(0, |stored| stored.number)
        };
        let sales_order = stored.and_then(|stored| {
            if stored.kind == "sales_order" {
                Some(stored.number)
            } else {
                stored.sales_order_number
            }
        });
        rows.push(&[
            &document.order,
            &document.slot,
            &stored.map_or_else(|| store.ids.next(now), |stored| stored.id),
            &document.kind,
            &number,
            &sales_order.filter(|_| document.kind == "invoice"),
            &document.state,
            &stored.map_or(now.0, |stored| stored.created_at),
            &now.0,
        ]);
    }
    rows
}
