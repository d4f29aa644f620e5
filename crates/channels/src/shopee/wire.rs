//! Single values as Shopee writes them: ids as numbers or text, times in whole seconds, amounts as
//! numbers with decimals. The shapes around them stand beside what reads them.

use dermaga_domain::time::Time;
use serde::de::{Deserialize, Deserializer, Error as _};

pub(super) use crate::amount::Amount;
use crate::json::scalar;
pub(super) use crate::json::{Count, Status, Text, read, read_object};

/// The longest id of an order, a return or a parcel, in characters.
const SN_LENGTH_MAX: usize = 64;

/// Whether a text is the id of an order, a return or a parcel, so that it can stand in a list of them.
pub(super) fn is_sn(text: &str) -> bool {
    (1..=SN_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The id of an order, a return or a parcel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sn(pub(super) String);

impl<'de> Deserialize<'de> for Sn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = scalar(from)?.unwrap_or_default();
        if is_sn(&text) { Ok(Self(text.into_owned())) } else { Err(D::Error::custom("no id")) }
    }
}

/// A moment in seconds; zero and blank mean none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Moment(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Count(seconds) = Count::deserialize(from)?;
        Ok(Self((seconds > 0).then(|| Time::from_seconds(seconds))))
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
        let ringgit: Currency = "MYR".parse().unwrap();
        let cases = [
            ("150000", Some(150_000), Some(15_000_000)),
            ("150000.0", Some(150_000), Some(15_000_000)),
            (r#""12.34""#, Some(12), Some(1_234)),
            ("-5000", Some(-5_000), Some(-500_000)),
            ("19.995", Some(20), Some(2_000)),
            // Beyond what a double can hold.
            ("9007199254740993", Some(9_007_199_254_740_993), Some(900_719_925_474_099_300)),
            ("null", Some(0), Some(0)),
        ];
        for (json, rupiah, cents) in cases {
            let amount: Amount = parse(json).unwrap();
            assert_eq!(amount.minor(Currency::IDR), rupiah, "{json}");
            assert_eq!(amount.minor(ringgit), cents, "{json}");
        }
        for json in [r#""1,000""#, r#""Rp 5""#, r#"".5""#, r#""--1""#, "[]", "1e3"] {
            assert_eq!(parse::<Amount>(json), None, "{json}");
        }
    }

    #[test]
    fn ids_and_times_are_read_as_they_are_written() {
        let sn = |json| parse::<Sn>(json).map(|sn| sn.0);
        assert_eq!(sn(r#""220810QSK8S7BX""#), Some("220810QSK8S7BX".to_owned()));
        assert_eq!(sn("2206150001"), Some("2206150001".to_owned()));
        assert_eq!((sn(r#""a,b""#), sn(r#""""#), sn("null")), (None, None, None));
        let at = |json| parse::<Moment>(json).map(|moment| moment.0);
        let then = Time::from_seconds(1_760_000_000);
        assert_eq!((at("1760000000"), at(r#""1760000000""#)), (Some(Some(then)), Some(Some(then))));
        assert_eq!((at("0"), at("null"), at(r#""soon""#)), (Some(None), Some(None), None));
    }
}
