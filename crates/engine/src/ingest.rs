//! Ingest: messages of the inbox become facts and snapshots, and those become documents.

use std::collections::HashMap;
use std::sync::Arc;

use dermaga_channel::{Channel, Credentials, Heard as Said, Message, Refetch};
use dermaga_domain::id::{ConnectionId, MessageId, OrderId, OrgId, ShopId};
use dermaga_domain::planted::{Bug, planted};
use dermaga_domain::time::Span;
use dermaga_store::apply::{Batch, Fetch, FinishedMessage, Heard};
use dermaga_store::work::{FETCH, Mark, Modes};
use dermaga_store::{Pending, Shop};
use futures_util::future::join;

use crate::access::credentials;
use crate::engine::Engine;
use crate::error::Result;

/// Messages read at once.
const PAGE: i64 = 256;
/// Orders in one transaction.
const BATCH_ORDERS_MAX: usize = 200;
/// How long a node may work on an org's inbox before another takes over.
const LEASE: Span = Span::seconds(30);

/// What a round of ingest came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    /// Messages that were looked at.
    pub messages: usize,
    /// Orders that changed.
    pub changed: usize,
}

/// The connections and shops of an org, as a round of ingest needs them.
struct Places {
    connections: HashMap<ConnectionId, (Arc<dyn Channel>, Credentials)>,
    shops: Vec<Shop>,
}

/// What one message came to.
struct Read {
    message: FinishedMessage,
    heard: Vec<Heard>,
    wanted: Vec<Mark>,
}

/// Whose order a message speaks of.
enum Whose<'a> {
    /// This shop's.
    Shop(&'a Shop),
    /// It does not say; this shop can be used to ask.
    Unsaid(ShopId),
    /// A shop that is not connected.
    Nobody,
}

impl Engine {
    /// Takes what waits in an org's inbox, a page at a time, until nothing does.
    ///
    /// # Errors
    /// The store's; what was not applied waits for the next round.
    pub async fn ingest(&self, org: OrgId) -> Result<Ingested> {
        let mut total = Ingested::default();
        let mut after = MessageId(i64::MIN);
        let first = self.store().pending(org, after, 1).await?;
        if first.is_empty() {
            return Ok(total);
        }
        let lease = self.store().take_lease(org, "ingest", self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(total) };
        let mut reads = Vec::new();
        // While one page is applied the next is read.
        loop {
            let (changed, next) =
                join(self.apply_reads(org, reads), self.read_page(org, after)).await;
            total.changed += changed?;
            let Some((last, next)) = next? else { break };
            after = last;
            total.messages += next.len();
            reads = next;
            if !self.store().renew_lease(org, &lease).await? {
                return Ok(total);
            }
        }
        self.store().end_lease(org, &lease).await?;
        Ok(total)
    }

    /// What the next messages say, with the last of them; none when nothing waits.
    async fn read_page(
        &self,
        org: OrgId,
        after: MessageId,
    ) -> Result<Option<(MessageId, Vec<Read>)>> {
        let pending = self.store().pending(org, after, PAGE).await?;
        let Some(last) = pending.last().map(|message| message.id) else { return Ok(None) };
        let places = self.places(org).await?;
        let mut reads = Vec::with_capacity(pending.len());
        for message in pending {
            reads.push(self.read(org, &places, message).await?);
        }
        Ok(Some((last, reads)))
    }

    async fn apply_reads(&self, org: OrgId, reads: Vec<Read>) -> Result<usize> {
        if reads.is_empty() {
            return Ok(0);
        }
        let mut changed = 0;
        let mut batch = Batch::new(org);
        for read in reads {
            if !batch.heard.is_empty() && batch.heard.len() + read.heard.len() > BATCH_ORDERS_MAX {
                changed += self.apply(std::mem::replace(&mut batch, Batch::new(org))).await?;
            }
            batch.heard.extend(read.heard);
            batch.messages.push(read.message);
            batch.wanted.extend(read.wanted);
        }
        Ok(changed + self.apply(batch).await?)
    }

    async fn places(&self, org: OrgId) -> Result<Places> {
        let mut connections = HashMap::new();
        for connection in self.store().connections(org, None).await? {
            if let Some(channel) = self.registry().find(&connection.channel) {
                let credentials = credentials(&connection.credentials)?;
                connections.insert(connection.id, (Arc::clone(channel), credentials));
            }
        }
        Ok(Places { connections, shops: self.store().shops(org, None).await? })
    }

