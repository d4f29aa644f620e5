//! Bugs that are there on purpose, in builds with the feature `planted` only.
//!
//! Torture that is green must be red with each of them: a proof that cannot fail proves nothing. Each
//! sits where somebody would make it, behind one `if`, which a build without the feature leaves out.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A bug that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A webhook is answered before it is kept.
    AckBeforeCommit,
    /// Webhooks with one delivery id are taken for one.
    DedupeByDeliveryId,
    /// A pull begins where the one before it ended.
    CursorWithoutOverlap,
    /// A voided document keeps what it holds.
    VoidWithoutRelease,
    /// A line of which a part was cancelled counts as cancelled whole.
    PartialCancelAsFull,
    /// Whatever is heard releases what only a download should.
    ModeIgnored,
    /// Units that came free are given to nobody who is short.
    FillSwallowed,
    /// A command whose outcome is not known is sent again without a look at the order.
    RetryWithoutRead,
    /// A channel is told of its own sale.
    PushBackOwnSale,
}

impl Bug {
    /// Every bug.
    pub const ALL: [Self; 9] = [
        Self::AckBeforeCommit,
        Self::DedupeByDeliveryId,
        Self::CursorWithoutOverlap,
        Self::VoidWithoutRelease,
        Self::PartialCancelAsFull,
        Self::ModeIgnored,
        Self::FillSwallowed,
        Self::RetryWithoutRead,
        Self::PushBackOwnSale,
    ];

    /// The name by which it is asked for.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AckBeforeCommit => "ack_before_commit",
            Self::DedupeByDeliveryId => "dedupe_by_delivery_id",
            Self::CursorWithoutOverlap => "cursor_without_overlap",
            Self::VoidWithoutRelease => "void_without_release",
            Self::PartialCancelAsFull => "partial_cancel_as_full",
            Self::ModeIgnored => "mode_ignored",
            Self::FillSwallowed => "fill_swallowed",
            Self::RetryWithoutRead => "retry_without_read",
            Self::PushBackOwnSale => "push_back_own_sale",
        }
    }
}

/// There is no bug of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no bug {0:?}; the bugs are: {names}", names = Names)]
pub struct UnknownBug(String);

struct Names;

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Bug::ALL.map(Bug::as_str).join(", "))
    }
}

impl FromStr for Bug {
    type Err = UnknownBug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|bug| bug.as_str() == text);
        found.ok_or_else(|| UnknownBug(text.to_owned()))
    }
}

/// Whether this build can have bugs planted.
pub const POSSIBLE: bool = cfg!(feature = "planted");

/// The bug of this process: chosen once, at its start.
static CHOSEN: OnceLock<Bug> = OnceLock::new();

/// Plants a bug in this process, for as long as it lives. False when this build has none, or another
/// was planted before.
#[must_use]
pub fn plant(bug: Bug) -> bool {
    POSSIBLE && CHOSEN.set(bug).is_ok()
}

/// Whether a bug is planted: never, in a build without the feature.
#[must_use]
#[inline]
pub fn planted(bug: Bug) -> bool {
    POSSIBLE && CHOSEN.get() == Some(&bug)
}

/// The delivery ids that were heard: what [`Bug::DedupeByDeliveryId`] remembers.
static DELIVERIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Whether a delivery id was heard before; remembers it.
#[must_use]
pub fn heard_before(delivery_id: &str) -> bool {
    let mut heard = DELIVERIES.lock().unwrap_or_else(PoisonError::into_inner);
    let before = heard.iter().any(|known| known == delivery_id);
    if !before {
        heard.push(delivery_id.to_owned());
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_asked_for_by_its_name() {
        for bug in Bug::ALL {
            assert_eq!(bug.as_str().parse(), Ok(bug));
        }
        let unknown = "none".parse::<Bug>().unwrap_err();
        assert!(unknown.to_string().contains("fill_swallowed"), "{unknown}");
    }

    #[test]
    fn a_build_without_the_feature_has_no_bugs() {
        for bug in Bug::ALL {
            assert!(POSSIBLE || (!plant(bug) && !planted(bug)));
        }
    }
}
