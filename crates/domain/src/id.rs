//! Typed ids: 63 bits, made by the application, roughly in order of time.
//!
//! An id is for identity, never for "everything since": two nodes make them at once. On screens and
//! in the API it is shown with a prefix of its type (`ord_…`), so that a log line explains itself.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use crate::time::{Clock, Time};

/// Crockford's base 32: no I, L, O or U, so that an id survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 63 bits in groups of five.
const TEXT_LENGTH: usize = 13;

/// A text that is not an id of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not an id of the form {prefix}_…")]
pub struct BadId {
    /// The prefix that was wanted.
    pub prefix: &'static str,
    /// The text that was found.
    pub found: String,
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// The prefix of its text form.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(Self::PREFIX)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| BadId { prefix: Self::PREFIX, found: text.to_owned() })
            }
        }
    )+};
}

ids! {
    /// One business using the hub.
    OrgId = "org",
    /// A person who can log in.
    AccountId = "acc",
    /// An app's credentials at a channel.
    ConnectionId = "con",
    /// One seller account on a channel.
    ShopId = "shp",
    /// A raw message of the inbox.
    MessageId = "msg",
    /// An order.
    OrderId = "ord",
    /// A line of an order.
    LineId = "lin",
    /// A fact about an order.
    FactId = "fct",
    /// A document: sales order or invoice, delivery, payment.
    DocumentId = "doc",
    /// A parcel.
    PackageId = "pkg",
    /// A stock-keeping unit.
    SkuId = "sku",
    /// A warehouse.
    WarehouseId = "whs",
    /// A SKU as offered in one shop.
    ListingId = "lst",
    /// What one order line wants and has of one SKU in one warehouse.
    HoldingId = "hld",
    /// A line of the stock ledger.
    MovementId = "mov",
    /// An entry of the transmit log.
    ExchangeId = "exc",
    /// A piece of background work.
    JobId = "job",
    /// An instruction to a channel.
    CommandId = "cmd",
    /// Commands that were given together.
    BatchId = "bat",
    /// Orders that a person asked to be read.
    DownloadId = "dwn",
    /// A saved version of a shop's flow.
    FlowVersionId = "flw",
    /// A recorded act of a person.
    ActId = "act",
    /// An oversell incident.
    IncidentId = "inc",
    /// An attention that is not of one order.
    NoticeId = "ntc",
    /// A key of the API.
    ApiKeyId = "key",
    /// Somebody's log-in at one browser.
    SessionId = "ses",
    /// A line of who did what.
    AuditId = "aud",
}

fn encode(value: i64) -> String {
    let mut rest = value.cast_unsigned();
    let mut text = [b'0'; TEXT_LENGTH];
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn decode(text: &str) -> Option<i64> {
    if text.len() != TEXT_LENGTH {
        return None;
    }
    let mut value: u64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|&letter| letter == byte.to_ascii_lowercase())?;
        value = value.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)?;
    }
    i64::try_from(value).ok()
}

/// Start of the ids' clock: 2025-01-01T00:00:00Z, in milliseconds since the epoch.
const ID_EPOCH_MS: i64 = 1_735_689_600_000;
/// Bits of the number of the node that makes the id.
const NODE_BITS: u32 = 10;
/// Bits of the counter within a millisecond.
const COUNTER_BITS: u32 = 12;
/// One more than the largest node number.
pub const NODES_MAX: i64 = 1 << NODE_BITS;

/// The smallest id that can be made at a time: every id made before it is smaller, up to the
/// millisecond and to how far clocks were put back.
#[must_use]
pub const fn first_at(time: Time) -> i64 {
    let ms = time.0.div_euclid(1_000) - ID_EPOCH_MS;
    let ms = if ms < 0 { 0 } else { ms };
    ms << (NODE_BITS + COUNTER_BITS)
}

/// Makes ids: 41 bits of milliseconds, 10 of the node, 12 of a counter.
///
/// Never gives the same id twice, even when the clock goes back: it then goes on from the last one.
#[derive(Debug)]
pub struct IdMaker {
    node: i64,
    /// Milliseconds and counter of the last id, as one number.
    last: Mutex<i64>,
}

impl IdMaker {
    /// A maker for this node. Two makers that run at the same time need different node numbers.
    #[must_use]
    pub fn new(node: i64) -> Self {
        Self { node: node.rem_euclid(NODES_MAX), last: Mutex::new(0) }
    }

    /// The next id.
    pub fn next(&self, now: Time) -> i64 {
        let wanted = (now.0 / 1_000 - ID_EPOCH_MS).max(0) << COUNTER_BITS;
        let tick = {
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *last = wanted.max(*last + 1);
            *last
        };
        let (ms, counter) = (tick >> COUNTER_BITS, tick & ((1 << COUNTER_BITS) - 1));
        (ms << (NODE_BITS + COUNTER_BITS)) | (self.node << COUNTER_BITS) | counter
    }

    /// The next id at the clock's present.
    pub fn at(&self, clock: &dyn Clock) -> i64 {
        self.next(clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for value in [0, 1, 31, 32, i64::MAX, 7_412_345_678_901_234] {
            let id = OrderId(value);
            assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
        }
        assert!("inv_0000000000001".parse::<OrderId>().is_err());
        assert!("ord_000000000000u".parse::<OrderId>().is_err());
        assert!("ord_zzzzzzzzzzzzz".parse::<OrderId>().is_err());
    }

    #[test]
    fn ids_are_unique_and_rise_even_when_the_clock_falls() {
        let maker = IdMaker::new(3);
        let mut last = -1;
        for ms in [5_000, 5_000, 5_000, 4_000, 5_001] {
            let id = maker.next(Time((ID_EPOCH_MS + ms) * 1_000));
            assert!(id > last);
            last = id;
        }
    }

    #[test]
    fn the_first_id_of_a_time_parts_earlier_from_later_ones() {
        let at = |ms: i64| Time((ID_EPOCH_MS + ms) * 1_000);
        for node in [0, NODES_MAX - 1] {
            let maker = IdMaker::new(node);
            assert!(maker.next(at(41)) < first_at(at(42)));
            assert!(maker.next(at(42)) >= first_at(at(42)));
        }
        assert_eq!(first_at(Time(i64::MIN)), 0);
    }

    #[test]
    fn nodes_never_make_the_same_id() {
        let now = Time((ID_EPOCH_MS + 9) * 1_000);
        assert_ne!(IdMaker::new(1).next(now), IdMaker::new(2).next(now));
    }
}
