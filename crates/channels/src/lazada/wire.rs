//! Single values as Lazada writes them: the documents say that nearly all are texts, and what comes is a
//! mixture of texts, numbers and truth values.

use std::ops::{Add, Sub};

use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::time::{Span, Time};
use jiff::fmt::strtime;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;

use crate::amount::rounded;
use crate::json::scalar;
pub(super) use crate::json::{Text, read, read_object};

/// Decimal places that are kept of an amount: more than any currency of the channel has.
const PLACES: usize = 6;
/// The longest amount that is read, in characters.
const AMOUNT_LENGTH_MAX: usize = 24;
/// A moment from here on is in milliseconds: as seconds it would be far in the future.
const MILLIS_FROM: i64 = 100_000_000_000;

/// An id: a positive integer, written as number or text. Zero and blank mean that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Id(pub(super) Option<u64>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Self(None));
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let id: Option<u64> = if digits { text.parse().ok() } else { None };
        let id = id.ok_or_else(|| D::Error::custom("not an id"))?;
        Ok(Self((id > 0).then_some(id)))
    }
}

/// An id that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SomeId(pub(super) u64);

impl<'de> Deserialize<'de> for SomeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Id::deserialize(from)?.0.map(Self).ok_or_else(|| D::Error::custom("no id"))
    }
}

impl std::fmt::Display for SomeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A truth value, also as number or text; anything else is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(from)?.get().trim_matches('"');
        Ok(Self(text.eq_ignore_ascii_case("true") || text == "1"))
    }
}

/// An amount of money, digit by digit: in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Amount(i64);

impl Amount {
    /// The amount in minor units: there are no more of them than millionths.
    pub(super) fn minor(self, currency: Currency) -> Minor {
        let places = u32::try_from(PLACES).unwrap_or(0).saturating_sub(currency.exponent());
        i64::try_from(rounded(i128::from(self.0), 10_i128.pow(places))).unwrap_or(self.0)
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Self::default());
        }
        millionths(&text).map(Self).ok_or_else(|| D::Error::custom("not an amount"))
    }
}

/// A decimal number in millionths. Numbers are written without an exponent here.
fn millionths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit());
    if text.len() > AMOUNT_LENGTH_MAX || before.is_empty() || !all_digits {
        return None;
    }
    let kept: String = after.chars().chain(std::iter::repeat('0')).take(PLACES).collect();
    let whole: i64 = format!("{before}{kept}").parse().ok()?;
    Some(if negative { -whole } else { whole })
}

/// A moment: `2026-11-20 09:23:36 +0700`, ISO 8601 with an offset, or a number of seconds or milliseconds.
/// None for blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() || text == "0" {
            return Ok(Self(None));
        }
        moment(&text).map(|at| Self(Some(at))).ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// The same, and what cannot be read is none: of what only adorns an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct MaybeMoment(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for MaybeMoment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(from)?.get();
        Ok(Self(moment(text.trim_matches('"').trim())))
    }
}

fn moment(text: &str) -> Option<Time> {
    if let Ok(number) = text.parse::<i64>() {
        let at = if number >= MILLIS_FROM {
            Time::from_seconds(0).plus(Span(number.checked_mul(1_000)?))
        } else {
            Time::from_seconds(number)
        };
        return (number > 0).then_some(at);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Time(at.as_microsecond()));
    }
    let at = strtime::parse("%Y-%m-%d %H:%M:%S %z", text).ok()?.to_timestamp().ok()?;
    Some(Time(at.as_microsecond()))
}

/// A second as lists are asked for it.
pub(super) fn iso(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        read("test", json.as_bytes()).ok()
    }

    #[test]
    fn amounts_are_texts_or_numbers_and_exact() {
        let cents: Currency = "MYR".parse().unwrap();
        let cases = [
            (r#""110000.00""#, Some(110_000), Some(11_000_000)),
            ("9000.0", Some(9_000), Some(900_000)),
            ("9000", Some(9_000), Some(900_000)),
            (r#""12.345""#, Some(12), Some(1_235)),
            (r#""-12.5""#, Some(-13), Some(-1_250)),
            (r#""999999999999.99""#, Some(1_000_000_000_000), Some(99_999_999_999_999)),
            (r#""""#, Some(0), Some(0)),
            ("null", Some(0), Some(0)),
            (r#""1,000.00""#, None, None),
            (r#""1e3""#, None, None),
            (r#"".5""#, None, None),
            ("true", None, None),
        ];
        for (json, rupiah, minor) in cases {
            let amount: Option<Amount> = parse(json);
            assert_eq!(amount.map(|amount| amount.minor(Currency::IDR)), rupiah, "{json}");
            assert_eq!(amount.map(|amount| amount.minor(cents)), minor, "{json}");
        }
    }

    #[test]
    fn times_have_an_offset_or_are_numbers() {
        let at = Some(Some(1_795_141_416_000_000));
        let cases = [
            (r#""2026-11-20 09:23:36 +0700""#, at),
            (r#""2026-11-20 10:23:36 +0800""#, at),
            (r#""2026-11-20T09:23:36+07:00""#, at),
            (r#""2026-11-20T02:23:36Z""#, at),
            ("1795141416", at),
            ("1795141416000", at),
            (r#""1795141416000""#, at),
            (r#""""#, Some(None)),
            ("null", Some(None)),
            (r#""2026-11-20 09:23:36""#, None),
            (r#""yesterday""#, None),
            ("[]", None),
        ];
        for (json, wanted) in cases {
            assert_eq!(parse::<Moment>(json).map(|it| it.0.map(|at| at.0)), wanted, "{json}");
            let lenient = parse::<MaybeMoment>(json).unwrap();
            assert_eq!(lenient.0.map(|at| at.0), wanted.flatten(), "{json}");
        }
        assert_eq!(iso(1_795_141_416), "2026-11-20T02:23:36+00:00");
    }

    #[test]
    fn ids_and_flags_come_as_texts_and_numbers() {
        assert_eq!(parse::<Id>("727"), Some(Id(Some(727))));
        assert_eq!(parse::<Id>(r#""727""#), Some(Id(Some(727))));
        assert_eq!(parse::<Id>(r#""""#), Some(Id(None)));
        assert_eq!(parse::<Id>("0"), Some(Id(None)));
        assert_eq!(parse::<Id>(r#""../x""#), None);
        assert_eq!(parse::<SomeId>("0"), None);
        let flags = [
            ("true", true),
            ("1", true),
            (r#""1""#, true),
            (r#""True""#, true),
            ("false", false),
            ("0", false),
            (r#""""#, false),
            ("null", false),
            (r#""x""#, false),
        ];
        for (json, wanted) in flags {
            assert_eq!(parse::<Flag>(json), Some(Flag(wanted)), "{json}");
        }
    }
}
