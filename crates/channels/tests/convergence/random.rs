//! Random multisets of messages: units, looks, returns, acts of people, untimed pushes, unknown
//! statuses and duplicates.

use dermaga_channels::flows::FLOW_FILES;
use dermaga_domain::flow::Flow;
use dermaga_domain::money::Currency;
use dermaga_domain::order::{
    Act, ActKind, Acts, CLOSED, Fact, FactKey, Head, Line, LineKey, Money, Package, PackageKey,
    Part, Snapshot, State, UnitKey,
};
use dermaga_domain::term::{About, Actor, ChannelStatus, Mode};
use dermaga_domain::time::Time;

use crate::canonical::{Canonical, fallen};
use crate::known::{Known, Message};

const UNITS: [&str; 3] = ["u1", "u2", "u3"];

/// Random numbers from a seed (SplitMix64): the same on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(sides).unwrap()).unwrap()
    }

    /// Once in that many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.roll(at + 1);
            items.swap(at, other);
        }
    }
}

/// Whose statuses a case has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Names {
    /// Those of the order.
    Order,
    /// Those of units.
    Units,
    /// Both at once, which no channel of ours gives.
    Both,
}

/// One case for each seed.
pub(crate) fn converge(seeds: std::ops::Range<u64>) {
    let flows: Vec<Flow> =
        FLOW_FILES.iter().flat_map(|(channel, _)| crate::flows(channel)).collect();
    for seed in seeds {
        let mut dice = Dice(seed);
        let flow = &flows[dice.roll(flows.len())];
        let names = match dice.roll(5) {
            0 | 1 => Names::Order,
            2 | 3 => Names::Units,
            _ => Names::Both,
        };
        case(seed, &mut dice, flow, names);
    }
}

fn case(seed: u64, dice: &mut Dice, flow: &Flow, names: Names) {
    let mut messages: Vec<Message> =
        (0..=dice.roll(9)).map(|_| message(dice, flow, names)).collect();
    let acts: Vec<Act> = (0..dice.roll(8).saturating_sub(4))
        .map(|at| Act { number: i64::try_from(at).unwrap(), kind: dice.one(ActKind::ALL) })
        .collect();
    let first = in_order(flow, &messages, &acts);
    for _ in 0..2 {
        for again in 0..messages.len() {
            if dice.once_in(3) {
                messages.push(messages[again].clone());
            }
        }
        dice.shuffle(&mut messages);
        let mut shuffled = acts.clone();
        dice.shuffle(&mut shuffled);
        let known = in_batches(seed, dice, flow, &messages, &shuffled, names);
        let last = known.state(flow);
        assert!(first.is(&last, &known), "seed {seed}, {} {names:?}: {messages:#?}", flow.channel);
    }
}

fn in_order(flow: &Flow, messages: &[Message], acts: &[Act]) -> Canonical {
    let mut known = Known { acts: Acts::of(acts), ..Known::default() };
    messages.iter().for_each(|message| known.take(message));
    Canonical::of(known.state(flow), known)
}

/// Takes the messages in, judges after each batch, and sees that no axis falls.
fn in_batches(
    seed: u64,
    dice: &mut Dice,
    flow: &Flow,
    messages: &[Message],
    acts: &[Act],
    names: Names,
) -> Known {
    let mut known = Known { acts: Acts::of(acts), ..Known::default() };
    let mut before = each(flow, &known, names);
    for message in messages {
        known.take(message);
        if dice.once_in(2) {
            continue;
        }
        let after = each(flow, &known, names);
        for (before, after) in before.iter().zip(&after) {
            let fell = fallen(flow.cancellation, before, after);
            assert_eq!(fell, None, "seed {seed}, {}: {messages:#?}", flow.channel);
        }
        before = after;
    }
    known
}

/// The states whose axes must not fall. Units join each by itself: rolled up, an order may well go
/// back, when a unit lives again that was dead.
fn each(flow: &Flow, known: &Known, names: Names) -> Vec<State> {
    let of_unit = |name: &str| {
        let own = |key: &FactKey| key.unit.as_ref().is_some_and(|unit| &*unit.0 == name);
        let mut alone = known.clone();
        std::rc::Rc::make_mut(&mut alone.parts).lines = None;
        alone.state_without(flow, own)
    };
    match names {
        Names::Order => vec![known.state(flow)],
        Names::Units | Names::Both => UNITS.map(of_unit).into(),
    }
}

