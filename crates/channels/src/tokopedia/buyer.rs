//! Who bought: in clear, masked, or encrypted with the app's public key.
//!
//! An encrypted order carries `encryption.secret` (an AES key under RSA-OAEP-SHA256) and
//! `encryption.content` (ciphertext, then a tag of 16 bytes, then a nonce of 12 bytes; AES-GCM).
//! Inside is a JSON object with the same fields as the order, which replace the blank ones.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dermaga_channel::Credentials;
use dermaga_domain::order::{Buyer, Part};
use dermaga_domain::time::Time;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Oaep, RsaPrivateKey};
use serde::Deserialize;

use super::wire::{Text, read};

/// Bytes of the nonce at the end of the content.
const NONCE_BYTES: usize = 12;

/// A buyer, or the buyer's account: `buyer`, `customer` and `buyer_info`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Person {
    #[serde(alias = "Name", alias = "buyer_fullname")]
    name: Text,
    #[serde(alias = "Phone", alias = "buyer_phone")]
    phone: Text,
    #[serde(alias = "Email", alias = "buyer_email")]
    email: Text,
}

/// Where the goods go, as the list and the notification write it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Recipient {
    #[serde(alias = "Name")]
    name: Text,
    #[serde(alias = "Phone")]
    phone: Text,
    #[serde(alias = "Address")]
    address: Option<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    address_full: Text,
    district: Text,
    city: Text,
    province: Text,
    postal_code: Text,
}

/// Where the goods go, as the detail writes it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Destination {
    receiver_name: Text,
    receiver_phone: Text,
    address_street: Text,
    address_district: Text,
    address_city: Text,
    address_province: Text,
    address_postal: Text,
}

/// The two texts of an encrypted order.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sealed {
    secret: Text,
    content: Text,
}

/// Everything a body says of the buyer, in whichever of the shapes.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Words {
    #[serde(alias = "customer", alias = "buyer_info")]
    pub(super) buyer: Option<Person>,
    pub(super) recipient: Option<Recipient>,
    pub(super) destination: Option<Destination>,
    pub(super) order_info: Option<OrderInfo>,
}

/// The detail nests the destination one level deeper.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct OrderInfo {
    destination: Option<Destination>,
}

impl Words {
    /// Lays what is said here over what is known; blank says nothing.
    fn tell(self, known: &mut Buyer) {
        let person = self.buyer.unwrap_or_default();
        say(&mut known.name, person.name);
        say(&mut known.phone, person.phone);
        say(&mut known.email, person.email);
        let recipient = self.recipient.unwrap_or_default();
        let address = recipient.address.unwrap_or_default();
        say(&mut known.name, recipient.name);
        say(&mut known.phone, recipient.phone);
        say(&mut known.address, address.address_full);
        say(&mut known.district, address.district);
        say(&mut known.city, address.city);
        say(&mut known.province, address.province);
        say(&mut known.postal_code, address.postal_code);
        let nested = self.order_info.and_then(|nested| nested.destination);
        let destination = self.destination.or(nested).unwrap_or_default();
        say(&mut known.name, destination.receiver_name);
        say(&mut known.phone, destination.receiver_phone);
        say(&mut known.address, destination.address_street);
        say(&mut known.district, destination.address_district);
        say(&mut known.city, destination.address_city);
        say(&mut known.province, destination.address_province);
        say(&mut known.postal_code, destination.address_postal);
    }
}

fn say(known: &mut String, said: Text) {
    if let Some(said) = said.some() {
        *known = said;
    }
}

/// What is said of the buyer, with what the app's key opens laid over it.
///
/// Full only when name and phone are there and not masked. A seal that cannot be opened leaves the
/// part masked; the order is the same without it.
pub(super) fn buyer_part(
    words: Words,
    sealed: Option<&Sealed>,
    note: String,
    credentials: &Credentials,
    seen: (Option<Time>, bool),
) -> Part<Buyer> {
    let (updated_at, fetched) = seen;
    let mut buyer = Buyer { note, ..Buyer::default() };
    words.tell(&mut buyer);
    let opened = sealed.and_then(|sealed| open(sealed, credentials.get("private_key")));
    if let Some(opened) = opened {
        opened.tell(&mut buyer);
    }
    let full = !is_masked(&buyer.name) && !is_masked(&buyer.phone);
    Part::seen(buyer, full, updated_at, fetched)
}

fn is_masked(text: &str) -> bool {
    text.is_empty() || text.contains('*')
}

/// Opens what the channel sealed; None if the key or the texts are not right.
fn open(sealed: &Sealed, private_key: &str) -> Option<Words> {
    if private_key.is_empty() {
        return None;
    }
    let key = RsaPrivateKey::from_pkcs8_pem(private_key)
        .ok()
        .or_else(|| RsaPrivateKey::from_pkcs1_pem(private_key).ok())?;
    let secret = STANDARD.decode(&sealed.secret.0).ok()?;
    let content = STANDARD.decode(&sealed.content.0).ok()?;
    let aes_key = key.decrypt(Oaep::new::<rsa::sha2::Sha256>(), &secret).ok()?;
    let at = content.len().checked_sub(NONCE_BYTES)?;
    let (ciphertext, nonce) = content.split_at_checked(at)?;
    let nonce = &Nonce::from(<[u8; NONCE_BYTES]>::try_from(nonce).ok()?);
    let plain = if let Ok(cipher) = Aes256Gcm::new_from_slice(&aes_key) {
        cipher.decrypt(nonce, ciphertext).ok()?
    } else {
        Aes128Gcm::new_from_slice(&aes_key).ok()?.decrypt(nonce, ciphertext).ok()?
    };
    read("encryption", &plain).ok()
}
