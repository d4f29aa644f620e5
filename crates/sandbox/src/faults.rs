//! Faults: what goes wrong between a channel and those who call it, on purpose and repeatably.
//!
//! Each (shop, fault) draws from its own stream of the seed: the n-th chance of a fault at a shop
//! comes out the same whatever else happens in between.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::lock;

/// The shop number under which the profile of every shop without its own is kept.
pub(crate) const EVERY_SHOP: i64 = 0;

/// One kind of fault; the names are those of the control API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    WebhookDuplicate,
    WebhookReorder,
    WebhookDelay,
    WebhookDrop,
    WebhookCoalesce,
    WebhookSameId,
    RateLimited,
    RateLimitedBare,
    ServerError,
    ServerErrorAfter,
    ConnectDrop,
    TimeoutBefore,
    TimeoutAfter,
    CutBody,
    HtmlBody,
    RowError,
    TokenExpiry,
    ClockSkew,
    StaleRead,
    PageDrift,
    ListLag,
}

impl Fault {
    /// Every fault, in the order of the page and the documentation.
    pub(crate) const ALL: [Self; 21] = [
        Self::WebhookDuplicate,
        Self::WebhookReorder,
        Self::WebhookDelay,
        Self::WebhookDrop,
        Self::WebhookCoalesce,
        Self::WebhookSameId,
        Self::RateLimited,
        Self::RateLimitedBare,
        Self::ServerError,
        Self::ServerErrorAfter,
        Self::ConnectDrop,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::CutBody,
        Self::HtmlBody,
        Self::RowError,
        Self::TokenExpiry,
        Self::ClockSkew,
        Self::StaleRead,
        Self::PageDrift,
        Self::ListLag,
    ];

    /// The fault's name in the control API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WebhookDuplicate => "webhook_duplicate",
            Self::WebhookReorder => "webhook_reorder",
            Self::WebhookDelay => "webhook_delay",
            Self::WebhookDrop => "webhook_drop",
            Self::WebhookCoalesce => "webhook_coalesce",
            Self::WebhookSameId => "webhook_same_id",
            Self::RateLimited => "rate_limited",
            Self::RateLimitedBare => "rate_limited_bare",
            Self::ServerError => "server_error",
            Self::ServerErrorAfter => "server_error_after",
            Self::ConnectDrop => "connect_drop",
            Self::TimeoutBefore => "timeout_before",
            Self::TimeoutAfter => "timeout_after",
            Self::CutBody => "cut_body",
            Self::HtmlBody => "html_body",
            Self::RowError => "row_error",
            Self::TokenExpiry => "token_expiry",
            Self::ClockSkew => "clock_skew",
            Self::StaleRead => "stale_read",
            Self::PageDrift => "page_drift",
            Self::ListLag => "list_lag",
        }
    }
}

/// What goes wrong at one shop, and how often.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Profile {
    /// Chance of each fault each time it could happen, 0 to 1; a fault not named never happens.
    pub(crate) probability: BTreeMap<Fault, f64>,
    /// How often each fault may fire at most; a fault not named has no limit.
    pub(crate) limit: BTreeMap<Fault, u64>,
    /// How many chances of each fault pass before it may fire, counted from when the profile is set.
    pub(crate) skip: BTreeMap<Fault, u64>,
    /// How long a delayed webhook waits, in sandbox seconds.
    pub(crate) webhook_delay_seconds: u32,
    /// How long a webhook is held so that later ones overtake it, in sandbox seconds.
    pub(crate) webhook_reorder_seconds: u32,
    /// How long a webhook is held so that a later one of its order may replace it, in sandbox seconds.
    pub(crate) webhook_coalesce_seconds: u32,
    /// How long a read time-out holds the connection, in real milliseconds.
    pub(crate) timeout_ms: u64,
    /// How long `rate_limited` asks to be left alone, in sandbox seconds.
    pub(crate) rate_limited_seconds: u32,
    /// How long an order that lags is missing from the lists, in sandbox seconds after it was placed.
    pub(crate) list_lag_seconds: u32,
    /// How far the channel's times of this shop are off, in seconds; 0 is no skew.
    pub(crate) clock_skew_seconds: i32,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            probability: BTreeMap::new(),
            limit: BTreeMap::new(),
            skip: BTreeMap::new(),
            webhook_delay_seconds: 30,
            webhook_reorder_seconds: 3,
            webhook_coalesce_seconds: 2,
            timeout_ms: 30_000,
            rate_limited_seconds: 1,
            list_lag_seconds: 120,
            clock_skew_seconds: 0,
        }
    }
}

impl Profile {
    /// The name of a fault whose chance is not between 0 and 1, if there is one.
    pub(crate) fn out_of_range(&self) -> Option<&'static str> {
        let wrong = self.probability.iter().find(|(_, chance)| !(0.0..=1.0).contains(*chance))?;
        Some(wrong.0.name())
    }
}

