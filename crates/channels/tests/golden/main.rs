//! Golden cells: every rule of every flow file, applied to every state an order can be in.
//!
//! `tests/golden/<channel>.csv` was written from the sources of the flows, not from the flow files.
//! One line is one rule (its cells first), the state before it, how it was heard, and what the order
//! must then be. `tests/golden/<channel>.prior.csv` says which statuses, heard by a download, lead
//! to each state before; `status:actor` names who brought one about. A state that a channel's flow
//! cannot reach is not there.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

mod mutants;
mod reference;
mod subject;
mod walks;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::PathBuf;
use std::str::FromStr;

use dermaga_channels::flows::FLOW_FILES;
use dermaga_domain::flow::{Effect, Flow, FlowFile, Preset, Rule};
use dermaga_domain::order::transitions;
use dermaga_domain::term::{
    About, Cancellation, ChannelStatus, Delivery, Document, Mode, Payment, Verb,
};
use reference::{Heard, Outcome};
use serde::Deserialize;

/// One line of a golden file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Golden {
    /// `classic`, `recommended`, or a preset with a setting: `classic+unpaid_order`.
    preset: String,
    status: String,
    actor: String,
    about: String,
    ensures: String,
    rule_tab: String,
    rule_attention: String,
    verb: String,
    prior: String,
    mode: String,
    releases: bool,
    document: String,
    delivery: String,
    payment: String,
    bin: bool,
    tab: String,
    attentions: String,
}

/// What an order is after the facts that led to a prior state and one more: the one place where
/// the fold under test is called.
fn apply(flow: &Flow, prior: &[Heard], fact: &Heard) -> Outcome {
    subject::fold(flow, &with(prior, fact))
}

fn with(prior: &[Heard], fact: &Heard) -> Vec<Heard> {
    prior.iter().chain([fact]).cloned().collect()
}

/// The golden lines and prior states of a channel, with the flow of each preset that they name.
struct Channel {
    name: &'static str,
    goldens: Vec<Golden>,
    priors: BTreeMap<String, Vec<Heard>>,
    flows: BTreeMap<String, Flow>,
}

impl Channel {
    fn all() -> Vec<Self> {
        FLOW_FILES.iter().map(|(name, text)| Self::read(name, text)).collect()
    }

    fn read(name: &'static str, text: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
        let mut reader = csv::Reader::from_path(folder.join(format!("{name}.csv"))).unwrap();
        let goldens = reader.deserialize().map(Result::unwrap).collect();
        let mut reader = csv::Reader::from_path(folder.join(format!("{name}.prior.csv"))).unwrap();
        let priors = reader.deserialize::<(String, String)>().map(Result::unwrap);
        let priors = priors.map(|(prior, statuses)| (prior, downloaded(&statuses))).collect();
        let file = FlowFile::parse(name, text).unwrap();
        let presets = Preset::ALL.iter().map(|&preset| (preset.to_string(), file.flow(preset)));
        let mut flows: BTreeMap<String, Flow> = presets.collect();
        for setting in file.settings() {
            let flow = file.flow_with(Preset::Classic, &[&setting.name]).unwrap();
            flows.insert(format!("classic+{}", setting.name), flow);
        }
        Self { name, goldens, priors, flows }
    }

    fn goldens_of(&self, preset: &str) -> Vec<&Golden> {
        self.goldens.iter().filter(|golden| golden.preset == preset).collect()
    }

    /// The prior states that a flow can reach.
    fn states<'a>(&'a self, flow: &Flow) -> impl Iterator<Item = (&'a str, &'a [Heard])> {
        let sales_orders = flow.rules.iter().any(|rule| rule.ensures.has(Effect::SalesOrder));
        let states = self.priors.iter().map(|(prior, facts)| (prior.as_str(), facts.as_slice()));
        states.filter(move |(prior, _)| sales_orders || *prior != "sales_order")
    }
}

/// The facts of one cell of the prior file.
fn downloaded(statuses: &str) -> Vec<Heard> {
    let one = |text: &str| {
        let (status, actor) = text.split_once(':').unwrap_or((text, ""));
        let status = ChannelStatus::new(status);
        Heard { about: About::Order, status, actor: parsed(actor), mode: Mode::Download }
    };
    statuses.split_whitespace().map(one).collect()
}

