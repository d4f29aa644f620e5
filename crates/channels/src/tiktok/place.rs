//! A place in a list of orders by their time of change.
//!
//! Orders change while they are listed, and then move to the list's end. Whether a page's token keeps
//! what was behind it in place is documented nowhere, so that the next page begins at the second in which
//! the last one ended; only within one second is there nothing to go by but the token.

/// Where the list is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Changed in this second or later.
    pub(super) from: i64,
    /// The page, of those of the same start; blank = the first.
    pub(super) token: String,
}

impl Place {
    pub(super) const fn start(from: i64) -> Self {
        Self { from, token: String::new() }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, token) = text.split_once(':')?;
        Some(Self { from: from.parse().ok()?, token: token.to_owned() })
    }

    pub(super) fn text(&self) -> String {
        format!("{}:{}", self.from, self.token)
    }

    /// Where to go on after a page: its number of rows, the channel's token of the next, and the second
    /// in which the last row changed.
    pub(super) fn next(&self, rows: usize, token: &str, last: Option<i64>) -> Option<Self> {
        if token.is_empty() || rows == 0 {
            return None;
        }
        match last {
            Some(last) if last > self.from => Some(Self::start(last)),
            _ => Some(Self { from: self.from, token: token.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_at_its_last_second() {
        let full = 100;
        let start = Place::start(100);
        let further = Place { from: 100, token: "t".to_owned() };
        assert_eq!(start.next(full, "t", Some(300)), Some(Place::start(300)));
        assert_eq!(start.next(full, "t", Some(100)), Some(further.clone()));
        assert_eq!(start.next(full, "t", None), Some(further.clone()));
        assert_eq!(further.next(full, "u", Some(150)), Some(Place::start(150)));
        // The channel gave less than was asked for, and says that there is more.
        assert_eq!(start.next(20, "t", Some(300)), Some(Place::start(300)));
        assert_eq!(start.next(full, "", Some(300)), None);
        assert_eq!(start.next(0, "t", None), None);
        for place in [start, further] {
            assert_eq!(Place::parse(&place.text()), Some(place));
        }
        assert_eq!((Place::parse("x:"), Place::parse("1")), (None, None));
    }
}
