//! Every permutation of a path, with the batch cut at every position.

use std::collections::BTreeMap;

use dermaga_domain::flow::Flow;
use dermaga_domain::order::State;

use crate::canonical::{Canonical, fallen};
use crate::known::{Known, Message};

/// Walks the tree of all orders in which the messages can come. A node is what is known after the
/// messages on the way to it, and is judged: a permutation cut into two batches after any of its
/// messages is one node and one of its leaves. Nodes that know the same must be the same.
pub(crate) fn every_order(flow: &Flow, messages: &[Message]) {
    let mut walk = Walk { flow, messages, reached: BTreeMap::new(), way: Vec::new() };
    let root = Known::default();
    let state = root.state(flow);
    walk.below(&root, &state, 0);
    assert_eq!(walk.reached.len(), (1 << messages.len()) - 1, "every subset was reached");
}

struct Walk<'a> {
    flow: &'a Flow,
    messages: &'a [Message],
    /// By the set of messages that are known.
    reached: BTreeMap<u32, Canonical>,
    way: Vec<usize>,
}

impl Walk<'_> {
    fn below(&mut self, known: &Known, before: &State, set: u32) {
        for at in 0..self.messages.len() {
            if set >> at & 1 == 1 {
                continue;
            }
            let mut known = known.clone();
            known.take(&self.messages[at]);
            self.way.push(at);
            let state = known.state(self.flow);
            let fell = fallen(self.flow.cancellation, before, &state);
            assert_eq!(fell, None, "{} {:?} of {:#?}", self.flow.channel, self.way, self.messages);
            let set = set | 1 << at;
            match self.reached.get(&set) {
                Some(first) => assert!(
                    first.is(&state, &known),
                    "{} {:?} of {:#?}: {first:#?} is not {state:#?}",
                    self.flow.channel,
                    self.way,
                    self.messages
                ),
                None => {
                    let first = Canonical::of(state.clone(), known.clone());
                    self.reached.insert(set, first);
                }
            }
            self.below(&known, &state, set);
            self.way.pop();
        }
    }
}
