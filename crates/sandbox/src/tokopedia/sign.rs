//! The signature of a webhook.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that carries it.
pub(super) const HEADER: &str = "authorization-hmac";

/// Lower-case hex HMAC-SHA256 of the raw body under the registered secret.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length is taken, so the error arm is never met.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// The worked example of the channel's documentation.
    #[test]
    fn the_worked_example_comes_out() {
        let body = concat!(
            r#"{"order_status":700,"fs_id":14999,"shop_id":480001,"order_id":900100200,"#,
            r#""product_details":[{"id":15250001,"name":"Kopi Gayo 250g","notes":"","#,
            r#""currency":"Rp.","weight":0.25,"total_weight":0.5,"price":55000,"#,
            r#""total_price":110000,"quantity":2,"sku":"GAYO-250"}]}"#
        );
        assert_eq!(
            sign("whsec-demo-123", body.as_bytes()),
            "3d34edfbfe7b173022960831160f940c35085405132127efe302264aecd5f9b5"
        );
        assert_ne!(
            sign("whsec-demo-124", body.as_bytes()),
            sign("whsec-demo-123", body.as_bytes())
        );
    }
}
