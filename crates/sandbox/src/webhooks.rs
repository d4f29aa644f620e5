//! The post: webhooks that wait, leave, are answered or not, and are tried again.
//!
//! ```text
//!  send --faults--> due (by sandbox time) --> lane (by order) --> POST --2xx--> delivered
//!                    ^                                             |
//!                    +------ retry schedule, sandbox seconds ------+--> given up
//! ```
//! Webhooks of one order leave in order unless a fault or a retry turns them around.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, SECOND_US};
use crate::faults::{Fault, Faults};
use crate::lock;

/// How many webhooks are on their way at once.
const LANES: usize = 32;

/// Redirections that a courier takes for a yes, without following them.
const REDIRECTIONS_TAKEN: std::ops::RangeInclusive<u16> = 300..=302;

/// The header with a delivery's id. It is not signed, and nothing may rest on it.
const DELIVERY_ID: &str = "x-delivery-id";

/// A channel whose webhooks are written when they leave and are sent once.
pub(crate) trait Courier: Send + Sync + std::fmt::Debug {
    /// What to send; none if there is nothing to be sent any more.
    fn letter(&self, notice: &Delivery) -> Option<Letter>;

    /// What came of it: the HTTP status, 0 if none came.
    fn came(&self, status: u16);
}

/// What a courier sends.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// One message to a subscriber.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// Which subscription it belongs to.
    pub(crate) kind: &'static str,
    pub(crate) shop_id: i64,
    pub(crate) order_id: String,
    pub(crate) status: String,
    /// Where to; None if nobody subscribed.
    pub(crate) url: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// How long it lies in the channel's own queue, in sandbox seconds.
    pub(crate) queued_seconds: u32,
    /// Who writes it when it leaves, and hears what came of it; then it is sent once, and headers and
    /// body are not those of this notice.
    pub(crate) courier: Option<Arc<dyn Courier>>,
}

/// What became of a webhook.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Not sent yet, or to be tried again.
    Waiting,
    /// Answered 2xx.
    Delivered,
    /// The retry schedule is used up.
    GivenUp,
    /// Nobody subscribed.
    NoUrl,
    /// Lost by a fault.
    Dropped,
    /// Replaced by a later one of its order, by a fault.
    Coalesced,
}

/// One try and its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Attempt {
    pub(crate) at_us: i64,
    /// The HTTP status, 0 if none came.
    pub(crate) status: u16,
    /// Why none came; empty otherwise.
    pub(crate) error: String,
}

/// A webhook with its tries.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) kind: &'static str,
    pub(crate) shop_id: i64,
    pub(crate) order_id: String,
    pub(crate) status: String,
    pub(crate) url: Option<String>,
    pub(crate) body_sha256: String,
    pub(crate) created_us: i64,
    pub(crate) due_us: i64,
    pub(crate) outcome: Outcome,
    pub(crate) faults: Vec<&'static str>,
    pub(crate) attempts: Vec<Attempt>,
    /// The id under which it leaves; a fault gives two webhooks the same.
    pub(crate) delivery_id: u64,
    #[serde(skip)]
    headers: Vec<(&'static str, String)>,
    #[serde(skip)]
    body: Bytes,
    #[serde(skip)]
    courier: Option<Arc<dyn Courier>>,
    /// On its way now: neither to be queued again nor to be replaced.
    #[serde(skip)]
    leaving: bool,
}

/// How webhooks are sent.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// Seconds to wait before each further try.
    pub(crate) retry_seconds: Vec<u32>,
    /// How long an answer may take, in real milliseconds.
    pub(crate) timeout_ms: u64,
    /// How many finished webhooks are kept for reading.
    pub(crate) kept_max: usize,
}

/// The post office of one channel.
#[derive(Debug)]
pub(crate) struct Post {
    clock: Clock,
    manner: Manner,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    total: u64,
    deliveries: BTreeMap<u64, Delivery>,
    due: BTreeMap<(i64, u64), ()>,
    /// The held webhook of an (order, kind) that a later one may replace.
    held: HashMap<(String, &'static str), u64>,
    counts: BTreeMap<&'static str, u64>,
    /// The id under which the newest webhook leaves.
    newest_id: u64,
}

impl Post {
    pub(crate) fn new(clock: Clock, manner: Manner) -> Self {
        Self { clock, manner, state: Mutex::new(State::default()), wake: Notify::new() }
    }

