//! Applying what a person agreed to: what was read becomes facts, and each order gets its result with
//! them.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_channel::Heard as Said;
use dermaga_domain::id::MessageId;
use dermaga_store::Pending;
use dermaga_store::apply::{Batch, FinishedMessage, Heard};
use dermaga_store::download::{OrderStep, Wanted};
use dermaga_store::work::Modes;

use super::Run;
use super::look::{blank, failing};
use crate::error::Result;
use crate::ingest::heard_of;

/// Orders applied in one transaction.
pub(super) const TOGETHER: i64 = 200;
/// An order that cannot be applied.
const UNREADABLE: &str = "DMG-0302";

/// What is to be applied, and what cannot be.
#[derive(Default)]
struct Ready {
    heard: Vec<Heard>,
    aside: Vec<OrderStep>,
}

impl Run<'_> {
    /// Applies orders that were read. Says how many.
    pub(super) async fn apply(&mut self, read: Vec<Wanted>) -> Result<usize> {
        let count = read.len();
        let ids: BTreeSet<MessageId> = read.iter().filter_map(|one| one.message).collect();
        let ids: Vec<MessageId> = ids.into_iter().collect();
        let messages = self.engine.store().messages(self.org, &ids).await?;
        let Ready { heard, mut aside } = self.ready(&read, &messages);
        if !heard.is_empty() {
            aside.extend(self.apply_all(heard, finished(&messages)).await?);
        }
        if !aside.is_empty() {
            self.engine.store().set_aside(self.org, self.download.id, aside).await?;
        }
        Ok(count)
    }

    /// What each message says of its order, once more: the bytes are what the person agreed to.
    fn ready(&self, read: &[Wanted], messages: &[Pending]) -> Ready {
        let mut said: BTreeMap<(MessageId, String), Said> = BTreeMap::new();
        for message in messages {
            let Ok(body) = &message.body else { continue };
            for one in self.said(&message.kind, body).unwrap_or_default() {
                said.insert((message.id, one.channel_order_id.clone()), one);
            }
        }
        let mut ready = Ready::default();
        for one in read {
            let found = one
                .message
                .and_then(|id| Some((id, said.remove(&(id, one.channel_order_id.clone()))?)));
            match found {
                Some((id, said)) => {
                    let modes = (Modes::DOWNLOAD, true);
                    ready.heard.push(heard_of(self.shop.id, said, modes, Some(id)));
                }
                // The bytes are gone, with their month's key or their retention: read it again.
                None => ready.aside.push(blank(&one.channel_order_id, one.attempts)),
            }
        }
        ready
    }

    /// All together; if one of them cannot be applied, each by itself. Gives those that cannot.
    async fn apply_all(
        &self,
        heard: Vec<Heard>,
        messages: Vec<FinishedMessage>,
    ) -> Result<Vec<OrderStep>> {
        let store = self.engine.store();
        let download = Some(self.download.id);
        let batch = |heard: Vec<Heard>, messages: Vec<FinishedMessage>| Batch {
            heard,
            messages,
            download,
            ..Batch::new(self.org)
        };
        match store.apply(batch(heard.clone(), messages.clone())).await {
            Ok(_) => return Ok(Vec::new()),
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(_) => {}
        }
        let mut failed = Vec::new();
        for one in heard {
            let number = one.channel_order_id.clone();
            let of_one = messages.iter().filter(|message| Some(message.id) == one.message);
            let of_one = of_one.cloned().collect();
            match store.apply(batch(vec![one], of_one)).await {
                Ok(_) => {}
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => {
                    let step = failing(blank(&number, 0), UNREADABLE);
                    failed.push(OrderStep { reason: Some(error.to_string()), ..step });
                }
            }
        }
        Ok(failed)
    }
}

fn finished(messages: &[Pending]) -> Vec<FinishedMessage> {
    let finished = |message: &Pending| FinishedMessage {
        id: message.id,
        repeats: message.repeats,
        state: "done",
        reason: None,
        about: None,
    };
    messages.iter().map(finished).collect()
}
