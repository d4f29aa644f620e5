//! Fetches: orders that were marked are read from their channel by id.

use dermaga_channel::Error as ChannelError;
use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::apply::TakenMark;
use dermaga_store::work::{FETCH, Taken};
use dermaga_store::{Answer, NewExchange, NewMessage, Shop};
use futures_util::future::join_all;

use crate::access::{Access, Ask, Told};
use crate::engine::Engine;
use crate::error::Result;

/// Marks looked at in one round.
const MARKS: i64 = 512;
/// Requests under way at once for a shop.
const AT_ONCE: usize = 8;
/// Orders whose answers are stored together.
const TOGETHER: usize = 32;
/// How long a node may work on a shop's fetches before another takes over.
const LEASE: Span = Span::seconds(60);
/// When a fetch that failed is tried again: 2 s, 10 s, 1 min, 5 min, then every 30 min.
const RETRIES: [Span; 5] =
    [Span::seconds(2), Span::seconds(10), Span::minutes(1), Span::minutes(5), Span::minutes(30)];

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
            let delayed = marks.into_iter().map(|mark| (mark, later)).collect();
            self.store().delay(org, FETCH, delayed, "order sync is off".to_owned()).await?;
            return Ok(0);
        };
        let name = format!("fetch:{}", shop.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(0) };
        let access =
            self.access(org, shop.connection, Some((shop.id, &shop.channel_shop_id))).await?;
        let mut asked = 0;
        for together in marks.chunks(TOGETHER) {
            let mut answer = empty_answer(&access);
            answer.lease = Some(lease.clone());
            let mut failed = Vec::new();
            for some in together.chunks(AT_ONCE) {
                let asks = some.iter().map(|mark| self.fetch_one(access.clone(), mark));
                for (mark, outcome) in some.iter().zip(join_all(asks).await) {
                    take_outcome(&mut answer, &mut failed, mark, outcome);
                }
            }
            asked += together.len();
            self.store().record(answer).await?;
            if self.put_off(org, failed).await? {
                break;
            }
        }
        self.store().end_lease(org, &lease).await?;
        Ok(asked)
    }

    async fn fetch_one(&self, mut access: Access, mark: &Taken) -> Outcome {
        access.attempt = mark.attempts.saturating_add(1);
        let (told, exchanges) =
            self.ask(&mut access, &Ask::Orders(vec![mark.subject.clone()])).await;
        Outcome { told, exchanges }
    }

    /// Puts failed marks off; says whether the shop is best left alone for now.
    async fn put_off(&self, org: OrgId, failed: Vec<(Taken, ChannelError)>) -> Result<bool> {
        let now = self.now();
        let mut leave = false;
        for (mark, error) in failed {
            leave |= matches!(
                error,
                ChannelError::RateLimited { .. }
                    | ChannelError::AuthExpired
                    | ChannelError::AuthRefused { .. }
                    | ChannelError::ConsentNeeded { .. }
            );
            let due_at = again_at(now, mark.attempts, &error);
            tracing::debug!(order = %mark.subject, outcome = error.name(), "an order could not be read");
            self.store().delay(org, FETCH, vec![(mark, due_at)], error.brief()).await?;
        }
        Ok(leave)
    }
}

struct Outcome {
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
    failed: &mut Vec<(Taken, ChannelError)>,
    mark: &Taken,
    outcome: Outcome,
) {
    let first = answer.messages.len();
    answer.exchanges.extend(outcome.exchanges.into_iter().map(|exchange| NewExchange {
        brought: exchange.brought.map(|place| first + place),
        ..exchange
    }));
    match outcome.told {
        Ok(Told::Fetched(fetched)) => {
            answer.messages.extend(fetched.messages.into_iter().map(|raw| NewMessage {
                kind: raw.kind.to_owned(),
                body: raw.body.to_vec(),
                modes: mark.modes,
            }));
            answer.done.push(done(mark));
        }
        // The channel does not know the order, or will never show it: asking again is no use.
        Ok(_) | Err(ChannelError::NotFound) => answer.done.push(done(mark)),
        Err(error) => failed.push((mark.clone(), error)),
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

/// When to try again after an error.
pub(crate) fn again_at(now: Time, attempts: i64, error: &ChannelError) -> Time {
    if let ChannelError::RateLimited { retry_after: Some(wait) } = error {
        return now.plus(*wait);
    }
    let step = usize::try_from(attempts).unwrap_or(0).min(RETRIES.len() - 1);
    now.plus(RETRIES[step])
}
