//! Signatures: of requests, and of pushes.

use dermaga_channel::sign::{hmac_sha256, is_hmac_sha256_hex};
use dermaga_channel::{Credentials, Webhook};
use http::header;

/// Who signs, and when.
#[derive(Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) partner_id: &'a str,
    pub(super) partner_key: &'a str,
    /// In seconds; the channel takes it for five minutes.
    pub(super) timestamp: i64,
}

impl Signer<'_> {
    /// The signature of a request, in lower-case hex: over the app's id, the path, the time and, of a
    /// shop's calls, the token and the shop's id, with nothing between them. Neither query nor body is
    /// part of it.
    pub(super) fn sign(&self, path: &str, of_shop: Option<(&str, &str)>) -> String {
        let (token, shop) = of_shop.unwrap_or_default();
        let base = format!("{}{path}{}{token}{shop}", self.partner_id, self.timestamp);
        hex::encode(hmac_sha256(self.partner_key.as_bytes(), base.as_bytes()))
    }
}

/// Whether a push is signed for the address that is entered in the app's console, letter by letter. No
/// time is signed, so that a replay passes; it says nothing new.
///
/// **The one place that knows the address**: which one a push came to is told to nobody behind the
/// hub's own door, and behind a proxy it is another one.
pub(super) fn verify(webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
    let mut given = webhook.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(signature), None) = (given.next(), given.next()) else { return false };
    let Ok(signature) = signature.to_str() else { return false };
    let url = credentials.get("push_url").trim();
    let signed = [url.as_bytes(), b"|", webhook.body].concat();
    let key = credentials.get("partner_key").trim();
    !url.is_empty() && is_hmac_sha256_hex(key.as_bytes(), &signed, signature)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    const KEY: &str = "demo_partner_key_0123456789abcdef";

    #[test]
    fn the_worked_examples_come_out() {
        let signer = Signer { partner_id: "2001887", partner_key: KEY, timestamp: 1_760_000_000 };
        let shop = Some(("demoaccesstoken", "14701711"));
        assert_eq!(
            signer.sign("/api/v2/order/get_order_list", shop),
            "74a75c74baf53ac2e66885508b4d6c425774a367d226453476349a6a7599b2f3"
        );
        assert_eq!(
            signer.sign("/api/v2/auth/token/get", None),
            "d229369579f1dd779eee8e43c6506b987078c0d2cef7cb2321e087d8ab0391e2"
        );
        let merchant = Some(("demoaccesstoken", "1000000"));
        assert_eq!(
            signer.sign("/api/v2/merchant/get_merchant_info", merchant),
            "1c08f65064b7917766afcefa29394b6799cbc91e666fd5e1ee88d63890a8b32c"
        );
    }

    const URL: &str = "https://hub.example.test/webhooks/shopee";
    const BODY: &str = r#"{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"","update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;
    const SIGNATURE: &str = "7b2a24980a71f3883e4a133f79b3a27762c35cc3a5bd2aaf55882448f04ec240";

    fn passes((key, url): (&str, &str), body: &str, signatures: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(signature).unwrap());
        }
        let webhook = Webhook { kind: "push", headers: &headers, body: body.as_bytes() };
        verify(&webhook, &Credentials::new([("partner_key", key), ("push_url", url)]))
    }

    #[test]
    fn a_push_passes_for_the_entered_address_only() {
        assert!(passes((KEY, URL), BODY, &[SIGNATURE]));
        assert!(!passes((KEY, &format!("{URL}/")), BODY, &[SIGNATURE]));
        assert!(!passes((KEY, "http://hub.example.test/webhooks/shopee"), BODY, &[SIGNATURE]));
        assert!(!passes((KEY, ""), BODY, &[SIGNATURE]));
        assert!(!passes(("another", URL), BODY, &[SIGNATURE]));
        assert!(!passes((KEY, URL), &BODY.replace("PROCESSED", "SHIPPED"), &[SIGNATURE]));
        assert!(!passes((KEY, URL), BODY, &[&SIGNATURE.to_uppercase()]));
        assert!(!passes((KEY, URL), BODY, &[]));
        assert!(!passes((KEY, URL), BODY, &[SIGNATURE, SIGNATURE]));
        let unkeyed = hex::encode(hmac_sha256(b"", format!("{URL}|{BODY}").as_bytes()));
        assert!(!passes(("", URL), BODY, &[&unkeyed]));
    }
}
