//! Returns, listed by their time of change.

use std::sync::Arc;

use bytes::Bytes;
use dermaga_channel::{
    Call, Changes, Error, Fetched, Heard, HeardFact, Interpretation, Message, Raw, Refetch, Walked,
    Window, reason_in_clear,
};
use dermaga_domain::order::{CLOSED, Snapshot};
use dermaga_domain::term::{About, Actor};
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::RETURNS_PAGE_MAX;
use super::client::{self, Client};
use super::reading::{WINDOW_SECONDS_MAX, seconds};
use super::wire::{Moment, Sn, Text, read, read_object};

/// The message kind of a page of returns: its rows.
pub(super) const RETURNS: &str = "returns";

/// One that is open is heard as this, whatever its own words; closing it is [`CLOSED`].
pub(super) const OPEN: &str = "open";
/// The first page. Whether pages count from zero is not confirmed.
const PAGE_FIRST: u32 = 0;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer<'a> {
    more: Option<bool>,
    #[serde(borrow, rename = "return")]
    rows: Option<Vec<&'a RawValue>>,
}

/// A page of the returns that changed in a window.
pub(super) async fn list(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let (from, to) = seconds(changes);
    if from >= to {
        return Ok(Fetched::default());
    }
    let window = Window { from, end: to, longest: WINDOW_SECONDS_MAX, page_max: RETURNS_PAGE_MAX };
    let mut stretch = window.resumed(changes.page.as_deref());
    loop {
        let page: u32 = stretch.mark.parse().unwrap_or(PAGE_FIRST);
        let query = [
            ("page_no", &*page.to_string()),
            ("page_size", &*RETURNS_PAGE_MAX.to_string()),
            ("update_time_from", &*stretch.from.to_string()),
            ("update_time_to", &*stretch.to.to_string()),
        ];
        let told = client.get(&client::RETURNS, &query).await?;
        let answer: Option<Answer<'_>> = read(RETURNS, told.get().as_bytes())?;
        let answer = answer.unwrap_or_default();
        let rows: Vec<&str> = answer.rows.iter().flatten().map(|row| row.get()).collect();
        let more = answer.more == Some(true) && !rows.is_empty();
        match window.after(&stretch, rows.len(), more.then(|| (page + 1).to_string())) {
            Walked::Narrower(half) => stretch = half,
            Walked::Kept(next) => {
                let body = Bytes::from(format!("[{}]", rows.join(",")));
                let message = (!rows.is_empty()).then_some(Raw { kind: RETURNS, body });
                return Ok(Fetched::page(message, next.map(|next| next.text())));
            }
        }
    }
}

#[derive(Deserialize)]
struct Return {
    return_sn: Sn,
    order_sn: Sn,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    reason: Text,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
}

/// What a page of returns says, each row by itself.
pub(super) fn returns(message: &Message<'_>) -> Result<Interpretation, Error> {
    let rows: Vec<&RawValue> = read(RETURNS, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        match read_object::<Return>(RETURNS, row.get().as_bytes()) {
            Ok(row) => said.orders.push(Heard {
                channel_shop_id: message.channel_shop_id.map(str::to_owned),
                channel_order_id: row.order_sn.0.clone(),
                facts: row.facts(),
                snapshot: Snapshot::default(),
                refetch: Refetch::IfNews,
            }),
            Err(error) => said.unread.push(format!("row {index}: {error}")),
        }
    }
    Ok(said)
}

impl Return {
    fn facts(&self) -> Vec<HeardFact> {
        let opened = HeardFact {
            actor: Some(Actor::Buyer),
            reason: reason_in_clear(&self.reason.0, None),
            ..fact(&self.return_sn, OPEN, self.create_time.0)
        };
        let over = is_over(&self.status.0);
        let closed = over.then(|| fact(&self.return_sn, CLOSED, self.update_time.0));
        std::iter::once(opened).chain(closed).collect()
    }
}

/// What is said of a return.
pub(super) fn fact(id: &Sn, status: &str, at: Option<Time>) -> HeardFact {
    HeardFact {
        about: About::Return,
        reference: Some(Arc::from(id.0.as_str())),
        ..HeardFact::of_order(status, at)
    }
}

/// Whether no goods come back of a return. **The one place that reads its statuses**: one that was
/// accepted stays open until a person has edited the invoice; CLOSED is read as one that came to nothing.
pub(super) fn is_over(status: &str) -> bool {
    matches!(status, "CANCELLED" | "CLOSED")
}
