//! Orders as a detailed pull hears them: two statuses, two lines, money, head and buyer.

use std::sync::Arc;

use dermaga_domain::id::ShopId;
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Buyer, Fact, Head, Line, LineKey, Money, Part, Snapshot};
use dermaga_domain::term::Mode;
use dermaga_domain::time::{Span, Time};
use dermaga_store::apply::{Batch, Heard};

use crate::ground::{SKUS, Seller, sku};

/// The first order's number; an order's place in the run is its number less this.
const FIRST: u64 = 900_000_000;

/// What becomes of an order.
pub(crate) struct Life {
    /// Whose it is.
    pub(crate) shop: ShopId,
    /// What was heard of it, the oldest first.
    pub(crate) statuses: &'static [&'static str],
    /// When the last of them was.
    pub(crate) at: Time,
}

/// A batch of new orders, from place `from` on.
pub(super) fn batch(seller: &Seller, now: Time, from: u64, size: u64) -> Batch {
    let at = now.minus(Span::minutes(5));
    let life = Life { shop: seller.shop, statuses: &["220", "400"], at };
    let heard = (from..from + size).map(|place| heard(&life, place)).collect();
    Batch { heard, ..Batch::new(seller.org) }
}

/// The place of an order in the run, by the channel's id of it.
pub(crate) fn place(channel_order_id: &str) -> Option<u64> {
    channel_order_id.parse::<u64>().ok()?.checked_sub(FIRST)
}

/// An order with its life.
pub(crate) fn heard(life: &Life, place: u64) -> Heard {
    let number = (FIRST + place).to_string();
    let (paid, accepted) = (life.at.minus(Span::minutes(15)), life.at);
    let mut heard = Heard::of(life.shop, &number);
    let mut at = life.at.minus(Span::minutes(15));
    for status in life.statuses {
        let fact = Fact::of_order(status, Some(at), Mode::Realtime);
        heard.facts.push(Fact { fetched: true, ..fact });
        at = at.plus(Span::minutes(3));
    }
    let lines = vec![line(place, 0, 2), line(place, 1, 1)];
    let goods = lines.iter().map(|line| line.unit_price * line.quantity).sum::<i64>();
    let money = Money {
        currency: Currency::IDR,
        goods,
        shipping: 11_000,
        fees: 1_500,
        discount: 5_000,
        total: goods + 7_500,
    };
    let seen = Some(accepted);
    heard.snapshot = Snapshot {
        lines: Some(Part::seen(lines, true, seen, true)),
        money: Some(Part::seen(money, true, seen, true)),
        head: Some(Part::seen(head(&number, paid, accepted), true, seen, true)),
        buyer: Some(Part::seen(buyer(place), true, seen, true)),
        ..Snapshot::default()
    };
    heard
}

fn line(place: u64, position: u64, quantity: i64) -> Line {
    let product = (place * 7 + position * 31) % SKUS;
    Line {
        key: LineKey(Arc::from(format!("{place}-{position}"))),
        channel_product_id: (15_250_000 + product).to_string(),
        channel_sku: sku(product),
        name: format!("Barang contoh nomor {product}"),
        quantity,
        cancelled: 0,
        unit_price: 55_000,
        units: Vec::new(),
    }
}

fn head(number: &str, paid: Time, accepted: Time) -> Head {
    Head {
        channel_invoice: Some(format!("INV/20260101/MPL/{number}")),
        ordered_at: Some(paid.minus(Span::minutes(3))),
        ship_by: Some(accepted.plus(Span::hours(48))),
        accept_by: Some(paid.plus(Span::hours(24))),
        channel_warehouse: Some("340735".to_owned()),
        carrier: Some("Kurir Contoh".to_owned()),
        service: Some("Reguler".to_owned()),
        cash_on_delivery: false,
        cancel_requested: false,
    }
}

fn buyer(place: u64) -> Buyer {
    Buyer {
        name: format!("Pembeli Contoh {place}"),
        phone: format!("6281200000{:03}", place % 1_000),
        email: String::new(),
        address: format!("Jl. Contoh {place}"),
        district: "Kecamatan Contoh".to_owned(),
        city: "Kota Contoh".to_owned(),
        province: "Provinsi Contoh".to_owned(),
        postal_code: "10110".to_owned(),
        note: String::new(),
    }
}
