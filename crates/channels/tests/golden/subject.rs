//! The fold under test: the hub's own judgement, with lines known.

use dermaga_domain::flow::Flow;
use dermaga_domain::order::{Acts, Case, Fact, FactKey, Line, LineKey, State, judge};
use dermaga_domain::time::Time;

use crate::reference::{Heard, Outcome};

/// The order that facts make, given in the order of the channel's time.
pub(crate) fn fold(flow: &Flow, heard: &[Heard]) -> Outcome {
    let state = state(flow, heard);
    Outcome {
        document: state.written(),
        delivery: state.delivery,
        payment: state.payment,
        bin: state.bin,
        tab: state.tab,
        attentions: state.attentions,
    }
}

pub(crate) fn state(flow: &Flow, heard: &[Heard]) -> State {
    let fact = |(second, heard): (i64, &Heard)| Fact {
        key: FactKey {
            about: heard.about,
            reference: None,
            unit: None,
            status: heard.status.clone(),
            actor: heard.actor,
            at: Some(Time::from_seconds(second)),
            mode: heard.mode,
        },
        fetched: true,
        reason: None,
    };
    let facts: Vec<Fact> = (1..).zip(heard).map(fact).collect();
    let line = Line {
        key: LineKey("1".into()),
        channel_product_id: "p1".to_owned(),
        channel_sku: "S1".to_owned(),
        name: String::new(),
        quantity: 1,
        cancelled: 0,
        unit_price: 10_000,
        units: Vec::new(),
    };
    let lines = Some(std::slice::from_ref(&line));
    judge(Case { flow, facts: &facts, lines, cancel_requested: false, acts: Acts::default() })
}
