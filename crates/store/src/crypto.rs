//! Encryption at rest, and hashes that tell nothing without the key.
//!
//! ```text
//!  root key (file or environment)
//!    ├─ wraps data keys, one per org and month; deleting one destroys what it sealed
//!    │     └─ seal a value for its place: (org, table, row, column)
//!    └─ keyed hashes per org, for finding a repeated body
//! ```

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Length of every key in bytes.
const KEY_LEN: usize = 32;

/// Length of XChaCha20's nonce in bytes: long enough to be drawn at random.
const NONCE_LEN: usize = 24;

/// The only layout there is: version, key id, nonce, ciphertext with its tag.
const VERSION: u8 = 1;
const KEY_ID_END: usize = 1 + 8;
const NONCE_END: usize = KEY_ID_END + NONCE_LEN;

/// Why a sealed value cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too short, or of a version this program does not know.
    #[error("not a sealed value of a known version")]
    Malformed,
    /// Sealed with another key: fetch that one by its id.
    #[error("sealed with key {0}")]
    OtherKey(
        /// The id of the key it was sealed with.
        i64,
    ),
    /// Changed, moved to another place, or sealed under another key of the same id.
    #[error("the sealed value is not authentic")]
    NotAuthentic,
    /// The value cannot be sealed (longer than 256 GiB).
    #[error("the value cannot be sealed")]
    TooLong,
}

/// The installation's root key and what is derived from it.
#[derive(Clone)]
pub struct Keyring {
    root: Zeroizing<[u8; KEY_LEN]>,
}

impl Keyring {
    /// A keyring on a root key.
    #[must_use]
    pub fn new(root: [u8; KEY_LEN]) -> Self {
        Self { root: Zeroizing::new(root) }
    }

    /// Makes a data key for an org. Returns it with its wrapped form, which is what may be stored.
    pub fn make_data_key(
        &self,
        org: i64,
        id: i64,
        random: &mut impl CryptoRng,
    ) -> Result<(DataKey, Vec<u8>), Error> {
        let mut bytes = Zeroizing::new([0_u8; KEY_LEN]);
        random.fill_bytes(bytes.as_mut_slice());
        let key = DataKey { id, bytes };
        let wrapped = self.wrap(org, &key, random)?;
        Ok((key, wrapped))
    }

    /// Wraps a data key with this root key; also how keys move to a new root key.
    pub fn wrap(
        &self,
        org: i64,
        key: &DataKey,
        random: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        self.wrapping(org, key.id).seal(&wrapping_place(org, key.id), key.bytes.as_slice(), random)
    }

    /// Opens a wrapped data key.
    pub fn unwrap_data_key(&self, org: i64, id: i64, wrapped: &[u8]) -> Result<DataKey, Error> {
        let plain = self.wrapping(org, id).open(&wrapping_place(org, id), wrapped)?;
        let plain = Zeroizing::new(plain);
        let bytes = <[u8; KEY_LEN]>::try_from(plain.as_slice()).map_err(|_| Error::Malformed)?;
        Ok(DataKey { id, bytes: Zeroizing::new(bytes) })
    }

    /// HMAC-SHA256 of the bytes under a key of the org. After a change of the root key the same
    /// bytes hash differently: a repeated body is then taken once more, which changes no fact.
    #[must_use]
    pub fn keyed_hash(&self, org: i64, bytes: &[u8]) -> [u8; 32] {
        hash(&self.derive(b"dedupe", org), &[bytes])
    }

    /// What backups are encrypted with when nothing else is said: as hard to guess as the root key.
    #[must_use]
    pub fn backup_passphrase(&self) -> String {
        hex::encode(self.derive(b"backup", 0).as_slice())
    }

    /// By what a backup knows the root key that belongs to it; nothing can be told of the key from it.
    #[must_use]
    pub fn known_by(&self) -> String {
        let known = self.derive(b"known by", 0);
        hex::encode(known.get(..8).unwrap_or_default())
    }

    fn wrapping(&self, org: i64, id: i64) -> DataKey {
        DataKey { id, bytes: self.derive(b"wrap", org) }
    }