pub(crate) fn message(dice: &mut Dice, flow: &Flow, names: Names) -> Message {
    let fact = (!dice.once_in(6)).then(|| fact(dice, flow, names));
    let look = (fact.is_none() || dice.once_in(3)).then(|| look(dice, names));
    Message { fact, look }
}

fn moment(dice: &mut Dice) -> Option<Time> {
    let second = 1_700_000_000 + i64::try_from(dice.roll(5)).unwrap();
    (!dice.once_in(6)).then(|| Time::from_seconds(second))
}

fn fact(dice: &mut Dice, flow: &Flow, names: Names) -> Fact {
    let list = dice.one(&flow.documented);
    let about = if dice.once_in(3) { list.about } else { About::Order };
    let status = match dice.roll(12) {
        0 => ChannelStatus::new("unheard-of"),
        1 if about != About::Order => ChannelStatus::new(CLOSED),
        _ => {
            let rules: Vec<_> = flow.rules.iter().filter(|rule| rule.about == about).collect();
            dice.one(&rules).status.clone()
        }
    };
    let named = about == About::Order
        && match names {
            Names::Order => false,
            Names::Units => true,
            Names::Both => dice.once_in(2),
        };
    let reference = match about {
        About::Order => None,
        About::Package | About::Return | About::CancelRequest => {
            dice.one(&[None, Some("r1".into()), Some("r2".into())])
        }
    };
    let actors = [None, Some(Actor::Buyer), Some(Actor::Seller), Some(Actor::System)];
    Fact {
        key: FactKey {
            about,
            reference,
            unit: named.then(|| UnitKey(dice.one(&UNITS).into())),
            status,
            actor: dice.one(&actors),
            at: moment(dice),
            mode: dice.one(Mode::ALL),
        },
        fetched: dice.once_in(2),
        reason: dice.one(&[None, None, Some("changed mind".into()), Some("sold out".into())]),
    }
}

fn look(dice: &mut Dice, names: Names) -> Snapshot {
    let mut seen = Snapshot::default();
    if dice.once_in(2) {
        let units = if names == Names::Order {
            Vec::new()
        } else {
            UNITS.map(|name| UnitKey(name.into())).into()
        };
        let line = Line {
            key: LineKey("1".into()),
            channel_product_id: "p1".to_owned(),
            channel_sku: dice.one(&["S1", ""]).to_owned(),
            name: String::new(),
            quantity: 3,
            cancelled: i64::try_from(dice.roll(3)).unwrap(),
            unit_price: 10_000,
            units,
        };
        seen.lines = Some(part(dice, vec![line]));
    }
    if dice.once_in(2) {
        let fees = i64::try_from(dice.roll(3)).unwrap();
        let money = Money {
            currency: Currency::IDR,
            goods: 30_000,
            shipping: 9_000,
            fees,
            discount: 0,
            total: 39_000 + fees,
        };
        seen.money = Some(part(dice, money));
    }
    if dice.once_in(2) {
        let cancel_requested = dice.once_in(2);
        seen.head = Some(part(dice, Head { cancel_requested, ..Head::default() }));
    }
    for _ in 0..dice.roll(3) {
        let package = Package {
            key: PackageKey(dice.one(&["k1", "k2"]).into()),
            carrier: "Kurir".to_owned(),
            booking_code: dice.one(&[None, Some("B-1".to_owned())]),
            awb: dice.one(&[None, Some("AWB-1".to_owned())]),
            lines: vec![(LineKey("1".into()), 3)],
        };
        seen.packages.push(part(dice, package));
    }
    seen
}

fn part<T: std::hash::Hash>(dice: &mut Dice, content: T) -> Part<T> {
    let (full, fetched) = (!dice.once_in(4), dice.once_in(2));
    Part::seen(content, full, moment(dice), fetched)
}
