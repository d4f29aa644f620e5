//! Signatures, from the channel's own guide on them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn hex_hmac(key: &str, message: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// What a request must be signed with; `token` and `shop` are empty where it is of no shop.
pub(super) fn of_request(
    key: &str,
    (partner, path, timestamp): (&str, &str, &str),
    (token, shop): (&str, &str),
) -> String {
    let parts = [partner, path, timestamp, token, shop];
    hex_hmac(key, parts.concat().as_bytes())
}

/// What a push to an address is signed with.
pub(super) fn of_push(key: &str, url: &str, body: &[u8]) -> String {
    let mut text = format!("{url}|").into_bytes();
    text.extend_from_slice(body);
    hex_hmac(key, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_examples_come_out() {
        let key = "demo_partner_key_0123456789abcdef";
        let of = |path, token| of_request(key, ("2001887", path, "1760000000"), token);
        assert_eq!(
            of("/api/v2/order/get_order_list", ("demoaccesstoken", "14701711")),
            "74a75c74baf53ac2e66885508b4d6c425774a367d226453476349a6a7599b2f3"
        );
        assert_eq!(
            of("/api/v2/auth/token/get", ("", "")),
            "d229369579f1dd779eee8e43c6506b987078c0d2cef7cb2321e087d8ab0391e2"
        );
        let body = r#"{"data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED","completed_scenario":"","update_time":1660123127},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;
        assert_eq!(
            of_push(key, "https://hub.example.test/webhooks/shopee", body.as_bytes()),
            "7b2a24980a71f3883e4a133f79b3a27762c35cc3a5bd2aaf55882448f04ec240"
        );
    }
}