    /// A key for one purpose and org.
    fn derive(&self, purpose: &[u8], org: i64) -> Zeroizing<[u8; KEY_LEN]> {
        Zeroizing::new(hash(&self.root, &[b"dermaga/1/", purpose, b"/", &org.to_be_bytes()]))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

/// The place of a wrapped key, in the form of [`DataKey::seal`].
fn wrapping_place(org: i64, id: i64) -> [String; 4] {
    [org.to_string(), "data_key".to_owned(), id.to_string(), "key".to_owned()]
}

/// A key that seals the values of one org and month.
#[derive(Clone)]
pub struct DataKey {
    id: i64,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

impl DataKey {
    /// Its id, written in front of everything it seals.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// Seals a value for its place (org, table, row, column): opened anywhere else it is refused.
    pub fn seal(
        &self,
        place: &[impl AsRef<str>],
        plain: &[u8],
        random: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0_u8; NONCE_LEN];
        random.fill_bytes(&mut nonce);
        let aad = self.additional(place);
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| Error::TooLong)?;
        let mut out = Vec::with_capacity(NONCE_END + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens a value sealed for this place.
    pub fn open(&self, place: &[impl AsRef<str>], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let id = key_id(sealed).ok_or(Error::Malformed)?;
        if id != self.id {
            return Err(Error::OtherKey(id));
        }
        let nonce = sealed.get(KEY_ID_END..NONCE_END).ok_or(Error::Malformed)?;
        let nonce = <[u8; NONCE_LEN]>::try_from(nonce).map_err(|_| Error::Malformed)?;
        let msg = sealed.get(NONCE_END..).ok_or(Error::Malformed)?;
        let aad = self.additional(place);
        self.cipher()
            .decrypt(&XNonce::from(nonce), Payload { msg, aad: &aad })
            .map_err(|_| Error::NotAuthentic)
    }

    /// What somebody with this key could read behind the head of a sealed value, however much of it is
    /// left: nothing is proven of it, so it is for searching what lies on disks and for nothing else.
    /// `None` when the head is not whole, or names another key.
    #[must_use]
    pub fn remnant(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        if key_id(sealed)? != self.id {
            return None;
        }
        let nonce = <[u8; NONCE_LEN]>::try_from(sealed.get(KEY_ID_END..NONCE_END)?).ok()?;
        let rest = sealed.get(NONCE_END..)?;
        // What is sealed of zeros is the stream that everything is sealed with.
        let stream = self.cipher().encrypt(&XNonce::from(nonce), vec![0; rest.len()].as_slice());
        Some(rest.iter().zip(stream.ok()?).map(|(byte, mask)| byte ^ mask).collect())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.bytes))
    }

    /// Version, key id and each part of the place after its length, so that no two places agree.
    fn additional(&self, place: &[impl AsRef<str>]) -> Vec<u8> {
        let mut aad = vec![VERSION];
        aad.extend_from_slice(&self.id.to_be_bytes());
        for part in place {
            let part = part.as_ref().as_bytes();
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part);
        }
        aad
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The id of the key a value was sealed with, if it is one of ours.
#[must_use]
pub fn key_id(sealed: &[u8]) -> Option<i64> {
    if *sealed.first()? != VERSION {
        return None;
    }
    Some(i64::from_be_bytes(sealed.get(1..KEY_ID_END)?.try_into().ok()?))
}

/// HMAC-SHA256 of the joined parts.
fn hash(key: &[u8; KEY_LEN], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104: HMAC takes keys of any length, so a key of 32 bytes is never refused.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    const PLACE: [&str; 4] = ["1", "buyer", "7", "phone"];

    fn keyring() -> (Keyring, StdRng) {
        (Keyring::new([7; 32]), StdRng::seed_from_u64(1))
    }

    #[test]
    fn a_value_opens_in_its_place_only() {
        let (ring, mut random) = keyring();
        let (key, _) = ring.make_data_key(1, 5, &mut random).unwrap();
        let sealed = key.seal(&PLACE, b"6281200000001", &mut random).unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap(), b"6281200000001");
        for place in [
            ["2", "buyer", "7", "phone"],
            ["1", "buyer", "8", "phone"],
            ["1", "buye", "r7", "phone"],
        ] {
            assert_eq!(key.open(&place, &sealed), Err(Error::NotAuthentic));
        }
        assert!(!sealed.windows(6).any(|part| part == b"628120"));
    }

    #[test]
    fn a_remnant_is_read_as_far_as_it_goes_with_its_key_only() {
        let (ring, mut random) = keyring();
        let (key, _) = ring.make_data_key(1, 5, &mut random).unwrap();
        let sealed = key.seal(&PLACE, b"6281200000001", &mut random).unwrap();
        assert_eq!(key.remnant(&sealed[..NONCE_END + 7]).unwrap(), b"6281200");
        let (other, _) = ring.make_data_key(1, 6, &mut random).unwrap();
        assert_eq!(other.remnant(&sealed), None);
        assert_eq!(key.remnant(&sealed[..NONCE_END - 1]), None);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let (ring, mut random) = keyring();
        let (key, _) = ring.make_data_key(1, 5, &mut random).unwrap();
        let sealed = key.seal(&PLACE, b"x", &mut random).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&PLACE, &changed).is_err(), "byte {at}");
            assert!(key.open(&PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn data_keys_survive_a_change_of_the_root_key() {
        let (ring, mut random) = keyring();
        let (key, wrapped) = ring.make_data_key(1, 5, &mut random).unwrap();
        let sealed = key.seal(&PLACE, b"x", &mut random).unwrap();
        let next = Keyring::new([8; 32]);
        assert!(next.unwrap_data_key(1, 5, &wrapped).is_err());
        let moved = ring.unwrap_data_key(1, 5, &wrapped).unwrap();
        let wrapped = next.wrap(1, &moved, &mut random).unwrap();
        let moved = next.unwrap_data_key(1, 5, &wrapped).unwrap();
        assert_eq!(moved.open(&PLACE, &sealed).unwrap(), b"x");
        assert!(next.unwrap_data_key(2, 5, &wrapped).is_err(), "another org's key");
        assert_eq!(key_id(&sealed), Some(5));
        let (other, _) = ring.make_data_key(1, 6, &mut random).unwrap();
        assert_eq!(other.open(&PLACE, &sealed), Err(Error::OtherKey(5)));
    }

    #[test]
    fn hashes_differ_by_org_and_root_key() {
        let (ring, _) = keyring();
        let hash = ring.keyed_hash(1, b"body");
        assert_eq!(hash, ring.keyed_hash(1, b"body"));
        assert_ne!(hash, ring.keyed_hash(2, b"body"));
        assert_ne!(hash, Keyring::new([8; 32]).keyed_hash(1, b"body"));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (ring, mut random) = keyring();
        let (key, _) = ring.make_data_key(1, 5, &mut random).unwrap();
        assert_eq!(format!("{ring:?} {key:?}"), "Keyring(..) DataKey { id: 5, .. }");
    }
}
