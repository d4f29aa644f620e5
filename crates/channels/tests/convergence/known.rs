//! What is known of an order while its messages come in, as the hub keeps it: facts once each, the
//! newest of every part.

use std::rc::Rc;

use dermaga_domain::flow::Flow;
use dermaga_domain::order::{Acts, Case, Fact, FactKey, Parts, Snapshot, State, judge};

/// One message: a fact, and perhaps a look at the order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) fact: Option<Fact>,
    pub(crate) look: Option<Snapshot>,
}

/// All that came in so far, in the order in which it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) facts: Vec<Fact>,
    /// Shared until a look changes it: a proof makes many copies.
    pub(crate) parts: Rc<Parts>,
    pub(crate) acts: Acts,
}

impl Known {
    pub(crate) fn take(&mut self, message: &Message) {
        if let Some(fact) = &message.fact {
            match self.facts.iter_mut().find(|known| known.key == fact.key) {
                Some(known) => _ = known.absorb(fact),
                None => self.facts.push(fact.clone()),
            }
        }
        if let Some(look) = &message.look {
            Rc::make_mut(&mut self.parts).take(look.clone());
        }
    }

    pub(crate) fn state(&self, flow: &Flow) -> State {
        self.state_of(flow, &self.facts)
    }

    /// The state as if only the facts that `keep` keeps were known.
    pub(crate) fn state_without(&self, flow: &Flow, keep: impl Fn(&FactKey) -> bool) -> State {
        let facts: Vec<Fact> = self.facts.iter().filter(|fact| keep(&fact.key)).cloned().collect();
        self.state_of(flow, &facts)
    }

    fn state_of(&self, flow: &Flow, facts: &[Fact]) -> State {
        judge(Case {
            flow,
            facts,
            lines: self.parts.lines.as_ref().map(|lines| lines.content.as_slice()),
            cancel_requested: self
                .parts
                .head
                .as_ref()
                .is_some_and(|head| head.content.cancel_requested),
            acts: self.acts,
        })
    }
}
