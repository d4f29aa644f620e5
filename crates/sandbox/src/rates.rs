//! Rate limits: one bucket per key that refills on the sandbox's clock.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::clock::SECOND_US;
use crate::{Rates, lock};

/// A rate: so many a second, so many at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Limit {
    pub(crate) per_second: i64,
    pub(crate) burst: i64,
}

impl Rates {
    /// What becomes of a documented rate; none = there is none.
    pub(crate) fn keep(self, documented: Limit) -> Option<Limit> {
        let times = match self {
            Self::Documented => 1,
            Self::Times(times) => i64::from(times),
            Self::Lifted => return None,
        };
        let Limit { per_second, burst } = documented;
        Some(Limit { per_second: per_second * times, burst: burst * times })
    }
}

/// What a bucket says to one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Verdict {
    /// The rate that is kept.
    pub(crate) limit: Limit,
    /// Whether it may pass.
    pub(crate) passes: bool,
    /// Whole requests left.
    pub(crate) remaining: i64,
    /// Microseconds until one more may pass; 0 while some are left.
    pub(crate) reset_after_us: i64,
    /// Microseconds until the bucket is full again.
    pub(crate) full_reset_after_us: i64,
}

/// What a rate is counted for: an endpoint and an app.
pub(crate) type Key = (&'static str, i64);

/// How full a bucket is.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// In millionths of a request.
    level: i64,
    at_us: i64,
}

/// The buckets of a channel, by key.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    levels: Mutex<HashMap<Key, Level>>,
}

impl Buckets {
    /// Takes one request from a bucket, or says how long to wait.
    pub(crate) fn take(&self, key: Key, limit: Limit, now_us: i64) -> Verdict {
        self.draw(key, limit, now_us, SECOND_US)
    }

    /// Looks at a bucket without taking from it.
    pub(crate) fn look(&self, key: Key, limit: Limit, now_us: i64) -> Verdict {
        self.draw(key, limit, now_us, 0)
    }

    /// Takes `cost` millionths of a request, if they are there.
    fn draw(&self, key: Key, limit: Limit, now_us: i64, cost: i64) -> Verdict {
        let full = limit.burst * SECOND_US;
        let mut levels = lock(&self.levels);
        let bucket = levels.entry(key).or_insert(Level { level: full, at_us: now_us });
        // A full bucket gains nothing, so the product is bounded before it is made.
        let gap_us = (now_us - bucket.at_us).clamp(0, full);
        let mut level = (bucket.level + gap_us * limit.per_second).min(full);
        let passes = level >= cost;
        if passes {
            level -= cost;
        }
        *bucket = Level { level, at_us: now_us };
        Verdict {
            limit,
            passes,
            remaining: level / SECOND_US,
            reset_after_us: (SECOND_US - level).max(0) / limit.per_second,
            full_reset_after_us: (full - level) / limit.per_second,
        }
    }
}

/// Microseconds as a decimal text of seconds with six digits.
pub(crate) fn seconds_text(us: i64) -> String {
    format!("{}.{:06}", us / SECOND_US, us % SECOND_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_refills() {
        let buckets = Buckets::default();
        let limit = Limit { per_second: 5, burst: 5 };
        let passed = (0..6).filter(|_| buckets.take(("list", 1), limit, 0).passes).count();
        assert_eq!(passed, 5);
        let refused = buckets.take(("list", 1), limit, 100_000);
        assert!(!refused.passes);
        assert_eq!(refused.reset_after_us, 100_000);
        assert!(buckets.take(("list", 1), limit, 200_000).passes);
        assert!(buckets.take(("detail", 1), limit, 200_000).passes);
    }

    #[test]
    fn seconds_are_written_with_six_digits() {
        assert_eq!(seconds_text(185_000), "0.185000");
        assert_eq!(seconds_text(2_000_001), "2.000001");
    }
}
