//! What one channel's side shares with the generic parts: books, faults, calls, post, clock, chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::Notify;

use crate::Config;
use crate::books::Books;
use crate::calls::Calls;
use crate::channel::Channel;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::lock;
use crate::rates::Buckets;
use crate::webhooks::{Manner, Post};

/// The shared state of one channel.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) name: &'static str,
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) books: Mutex<Books>,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) post: Arc<Post>,
    pub(crate) buckets: Buckets,
    /// Chance for everything that is no fault.
    pub(crate) dice: Mutex<StdRng>,
    timers: Mutex<Timers>,
    wake: Notify,
}

/// What the channel does by itself: (when, number) -> (order, status it must still have).
#[derive(Debug, Default)]
struct Timers {
    next: u64,
    due: BTreeMap<(i64, u64), (String, String)>,
}

impl Desk {
    pub(crate) fn new(name: &'static str, config: Arc<Config>, clock: Clock) -> Self {
        let manner = Manner {
            retry_seconds: config.webhook_retry_seconds.clone(),
            timeout_ms: config.webhook_timeout_ms,
            kept_max: config.sizes.webhooks_kept,
        };
        Self {
            name,
            books: Mutex::default(),
            faults: Faults::new(config.seed),
            calls: Calls::new(config.sizes.calls_kept),
            post: Arc::new(Post::new(clock.clone(), manner)),
            buckets: Buckets::default(),
            dice: Mutex::new(StdRng::seed_from_u64(config.seed)),
            timers: Mutex::default(),
            wake: Notify::new(),
            clock,
            config,
        }
    }

    /// Now, by the clock that this shop's channel shows (a skew fault moves it).
    pub(crate) fn shop_now_us(&self, shop_id: i64) -> i64 {
        self.clock.now_us() + self.faults.skew_us(shop_id)
    }

    /// Lets the channel look at an order again at `at_us`, if it then still has that status.
    pub(crate) fn remind(&self, at_us: i64, order_id: &str, status: &str) {
        if !self.config.auto_transitions {
            return;
        }
        let mut timers = lock(&self.timers);
        timers.next += 1;
        let key = (at_us, timers.next);
        timers.due.insert(key, (order_id.to_owned(), status.to_owned()));
        drop(timers);
        self.wake.notify_one();
    }

    fn take_reminder(&self) -> Result<(String, String), Option<i64>> {
        let mut timers = lock(&self.timers);
        let Some((&(at_us, number), _)) = timers.due.first_key_value() else { return Err(None) };
        if at_us > self.clock.now_us() {
            return Err(Some(at_us));
        }
        timers.due.remove(&(at_us, number)).ok_or(None)
    }
}

/// Wakes the channel for its reminders, for ever.
pub(crate) async fn keep_time(channel: Arc<dyn Channel>) {
    let desk = Arc::clone(channel.desk());
    loop {
        let woken = desk.wake.notified();
        match desk.take_reminder() {
            Ok((order_id, status)) => channel.due(&order_id, &status),
            Err(None) => woken.await,
            Err(Some(at_us)) => tokio::select! {
                () = woken => {}
                () = desk.clock.wait_until(at_us) => {}
            },
        }
    }
}
