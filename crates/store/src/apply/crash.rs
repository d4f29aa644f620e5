//! Crash points: places inside a batch's transaction where a proof takes the process away.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::Store;

/// A place inside the transaction of [`Store::apply`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// The orders that are known are locked, their new facts are in, and everything is loaded.
    Heard,
    /// The levels are locked and every line is settled; nothing of that is written yet.
    Settled,
    /// Everything is written; the commit is next.
    Written,
}

impl CrashPoint {
    /// All of them, in the order in which a batch comes by.
    pub const ALL: [Self; 3] = [Self::Heard, Self::Settled, Self::Written];
}

/// Where a store stops, and whom it tells.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    at: CrashPoint,
    reached: Arc<Notify>,
}

impl Store {
    /// The same store, but its batches come to this point and no further: each holds its transaction
    /// until the process is gone, or the runtime that stands for one in a proof. It says so when one
    /// is there. Nothing but a proof asks for it.
    #[must_use]
    pub fn stopping_at(&self, point: CrashPoint) -> (Self, Arc<Notify>) {
        let reached = Arc::new(Notify::new());
        let stop = Stop { at: point, reached: Arc::clone(&reached) };
        (Self { stop: Some(stop), ..self.clone() }, reached)
    }

    /// A batch comes by a point.
    pub(super) async fn passes(&self, point: CrashPoint) {
        if let Some(stop) = self.stop.as_ref().filter(|stop| stop.at == point) {
            stop.reached.notify_one();
            std::future::pending::<()>().await;
        }
    }
}
