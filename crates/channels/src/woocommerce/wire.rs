//! Single values as WooCommerce writes them: ids as number or text, amounts as decimal text, times in
//! UTC without saying so. The shapes around them stand beside what reads them.

use std::ops::Add;

use dermaga_domain::money::{Currency, Minor};
use dermaga_domain::time::Time;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::amount::{PLACES, rounded, unit};
use crate::json::scalar;
pub(super) use crate::json::{Text, read, read_object};

/// The longest number that is read, in characters.
const NUMBER_LENGTH_MAX: usize = 64;

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

/// A status, without the `wc-` of the shop's own database. The shop's own ones are kept as they are:
/// the flow says what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status(pub(super) String);

/// The longest status that is taken for one, in characters; a shop's database keeps 20.
const STATUS_LENGTH_MAX: usize = 40;

impl Status {
    /// An order that somebody has only begun to write: not one yet, and never told by webhook.
    pub(super) fn is_draft(&self) -> bool {
        matches!(self.0.as_str(), "draft" | "auto-draft" | "new")
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        let slug = text.strip_prefix("wc-").unwrap_or(&text);
        if slug.is_empty() || slug.len() > STATUS_LENGTH_MAX {
            return Err(D::Error::custom("not a status"));
        }
        Ok(Self(slug.to_owned()))
    }
}

/// A number of units: a whole one. Plugins sell by weight; such a line is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count(pub(super) i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let amount = Amount::deserialize(from)?;
        let whole = amount.whole().filter(|_| amount.0 % 10_i128.pow(PLACES) == 0);
        let count = whole.filter(|count| (0..=i64::from(u32::MAX)).contains(count));
        count.map(Self).ok_or_else(|| D::Error::custom("not a number of units"))
    }
}

/// An amount, of money or of goods, digit by digit: in units of 10^-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount(i128);

impl Amount {
    /// Whole ones of it, what is less than one left out.
    pub(super) fn whole(self) -> Option<i64> {
        i64::try_from(self.0.div_euclid(10_i128.pow(PLACES))).ok()
    }

    /// The amount in minor units. A shop may count in smaller ones than the currency has: then it is
    /// rounded.
    pub(super) fn minor(self, currency: Currency) -> Option<Minor> {
        i64::try_from(rounded(self.0, unit(currency))).ok()
    }

