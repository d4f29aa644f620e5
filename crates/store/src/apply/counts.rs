//! Counts per shop and tab, and per sub-platform, kept as orders move.

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

/// The same by the name that orders were sold under, for those of channels with several names.
pub(super) fn sub_platform_rows(cases: &[Case]) -> Rows {
    let mut deltas: BTreeMap<(i64, &str, &'static str), i64> = BTreeMap::new();
    for case in cases {
        let before = case.row.sub_platform.as_deref().map(|name| (name, &case.before, -1));
        let after = case.parts.sub_platform.as_ref();
        let after = after.map(|part| (part.content.as_str(), &case.after, 1));
        for (name, state, change) in before.into_iter().chain(after) {
            for view in views(state).chain([ALL]) {
                *deltas.entry((case.row.shop_id, name, view)).or_default() += change;
            }
        }
    }
    let mut rows = Rows::default();
    for ((shop, name, view), delta) in deltas {
        if delta != 0 {
            rows.push(&[&shop, &name, &view, &delta]);
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
