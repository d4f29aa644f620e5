//! Single values as Tokopedia writes them: ids as number or text, amounts as any JSON number or
//! decimal text, times in four spellings. The shapes around them stand beside what reads them.

use std::borrow::Cow;

use dermaga_domain::time::Time;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::json::scalar;
pub(super) use crate::json::{Text, read, read_object};

/// The clock of Jakarta: seven hours ahead of UTC, the whole year.
const JAKARTA: Offset = Offset::constant(7);
/// The longest number that is read, in characters.
const NUMBER_LENGTH_MAX: usize = 64;

/// An id: a positive integer, written as number or text. Zero and blank mean that there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Id(Option<u64>);

impl Id {
    /// The id in digits, if there is one.
    pub(super) fn text(&self) -> Option<String> {
        self.0.map(|id| id.to_string())
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SomeId(pub(super) String);

impl<'de> Deserialize<'de> for SomeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Id::deserialize(from)?.text().map(Self).ok_or_else(|| D::Error::custom("no id"))
    }
}

/// A status code. Unknown ones are kept as they are; the flow says what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status(pub(super) String);

/// The longest status that is taken for one, in characters.
const STATUS_LENGTH_MAX: usize = 32;

impl Status {
    /// Whether the order was accepted by the seller, now or before: 400 and all that follow.
    pub(super) fn is_accepted(&self) -> bool {
        self.0.parse::<u32>().is_ok_and(|code| code >= 400)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if text.is_empty() || text.len() > STATUS_LENGTH_MAX {
            return Err(D::Error::custom("not a status"));
        }
        Ok(Self(text.parse::<u32>().map_or_else(|_| text.into_owned(), |code| code.to_string())))
    }
}

/// A number of units; none when null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count(pub(super) i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or(Cow::Borrowed("0"));
        let count = whole(&text).filter(|count| (0..=i64::from(u32::MAX)).contains(count));
        count.map(Self).ok_or_else(|| D::Error::custom("not a number of units"))
    }
}

/// An amount in whole rupiah, read digit by digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rupiah(pub(super) i64);

impl<'de> Deserialize<'de> for Rupiah {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or(Cow::Borrowed("0"));
        whole(&text).map(Self).ok_or_else(|| D::Error::custom("not an amount of whole rupiah"))
    }
}

