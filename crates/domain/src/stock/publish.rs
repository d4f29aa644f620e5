//! What a channel is told of what is left, and whether it must be told.

use crate::planted::{Bug, planted};
use crate::time::{Span, Time};

/// An order placed this close to a push may have been taken off before or after it: clocks differ.
const UNSURE: Span = Span::minutes(2);

/// Bundles that can be made of what is available of each part: pairs of units and how many one takes.
#[must_use]
pub fn whole(parts: impl IntoIterator<Item = (i64, i64)>) -> i64 {
    parts.into_iter().map(|(available, each)| available.div_euclid(each.max(1))).min().unwrap_or(0)
}

/// How much of what is available a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Of each hundred units.
    pub percent: i64,
    /// Units that are kept back after that.
    pub buffer: i64,
    /// At most so many.
    pub cap: Option<i64>,
}

impl Default for Share {
    fn default() -> Self {
        Self { percent: 100, buffer: 0, cap: None }
    }
}

impl Share {
    /// Units to show.
    #[must_use]
    pub fn of(self, available: i64) -> i64 {
        let part = available.max(0).saturating_mul(self.percent.clamp(0, 100)) / 100;
        let left = part.saturating_sub(self.buffer).max(0);
        self.cap.map_or(left, |cap| left.min(cap.max(0)))
    }
}

/// What the channel is believed to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Believed {
    /// What it was told last, less what it sold itself since and was counted; none = not known.
    pub published: Option<i64>,
    /// Units of its own orders, heard since, that it took off by itself: placed after it was told.
    pub own: i64,
    /// Of some of its own orders it is not known whether it took their units off before it was told,
    /// and so put them back, or after.
    pub unsure: bool,
}

impl Believed {
    /// It sold units of its own, placed at a time, after it was told of at another: it has taken them
    /// off by itself, unless that may have been before it was told.
    pub fn sold(&mut self, quantity: i64, placed_at: Option<Time>, told_at: Option<Time>) {
        if placed_at > told_at.map(|at| at.plus(UNSURE)) {
            self.own += quantity;
        } else {
            self.unsure = true;
        }
    }

    /// What it shows now; none = not known.
    #[must_use]
    pub fn now(self) -> Option<i64> {
        self.published.map(|published| (published - self.own).max(0)).filter(|_| !self.unsure)
    }
}

/// Whether the channel must be told.
///
/// Its own sale is not told back: while the message is on its way it may have sold another one, which
/// the message would put back on the shelf.
#[must_use]
pub fn must_push(wanted: i64, believed: Believed) -> bool {
    if planted(Bug::PushBackOwnSale) {
        return believed.published != Some(wanted);
    }
    believed.now() != Some(wanted)
}

/// Whether a listing shows something else than is believed, and goes on doing so: at two looks since it
/// was told, the same other value. Somebody changed it at the channel, or the channel sold units of which
/// nothing was heard. One look alone may have come while a sale of its own was on its way to us.
#[must_use]
pub fn has_drifted(
    (believed, told_at): (Believed, Option<Time>),
    (first_at, first): (Time, Option<i64>),
    second: Option<i64>,
) -> bool {
    let since = told_at.is_none_or(|at| at.plus(UNSURE) < first_at);
    since
        && second.is_some()
        && first == second
        && believed.now().is_some_and(|b| Some(b) != second)
}

/// What came of looking at a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It shows what it should: nothing was sent.
    Nothing,
    /// The channel took the value.
    Taken,
    /// The channel refused it, for good or for now.
    Refused(String),
    /// It is not known whether the channel took it.
    Unknown(String),
}

