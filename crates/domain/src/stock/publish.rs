//! What a channel is told of what is left, and whether it must be told.

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
    believed.now() != Some(wanted)
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
}
