//! House rules that the compiler does not know.
//!
//! Each rule is a function from the files (or from cargo's description of the crates) to its
//! [`Problem`]s; a problem says where it is and what to do. `tests/tidy.rs` holds the workspace to
//! every rule, and `tests/planted.rs` holds every rule to noticing what it is for.

pub mod channels;
pub mod crates;
pub mod error_pages;
pub mod metrics;
pub mod names;
pub mod source;
pub mod tree;
pub mod workspace;

use std::fmt;

/// Something to put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is, from the root of the workspace; with a line where there is one.
    pub place: String,
    /// What is wrong and what to do about it.
    pub advice: String,
}

impl Problem {
    /// A problem of a whole file, folder or crate.
    #[must_use]
    pub fn new(place: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { place: place.into(), advice: advice.into() }
    }

    /// A problem of one line, counted from 0.
    #[must_use]
    pub fn at(path: &str, line: usize, advice: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", line + 1), advice)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.advice)
    }
}
