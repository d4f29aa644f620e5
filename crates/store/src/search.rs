//! Search terms: what an order is found by.

/// A number as it is stored and looked for: small letters and digits only, so that spaces, dashes and
/// slashes typed or left out make no difference.
#[must_use]
pub fn normalised(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
