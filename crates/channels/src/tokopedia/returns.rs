//! Complaint tickets, which are facts about returns.
//!
//! A ticket names its order only by the invoice number, so the order is looked up by that when the
//! ticket is fetched, and the message holds both: `[{"order_id": …, "ticket": …}, …]`.

use std::sync::Arc;

use bytes::Bytes;
use dermaga_channel::{
    Call, Changes, Error, Fetched, Heard, HeardFact, Interpretation, Message, Raw, Refetch,
    reason_in_clear,
};
use dermaga_domain::order::{CLOSED, Snapshot};
use dermaga_domain::term::{About, Actor};
use dermaga_domain::time::{Span, Time};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::TICKETS_PAGE;
use super::client::Client;
use super::wire::{Id, Moment, SomeId, Text, jakarta_day, read, read_object};

/// The message kind of a page of tickets.
pub(super) const TICKETS: &str = "tickets";

/// The status of a ticket from the day it was opened. No list of the channel's own words was found, so
/// a ticket says two things only, by its dates: a complaint was opened, and it was closed. What comes
/// of it a person decides.
const OPENED: &str = "open";

/// How far back tickets are listed beyond what is asked for: they are listed by the day they were
/// opened, and this long is one looked for that was closed since. Unconfirmed: no longest time of a
/// complaint was found.
const OPEN_AT_MOST: Span = Span::days(60);

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    shops: Option<Vec<OfShop<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OfShop<'a> {
    shop_id: Id,
    #[serde(borrow)]
    ticket: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Ticket {
    id: SomeId,
    #[serde(default)]
    open_date: Moment,
    #[serde(default)]
    close_date: Moment,
    #[serde(default)]
    invoice_number: Text,
    #[serde(default)]
    problem_type: Text,
}

/// A page of the tickets that were opened or closed in a window; in order of their ids, so that a
/// ticket that is opened meanwhile comes last.
pub(super) async fn list(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let offset: usize = match changes.page.as_deref() {
        Some(page) => page.parse().map_err(|_| Error::Unsupported("not a page of tickets"))?,
        None => 0,
    };
    let shop_id = client.shop_id()?;
    let (since, to) = (jakarta_day(changes.from), jakarta_day(changes.to));
    let from = jakarta_day(changes.from.minus(OPEN_AT_MOST));
    let path = format!("/resolution/v1/fs/{}/ticket", client.fs_id);
    let query = [("shop_id", shop_id), ("from_date", &from), ("to_date", &to)];
    let data = client.get("tickets", &path, &query).await?;
    let answer: Option<Answer<'_>> = read(TICKETS, data.get().as_bytes())?;
    let shops = answer.unwrap_or_default().shops.unwrap_or_default();
    // A row that names no shop is that of the shop that was asked for.
    let mine = |shop: &OfShop<'_>| shop.shop_id.text().is_none_or(|id| id == shop_id);
    let rows = shops.into_iter().filter(mine).flat_map(|shop| shop.ticket.unwrap_or_default());
    let mut tickets: Vec<(Option<u64>, &RawValue)> =
        rows.filter_map(|row| news_since(&since, row).map(|id| (id, row))).collect();
    tickets.sort_by_key(|&(id, _)| id);

    let mut page = Vec::new();
    for (_, ticket) in tickets.iter().skip(offset).take(TICKETS_PAGE) {
        let order_id = client.order_of(ticket).await?;
        let order_id = order_id.map_or_else(|| "null".to_owned(), |id| format!("\"{id}\""));
        page.push(format!("{{\"order_id\":{order_id},\"ticket\":{ticket}}}"));
    }
    let next = offset + TICKETS_PAGE;
    let body = Bytes::from(format!("[{}]", page.join(",")));
    let message = (!page.is_empty()).then_some(Raw { kind: TICKETS, body });
    Ok(Fetched::page(message, (next < tickets.len()).then(|| next.to_string())))
}

/// The number of a ticket of which something became on this day or later. One that cannot be read,
/// or tells no day, may be as new.
fn news_since(day: &str, ticket: &RawValue) -> Option<Option<u64>> {
    let Ok(ticket) = read::<Ticket>(TICKETS, ticket.get().as_bytes()) else { return Some(None) };
    let since = |at: Time| *jakarta_day(at) >= *day;
    let news = ticket.open_date.0.is_none_or(since) || ticket.close_date.0.is_some_and(since);
    news.then(|| ticket.id.0.parse().ok())
}

impl Client<'_> {
    /// The id of the order that a ticket is about, if the channel finds one.
    async fn order_of(&self, ticket: &RawValue) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Found {
            order_id: SomeId,
        }
        let ticket: Result<Ticket, _> = read(TICKETS, ticket.get().as_bytes());
        let Some(invoice) = ticket.ok().and_then(|ticket| ticket.invoice_number.some()) else {
            return Ok(None);
        };
        match self.order(("invoice_num", &invoice)).await {
            Ok(order) => {
                let found: Option<Found> = read("order_detail", order.get().as_bytes())?;
                Ok(found.map(|found| found.order_id.0))
            }
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(default)]
    order_id: Id,
    #[serde(borrow)]
    ticket: &'a RawValue,
}

impl Ticket {
    /// A return was opened, and perhaps closed.
    fn facts(self) -> Vec<HeardFact> {
        let reference = Some(Arc::from(self.id.0));
        let of = |status, at| HeardFact {
            about: About::Return,
            reference: reference.clone(),
            ..HeardFact::of_order(status, at)
        };
        let opened = HeardFact {
            actor: Some(Actor::Buyer),
            reason: reason_in_clear(&self.problem_type.0, None),
            ..of(OPENED, self.open_date.0)
        };
        let closed = self.close_date.0.map(|at| of(CLOSED, Some(at)));
        std::iter::once(opened).chain(closed).collect()
    }
}

/// What a page of tickets says: a return of each ticket's order was opened, and perhaps closed.
pub(super) fn tickets(message: &Message<'_>) -> Result<Interpretation, Error> {
    let rows: Vec<Row<'_>> = read(TICKETS, message.body)?;
    let mut said = Interpretation::default();
    for (index, row) in rows.into_iter().enumerate() {
        let ticket: Ticket = match read_object(TICKETS, row.ticket.get().as_bytes()) {
            Ok(ticket) => ticket,
            Err(error) => {
                said.unread.push(format!("row {index}: {error}"));
                continue;
            }
        };
        let Some(order_id) = row.order_id.text() else {
            said.unread.push(format!("ticket {}: no order has its invoice number", ticket.id.0));
            continue;
        };
        said.orders.push(Heard {
            channel_shop_id: message.channel_shop_id.map(str::to_owned),
            channel_order_id: order_id,
            facts: ticket.facts(),
            snapshot: Snapshot::default(),
            refetch: Refetch::IfNews,
        });
    }
    Ok(said)
}