    /// Takes a webhook on its way, or to where the shop's faults lead it.
    pub(crate) fn send(&self, notice: &Notice, faults: &Faults) {
        let mut state = lock(&self.state);
        self.post(&mut state, notice, faults, false);
        if notice.url.is_some() && faults.fires(notice.shop_id, Fault::WebhookDuplicate) {
            self.post(&mut state, notice, faults, true);
        }
        drop(state);
        self.wake.notify_one();
    }

    fn post(&self, state: &mut State, notice: &Notice, faults: &Faults, copy: bool) {
        let now_us = self.clock.now_us();
        state.total += 1;
        let number = state.total;
        let mut delivery = Delivery {
            number,
            kind: notice.kind,
            shop_id: notice.shop_id,
            order_id: notice.order_id.clone(),
            status: notice.status.clone(),
            url: notice.url.clone(),
            body_sha256: hex::encode(Sha256::digest(&notice.body)),
            created_us: now_us,
            due_us: now_us + i64::from(notice.queued_seconds) * SECOND_US,
            outcome: Outcome::Waiting,
            faults: Vec::new(),
            attempts: Vec::new(),
            // A repetition of a webhook has its id.
            delivery_id: if copy { state.newest_id } else { number },
            headers: notice.headers.clone(),
            body: notice.body.clone(),
            courier: notice.courier.clone(),
            leaving: false,
        };
        if copy {
            delivery.faults.push(Fault::WebhookDuplicate.name());
        }
        if notice.url.is_none() {
            delivery.outcome = Outcome::NoUrl;
        } else {
            replace_held(state, &delivery, faults);
            hamper(state, &mut delivery, faults);
        }
        if delivery.outcome == Outcome::Waiting {
            state.due.insert((delivery.due_us, number), ());
        } else {
            *state.counts.entry(name(delivery.outcome)).or_default() += 1;
        }
        state.deliveries.insert(number, delivery);
        self.forget_oldest(state);
    }

    fn forget_oldest(&self, state: &mut State) {
        while state.deliveries.len() > self.manner.kept_max {
            let Some(oldest) = state.deliveries.first_entry() else { return };
            if oldest.get().outcome == Outcome::Waiting {
                return;
            }
            oldest.remove();
        }
    }

    /// How many webhooks there were, how many ended how, and the kept ones after `after`.
    pub(crate) fn list(
        &self,
        after: u64,
        limit: usize,
    ) -> (u64, BTreeMap<&'static str, u64>, Vec<Delivery>) {
        let state = lock(&self.state);
        let newer = state.deliveries.range(after.saturating_add(1)..).map(|(_, found)| found);
        let mut counts = state.counts.clone();
        let waiting = state.total - counts.values().sum::<u64>();
        counts.insert("waiting", waiting);
        (state.total, counts, newer.take(limit).cloned().collect())
    }

