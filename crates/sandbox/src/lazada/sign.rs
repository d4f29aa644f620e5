//! The signature of requests, as the channel checks it, and that of pushes, as it makes it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that carries a push's signature.
pub(super) const HEADER: &str = "authorization";

fn hmac_hex(secret: &str, message: &[u8]) -> String {
    // A key of any length is taken, so the error arm is never met.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// What a request's `sign` must be: over the path and every parameter but `sign`, sorted by the bytes of
/// their names.
pub(super) fn of_request(secret: &str, path: &str, params: &[(String, String)]) -> String {
    let mut signed: Vec<&(String, String)> =
        params.iter().filter(|(name, value)| name != "sign" && !value.is_empty()).collect();
    signed.sort();
    let parts = signed.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let text: String = std::iter::once(path).chain(parts).collect();
    hmac_hex(secret, text.as_bytes()).to_uppercase()
}

/// What a push carries: over the app's key and the body.
pub(super) fn of_push(app_key: &str, secret: &str, body: &[u8]) -> String {
    hmac_hex(secret, &[app_key.as_bytes(), body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channels_own_example_comes_out() {
        let params = [
            ("timestamp", "1517820392000"),
            ("order_id", "1234"),
            ("sign", "x"),
            ("access_token", "test"),
            ("sign_method", "sha256"),
            ("app_key", "123456"),
        ];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A";
        assert_eq!(of_request("helloworld", "/order/get", &params), wanted);
        let sorted = [("foobar", "4"), ("foo_bar", "3"), ("foo", "1"), ("bar", "2")];
        let sorted = sorted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = "C9E42CE09BA9FE95ECCB17111AA4E3F41D1C82F000435219C75936A427D9C945";
        assert_eq!(of_request("secret", "/test/api", &sorted), wanted, "bytes, not letters");
    }
}
