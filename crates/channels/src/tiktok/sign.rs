//! Signatures: of requests, and of webhooks.

use dermaga_channel::sign::{hmac_sha256, is_hmac_sha256_hex};
use dermaga_channel::{Credentials, Webhook};
use http::header;

/// Parameters that are not signed.
const UNSIGNED: [&str; 2] = ["sign", "access_token"];

/// The signature of a request, in lower-case hex: over the secret, the path, the parameters in order of
/// their names with their decoded values, the body as it is sent, and the secret again.
pub(super) fn sign(secret: &str, path: &str, query: &[(&str, &str)], body: &[u8]) -> String {
    let mut query: Vec<&(&str, &str)> =
        query.iter().filter(|(name, _)| !UNSIGNED.contains(name)).collect();
    query.sort_unstable();
    let mut base = format!("{secret}{path}");
    for (name, value) in query {
        base.push_str(name);
        base.push_str(value);
    }
    let mut base = base.into_bytes();
    base.extend_from_slice(body);
    base.extend_from_slice(secret.as_bytes());
    hex::encode(hmac_sha256(secret.as_bytes(), &base))
}

/// Whether a webhook is signed by the app's own secret, over its key and the body. No time is signed, so
/// that a replay passes; it says nothing new.
pub(super) fn verify(webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
    let mut given = webhook.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(signature), None) = (given.next(), given.next()) else { return false };
    let Ok(signature) = signature.to_str() else { return false };
    let key = credentials.get("app_key").trim();
    let signed = [key.as_bytes(), webhook.body].concat();
    let secret = credentials.get("app_secret").trim();
    !key.is_empty() && is_hmac_sha256_hex(secret.as_bytes(), &signed, signature)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    const TIME: (&str, &str) = ("timestamp", "1760000000");
    const APP: (&str, &str) = ("app_key", "demoappkey");
    const SHOP: (&str, &str) = ("shop_cipher", "ROW_demoCIPHER");

    #[test]
    fn the_worked_examples_come_out() {
        let signed = sign("app_secret", "/test-api", &[("foo", "bar")], b"");
        assert_eq!(signed, "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f");
        let query = [("timestamp", "1623812664"), ("app_key", "29a39d"), ("sign", "x")];
        let signed = sign("e59af819cc", "/authorization/202309/shops", &query, b"");
        assert_eq!(signed, "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8");
        let query = [APP, TIME, SHOP, ("page_size", "20"), ("sort_field", "update_time")];
        let body = br#"{"order_status":"AWAITING_SHIPMENT","update_time_ge":1759990000}"#;
        let signed = sign("demosecret", "/order/202309/orders/search", &query, body);
        assert_eq!(signed, "f49358ba0de8adce8da0f6af1afddc682f1bd4668375f0d154ca1a5f87e34383");
        let query = [APP, TIME, SHOP, ("ids", "576461413038785752,576461413038785753")];
        let signed = sign("demosecret", "/order/202309/orders", &query, b"");
        assert_eq!(signed, "29a6e8b9d82424194294779985c8fd0bed1f4afbbe7eb190c20239cf2ffe730e");
        // The body of a form in parts is not signed: whoever sends one signs nothing in its place.
        let signed = sign("demosecret", "/product/202309/images/upload", &[APP, TIME], b"");
        assert_eq!(signed, "e51d23449ffb91a567f867cba28354c1a78be9cfed6b1f33467586c496695fca");
    }

    /// The official example of a webhook.
    const BODY: &str = r#"{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}"#;
    const SIGNATURE: &str = "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05";

    fn passes((key, secret): (&str, &str), body: &str, signatures: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(signature).unwrap());
        }
        let webhook = Webhook { kind: "x", headers: &headers, body: body.as_bytes() };
        verify(&webhook, &Credentials::new([("app_key", key), ("app_secret", secret)]))
    }

    #[test]
    fn the_official_webhook_passes_and_nothing_else() {
        let app = ("abcdef", "123");
        assert!(passes(app, BODY, &[SIGNATURE]));
        assert!(!passes(("abcdeg", "123"), BODY, &[SIGNATURE]));
        assert!(!passes(("abcdef", "124"), BODY, &[SIGNATURE]));
        assert!(!passes(app, &BODY.replace("UNPAID", "ON_HOLD"), &[SIGNATURE]));
        assert!(!passes(app, BODY, &[&SIGNATURE.to_uppercase()]));
        assert!(!passes(app, BODY, &[&format!("Bearer {SIGNATURE}")]));
        assert!(!passes(app, BODY, &[]));
        assert!(!passes(app, BODY, &[SIGNATURE, SIGNATURE]));
        let unkeyed = hex::encode(hmac_sha256(b"", BODY.as_bytes()));
        assert!(!passes(("", ""), BODY, &[&unkeyed]));
    }
}
