//! What an answer means for who asked.
//!
//! The code inside the envelope decides before the status of HTTP, which no page lists for the
//! codes; only 401 and 429 are known by the status alone.

use dermaga_channel::Error;
use dermaga_channel::http::{Answer, seconds_in_header};
use dermaga_domain::time::Span;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Text, read};

/// The answer would be too large: ask for less at once.
pub(super) const ANSWER_TOO_LARGE: &str = "ORD_API_009";

/// The longest message of the channel that is kept, in characters.
const MESSAGE_LENGTH_MAX: usize = 200;

/// Both envelopes: `header` and `data`, or `data`, `status` and `error_message`.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    header: Option<Header>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    error_message: Option<Vec<Text>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Header {
    messages: Text,
    reason: Text,
    error_code: Text,
}

/// What of an envelope tells success from failure.
#[derive(Default)]
struct Verdict {
    code: String,
    message: String,
}

impl Envelope<'_> {
    /// None when the envelope tells of no error.
    fn verdict(&self) -> Option<Verdict> {
        let errors = self.error_message.iter().flatten().map(|text| text.0.as_str());
        let errors = errors.collect::<Vec<_>>().join("; ");
        let status = self.status.0.split(' ').next().unwrap_or_default();
        let (code, message) = match &self.header {
            Some(header) if !is_success(&header.error_code.0) => {
                let reason = &header.reason.0;
                let words = if reason.is_empty() { &header.messages.0 } else { reason };
                (header.error_code.0.as_str(), words.as_str())
            }
            _ if !errors.is_empty() || !is_success(status) => (status, errors.as_str()),
            _ => return None,
        };
        let message = message.chars().take(MESSAGE_LENGTH_MAX).collect();
        Some(Verdict { code: code.to_owned(), message })
    }
}

/// Some endpoints write the status of HTTP as the code.
fn is_success(code: &str) -> bool {
    matches!(code, "" | "0" | "200")
}

/// The `data` of an answer, as it was written; `null` if there is none.
///
/// # Errors
/// What the channel refuses, by what to do about it; an answer that is not an envelope (a page of
/// HTML, or cut off) is [`Error::Temporary`].
pub(super) fn data(answer: &Answer) -> Result<Box<RawValue>, Error> {
    if answer.status == StatusCode::UNAUTHORIZED {
        return Err(Error::AuthExpired);
    }
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Error::RateLimited { retry_after: retry_after(&answer.headers) });
    }
    let envelope: Envelope<'_> = match read("answer", &answer.body) {
        Ok(envelope) => envelope,
        Err(error) => return Err(unreadable(answer.status, &error)),
    };
    match envelope.verdict() {
        Some(verdict) => Err(error_of(verdict, answer.status)),
        None if answer.status.is_success() => {
            Ok(envelope.data.map_or_else(|| RawValue::NULL.to_owned(), ToOwned::to_owned))
        }
        None => Err(error_of(Verdict::default(), answer.status)),
    }
}

/// The wait that an answer asks for: the channel's own header, else the usual one.
fn retry_after(headers: &HeaderMap) -> Option<Span> {
    seconds_in_header(headers, "x-ratelimit-reset-after")
        .or_else(|| seconds_in_header(headers, "retry-after"))
}

fn unreadable(status: StatusCode, error: &Error) -> Error {
    if status == StatusCode::FORBIDDEN {
        Error::AuthRefused { code: "http_403".to_owned(), message: String::new() }
    } else if status.is_client_error() {
        Error::Rejected { code: format!("http_{}", status.as_u16()), message: String::new() }
    } else {
        Error::Temporary(format!("HTTP {}, {error}", status.as_u16()))
    }
}

/// The error of a code. Without one, or with one that is not known, the status of HTTP decides.
fn error_of(verdict: Verdict, status: StatusCode) -> Error {
    let Verdict { code, message } = verdict;
    match class(&code, status) {
        Class::Refused => Error::AuthRefused { code: or_status(code, status), message },
        Class::NotFound => Error::NotFound,
        Class::Temporary => Error::Temporary(or_status(code, status)),
        Class::Rejected => Error::Rejected { code: or_status(code, status), message },
    }
}

fn or_status(code: String, status: StatusCode) -> String {
    if code.is_empty() { format!("http_{}", status.as_u16()) } else { code }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The app and the shop are not linked, or the seller has withdrawn the permission.
    Refused,
    NotFound,
    Temporary,
    Rejected,
}

