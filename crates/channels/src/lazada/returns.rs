//! Reverse orders: returns, and money that goes back without them. Facts about returns.
//!
//! Of the words for their states only a few are documented. So a reverse order says two things: it was
//! opened, and it is over without goods coming back. What came of it shows by the units' own statuses,
//! and a person decides what follows.

use std::sync::Arc;

use bytes::Bytes;
use dermaga_channel::{
    Call, Changes, Error, Fetched, Heard, HeardFact, Interpretation, Message, Raw, Refetch, Walked,
    Window, reason_in_clear,
};
use dermaga_domain::order::{CLOSED, Snapshot};
use dermaga_domain::term::About;
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::RETURNS_PAGE_MAX;
use super::client::Client;
use super::wire::{MaybeMoment, SomeId, Text, read, read_object};

/// The message kind of a page of reverse orders.
pub(super) const RETURNS: &str = "returns";

/// A return that is not over. The word is ours.
const OPEN: &str = "open";
/// How the words for a return that came to nothing end.
const OVER: [&str; 5] = ["_CANCEL", "_CANCELED", "_CANCELLED", "_REJECT", "_REJECTED"];
/// Cancellations are reverse orders too; the units' statuses tell of them.
const CANCELLATION: &str = "CANCEL";

/// What a return's word says here.
pub(super) fn is_over(status: &str) -> bool {
    OVER.iter().any(|end| status.to_ascii_uppercase().ends_with(end))
}

/// A fact about a return.
pub(super) fn fact(reverse_order: SomeId, is_over: bool, at: Option<Time>) -> HeardFact {
    HeardFact {
        about: About::Return,
        reference: Some(Arc::from(reverse_order.to_string())),
        ..HeardFact::of_order(if is_over { CLOSED } else { OPEN }, at)
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default, borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Reverse {
    reverse_order_id: SomeId,
    trade_order_id: SomeId,
    #[serde(default)]
    request_type: Text,
    #[serde(default)]
    reverse_order_lines: Vec<ReverseLine>,
}

#[derive(Deserialize)]
struct ReverseLine {
    #[serde(default)]
    reverse_status: Text,
    #[serde(default)]
    reason_text: Text,
    #[serde(default)]
    return_order_line_gmt_create: MaybeMoment,
}

/// A page of the returns that changed in a window.
pub(super) async fn list(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let millis = |at: Time| at.0.div_euclid(1_000);
    let (from, end) = (millis(changes.from), millis(changes.to));
    if from >= end {
        return Ok(Fetched::default());
    }
    let window = Window { from, end, longest: i64::MAX, page_max: RETURNS_PAGE_MAX };
    let mut stretch = window.resumed(changes.page.as_deref());
    loop {
        let number: u32 = stretch.mark.parse().unwrap_or(1);
        let said = [
            ("page_no", &*number.to_string()),
            ("page_size", &RETURNS_PAGE_MAX.to_string()),
            ("ReverseOrderLineModifiedTimeRangeStart", &stretch.from.to_string()),
            ("ReverseOrderLineModifiedTimeRangeEnd", &stretch.to.to_string()),
        ];
        let answer = client.get("returns", "/reverse/getreverseordersforseller", &said).await?;
        let page: Page<'_> = read_object(RETURNS, answer.get().as_bytes())?;
        let rows: Vec<&str> = page.items.iter().map(|row| row.get()).collect();
        let more = rows.len() >= RETURNS_PAGE_MAX as usize;
        match window.after(&stretch, rows.len(), more.then(|| (number + 1).to_string())) {
            Walked::Narrower(half) => stretch = half,
            Walked::Kept(next) => {
                let body = Bytes::from(format!("[{}]", rows.join(",")));
                let message = (!rows.is_empty()).then_some(Raw { kind: RETURNS, body });
                return Ok(Fetched::page(message, next.map(|next| next.text())));
            }
        }
    }
}

/// What a page of reverse orders says.
pub(super) fn returns(message: &Message<'_>) -> Result<Interpretation, Error> {
    let rows: Vec<&RawValue> = read(RETURNS, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        match read_object::<Reverse>(RETURNS, row.get().as_bytes()) {
            Ok(reverse) if reverse.request_type.0 == CANCELLATION => {}
            Ok(reverse) => said.orders.push(Heard {
                channel_shop_id: message.channel_shop_id.map(str::to_owned),
                channel_order_id: reverse.trade_order_id.to_string(),
                facts: facts(&reverse),
                snapshot: Snapshot::default(),
                refetch: Refetch::IfNews,
            }),
            Err(error) => said.unread.push(format!("row {index}: {error}")),
        }
    }
    Ok(said)
}

/// A return was opened, and it may be over: then every line of it is.
fn facts(reverse: &Reverse) -> Vec<HeardFact> {
    let lines = &reverse.reverse_order_lines;
    let created = lines.iter().filter_map(|line| line.return_order_line_gmt_create.0).min();
    let reason = lines.iter().find_map(|line| line.reason_text.clone().some());
    let opened = HeardFact {
        reason: reason.and_then(|reason| reason_in_clear(&reason, None)),
        ..fact(reverse.reverse_order_id, false, created)
    };
    let over = !lines.is_empty() && lines.iter().all(|line| is_over(&line.reverse_status.0));
    // When it ended is not told.
    let closed = over.then(|| fact(reverse.reverse_order_id, true, None));
    std::iter::once(opened).chain(closed).collect()
}