/// The integer that a decimal number is, exactly: `55000`, `55000.00`, `5.5e4`. None if it is not
/// an integer, or too large.
pub(super) fn whole(text: &str) -> Option<i64> {
    if text.len() > NUMBER_LENGTH_MAX {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{before}{after}");
    if before.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if all.bytes().all(|byte| byte == b'0') {
        return Some(0);
    }
    // Where the decimal point stands once the exponent has moved it.
    let point = usize::try_from(i64::try_from(before.len()).ok()?.checked_add(exponent)?).ok()?;
    if point > NUMBER_LENGTH_MAX || all.bytes().skip(point).any(|byte| byte != b'0') {
        return None;
    }
    let zeros = std::iter::repeat_n('0', point.saturating_sub(all.len()));
    let integer: String = sign.chars().chain(all.chars().take(point)).chain(zeros).collect();
    integer.parse().ok()
}

/// A moment; none for null, blank, zero and the channel's year 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        moment(&text).ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// Reads a time in any of the channel's spellings; None if it is not one.
///
/// Unix seconds (order list, notification), `2026-11-20T09:30:58.061156Z` (order detail) and
/// `2026-11-20 09:30:58` (older bodies, tickets).
fn moment(text: &str) -> Option<Moment> {
    if text.is_empty() {
        return Some(Moment(None));
    }
    if let Some(seconds) = whole(text) {
        let micros = seconds.checked_mul(1_000_000)?;
        return Some(Moment((micros > 0).then_some(Time(micros))));
    }
    let clock = Pieces::parse(text).ok()?;
    if clock.date().year() <= 1 {
        return Some(Moment(None));
    }
    wall_clock(&clock).map(|at| Moment(Some(at)))
}

/// The moment that a written clock shows. **The one place that knows whose clock it is.**
///
/// Unconfirmed by official pages: a `Z` or no offset at all is read as the clock of Jakarta, as an
/// integration of long standing does. An offset in digits is taken at its word.
fn wall_clock(clock: &Pieces<'_>) -> Option<Time> {
    let offset = match clock.offset() {
        Some(PiecesOffset::Numeric(numeric)) => numeric.offset(),
        _ => JAKARTA,
    };
    let time = clock.time().unwrap_or_default();
    let at = offset.to_timestamp(clock.date().to_datetime(time)).ok()?;
    Some(Time(at.as_microsecond()))
}

/// The day in Jakarta, as `2026-11-20`.
pub(super) fn jakarta_day(at: Time) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    JAKARTA.to_datetime(moment).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        read("test", json.as_bytes()).ok()
    }

    #[test]
    fn amounts_are_read_to_the_last_rupiah() {
        let cases = [
            ("98784", Some(98_784)),
            ("98784.00", Some(98_784)),
            ("\"55000.0\"", Some(55_000)),
            ("\"55000\"", Some(55_000)),
            ("5.5e4", Some(55_000)),
            ("5500000E-2", Some(55_000)),
            ("-1500", Some(-1_500)),
            ("0", Some(0)),
            ("0.000", Some(0)),
            ("null", Some(0)),
            // Beyond what a double can hold.
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e400", None),
            ("98784.5", None),
            ("\"Rp 55000\"", None),
            ("\"\"", None),
            ("true", None),
            ("[1]", None),
        ];
        for (json, wanted) in cases {
            assert_eq!(parse::<Rupiah>(json).map(|amount| amount.0), wanted, "{json}");
        }
    }

    #[test]
    fn times_are_read_in_every_spelling() {
        // Half past nine in Jakarta is half past two in UTC.
        let at = 1_795_141_858_061_156;
        let whole_second = 1_795_141_858_000_000;
        let cases = [
            ("\"2026-11-20T09:30:58.061156Z\"", Some(Some(at))),
            ("\"2026-11-20T09:30:58.061156\"", Some(Some(at))),
            ("\"2026-11-20T09:30:58.061156+07:00\"", Some(Some(at))),
            ("\"2026-11-20T02:30:58.061156+00:00\"", Some(Some(at))),
            ("\"2026-11-20 09:30:58\"", Some(Some(whole_second))),
            ("1795141858", Some(Some(whole_second))),
            ("\"1795141858\"", Some(Some(whole_second))),
            ("\"0001-01-01T00:00:00Z\"", Some(None)),
            ("null", Some(None)),
            ("\"\"", Some(None)),
            ("0", Some(None)),
            ("\"yesterday\"", None),
            ("\"2026-13-20T09:30:58Z\"", None),
            ("{}", None),
        ];
        for (json, wanted) in cases {
            let read = parse::<Moment>(json).map(|moment| moment.0.map(|time| time.0));
            assert_eq!(read, wanted, "{json}");
        }
        assert_eq!(jakarta_day(Time(at)), "2026-11-20");
        assert_eq!(jakarta_day(Time(at + 15 * 3_600_000_000)), "2026-11-21");
    }

    #[test]
    fn ids_are_the_same_as_number_and_text() {
        let cases = [
            ("900100200", Some(Some("900100200"))),
            ("\"900100200\"", Some(Some("900100200"))),
            ("\"0900100200\"", Some(Some("900100200"))),
            ("\"\\u0039\"", Some(Some("9"))),
            ("18446744073709551615", Some(Some("18446744073709551615"))),
            ("0", Some(None)),
            ("\"\"", Some(None)),
            ("null", Some(None)),
            ("-1", None),
            ("1.5", None),
            ("\"../x\"", None),
            ("18446744073709551616", None),
        ];
        for (json, wanted) in cases {
            let read = parse::<Id>(json).map(|id| id.text());
            assert_eq!(read, wanted.map(|id: Option<&str>| id.map(str::to_owned)), "{json}");
        }
        assert_eq!(parse::<SomeId>("0"), None);
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        #[derive(Debug, serde::Deserialize)]
        struct Outer {
            #[serde(rename = "inner")]
            _inner: Vec<Inner>,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Inner {
            #[serde(rename = "total")]
            _total: Rupiah,
        }
        let error = |json: &str| read::<Outer>("order", json.as_bytes()).unwrap_err().to_string();
        let wrong = error(r#"{"inner":[{"total":1},{"total":"Sari 6281200000001"}]}"#);
        assert!(wrong.contains("order: inner[1].total is not what it should be"), "{wrong}");
        assert!(!wrong.contains("Sari"), "{wrong}");
        let lacks = error(r#"{"inner":[{"Sari":1}]}"#);
        assert!(lacks.contains("inner[0] lacks total"), "{lacks}");
        assert!(error(r#"{"inner":["#).contains("is cut short"));
        assert!(error("<html>Sari</html>").contains("is not JSON"));
    }
}
