//! The page at the control port: buyer, courier and seller centre in plain forms.

use crate::control::Control;
use crate::serve::{Answer, Request};

/// Answers everything on the control port that is not the control API.
pub(crate) fn answer(_control: &Control, _request: &Request) -> Answer {
    Answer::html(404, "not found")
}

/// Text made safe between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
