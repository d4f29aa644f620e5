//! Why an order is what it is, as data: the words are chosen where a reader's language is known.

mod axes;
mod sentence;
mod stock;
mod tab;
mod trace;
mod view;
mod what_if;

pub use sentence::{Arg, Reason, Sentence, Topic};
pub use trace::{Traced, trace};
pub use what_if::{Differs, Outcome, dry_run, what_if};

use crate::order::{Case, State};
use view::View;

/// Why each axis of a judged case has its value and what would change it: one reason for each
/// [`Topic`], in order. `state` is what [`crate::order::judge`] made of the case.
#[must_use]
pub fn explain(case: Case<'_>, state: &State) -> Vec<Reason> {
    let view = View::of(case, state);
    Topic::ALL
        .iter()
        .map(|&topic| match topic {
            Topic::Document => axes::document(&view),
            Topic::Delivery => axes::delivery(&view),
            Topic::Payment => axes::payment(&view),
            Topic::Cancelled => axes::cancelled(&view),
            Topic::Tab => tab::tab(&view),
            Topic::Stock => stock::stock(&view),
        })
        .collect()
}
