//! Giving commands: what an order allows, and the check of what is said.

use std::collections::BTreeMap;

use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Refusal, Words};
use dermaga_domain::id::{AccountId, OrderId};
use dermaga_domain::term::CommandKind;
use dermaga_store::command::{Asked, NewCommand, Subject};
use dermaga_store::read::Scope;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// The order does not allow it.
const NOT_ALLOWED: &str = "DMG-0701";
/// What was said is not complete.
const INCOMPLETE: &str = "DMG-0704";
/// Commands that may be given together.
pub(super) const TOGETHER_MAX: usize = 5_000;

/// What became of commands that were given together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What was kept.
    pub asked: Asked,
    /// Orders that there are not, or that they may not see.
    pub missing: Vec<OrderId>,
}

/// A command that an order's channel takes, and whether the order allows it now.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The command.
    pub offer: &'static Offer,
    /// The reasons to choose from as the order stands.
    pub reasons: Vec<&'static Reason>,
    /// Why it is not allowed now.
    pub refusal: Option<Refusal>,
}

impl Engine {
    /// What the channel takes of an order.
    ///
    /// # Errors
    /// The store's, or that there is no such order.
    pub async fn offers(&self, scope: &Scope, order: OrderId) -> Result<Vec<Offered>> {
        let subjects = self.store().subjects(scope, &[order]).await?;
        let subject = subjects.into_iter().next();
        let subject = subject.ok_or(dermaga_store::Error::NotFound("order"))?;
        let channel = self.registry().find(&subject.channel);
        let channel = channel.ok_or_else(|| Error::NoChannel(subject.channel.clone()))?;
        let offers = channel.capabilities().offers.iter();
        Ok(offers
            .map(|offer| Offered {
                offer,
                reasons: offer.reasons_for(&subject.seen).collect(),
                refusal: offer.allows(&subject.seen).err(),
            })
            .collect())
    }

    /// Gives a command for orders, with the same words for each. One row is kept for each order,
    /// also for those that do not allow it.
    ///
    /// # Errors
    /// The store's, or too many at once; then none is given.
    pub async fn command(
        &self,
        scope: &Scope,
        orders: &[OrderId],
        kind: CommandKind,
        words: &Words,
        by: Option<AccountId>,
    ) -> Result<Given> {
        if orders.len() > TOGETHER_MAX {
            let why = format!("at most {TOGETHER_MAX} orders at once; choose fewer");
            return Err(Error::Refused(why));
        }
        let subjects = self.store().subjects(scope, orders).await?;
        let known = |order: &OrderId| subjects.iter().any(|subject| subject.order == *order);
        let missing: Vec<OrderId> = orders.iter().copied().filter(|order| !known(order)).collect();
        let mut commands = Vec::with_capacity(subjects.len());
        for subject in &subjects {
            commands.push(self.checked(subject, kind, words));
        }
        let asked = self.store().ask(scope.org, kind, by, commands).await?;
        Ok(Given { asked, missing })
    }

    fn checked(&self, subject: &Subject, kind: CommandKind, words: &Words) -> NewCommand {
        let mut new = NewCommand {
            order: subject.order,
            shop: subject.shop,
            package: None,
            words: words.clone(),
            run_at: self.now(),
            refused: None,
        };
        let channel = self.registry().find(&subject.channel);
        let Some(offer) = channel.and_then(|channel| channel.capabilities().offer(kind)) else {
            new.refused = Some((NOT_ALLOWED, Refusal::NotOffered.to_string()));
            return new;
        };
        if let Err(refusal) = offer.allows(&subject.seen) {
            new.refused = Some((NOT_ALLOWED, refusal.to_string()));
            return new;
        }
        match complete(offer, subject, words) {
            Ok(words) => new.words = words,
            Err(refusal) => new.refused = Some((INCOMPLETE, refusal.to_string())),
        }
        new.run_at = offer.not_before(&subject.seen).map_or(new.run_at, |at| at.max(new.run_at));
        new
    }
}

/// What is said, of what the command takes only, with the lines as the order has them.
fn complete(offer: &Offer, subject: &Subject, words: &Words) -> Result<Words, Refusal> {
    let chosen = offer.reasons.iter().find(|reason| Some(reason.code) == words.reason.as_deref());
    let of_reason = chosen.map_or(&[] as &[Field], |reason| reason.fields);
    let takes = || offer.fields.iter().chain(of_reason);
    let fields: BTreeMap<String, String> = takes()
        .filter_map(|field| Some((field.name, words.fields.get(field.name)?)))
        .map(|(name, text)| (name.to_owned(), text.trim().to_owned()))
        .collect();
    let of_lines = takes().any(|field| field.kind == FieldKind::Lines);
    let quantities = takes().any(|field| field.kind == FieldKind::Quantities);
    let mut lines = Vec::new();
    if of_lines || quantities {
        for said in &words.lines {
            let line = subject.lines.iter().find(|line| line.key == said.key);
            let mut line = line.cloned().ok_or(Refusal::Line)?;
            if quantities {
                if !(0..=line.quantity).contains(&said.quantity) {
                    return Err(Refusal::Line);
                }
                line.quantity = said.quantity;
            }
            lines.push(line);
        }
    }
    let reason = chosen.map(|reason| reason.code.to_owned());
    let words = Words { reason, fields, lines };
    offer.check(&words, &subject.seen)?;
    Ok(words)
}
