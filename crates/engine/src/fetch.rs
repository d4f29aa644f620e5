//! Fetches: orders that were marked are read from their channel by id.

use std::collections::BTreeMap;

use dermaga_channel::Error as ChannelError;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::apply::TakenMark;
use dermaga_store::work::{FETCH, LeaseHeld, PutOff, Taken};
use dermaga_store::{Answer, NewExchange, NewMessage, Shop};
use futures_util::future::join;
use futures_util::stream::{self, StreamExt as _};

use crate::access::{Access, Ask, Told};
use crate::engine::Engine;
use crate::error::Result;

/// Marks looked at in one round: a multiple of the usual batches, so that none is left half empty.
const MARKS: i64 = 600;
/// Requests under way at once for a shop.
const AT_ONCE: usize = 8;
/// Answers that are stored together.
const TOGETHER: usize = 64;
/// How long a node may work on a shop's fetches before another takes over.
const LEASE: Span = Span::seconds(60);
/// When a fetch that failed is tried again: 2 s, 10 s, 1 min, 5 min, then every 30 min.
const RETRIES: [Span; 5] =
    [Span::seconds(2), Span::seconds(10), Span::minutes(1), Span::minutes(5), Span::minutes(30)];

/// How long orders wait whose channel asks to wait and does not say for how long.
const WAIT: Span = Span::seconds(10);
/// How long they wait for one that lets nobody in: until a person has consented, or the token is renewed.
const LOCKED_OUT: Span = Span::minutes(1);

impl Engine {
    /// Reads the orders that are due. Says how many were asked for.
    ///
    /// # Errors
    /// The store's. Trouble at a channel puts the marks off and is no error.
    pub async fn fetch(&self, org: OrgId) -> Result<usize> {
        let due = self.store().due(org, FETCH, MARKS).await?;
        let round = |shop, marks| self.fetch_for(org, shop, marks);
        self.rounds(org, due, |mark: &Taken| ShopId(mark.scope), round).await
    }

    async fn fetch_for(&self, org: OrgId, shop: Option<Shop>, marks: Vec<Taken>) -> Result<usize> {
        let Some(shop) = shop.filter(|shop| shop.order_sync && !shop.paused) else {
            // Switched off meanwhile: the marks wait, out of the way of the others.
            let later = self.now().plus(Span::minutes(10));
            let delayed = PutOff::all(marks, later, "order sync is off");
            self.store().delay(org, FETCH, delayed).await?;
            return Ok(0);
        };
        let name = format!("fetch:{}", shop.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(0) };
        let access =
            self.access(org, shop.connection, Some((shop.id, &shop.channel_shop_id))).await?;
        let most = access.channel.capabilities().details_batch_max;
        let batches = batches(marks, usize::try_from(most).unwrap_or(1).max(1));
        let mut groups = batches.chunks(TOGETHER);
        let (mut asked, mut leave, mut read) = (0, None, None);
        // While some are stored the next are read.
        loop {
            let group = if leave.is_some() { None } else { groups.next() };
            if group.is_none() && read.is_none() {
                break;
            }
            let read_next = self.read_group(&access, &lease, group.unwrap_or_default().to_vec());
            let (left, next) = join(self.keep_read(org, read.take()), read_next).await;
            leave = left?.or(leave);
            asked += next.as_ref().map_or(0, |read: &Read| read.orders);
            read = next;
        }
        if let Some((until, reason)) = leave {
            // The others would hear the same, and hold up what other shops wait for.
            let others = PutOff::all(groups.flatten().flatten().cloned(), until, &reason);
            self.store().delay(org, FETCH, others).await?;
        }
        self.store().end_lease(org, &lease).await?;
        Ok(asked)
    }

    /// Reads orders from the channel; nothing when none are named.
    async fn read_group(
        &self,
        access: &Access,
        lease: &LeaseHeld,
        group: Vec<Vec<Taken>>,
    ) -> Option<Read> {
        let orders = group.iter().map(Vec::len).sum();
        let mut answer = empty_answer(access);
        answer.lease = Some(lease.clone());
        let mut read = Read { answer, failed: Vec::new(), orders };
        let asks = group.into_iter().map(|batch| self.fetch_batch(access.clone(), batch));
        let mut outcomes = stream::iter(asks.collect::<Vec<_>>()).buffered(AT_ONCE);
        while let Some(outcome) = outcomes.next().await {
            take_outcome(&mut read.answer, &mut read.failed, outcome);
        }
        (orders > 0).then_some(read)
    }

