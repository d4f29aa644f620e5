//! A place in a list of orders by their time of change.
//!
//! Orders change while they are listed, and then move to the list's end: what stood behind them moves
//! up. So no page is asked for by its number: the next one begins at the second in which the last one
//! ended. A second with more orders than a page holds is walked by number, because there is nothing
//! else to go by.

use super::capabilities::ORDERS_PAGE_MAX;
use super::wire::gmt_text;

/// What is listed. What is in the shop's bin is in no list but its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    Any,
    Bin,
}

/// How the list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// By time of change, and the page among those of the same start.
    Modified { page: u32 },
    /// By id, where an older shop cannot sort by change: so many are behind us.
    Id { offset: u32 },
}

/// Rows that are read again on the next page of a walk by id: so many may leave the list meanwhile.
const STEPS_BACK: u32 = 10;

/// Where the list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) shelf: Shelf,
    /// Changed after this second.
    pub(super) after: i64,
    pub(super) walk: Walk,
}

impl Place {
    pub(super) const fn start(shelf: Shelf, after: i64) -> Self {
        Self { shelf, after, walk: Walk::Modified { page: 1 } }
    }

    /// The same start, by id.
    pub(super) const fn by_id(self) -> Self {
        Self { walk: Walk::Id { offset: 0 }, ..self }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (shelf, walk) = (parts.next()?, parts.next()?);
        let (after, count) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let shelf = match shelf {
            "any" => Shelf::Any,
            "bin" => Shelf::Bin,
            _ => return None,
        };
        let walk = match walk {
            "modified" => Walk::Modified { page: count },
            "id" => Walk::Id { offset: count },
            _ => return None,
        };
        parts.next().is_none().then_some(Self { shelf, after, walk })
    }

    pub(super) fn text(self) -> String {
        let shelf = match self.shelf {
            Shelf::Any => "any",
            Shelf::Bin => "bin",
        };
        match self.walk {
            Walk::Modified { page } => format!("{shelf}.modified.{}.{page}", self.after),
            Walk::Id { offset } => format!("{shelf}.id.{}.{offset}", self.after),
        }
    }

    /// What is asked for; `before` is the second after the last one.
    pub(super) fn query(self, before: i64) -> Vec<(&'static str, String)> {
        let status = match self.shelf {
            Shelf::Any => "any",
            Shelf::Bin => "trash",
        };
        let (order_by, walked) = match self.walk {
            Walk::Modified { page } => ("modified", ("page", page.to_string())),
            Walk::Id { offset } => ("id", ("offset", offset.to_string())),
        };
        vec![
            ("status", status.to_owned()),
            ("modified_after", gmt_text(self.after)),
            ("modified_before", gmt_text(before)),
            ("dates_are_gmt", "true".to_owned()),
            ("orderby", order_by.to_owned()),
            ("order", "asc".to_owned()),
            ("per_page", ORDERS_PAGE_MAX.to_string()),
            walked,
        ]
    }

    /// Where to go on after a page: its number of rows, how many pages the shop says there are, and the
    /// second in which the last row changed. A shop may give less on a page than it was asked for.
    pub(super) fn next(self, rows: usize, pages: Option<u32>, last: Option<i64>) -> Option<Self> {
        let page = match self.walk {
            Walk::Modified { page } => page,
            Walk::Id { .. } => 1,
        };
        let full = rows >= ORDERS_PAGE_MAX as usize;
        let by_number = matches!(self.walk, Walk::Modified { .. });
        let more = pages.filter(|_| by_number).map_or(full, |pages| pages > page);
        if !more || rows == 0 {
            return None;
        }
        let walk = match (self.walk, last) {
            (Walk::Modified { .. }, Some(last)) if last - 1 > self.after => {
                return Some(Self::start(self.shelf, last - 1));
            }
            (Walk::Modified { page }, _) => Walk::Modified { page: page.saturating_add(1) },
            (Walk::Id { offset }, _) => {
                Walk::Id { offset: offset.saturating_add(ORDERS_PAGE_MAX - STEPS_BACK) }
            }
        };
        Some(Self { walk, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_goes_on_at_its_last_second() {
        let full = ORDERS_PAGE_MAX as usize;
        let start = Place::start(Shelf::Any, 100);
        assert_eq!(start.next(full - 1, None, Some(300)), None);
        assert_eq!(start.next(full, None, Some(300)), Some(Place::start(Shelf::Any, 299)));
        let crowded = Place { walk: Walk::Modified { page: 2 }, ..start };
        assert_eq!(start.next(full, None, Some(101)), Some(crowded));
        assert_eq!(start.next(full, None, None), Some(crowded));
        assert_eq!(crowded.next(full, None, Some(150)), Some(Place::start(Shelf::Any, 149)));
        // The shop gives 20 on a page, whatever it is asked for.
        assert_eq!(start.next(20, Some(3), Some(300)), Some(Place::start(Shelf::Any, 299)));
        assert_eq!(start.next(20, Some(1), Some(300)), None);
        assert_eq!(crowded.next(20, Some(2), Some(101)), None);
        assert_eq!(start.next(full, Some(1), Some(300)), None);
        let by_id = start.by_id();
        let further = Place { walk: Walk::Id { offset: 40 }, ..start };
        assert_eq!(by_id.next(full, None, Some(300)), Some(further));
    }

    #[test]
    fn a_place_is_the_same_after_it_was_written() {
        for shelf in [Shelf::Any, Shelf::Bin] {
            for walk in [Walk::Modified { page: 3 }, Walk::Id { offset: 80 }] {
                let place = Place { shelf, after: 1_767_582_007, walk };
                assert_eq!(Place::parse(&place.text()), Some(place));
            }
        }
        for text in
            ["", "any", "any.modified.1", "any.modified.1.2.3", "all.id.1.2", "any.page.1.2"]
        {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