    /// What a message says; one that cannot be read becomes a dead letter and stops nothing.
    async fn read(&self, org: OrgId, places: &Places, message: Pending) -> Result<Read> {
        let mut read = Read {
            message: FinishedMessage {
                id: message.id,
                repeats: message.repeats,
                state: "done",
                reason: None,
                about: None,
            },
            heard: Vec::new(),
            wanted: Vec::new(),
        };
        let said = match understood(places, &message) {
            Ok(said) => said,
            Err(reason) => {
                dead(&mut read, &message, &reason);
                return Ok(read);
            }
        };
        if let [only] = &said.orders[..] {
            read.message.about = Some(only.channel_order_id.clone());
        }
        let asked_again = !message.fetched && message.repeats > 0;
        for said in said.orders {
            match self.shop_of(org, places, &message, &said).await? {
                Whose::Shop(shop) if shop.order_sync && !shop.paused => {
                    read.heard.push(heard(&message, shop.id, said, asked_again));
                }
                Whose::Shop(shop) => {
                    read.message.state = "held";
                    read.message.reason = Some(format!("order sync of {} is off", shop.name));
                }
                Whose::Unsaid(asked) => read.wanted.push(Mark {
                    kind: FETCH,
                    scope: asked.0,
                    subject: said.channel_order_id,
                    modes: message.modes,
                    due_at: self.now(),
                }),
                Whose::Nobody => {
                    count_message("unknown_shop");
                    tracing::warn!(message.outcome = "unknown_shop", message.id = %message.id, "a message speaks of a shop that is not connected (DMG-0303)");
                    read.message.state = "ignored";
                    read.message.reason = Some("DMG-0303: the shop is not connected".to_owned());
                }
            }
        }
        if read.message.state == "held" {
            // All or nothing: what is held is read whole when it is let go.
            read.heard.clear();
            read.wanted.clear();
        }
        if !said.unread.is_empty() {
            let reason = format!("{} parts: {}", said.unread.len(), said.unread.join("; "));
            dead(&mut read, &message, &reason);
        }
        Ok(read)
    }

    /// Whose order a message speaks of: by its own word, by what we asked, or by an order that is
    /// known. A body that says nothing of a new order is answered by a fetch through any shop of the
    /// connection: what comes back names the right one.
    async fn shop_of<'a>(
        &self,
        org: OrgId,
        places: &'a Places,
        message: &Pending,
        said: &Said,
    ) -> Result<Whose<'a>> {
        let shop = |wanted: &dyn Fn(&Shop) -> bool| {
            let mut shops = places.shops.iter().filter(|s| s.connection == message.connection);
            shops.find(|shop| wanted(shop)).map_or(Whose::Nobody, Whose::Shop)
        };
        if let Some(named) = said.channel_shop_id.as_deref() {
            return Ok(shop(&|shop| shop.channel_shop_id == named));
        }
        if let Some(asked) = message.shop {
            return Ok(shop(&|shop| shop.id == asked));
        }
        let shops = places.shops.iter().filter(|shop| shop.connection == message.connection);
        let ids: Vec<ShopId> = shops.map(|shop| shop.id).collect();
        match self.store().shop_of_order(org, &ids, &said.channel_order_id).await? {
            Some(known) => Ok(shop(&|shop| shop.id == known)),
            None => Ok(ids.first().map_or(Whose::Nobody, |&first| Whose::Unsaid(first))),
        }
    }

    /// Applies a batch; one that fails is halved until the order that fails stands alone. That one
    /// becomes a dead letter, and the rest goes on.
    pub(crate) async fn apply(&self, batch: Batch) -> Result<usize> {
        if batch.heard.is_empty() {
            // The marks first: a crash in between only means that the messages are read again.
            self.store().mark(batch.org, batch.wanted).await?;
            self.store().finish_messages(batch.org, batch.messages).await?;
            return Ok(0);
        }
        let mut changed = 0;
        let mut waiting = vec![batch];
        while let Some(batch) = waiting.pop() {
            match self.store().apply(batch.clone()).await {
                Ok(applied) => {
                    metrics::counter!("dermaga_orders_applied_total")
                        .increment(u64::try_from(applied.changed.len()).unwrap_or(u64::MAX));
                    applied.at_unknown_status.into_iter().for_each(note_unknown_status);
                    changed += applied.changed.len();
                }
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => match halved(batch) {
                    Halved::Two(first, second) => waiting.extend([first, second]),
                    Halved::One(batch) => self.bury(batch, &error).await?,
                },
            }
        }
        Ok(changed)
    }

    /// The one order of a batch cannot be applied: its messages become dead letters.
    async fn bury(&self, batch: Batch, error: &dermaga_store::Error) -> Result<()> {
        tracing::error!(message.outcome = "dead", error = %error, messages = batch.messages.len(), "an order cannot be applied; its messages are dead letters (DMG-0302)");
        count_message("dead");
        let messages = batch
            .messages
            .into_iter()
            .map(|message| FinishedMessage {
                state: "dead",
                reason: Some(format!("DMG-0302: {error}")),
                ..message
            })
            .collect();
        self.store().finish_messages(batch.org, messages).await?;
        if !batch.marks.is_empty() {
            self.store().unmark(batch.org, batch.marks).await?;
        }
        Ok(())
    }
}

