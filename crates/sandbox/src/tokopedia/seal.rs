//! Buyer data sealed with the app's public key.
//!
//! `secret` is a fresh AES-256 key under RSA-OAEP-SHA256; `content` is `ciphertext ‖ tag ‖ nonce`
//! of AES-256-GCM over a JSON object that is to be merged into the order. Both base64.
//! A seal is made once per order and shape, so an unchanged order reads the same every time.

use std::collections::HashMap;
use std::sync::Mutex;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Oaep, RsaPublicKey};
use serde::Serialize;
use serde_json::Value;

use crate::lock;

/// The two texts an order carries instead of its buyer.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Seal {
    pub(super) secret: String,
    pub(super) content: String,
}

/// The registered key and the seals made with it.
#[derive(Debug)]
pub(super) struct Sealer {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    key: Option<RsaPublicKey>,
    seals: HashMap<(String, &'static str), Seal>,
}

impl Sealer {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, state: Mutex::default() }
    }

    /// Registers a public key in PEM; false if it is none.
    pub(super) fn register(&self, pem: &str) -> bool {
        let parsed = RsaPublicKey::from_public_key_pem(pem).or_else(|_| {
            RsaPublicKey::from_pkcs1_pem(pem).map_err(|_| rsa::pkcs8::spki::Error::KeyMalformed)
        });
        let Ok(key) = parsed else { return false };
        let mut state = lock(&self.state);
        state.seals.clear();
        state.key = Some(key);
        true
    }

    /// Whether buyer data is sealed at all.
    pub(super) fn is_on(&self) -> bool {
        lock(&self.state).key.is_some()
    }

    /// The seal over an order's buyer data in one shape; None if no key is registered.
    pub(super) fn seal(
        &self,
        order_id: &str,
        shape: &'static str,
        buyer: impl FnOnce() -> Value,
    ) -> Option<Seal> {
        let mut state = lock(&self.state);
        let State { key, seals } = &mut *state;
        let key = key.as_ref()?;
        let place = (order_id.to_owned(), shape);
        if let Some(made) = seals.get(&place) {
            return Some(made.clone());
        }
        let made = make(key, self.seed, &place, buyer().to_string().as_bytes())?;
        seals.insert(place, made.clone());
        Some(made)
    }
}

fn make(key: &RsaPublicKey, seed: u64, place: &(String, &str), plain: &[u8]) -> Option<Seal> {
    let text = format!("{}/{}", place.0, place.1);
    let mixed = text.bytes().fold(seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(5)
    });
    let mut chance = Chance(StdRng::seed_from_u64(mixed));
    let (mut aes_key, mut nonce) = ([0_u8; 32], [0_u8; 12]);
    chance.0.fill(&mut aes_key);
    chance.0.fill(&mut nonce);
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(aes_key));
    let mut content = cipher.encrypt(&Nonce::from(nonce), plain).ok()?;
    content.extend_from_slice(&nonce);
    let secret = key.encrypt(&mut chance, Oaep::new::<rsa::sha2::Sha256>(), &aes_key).ok()?;
    Some(Seal { secret: STANDARD.encode(secret), content: STANDARD.encode(content) })
}

/// The seeded generator, as the RSA library wants it.
struct Chance(StdRng);

impl rsa::rand_core::RngCore for Chance {
    fn next_u32(&mut self) -> u32 {
        self.0.random()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.random()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for Chance {}
