//! What is held of stock. What is short or unmapped is known to whoever settles it.

use super::sentence::{Arg, Reason, Sentence, Topic};
use super::view::View;
use crate::stock::Target;
use crate::term::Document;

pub(super) fn stock(view: &View<'_>) -> Reason {
    let sum = |of: fn(&Target) -> i64| -> i64 {
        view.state.targets.iter().map(|line| of(&line.target)).sum()
    };
    let reserved = sum(|target| target.reserve);
    let allocated = sum(|target| target.allocate);
    let sold = sum(|target| target.sold);
    let told = |key, units| Sentence::new(key).with("n", Arg::Number(units));
    let because = if view.state.bin && sold == 0 {
        released(view)
    } else if reserved > 0 {
        told("explain-stock-reserved", reserved)
    } else if allocated > 0 && sold > 0 {
        told("explain-stock-partly", sold).with("allocated", Arg::Number(allocated))
    } else if allocated > 0 {
        told("explain-stock-allocated", allocated)
    } else if sold > 0 {
        told("explain-stock-sold", sold)
    } else {
        Sentence::new("explain-stock-nothing")
    };
    Reason::new(Topic::Stock, because)
}

/// What a document in the bin does not hold any more.
fn released(view: &View<'_>) -> Sentence {
    let ordered = view.case.lines.unwrap_or_default().iter();
    let units: i64 = ordered.map(|line| (line.quantity - line.cancelled).max(0)).sum();
    if units == 0 || view.state.written() == Document::None {
        return Sentence::new("explain-stock-nothing");
    }
    let by_person = view.case.acts.bin == Some(true);
    let by = view.state.evidence.cancelled.filter(|_| !by_person);
    let time = by.and_then(|fact| view.fact(fact).key.at);
    Sentence::new("explain-stock-released")
        .with("n", Arg::Number(units))
        .with("time", Arg::Time(time))
}
