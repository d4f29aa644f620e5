//! The signature of requests, which the sender makes, and that of pushes, which the channel makes.

use std::fmt::Write as _;

use dermaga_channel::sign::{hmac_sha256, is_hmac_sha256_hex};
use dermaga_channel::{Credentials, Webhook};
use http::header;

/// The parameters of a request, in the order of their names' bytes: `_` stands before small letters.
pub(super) type Params = std::collections::BTreeMap<&'static str, String>;

/// The signature of a request: over the path without `/rest` and all parameters, of which none may be
/// blank (some of the channel's own libraries sign blank ones and some do not).
pub(super) fn sign(secret: &str, path: &str, params: &Params) -> String {
    let mut text = path.to_owned();
    for (name, value) in params {
        text.push_str(name);
        text.push_str(value);
    }
    let mut signature = String::with_capacity(64);
    for byte in hmac_sha256(secret.as_bytes(), text.as_bytes()) {
        // Writing to a text cannot fail.
        write!(signature, "{byte:02X}").ok();
    }
    signature
}

/// Parameters as they stand in a query or a form.
pub(super) fn encoded(params: &Params) -> String {
    let mut text = String::new();
    for (name, value) in params {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

/// Writes a text with everything escaped that could mean something else in an address.
fn escape(to: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            write!(to, "%{byte:02X}").ok();
        }
    }
}

/// Whether a push is signed: `Authorization` holds the small hex HMAC-SHA256 over the app's key and the
/// raw body, under the app's secret. No time is signed: a replay says nothing new.
pub(super) fn verify(webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
    let given = webhook.headers.get(header::AUTHORIZATION);
    let Some(given) = given.and_then(|given| given.to_str().ok()) else { return false };
    let (key, secret) = (credentials.get("app_key"), credentials.get("app_secret"));
    let signed = [key.trim().as_bytes(), webhook.body].concat();
    is_hmac_sha256_hex(secret.trim().as_bytes(), &signed, given)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    /// What a channel's own example or a computed one comes to: secret, path, parameters, signature.
    type Example<'a> = (&'a str, &'a str, &'a [(&'static str, &'a str)], &'a str);

    const DEMO: &str = "demoSecret9876";
    const PACK: &str = concat!(
        r#"{"pack_order_list":[{"order_item_list":[330044550111],"order_id":330044550011}],"#,
        r#""delivery_type":"dropship","shipping_allocate_type":"TFS"}"#
    );
    const LIST: [(&str, &str); 8] = [
        ("access_token", "demo-token"),
        ("app_key", "109999"),
        ("created_after", "2026-11-20T00:00:00+07:00"),
        ("limit", "100"),
        ("offset", "0"),
        ("sign_method", "sha256"),
        ("status", "pending"),
        ("timestamp", "1763712000000"),
    ];

    #[test]
    fn the_worked_examples_come_out() {
        let library: Vec<_> =
            LIST.into_iter().chain([("partner_id", "lazop-sdk-python-20181207")]).collect();
        let examples: [Example<'_>; 6] = [
            (
                "helloworld",
                "/order/get",
                &[
                    ("access_token", "test"),
                    ("app_key", "123456"),
                    ("order_id", "1234"),
                    ("sign_method", "sha256"),
                    ("timestamp", "1517820392000"),
                ],
                "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A",
            ),
            (
                DEMO,
                "/orders/get",
                &LIST,
                "1C14BE50B69E86815B90F604B86C90067267B126A136F7685D688FB6883BA703",
            ),
            (
                DEMO,
                "/orders/get",
                &library,
                "08607F0F22474ED82BFA66B6358ED1CF99393973766D5686D7F0F25143030BD5",
            ),
            (
                DEMO,
                "/order/fulfill/pack",
                &[
                    ("access_token", "demo-token"),
                    ("app_key", "109999"),
                    ("packReq", PACK),
                    ("sign_method", "sha256"),
                    ("timestamp", "1763712000000"),
                ],
                "7072E282C7FE3740DEDB738C94D38BACA6798C01501E7DF2C9BEC8AE4D683570",
            ),
            (
                DEMO,
                "/auth/token/create",
                &[
                    ("app_key", "109999"),
                    ("code", "0_109999_DemoCode01"),
                    ("sign_method", "sha256"),
                    ("timestamp", "1763712000000"),
                ],
                "45BE94A6289E7ED7D7E7FD96C23D55E7DBC539032B9F57995AC578D700124266",
            ),
            (
                "secret",
                "/test/api",
                &[("foobar", "4"), ("foo_bar", "3"), ("foo", "1"), ("bar", "2")],
                "C9E42CE09BA9FE95ECCB17111AA4E3F41D1C82F000435219C75936A427D9C945",
            ),
        ];
        for (secret, path, params, wanted) in examples {
            let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            assert_eq!(sign(secret, path, &params), wanted, "{path}");
        }
    }

    #[test]
    fn a_push_is_signed_over_key_and_body() {
        let body = concat!(
            r#"{"seller_id":"1009990001","message_type":0,"data":{"order_status":"pending","#,
            r#""trade_order_id":"330044550011","trade_order_line_id":"330044550111","#,
            r#""status_update_time":1763712000},"timestamp":1763712001530,"site":"lazada_id"}"#
        );
        let signature = "04b3e6d0305831d651ec379ef395ab48aabdb0f311ef520c4b324a98304c86e7";
        let credentials = Credentials::new([("app_key", "109999"), ("app_secret", DEMO)]);
        let signed = |signature: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, signature.parse().unwrap());
            let webhook = Webhook { kind: "push", headers: &headers, body: body.as_bytes() };
            verify(&webhook, &credentials)
        };
        assert!(signed(signature, body));
        assert!(!signed(signature, &body.replace("pending", "canceled")));
        assert!(!signed(&signature.to_uppercase(), body));
        assert!(!signed("", body));
    }

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        let params: Params =
            [("update_after", "2026-11-20T00:00:00+07:00".to_owned()), ("x", "[1,2]".to_owned())]
                .into();
        let wanted = "update_after=2026-11-20T00%3A00%3A00%2B07%3A00&x=%5B1%2C2%5D";
        assert_eq!(encoded(&params), wanted);
    }
}
