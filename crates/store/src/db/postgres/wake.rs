//! Wake-ups between nodes: NOTIFY outside business transactions, coalesced and empty.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// The channel of LISTEN and NOTIFY.
const CHANNEL: &str = "dermaga";

/// Calls of `notify` within this time become one NOTIFY.
const COALESCE: Duration = Duration::from_millis(5);

/// Pause before the listener connects again.
const RECONNECT: Duration = Duration::from_secs(1);

/// Sends and receives wake-ups. Losing one costs only latency.
pub(super) struct Wake {
    send: Arc<Notify>,
    woken: Arc<watch::Sender<u64>>,
    tasks: [JoinHandle<()>; 2],
}

impl Wake {
    pub(super) fn start(pool: PgPool, connect: PgConnectOptions) -> Self {
        let send = Arc::new(Notify::new());
        let woken = Arc::new(watch::channel(0).0);
        let tasks = [
            tokio::spawn(speak(pool, Arc::clone(&send))),
            tokio::spawn(listen(connect, Arc::clone(&woken))),
        ];
        Self { send, woken, tasks }
    }

    /// Wakes this process at once and the other nodes soon.
    pub(super) fn notify(&self) {
        wake(&self.woken);
        self.send.notify_one();
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        let mut receiver = self.woken.subscribe();
        receiver.mark_unchanged();
        receiver
    }

    pub(super) fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.stop();
    }
}

fn wake(woken: &watch::Sender<u64>) {
    woken.send_modify(|count| *count = count.wrapping_add(1));
}

async fn speak(pool: PgPool, send: Arc<Notify>) {
    loop {
        send.notified().await;
        tokio::time::sleep(COALESCE).await;
        if let Err(error) = sqlx::query("NOTIFY dermaga").execute(&pool).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a wake-up was not sent");
        }
    }
}

async fn listen(connect: PgConnectOptions, woken: Arc<watch::Sender<u64>>) {
    loop {
        if let Err(error) = listen_once(connect.clone(), &woken).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "listening was interrupted");
        }
        // What was said meanwhile is lost: look once.
        wake(&woken);
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once(
    connect: PgConnectOptions,
    woken: &watch::Sender<u64>,
) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(connect).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    while listener.try_recv().await?.is_some() {
        wake(woken);
    }
    Ok(())
}
