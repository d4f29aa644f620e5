//! Snapshots: what an order looked like when it was seen, part by part.
//!
//! A message seldom holds everything: a status push has no buyer, a list has no deadlines. Each part
//! is kept by itself, the newest one that contains it.

use std::fmt;
use std::sync::Arc;

use crate::money::{Currency, Minor};
use crate::order::{SubPlatform, UnitKey};
use crate::time::Time;

/// How new a part is. Greater = kept.
///
/// A full part beats a masked or blank one whatever their times; then the channel's time of change
/// (none is older than any), then fetched over pushed, then the hash of the content, so that two
/// nodes never disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp {
    /// Nothing in the part is masked or blanked out.
    pub full: bool,
    /// The channel's time of the last change, in microseconds.
    pub updated_at: Option<Time>,
    /// Fetched by us rather than pushed to us.
    pub fetched: bool,
    /// Hash of the content.
    pub hash: u64,
}

/// A part and how new it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// How new.
    pub stamp: Stamp,
    /// The content.
    pub content: T,
}

/// Keeps the newer of what is known and what was seen; says whether that changed anything.
pub fn merge<T>(known: &mut Option<Part<T>>, seen: Option<Part<T>>) -> bool {
    let Some(seen) = seen else { return false };
    if known.as_ref().is_some_and(|known| known.stamp >= seen.stamp) {
        return false;
    }
    *known = Some(seen);
    true
}

/// The channel's name of a line: the same in every message that shows the line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey(pub Arc<str>);

/// A line as the channel shows it. Rows of one unit each are grouped by listing and price.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// Its name at the channel.
    pub key: LineKey,
    /// The channel's id of the product or variant.
    pub channel_product_id: String,
    /// The seller's code at the channel; may be empty.
    pub channel_sku: String,
    /// The product's name at the channel.
    pub name: String,
    /// Units ordered.
    pub quantity: i64,
    /// Of these, units that the channel says are not to be delivered.
    pub cancelled: i64,
    /// Price of one unit in minor units.
    pub unit_price: Minor,
    /// The units' names, where the channel names them.
    pub units: Vec<UnitKey>,
}

/// What the order costs, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The currency of all amounts.
    pub currency: Currency,
    /// Goods.
    pub goods: Minor,
    /// Shipping, as the buyer is charged.
    pub shipping: Minor,
    /// Insurance and other fees charged to the buyer.
    pub fees: Minor,
    /// Discounts and vouchers, as a positive amount.
    pub discount: Minor,
    /// What the buyer pays.
    pub total: Minor,
}

/// What is on the order's head.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Head {
    /// The channel's invoice number, if it has one besides the order id.
    pub channel_invoice: Option<String>,
    /// When the order was placed.
    pub ordered_at: Option<Time>,
    /// By when it must be shipped.
    pub ship_by: Option<Time>,
    /// By when it must be accepted.
    pub accept_by: Option<Time>,
    /// The channel's id of the warehouse it is to leave from.
    pub channel_warehouse: Option<String>,
    /// The courier.
    pub carrier: Option<String>,
    /// The courier's service.
    pub service: Option<String>,
    /// Whether the courier collects the money.
    pub cash_on_delivery: bool,
    /// The buyer's request to cancel, while it is open.
    pub cancel_requested: bool,
}

/// The channel's name of a package; channels with one package an order use the order's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageKey(pub Arc<str>);

/// A parcel as the channel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Package {
    /// Its name at the channel.
    pub key: PackageKey,
    /// The carrier.
    pub carrier: String,
    /// The booking code that a courier's counter scans; never the AWB.
    pub booking_code: Option<String>,
    /// The courier's tracking number.
    pub awb: Option<String>,
    /// What is in it: line and quantity.
    pub lines: Vec<(LineKey, i64)>,
}

/// Who bought and where it goes. Never printed by `Debug`; stored sealed, away from the order.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Buyer {
    /// The buyer's or receiver's name.
    pub name: String,
    /// Phone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// Street address.
    pub address: String,
    /// District.
    pub district: String,
    /// City.
    pub city: String,
    /// Province.
    pub province: String,
    /// Postal code.
    pub postal_code: String,
    /// The buyer's note.
    pub note: String,
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buyer(…)")
    }
}

/// One look at an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The lines, all of them.
    pub lines: Option<Part<Vec<Line>>>,
    /// The money.
    pub money: Option<Part<Money>>,
    /// The head.
    pub head: Option<Part<Head>>,
    /// The name it was sold under, where the channel has several. A part of its own: a look at the head
    /// that does not tell it takes nothing away.
    pub sub_platform: Option<Part<SubPlatform>>,
    /// The packages that the look showed.
    pub packages: Vec<Part<Package>>,
    /// The buyer.
    pub buyer: Option<Part<Buyer>>,
}

/// The parts of an order that are known, but for the buyer, who is stored apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The lines.
    pub lines: Option<Part<Vec<Line>>>,
    /// The money.
    pub money: Option<Part<Money>>,
    /// The head.
    pub head: Option<Part<Head>>,
    /// The name it was sold under.
    pub sub_platform: Option<Part<SubPlatform>>,
    /// The packages, by key.
    pub packages: Vec<Part<Package>>,
}

impl Parts {
    /// Takes what is newer in a look; says whether anything was.
    pub fn take(&mut self, seen: Snapshot) -> bool {
        let mut changed = merge(&mut self.lines, seen.lines);
        changed |= merge(&mut self.money, seen.money);
        changed |= merge(&mut self.head, seen.head);
        changed |= merge(&mut self.sub_platform, seen.sub_platform);
        for package in seen.packages {
            changed |= self.take_package(package);
        }
        changed
    }

    fn take_package(&mut self, seen: Part<Package>) -> bool {
        let same = |known: &&mut Part<Package>| known.content.key == seen.content.key;
        match self.packages.iter_mut().find(same) {
            Some(known) if known.stamp >= seen.stamp => false,
            Some(known) => {
                *known = seen;
                true
            }
            None => {
                self.packages.push(seen);
                self.packages.sort_by(|a, b| a.content.key.cmp(&b.content.key));
                true
            }
        }
    }
}

impl<T: std::hash::Hash> Part<T> {
    /// A part that was seen now, with the stamp of its content.
    #[must_use]
    pub fn seen(content: T, full: bool, updated_at: Option<Time>, fetched: bool) -> Self {
        let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
        content.hash(&mut hasher);
        let hash = std::hash::Hasher::finish(&hasher);
        Self { stamp: Stamp { full, updated_at, fetched, hash }, content }
    }
}

/// FNV-1a: the same in every build and on every machine, which the standard hasher does not promise.
struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