    /// The amount of one of so many, in minor units, rounded in the same way.
    pub(super) fn minor_each(self, count: i64, currency: Currency) -> Option<Minor> {
        let unit = unit(currency).checked_mul(i128::from(count.max(1)))?;
        i64::try_from(rounded(self.0, unit)).ok()
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
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

/// A decimal number in units of 10^-8; digits beyond are rounded by the first of them.
fn decimal(text: &str) -> Option<i128> {
    if text.len() > NUMBER_LENGTH_MAX {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{before}{after}");
    if before.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // How many of the digits stand before the end of the kept places.
    let kept =
        i32::try_from(before.len()).ok()?.checked_add(exponent)?.checked_add_unsigned(PLACES)?;
    let kept = usize::try_from(kept.max(0)).ok().filter(|&kept| kept <= NUMBER_LENGTH_MAX)?;
    let zeros = std::iter::repeat_n('0', kept.saturating_sub(all.len()));
    let whole: String = all.chars().take(kept).chain(zeros).collect();
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let up = all.as_bytes().get(kept).is_some_and(|&digit| digit >= b'5');
    let whole = whole.checked_add(i128::from(up))?;
    Some(if negative { -whole } else { whole })
}

/// A moment of a field that ends in `_gmt`: UTC, though it does not say so; none for null and blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) struct Gmt(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Gmt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() || text.starts_with("0000-") {
            return Ok(Self(None));
        }
        utc(&text).map(|at| Self(Some(at))).ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// A time with an offset is believed; one without is UTC.
fn utc(text: &str) -> Option<Time> {
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(at) => at,
        Err(_) => Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    Some(Time(at.as_microsecond()))
}

/// A second as a list is asked for it together with `dates_are_gmt=true`: UTC, without saying so.
pub(super) fn gmt_text(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Offset::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        read("test", json.as_bytes()).ok()
    }

    #[test]
    fn amounts_are_exact_to_the_minor_unit() {
        let dollars: Currency = "USD".parse().unwrap();
        let cases = [
            (r#""215000.00""#, Some(215_000), Some(21_500_000)),
            (r#""-10.00""#, Some(-10), Some(-1_000)),
            ("100000", Some(100_000), Some(10_000_000)),
            ("33333.333333333336", Some(33_333), Some(3_333_333)),
            (r#""0.5""#, Some(1), Some(50)),
            (r#""0.49""#, Some(0), Some(49)),
            (r#""-0.5""#, Some(-1), Some(-50)),
            (r#""1.005""#, Some(1), Some(101)),
            ("1.5e3", Some(1_500), Some(150_000)),
            ("15e-1", Some(2), Some(150)),
            // Beyond what a double can hold.
            (r#""9007199254740993""#, Some(9_007_199_254_740_993), Some(900_719_925_474_099_300)),
            ("null", Some(0), Some(0)),
            (r#""""#, Some(0), Some(0)),
            (r#""1e40""#, None, None),
            (r#""1,000.00""#, None, None),
            (r#""Rp 1000""#, None, None),
            ("true", None, None),
            ("{}", None, None),
        ];
        for (json, rupiah, cents) in cases {
            let amount: Option<Amount> = parse(json);
            assert_eq!(amount.and_then(|amount| amount.minor(Currency::IDR)), rupiah, "{json}");
            assert_eq!(amount.and_then(|amount| amount.minor(dollars)), cents, "{json}");
        }
        let each = |json, count| parse::<Amount>(json).unwrap().minor_each(count, Currency::IDR);
        assert_eq!(each(r#""100000.00""#, 3), Some(33_333));
        assert_eq!(each(r#""200000.00""#, 3), Some(66_667));
        assert_eq!(each(r#""5.00""#, 0), Some(5));
        for (json, whole) in [("2", 2), ("2.9", 2), (r#""0.5""#, 0), ("-0.5", -1)] {
            assert_eq!(parse::<Amount>(json).unwrap().whole(), Some(whole), "{json}");
        }
    }

    #[test]
    fn times_are_utc_though_they_do_not_say_so() {
        let at = 1_767_582_008_000_000;
        let cases = [
            (r#""2026-01-05T03:00:08""#, Some(Some(at))),
            (r#""2026-01-05 03:00:08""#, Some(Some(at))),
            (r#""2026-01-05T03:00:08Z""#, Some(Some(at))),
            (r#""2026-01-05T10:00:08+07:00""#, Some(Some(at))),
            (r#""0000-00-00T00:00:00""#, Some(None)),
            ("null", Some(None)),
            (r#""""#, Some(None)),
            (r#""2026-13-05T03:00:08""#, None),
            (r#""yesterday""#, None),
            ("[]", None),
        ];
        for (json, wanted) in cases {
            let read = parse::<Gmt>(json).map(|moment| moment.0.map(|time| time.0));
            assert_eq!(read, wanted, "{json}");
        }
        assert_eq!(gmt_text(at / 1_000_000), "2026-01-05T03:00:08");
    }

    #[test]
    fn ids_counts_and_statuses_are_what_they_say() {
        assert_eq!(parse::<Id>("727"), Some(Id(Some(727))));
        assert_eq!(parse::<Id>(r#""727""#), Some(Id(Some(727))));
        assert_eq!(parse::<Id>("0"), Some(Id(None)));
        assert_eq!(parse::<Id>("-1"), None);
        assert_eq!(parse::<Id>(r#""../x""#), None);
        assert_eq!(parse::<SomeId>("0"), None);
        for (json, wanted) in [("2", Some(2)), ("2.0", Some(2)), ("0.5", None), ("-1", None)] {
            assert_eq!(parse::<Count>(json).map(|count| count.0), wanted, "{json}");
        }
        let slug = |json| parse::<Status>(json).map(|status| status.0);
        assert_eq!(slug(r#""wc-packing""#).as_deref(), Some("packing"));
        assert_eq!(slug(r#""on-hold""#).as_deref(), Some("on-hold"));
        assert_eq!(slug(r#""""#), None);
    }
}
