//! What nobody has wished for is invented: names, numbers and places of nobody.

use crate::books::Buyer;
use crate::channel::Wish;

const NAMES: [&str; 8] = [
    "Sari Contoh",
    "Budi Contoh",
    "Dewi Contoh",
    "Agus Contoh",
    "Rina Contoh",
    "Joko Contoh",
    "Maya Contoh",
    "Tono Contoh",
];

/// Where buyers of a channel live, as it writes it.
pub(crate) struct Area {
    pub(crate) district: &'static str,
    pub(crate) city: &'static str,
    pub(crate) postal_code: &'static str,
}

/// One of the thousand buyers, with what is wished of them.
pub(crate) fn buyer(wish: &Wish, luck: u64, area: &Area) -> Buyer {
    let who = luck / 11 % 1_000;
    let given = wish.buyer.clone();
    Buyer {
        id: 8_970_001 + i64::try_from(who).unwrap_or(0),
        name: given.name.unwrap_or_else(|| pick(&NAMES, who).to_owned()),
        phone: given.phone.unwrap_or_else(|| format!("6281200000{who:03}")),
        email: given.email.unwrap_or_else(|| format!("buyer{who:03}@pembeli.example.test")),
        address: given.address.unwrap_or_else(|| format!("Jl. Contoh {}", who % 90 + 1)),
        district: area.district.to_owned(),
        city: area.city.to_owned(),
        province: "DKI Jakarta".to_owned(),
        postal_code: area.postal_code.to_owned(),
    }
}

/// One of these.
pub(crate) fn pick<T: Copy>(from: &[T], luck: u64) -> T {
    let len = u64::try_from(from.len()).unwrap_or(1);
    from[usize::try_from(luck % len).unwrap_or(0)]
}
