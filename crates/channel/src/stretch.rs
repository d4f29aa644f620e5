//! Windows of lists, read in stretches that fit on a page.
//!
//! While a list is read, orders leave it or move to its end: what stood behind them moves up, and between
//! two of its pages a row falls through that neither showed. What stands on one page was seen at one
//! moment. So a list that cannot be asked for what comes after a given row is asked for ever shorter
//! stretches of time, until one is on a page by itself.
//!
//! ```text
//!   window  ├───────────────────────────────┤
//!   asked   ├───────────────────────────────┤  more than a page
//!           ├───────────────┤                  more than a page
//!           ├───────┤                          a page, kept
//!                   ├───────┤                  a short page, kept: the next stretch is longer
//!                           ├───────────────┤
//! ```

/// A window of a list, in whatever unit the channel tells time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: i64,
    /// Where it ends.
    pub end: i64,
    /// The longest stretch that the channel lists at once.
    pub longest: i64,
    /// Rows on a page.
    pub page_max: u32,
}

/// A stretch of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its first moment.
    pub from: i64,
    /// Where it ends. The next one begins at this moment: whether a list has its end in it does not matter.
    pub to: i64,
    /// The channel's own mark of a page in it; blank = the first. Only a stretch that cannot be shorter
    /// is read by more than one page.
    pub mark: String,
}

/// How it goes on after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    /// The page was not all of the stretch: nothing of it counts, this one is asked for instead.
    Narrower(Stretch),
    /// The page is to be kept. What follows; none at the end of the window.
    Kept(Option<Stretch>),
}

impl Window {
    /// Where a walk of it stood, as [`Stretch::text`] told it; otherwise its start.
    #[must_use]
    pub fn resumed(&self, page: Option<&str>) -> Stretch {
        page.and_then(Stretch::parse).unwrap_or_else(|| self.stretch(self.from, self.longest))
    }

    fn stretch(&self, from: i64, length: i64) -> Stretch {
        Stretch::between(from, from.saturating_add(length.min(self.longest)).min(self.end))
    }

    /// How it goes on after a page with so many rows; `more` is the channel's mark of the next page, where
    /// it says that there is one. A mark that is blank or the same again leads nowhere.
    #[must_use]
    pub fn after(&self, stretch: &Stretch, rows: usize, more: Option<String>) -> Walked {
        if let Some(mark) = more {
            if let Some(half) = stretch.halved() {
                return Walked::Narrower(half);
            }
            if !mark.is_empty() && mark != stretch.mark {
                return Walked::Kept(Some(Stretch { mark, ..stretch.clone() }));
            }
        }
        let length = stretch.to - stretch.from;
        let short = rows * 2 <= self.page_max as usize;
        let length = if short { length.saturating_mul(2) } else { length };
        Walked::Kept((stretch.to < self.end).then(|| self.stretch(stretch.to, length)))
    }
}

impl Stretch {
    const fn between(from: i64, to: i64) -> Self {
        Self { from, to, mark: String::new() }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (from, to) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let mark = parts.next()?.to_owned();
        (from < to).then_some(Self { from, to, mark })
    }

    /// As it is kept between two pages.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}.{}.{}", self.from, self.to, self.mark)
    }

    /// Its first half; none when it cannot be shorter.
    #[must_use]
    pub fn halved(&self) -> Option<Self> {
        let half = (self.to - self.from) / 2;
        (half > 0).then(|| Self::between(self.from, self.from + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { from: 0, end: 5_000, longest: 1_000, page_max: 10 };

    /// Everything that is kept of a list of moments, and how many pages were asked for.
    fn walked(moments: &[i64]) -> (Vec<i64>, usize) {
        let (mut kept, mut asked) = (Vec::new(), 0);
        let mut at = Some(WINDOW.resumed(None));
        while let Some(stretch) = at.take() {
            assert!(stretch.to - stretch.from <= WINDOW.longest);
            asked += 1;
            let skip: usize = stretch.mark.parse().unwrap_or(0);
            let within = stretch.from..=stretch.to;
            let all: Vec<i64> = moments.iter().copied().filter(|at| within.contains(at)).collect();
            let rows: Vec<i64> = all.iter().copied().skip(skip).take(10).collect();
            let seen = skip + rows.len();
            let more = (seen < all.len()).then(|| seen.to_string());
            at = match WINDOW.after(&stretch, rows.len(), more) {
                Walked::Narrower(half) => Some(half),
                Walked::Kept(next) => {
                    kept.extend(rows);
                    next.map(|next| WINDOW.resumed(Some(&next.text())))
                }
            };
        }
        kept.sort_unstable();
        kept.dedup();
        (kept, asked)
    }

    #[test]
    fn every_moment_is_kept_however_crowded_it_is() {
        let spread: Vec<i64> = (0..500).map(|at| at * 10).collect();
        let burst: Vec<i64> = (0..300).map(|at| 2_000 + at / 3).collect();
        // More of one moment than a page holds.
        let crowd = vec![777; 35];
        for mut moments in [Vec::new(), vec![0], vec![5_000], spread, burst, crowd] {
            let (kept, asked) = walked(&moments);
            assert!(asked < 30 + moments.len() / 2, "{asked} pages for {}", moments.len());
            moments.dedup();
            assert_eq!(kept, moments);
        }
    }

    #[test]
    fn a_mark_that_leads_nowhere_is_not_followed() {
        let second = Stretch { from: 7, to: 8, mark: "2".to_owned() };
        let next = |mark: &str| WINDOW.after(&second, 10, Some(mark.to_owned()));
        assert_eq!(
            next("3"),
            Walked::Kept(Some(Stretch { mark: "3".to_owned(), ..second.clone() }))
        );
        for mark in ["", "2"] {
            assert_eq!(next(mark), Walked::Kept(Some(Stretch::between(8, 9))), "{mark:?}");
        }
        let long = Stretch::between(0, 10);
        assert_eq!(
            WINDOW.after(&long, 10, Some(String::new())),
            Walked::Narrower(Stretch::between(0, 5))
        );
    }

    #[test]
    fn what_was_kept_by_another_version_begins_anew() {
        let start = WINDOW.resumed(None);
        for text in ["", "100", "7.5.", "100.50.", "a.b.c", "cursor:12"] {
            assert_eq!(WINDOW.resumed(Some(text)), start, "{text}");
        }
        let marked = Stretch { from: 7, to: 8, mark: "a.b==".to_owned() };
        assert_eq!(WINDOW.resumed(Some(&marked.text())), marked);
    }
}
