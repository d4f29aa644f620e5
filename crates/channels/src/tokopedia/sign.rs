//! The signature of webhooks.

use dermaga_channel::sign::is_hmac_sha256_hex;
use dermaga_channel::{Credentials, Webhook};

/// The header with the lower-case hex HMAC-SHA256 of the raw body under the `webhook_secret`.
const HEADER: &str = "authorization-hmac";

/// Whether a webhook is signed with the secret of these credentials. No time is signed, so that a
/// replay passes; it says nothing new.
pub(super) fn verify(webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
    let mut given = webhook.headers.get_all(HEADER).iter();
    let (Some(signature), None) = (given.next(), given.next()) else { return false };
    let Ok(signature) = signature.to_str() else { return false };
    is_hmac_sha256_hex(credentials.get("webhook_secret").as_bytes(), webhook.body, signature)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    /// A worked example: this body under this secret gives this signature.
    const BODY: &str = r#"{"order_status":700,"fs_id":14999,"shop_id":480001,"order_id":900100200,"product_details":[{"id":15250001,"name":"Kopi Gayo 250g","notes":"","currency":"Rp.","weight":0.25,"total_weight":0.5,"price":55000,"total_price":110000,"quantity":2,"sku":"GAYO-250"}]}"#;
    const SIGNATURE: &str = "3d34edfbfe7b173022960831160f940c35085405132127efe302264aecd5f9b5";

    fn passes(secret: &str, body: &str, signatures: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers
                .append(HeaderName::from_static(HEADER), HeaderValue::from_str(signature).unwrap());
        }
        let webhook = Webhook { kind: "order_status", headers: &headers, body: body.as_bytes() };
        verify(&webhook, &Credentials::new([("webhook_secret", secret)]))
    }

    #[test]
    fn the_worked_example_passes() {
        assert!(passes("whsec-demo-123", BODY, &[SIGNATURE]));
    }

    #[test]
    fn anything_else_does_not() {
        let upper = SIGNATURE.to_uppercase();
        let twice = [SIGNATURE, SIGNATURE];
        let changed = BODY.replace("700", "500");
        assert!(!passes("whsec-demo-124", BODY, &[SIGNATURE]));
        assert!(!passes("whsec-demo-123", &changed, &[SIGNATURE]));
        assert!(!passes("whsec-demo-123", BODY, &[&SIGNATURE[..63]]));
        assert!(!passes("whsec-demo-123", BODY, &[&upper]));
        assert!(!passes("whsec-demo-123", BODY, &[]));
        assert!(!passes("whsec-demo-123", BODY, &twice));
    }

    #[test]
    fn without_a_secret_nothing_passes() {
        let of_empty_key = dermaga_channel::sign::hmac_sha256(b"", BODY.as_bytes());
        let hex: String = of_empty_key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!passes("", BODY, &[&hex]));
    }
}
