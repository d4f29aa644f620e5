//! Convergence through the store: what the tables say is what the pure judgement says, wherever the
//! batch was cut and however often the process died.
//!
//! For each channel and database 300 seeded cases: documented paths and random messages with units,
//! looks, all modes and repetitions, in random order. **Each case is cut at every position, and each
//! cut is an order of its own**: what comes before the cut is one batch, the rest another. Orders of
//! many cases share their batches, as they do in a hub.
//!
//! Around every cut the process dies three times:
//!
//! 1. inside the transaction that brings what is before the cut,
//! 2. at the cut, between the two transactions,
//! 3. inside the transaction that brings the rest;
//!
//! after 1 and 3 the batch comes again, as a message does that was not marked done. The place inside
//! the transaction goes round: before its first statement, before a later one, …, before its commit.
//!
//! *Why so.* A process here is a store in a runtime of its own. To die it is held at a step of its
//! write, so that where it dies is known and not a matter of luck, and its runtime is taken down. What
//! the next process finds is what a machine finds: on SQLite a copy of the file and its write-ahead
//! log taken at that moment, with the transaction open, which recovery has to make sense of; on
//! PostgreSQL the server, whose connection ended in the middle of a transaction. Killing whole processes at random is what
//! `dermaga bench torture` does; here every cut of every case has its crash.
//!
//! Compared are axes, tab, attentions, documents, bin, lines, money, what each order holds of stock,
//! and the levels. Numbers, our own times and the path of transitions are not.

mod cases;
mod expected;
mod hub;

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::term::Tab;
use dermaga_store::apply::Heard;
use dermaga_store::read::orders::View;

use self::cases::{Case, PRODUCTS, product_id};
use self::expected::{Expected, Held, Shown};
use self::hub::{Hub, Kind, OPENED};

/// Cases of each channel and database.
const CASES: u64 = 300;

/// Orders of one batch, at most: as many as the engine gives one.
const ORDERS_MAX: usize = 200;

/// Statements of a batch at most, and how far apart the ones are before which the process dies.
const PLACES: usize = 36;
const PLACES_APART: usize = 5;

/// An order of the hub: a case and where it is cut.
struct Cut<'a> {
    case: &'a Case,
    at: usize,
}

impl Cut<'_> {
    fn number(&self) -> String {
        format!("{}-{}", self.case.seed, self.at)
    }

    fn heard(&self, hub: &Hub, part: Part) -> Vec<Heard> {
        let (before, after) = self.case.messages.split_at(self.at);
        let messages = if part == Part::Before { before } else { after };
        let one = |message: &crate::known::Message| {
            let mut heard = Heard::of(hub.shops[self.case.flow], &self.number());
            heard.facts.extend(message.fact.clone());
            heard.snapshot = message.look.clone().unwrap_or_default();
            heard
        };
        messages.iter().map(one).collect()
    }
}

/// The two batches of a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    After,
}

fn converges(kind: Kind, channel: &str) {
    let flows = crate::flows(channel);
    let cases: Vec<Case> = (0..CASES).map(|seed| Case::of(channel, &flows, seed)).collect();
    let cuts: Vec<Cut<'_>> =
        cases.iter().flat_map(|case| case.cuts().map(move |at| Cut { case, at })).collect();
    let mut hub = Hub::open(kind, channel, &flows);
    // Steps apart, so that a few batches come by the whole of a transaction.
    let mut places = (0..PLACES).step_by(PLACES_APART).cycle();
    let mut batches = 0;
    for together in cuts.chunks(ORDERS_MAX) {
        let heard = |hub: &Hub, part| -> Vec<Heard> {
            together.iter().flat_map(|cut| cut.heard(hub, part)).collect()
        };
        for part in [Part::Before, Part::After] {
            let before = hub.rows();
            hub.dies_in(heard(&hub, part), places.next().unwrap());
            assert_eq!(hub.rows(), before, "{channel}: nothing is kept of half a batch");
            hub.takes(heard(&hub, part));
            if part == Part::Before {
                hub.dies();
            }
        }
        batches += 1;
    }
    assert_eq!(hub.crashes, 3 * batches, "{channel}: a crash at every cut");
    for place in ["apply.lock_orders", "the commit"] {
        assert!(hub.died_before.contains(place), "{channel}: {place}: {:?}", hub.died_before);
    }

    let compared = shows_what_is_expected(&hub, channel, &flows, &cuts);
    assert_eq!(compared, CASES, "{channel}: every case ran");
    assert_eq!(hub.violations(), Vec::<String>::new(), "{channel}");
}

