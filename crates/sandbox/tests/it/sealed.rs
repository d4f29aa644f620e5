//! Buyer data under the client's public key.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::{Oaep, RsaPrivateKey};
use serde_json::{Value, json};

use crate::client::{Bench, FS, Subscriber, quiet};

/// Opens a seal as the channel's guide says: unwrap the key, cut nonce and tag off the end.
fn open(key: &RsaPrivateKey, encryption: &Value) -> Value {
    let decode = |name: &str| STANDARD.decode(encryption[name].as_str().unwrap()).unwrap();
    let aes_key = key.decrypt(Oaep::new::<rsa::sha2::Sha256>(), &decode("secret")).unwrap();
    let blob = decode("content");
    let (sealed, nonce) = blob.split_at(blob.len() - 12);
    let nonce: [u8; 12] = nonce.try_into().unwrap();
    let aes_key: [u8; 32] = aes_key.try_into().unwrap();
    let cipher = Aes256Gcm::new(&aes_key.into());
    // The library wants the tag behind the ciphertext, which is where it stands.
    let plain = cipher.decrypt(&Nonce::from(nonce), sealed).unwrap();
    serde_json::from_slice(&plain).unwrap()
}

/// A generator that is only random enough for a test's key.
pub(crate) struct Chance(pub(crate) u64);

impl rsa::rand_core::RngCore for Chance {
    fn next_u32(&mut self) -> u32 {
        u32::try_from(self.next_u64() >> 32).unwrap()
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for Chance {}

pub(crate) async fn upload(bench: &Bench, pem: &str) -> u16 {
    let form = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"public_key\"; filename=\"k.pem\"\r\n\r\n\
         {pem}\r\n--xyz--\r\n"
    );
    let target = format!("/v1/fs/{FS}/register?upload=1");
    bench.try_call(Method::POST, &target, form).await.unwrap().status
}

#[tokio::test]
async fn buyer_data_is_sealed_everywhere_once_a_key_is_registered() {
    let bench = Bench::start(quiet()).await;
    let mut subscriber = Subscriber::start().await;
    bench.subscribe(&subscriber).await;
    let key = RsaPrivateKey::new(&mut Chance(7), 2048).unwrap();
    let pem = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
    assert_eq!(upload(&bench, "no key").await, 400);
    assert_eq!(upload(&bench, &pem).await, 200);

    let buyer =
        json!({"name": "Nama Rahasia", "phone": "6281200000777", "address": "Jl. Contoh 77"});
    let wish = json!({"lines": [{"sku": "GAYO-250", "quantity": 1}], "buyer": buyer});
    let placed = bench.control(&Method::POST, "orders", wish);
    let order = placed["order_id"].as_str().unwrap();

    let now_s = bench.now_s();
    let list = format!(
        "/v2/order/list?fs_id={FS}&from_date={}&to_date={}&page=1&per_page=1",
        now_s - 60,
        now_s + 1
    );
    let first = bench.get(&list).await;
    let row = first.data()[0].clone();
    let detail = bench.detail(order).await;
    let notification = subscriber.next().await.json();
    for document in [&row, &detail, &notification] {
        let text = document.to_string();
        for secret in ["Nama Rahasia", "6281200000777", "Jl. Contoh 77"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let opened = open(&key, &row["encryption"]);
    assert_eq!(opened["buyer"]["name"], "Nama Rahasia");
    assert_eq!(opened["recipient"]["address"]["address_full"], "Jl. Contoh 77");
    assert_eq!(open(&key, &notification["encryption"])["customer"]["phone"], "6281200000777");
    let opened = open(&key, &detail["encryption"]);
    assert_eq!(opened["buyer_info"]["buyer_fullname"], "Nama Rahasia");
    assert_eq!(opened["order_info"]["destination"]["receiver_phone"], "6281200000777");
    // Read again, an unchanged order is the same to the letter.
    assert_eq!(bench.get(&list).await.data()[0], row);
}
