//! What an answer means for who asked.
//!
//! Every answer is one envelope; its code decides before the status of HTTP, which is not documented for
//! most codes. A code of 0 may still hold rows that were not taken: see [`refused_rows`].

use dermaga_channel::Error;
use dermaga_channel::http::{Answer, seconds_in_header};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::endpoints::Effect;
use super::wire::{Count, Id, Text, read, read_object};

/// The longest message of the channel that is kept, in characters.
const MESSAGE_LENGTH_MAX: usize = 200;

#[derive(Deserialize)]
struct Envelope<'a> {
    code: Count,
    #[serde(default)]
    message: Text,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// The `data` of an answer, as it was written; `null` if there is none.
///
/// # Errors
/// What the channel refuses, by what to do about it. An answer that is no envelope (a page of HTML, or
/// cut off) passes when nothing was changed, and is unknown otherwise.
pub(super) fn data(answer: &Answer, effect: Effect) -> Result<Box<RawValue>, Error> {
    let envelope: Envelope<'_> = match read_object("answer", &answer.body) {
        Ok(envelope) => envelope,
        Err(error) => return Err(unreadable(answer, effect, &error)),
    };
    if envelope.code.0 == 0 && answer.status.is_success() {
        return Ok(envelope.data.map_or_else(|| RawValue::NULL.to_owned(), ToOwned::to_owned));
    }
    let message: String = envelope.message.0.chars().take(MESSAGE_LENGTH_MAX).collect();
    Err(error_of(answer, effect, envelope.code.0, message))
}

fn unreadable(answer: &Answer, effect: Effect, error: &Error) -> Error {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => limited(answer),
        StatusCode::UNAUTHORIZED => Error::AuthExpired,
        StatusCode::FORBIDDEN => refused("http_403", String::new()),
        status if status.is_client_error() => {
            Error::Rejected { code: format!("http_{}", status.as_u16()), message: String::new() }
        }
        status => trouble(effect, format!("HTTP {}, {error}", status.as_u16())),
    }
}

fn limited(answer: &Answer) -> Error {
    Error::RateLimited { retry_after: seconds_in_header(&answer.headers, "retry-after") }
}

fn refused(code: &str, message: String) -> Error {
    Error::AuthRefused { code: code.to_owned(), message }
}

/// Trouble on their side: what was to be changed may have been.
fn trouble(effect: Effect, why: String) -> Error {
    match effect {
        Effect::Reads => Error::Temporary(why),
        Effect::Writes => Error::Unknown(why),
    }
}

fn error_of(answer: &Answer, effect: Effect, number: i64, message: String) -> Error {
    let code = number.to_string();
    match number {
        105_002 => Error::AuthExpired,
        36_009_002 => limited(answer),
        _ if answer.status == StatusCode::TOO_MANY_REQUESTS => limited(answer),
        // The token, the scope, the cipher or the signature is not what it should be; or the address.
        101_000 | 105_005 | 106_001 | 36_009_033 => refused(&code, message),
        36_004_004 | 36_004_005 => Error::ConsentNeeded { code, message },
        36_009_004 => misput(code, message),
        36_009_003 | 36_009_007 => trouble(effect, code),
        // Orders could not be read just now; a label is still being made.
        10_002_014..=10_002_099 | 11_034_037 => Error::Temporary(code),
        // An order, a product, a SKU that this seller has not.
        21_008_111 | 12_052_032 | 12_052_556 => Error::NotFound,
        0 | 1.. if answer.status.is_server_error() && !is_business(number) => trouble(effect, code),
        _ if answer.status == StatusCode::UNAUTHORIZED && !is_business(number) => {
            Error::AuthExpired
        }
        _ => Error::Rejected { code, message },
    }
}

/// Codes of products, orders, parcels, returns: the channel understood, and says no.
fn is_business(number: i64) -> bool {
    number >= 10_000_000 && !(36_000_000..37_000_000).contains(&number)
}

/// One code stands for much that is wrong with a request; its words tell what. **The one place that
/// reads the channel's words.**
fn misput(code: String, message: String) -> Error {
    let words = message.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["access-token", "access_token", "access token"]) {
        Error::AuthExpired
    } else if says(&["timestamp"]) {
        // One of the two clocks is wrong; asking again asks with another time.
        Error::Temporary(code)
    } else if says(&["app_key", "app key", "app_secret", "app secret", "sign"]) {
        refused(&code, message)
    } else {
        Error::Rejected { code, message }
    }
}

/// What the endpoints of tokens say: they know neither shops nor orders, so that what is not about the
/// code is about what was entered.
pub(super) fn of_token(error: Error) -> Error {
    match error {
        Error::Rejected { code, message } => Error::AuthRefused { code, message },
        Error::AuthExpired => refused("http_401", String::new()),
        other @ (Error::AuthRefused { .. }
        | Error::ConsentNeeded { .. }
        | Error::RateLimited { .. }
        | Error::Temporary(_)
        | Error::Unknown(_)
        | Error::NotFound
        | Error::Malformed(_)
        | Error::Unsupported(_)) => other,
    }
}

/// A row of a batch that was not taken although the answer says that all is well.
#[derive(Deserialize)]
pub(super) struct RowError {
    #[serde(default)]
    code: Count,
    #[serde(default)]
    message: Text,
    #[serde(default)]
    detail: Option<Detail>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    sku_id: Id,
    package_id: Id,
    extra_errors: Option<Vec<Extra>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extra {
    code: Count,
    message: Text,
}

impl RowError {
    /// The SKU or package that it is about; none = the whole.
    pub(super) fn about(&self) -> Option<&str> {
        let detail = self.detail.as_ref()?;
        detail.sku_id.0.as_deref().or(detail.package_id.0.as_deref())
    }

