//! What an answer means for who asked.
//!
//! A shop stands behind proxies and plugins that answer in its place: pages of HTML, warnings before
//! the JSON, redirects. The shop's own code decides where there is one, else the status of HTTP.

use dermaga_channel::Error;
use dermaga_channel::http::{Answer, seconds_in_header};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Text, read, read_object};

/// A parameter that this shop does not know, or not with this value.
pub(super) const INVALID_PARAM: &str = "rest_invalid_param";
/// The path is not there: WooCommerce is switched off, as while it is updated.
const NO_ROUTE: &str = "rest_no_route";
/// How the codes of things that are not there end (`woocommerce_rest_shop_order_invalid_id`).
const INVALID_ID: &str = "_invalid_id";
/// The words of the one refusal of a signature that passes by itself: the next one has another nonce.
const NONCE_USED: &str = "Invalid nonce";

/// The longest message of the channel that is kept, in characters.
const MESSAGE_LENGTH_MAX: usize = 200;
/// Places of an answer that are tried as the beginning of its JSON, after what was printed before.
const BEGINNINGS_MAX: usize = 16;

/// Whether a request that got no proper answer may have had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has none.
    Read,
    /// It may have had its effect.
    Write,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    code: Text,
    message: Text,
}

/// The JSON of an answer.
///
/// # Errors
/// What the shop refuses, by what to do about it.
pub(super) fn json(answer: &Answer, kind: Kind) -> Result<Box<RawValue>, Error> {
    let found = json_in(&answer.body);
    if answer.status.is_success() {
        return found.ok_or_else(|| no_answer(answer, kind, "not JSON"));
    }
    let refusal =
        found.and_then(|json| read_object::<Refusal>("answer", json.get().as_bytes()).ok());
    Err(error_of(answer, kind, refusal.unwrap_or_default()))
}

/// The JSON in a body, whatever was printed before it: a byte order mark, a plugin's warnings.
fn json_in(body: &[u8]) -> Option<Box<RawValue>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let begins = |&(_, byte): &(usize, &u8)| matches!(byte, b'{' | b'[');
    let places = body.iter().enumerate().filter(begins).take(BEGINNINGS_MAX);
    let mut found =
        places.map(|(at, _)| read::<&RawValue>("answer", body.get(at..).unwrap_or(b"")));
    found.find_map(Result::ok).map(ToOwned::to_owned)
}

/// Something else answered, or nobody: a read is asked again, a write may have had its effect.
fn no_answer(answer: &Answer, kind: Kind, what: &str) -> Error {
    let said = format!("HTTP {}, {what}", answer.status.as_u16());
    match kind {
        Kind::Read => Error::Temporary(said),
        Kind::Write => Error::Unknown(said),
    }
}

fn error_of(answer: &Answer, kind: Kind, refusal: Refusal) -> Error {
    let status = answer.status;
    let message: String = refusal.message.0.chars().take(MESSAGE_LENGTH_MAX).collect();
    let code = refusal.code.some().unwrap_or_else(|| format!("http_{}", status.as_u16()));
    let retry_after = seconds_in_header(&answer.headers, "retry-after");
    match status {
        StatusCode::TOO_MANY_REQUESTS => Error::RateLimited { retry_after },
        // Maintenance: answered before anything is done.
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => {
            Error::RateLimited { retry_after }
        }
        StatusCode::SERVICE_UNAVAILABLE => Error::Temporary(code),
        StatusCode::REQUEST_TIMEOUT => no_answer(answer, kind, "timed out"),
        _ if status.is_redirection() => elsewhere(answer),
        StatusCode::NOT_IMPLEMENTED => Error::Rejected { code, message },
        _ if status.is_server_error() => no_answer(answer, kind, &code),
        StatusCode::UNAUTHORIZED if message.starts_with(NONCE_USED) => Error::Temporary(code),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::AuthRefused { code, message },
        _ if code == NO_ROUTE => Error::Temporary(code),
        _ if code.ends_with(INVALID_ID) => Error::NotFound,
        // No code of the shop's: something before it answered, and says nothing of what was asked for.
        StatusCode::NOT_FOUND => Error::Temporary(code),
        _ => Error::Rejected { code, message },
    }
}

