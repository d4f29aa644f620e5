//! The seeded cases: what is heard of one order, in the order in which it comes.

use dermaga_domain::flow::Flow;
use dermaga_domain::term::Mode;

use crate::known::{Known, Message};
use crate::paths;
use crate::random::{self, Dice, Names};

/// Messages of one case at most, repetitions included.
const MESSAGES_MAX: usize = 7;

/// Products of each channel: as many levels move.
pub(super) const PRODUCTS: usize = 5;

/// One order's messages.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) seed: u64,
    /// Which of the channel's flows it is judged by.
    pub(super) flow: usize,
    /// What it buys.
    pub(super) product: usize,
    pub(super) messages: Vec<Message>,
}

impl Case {
    /// The case of a seed: a documented path or random messages, shuffled, some said again.
    pub(super) fn of(channel: &str, flows: &[Flow], seed: u64) -> Self {
        // Channels do not share their luck.
        let salt = channel.bytes().fold(0, |salt, byte| salt * 31 + u64::from(byte));
        let mut dice = Dice(seed ^ salt << 20);
        let (flow, product) = (dice.roll(flows.len()), dice.roll(PRODUCTS));
        let mut messages = if dice.once_in(2) {
            along_a_path(channel, &mut dice)
        } else {
            // Never both: no channel gives both, and the doctor rightly calls it a fall when an
            // order's word no longer counts because a unit's was heard.
            let names = dice.one(&[Names::Order, Names::Units]);
            (0..=dice.roll(5)).map(|_| random::message(&mut dice, &flows[flow], names)).collect()
        };
        for again in 0..messages.len() {
            if messages.len() < MESSAGES_MAX && dice.once_in(4) {
                messages.push(said_again(&mut dice, &messages[again]));
            }
        }
        dice.shuffle(&mut messages);
        messages.truncate(MESSAGES_MAX);
        for lines in messages.iter_mut().filter_map(|message| message.look.as_mut()?.lines.as_mut())
        {
            for line in &mut lines.content {
                line.channel_product_id = product_id(product);
            }
        }
        Self { seed, flow, product, messages }
    }

    /// Where its messages can be cut in two: before the first, after each.
    pub(super) fn cuts(&self) -> std::ops::RangeInclusive<usize> {
        0..=self.messages.len()
    }

    /// What is known after that many messages.
    pub(super) fn known(&self, messages: usize) -> Known {
        let mut known = Known::default();
        self.messages[..messages].iter().for_each(|message| known.take(message));
        known
    }
}

/// The channel's id of a product.
pub(super) fn product_id(product: usize) -> String {
    format!("p{product}")
}

fn along_a_path(channel: &str, dice: &mut Dice) -> Vec<Message> {
    let path = dice.one(&paths::of(channel));
    let modes: Vec<Mode> = path.iter().map(|_| dice.one(Mode::ALL)).collect();
    paths::messages(&path, |at| modes[at])
}

/// The same message; now and then a fact comes with other words for why, or was fetched this time.
fn said_again(dice: &mut Dice, message: &Message) -> Message {
    let mut again = message.clone();
    if let Some(fact) = again.fact.as_mut().filter(|_| dice.once_in(2)) {
        fact.fetched = dice.once_in(2);
        fact.reason = dice.one(&[None, Some("changed mind".into()), Some("sold out".into())]);
    }
    again
}