fn parsed<T: FromStr<Err: Debug>>(text: &str) -> Option<T> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Where the rule stands that a golden line speaks of; its key and effects name it.
fn rule_of(flow: &Flow, golden: &Golden) -> Option<usize> {
    let named = |rule: &Rule| {
        rule.status.as_str() == golden.status
            && shown(rule.actor) == golden.actor
            && rule.about.as_str() == golden.about
            && rule.ensures.to_string() == golden.ensures
    };
    let mut found = flow.rules.iter().enumerate().filter(|(_, rule)| named(rule));
    let (index, _) = found.next()?;
    found.next().is_none().then_some(index)
}

/// The golden line as the flow would have it; `None` if the flow has no such rule, or does not know
/// a status that leads to the prior state.
fn as_judged(flow: &Flow, channel: &Channel, golden: &Golden) -> Option<Golden> {
    let rule = &flow.rules[rule_of(flow, golden)?];
    let prior = &channel.priors[&golden.prior];
    if !prior.iter().all(|fact| flow.position(fact.about, &fact.status).is_some()) {
        return None;
    }
    let mode: Mode = parsed(&golden.mode)?;
    let fact = Heard { about: rule.about, status: rule.status.clone(), actor: rule.actor, mode };
    let outcome = apply(flow, prior, &fact);
    let attentions: BTreeSet<&str> = outcome.attentions.iter().map(|word| word.as_str()).collect();
    Some(Golden {
        rule_tab: shown(rule.tab),
        rule_attention: shown(rule.attention),
        verb: rule.verb.to_string(),
        releases: rule.releases(mode),
        document: outcome.document.to_string(),
        delivery: outcome.delivery.to_string(),
        payment: outcome.payment.to_string(),
        bin: outcome.bin,
        tab: shown(outcome.tab),
        attentions: attentions.into_iter().collect::<Vec<_>>().join(","),
        ..golden.clone()
    })
}

#[test]
fn every_golden_cell_holds() {
    for channel in Channel::all() {
        for golden in &channel.goldens {
            let judged = as_judged(&channel.flows[&golden.preset], &channel, golden);
            assert_eq!(judged.as_ref(), Some(golden), "{}", channel.name);
        }
    }
}

/// The fact of a golden line under its flow, and those before it.
fn told<'a>(flow: &Flow, channel: &'a Channel, golden: &Golden) -> (&'a [Heard], Heard) {
    let rule = &flow.rules[rule_of(flow, golden).unwrap()];
    let (status, mode) = (rule.status.clone(), parsed(&golden.mode).unwrap());
    (&channel.priors[&golden.prior], Heard { about: rule.about, status, actor: rule.actor, mode })
}

#[test]
fn the_second_opinion_agrees() {
    for channel in Channel::all() {
        for golden in &channel.goldens {
            let flow = &channel.flows[&golden.preset];
            let (prior, fact) = told(flow, &channel, golden);
            let facts = with(prior, &fact);
            let second = reference::fold(flow, &facts);
            assert_eq!(second, subject::fold(flow, &facts), "{} {golden:?}", channel.name);
        }
    }
}

#[test]
fn the_transitions_tell_what_changed_in_the_documents() {
    let documents = [
        Verb::CreateOrder,
        Verb::ConvertOrderToInvoice,
        Verb::CreateInvoice,
        Verb::CreateOutboundLogistic,
        Verb::AddPayment,
        Verb::VoidInvoice,
        Verb::RestoreInvoice,
    ];
    for channel in Channel::all() {
        for golden in &channel.goldens {
            let flow = &channel.flows[&golden.preset];
            let (prior, fact) = told(flow, &channel, golden);
            let before = subject::state(flow, prior);
            let after = subject::state(flow, &with(prior, &fact));
            let verbs = transitions(&before, &after).into_iter().map(|told| told.verb);
            let verbs: Vec<Verb> = verbs.filter(|verb| documents.contains(verb)).collect();
            let mut wanted = Vec::new();
            let was = golden.prior.as_str();
            match (was, golden.document.as_str()) {
                ("nothing", "sales_order") => wanted.push(Verb::CreateOrder),
                ("nothing", "invoice") => wanted.push(Verb::CreateInvoice),
                ("sales_order", "invoice") => wanted.push(Verb::ConvertOrderToInvoice),
                _ => {}
            }
            if !was.starts_with("invoice_sent") && golden.delivery != "unsent" {
                wanted.push(Verb::CreateOutboundLogistic);
            }
            if !was.ends_with("paid") && golden.payment == "paid" {
                wanted.push(Verb::AddPayment);
            }
            match (was == "in_bin", golden.bin) {
                (false, true) => wanted.push(Verb::VoidInvoice),
                (true, false) => wanted.push(Verb::RestoreInvoice),
                _ => {}
            }
            assert_eq!(verbs, wanted, "{} {golden:?}", channel.name);
        }
    }
}

