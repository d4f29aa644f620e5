//! Amounts of money in decimal text, read digit by digit. **The one place that rounds.**

use dermaga_domain::money::{Currency, Minor};
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::json::scalar;

/// Decimal places that are kept.
pub(crate) const PLACES: u32 = 8;
/// The longest amount that is read, in characters.
const LENGTH_MAX: usize = 32;

/// An amount, in hundred-millionths. Written as a number or as text, without an exponent; null and blank
/// are nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Amount(i128);

impl Amount {
    /// In minor units, if it is not too large for them.
    pub(crate) fn minor(self, currency: Currency) -> Option<Minor> {
        i64::try_from(rounded(self.0, unit(currency))).ok()
    }
}

/// The hundred-millionths of one minor unit.
pub(crate) fn unit(currency: Currency) -> i128 {
    10_i128.pow(PLACES.saturating_sub(currency.exponent()))
}

/// The quotient; half a unit or more is rounded away from zero.
pub(crate) const fn rounded(amount: i128, unit: i128) -> i128 {
    let (whole, rest) = (amount / unit, amount % unit);
    if rest.abs() * 2 >= unit { whole + amount.signum() } else { whole }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Self::default());
        }
        decimal(&text).map(Self).ok_or_else(|| D::Error::custom("not an amount"))
    }
}

fn decimal(text: &str) -> Option<i128> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if before.is_empty() || !all(before) || !all(after) {
        return None;
    }
    let kept: String = after.chars().chain("00000000".chars()).take(PLACES as usize).collect();
    let whole: i128 = format!("{before}{kept}").parse().ok()?;
    Some(if negative { -whole } else { whole })
}
