//! Giving commands: what an order allows, and the check of what is said.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Refusal, Words};
use dermaga_domain::id::{BatchId, OrderId};
use dermaga_domain::term::{CommandKind, CommandState, Retry};
use dermaga_store::command::{Command, Earlier, Giver, NewCommand, Once, Subject};
use dermaga_store::read::Scope;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// The shop takes no orders now.
const SHOP_OFF: &str = "DMG-0207";
/// The order does not allow it.
const NOT_ALLOWED: &str = "DMG-0701";
/// What was said is not complete.
const INCOMPLETE: &str = "DMG-0704";
/// Commands that may be given together.
pub const TOGETHER_MAX: usize = 5_000;

/// What became of commands that were given together.
pub use dermaga_store::command::Asked as Given;

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
                refusal: allows(offer, &subject).err(),
            })
            .collect())
    }

    /// Gives a command for orders, with the same words for each; lines are named by their ids. One row
    /// is kept for each order, also for those that do not allow it.
    ///
    /// # Errors
    /// The store's, or too many at once; then none is given.
    pub async fn command(
        &self,
        scope: &Scope,
        orders: &[OrderId],
        kind: CommandKind,
        words: &Words,
        by: impl Into<Giver>,
    ) -> Result<Given> {
        let each = orders.iter().map(|order| (*order, words)).collect();
        let given = self.give(scope, each, (kind, by.into()), None).await?;
        given.map_err(|_| Error::Refused("a request without a name came before".to_owned()))
    }

    /// As [`Self::command`], for a request that may come again.
    ///
    /// # Errors
    /// The store's, or too many at once; then none is given.
    pub async fn command_once(
        &self,
        scope: &Scope,
        orders: &[OrderId],
        (kind, words): (CommandKind, &Words),
        by: Giver,
        once: Once,
    ) -> Result<Result<Given, Earlier>> {
        let each = orders.iter().map(|order| (*order, words)).collect();
        self.give(scope, each, (kind, by), Some(once)).await
    }

    /// Gives those of a batch again that failed, each with its own words. What nobody can tell the
    /// outcome of is left out where doing it twice would harm. None when nothing is left to retry.
    ///
    /// # Errors
    /// The store's, or that there is no such batch.
    pub async fn retry(&self, scope: &Scope, batch: BatchId, by: Giver) -> Result<Option<Given>> {
        if self.store().count_batch(scope, batch).await?.is_empty() {
            return Err(Error::Store(dermaga_store::Error::NotFound("batch")));
        }
        let mut failed = Vec::new();
        for state in [CommandState::Refused, CommandState::NeedsPerson] {
            let limit = i64::try_from(TOGETHER_MAX).unwrap_or(i64::MAX);
            let some = self.store().commands_in(scope, batch, state, None, limit).await?;
            failed.extend(some);
        }
        let orders: Vec<OrderId> = failed.iter().map(|command| command.order).collect();
        let subjects = self.subjects(scope, &orders).await?;
        failed.retain(|command| {
            let subject = subjects.get(&command.order);
            subject.is_some_and(|subject| self.may_repeat(subject, command))
        });
        // Of both states together there may be more than are given at once: the rest waits for the
        // next retry.
        failed.truncate(TOGETHER_MAX);
        let Some(kind) = failed.first().map(|command| command.kind) else { return Ok(None) };
        let each = failed.iter().map(|command| (command.order, &command.words)).collect();
        let given = self.give(scope, each, (kind, by), None).await?;
        Ok(given.ok())
    }

    async fn subjects(
        &self,
        scope: &Scope,
        orders: &[OrderId],
    ) -> Result<BTreeMap<OrderId, Subject>> {
        let found = self.store().subjects(scope, orders).await?;
        Ok(found.into_iter().map(|subject| (subject.order, subject)).collect())
    }

    fn may_repeat(&self, subject: &Subject, command: &Command) -> bool {
        let channel = self.registry().find(&subject.channel);
        let offer = channel.and_then(|channel| channel.capabilities().offer(command.kind));
        command.state == CommandState::Refused
            || offer.is_some_and(|offer| offer.retry != Retry::Unrepeatable)
    }

    async fn give(
        &self,
        scope: &Scope,
        each: Vec<(OrderId, &Words)>,
        (kind, by): (CommandKind, Giver),
        once: Option<Once>,
    ) -> Result<Result<Given, Earlier>> {
        if each.len() > TOGETHER_MAX {
            let why = format!("at most {TOGETHER_MAX} orders at once; choose fewer");
            return Err(Error::Refused(why));
        }
        let orders: BTreeSet<OrderId> = each.iter().map(|(order, _)| *order).collect();
        let orders: Vec<OrderId> = orders.into_iter().collect();
        let subjects = self.subjects(scope, &orders).await?;
        let words: BTreeMap<OrderId, &Words> = each.into_iter().collect();
        let (mut commands, mut missing) = (Vec::with_capacity(words.len()), Vec::new());
        for (order, words) in words {
            match subjects.get(&order) {
                Some(subject) => commands.push(self.checked(subject, kind, words)),
                None => missing.push(order),
            }
        }
        Ok(self.store().ask(scope.org, kind, by, (commands, missing), once).await?)
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
            new.refused = Some((NOT_ALLOWED, Refusal::NotOffered));
            return new;
        };
        if let Err(refusal) = allows(offer, subject) {
            let code = if refusal == Refusal::ShopOff { SHOP_OFF } else { NOT_ALLOWED };
            new.refused = Some((code, refusal));
            return new;
        }
        match complete(offer, subject, words) {
            Ok(words) => new.words = words,
            Err(refusal) => new.refused = Some((INCOMPLETE, refusal)),
        }
        new.run_at = offer.not_before(&subject.seen).map_or(new.run_at, |at| at.max(new.run_at));
        new
    }
}

/// Whether the shop and the order allow a command.
fn allows(offer: &Offer, subject: &Subject) -> Result<(), Refusal> {
    if subject.takes_orders { offer.allows(&subject.seen) } else { Err(Refusal::ShopOff) }
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
            let found = subject
                .lines
                .iter()
                .find(|(id, line)| id.to_string() == said.key || line.key == said.key);
            let mut line = found.map(|(_, line)| line.clone()).ok_or(Refusal::Line)?;
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