/// The profiles of all shops, and how often each fault fired.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    profiles: HashMap<i64, Profile>,
    streams: HashMap<(i64, Fault), StdRng>,
    fired: BTreeMap<(i64, Fault), u64>,
    passed: HashMap<(i64, Fault), u64>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, state: Mutex::new(State::default()) }
    }

    /// Replaces a shop's profile; counts of what fired stay.
    pub(crate) fn set(&self, shop_id: i64, profile: Profile) {
        let mut state = lock(&self.state);
        state.passed.retain(|(shop, _), _| shop_id != EVERY_SHOP && *shop != shop_id);
        state.profiles.insert(shop_id, profile);
    }

    /// Asks whoever made a call to leave its endpoint alone, for so many sandbox seconds.
    pub(crate) fn ban(&self, call: &mut Call) -> u32 {
        let seconds = self.profile(call.shop_id).rate_limited_seconds;
        call.wait_us = i64::from(seconds) * SECOND_US;
        seconds
    }

    /// The profile a shop lives under.
    pub(crate) fn profile(&self, shop_id: i64) -> Profile {
        profile(&lock(&self.state), shop_id).cloned().unwrap_or_default()
    }

    /// Does this fault happen now, at this shop? Counts it when it does.
    pub(crate) fn fires(&self, shop_id: i64, fault: Fault) -> bool {
        let mut state = lock(&self.state);
        let Some(found) = profile(&state, shop_id) else { return false };
        let chance = found.probability.get(&fault).copied().unwrap_or(0.0);
        let limit = found.limit.get(&fault).copied().unwrap_or(u64::MAX);
        let skip = found.skip.get(&fault).copied().unwrap_or(0);
        if chance > 0.0 && skip > 0 {
            let passed = state.passed.entry((shop_id, fault)).or_default();
            *passed += 1;
            if *passed <= skip {
                return false;
            }
        }
        if chance <= 0.0 || state.fired.get(&(shop_id, fault)).copied().unwrap_or(0) >= limit {
            return false;
        }
        let seed = self.seed;
        let stream = state
            .streams
            .entry((shop_id, fault))
            .or_insert_with(|| StdRng::seed_from_u64(mix(seed, shop_id, fault)));
        if stream.random::<f64>() >= chance {
            return false;
        }
        *state.fired.entry((shop_id, fault)).or_default() += 1;
        true
    }

    /// By how much the shop's channel clock is off now, in microseconds; counts a skew.
    pub(crate) fn skew_us(&self, shop_id: i64) -> i64 {
        let mut state = lock(&self.state);
        let seconds = profile(&state, shop_id).map_or(0, |found| found.clock_skew_seconds);
        if seconds != 0 {
            *state.fired.entry((shop_id, Fault::ClockSkew)).or_default() += 1;
        }
        i64::from(seconds) * crate::clock::SECOND_US
    }

    /// How often each fault fired, over all shops; every fault is named.
    pub(crate) fn fired(&self) -> BTreeMap<&'static str, u64> {
        let state = lock(&self.state);
        let mut sums: BTreeMap<_, _> = Fault::ALL.iter().map(|fault| (fault.name(), 0)).collect();
        for ((_, fault), times) in &state.fired {
            *sums.entry(fault.name()).or_default() += times;
        }
        sums
    }

    /// The shops that have a profile of their own, with it.
    pub(crate) fn profiles(&self) -> BTreeMap<i64, Profile> {
        lock(&self.state).profiles.iter().map(|(shop, found)| (*shop, found.clone())).collect()
    }
}

fn profile(state: &State, shop_id: i64) -> Option<&Profile> {
    state.profiles.get(&shop_id).or_else(|| state.profiles.get(&EVERY_SHOP))
}

/// A seed for one (shop, fault): FNV-1a over the three.
fn mix(seed: u64, shop_id: i64, fault: Fault) -> u64 {
    let words = [seed.to_le_bytes(), shop_id.to_le_bytes()];
    let bytes = words.iter().flatten().chain(fault.name().as_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, between: bool) -> Vec<bool> {
        let faults = Faults::new(seed);
        let mut profile = Profile::default();
        profile.probability.insert(Fault::ServerError, 0.5);
        profile.probability.insert(Fault::CutBody, 0.5);
        faults.set(7, profile);
        let draw = |_| {
            if between {
                faults.fires(7, Fault::CutBody);
            }
            faults.fires(7, Fault::ServerError)
        };
        (0..64).map(draw).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_whatever_else_is_drawn() {
        assert_eq!(run(1, false), run(1, true));
        assert_ne!(run(1, false), run(2, false));
        assert!(run(1, false).contains(&true) && run(1, false).contains(&false));
    }

    #[test]
    fn a_limit_stops_a_fault_and_the_count_says_how_often_it_fired() {
        let faults = Faults::new(3);
        let mut profile = Profile::default();
        profile.probability.insert(Fault::ServerError, 1.0);
        profile.limit.insert(Fault::ServerError, 2);
        faults.set(EVERY_SHOP, profile);
        let fired = (0..5).filter(|_| faults.fires(9, Fault::ServerError)).count();
        assert_eq!(fired, 2);
        assert_eq!(faults.fired()["server_error"], 2);
        assert_eq!(faults.fired()["cut_body"], 0);
    }

    #[test]
    fn the_first_chances_pass_where_they_are_to_be_skipped() {
        let faults = Faults::new(3);
        let mut profile = Profile::default();
        profile.probability.insert(Fault::CutBody, 1.0);
        profile.skip.insert(Fault::CutBody, 2);
        faults.set(EVERY_SHOP, profile.clone());
        let fired: Vec<bool> = (0..4).map(|_| faults.fires(9, Fault::CutBody)).collect();
        assert_eq!(fired, [false, false, true, true]);
        faults.set(EVERY_SHOP, profile);
        assert!(!faults.fires(9, Fault::CutBody), "counted anew");
    }

    #[test]
    fn every_fault_has_the_name_it_is_read_by() {
        for fault in Fault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
        }
    }
}
