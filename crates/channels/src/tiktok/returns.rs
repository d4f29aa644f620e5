//! Returns, and buyers' requests to cancel: both are searched by their time of change.

use std::sync::Arc;

use dermaga_channel::{
    Call, Changes, Error, Fetched, Heard, HeardFact, Interpretation, Message, Refetch, Walked,
    Window, reason_in_clear,
};
use dermaga_domain::order::{CLOSED, Snapshot};
use dermaga_domain::term::{About, Actor};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::capabilities::RETURNS_PAGE_MAX;
use super::client::{Client, Said};
use super::endpoints::{self, Endpoint};
use super::orders::actor;
use super::reading::{list_of, seconds};
use super::wire::{Moment, SomeId, Text, read, read_object};

/// The message kind of a page of returns: its rows.
pub(super) const RETURNS: &str = "returns";
/// The message kind of a page of cancellations: its rows.
pub(super) const CANCELLATIONS: &str = "cancellations";

/// One that is open is heard as this, whatever its own words; closing it is [`CLOSED`].
const OPEN: &str = "open";
/// A cancellation that a buyer asks for; the seller's own are of another kind and ask nobody.
const OF_BUYER: &str = "BUYER_CANCEL";
/// The status of a request that waits for an answer; pushes have the same word.
pub(super) const PENDING: &str = "CANCELLATION_REQUEST_PENDING";
/// Statuses of a return after which no goods come back.
const WITHDRAWN: [&str; 2] = ["RETURN_OR_REFUND_REQUEST_CANCEL", "REPLACEMENT_REQUEST_CANCEL"];
const REJECTED: [&str; 2] = ["REFUND_OR_RETURN_REQUEST_REJECT", "REPLACEMENT_REQUEST_REJECT"];
/// The platform may still decide otherwise.
const DISPUTED: [&str; 2] = ["IN_PROGRESS", "SUPPORT_BUYER"];

/// A page of either search.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    return_orders: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    cancellations: Option<Vec<&'a RawValue>>,
    next_page_token: Text,
}

/// A page of the returns that changed in a window, and after them the buyers' requests to cancel.
pub(super) async fn list(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let (from, to) = seconds(changes);
    if from >= to {
        return Ok(Fetched::default());
    }
    let stood = changes.page.as_deref().and_then(|page| page.split_once(':'));
    let (kind, stood) = match stood {
        Some((CANCELLATIONS, stood)) => (CANCELLATIONS, Some(stood)),
        other => (RETURNS, other.map(|(_, stood)| stood)),
    };
    let window = Window { from, end: to, longest: i64::MAX, page_max: RETURNS_PAGE_MAX };
    let mut stretch = window.resumed(stood);
    loop {
        let mut body = json!({"update_time_ge": stretch.from, "update_time_lt": stretch.to});
        let endpoint = if kind == RETURNS {
            &endpoints::RETURNS
        } else {
            body["cancel_types"] = json!([OF_BUYER]);
            &endpoints::CANCELLATIONS
        };
        let data = client.search(endpoint, &stretch.mark, &body).await?;
        let answer: Option<Answer<'_>> = read(kind, data.get().as_bytes())?;
        let answer = answer.unwrap_or_default();
        let rows = answer.return_orders.or(answer.cancellations).unwrap_or_default();
        match window.after(&stretch, rows.len(), answer.next_page_token.some()) {
            Walked::Narrower(half) => stretch = half,
            Walked::Kept(next) => {
                let next = next.map(|next| format!("{kind}:{}", next.text()));
                let then = || (kind == RETURNS).then(|| format!("{CANCELLATIONS}:"));
                return Ok(Fetched::page(list_of(kind, &rows), next.or_else(then)));
            }
        }
    }
}

impl Client<'_> {
    async fn search(
        &self,
        endpoint: &Endpoint,
        token: &str,
        body: &serde_json::Value,
    ) -> Result<Box<RawValue>, Error> {
        let size = RETURNS_PAGE_MAX.to_string();
        let mut query =
            vec![("page_size", &*size), ("sort_field", "update_time"), ("sort_order", "ASC")];
        if !token.is_empty() {
            query.push(("page_token", token));
        }
        self.ask(endpoint, Said { query: &query, body: Some(body), ..Said::default() }).await
    }
}

/// A cancellation, as it is and as far as it is read.
pub(super) struct Request {
    pub(super) order_id: SomeId,
    pub(super) raw: Box<RawValue>,
    pub(super) read: Cancellation,
}

