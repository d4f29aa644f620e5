//! Stamps as text: `full at fetched hash`, with `-` for no time.

use dermaga_domain::order::Stamp;
use dermaga_domain::time::Time;

pub(super) fn to_text(stamp: &Stamp) -> String {
    let at = stamp.updated_at.map_or_else(|| "-".to_owned(), |at| at.0.to_string());
    format!("{} {at} {} {:x}", u8::from(stamp.full), u8::from(stamp.fetched), stamp.hash)
}

pub(super) fn from_text(text: &str) -> Option<Stamp> {
    let mut words = text.split(' ');
    let full = words.next()? == "1";
    let updated_at = match words.next()? {
        "-" => None,
        micros => Some(Time(micros.parse().ok()?)),
    };
    let fetched = words.next()? == "1";
    let hash = u64::from_str_radix(words.next()?, 16).ok()?;
    Some(Stamp { full, updated_at, fetched, hash })
}

/// The stamps of an order's own parts, in one column: lines, money, head, sub-platform.
pub(super) fn parts_to_text(parts: [Option<&Stamp>; 4]) -> String {
    parts.map(|stamp| stamp.map(to_text).unwrap_or_default()).join(";")
}

/// An order that was written before one of the parts was known of has no stamp of it.
pub(crate) fn parts_from_text(text: &str) -> [Option<Stamp>; 4] {
    let mut parts = text.split(';').map(from_text);
    std::array::from_fn(|_| parts.next().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let stamp =
            Stamp { full: true, updated_at: Some(Time(-5)), fetched: false, hash: u64::MAX };
        let bare = Stamp::default();
        for stamp in [stamp, bare] {
            assert_eq!(from_text(&to_text(&stamp)), Some(stamp));
        }
        let text = parts_to_text([Some(&stamp), None, Some(&bare), Some(&stamp)]);
        assert_eq!(parts_from_text(&text), [Some(stamp), None, Some(bare), Some(stamp)]);
        assert_eq!(parts_from_text("{}"), [None; 4]);
        let three = [to_text(&stamp), String::new(), to_text(&bare)].join(";");
        assert_eq!(parts_from_text(&three), [Some(stamp), None, Some(bare), None]);
    }
}
