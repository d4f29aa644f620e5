//! The steps of a write, for tests that end the hub at each of them.

use std::fmt;
use std::sync::Arc;

/// What a write is about to do, or has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Runs the statement of this name.
    Statement(&'static str),
    /// Commits.
    Commit,
    /// Has committed, and says so.
    Committed,
}

/// Asked before each step of a write whether the process still lives: after a "no" the database sees
/// nothing more of that write, as after a power cut. A hub that serves has none.
#[derive(Clone)]
pub struct Pulse(Arc<dyn Fn(Step) -> bool + Send + Sync>);

impl Pulse {
    /// What is asked.
    #[must_use]
    pub fn new(beats: impl Fn(Step) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(beats))
    }

    pub(super) fn beats(&self, step: Step) -> bool {
        (self.0)(step)
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pulse(…)")
    }
}
