//! The verb of each rule.

use crate::flow::{Effect, Ensures, Rule};
use crate::term::Verb;

/// The verb of each rule, in order: the transition for the last axis that the rule newly reaches
/// when the flow is walked from top to bottom, its usual path. A rule that reaches nothing new
/// makes up for what was missed, so its verb is that of the last axis it ensures.
pub(super) fn usual(rules: &[Rule]) -> Vec<Verb> {
    let converts = rules.iter().any(|rule| rule.ensures.has(Effect::SalesOrder));
    let mut reached = Ensures::NOTHING;
    rules
        .iter()
        .map(|rule| {
            let new = rule.ensures.without(reached);
            reached = reached.union(rule.ensures);
            let of = if new.is_empty() { rule.ensures } else { new };
            of.iter().last().map_or(Verb::None, |effect| transition(effect, converts))
        })
        .collect()
}

/// The seeds' name for reaching an effect. `converts`: an invoice is made from a sales order.
const fn transition(effect: Effect, converts: bool) -> Verb {
    match effect {
        Effect::SalesOrder => Verb::CreateOrder,
        Effect::Invoice if converts => Verb::ConvertOrderToInvoice,
        Effect::Invoice => Verb::CreateInvoice,
        Effect::PartlySent | Effect::Sent => Verb::CreateOutboundLogistic,
        Effect::Paid => Verb::AddPayment,
        Effect::Void => Verb::VoidInvoice,
        Effect::ManualVoid => Verb::FlagAttention,
        Effect::Return => Verb::FlagReturn,
    }
}
