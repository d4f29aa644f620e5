//! Single values as TikTok Shop writes them: ids as text of digits, times in whole seconds, amounts as
//! decimal text. The shapes around them stand beside what reads them.

use dermaga_domain::time::Time;
use serde::de::{Deserialize, Deserializer, Error as _};

pub(super) use crate::amount::Amount;
use crate::json::scalar;
pub(super) use crate::json::{Count, Status, Text, read, read_object};

/// The longest id, in digits: they are numbers of 64 bits.
const ID_LENGTH_MAX: usize = 20;
/// Seconds of no time the channel has: from here on it is thousandths (the year 5138).
const MILLIS_FROM: i64 = 100_000_000_000;

/// Whether a text is an id, so that it can stand in a path.
pub(super) fn is_id(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (1..=ID_LENGTH_MAX).contains(&text.len()) && digits && text != "0"
}

/// An id, written as text or number. Zero and blank mean that there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Id(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        match text.as_ref() {
            "" | "0" => Ok(Self(None)),
            id if is_id(id) => Ok(Self(Some(id.to_owned()))),
            _ => Err(D::Error::custom("not an id")),
        }
    }
}

/// An id that must be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SomeId(pub(super) String);

impl<'de> Deserialize<'de> for SomeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Id::deserialize(from)?.0.map(Self).ok_or_else(|| D::Error::custom("no id"))
    }
}

/// A moment in seconds; zero and blank mean none. Some messages write thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Moment(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Count(number) = Count::deserialize(from)?;
        Ok(Self(match number {
            ..=0 => None,
            MILLIS_FROM.. => Some(Time(number.saturating_mul(1_000))),
            seconds => Some(Time::from_seconds(seconds)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dermaga_domain::money::Currency;

    fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        read("test", json.as_bytes()).ok()
    }

    #[test]
    fn amounts_are_exact_to_the_minor_unit() {
        let dollars: Currency = "USD".parse().unwrap();
        let cases = [
            (r#""150000""#, Some(150_000), Some(15_000_000)),
            (r#""12.34""#, Some(12), Some(1_234)),
            (r#""-5000""#, Some(-5_000), Some(-500_000)),
            (r#""0.5""#, Some(1), Some(50)),
            ("19.995", Some(20), Some(2_000)),
            // Beyond what a double can hold.
            (r#""9007199254740993""#, Some(9_007_199_254_740_993), Some(900_719_925_474_099_300)),
            ("null", Some(0), Some(0)),
            (r#""""#, Some(0), Some(0)),
        ];
        for (json, rupiah, cents) in cases {
            let amount: Amount = parse(json).unwrap();
            assert_eq!(amount.minor(Currency::IDR), rupiah, "{json}");
            assert_eq!(amount.minor(dollars), cents, "{json}");
        }
        for json in [r#""1,000""#, r#""Rp 5""#, r#"".5""#, r#""--1""#, "[]", "1e3"] {
            assert_eq!(parse::<Amount>(json), None, "{json}");
        }
    }

    #[test]
    fn ids_and_times_are_read_as_they_are_written() {
        let id = |json| parse::<Id>(json).map(|id| id.0);
        assert_eq!(id(r#""576461413038785752""#), Some(Some("576461413038785752".to_owned())));
        assert_eq!(id("576461413038785752"), Some(Some("576461413038785752".to_owned())));
        assert_eq!((id(r#""""#), id("0"), id("null")), (Some(None), Some(None), Some(None)));
        assert_eq!((id(r#""57/6""#), id("-1"), id("1.5")), (None, None, None));
        assert_eq!(parse::<SomeId>("0"), None);
        let at = |json| parse::<Moment>(json).map(|moment| moment.0);
        let then = Time::from_seconds(1_760_000_000);
        assert_eq!(at("1760000000"), Some(Some(then)));
        assert_eq!(at(r#""1760000000""#), Some(Some(then)));
        assert_eq!(at("1760000000000"), Some(Some(then)));
        assert_eq!((at("0"), at("null"), at(r#""soon""#)), (Some(None), Some(None), None));
    }
}
