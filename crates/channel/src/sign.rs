//! Signatures that several channels share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// HMAC-SHA256 of a message.
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length, so the error cannot occur; an empty tag would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Whether `given` is the lower-case hex HMAC-SHA256 of a message, in constant time.
#[must_use]
pub fn is_hmac_sha256_hex(key: &[u8], message: &[u8], given: &str) -> bool {
    let wanted = hex::encode(hmac_sha256(key, message));
    !key.is_empty() && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
}

/// Whether `given` is the base64 HMAC-SHA256 of a message, in constant time.
#[must_use]
pub fn is_hmac_sha256_base64(key: &[u8], message: &[u8], given: &str) -> bool {
    let wanted = STANDARD.encode(hmac_sha256(key, message));
    !key.is_empty() && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
}

/// HMAC-SHA1 of a message: for requests to channels that know nothing better.
#[must_use]
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    // HMAC takes a key of any length, so the error cannot occur.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { return [0; 20] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}
