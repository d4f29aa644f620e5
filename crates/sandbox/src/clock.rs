//! The sandbox's clock: real time, scaled and moved forward on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Microseconds in one second.
pub(crate) const SECOND_US: i64 = 1_000_000;

/// A handle on the sandbox's clock; clones share one clock.
///
/// Time is UTC epoch microseconds. It runs `speed` times as fast as real time
/// and jumps ahead when [`Clock::advance`] is called, never back.
#[derive(Clone, Debug)]
pub struct Clock {
    face: Arc<Face>,
}

#[derive(Debug)]
struct Face {
    start_us: i64,
    begun: Instant,
    speed: u32,
    advanced_us: AtomicI64,
    moved: watch::Sender<()>,
}

impl Clock {
    /// A clock that shows `start_us` now and runs `speed` times as fast as real time; 0 stands still.
    #[must_use]
    pub fn new(start_us: i64, speed: u32) -> Self {
        let face = Face {
            start_us,
            begun: Instant::now(),
            speed,
            advanced_us: AtomicI64::new(0),
            moved: watch::Sender::new(()),
        };
        Self { face: Arc::new(face) }
    }

    /// Now, in UTC epoch microseconds.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        let real_us = i64::try_from(self.face.begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        let scaled_us = real_us.saturating_mul(i64::from(self.face.speed));
        let ahead_us = self.face.advanced_us.load(Ordering::Acquire);
        self.face.start_us.saturating_add(scaled_us).saturating_add(ahead_us)
    }

    /// How many times faster than real time the clock runs.
    #[must_use]
    pub fn speed(&self) -> u32 {
        self.face.speed
    }

    /// Moves the clock ahead at once and wakes everything that waits on it.
    pub fn advance(&self, seconds: u32) {
        let step_us = i64::from(seconds) * SECOND_US;
        self.face.advanced_us.fetch_add(step_us, Ordering::AcqRel);
        self.face.moved.send_replace(());
    }

    /// Returns once the clock shows `at_us` or later.
    pub async fn wait_until(&self, at_us: i64) {
        let mut moved = self.face.moved.subscribe();
        loop {
            let left_us = at_us.saturating_sub(self.now_us());
            if left_us <= 0 {
                return;
            }
            let real = (self.speed() > 0).then(|| {
                let us = left_us / i64::from(self.speed()) + 1;
                Duration::from_micros(u64::try_from(us).unwrap_or(0))
            });
            tokio::select! {
                () = rest(real) => {}
                // The sender lives in `self`, so this never fails while we wait.
                _ = moved.changed() => {}
            }
        }
    }
}

/// Sleeps for a real duration, or for ever when the clock stands still.
async fn rest(real: Option<Duration>) {
    match real {
        Some(real) => tokio::time::sleep(real).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_advanced() {
        let clock = Clock::new(1_000, 0);
        assert_eq!(clock.now_us(), 1_000);
        clock.advance(2);
        assert_eq!(clock.now_us(), 2_001_000);
    }

    #[tokio::test]
    async fn an_advance_wakes_the_waiting() {
        let clock = Clock::new(0, 0);
        let waiting = clock.clone();
        let waiter = tokio::spawn(async move { waiting.wait_until(60 * SECOND_US).await });
        clock.advance(61);
        waiter.await.unwrap();
        assert!(clock.now_us() >= 60 * SECOND_US);
    }

    #[tokio::test]
    async fn a_fast_clock_is_waited_for_in_real_time() {
        let clock = Clock::new(0, 100_000);
        clock.wait_until(SECOND_US).await;
        assert!(clock.now_us() >= SECOND_US);
    }
}