    /// Starts the tasks that send what is due, until `stop`.
    pub(crate) fn start(self: &Arc<Self>, tasks: &TaskTracker, stop: &CancellationToken) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut lanes = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            let (lane, mut taken) = mpsc::unbounded_channel();
            lanes.push(lane);
            let (post, client) = (Arc::clone(self), client.clone());
            let stop = stop.clone();
            tasks.spawn(async move {
                let work = async {
                    while let Some(number) = taken.recv().await {
                        post.deliver(&client, number).await;
                    }
                };
                tokio::select! { () = stop.cancelled() => {} () = work => {} }
            });
        }
        let (post, stop) = (Arc::clone(self), stop.clone());
        tasks.spawn(async move {
            tokio::select! { () = stop.cancelled() => {} () = post.dispatch(&lanes) => {} }
        });
    }

    /// Moves what is due into its order's lane, for ever.
    async fn dispatch(&self, lanes: &[mpsc::UnboundedSender<u64>]) {
        loop {
            let woken = self.wake.notified();
            let next_us = self.take_due(lanes);
            match next_us {
                Some(at_us) => tokio::select! {
                    () = woken => {}
                    () = self.clock.wait_until(at_us) => {}
                },
                None => woken.await,
            }
        }
    }

    /// Hands over all that is due now; returns when the next one will be.
    fn take_due(&self, lanes: &[mpsc::UnboundedSender<u64>]) -> Option<i64> {
        let now_us = self.clock.now_us();
        let mut state = lock(&self.state);
        while let Some((&(due_us, number), ())) = state.due.first_key_value() {
            if due_us > now_us {
                return Some(due_us);
            }
            state.due.pop_first();
            let Some(delivery) = state.deliveries.get_mut(&number) else { continue };
            delivery.leaving = true;
            let lane = lane_of(&delivery.order_id, lanes.len());
            let key = (delivery.order_id.clone(), delivery.kind);
            if state.held.get(&key) == Some(&number) {
                state.held.remove(&key);
            }
            if lanes.get(lane).is_some_and(|lane| lane.send(number).is_err()) {
                tracing::debug!(webhook.number = number, "the sandbox is stopping");
            }
        }
        None
    }

    async fn deliver(&self, client: &Client<HttpConnector, Full<Bytes>>, number: u64) {
        let Some(delivery) = lock(&self.state).deliveries.get(&number).cloned() else { return };
        // Written outside of our lock: the writer reads books that are held while things are sent.
        let letter = delivery.courier.as_ref().map(|courier| courier.letter(&delivery));
        if matches!(letter, Some(None)) {
            return self.give_up(number);
        }
        let letter = letter.flatten();
        let written = letter.as_ref().map(|letter| hex::encode(Sha256::digest(&letter.body)));
        if let (Some(written), Some(kept)) =
            (written, lock(&self.state).deliveries.get_mut(&number))
        {
            kept.body_sha256 = written;
        }
        let request = request(&delivery, letter);
        let at_us = self.clock.now_us();
        let limit = Duration::from_millis(self.manner.timeout_ms);
        let attempt = match request {
            Err(error) => Attempt { at_us, status: 0, error },
            Ok(request) => match tokio::time::timeout(limit, exchange(client, request)).await {
                Ok(Ok(status)) => Attempt { at_us, status, error: String::new() },
                Ok(Err(error)) => Attempt { at_us, status: 0, error },
                Err(_) => Attempt { at_us, status: 0, error: "timed out".to_owned() },
            },
        };
        let status = attempt.status;
        self.record(number, attempt);
        if let Some(courier) = &delivery.courier {
            courier.came(status);
        }
    }

    /// There is nothing to be sent any more.
    fn give_up(&self, number: u64) {
        let mut state = lock(&self.state);
        let State { deliveries, counts, .. } = &mut *state;
        let Some(delivery) = deliveries.get_mut(&number) else { return };
        delivery.outcome = Outcome::GivenUp;
        delivery.leaving = false;
        *counts.entry(name(Outcome::GivenUp)).or_default() += 1;
        self.forget_oldest(&mut state);
    }

    fn record(&self, number: u64, attempt: Attempt) {
        let mut state = lock(&self.state);
        let State { deliveries, due, counts, .. } = &mut *state;
        let Some(delivery) = deliveries.get_mut(&number) else { return };
        let once = delivery.courier.is_some();
        let delivered = (200..300).contains(&attempt.status)
            || (once && REDIRECTIONS_TAKEN.contains(&attempt.status));
        delivery.attempts.push(attempt);
        delivery.leaving = false;
        let again = self.manner.retry_seconds.get(delivery.attempts.len() - 1).filter(|_| !once);
        match again {
            _ if delivered => delivery.outcome = Outcome::Delivered,
            Some(seconds) => {
                delivery.due_us = self.clock.now_us() + i64::from(*seconds) * SECOND_US;
                due.insert((delivery.due_us, number), ());
            }
            None => delivery.outcome = Outcome::GivenUp,
        }
        if delivery.outcome != Outcome::Waiting {
            // Read again only by its hash.
            delivery.body = Bytes::new();
            *counts.entry(name(delivery.outcome)).or_default() += 1;
        }
        self.forget_oldest(&mut state);
        drop(state);
        self.wake.notify_one();
    }
}

