//! Opening stock from a file: what would come of each row, and then what came of it.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::Locale;
use crate::sentence::Sentence;

/// Opening stock, `GET /stock/opening`; a file is posted there, and what it says is written only from
/// the preview.
#[derive(Debug, Clone, Template)]
#[template(path = "opening.html")]
pub struct OpeningPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// The names of the warehouses, to be written in the file.
    pub warehouses: Vec<String>,
    /// Why the file could not be looked at.
    pub problem: Option<Sentence>,
    /// What would come of a file.
    pub preview: Option<OpeningPreview>,
    /// What came of it.
    pub done: Option<OpeningDone>,
}

/// What would come of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningPreview {
    /// What names the form, so that pressing twice does once.
    pub once: String,
    /// The file's text, posted back to be written.
    pub text: String,
    /// Its rows.
    pub rows: Vec<OpeningNote>,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningDone {
    /// Its rows.
    pub rows: Vec<OpeningNote>,
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningNote {
    /// Its line in the file.
    pub line: i64,
    /// The SKU's code, as far as it could be read.
    pub sku: String,
    /// The warehouse's name, as far as it could be read.
    pub warehouse: String,
    /// Units; none when they could not be read.
    pub quantity: Option<i64>,
    /// What comes of it.
    pub end: RowEnd,
}

/// What comes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowEnd {
    /// It goes onto the shelf of a SKU that is there.
    Known,
    /// Its SKU is made for it.
    New,
    /// Nothing, and why.
    Refused(Sentence),
}

impl OpeningNote {
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self.end, RowEnd::Refused(_))
    }
}

fn bad(rows: &[OpeningNote]) -> i64 {
    rows.iter().map(|row| i64::from(row.is_bad())).sum()
}

fn good(rows: &[OpeningNote]) -> i64 {
    rows.iter().map(|row| i64::from(!row.is_bad())).sum()
}

/// The rows with those first that nothing comes of.
fn bad_first(rows: &[OpeningNote]) -> Vec<&OpeningNote> {
    let (bad, good): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_bad());
    bad.into_iter().chain(good).collect()
}

impl OpeningPreview {
    pub(crate) fn good(&self) -> i64 {
        good(&self.rows)
    }

    pub(crate) fn bad(&self) -> i64 {
        bad(&self.rows)
    }

    pub(crate) fn sorted(&self) -> Vec<&OpeningNote> {
        bad_first(&self.rows)
    }

    /// Units that would come onto shelves.
    pub(crate) fn units(&self) -> i64 {
        let good = self.rows.iter().filter(|row| !row.is_bad());
        good.filter_map(|row| row.quantity).sum()
    }

    /// SKUs that would be made.
    pub(crate) fn made(&self) -> i64 {
        let made = self.rows.iter().filter(|row| row.end == RowEnd::New);
        let codes: std::collections::BTreeSet<&str> = made.map(|row| row.sku.as_str()).collect();
        i64::try_from(codes.len()).unwrap_or(i64::MAX)
    }
}

impl OpeningDone {
    pub(crate) fn good(&self) -> i64 {
        good(&self.rows)
    }

    pub(crate) fn bad(&self) -> i64 {
        bad(&self.rows)
    }

    pub(crate) fn sorted(&self) -> Vec<&OpeningNote> {
        bad_first(&self.rows)
    }
}

impl OpeningPage {
    pub(crate) fn place(&self) -> Place {
        Place::Stock
    }
}
