//! The name under which an order was sold, where its channel sells under more than one.

use std::fmt;
use std::sync::Arc;

/// Characters that a sub-platform has at most: those of channels are single words, and it is a filter's
/// value and part of an index.
const CHARS_MAX: usize = 64;

/// A sub-platform, by its key: the channel's client gives the ones it knows a key of ours, and leaves
/// one that it does not know as the channel writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubPlatform(Arc<str>);

impl SubPlatform {
    /// The one of this key; none for a text that is blank, longer than 64 characters, or holds what
    /// cannot be printed.
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        let fits = !key.is_empty()
            && key.chars().count() <= CHARS_MAX
            && !key.chars().any(char::is_control);
        fits.then(|| Self(Arc::from(key)))
    }

    /// Its key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_short_text_that_can_be_printed() {
        let key = |text: &str| SubPlatform::new(text).map(|key| key.to_string());
        assert_eq!(key("second_name"), Some("second_name".to_owned()));
        assert_eq!(key(" A name never heard "), Some("A name never heard".to_owned()));
        let longest = "x".repeat(CHARS_MAX);
        assert_eq!(key(&longest), Some(longest.clone()));
        for text in ["", "  ", "one\ntwo", "nul\0", &format!("{longest}x")] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }
}
