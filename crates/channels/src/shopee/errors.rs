//! What an answer means for who asked.
//!
//! Every answer is one envelope whose `error` decides before the status of HTTP, which is not documented.
//! Modules put their name before a code (`order.error_param`), some with a space behind the point.

use dermaga_channel::Error;
use dermaga_channel::http::{Answer, seconds_in_header};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Text, read_object};

/// The longest message of the channel that is kept, in characters.
const MESSAGE_LENGTH_MAX: usize = 200;

/// Whether asking changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: without an answer it is asked again.
    Reads,
    /// Something: without an answer nobody knows.
    Writes,
}

/// Codes of a batch of which nothing was taken.
const ALL_FAILED: [&str; 2] = ["batch_api_all_failed", "error_busi_update_stock_failed"];

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    error: Text,
    #[serde(default)]
    message: Text,
    #[serde(default, borrow)]
    response: Option<&'a RawValue>,
}

/// The `response` of an answer, as it was written; the whole answer where there is none, as some
/// endpoints answer flat.
///
/// # Errors
/// What the channel refuses, by what to do about it. An answer that is no envelope (a page of HTML, or
/// cut off) passes when nothing was changed, and is unknown otherwise.
pub(super) fn response(answer: &Answer, effect: Effect) -> Result<Box<RawValue>, Error> {
    let envelope: Envelope<'_> = match read_object("answer", &answer.body) {
        Ok(envelope) => envelope,
        Err(error) => return Err(unreadable(answer, effect, &error)),
    };
    let code = plain(&envelope.error.0);
    // Of a batch of which nothing was taken the rows say why.
    let rows = ALL_FAILED.contains(&code.as_str()) && envelope.response.is_some();
    if (code.is_empty() || rows) && answer.status.is_success() {
        return match envelope.response {
            Some(response) => Ok(response.to_owned()),
            None => whole(answer),
        };
    }
    let message: String = envelope.message.0.chars().take(MESSAGE_LENGTH_MAX).collect();
    Err(error_of(answer, effect, &code, message))
}

fn whole(answer: &Answer) -> Result<Box<RawValue>, Error> {
    let body: &RawValue = super::wire::read("answer", &answer.body)?;
    Ok(body.to_owned())
}

/// A code without the name of its module.
fn plain(code: &str) -> String {
    code.rsplit('.').next().unwrap_or_default().trim().to_ascii_lowercase()
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

/// Codes after which only the seller can help.
const CONSENT: [&str; 13] = [
    "invalid_code",
    "invalid_shop_id",
    "invalid_main_acount_id",
    "invalid_main_account_id",
    "refresh_token_expired",
    "error_shop_refresh_token",
    "error_merchant_refresh_token",
    "shop_access_expired",
    "merchant_access_expired",
    "shop_no_linked",
    "partner_shop_no_link",
    "merchant_no_linked",
    "supplier_no_linked",
];

/// Codes about the app or the account: somebody must look at the console.
const ACCOUNT: [&str; 9] = [
    "error_sign",
    "shop_banned",
    "api_suspended",
    "error_kyc_auth",
    "error_partner_key_expired",
    "source_ip_undeclared",
    "error_api_permission",
    "error_ashop_api_permission",
    "invalid_partner_id",
];

/// Codes of trouble that passes.
const TROUBLE: [&str; 5] =
    ["error_server", "error_network", "error_inner", "error_system_busy", "error_data"];

/// Codes of something that this shop has not.
const UNKNOWN: [&str; 4] =
    ["error_item_not_found", "error_item_not_belong_shop", "package_not_exist", "order_not_exist"];

fn error_of(answer: &Answer, effect: Effect, code: &str, message: String) -> Error {
    match code {
        // Spelt so by the channel, and right in other places.
        "invalid_acceess_token" | "invalid_access_token" => Error::AuthExpired,
        _ if CONSENT.contains(&code) => Error::ConsentNeeded { code: code.to_owned(), message },
        _ if ACCOUNT.contains(&code) => refused(code, message),
        _ if code == "error_rate_limit" || answer.status == StatusCode::TOO_MANY_REQUESTS => {
            limited(answer)
        }
        _ if TROUBLE.contains(&code) => trouble(effect, code.to_owned()),
        _ if UNKNOWN.contains(&code) => Error::NotFound,
        "error_auth" | "error_param" | "error_limit" => by_words(answer, code, message),
        _ if answer.status.is_server_error() => trouble(effect, code.to_owned()),
        "" => match answer.status {
            StatusCode::UNAUTHORIZED => Error::AuthExpired,
            StatusCode::FORBIDDEN => refused("http_403", message),
            status => Error::Rejected { code: format!("http_{}", status.as_u16()), message },
        },
        _ => Error::Rejected { code: code.to_owned(), message },
    }
}

/// Three codes stand for much that is wrong; their words tell what. **The one place that reads the
/// channel's words.**
fn by_words(answer: &Answer, code: &str, message: String) -> Error {
    let words = message.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["timestamp"]) {
        // One of the two clocks is wrong; asking again asks with another time.
        Error::Temporary(code.to_owned())
    } else if says(&["refresh_token", "refresh token"]) || words.starts_with("invalid code") {
        Error::ConsentNeeded { code: code.to_owned(), message }
    } else if says(&["access_token", "access token"]) {
        Error::AuthExpired
    } else if says(&["partner", "permission to current api", "no permission", "sign"]) {
        refused(code, message)
    } else if says(&["you queried is not found"]) {
        Error::NotFound
    } else if code == "error_limit" && !words.starts_with("can") {
        // The quota of the day, unless it is said of an order that it cannot.
        limited(answer)
    } else {
        Error::Rejected { code: code.to_owned(), message }
    }
}