/// The address that was entered is not the shop's: a redirected request loses what it carries.
fn elsewhere(answer: &Answer) -> Error {
    let place = answer.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
    let place = place.and_then(|place| place.parse::<http::Uri>().ok());
    let named = place
        .and_then(|place| Some(format!("{}://{}", place.scheme_str()?, place.authority()?.host())));
    let message = match named {
        Some(place) => format!("the shop answers at another address: {place}"),
        None => "the shop answers at another address".to_owned(),
    };
    Error::AuthRefused { code: format!("http_{}", answer.status.as_u16()), message }
}

#[cfg(test)]
mod tests {
    use dermaga_domain::time::Span;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn names(status: u16, body: &str) -> [&'static str; 2] {
        let name =
            |kind| json(&answer(status, body), kind).map_or_else(|error| error.name(), |_| "ok");
        [name(Kind::Read), name(Kind::Write)]
    }

    fn refused(code: &str, message: &str) -> String {
        format!(r#"{{"code":"{code}","message":"{message}","data":{{"status":400}}}}"#)
    }

    #[test]
    fn codes_and_statuses_say_what_to_do() {
        let both = |name| [name, name];
        let auth = "woocommerce_rest_authentication_error";
        let order = "woocommerce_rest_shop_order_invalid_id";
        let product = "woocommerce_rest_product_invalid_id";
        let html = "<html><h1>Attention</h1></html>".to_owned();
        let cases = [
            (200, "[]".to_owned(), both("ok")),
            (201, r#"{"id":1}"#.to_owned(), both("ok")),
            (401, refused(auth, "Consumer key is invalid."), both("auth_refused")),
            (401, refused(auth, "Invalid timestamp."), both("auth_refused")),
            (401, refused(auth, "Invalid nonce - nonce has already been used."), both("temporary")),
            (401, refused("woocommerce_rest_cannot_view", "Sorry"), both("auth_refused")),
            (403, refused("woocommerce_rest_cannot_edit", "Sorry"), both("auth_refused")),
            (403, html.clone(), both("auth_refused")),
            (404, refused(NO_ROUTE, "No route was found"), both("temporary")),
            (404, html.clone(), both("temporary")),
            (404, refused(order, "Invalid ID."), both("not_found")),
            (400, refused(order, "Invalid ID."), both("not_found")),
            (400, refused(product, "Invalid ID."), both("not_found")),
            (400, refused(INVALID_PARAM, "Invalid parameter(s): per_page"), both("rejected")),
            (410, refused("woocommerce_rest_already_trashed", "x"), both("rejected")),
            (413, refused("woocommerce_rest_request_entity_too_large", "x"), both("rejected")),
            (501, refused("woocommerce_rest_trash_not_supported", "x"), both("rejected")),
            (429, html.clone(), both("rate_limited")),
            (503, html.clone(), both("temporary")),
            (500, refused("wp_die", "<h1>Error establishing"), ["temporary", "unknown"]),
            (502, html.clone(), ["temporary", "unknown"]),
            (504, String::new(), ["temporary", "unknown"]),
            (301, html.clone(), both("auth_refused")),
            (200, html, ["temporary", "unknown"]),
            (200, String::new(), ["temporary", "unknown"]),
            (200, r#"[{"id":1},{"id"#.to_owned(), ["temporary", "unknown"]),
        ];
        for (status, body, wanted) in cases {
            assert_eq!(names(status, &body), wanted, "{status} {body}");
        }
    }

    #[test]
    fn what_is_printed_before_the_json_is_not_part_of_it() {
        let bodies = [
            "\u{feff}[{\"id\": 7}]",
            "<br />\n<b>Warning</b>: array[0] in <b>x.php</b> on line <b>12</b><br />\n[{\"id\": 7}]",
            "\n\n[{\"id\": 7}]\n",
        ];
        for body in bodies {
            assert_eq!(
                json(&answer(200, body), Kind::Read).unwrap().get(),
                r#"[{"id": 7}]"#,
                "{body}"
            );
        }
    }

    #[test]
    fn a_wait_is_read_and_another_address_is_named() {
        let mut busy = answer(503, "");
        busy.headers.insert("retry-after", HeaderValue::from_static("120"));
        let Error::RateLimited { retry_after } = json(&busy, Kind::Read).unwrap_err() else {
            panic!("not a wait")
        };
        assert_eq!(retry_after, Some(Span::seconds(120)));
        let mut moved = answer(301, "");
        let place = HeaderValue::from_static("https://www.shop.example/wp-json/?secret=1");
        moved.headers.insert("location", place);
        let said = json(&moved, Kind::Read).unwrap_err().to_string();
        assert!(said.contains("https://www.shop.example") && !said.contains("secret"), "{said}");
    }
}
