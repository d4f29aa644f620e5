//! Attempts to log in: after a few wrong ones whoever tries must wait, and so must everybody who tries
//! the same log-in from elsewhere once they are many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dermaga_domain::time::{Span, Time};

/// Wrong attempts from one address on one log-in before it must wait.
const WRONG_MAX: u32 = 5;
/// Wrong attempts on one log-in from wherever before everybody must wait: many addresses are one guesser.
const WRONG_ANYWHERE_MAX: u32 = 30;
/// How long, from the first of them.
const WAIT: Span = Span::minutes(15);
/// Entries that are kept, so that made-up names cannot fill the memory; beyond, those that have waited
/// enough are dropped.
const KEPT_MAX: usize = 10_000;

/// Who tries what: the address (empty = any), and the log-in in small letters.
type Who = (String, String);

/// Wrong attempts by who made them, in the memory of this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttle(Arc<Mutex<HashMap<Who, (u32, Time)>>>);

fn whom(address: &str, login: &str) -> [(Who, u32); 2] {
    // What names no address is of this machine or of a test: it has a name that no address has.
    let address = if address.is_empty() { "-" } else { address };
    let login = login.to_lowercase();
    [((address.to_owned(), login.clone()), WRONG_MAX), ((String::new(), login), WRONG_ANYWHERE_MAX)]
}

impl Throttle {
    /// How long they must wait; none = they may try.
    pub(crate) fn wait(&self, address: &str, login: &str, now: Time) -> Option<Span> {
        let tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = whom(address, login).into_iter().filter_map(|(who, most)| {
            let &(wrong, since) = tried.get(&who)?;
            let left = Span(WAIT.0 - now.since(since).0);
            (wrong >= most && left.0 > 0).then_some(left)
        });
        waits.max()
    }

    /// Takes an attempt before it is known to be wrong, so that many at once count as many.
    pub(crate) fn count(&self, address: &str, login: &str, now: Time) {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.len() >= KEPT_MAX {
            tried.retain(|_, (_, since)| now.since(*since) < WAIT);
        }
        for (who, _) in whom(address, login) {
            let entry = tried.entry(who).or_insert((0, now));
            if now.since(entry.1) >= WAIT {
                *entry = (0, now);
            }
            entry.0 = entry.0.saturating_add(1);
        }
    }

    /// They were right after all.
    pub(crate) fn forget(&self, address: &str, login: &str) {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [(mine, _), (anybody, _)] = whom(address, login);
        let counted = tried.remove(&mine).map_or(0, |(wrong, _)| wrong);
        if let Some(entry) = tried.get_mut(&anybody) {
            entry.0 = entry.0.saturating_sub(counted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_795_140_000_000_000);

    #[test]
    fn who_is_wrong_too_often_waits_alone() {
        let throttle = Throttle::default();
        for _ in 0..WRONG_MAX {
            assert_eq!(throttle.wait("192.0.2.1", "a", NOW), None);
            throttle.count("192.0.2.1", "A", NOW);
        }
        assert_eq!(throttle.wait("192.0.2.1", "a", NOW), Some(WAIT));
        assert_eq!(throttle.wait("192.0.2.1", "b", NOW), None);
        assert_eq!(throttle.wait("192.0.2.2", "a", NOW), None);
        assert_eq!(throttle.wait("192.0.2.1", "a", NOW.plus(WAIT)), None);
        throttle.forget("192.0.2.1", "a");
        assert_eq!(throttle.wait("192.0.2.1", "a", NOW), None);
    }

    #[test]
    fn many_addresses_are_one_guesser() {
        let throttle = Throttle::default();
        let mut tries = 0;
        for n in 0..1_000 {
            let address = format!("192.0.2.{}", n % 250);
            if throttle.wait(&address, "a", NOW).is_none() {
                throttle.count(&address, "a", NOW);
                tries += 1;
            }
        }
        assert_eq!(tries, WRONG_ANYWHERE_MAX);
        assert_eq!(throttle.wait("198.51.100.9", "a", NOW), Some(WAIT));
    }
}