fn understood(
    places: &Places,
    message: &Pending,
) -> Result<dermaga_channel::Interpretation, String> {
    let body = message.body.as_ref().map_err(ToString::to_string)?;
    let (channel, credentials) = places
        .connections
        .get(&message.connection)
        .ok_or_else(|| "the connection's channel is not in this installation".to_owned())?;
    let shop = message.shop.and_then(|id| places.shops.iter().find(|shop| shop.id == id));
    let raw = Message {
        kind: &message.kind,
        body,
        fetched: message.fetched,
        channel_shop_id: shop.map(|shop| shop.channel_shop_id.as_str()),
    };
    channel.interpret(&raw, credentials).map_err(|error| error.to_string())
}

fn dead(read: &mut Read, message: &Pending, reason: &str) {
    tracing::warn!(message.outcome = "dead", message.id = %message.id, connection.id = %message.connection, reason, "a message cannot be read; it is a dead letter (DMG-0302)");
    count_message("dead");
    read.message.state = "dead";
    read.message.reason = Some(format!("DMG-0302: {reason}"));
}

/// The status is on the order's page; a log line says where to look.
fn note_unknown_status(order: OrderId) {
    count_message("unknown_status");
    tracing::warn!(message.outcome = "unknown_status", order.id = %order, "an order stands at a status that its flow does not know; it keeps its documents");
}

/// Counts a message, or an order it speaks of, by what came of it.
fn count_message(outcome: &'static str) {
    metrics::counter!("dermaga_messages_total", "outcome" => outcome).increment(1);
}

/// What was said, heard in every mode that the message serves.
fn heard(message: &Pending, shop: ShopId, said: Said, asked_again: bool) -> Heard {
    let modes = if planted(Bug::ModeIgnored) { Modes::DOWNLOAD } else { message.modes };
    let mut heard = heard_of(shop, said, (modes, message.fetched), Some(message.id));
    heard.modes = message.modes;
    if asked_again {
        heard.fetch = Fetch::Always;
    }
    heard
}

/// What was said of an order of a shop, heard in these modes.
pub(crate) fn heard_of(
    shop: ShopId,
    said: Said,
    (modes, fetched): (Modes, bool),
    message: Option<MessageId>,
) -> Heard {
    let mut heard = Heard::of(shop, &said.channel_order_id);
    for mode in modes.iter() {
        heard.facts.extend(said.facts.iter().map(|fact| fact.heard(mode, fetched)));
    }
    heard.snapshot = said.snapshot;
    heard.message = message;
    heard.modes = modes;
    heard.fetch = match said.refetch {
        Refetch::Never => Fetch::Never,
        Refetch::IfNews => Fetch::IfNews,
        Refetch::Always => Fetch::Always,
    };
    heard
}

enum Halved {
    Two(Batch, Batch),
    One(Batch),
}

/// Halves a batch. The messages go with the second half, which is applied after the first: a crash
/// between the two only means that they are read again.
fn halved(mut batch: Batch) -> Halved {
    if batch.heard.len() < 2 {
        return Halved::One(batch);
    }
    let second = batch.heard.split_off(batch.heard.len() / 2);
    let of_first: Vec<_> = batch.heard.iter().filter_map(|heard| heard.message).collect();
    let only_first = |message: &FinishedMessage| {
        of_first.contains(&message.id)
            && !second.iter().any(|heard| heard.message == Some(message.id))
    };
    let (mine, theirs): (Vec<_>, Vec<_>) = batch.messages.drain(..).partition(only_first);
    let rest = Batch {
        org: batch.org,
        heard: second,
        messages: theirs,
        marks: std::mem::take(&mut batch.marks),
        wanted: batch.wanted.clone(),
        fill: batch.fill,
        download: batch.download,
    };
    batch.messages = mine;
    // The last pushed is applied first.
    Halved::Two(rest, batch)
}