/// What the buyers of these orders asked: all there ever was, answered or not.
pub(super) async fn requests_of(
    client: &Client<'_>,
    orders: &[&str],
) -> Result<Vec<Request>, Error> {
    let (mut token, mut found) = (String::new(), Vec::new());
    if orders.is_empty() {
        return Ok(found);
    }
    let body = json!({"order_ids": orders, "cancel_types": [OF_BUYER]});
    loop {
        let data = client.search(&endpoints::CANCELLATIONS, &token, &body).await?;
        let answer: Option<Answer<'_>> = read(CANCELLATIONS, data.get().as_bytes())?;
        let answer = answer.unwrap_or_default();
        for raw in answer.cancellations.unwrap_or_default() {
            let read: Cancellation = read_object(CANCELLATIONS, raw.get().as_bytes())?;
            found.push(Request { order_id: read.order_id.clone(), raw: raw.to_owned(), read });
        }
        match answer.next_page_token.some() {
            Some(next) if next != token => token = next,
            _ => return Ok(found),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Cancellation {
    pub(super) cancel_id: SomeId,
    pub(super) order_id: SomeId,
    #[serde(default)]
    pub(super) cancel_status: Text,
    #[serde(default)]
    cancel_type: Text,
    #[serde(default)]
    cancel_reason_text: Text,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
}

/// A fact about something with a name of its own.
pub(super) fn about(about: About, name: &str, status: &str, at: Moment) -> HeardFact {
    HeardFact { about, reference: Some(Arc::from(name)), ..HeardFact::of_order(status, at.0) }
}

/// A request was made, and perhaps is over. One that the seller or the platform made asks nobody.
pub(super) fn request_facts(request: &Cancellation) -> Vec<HeardFact> {
    if request.cancel_type.0 != OF_BUYER {
        return Vec::new();
    }
    let of = |status, at| about(About::CancelRequest, &request.cancel_id.0, status, at);
    let opened = HeardFact {
        actor: Some(Actor::Buyer),
        reason: reason_in_clear(&request.cancel_reason_text.0, None),
        ..of(OPEN, request.create_time)
    };
    let over = request.cancel_status.0 != PENDING;
    std::iter::once(opened).chain(over.then(|| of(CLOSED, request.update_time))).collect()
}

/// What a page of cancellations says.
pub(super) fn cancellations(message: &Message<'_>) -> Result<Interpretation, Error> {
    rows(CANCELLATIONS, message, |body| {
        let request: Cancellation = read_object(CANCELLATIONS, body)?;
        Ok((request_facts(&request), request.order_id))
    })
}

#[derive(Deserialize)]
struct Return {
    return_id: SomeId,
    order_id: SomeId,
    #[serde(default)]
    return_status: Text,
    #[serde(default)]
    arbitration_status: Text,
    #[serde(default)]
    return_reason_text: Text,
    #[serde(default)]
    role: Text,
    #[serde(default)]
    create_time: Moment,
    #[serde(default)]
    update_time: Moment,
}

/// What a page of returns says.
pub(super) fn returns(message: &Message<'_>) -> Result<Interpretation, Error> {
    rows(RETURNS, message, |body| {
        let row: Return = read_object(RETURNS, body)?;
        let (id, status) = (&row.return_id.0, &row.return_status.0);
        let over = is_over(status, &row.arbitration_status.0);
        let opened = HeardFact {
            actor: actor(&row.role.0),
            reason: reason_in_clear(&row.return_reason_text.0, None),
            ..about(About::Return, id, OPEN, row.create_time)
        };
        let closed = over.then(|| about(About::Return, id, CLOSED, row.update_time));
        Ok((std::iter::once(opened).chain(closed).collect(), row.order_id))
    })
}

/// Whether no goods come back of a return. **The one place that reads its statuses**: one that was
/// accepted stays open until a person has edited the invoice; a refusal counts as the end unless the
/// platform was called in.
pub(super) fn is_over(status: &str, arbitration: &str) -> bool {
    WITHDRAWN.contains(&status) || (REJECTED.contains(&status) && !DISPUTED.contains(&arbitration))
}

/// What the rows of a page say, each by itself.
fn rows(
    what: &str,
    message: &Message<'_>,
    say: impl Fn(&[u8]) -> Result<(Vec<HeardFact>, SomeId), Error>,
) -> Result<Interpretation, Error> {
    let rows: Vec<&RawValue> = read(what, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        match say(row.get().as_bytes()) {
            Ok((facts, _)) if facts.is_empty() => {}
            Ok((facts, order_id)) => said.orders.push(Heard {
                channel_shop_id: message.channel_shop_id.map(str::to_owned),
                channel_order_id: order_id.0,
                facts,
                snapshot: Snapshot::default(),
                refetch: Refetch::IfNews,
            }),
            Err(error) => said.unread.push(format!("row {index}: {error}")),
        }
    }
    Ok(said)
}
