//! The channels' side of the wire: a sandbox with its own books, faults and control API.
//!
//! It is written from the channels' documents and shares no code with the clients that are tried
//! against it. Each channel answers on its own port with the real host's paths, over plain HTTP; a
//! control API and a small page act as buyer, courier and seller centre.

mod books;
mod calls;
mod channel;
mod clock;
mod control;
mod desk;
mod faults;
mod invented;
mod lazada;
mod page;
mod rates;
mod serve;
mod shopee;
mod stream;
mod tiktok;
mod tls;
mod tokopedia;
mod webhooks;
mod woocommerce;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::Channel;
pub use crate::clock::Clock;
use crate::control::Control;
use crate::desk::Desk;
use crate::serve::{Answer, Handler, Request};

/// A channel's name and how its side is opened.
type Entry = (&'static str, fn(Desk) -> Arc<dyn Channel>);

/// Every channel the sandbox plays: one line each.
const REGISTRY: [Entry; 5] = [
    (lazada::NAME, lazada::open),
    (shopee::NAME, shopee::open),
    (tiktok::NAME, tiktok::open),
    (tokopedia::NAME, tokopedia::open),
    (woocommerce::NAME, woocommerce::open),
];

/// Which rate limits the channels keep.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rates {
    /// Those of the channels' documents.
    #[default]
    Documented,
    /// Those, so many times over: what a channel grants a busy app.
    Times(u16),
    /// None, for benchmarks.
    Lifted,
}

/// How much the sandbox remembers for reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sizes {
    /// Calls kept per channel; older ones are forgotten.
    pub calls_kept: usize,
    /// Webhooks kept per channel; older finished ones are forgotten.
    pub webhooks_kept: usize,
}

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Everything random comes from it.
    pub seed: u64,
    /// Where the control API and the page answer; port 0 takes a free one.
    pub control_addr: SocketAddr,
    /// Where a channel answers, by its name; a free port of the loopback if it is left out.
    pub channel_addrs: BTreeMap<String, SocketAddr>,
    /// What the clock shows at the start, in UTC epoch microseconds.
    pub clock_start_us: i64,
    /// How many times faster than real time the clock runs; 0 stands still.
    pub clock_speed: u32,
    /// The rate limits in force.
    pub rates: Rates,
    /// Whether lists and details answer for orders that are not paid yet; the documents leave it open.
    pub lists_early_statuses: bool,
    /// Whether the channel moves orders by itself when a deadline passes.
    pub auto_transitions: bool,
    /// How long a token lives, in sandbox seconds.
    pub token_seconds: u32,
    /// How long a webhook waits before each further try, in sandbox seconds.
    pub webhook_retry_seconds: Vec<u32>,
    /// How long a webhook's answer may take, in real milliseconds.
    pub webhook_timeout_ms: u64,
    /// How much is remembered.
    pub sizes: Sizes,
}

/// 2026-11-20 09:00 in Jakarta, the clock's start when nothing else is said.
const CLOCK_START_US: i64 = 1_795_140_000_000_000;

impl Default for Config {
    fn default() -> Self {
        let free = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            seed: 1,
            control_addr: free,
            channel_addrs: BTreeMap::new(),
            clock_start_us: CLOCK_START_US,
            clock_speed: 1,
            rates: Rates::Documented,
            lists_early_statuses: false,
            auto_transitions: true,
            token_seconds: 2_592_000,
            webhook_retry_seconds: vec![5, 30, 120, 600, 3_600],
            webhook_timeout_ms: 5_000,
            sizes: Sizes { calls_kept: 10_000, webhooks_kept: 20_000 },
        }
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address can not be bound.
    #[error("the sandbox can not listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The configuration names a channel the sandbox does not play.
    #[error("the sandbox has no channel {0:?}")]
    UnknownChannel(String),
}

