//! Counts per shop and tab, kept as orders move.

use std::collections::BTreeMap;

use dermaga_domain::order::State;
use dermaga_domain::term::Tab;

use super::case::Case;
use crate::db::Rows;

/// The views an order shows in besides its tab.
pub(crate) const ALL: &str = "all";
/// Orders that a person must look at: for a reason, or because nothing known says where they belong.
pub(crate) const ACTION: &str = "action";
/// Orders whose document is in the recycle bin.
pub(crate) const BIN: &str = "bin";

pub(super) fn rows(cases: &[Case]) -> Rows {
    let mut deltas: BTreeMap<(i64, &'static str), i64> = BTreeMap::new();
    for case in cases {
        if case.fresh {
            *deltas.entry((case.row.shop_id, ALL)).or_default() += 1;
        } else {
            for view in views(&case.before) {
                *deltas.entry((case.row.shop_id, view)).or_default() -= 1;
            }
        }
        for view in views(&case.after) {
            *deltas.entry((case.row.shop_id, view)).or_default() += 1;
        }
    }
    let mut rows = Rows::default();
    for ((shop, view), delta) in deltas {
        if delta != 0 {
            rows.push(&[&shop, &view, &delta]);
        }
    }
    rows
}

fn views(state: &State) -> impl Iterator<Item = &'static str> {
    let tab = state.tab.map(Tab::as_str);
    let action = (!state.attentions.is_empty() || tab.is_none()).then_some(ACTION);
    let bin = state.bin.then_some(BIN);
    tab.into_iter().chain(action).chain(bin)
}
