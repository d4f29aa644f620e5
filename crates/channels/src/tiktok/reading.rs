//! Orders as they are listed and fetched.

use bytes::Bytes;
use dermaga_channel::{Call, Changes, Error, Fetched, Raw};
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::capabilities::{DETAILS_BATCH_MAX, ORDERS_PAGE_MAX};
use super::client::{Client, Said};
use super::endpoints;
use super::orders;
use super::place::Place;
use super::returns;
use super::wire::{Moment, SomeId, Text, is_id, read, read_object};

/// A list of orders.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    orders: Option<Vec<&'a RawValue>>,
    next_page_token: Text,
}

/// An order, as far as reading goes.
#[derive(Deserialize)]
struct Listed {
    id: SomeId,
    #[serde(default)]
    update_time: Moment,
    #[serde(default)]
    is_buyer_request_cancel: Option<bool>,
    #[serde(default)]
    request_cancel_time: Moment,
}

impl Listed {
    fn read(order: &RawValue) -> Option<Self> {
        read_object(orders::LIST, order.get().as_bytes()).ok()
    }

    /// Whether the buyer ever asked to cancel it.
    fn was_asked(&self) -> bool {
        self.is_buyer_request_cancel == Some(true) || self.request_cancel_time.0.is_some()
    }
}

/// A window in whole seconds: its first, and the first behind it.
pub(super) fn seconds(changes: &Changes) -> (i64, i64) {
    let to = changes.to.as_seconds() + i64::from(changes.to.0.rem_euclid(1_000_000) > 0);
    (changes.from.as_seconds(), to)
}

/// A page of the orders that changed in a window, the earliest first.
pub(super) async fn list_orders(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let (from, to) = seconds(changes);
    let place = match changes.page.as_deref() {
        Some(page) => Place::parse(page).ok_or(Error::Unsupported("not a page of this list"))?,
        None => Place::start(from),
    };
    if place.from >= to {
        return Ok(Fetched::default());
    }
    let size = ORDERS_PAGE_MAX.to_string();
    let mut query =
        vec![("page_size", &*size), ("sort_field", "update_time"), ("sort_order", "ASC")];
    if !place.token.is_empty() {
        query.push(("page_token", &place.token));
    }
    let body = json!({"update_time_ge": place.from, "update_time_lt": to});
    let said = Said { query: &query, body: Some(&body), ..Said::default() };
    let data = client.ask(&endpoints::ORDER_LIST, said).await?;
    let answer: Option<Answer<'_>> = read(orders::LIST, data.get().as_bytes())?;
    let Answer { orders: rows, next_page_token } = answer.unwrap_or_default();
    let rows = rows.unwrap_or_default();
    let changed = rows.iter().filter_map(|row| Listed::read(row)?.update_time.0);
    let next = place.next(rows.len(), &next_page_token.0, changed.max().map(Time::as_seconds));
    Ok(Fetched::page(list_of(orders::LIST, &rows), next.map(|place| place.text())))
}

/// Rows as a message; none without rows. What the answer says beside them differs at every read.
pub(super) fn list_of(kind: &'static str, rows: &[&RawValue]) -> Option<Raw> {
    let rows: Vec<&str> = rows.iter().map(|row| row.get()).collect();
    let body = Bytes::from(format!("[{}]", rows.join(",")));
    (!rows.is_empty()).then_some(Raw { kind, body })
}

/// The details of orders, and the requests to cancel of those whose buyers ever asked.
pub(super) async fn fetch_orders(call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let mut fetched = Fetched::default();
    let (wanted, strange): (Vec<&String>, Vec<&String>) = ids.iter().partition(|id| is_id(id));
    fetched.not_found.extend(strange.into_iter().cloned());
    for some in wanted.chunks(DETAILS_BATCH_MAX as usize) {
        let found = client.orders(some).await?;
        let listed: Vec<Option<Listed>> = found.iter().map(|order| Listed::read(order)).collect();
        let is_found = |id: &String| listed.iter().flatten().any(|listed| listed.id.0 == *id);
        fetched.not_found.extend(some.iter().copied().filter(|id| !is_found(id)).cloned());
        let asked: Vec<&str> = listed
            .iter()
            .flatten()
            .filter(|listed| listed.was_asked())
            .map(|listed| listed.id.0.as_str())
            .collect();
        let requests = returns::requests_of(&client, &asked).await?;
        for (order, listed) in found.iter().zip(&listed) {
            let of = |id: &SomeId| {
                let mine = requests.iter().filter(|request| request.order_id == *id);
                mine.map(|request| request.raw.get()).collect::<Vec<_>>().join(",")
            };
            let requests = listed.as_ref().map(|listed| of(&listed.id)).unwrap_or_default();
            // Details that cannot be read go to the inbox all the same, where they are kept.
            let body = format!("{{\"order\":{order},\"cancellations\":[{requests}]}}");
            fetched.messages.push(Raw { kind: orders::DETAIL, body: body.into() });
        }
    }
    Ok(fetched)
}

impl Client<'_> {
    /// Those of these orders that are there. Whether an unknown one among them is left out or refuses
    /// the whole request is not documented: then each is asked for by itself.
    async fn orders(&self, ids: &[&String]) -> Result<Vec<Box<RawValue>>, Error> {
        match self.orders_at_once(ids).await {
            Err(Error::NotFound) if ids.len() > 1 => {}
            Err(Error::NotFound) => return Ok(Vec::new()),
            told => return told,
        }
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            match self.orders_at_once(std::slice::from_ref(id)).await {
                Ok(orders) => found.extend(orders),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn orders_at_once(&self, ids: &[&String]) -> Result<Vec<Box<RawValue>>, Error> {
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        let said = Said { query: &[("ids", &ids.join(","))], ..Said::default() };
        let data = self.ask(&endpoints::ORDER_DETAIL, said).await?;
        let answer: Option<Answer<'_>> = read(orders::DETAIL, data.get().as_bytes())?;
        let orders = answer.unwrap_or_default().orders.unwrap_or_default();
        Ok(orders.into_iter().map(ToOwned::to_owned).collect())
    }

    /// One order.
    pub(super) async fn order(&self, id: &str) -> Result<Box<RawValue>, Error> {
        if !is_id(id) {
            return Err(Error::NotFound);
        }
        self.orders_at_once(&[&id.to_owned()]).await?.into_iter().next().ok_or(Error::NotFound)
    }
}
