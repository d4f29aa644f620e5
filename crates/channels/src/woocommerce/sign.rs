//! Signatures: of webhooks, and of requests over plain HTTP (OAuth 1.0a with one leg).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dermaga_channel::sign::{hmac_sha1, hmac_sha256, is_hmac_sha256_base64};
use dermaga_channel::{Credentials, Webhook};

/// The header with the base64 HMAC-SHA256 of the raw body under the `webhook_secret`.
const HEADER: &str = "x-wc-webhook-signature";

/// Whether a webhook is signed with the secret of these credentials. No time is signed, so that a
/// replay passes; it says nothing new.
pub(super) fn verify(webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
    let mut given = webhook.headers.get_all(HEADER).iter();
    let (Some(signature), None) = (given.next(), given.next()) else { return false };
    let Ok(signature) = signature.to_str() else { return false };
    is_hmac_sha256_base64(credentials.get("webhook_secret").as_bytes(), webhook.body, signature)
}

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Sha256,
    Sha1,
}

impl Method {
    /// The method that the shop is to be asked with: the stronger one, unless it knows only the other.
    pub(super) fn of(credentials: &Credentials) -> Self {
        let wanted = credentials.get("oauth_method").trim();
        if wanted.eq_ignore_ascii_case(Self::Sha1.name()) { Self::Sha1 } else { Self::Sha256 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "HMAC-SHA256",
            Self::Sha1 => "HMAC-SHA1",
        }
    }

    fn sign(self, key: &[u8], message: &[u8]) -> String {
        match self {
            Self::Sha256 => STANDARD.encode(hmac_sha256(key, message)),
            Self::Sha1 => STANDARD.encode(hmac_sha1(key, message)),
        }
    }
}

/// Who asks, and when: what is signed besides the request itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) key: &'a str,
    pub(super) secret: &'a str,
    pub(super) method: Method,
    /// Seconds since the epoch; the shop takes 15 minutes either way.
    pub(super) timestamp: i64,
    /// Never the same twice in a second.
    pub(super) nonce: &'a str,
}

/// The query of a request with its signature, in its order. `url` is the address without a query, as
/// the shop knows it.
pub(super) fn signed_query(
    signer: Signer<'_>,
    verb: &str,
    url: &str,
    query: &[(&str, &str)],
) -> String {
    let timestamp = signer.timestamp.to_string();
    let mut all: Vec<(&str, &str)> = query.to_vec();
    all.extend([
        ("oauth_consumer_key", signer.key),
        ("oauth_nonce", signer.nonce),
        ("oauth_signature_method", signer.method.name()),
        ("oauth_timestamp", &timestamp),
    ]);
    let mut sorted: Vec<(String, String)> =
        all.iter().map(|(key, value)| (encoded(key), encoded(value))).collect();
    sorted.sort();
    let parameters: Vec<String> =
        sorted.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    let base = format!("{verb}&{}&{}", encoded(url), encoded(&parameters.join("&")));
    let key = format!("{}&", signer.secret);
    let signature = signer.method.sign(key.as_bytes(), base.as_bytes());
    format!("{}&oauth_signature={}", query_text(&all), encoded(&signature))
}

/// A query as it stands in an address, every value encoded as the signature wants it.
pub(super) fn query_text(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding of RFC 3986: everything but letters, digits and `-._~`.
fn encoded(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            safe.push(char::from(byte));
        } else if write!(safe, "%{byte:02X}").is_err() {
            // A text can always be written to.
            return safe;
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    const ORDERS: &str = "http://shop.example.test/wp-json/wc/v3/orders";

    fn signer(method: Method) -> Signer<'static> {
        let nonce = "0123456789abcdef0123456789abcdef";
        Signer { key: "ck_demo", secret: "cs_demo", method, timestamp: 1_760_000_000, nonce }
    }

    fn signature(method: Method, verb: &str, url: &str, query: &[(&str, &str)]) -> String {
        let signed = signed_query(signer(method), verb, url, query);
        let (_, signature) = signed.rsplit_once("&oauth_signature=").unwrap();
        signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    }

    /// Worked examples; the last two were computed with the standard library of another language.
    #[test]
    fn the_worked_examples_of_requests_hold() {
        let product = "http://shop.example.test/wp-json/wc/v3/products/12";
        let page = [("per_page", "2"), ("status", "processing")];
        let window = [
            ("modified_after", "2026-01-05T03:00:00"),
            ("dates_are_gmt", "true"),
            ("search", "a b+c/~é"),
        ];
        let cases = [
            (
                Method::Sha256,
                "GET",
                ORDERS,
                &page[..],
                "cqeTYGaNNvI8E2+D8IfRLkTmMbXMWyxnoMCjauHG+Hg=",
            ),
            (Method::Sha1, "GET", ORDERS, &page[..], "KMR0rR08e6gxD0ekBbvwkNt7n9E="),
            (Method::Sha256, "PUT", product, &[], "InjbKmYZdtqc+N9rzSXCR9jIPfzMOx+k69SXYknotmU="),
            (
                Method::Sha256,
                "GET",
                ORDERS,
                &window[..],
                "tIittR9ou5HvD2KRcZ7lbdFww77PLZ2tNqjB+q72wqI=",
            ),
            (Method::Sha1, "GET", ORDERS, &window[..], "kFji1NU4gTuwFj/0x2/Dt8WMcLg="),
        ];
        for (method, verb, url, query, wanted) in cases {
            assert_eq!(signature(method, verb, url, query), wanted, "{method:?} {verb} {url}");
        }
    }

    #[test]
    fn the_method_is_the_stronger_one_unless_a_shop_knows_only_the_other() {
        let of = |entered: &str| Method::of(&Credentials::new([("oauth_method", entered)]));
        assert_eq!(
            [of(""), of("HMAC-SHA256"), of(" hmac-sha1 ")],
            [Method::Sha256, Method::Sha256, Method::Sha1]
        );
    }

    const BODY: &str = r#"{"id":727,"status":"processing"}"#;
    const SIGNATURE: &str = "gE04vUOh5ePxoffnZwqKIietZ6jPCekcwbCsekrlDmo=";

    fn passes(secret: &str, body: &str, signatures: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(HEADER, HeaderValue::from_str(signature).unwrap());
        }
        let webhook = Webhook { kind: "order.updated", headers: &headers, body: body.as_bytes() };
        verify(&webhook, &Credentials::new([("webhook_secret", secret)]))
    }

    #[test]
    fn the_worked_example_of_a_webhook_passes() {
        assert!(passes("whsec_demo", BODY, &[SIGNATURE]));
    }

    #[test]
    fn anything_else_does_not() {
        assert!(!passes("whsec_dem0", BODY, &[SIGNATURE]));
        assert!(!passes("whsec_demo", &BODY.replace("727", "728"), &[SIGNATURE]));
        assert!(!passes("whsec_demo", &format!("{BODY}\n"), &[SIGNATURE]));
        assert!(!passes("whsec_demo", BODY, &[&SIGNATURE[..43]]));
        assert!(!passes("whsec_demo", BODY, &[]));
        assert!(!passes("whsec_demo", BODY, &[SIGNATURE, SIGNATURE]));
        let of_empty_key = STANDARD.encode(hmac_sha256(b"", BODY.as_bytes()));
        assert!(!passes("", BODY, &[&of_empty_key]));
    }
}