#[test]
fn every_rule_is_applied_to_every_state_in_both_modes() {
    for channel in Channel::all() {
        for (preset, flow) in &channel.flows {
            let goldens = channel.goldens_of(preset);
            let lines: BTreeSet<_> = goldens
                .iter()
                .map(|golden| (rule_of(flow, golden).unwrap(), &golden.prior, &golden.mode))
                .collect();
            let states = channel.states(flow).count();
            assert_eq!(goldens.len(), flow.rules.len() * states * 2, "{} {preset}", channel.name);
            assert_eq!(lines.len(), goldens.len(), "{} {preset}", channel.name);
        }
    }
}

#[test]
fn the_prior_statuses_lead_to_the_state_they_are_named_for() {
    use Document::{Invoice, SalesOrder};
    for channel in Channel::all() {
        for (preset, flow) in &channel.flows {
            for (prior, facts) in channel.states(flow) {
                let wanted = match prior {
                    "nothing" => (Document::None, Delivery::Unsent, Payment::Unpaid, false),
                    "sales_order" => (SalesOrder, Delivery::Unsent, Payment::Unpaid, false),
                    "invoice_unsent" => (Invoice, Delivery::Unsent, Payment::Unpaid, false),
                    "invoice_sent" => (Invoice, Delivery::Sent, Payment::Unpaid, false),
                    "invoice_sent_paid" => (Invoice, Delivery::Sent, Payment::Paid, false),
                    "in_bin" => (Invoice, Delivery::Unsent, Payment::Unpaid, true),
                    other => panic!("{}: {other:?} is not a state", channel.name),
                };
                let outcome = subject::fold(flow, facts);
                assert_eq!(
                    reference::fold(flow, facts),
                    outcome,
                    "{} {preset} {prior}",
                    channel.name
                );
                let reached = (outcome.document, outcome.delivery, outcome.payment, outcome.bin);
                assert_eq!(reached, wanted, "{} {preset} {prior}", channel.name);
            }
        }
    }
}

#[test]
fn changing_any_one_cell_is_noticed() {
    let mut changed = 0_u32;
    for channel in Channel::all() {
        for (preset, flow) in &channel.flows {
            let goldens = channel.goldens_of(preset);
            for (index, rule) in flow.rules.iter().enumerate() {
                // The rule's own lines are looked at first: they settle most cases at once.
                let (own, others): (Vec<&Golden>, Vec<&Golden>) =
                    goldens.iter().partition(|golden| rule_of(flow, golden) == Some(index));
                for (cell, mutant) in mutants::of(rule, &flow.documented[0].statuses) {
                    let mut mutated = flow.clone();
                    mutated.rules[index] = mutant;
                    let noticed = own.iter().chain(&others).any(|golden| {
                        as_judged(&mutated, &channel, golden).as_ref() != Some(*golden)
                    });
                    let place = (channel.name, preset, rule.status.as_str());
                    assert!(noticed, "{place:?}: {cell} can change unnoticed");
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 5_000, "only {changed} cells were changed");
}

#[test]
fn a_row_that_is_gone_and_another_cancellation_are_noticed() {
    for channel in Channel::all() {
        for (preset, flow) in &channel.flows {
            let goldens = channel.goldens_of(preset);
            let noticed = |mutated: &Flow| {
                goldens
                    .iter()
                    .any(|golden| as_judged(mutated, &channel, golden).as_ref() != Some(*golden))
            };
            for gone in 0..flow.rules.len() {
                let mut mutated = flow.clone();
                mutated.rules.remove(gone);
                assert!(noticed(&mutated), "{} {preset}: rule {gone} can go", channel.name);
            }
            // Without a state in the bin nothing could come back from it.
            if channel.priors.contains_key("in_bin") {
                let cancellation = match flow.cancellation {
                    Cancellation::Final => Cancellation::Latest,
                    Cancellation::Latest => Cancellation::Final,
                };
                let mutated = Flow { cancellation, ..flow.clone() };
                assert!(noticed(&mutated), "{} {preset}: {cancellation}", channel.name);
            }
        }
    }
}