/// A running sandbox; it ends with [`Sandbox::stop`], or with its tasks when dropped.
#[derive(Debug)]
pub struct Sandbox {
    clock: Clock,
    control: Arc<Control>,
    control_addr: SocketAddr,
    addrs: BTreeMap<&'static str, SocketAddr>,
    /// Where channels answer over TLS too.
    secure_addrs: BTreeMap<&'static str, SocketAddr>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Sandbox {
    /// Opens the books and binds every port.
    ///
    /// # Errors
    /// Fails when an address can not be bound or the configuration names an unknown channel.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let known = |name: &String| REGISTRY.iter().any(|(entry, _)| entry == name);
        if let Some(name) = config.channel_addrs.keys().find(|name| !known(name)) {
            return Err(Error::UnknownChannel(name.clone()));
        }
        let config = Arc::new(config);
        let clock = Clock::new(config.clock_start_us, config.clock_speed);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let guard = stop.clone().drop_guard();
        let (mut channels, mut addrs) = (BTreeMap::new(), BTreeMap::new());
        let mut secure_addrs = BTreeMap::new();
        for (name, open) in REGISTRY {
            let channel = open(Desk::new(name, Arc::clone(&config), clock.clone()));
            let free = SocketAddr::new(config.control_addr.ip(), 0);
            let addr = config.channel_addrs.get(name).copied().unwrap_or(free);
            let port = Arc::new(Port(Arc::clone(&channel)));
            addrs.insert(name, listen(addr, Arc::<Port>::clone(&port), None, &tasks, &stop).await?);
            if let Some(tls) = channel.is_otherwise_over_tls().then(tls::acceptor).flatten() {
                secure_addrs.insert(name, listen(free, port, Some(tls), &tasks, &stop).await?);
            }
            channel.desk().post.start(&tasks, &stop);
            let (keeper, ended) = (desk::keep_time(Arc::clone(&channel)), stop.clone());
            tasks.spawn(async move {
                tokio::select! { () = ended.cancelled() => {} () = keeper => {} }
            });
            channels.insert(name, channel);
        }
        let control = Arc::new(Control::new(
            channels,
            (&addrs, &secure_addrs),
            clock.clone(),
            tasks.clone(),
            stop.clone(),
        ));
        let handler: Arc<dyn Handler> = Arc::<Control>::clone(&control);
        let control_addr = listen(config.control_addr, handler, None, &tasks, &stop).await?;
        tracing::info!(sandbox.seed = config.seed, control.addr = %control_addr, "sandbox started");
        guard.disarm();
        Ok(Self { clock, control, control_addr, addrs, secure_addrs, tasks, stop })
    }

    /// Where the control API and the page answer.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control_addr)
    }

    /// Where a channel answers; None if the sandbox does not play it.
    #[must_use]
    pub fn channel_url(&self, channel: &str) -> Option<String> {
        self.addrs.get(channel).map(|addr| format!("http://{addr}"))
    }

    /// Where a channel answers over TLS; None if it is the same there as over plain HTTP.
    #[must_use]
    pub fn secure_channel_url(&self, channel: &str) -> Option<String> {
        self.secure_addrs.get(channel).map(|addr| format!("https://{addr}"))
    }

    /// The authority of the sandbox's certificate, as PEM.
    #[must_use]
    pub fn certificate_authority(&self) -> &'static str {
        tls::AUTHORITY
    }

    /// A handle on the sandbox's clock, for a hub that follows it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// A call of the control API without a socket: HTTP status and JSON answer.
    #[must_use]
    pub fn control(&self, method: &http::Method, target: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let answer = self.control.handle(Request::local(method.clone(), target, body));
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    /// Ends every task and closes every port.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(
    addr: SocketAddr,
    handler: Arc<dyn Handler>,
    tls: Option<tokio_rustls::TlsAcceptor>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<SocketAddr, Error> {
    let bound = serve::listen(addr, handler, tls, tasks, stop.clone()).await;
    bound.map_err(|source| Error::Listen { addr, source })
}

/// A channel's own port.
struct Port(Arc<dyn Channel>);

impl Handler for Port {
    fn handle(&self, request: Request) -> Answer {
        self.0.answer(&request)
    }
}

/// Locks, also after a panic elsewhere: the sandbox's state is only ever changed in whole steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