/// What the endpoints of tokens say: they know neither shops nor orders, so that what is not about the
/// code is about what was entered.
pub(super) fn of_token(error: Error) -> Error {
    match error {
        Error::Rejected { code, message } => Error::AuthRefused { code, message },
        Error::AuthExpired => refused("http_401", String::new()),
        Error::NotFound => {
            let message = "the channel does not know the code or token".to_owned();
            Error::ConsentNeeded { code: "error_param".to_owned(), message }
        }
        other @ (Error::AuthRefused { .. }
        | Error::ConsentNeeded { .. }
        | Error::RateLimited { .. }
        | Error::Temporary(_)
        | Error::Unknown(_)
        | Error::Malformed(_)
        | Error::Unsupported(_)) => other,
    }
}

/// Why a row of a batch was not taken.
pub(super) fn row(code: &str, message: &str) -> Error {
    let message: String = message.chars().take(MESSAGE_LENGTH_MAX).collect();
    Error::Rejected { code: plain(code), message }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn told(status: u16, code: &str, message: &str) -> (&'static str, &'static str) {
        let body = format!(r#"{{"request_id":"r","error":"{code}","message":"{message}"}}"#);
        let name = |effect| {
            response(&answer(status, &body), effect).map_or_else(|error| error.name(), |_| "ok")
        };
        (name(Effect::Reads), name(Effect::Writes))
    }

    #[test]
    fn the_code_decides_before_the_status() {
        let cases = [
            (200, "", "", "ok"),
            (403, "error_sign", "Wrong sign.", "auth_refused"),
            (200, "error_sign", "Wrong sign.", "auth_refused"),
            (403, "error_param", "Timestamp is expired.", "temporary"),
            (403, "error_auth", "Invalid access_token.", "auth_expired"),
            (403, "invalid_acceess_token", "Invalid access_token.", "auth_expired"),
            (200, "error_auth", "Invalid partner_id or shopid.", "auth_refused"),
            (200, "error_auth", "No permission to current api.", "auth_refused"),
            (200, "error_auth", "Total stock must be more than reserved stock.", "rejected"),
            (200, "error_auth", "Invalid refresh_token.", "consent_needed"),
            (200, "error_auth", "Invalid code", "consent_needed"),
            (200, "invalid_code", "The code is used", "consent_needed"),
            (200, "shop_access_expired", "x", "consent_needed"),
            (200, "source_ip_undeclared", "x", "auth_refused"),
            (200, "error_param", "The information you queried is not found.", "not_found"),
            (200, "order. error_param", "Wrong parameters", "rejected"),
            (200, "order.error_limit", "Can not cancel this order", "rejected"),
            (200, "error_limit", "Daily quota is used", "rate_limited"),
            (200, "error_rate_limit", "Too many", "rate_limited"),
            (429, "", "", "rate_limited"),
            (200, "error_item_not_found", "x", "not_found"),
            (200, "logistics.package_not_exist", "x", "not_found"),
            (200, "order.order_list_invalid_time", "x", "rejected"),
        ];
        for (status, code, message, wanted) in cases {
            assert_eq!(told(status, code, message), (wanted, wanted), "{status} {code} {message}");
        }
        for (status, code) in [(200, "error_server"), (200, "product.error_inner"), (502, "odd")] {
            assert_eq!(told(status, code, "m"), ("temporary", "unknown"), "{status} {code}");
        }
    }

    #[test]
    fn what_is_no_envelope_passes_unless_something_was_to_be_changed() {
        let name = |status, body: &str, effect| {
            response(&answer(status, body), effect).unwrap_err().name()
        };
        for body in ["<html>busy</html>", "", r#"{"error":"","response":{"order_list":[{"#] {
            assert_eq!(name(200, body, Effect::Reads), "temporary");
            assert_eq!(name(502, body, Effect::Writes), "unknown");
        }
        assert_eq!(name(429, "<html>", Effect::Writes), "rate_limited");
        assert_eq!(name(404, "not here", Effect::Reads), "rejected");
    }

    #[test]
    fn the_wait_is_that_of_the_header_and_rows_of_a_failed_batch_are_shown() {
        let mut limited = answer(429, r#"{"error":"error_rate_limit","message":"m"}"#);
        limited.headers.insert("retry-after", HeaderValue::from_static("3"));
        let Err(Error::RateLimited { retry_after }) = response(&limited, Effect::Reads) else {
            panic!("not limited")
        };
        assert_eq!(retry_after.map(|wait| wait.0), Some(3_000_000));
        let body = r#"{"error":"common.batch_api_all_failed","response":{"result_list":[1]}}"#;
        let rows = response(&answer(200, body), Effect::Writes).unwrap();
        assert_eq!(rows.get(), r#"{"result_list":[1]}"#);
        let flat = r#"{"error":"","shop_name":"Toko"}"#;
        assert_eq!(response(&answer(200, flat), Effect::Reads).unwrap().get(), flat);
    }
}