impl Said {
    /// The name of the outcome.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Nothing => "same",
            Self::Taken => "taken",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether something was sent.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// In whose words it was not taken.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Nothing | Self::Taken => None,
            Self::Refused(why) | Self::Unknown(why) => Some(why),
        }
    }

    /// What the listing shows from now on, and since when it was told so: what the channel refused it
    /// does not show, and what it may have taken is not known.
    #[must_use]
    pub fn shows(
        &self,
        wanted: i64,
        (believed, told_at): (Believed, Option<Time>),
        now: Time,
    ) -> (Option<i64>, Option<Time>) {
        match self {
            Self::Nothing => (Some(wanted), told_at),
            Self::Taken => (Some(wanted), Some(now)),
            Self::Refused(_) => (believed.now(), told_at),
            Self::Unknown(_) => (None, Some(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_shows_its_share() {
        let share = |percent, buffer, cap| Share { percent, buffer, cap };
        let table = [
            (Share::default(), 7, 7),
            (Share::default(), -3, 0),
            (share(50, 0, None), 7, 3),
            (share(50, 2, None), 7, 1),
            (share(50, 9, None), 7, 0),
            (share(100, 0, Some(5)), 7, 5),
            (share(130, 0, Some(-1)), 7, 0),
            (share(130, 0, None), 7, 7),
            (share(-5, 0, None), 7, 0),
        ];
        for (share, available, shown) in table {
            assert_eq!(share.of(available), shown, "{share:?} of {available}");
        }
    }

    #[test]
    fn its_own_sale_is_not_told_back() {
        let told = |published, own, unsure| Believed { published, own, unsure };
        assert!(must_push(5, told(None, 0, false)), "nothing is known");
        assert!(!must_push(5, told(Some(5), 0, false)));
        assert!(must_push(4, told(Some(5), 0, false)), "somebody else sold one");
        assert!(!must_push(4, told(Some(5), 1, false)), "it sold one itself");
        assert!(must_push(3, told(Some(5), 1, false)), "both");
        assert!(must_push(4, told(Some(5), 1, true)), "it may have been put back");
        assert!(!must_push(0, told(Some(1), 3, false)), "nothing is below nothing");
    }

    #[test]
    fn a_bundle_is_as_many_as_its_scarcest_part_makes() {
        for (parts, made) in [
            (&[(7, 1)][..], 7),
            (&[(7, 2), (9, 3)], 3),
            (&[(7, 2), (-1, 3)], -1),
            (&[], 0),
            (&[(5, 0)], 5),
        ] {
            assert_eq!(whole(parts.iter().copied()), made, "{parts:?}");
        }
    }

    #[test]
    fn a_sale_near_the_last_word_may_be_older_than_it() {
        let told = Time(1_000_000_000);
        let after = |span: Span| Some(told.plus(span));
        for (placed_at, told_at, own, unsure) in [
            (after(Span::seconds(121)), Some(told), 3, false),
            (after(Span::seconds(120)), Some(told), 0, true),
            (after(Span::seconds(0)), Some(told), 0, true),
            (None, Some(told), 0, true),
            (after(Span::seconds(0)), None, 3, false),
        ] {
            let mut believed = Believed { published: Some(9), ..Believed::default() };
            believed.sold(3, placed_at, told_at);
            assert_eq!((believed.own, believed.unsure), (own, unsure), "{placed_at:?} {told_at:?}");
        }
    }

    #[test]
    fn what_shows_something_else_twice_has_drifted() {
        let (told, look) = (Some(Time(0)), Time(Span::minutes(3).0));
        let believed = |published| Believed { published, ..Believed::default() };
        for (published, told_at, first_at, first, second, drifted) in [
            (Some(5), told, look, Some(4), Some(4), true),
            (Some(5), None, look, Some(4), Some(4), true),
            (Some(5), told, look, Some(5), Some(4), false),
            (Some(4), told, look, Some(4), Some(4), false),
            (Some(5), told, Time(1), Some(4), Some(4), false),
            (None, told, look, Some(4), Some(4), false),
            (Some(5), told, look, None, None, false),
        ] {
            let found = has_drifted((believed(published), told_at), (first_at, first), second);
            assert_eq!(found, drifted, "{published:?} {told_at:?} {first:?} {second:?}");
        }
    }

    #[test]
    fn what_was_said_decides_what_is_believed() {
        let (now, earlier) = (Time(9), Some(Time(1)));
        let before = Believed { published: Some(5), own: 1, unsure: false };
        for (said, shown, told_at) in [
            (Said::Nothing, Some(7), earlier),
            (Said::Taken, Some(7), Some(now)),
            (Said::Refused("no".to_owned()), Some(4), earlier),
            (Said::Unknown("?".to_owned()), None, Some(now)),
        ] {
            assert_eq!(said.shows(7, (before, earlier), now), (shown, told_at), "{said:?}");
        }
    }
}
