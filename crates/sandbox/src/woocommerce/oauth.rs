//! Who asks: a password over HTTPS, a signature (OAuth 1.0a with one leg) over plain HTTP.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::books::{KEYS, Rights, Site};
use super::errors::{self, Error};
use crate::serve::Request;

/// How far a signature's time may be off, in seconds.
const WINDOW_S: i64 = 15 * 60;

/// The parts that a signature needs.
const PARTS: [&str; 5] = [
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
];

/// What who asks may do; `None` of a stranger.
pub(super) fn admit(
    site: &mut Site,
    request: &Request,
    now_s: i64,
) -> Result<Option<Rights>, Error> {
    if request.secure { by_password(request) } else { by_signature(site, request, now_s) }
}

fn key_of(key: &str) -> Option<(&'static str, Rights)> {
    KEYS.iter().find(|(known, _, _)| *known == key).map(|(_, secret, rights)| (*secret, *rights))
}

fn by_password(request: &Request) -> Result<Option<Rights>, Error> {
    let given = match (request.param("consumer_key"), request.param("consumer_secret")) {
        (Some(key), Some(secret)) => Some((key.to_owned(), secret.to_owned())),
        _ => basic(request),
    };
    let Some((key, secret)) = given else { return Ok(None) };
    // With a key it does not know the shop takes who asks for a stranger.
    let Some((known, rights)) = key_of(&key) else { return Ok(None) };
    if known == secret {
        Ok(Some(rights))
    } else {
        Err(errors::unauthenticated("Consumer secret is invalid."))
    }
}

fn basic(request: &Request) -> Option<(String, String)> {
    let text = request.header("authorization")?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (key, secret) = pair.split_once(':')?;
    Some((key.to_owned(), secret.to_owned()))
}

fn by_signature(site: &mut Site, request: &Request, now_s: i64) -> Result<Option<Rights>, Error> {
    // Of two parameters of one name the last one is known.
    let mut all: BTreeMap<String, String> = request.query.iter().cloned().collect();
    all.extend(in_header(request));
    if !all.keys().any(|name| PARTS.contains(&name.as_str())) {
        return Ok(None);
    }
    let lacking: Vec<&str> =
        PARTS.into_iter().filter(|part| all.get(*part).is_none_or(String::is_empty)).collect();
    if !lacking.is_empty() {
        return Err(errors::missing_parts(&lacking));
    }
    let given = all.remove("oauth_signature").unwrap_or_default();
    let part = |name: &str| all.get(name).cloned().unwrap_or_default();
    let key = part("oauth_consumer_key");
    let known = key_of(&key);
    let (secret, rights) =
        known.ok_or_else(|| errors::unauthenticated("Consumer key is invalid."))?;
    let method = part("oauth_signature_method");
    let base = base_string(request, &all);
    let wanted = signature(&method, secret, &base).ok_or_else(|| {
        errors::unauthenticated("Invalid signature - signature method is invalid.")
    })?;
    if wanted != given {
        let message = "Invalid signature - provided signature does not match.";
        return Err(errors::unauthenticated(message));
    }
    let at_s: i64 = part("oauth_timestamp").parse().unwrap_or(0);
    if (now_s - at_s).abs() > WINDOW_S {
        return Err(errors::unauthenticated("Invalid timestamp."));
    }
    let nonce = part("oauth_nonce");
    if site.nonces.insert((key, at_s), nonce.clone()) == Some(nonce) {
        let message = "Invalid nonce - nonce has already been used.";
        return Err(errors::unauthenticated(message));
    }
    if site.nonces.len() > 10_000 {
        site.nonces.retain(|(_, second), _| now_s - second <= WINDOW_S);
    }
    Ok(Some(rights))
}

/// The parameters of an `Authorization: OAuth …` header.
fn in_header(request: &Request) -> Vec<(String, String)> {
    let Some(text) = request.header("authorization").and_then(|text| text.strip_prefix("OAuth "))
    else {
        return Vec::new();
    };
    let pairs = text.split(',').filter_map(|pair| pair.trim().split_once('='));
    let plain = pairs.map(|(name, value)| format!("{name}={}", value.trim_matches('"')));
    crate::serve::pairs(plain.collect::<Vec<_>>().join("&").as_bytes())
}

fn base_string(request: &Request, parameters: &BTreeMap<String, String>) -> String {
    let host = request.header("host").unwrap_or_default();
    let home = format!("http://{host}{}", request.path);
    let mut pairs: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (escaped(name), escaped(value))).collect();
    pairs.sort();
    let joined: Vec<String> =
        pairs.iter().map(|(name, value)| escaped(&format!("{name}={value}"))).collect();
    format!("{}&{}&{}", request.method, escaped(&home), joined.join("%26"))
}

fn signature(method: &str, secret: &str, base: &str) -> Option<String> {
    let key = format!("{secret}&");
    match method {
        "HMAC-SHA256" => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
            mac.update(base.as_bytes());
            Some(STANDARD.encode(mac.finalize().into_bytes()))
        }
        "HMAC-SHA1" => {
            let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).ok()?;
            mac.update(base.as_bytes());
            Some(STANDARD.encode(mac.finalize().into_bytes()))
        }
        _ => None,
    }
}

/// PHP's `rawurlencode`.
fn escaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            other => {
                out.push(b'%');
                out.extend(hex::encode_upper([*other]).into_bytes());
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, Method};

    use super::*;

    fn signed(method: Method, target: &str, by: &str) -> String {
        let oauth = format!(
            "oauth_consumer_key=ck_demo&oauth_timestamp=1760000000&oauth_signature_method={by}\
             &oauth_nonce=0123456789abcdef0123456789abcdef"
        );
        let mark = if target.contains('?') { '&' } else { '?' };
        let mut request = Request::local(method, &format!("{target}{mark}{oauth}"), Bytes::new());
        request.headers.insert("host", HeaderValue::from_static("shop.example.test"));
        let all: BTreeMap<String, String> = request.query.iter().cloned().collect();
        signature(by, "cs_demo", &base_string(&request, &all)).unwrap()
    }

    #[test]
    fn the_worked_examples_come_out() {
        let orders = "/wp-json/wc/v3/orders?status=processing&per_page=2";
        let wanted = "cqeTYGaNNvI8E2+D8IfRLkTmMbXMWyxnoMCjauHG+Hg=";
        assert_eq!(signed(Method::GET, orders, "HMAC-SHA256"), wanted);
        assert_eq!(signed(Method::GET, orders, "HMAC-SHA1"), "KMR0rR08e6gxD0ekBbvwkNt7n9E=");
        let wanted = "InjbKmYZdtqc+N9rzSXCR9jIPfzMOx+k69SXYknotmU=";
        assert_eq!(signed(Method::PUT, "/wp-json/wc/v3/products/12", "HMAC-SHA256"), wanted);
        // Twice the same parameter is once.
        let twice = format!("{orders}&per_page=2");
        let wanted = "cqeTYGaNNvI8E2+D8IfRLkTmMbXMWyxnoMCjauHG+Hg=";
        assert_eq!(signed(Method::GET, &twice, "HMAC-SHA256"), wanted);
    }
}