    /// The channel's code; that of what lies below it, where it says so.
    pub(super) fn code(&self) -> String {
        let below = self.below().map_or(self.code.0, |extra| extra.code.0);
        below.to_string()
    }

    /// The channel's words, with those of what lies below.
    pub(super) fn words(&self) -> String {
        let below = self.below().map(|extra| extra.message.0.as_str());
        let words = below.filter(|words| !words.is_empty()).unwrap_or(&self.message.0);
        let words: String = words.chars().take(MESSAGE_LENGTH_MAX).collect();
        format!("{words} ({})", self.code())
    }

    fn below(&self) -> Option<&Extra> {
        self.detail.as_ref()?.extra_errors.as_ref()?.first()
    }
}

/// The rows that were not taken, of an answer that says that all is well.
pub(super) fn refused_rows(what: &str, data: &RawValue) -> Result<Vec<RowError>, Error> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Answered {
        errors: Option<Vec<RowError>>,
    }
    let answered: Option<Answered> = read(what, data.get().as_bytes())?;
    Ok(answered.unwrap_or_default().errors.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn told(status: u16, code: i64, message: &str) -> (&'static str, &'static str) {
        let body =
            format!(r#"{{"code":{code},"message":"{message}","request_id":"r","data":null}}"#);
        let name = |effect| {
            data(&answer(status, &body), effect).map_or_else(|error| error.name(), |_| "ok")
        };
        (name(Effect::Reads), name(Effect::Writes))
    }

    #[test]
    fn the_code_decides_before_the_status() {
        let cases = [
            (200, 0, "Success", "ok"),
            (200, 105_002, "Expired credentials.", "auth_expired"),
            (401, 105_002, "Expired credentials.", "auth_expired"),
            (401, 106_001, "Invalid signature", "auth_refused"),
            (200, 105_005, "Access denied", "auth_refused"),
            (403, 36_009_033, "IP", "auth_refused"),
            (200, 36_009_004, "Invalid timestamp", "temporary"),
            (200, 36_009_004, "The x-tts-access-token header is missing", "auth_expired"),
            (200, 36_009_004, "Invalid app_key", "auth_refused"),
            (200, 36_009_004, "Unexpected identifier: shop_cipher", "rejected"),
            (429, 36_009_002, "Too many requests", "rate_limited"),
            (200, 36_009_002, "Too many requests", "rate_limited"),
            (400, 36_004_004, "Invalid auth code", "consent_needed"),
            (200, 21_008_111, "not yours", "not_found"),
            (200, 12_052_032, "no product", "not_found"),
            (200, 11_034_037, "being made", "temporary"),
            (500, 21_008_099, "shipped", "rejected"),
            (200, 21_011_040, "shipped", "rejected"),
            (200, 36_009_014, "version", "rejected"),
        ];
        for (status, code, message, wanted) in cases {
            assert_eq!(told(status, code, message), (wanted, wanted), "{status} {code}");
        }
        for (status, code) in [(500, 36_009_003), (200, 36_009_007), (503, 1)] {
            assert_eq!(told(status, code, "m"), ("temporary", "unknown"), "{status} {code}");
        }
    }

    #[test]
    fn what_is_no_envelope_passes_unless_something_was_to_be_changed() {
        let name =
            |status, body: &str, effect| data(&answer(status, body), effect).unwrap_err().name();
        for body in ["<html>busy</html>", "", r#"{"code":0,"data":{"orders":[{"#] {
            assert_eq!(name(200, body, Effect::Reads), "temporary");
            assert_eq!(name(502, body, Effect::Writes), "unknown");
        }
        assert_eq!(name(429, "<html>", Effect::Writes), "rate_limited");
        assert_eq!(name(404, "not here", Effect::Reads), "rejected");
    }

    #[test]
    fn the_wait_is_that_of_the_header() {
        let mut limited = answer(429, r#"{"code":36009002,"message":"m","data":null}"#);
        limited.headers.insert("retry-after", HeaderValue::from_static("3"));
        let Err(Error::RateLimited { retry_after }) = data(&limited, Effect::Reads) else {
            panic!("not limited")
        };
        assert_eq!(retry_after.map(|wait| wait.0), Some(3_000_000));
    }

    #[test]
    fn rows_that_were_not_taken_are_found_in_an_answer_that_says_all_is_well() {
        let body = r#"{"code":0,"message":"Success","data":{"errors":[
            {"code":12052990,"message":"Check failed","detail":{"sku_id":"101","extra_errors":[
                {"warehouse_id":"69","code":12052097,"message":"No such warehouse"}]}},
            {"code":21011040,"message":"Shipped","detail":{"package_id":"1152"}}]}}"#;
        let data = data(&answer(200, body), Effect::Writes).unwrap();
        let rows = refused_rows("stock_update", &data).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.about(), row.code(), row.words())).collect();
        let wanted = [
            (Some("101"), "12052097", "No such warehouse (12052097)"),
            (Some("1152"), "21011040", "Shipped (21011040)"),
        ];
        let wanted = wanted.map(|(about, code, words)| (about, code.to_owned(), words.to_owned()));
        assert_eq!(told, wanted);
        assert!(refused_rows("stock_update", RawValue::NULL).unwrap().is_empty());
    }
}
