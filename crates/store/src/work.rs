//! Work that is wanted: marks, leases and tasks.

use dermaga_domain::term::Mode;
use dermaga_domain::time::Time;

/// Orders whose details are to be fetched; the scope is the shop, the subject the channel's order id.
pub const FETCH: &str = "fetch";
/// Orders to judge again; the subject is the order's id.
pub const JUDGE: &str = "judge";
/// SKUs whose shorts are to be filled; the subject is the SKU's id.
pub const FILL: &str = "fill";

/// The set of modes that a message or a mark serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes(i64);

impl Modes {
    /// Heard by itself.
    pub const REALTIME: Self = Self(1);
    /// A person asked.
    pub const DOWNLOAD: Self = Self(2);

    /// From stored bits; others than those known are dropped.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits & 3)
    }

    /// As stored.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The modes.
    pub fn iter(self) -> impl Iterator<Item = Mode> {
        let realtime = (self.0 & 1 != 0).then_some(Mode::Realtime);
        let download = (self.0 & 2 != 0).then_some(Mode::Download);
        realtime.into_iter().chain(download)
    }
}

/// A mark of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The kind of work.
    pub kind: &'static str,
    /// The shop, or 0.
    pub scope: i64,
    /// What it is about.
    pub subject: String,
    /// In which modes it was asked.
    pub modes: Modes,
    /// Not before.
    pub due_at: Time,
}
