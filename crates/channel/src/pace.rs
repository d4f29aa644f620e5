//! The pace at which endpoints are asked: the channel's documents, the operator, and what a channel
//! answers.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use dermaga_domain::time::{Span, Time};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::{Capabilities, Error, Rate};

/// How fast each endpoint of a channel is asked.
#[derive(Debug, Clone)]
pub struct Rates {
    others: Rate,
    own: BTreeMap<String, Rate>,
}

impl From<Rate> for Rates {
    /// The same for every endpoint.
    fn from(rate: Rate) -> Self {
        Self { others: rate, own: BTreeMap::new() }
    }
}

impl From<&Capabilities> for Rates {
    /// Those of the channel's documents.
    fn from(can: &Capabilities) -> Self {
        let own = can.endpoint_rates.iter().map(|(name, rate)| ((*name).to_owned(), *rate));
        Self { others: can.rate, own: own.collect() }
    }
}

impl Rates {
    /// With another rate for an endpoint; none = for those that have no rate of their own.
    #[must_use]
    pub fn with(mut self, endpoint: Option<&str>, rate: Rate) -> Self {
        match endpoint {
            Some(name) => drop(self.own.insert(name.to_owned(), rate)),
            None => self.others = rate,
        }
        self
    }

    /// That of an endpoint.
    #[must_use]
    pub fn of(&self, endpoint: &str) -> Rate {
        self.own.get(endpoint).copied().unwrap_or(self.others)
    }
}

/// How long an endpoint is left alone that asks to wait and does not say for how long.
pub(crate) const REST: Span = Span::seconds(1);

/// Keeps the requests of an endpoint within its rate, and leaves it alone for as long as it asks to.
/// Shared by all calls of a rate's scope.
#[derive(Debug, Default)]
pub struct Pacer(Mutex<HashMap<&'static str, Pace>>);

#[derive(Debug)]
struct Pace {
    limiter: Arc<DefaultDirectRateLimiter>,
    rests_until: Option<Time>,
}

impl Pacer {
    /// Waits until the endpoint may be asked.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when it asked to be left alone for longer: nothing is sent then.
    pub async fn turn(&self, endpoint: &'static str, rate: Rate, now: Time) -> Result<(), Error> {
        let limiter = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Pace { limiter: Arc::new(limiter(rate)), rests_until: None };
            let pace = known.entry(endpoint).or_insert_with(new);
            if let Some(until) = pace.rests_until.filter(|until| *until > now) {
                return Err(Error::RateLimited { retry_after: Some(until.since(now)) });
            }
            Arc::clone(&pace.limiter)
        };
        limiter.until_ready().await;
        Ok(())
    }

    /// Leaves the endpoint alone until then.
    pub(crate) fn rest(&self, endpoint: &'static str, until: Time) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = known.get_mut(endpoint) {
            pace.rests_until = pace.rests_until.max(Some(until));
        }
    }
}

/// One less at once than the channel allows: what is sent in time may arrive early, behind something that
/// was held up on its way.
fn limiter(rate: Rate) -> DefaultDirectRateLimiter {
    let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::per_second(at_least_one(rate.per_second));
    RateLimiter::direct(quota.allow_burst(at_least_one(rate.burst.saturating_sub(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 1_000, burst: 1_000 };
    const NOW: Time = Time(1_000_000_000);

    #[tokio::test]
    async fn an_endpoint_that_asked_to_wait_is_left_alone() {
        let pacer = Pacer::default();
        pacer.turn("orders", RATE, NOW).await.unwrap();
        pacer.rest("orders", NOW.plus(Span::seconds(5)));
        // Who asked for less meanwhile does not shorten it.
        pacer.rest("orders", NOW.plus(Span::seconds(2)));
        let early = pacer.turn("orders", RATE, NOW.plus(Span::seconds(3))).await;
        let Err(Error::RateLimited { retry_after }) = early else { panic!("{early:?}") };
        assert_eq!(retry_after, Some(Span::seconds(2)));
        pacer.turn("listings", RATE, NOW).await.unwrap();
        pacer.turn("orders", RATE, NOW.plus(Span::seconds(5))).await.unwrap();
    }

    #[test]
    fn an_endpoint_has_its_own_rate_or_that_of_the_others() {
        let rate = |per_second| Rate { per_second, burst: 1 };
        let rates = Rates::from(rate(5)).with(Some("ack"), rate(2)).with(None, rate(7));
        assert_eq!((rates.of("ack"), rates.of("list")), (rate(2), rate(7)));
        assert_eq!(rates.with(Some("ack"), rate(9)).of("ack"), rate(9));
    }
}
