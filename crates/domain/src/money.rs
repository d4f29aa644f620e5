//! Money: integer minor units and a currency.

use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code in capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a currency code of three capital letters, such as IDR")]
pub struct BadCurrency(pub String);

impl Currency {
    /// Indonesian rupiah. Kept without a minor unit: sellers and channels there count whole rupiah.
    pub const IDR: Self = Self(*b"IDR");

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal places the minor unit is away from the major one.
    #[must_use]
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"IDR" | b"VND" | b"JPY" | b"KRW" => 0,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| BadCurrency(text.to_owned()))
    }
}

/// An amount in the minor unit of its order's currency.
pub type Minor = i64;