/// Compares every order with the oracle and with the other cuts of its case, and then what the org
/// comes to. Gives the number of cases that were compared.
fn shows_what_is_expected(
    hub: &Hub,
    channel: &str,
    flows: &[dermaga_domain::flow::Flow],
    cuts: &[Cut<'_>],
) -> u64 {
    let stored: BTreeMap<String, Shown> = (hub.orders().iter())
        .map(|order| (order.channel_order_id.clone(), Shown::of_order(order)))
        .collect();
    assert_eq!(stored.len(), cuts.len(), "{channel}: one order of each cut");
    let mut first: BTreeMap<u64, Shown> = BTreeMap::new();
    let mut sums = vec![Held::default(); PRODUCTS];
    let mut left_before = 0;
    for cut in cuts {
        let expected = Expected::of(cut.case, &flows[cut.case.flow], cut.at);
        let shown = &stored[&cut.number()];
        let told = || format!("{channel} cut {}: {:#?}", cut.number(), cut.case);
        assert_eq!(*shown, expected.shown, "{}", told());
        let same = first.entry(cut.case.seed).or_insert_with(|| shown.without_stock());
        assert_eq!(shown.without_stock(), *same, "{}", told());
        left_before += usize::from(expected.left_before);
        let sum = &mut sums[cut.case.product];
        sum.reserved += shown.held.reserved;
        sum.allocated += shown.held.allocated;
        sum.sold += shown.held.sold;
    }
    assert!(left_before * 10 < cuts.len(), "{channel}: {left_before} kept the stock of before");
    levels_add_up(hub, &sums);
    counts_add_up(hub, stored.values());
    u64::try_from(first.len()).unwrap()
}

/// A level is what was opened less what the orders hold.
fn levels_add_up(hub: &Hub, sums: &[Held]) {
    let levels = hub.levels();
    assert_eq!(levels.len(), sums.len());
    for (product, sum) in sums.iter().enumerate() {
        let level = levels.iter().find(|level| level.code == product_id(product)).unwrap();
        let shown = (level.on_hand, level.allocated, level.reserved, level.short);
        assert_eq!(shown, (OPENED - sum.sold, sum.allocated, sum.reserved, 0), "{}", level.code);
    }
    for held in [|sum: &Held| sum.sold, |sum: &Held| sum.allocated] {
        assert!(sums.iter().map(held).sum::<i64>() > 0, "stock moved: {sums:?}");
    }
}

/// The numbers beside the tabs are those of the orders that show there.
fn counts_add_up<'a>(hub: &Hub, shown: impl Iterator<Item = &'a Shown>) {
    let counts = hub.counts();
    let shown: Vec<&Shown> = shown.collect();
    let count = |shows: &dyn Fn(&Shown) -> bool| {
        i64::try_from(shown.iter().filter(|order| shows(order)).count()).unwrap()
    };
    for &tab in Tab::ALL {
        assert_eq!(counts.of(View::Tab(tab)), count(&|order| order.tab == Some(tab)), "{tab:?}");
    }
    assert_eq!(counts.of(View::Bin), count(&|order| order.bin));
    assert_eq!(counts.of(View::All), count(&|_| true));
    let asks = |order: &Shown| !order.attentions.is_empty() || order.tab.is_none();
    assert_eq!(counts.of(View::Action), count(&asks));
}

/// One test of each channel and database, so that they run side by side.
macro_rules! through_the_store {
    ($($channel:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $channel() {
                super::converges(super::Kind::Sqlite, stringify!($channel));
            })*
        }
        mod on_postgres {
            $(#[test]
            fn $channel() {
                super::converges(super::Kind::Postgres, stringify!($channel));
            })*
        }
        #[test]
        fn every_channel_goes_through_the_store() {
            let flows = dermaga_channels::flows::FLOW_FILES.iter().map(|(channel, _)| *channel);
            let asked = BTreeSet::from([$(stringify!($channel)),*]);
            assert_eq!(flows.collect::<BTreeSet<_>>(), asked);
        }
    };
}

through_the_store!(lazada, pos, shopee, tiktok, tokopedia, woocommerce);
