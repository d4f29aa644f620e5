//! Signatures that several channels share.

use hmac::{Hmac, KeyInit, Mac};
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