    /// Stores what was read; says until when the shop is best left alone, and why.
    async fn keep_read(&self, org: OrgId, read: Option<Read>) -> Result<Option<(Time, String)>> {
        let Some(read) = read else { return Ok(None) };
        self.store().record(read.answer).await?;
        self.put_off(org, read.failed).await
    }

    async fn fetch_batch(&self, mut access: Access, batch: Vec<Taken>) -> Outcome {
        let attempts = batch.iter().map(|mark| mark.attempts).max().unwrap_or(0);
        access.attempt = attempts.saturating_add(1);
        let ids = batch.iter().map(|mark| mark.subject.clone()).collect();
        let (told, exchanges) = self.ask(&mut access, &Ask::Orders(ids)).await;
        Outcome { batch, told, exchanges }
    }

    /// Puts failed marks off; says until when the shop is best left alone, and why.
    async fn put_off(
        &self,
        org: OrgId,
        failed_batches: Vec<(Vec<Taken>, ChannelError)>,
    ) -> Result<Option<(Time, String)>> {
        let now = self.now();
        let (mut leave, mut delayed) = (None, Vec::new());
        for (batch, error) in failed_batches {
            if concerns_all(&error) {
                leave = Some((again_at(now, 0, &error), error.brief()));
            }
            let (outcome, orders) = (error.name(), batch.len());
            tracing::debug!(outcome, orders, "orders could not be read");
            delayed.extend(batch.into_iter().map(|mark| failed(mark, now, &error)));
        }
        self.store().delay(org, FETCH, delayed).await?;
        Ok(leave)
    }
}

/// Orders that are asked for together: at most so many, and of the same modes, because one answer brings
/// them. Those that failed are asked for in smaller and smaller company, and alone at last: an order that
/// the channel cannot tell spoils nothing for the others.
fn batches(marks: Vec<Taken>, most: usize) -> Vec<Vec<Taken>> {
    let mut alike: BTreeMap<(i64, i64), Vec<Taken>> = BTreeMap::new();
    for mark in marks {
        alike.entry((mark.modes.bits(), mark.attempts)).or_default().push(mark);
    }
    let sizes = |attempts: i64| {
        let halved = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_mul(2);
        most.checked_shr(halved).unwrap_or(0).max(1)
    };
    let together = alike.into_iter().map(|((_, attempts), same)| (sizes(attempts), same));
    together
        .flat_map(|(size, same)| same.chunks(size).map(<[Taken]>::to_vec).collect::<Vec<_>>())
        .collect()
}

/// What was read and is not stored yet.
struct Read {
    answer: Answer,
    failed: Vec<(Vec<Taken>, ChannelError)>,
    orders: usize,
}

struct Outcome {
    batch: Vec<Taken>,
    told: Result<Told, ChannelError>,
    exchanges: Vec<NewExchange>,
}

/// An answer with nothing in it yet.
pub(crate) fn empty_answer(access: &Access) -> Answer {
    Answer {
        org: access.org,
        connection: access.connection,
        shop: access.shop,
        exchanges: Vec::new(),
        messages: Vec::new(),
        done: Vec::new(),
        marks: Vec::new(),
        progress: None,
        pushed: Vec::new(),
        commands: Vec::new(),
        download: None,
        lease: None,
    }
}

fn take_outcome(
    answer: &mut Answer,
    failed: &mut Vec<(Vec<Taken>, ChannelError)>,
    Outcome { batch, told, exchanges }: Outcome,
) {
    let first = answer.messages.len();
    answer.exchanges.extend(exchanges.into_iter().map(|exchange| NewExchange {
        brought: exchange.brought.map(|place| first + place),
        ..exchange
    }));
    let modes = batch.first().map(|mark| mark.modes).unwrap_or_default();
    match told {
        Ok(Told::Fetched(fetched)) => {
            answer.messages.extend(fetched.messages.into_iter().map(|raw| NewMessage {
                kind: raw.kind.to_owned(),
                body: raw.body.to_vec(),
                modes,
            }));
            answer.done.extend(batch.iter().map(done));
        }
        // The channel does not know the order, or will never show it: asking again is no use.
        Ok(_) => answer.done.extend(batch.iter().map(done)),
        Err(ChannelError::NotFound) if batch.len() == 1 => {
            answer.done.extend(batch.iter().map(done));
        }
        Err(error) => failed.push((batch, error)),
    }
}

