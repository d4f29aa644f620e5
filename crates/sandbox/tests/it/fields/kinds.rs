//! The kinds of values that a list can name: those of JSON, and the formats the channels' documents name.

use serde_json::Value;

/// Every kind with its test. A format is a kind of its own.
pub(super) const KINDS: [&str; 19] = [
    "object",
    "array",
    "string",
    "integer",
    "number",
    "boolean",
    "null",
    // The empty text, where a format is left blank.
    "\"\"",
    // The number none, where a time is not there.
    "0",
    // A whole number of seconds, or of milliseconds, since 1970; as a number or as a text.
    "seconds",
    "millis",
    "seconds-text",
    "millis-text",
    // A text that is a whole number, or one with a decimal point.
    "digits",
    "decimal",
    // 2026-11-20T09:30:58.061156Z; the same without a zone; 2026-11-20 09:30:58 +0700; 2026-11-20.
    "rfc3339",
    "local",
    "offset",
    "date",
];

/// Seconds of 2017 to 2096, in which everything here happens.
const SECONDS: std::ops::Range<i64> = 1_500_000_000..4_000_000_000;

/// Whether a value is of a kind.
pub(super) fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "0" => value == 0,
        "seconds" => value.as_i64().is_some_and(|at| SECONDS.contains(&at)),
        "millis" => value.as_i64().is_some_and(|at| SECONDS.contains(&(at / 1000))),
        _ => value.as_str().is_some_and(|text| is_written(kind, text)),
    }
}

/// Whether a text is in a format.
fn is_written(format: &str, text: &str) -> bool {
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match format {
        "\"\"" => text.is_empty(),
        "digits" => whole(text),
        "decimal" => match unsigned.split_once('.') {
            Some((units, part)) => whole(units) && whole(part),
            None => whole(unsigned),
        },
        "seconds-text" => whole(text) && text.parse().is_ok_and(|at| SECONDS.contains(&at)),
        "millis-text" => {
            whole(text) && text.parse::<i64>().is_ok_and(|at| SECONDS.contains(&(at / 1000)))
        }
        "rfc3339" => text.contains('T') && text.parse::<jiff::Timestamp>().is_ok(),
        "local" => {
            text.len() == 19 && jiff::civil::DateTime::strptime("%Y-%m-%dT%H:%M:%S", text).is_ok()
        }
        "offset" => jiff::Zoned::strptime("%Y-%m-%d %H:%M:%S %z", text).is_ok(),
        "date" => text.len() == 10 && jiff::civil::Date::strptime("%Y-%m-%d", text).is_ok(),
        _ => false,
    }
}

/// The kind of JSON a value is, for messages.
pub(super) fn kind_of(value: &Value) -> &'static str {
    let plain = ["object", "array", "string", "integer", "number", "boolean", "null"];
    plain.into_iter().find(|kind| is(kind, value)).unwrap_or("null")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{KINDS, is};

    #[test]
    fn each_kind_takes_its_own_and_not_its_neighbour() {
        let cases: [(&str, Value, Value); 19] = [
            ("object", json!({}), json!([])),
            ("array", json!([]), json!({})),
            ("string", json!(""), json!(1)),
            ("integer", json!(-1), json!(1.5)),
            ("number", json!(1.5), json!("1.5")),
            ("boolean", json!(false), json!(0)),
            ("null", json!(null), json!("")),
            ("\"\"", json!(""), json!(" ")),
            ("0", json!(0), json!("0")),
            ("seconds", json!(1_795_140_000), json!(1_795_140_000_000_i64)),
            ("millis", json!(1_795_140_000_000_i64), json!(1_795_140_000)),
            ("seconds-text", json!("1795140000"), json!(1_795_140_000)),
            ("millis-text", json!("1795140000000"), json!("1795140000")),
            ("digits", json!("012"), json!("-12")),
            ("decimal", json!("-12.50"), json!("12.")),
            ("rfc3339", json!("2026-11-20T09:30:58.061156Z"), json!("2026-11-20T09:30:58")),
            ("local", json!("2026-11-20T09:30:58"), json!("2026-11-20 09:30:58")),
            ("offset", json!("2026-11-20 09:30:58 +0700"), json!("2026-11-20 09:30:58")),
            ("date", json!("2026-11-20"), json!("2026-1-2")),
        ];
        for (kind, right, wrong) in cases {
            assert!(KINDS.contains(&kind) && is(kind, &right), "{kind} should take {right}");
            assert!(!is(kind, &wrong), "{kind} should not take {wrong}");
        }
    }
}
