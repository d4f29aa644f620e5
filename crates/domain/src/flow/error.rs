//! Why a flow text was refused.

use std::ops::Range;

/// A flow text that was refused: where, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}; {remedy}")]
pub struct FlowError {
    /// The name of the text, as it was given to the loader.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// A text and its name, to say where something stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The line of a place in the text. A place that is not known is the first line.
    pub(super) fn line(self, span: Option<Range<usize>>) -> usize {
        let before = span.and_then(|span| self.text.get(..span.start)).unwrap_or_default();
        1 + before.bytes().filter(|&byte| byte == b'\n').count()
    }

    /// A refusal at a line.
    pub(super) fn refuse(
        self,
        line: usize,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> FlowError {
        FlowError {
            file: self.file.to_owned(),
            line,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
