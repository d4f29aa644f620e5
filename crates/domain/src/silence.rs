//! How long a shop has been silent, against how often it is heard.

use crate::time::{Span, Time};

/// So many messages are needed before anything is usual.
const KNOWN_MIN: usize = 20;
/// A silence shorter than this is never worth a word.
const SHORTEST: Span = Span::minutes(30);
/// A silence is strange from so many times the long ones on.
const TIMES: i64 = 2;

/// The silence of a shop since it was last heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// When it was last heard.
    pub since: Time,
    /// How long it usually is between two messages: half of the gaps are shorter. None while too few
    /// are known.
    pub usual: Option<Span>,
    /// Whether it is silent for longer than it ever is but for one gap in twenty, twice over.
    pub is_strange: bool,
}

/// The silence of a shop that was heard at these times, the newest first; none when it never was.
#[must_use]
pub fn silence(heard: &[Time], now: Time) -> Option<Silence> {
    let since = *heard.first()?;
    let mut gaps: Vec<i64> = heard
        .iter()
        .zip(heard.iter().skip(1))
        .map(|(later, earlier)| later.since(*earlier).0.max(0))
        .collect();
    gaps.sort_unstable();
    if heard.len() < KNOWN_MIN {
        return Some(Silence { since, usual: None, is_strange: false });
    }
    let at = |part: usize| gaps.get(part).copied().unwrap_or_default();
    let long = at(gaps.len() * 19 / 20).saturating_mul(TIMES).max(SHORTEST.0);
    let usual = Some(Span(at(gaps.len() / 2)));
    Some(Silence { since, usual, is_strange: now.since(since).0 > long })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(minutes: i64, count: i64) -> Vec<Time> {
        (0..count).map(|n| Time(0).minus(Span::minutes(n * minutes))).collect()
    }

    fn after(heard: &[Time], minutes: i64) -> (Option<Span>, bool) {
        let told = silence(heard, Time(0).plus(Span::minutes(minutes))).unwrap();
        (told.usual, told.is_strange)
    }

    #[test]
    fn a_shop_that_is_heard_often_is_strange_when_it_falls_silent() {
        let heard = every(6, 100);
        assert_eq!(after(&heard, 6), (Some(Span::minutes(6)), false));
        assert_eq!(after(&heard, 30), (Some(Span::minutes(6)), false));
        assert_eq!(after(&heard, 42), (Some(Span::minutes(6)), true));
    }

    #[test]
    fn a_shop_that_is_heard_rarely_may_be_silent_for_long() {
        let heard = every(180, 40);
        assert_eq!(after(&heard, 300), (Some(Span::hours(3)), false));
        assert_eq!(after(&heard, 400), (Some(Span::hours(3)), true));
    }

    #[test]
    fn nights_are_usual_once_they_are_known() {
        // Ten messages an hour apart each day, then a night.
        let at = |n: i64| Time(0).minus(Span::hours((n / 10) * 24 + n % 10));
        let heard: Vec<Time> = (0..100).map(at).collect();
        assert!(!after(&heard, 15 * 60).1);
    }

    #[test]
    fn nothing_is_strange_before_enough_is_known() {
        assert_eq!(silence(&[], Time(0)), None);
        assert_eq!(after(&every(1, 5), 10_000), (None, false));
    }
}
