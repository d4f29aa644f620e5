//! Walks through the statuses of a shop whose people may set any of them at any time.
//!
//! `tests/golden/woocommerce.walk.csv` was written by hand: what an order is in each state, and which
//! state follows when each status is heard. Statuses of an order stand in it by their names, `refund` is
//! money that went back beside them.

use std::collections::BTreeMap;

use dermaga_domain::flow::Flow;
use dermaga_domain::term::{About, Attention, ChannelStatus, Mode};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::Channel;
use crate::reference::{Heard, Outcome};
use crate::subject;

const CHANNEL: &str = "woocommerce";
/// Where an order begins.
const FIRST: &str = "nothing";
const REFUND: &str = "refund";
const WALKS: u64 = 1_000;
const STEPS: usize = 12;

/// A state's cells, and the state after each status.
struct Table(BTreeMap<String, (Cells, BTreeMap<String, String>)>);

/// What the documents must be: document, delivery, payment, in the bin, cancelled after it was sent.
type Cells = [String; 5];

impl Table {
    fn read() -> Self {
        let text = include_str!("../../../../tests/golden/woocommerce.walk.csv");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let statuses: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| {
            let row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
            let cells: Cells = row[1..6].to_vec().try_into().unwrap();
            let next = statuses[6..].iter().cloned().zip(row[6..].iter().cloned()).collect();
            (row[0].clone(), (cells, next))
        });
        Self(rows.collect())
    }

    fn statuses(&self) -> Vec<&str> {
        self.0[FIRST].1.keys().map(String::as_str).collect()
    }

    fn after(&self, state: &str, status: &str) -> &str {
        &self.0[state].1[status]
    }

    fn check(&self, state: &str, found: &Outcome, way: &[Heard]) {
        let after_sent = found.attentions.contains(&Attention::CancelledAfterSent);
        let found = [
            found.document.to_string(),
            found.delivery.to_string(),
            found.payment.to_string(),
            found.bin.to_string(),
            after_sent.to_string(),
        ];
        let way: Vec<&str> = way.iter().map(|heard| heard.status.as_str()).collect();
        assert_eq!(self.0[state].0, found, "{state} after {way:?}");
    }
}

fn heard(status: &str, mode: Mode) -> Heard {
    let about = if status == REFUND { About::Return } else { About::Order };
    Heard { about, status: ChannelStatus::new(status), actor: None, mode }
}

/// Hears the statuses one after the other, and looks at the order after each.
fn walk(table: &Table, flow: &Flow, way: &[Heard]) {
    let mut state = FIRST;
    for steps in 1..=way.len() {
        let way = &way[..steps];
        state = table.after(state, way[steps - 1].status.as_str());
        table.check(state, &subject::fold(flow, way), way);
    }
}

fn flows() -> Vec<Flow> {
    let channel = Channel::all().into_iter().find(|channel| channel.name == CHANNEL).unwrap();
    channel.flows.into_values().collect()
}

#[test]
fn every_status_is_in_the_table() {
    let table = Table::read();
    for flow in flows() {
        for documented in &flow.documented {
            for status in &documented.statuses {
                assert!(table.statuses().contains(&status.as_str()), "{status:?}");
            }
        }
    }
}

#[test]
fn every_pair_of_statuses_leads_where_the_table_says() {
    let table = Table::read();
    for flow in flows() {
        for before in table.statuses() {
            for after in table.statuses() {
                for mode in [Mode::Realtime, Mode::Download] {
                    walk(&table, &flow, &[heard(before, mode), heard(after, mode)]);
                }
            }
        }
    }
}

#[test]
fn every_walk_leads_where_the_table_says() {
    let table = Table::read();
    let statuses = table.statuses();
    for flow in flows() {
        for seed in 0..WALKS {
            let mut dice = StdRng::seed_from_u64(seed);
            let mut step = || {
                let mode = if dice.random_bool(0.5) { Mode::Realtime } else { Mode::Download };
                heard(statuses.choose(&mut dice).unwrap(), mode)
            };
            let way: Vec<Heard> = (0..STEPS).map(|_| step()).collect();
            walk(&table, &flow, &way);
        }
    }
}