/// What a code stands for; the list is that of the official reference's error page.
fn class(code: &str, status: StatusCode) -> Class {
    match code {
        "ORD_API_008" | "PRD_GRPC_003" => return Class::NotFound,
        // The app is not linked with the shop: said so before and after the access layer's own code.
        "ORD_USC_015" | "ORD_USC_024" | "PRD_USC_001" => return Class::Refused,
        "ORD_API_001" | "ORD_API_003" | "ORD_API_004" | "ORD_API_005" | "ORD_API_006" => {
            return Class::Temporary;
        }
        // Trouble behind an acceptance, a rejection, a shipment and a pick-up.
        "ORD_USC_007" | "ORD_USC_014" | "LGS_USC_006" | "LGS_USC_007" => return Class::Temporary,
        _ => {}
    }
    let has = |part: &str| code.contains(part);
    if code.starts_with("RBAC_") {
        Class::Refused
    } else if has("_GRPC_") || has("_DB_") || has("_CACHE_") || is_passing(code) {
        Class::Temporary
    } else if has("_DLV_") || has("_USC_") || has("_API_") {
        Class::Rejected
    } else if status == StatusCode::FORBIDDEN {
        Class::Refused
    } else if status.is_server_error() || code.parse::<u16>().is_ok_and(|code| code >= 500) {
        Class::Temporary
    } else {
        Class::Rejected
    }
}

/// `*_API_001` to `*_API_006`: trouble behind the endpoint.
fn is_passing(code: &str) -> bool {
    code.split_once("_API_")
        .and_then(|(_, number)| number.parse::<u8>().ok())
        .is_some_and(|number| (1..=6).contains(&number))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn refused(status: u16, code: &str) -> String {
        let body = format!(
            r#"{{"header":{{"process_time":0.1,"messages":"m","reason":"r","error_code":{code}}},"data":null}}"#
        );
        match data(&answer(status, &body)) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.name().to_owned(),
        }
    }

    #[test]
    fn the_code_decides_before_the_status() {
        let cases = [
            (200, "\"\"", "ok"),
            (200, "null", "ok"),
            (200, "200", "ok"),
            (500, "\"ORD_API_008\"", "not_found"),
            (200, "\"ORD_API_008\"", "not_found"),
            (404, "\"PRD_GRPC_003\"", "not_found"),
            (500, "\"ORD_API_006\"", "temporary"),
            (400, "\"ORD_API_001\"", "temporary"),
            (400, "\"PRD_GRPC_001\"", "temporary"),
            (400, "\"OPENAPI_DB_002\"", "temporary"),
            (500, "\"ORD_API_009\"", "rejected"),
            (500, "\"ORD_API_016\"", "rejected"),
            (500, "\"ORD_DLV_013\"", "rejected"),
            (500, "\"ORD_USC_001\"", "rejected"),
            (500, "\"ORD_USC_007\"", "temporary"),
            (500, "\"ORD_USC_014\"", "temporary"),
            (500, "\"LGS_USC_006\"", "temporary"),
            (500, "\"LGS_USC_007\"", "temporary"),
            (500, "\"ORD_USC_015\"", "auth_refused"),
            (403, "\"RBAC_MDLW_001\"", "auth_refused"),
            (200, "500", "temporary"),
            (403, "\"\"", "auth_refused"),
            (502, "\"\"", "temporary"),
            (400, "\"\"", "rejected"),
            (401, "\"ORD_DLV_001\"", "auth_expired"),
            (429, "\"\"", "rate_limited"),
        ];
        for (status, code, wanted) in cases {
            assert_eq!(refused(status, code), wanted, "{status} {code}");
        }
    }

    #[test]
    fn what_is_no_envelope_passes_unless_the_request_was_wrong() {
        let name = |status, body: &str| data(&answer(status, body)).unwrap_err().name();
        assert_eq!(name(200, "<html>busy</html>"), "temporary");
        assert_eq!(name(502, ""), "temporary");
        assert_eq!(name(200, r#"{"header":{"messages":"ok"},"data":[{"order"#), "temporary");
        assert_eq!(name(404, "not here"), "rejected");
        assert_eq!(name(403, "not from this address"), "auth_refused");
    }

    #[test]
    fn data_is_given_as_it_was_written() {
        let first = answer(200, r#"{"header":{"messages":"ok"},"data":{"a": 1.50 }}"#);
        assert_eq!(data(&first).unwrap().get(), r#"{"a": 1.50 }"#);
        let second = answer(200, r#"{"data":"success","status":"200 Ok","error_message":[]}"#);
        assert_eq!(data(&second).unwrap().get(), r#""success""#);
        assert_eq!(data(&answer(200, r#"{"header":{}}"#)).unwrap().get(), "null");
    }

    #[test]
    fn the_second_envelope_names_its_errors() {
        let body = r#"{"data":null,"status":"400 Bad Request","error_message":["bad input data"]}"#;
        let error = data(&answer(400, body)).unwrap_err();
        assert_eq!(error.to_string(), "the channel refuses (400): bad input data");
    }

    #[test]
    fn the_wait_is_read_to_the_microsecond() {
        let mut limited = answer(429, "");
        limited.headers.insert("X-Ratelimit-Reset-After", HeaderValue::from_static("0.185000"));
        let Err(Error::RateLimited { retry_after }) = data(&limited) else { panic!("not limited") };
        assert_eq!(retry_after, Some(Span(185_000)));
    }
}
