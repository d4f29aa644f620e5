//! Buyers as they are stored: sealed, and as they are shown: masked.

use dermaga_domain::order::Buyer;
use serde::{Deserialize, Serialize};

/// The stamp of a buyer who was erased: newer than every look, so that none brings the buyer back.
pub(crate) const ERASED: &str = "erased";

/// A buyer's fields in the form that is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored {
    name: String,
    phone: String,
    email: String,
    address: String,
    district: String,
    city: String,
    province: String,
    postal_code: String,
    note: String,
}

impl From<&Buyer> for Stored {
    fn from(buyer: &Buyer) -> Self {
        let buyer = buyer.clone();
        Self {
            name: buyer.name,
            phone: buyer.phone,
            email: buyer.email,
            address: buyer.address,
            district: buyer.district,
            city: buyer.city,
            province: buyer.province,
            postal_code: buyer.postal_code,
            note: buyer.note,
        }
    }
}

impl From<Stored> for Buyer {
    fn from(stored: Stored) -> Self {
        Self {
            name: stored.name,
            phone: stored.phone,
            email: stored.email,
            address: stored.address,
            district: stored.district,
            city: stored.city,
            province: stored.province,
            postal_code: stored.postal_code,
            note: stored.note,
        }
    }
}

/// A name of which only the first letters of its words are left.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let word = |word: &str| word.chars().next().map(|first| format!("{first}***"));
    name.split_whitespace().filter_map(word).collect::<Vec<_>>().join(" ")
}