fn done(mark: &Taken) -> TakenMark {
    TakenMark {
        kind: FETCH,
        scope: mark.scope,
        subject: mark.subject.clone(),
        generation: mark.generation,
    }
}

/// Whether an error meets everything that is asked for there, and says nothing of what was asked for.
const fn concerns_all(error: &ChannelError) -> bool {
    matches!(
        error,
        ChannelError::RateLimited { .. }
            | ChannelError::AuthExpired
            | ChannelError::AuthRefused { .. }
            | ChannelError::ConsentNeeded { .. }
    )
}

/// A mark that was not served, and when it is tried again. What concerns all does not count against it:
/// it is neither put off for longer and longer, nor asked for in smaller company.
pub(crate) fn failed(mark: Taken, now: Time, error: &ChannelError) -> PutOff {
    let until = again_at(now, mark.attempts, error);
    let attempts = mark.attempts.saturating_add(i64::from(!concerns_all(error)));
    PutOff { mark: Taken { attempts, ..mark }, until, reason: error.brief() }
}

/// When to try again after an error.
pub(crate) fn again_at(now: Time, attempts: i64, error: &ChannelError) -> Time {
    if let ChannelError::RateLimited { retry_after } = error {
        return now.plus(retry_after.unwrap_or(WAIT));
    }
    if concerns_all(error) {
        return now.plus(LOCKED_OUT);
    }
    let step = usize::try_from(attempts).unwrap_or(0).min(RETRIES.len() - 1);
    now.plus(RETRIES[step])
}

#[cfg(test)]
mod tests {
    use super::*;
    use dermaga_store::work::Modes;

    fn mark(n: usize, modes: Modes, attempts: i64) -> Taken {
        Taken { scope: 1, subject: n.to_string(), generation: 1, modes, attempts }
    }

    fn sizes(marks: Vec<Taken>, most: usize) -> Vec<usize> {
        batches(marks, most).iter().map(Vec::len).collect()
    }

    #[test]
    fn what_concerns_all_does_not_count_against_an_order() {
        let wait = |error: &ChannelError| {
            let put_off = failed(mark(1, Modes::REALTIME, 4), Time(0), error);
            (put_off.mark.attempts, put_off.until.as_seconds())
        };
        let limited = |retry_after| ChannelError::RateLimited { retry_after };
        assert_eq!(wait(&limited(Some(Span::seconds(3)))), (4, 3));
        assert_eq!(wait(&limited(None)), (4, 10));
        assert_eq!(wait(&ChannelError::AuthExpired), (4, 60));
        let consent = ChannelError::ConsentNeeded { code: String::new(), message: String::new() };
        assert_eq!(wait(&consent), (4, 60));
        assert_eq!(wait(&ChannelError::Temporary(String::new())), (5, 1_800));
    }

    #[test]
    fn orders_are_asked_for_together_until_they_fail() {
        let new = |modes| (0..120).map(move |n| mark(n, modes, 0));
        assert_eq!(sizes(new(Modes::REALTIME).collect(), 50), [50, 50, 20]);
        assert_eq!(sizes(new(Modes::REALTIME).take(3).collect(), 1), [1, 1, 1]);
        let mixed = new(Modes::REALTIME).take(2).chain(new(Modes::DOWNLOAD).take(2)).collect();
        assert_eq!(sizes(mixed, 50), [2, 2], "one answer has one mode");
        let failed = |attempts| (0..24).map(move |n| mark(n, Modes::REALTIME, attempts)).collect();
        assert_eq!(sizes(failed(1), 50), [12, 12]);
        assert_eq!(sizes(failed(2), 50), [3; 8]);
        assert_eq!(sizes(failed(9), 50), [1; 24]);
        assert_eq!(sizes(failed(i64::MAX), 50), [1; 24]);
    }
}
