//! The calls that came in on a channel's port, with their outcome.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde::Serialize;

use crate::lock;

/// One call and what was answered; without headers and bodies.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) at_us: i64,
    pub(crate) method: String,
    pub(crate) target: String,
    /// The channel's endpoint, "unknown" if the path is none.
    pub(crate) endpoint: &'static str,
    /// The shop the call is about, 0 if it names none.
    pub(crate) shop_id: i64,
    /// The order the call is about, "" if it is about none.
    pub(crate) order_id: String,
    /// The channel did what was asked, whatever of its answer arrived; false also where all was so already.
    pub(crate) effect: bool,
    pub(crate) status: u16,
    /// The channel's error code, empty on success.
    pub(crate) error_code: String,
    /// For how long, in sandbox microseconds, the answer asks not to call this endpoint; 0 = it does not.
    pub(crate) wait_us: i64,
    /// From when until when the endpoint was to be left alone as this call came all the same.
    pub(crate) banned_us: Option<(i64, i64)>,
    /// The faults that hit this call.
    pub(crate) faults: Vec<&'static str>,
    pub(crate) took_us: u64,
}

/// The newest calls, and how many there were.
#[derive(Debug)]
pub(crate) struct Calls {
    kept_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    total: u64,
    kept: VecDeque<Call>,
    /// From when until when an endpoint is to be left alone, by its name and the shop.
    bans: HashMap<(&'static str, i64), (i64, i64)>,
}

impl Calls {
    pub(crate) fn new(kept_max: usize) -> Self {
        Self { kept_max, state: Mutex::new(State::default()) }
    }

    /// Records a call, forgetting the oldest over the limit.
    pub(crate) fn record(&self, mut call: Call) {
        let mut state = lock(&self.state);
        state.total += 1;
        call.number = state.total;
        let endpoint = (call.endpoint, call.shop_id);
        call.banned_us =
            state.bans.get(&endpoint).copied().filter(|(_, until_us)| call.at_us < *until_us);
        if call.wait_us > 0 {
            state.bans.insert(endpoint, (call.at_us, call.at_us + call.wait_us));
        }
        if state.kept.len() >= self.kept_max {
            state.kept.pop_front();
        }
        state.kept.push_back(call);
    }

    /// How many calls there were, and the kept ones after `after`, at most `limit`; `banned`: only those
    /// that came while the endpoint was to be left alone.
    pub(crate) fn list(&self, after: u64, limit: usize, banned: bool) -> (u64, Vec<Call>) {
        let state = lock(&self.state);
        let newer = state.kept.iter().filter(|call| call.number > after);
        let newer = newer.filter(|call| !banned || call.banned_us.is_some());
        (state.total, newer.take(limit).cloned().collect())
    }
}
