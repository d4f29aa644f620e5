//! What becomes of an order by what was heard, as a person is told it.

use dermaga_domain::id::OrderId;
use dermaga_domain::term::Attention;

use super::case::Case;

/// What became of an order that was asked for, or would become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It could not be read or applied.
    Failed,
    /// The channel does not know it, or shows it as another shop's.
    NotFound,
    /// Something of it that a person sees is now otherwise.
    Changed,
    /// It was not here before.
    New,
    /// It was here as it is.
    Same,
}

impl Outcome {
    /// Every one, what a person must look at first.
    pub const ALL: [Self; 5] = [Self::Failed, Self::NotFound, Self::Changed, Self::New, Self::Same];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotFound => "not_found",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Same => "same",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Its place among the results: what a person must look at first.
    pub(crate) const fn standing(self) -> i64 {
        match self {
            Self::Failed => 0,
            Self::NotFound => 1,
            Self::Changed => 2,
            Self::New => 3,
            Self::Same => 4,
        }
    }

    /// The outcome of this standing; none = not known yet.
    pub(crate) fn at(standing: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.standing() == standing)
    }
}

/// What became of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The order; the id of one that is not kept yet says nothing.
    pub order: OrderId,
    /// The channel's id of it.
    pub channel_order_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What is otherwise: `document-invoice`, `delivery-sent`, `payment-paid`, `bin-in`, `bin-out`,
    /// `tab-completed`, `attention-short`, `status`, `content`.
    pub changes: Vec<String>,
}

/// What became of the orders of a batch.
pub(super) fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Vec<Told> {
    cases.into_iter().map(told).collect()
}

fn told(case: &Case) -> Told {
    let changes = if case.changed { changes(case) } else { Vec::new() };
    let outcome = match (case.fresh, changes.is_empty()) {
        (true, _) => Outcome::New,
        (false, true) => Outcome::Same,
        (false, false) => Outcome::Changed,
    };
    let channel_order_id = case.row.channel_order_id.clone();
    Told { order: OrderId(case.row.id), channel_order_id, outcome, changes }
}

fn changes(case: &Case) -> Vec<String> {
    let (before, after) = (&case.before, &case.after);
    let mut found = Vec::new();
    if after.written() != before.written() {
        found.push(format!("document-{}", after.written()));
    }
    if after.delivery != before.delivery {
        found.push(format!("delivery-{}", after.delivery));
    }
    if after.payment != before.payment {
        found.push(format!("payment-{}", after.payment));
    }
    if after.bin != before.bin {
        found.push(if after.bin { "bin-in" } else { "bin-out" }.to_owned());
    }
    if let Some(tab) = after.tab.filter(|_| after.tab != before.tab) {
        found.push(format!("tab-{tab}"));
    }
    let raised = after.attentions.difference(&before.attentions);
    found.extend(raised.map(|attention: &Attention| format!("attention-{attention}")));
    if found.is_empty() && after.status != before.status {
        found.push("status".to_owned());
    }
    if !case.fresh && (case.parts_changed || case.buyer.is_some()) {
        found.push("content".to_owned());
    }
    found
}