fn request(
    delivery: &Delivery,
    letter: Option<Letter>,
) -> Result<http::Request<Full<Bytes>>, String> {
    let letter = letter.unwrap_or_else(|| Letter {
        content_type: "application/json",
        headers: delivery.headers.clone(),
        body: delivery.body.clone(),
    });
    let mut builder = http::Request::post(delivery.url.as_deref().unwrap_or_default())
        .header(http::header::CONTENT_TYPE, letter.content_type)
        .header(DELIVERY_ID, delivery.delivery_id);
    for (name, value) in &letter.headers {
        builder = builder.header(*name, value);
    }
    builder.body(Full::new(letter.body)).map_err(|error| error.to_string())
}

/// What the shop's faults do to a webhook before it leaves.
fn hamper(state: &mut State, delivery: &mut Delivery, faults: &Faults) {
    let shop_id = delivery.shop_id;
    let profile = faults.profile(shop_id);
    if faults.fires(shop_id, Fault::WebhookSameId) && state.newest_id > 0 {
        delivery.delivery_id = state.newest_id;
        delivery.faults.push(Fault::WebhookSameId.name());
    }
    state.newest_id = delivery.delivery_id;
    if faults.fires(shop_id, Fault::WebhookDrop) {
        delivery.outcome = Outcome::Dropped;
        delivery.faults.push(Fault::WebhookDrop.name());
        return;
    }
    let waits = [
        (Fault::WebhookDelay, profile.webhook_delay_seconds),
        (Fault::WebhookReorder, profile.webhook_reorder_seconds),
    ];
    for (fault, seconds) in waits {
        if faults.fires(shop_id, fault) {
            delivery.due_us += i64::from(seconds) * SECOND_US;
            delivery.faults.push(fault.name());
        }
    }
    let coalesces = profile.probability.get(&Fault::WebhookCoalesce);
    if coalesces.is_some_and(|chance| *chance > 0.0) {
        delivery.due_us += i64::from(profile.webhook_coalesce_seconds) * SECOND_US;
        state.held.insert((delivery.order_id.clone(), delivery.kind), delivery.number);
    }
}

/// Lets a later webhook of the same order and kind replace one that is still held.
fn replace_held(state: &mut State, later: &Delivery, faults: &Faults) {
    let key = (later.order_id.clone(), later.kind);
    let Some(number) = state.held.get(&key).copied() else { return };
    let Some(earlier) = state.deliveries.get_mut(&number) else { return };
    if earlier.leaving || !faults.fires(later.shop_id, Fault::WebhookCoalesce) {
        return;
    }
    earlier.outcome = Outcome::Coalesced;
    earlier.faults.push(Fault::WebhookCoalesce.name());
    state.due.remove(&(earlier.due_us, number));
    *state.counts.entry(name(Outcome::Coalesced)).or_default() += 1;
    state.held.remove(&key);
}

async fn exchange(
    client: &Client<HttpConnector, Full<Bytes>>,
    request: http::Request<Full<Bytes>>,
) -> Result<u16, String> {
    use http_body_util::BodyExt as _;

    let response = client.request(request).await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    // Read to the end, so that the connection can be used again.
    let read = response.into_body().collect().await;
    read.map(|_| status).map_err(|error| error.to_string())
}

fn lane_of(order_id: &str, lanes: usize) -> usize {
    let sum = order_id
        .bytes()
        .fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    sum % lanes.max(1)
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Waiting => "waiting",
        Outcome::Delivered => "delivered",
        Outcome::GivenUp => "given_up",
        Outcome::NoUrl => "no_url",
        Outcome::Dropped => "dropped",
        Outcome::Coalesced => "coalesced",
    }
}
