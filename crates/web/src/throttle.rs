//! Attempts to log in: a few wrong ones from one address on one log-in, and both must wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wrong attempts before it must wait.
const WRONG_MAX: u32 = 5;
/// How long, from the first of them.
const WAIT: Duration = Duration::from_secs(15 * 60);
/// Entries that are kept; beyond, those that have waited enough are dropped.
const KEPT_MAX: usize = 10_000;

/// Who tries: the address, and the log-in in small letters.
pub(crate) type Who = (String, String);

/// Wrong attempts by who made them, in the memory of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttle(Arc<Mutex<HashMap<Who, (u32, Instant)>>>);

impl Throttle {
    /// How long they must wait; none = they may try.
    pub(crate) fn wait(&self, who: &Who) -> Option<Duration> {
        let tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let &(wrong, since) = tried.get(who)?;
        let left = WAIT.checked_sub(since.elapsed())?;
        (wrong >= WRONG_MAX).then_some(left)
    }

    /// Takes an attempt before it is known to be wrong, so that many at once count as many.
    pub(crate) fn count(&self, who: Who) {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.len() >= KEPT_MAX {
            tried.retain(|_, (_, since)| since.elapsed() < WAIT);
        }
        let entry = tried.entry(who).or_insert_with(|| (0, Instant::now()));
        if entry.1.elapsed() >= WAIT {
            *entry = (0, Instant::now());
        }
        entry.0 = entry.0.saturating_add(1);
    }

    /// They were right after all.
    pub(crate) fn forget(&self, who: &Who) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_wrong_too_often_waits_alone() {
        let throttle = Throttle::default();
        let who = |login: &str| ("127.0.0.1".to_owned(), login.to_owned());
        for _ in 0..WRONG_MAX {
            assert_eq!(throttle.wait(&who("a")), None);
            throttle.count(who("a"));
        }
        assert!(throttle.wait(&who("a")).is_some());
        assert_eq!(throttle.wait(&who("b")), None);
        throttle.forget(&who("a"));
        assert_eq!(throttle.wait(&who("a")), None);
    }
}
