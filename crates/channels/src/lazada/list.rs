//! Orders fetched: a page of those that changed, or named ones, each with its units.
//!
//! An order and its units are asked for by two requests, and a message holds both:
//! `{"order": …, "items": […]}`.

use std::collections::BTreeMap;

use bytes::Bytes;
use dermaga_channel::{Call, Changes, Error, Fetched, Raw};
use dermaga_domain::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::{OFFSET_MAX, ORDERS_PAGE_MAX, UNITS_BATCH_MAX};
use super::client::Client;
use super::orders;
use super::wire::{Moment, SomeId, iso, read, read_object};

/// Where a list of changes is read: after a second, leaving out so many orders.
///
/// Orders move to the end of this list when they change, so that no page is asked for by how many were
/// read: the next one begins in the second in which the last one ended. Only a second with more than a
/// page of orders is walked by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    after: i64,
    offset: u32,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (after, offset) = text.split_once('.')?;
        Some(Self { after: after.parse().ok()?, offset: offset.parse().ok()? })
    }

    fn text(self) -> String {
        format!("{}.{}", self.after, self.offset)
    }

    /// Where to go on after a page that ended in this second. Whether a list has what changed in the
    /// second that it is asked from is told nowhere: it is asked from the second before.
    fn next(self, rows: usize, last: Option<i64>) -> Result<Option<Self>, Error> {
        if rows < ORDERS_PAGE_MAX as usize {
            return Ok(None);
        }
        if let Some(last) = last.filter(|last| last - 1 > self.after) {
            return Ok(Some(Self { after: last - 1, offset: 0 }));
        }
        let offset = self.offset + ORDERS_PAGE_MAX;
        if offset > OFFSET_MAX {
            return Err(Error::Unsupported("a list of more orders in one second than it shows"));
        }
        Ok(Some(Self { after: self.after, offset }))
    }
}

/// A row of a list, as far as walking goes.
#[derive(Deserialize)]
struct Listed {
    order_id: SomeId,
    #[serde(default)]
    updated_at: Moment,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    orders: Vec<&'a RawValue>,
}

/// A page of the orders that changed in a window.
pub(super) async fn changed(call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let place = match changes.page.as_deref() {
        Some(page) => Place::parse(page).ok_or(Error::Unsupported("not a page of this list"))?,
        None => Place { after: changes.from.as_seconds() - 1, offset: 0 },
    };
    let said = [
        ("update_after", &*iso(place.after)),
        ("update_before", &iso(ceil_seconds(changes.to))),
        ("sort_by", "updated_at"),
        ("sort_direction", "ASC"),
        ("limit", &ORDERS_PAGE_MAX.to_string()),
        ("offset", &place.offset.to_string()),
    ];
    let answer = client.get("order_list", "/orders/get", &said).await?;
    let page: Page<'_> = read_object(orders::LIST, answer.get().as_bytes())?;
    let listed: Vec<(Option<Listed>, &RawValue)> = page
        .orders
        .iter()
        .map(|row| (read_object(orders::LIST, row.get().as_bytes()).ok(), *row))
        .collect();
    let ids: Vec<u64> =
        listed.iter().filter_map(|(row, _)| Some(row.as_ref()?.order_id.0)).collect();
    let units = client.units_of(&ids).await?;
    let rows: Vec<String> = listed
        .iter()
        .map(|(row, order)| {
            looked(
                order,
                row.as_ref().and_then(|row| units.get(&row.order_id.0).map(|units| &**units)),
            )
        })
        .collect();
    let seen = listed.iter().filter_map(|(row, _)| row.as_ref()?.updated_at.0);
    let next = place.next(rows.len(), seen.max().map(Time::as_seconds))?;
    let message = (!rows.is_empty())
        .then(|| Raw { kind: orders::LIST, body: format!("[{}]", rows.join(",")).into() });
    Ok(Fetched::page(message, next.map(Place::text)))
}

fn ceil_seconds(at: Time) -> i64 {
    at.as_seconds() + i64::from(at.0.rem_euclid(1_000_000) > 0)
}

/// An order with its units, as a message holds it. Without units it is asked for again by its id.
fn looked(order: &RawValue, units: Option<&RawValue>) -> String {
    let units = units.map_or("[]", RawValue::get);
    format!("{{\"order\":{order},\"items\":{units}}}")
}

/// The details of orders, each by its own request, and their units together.
pub(super) async fn fetch(call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
    let client = Client::new(call)?;
    let mut fetched = Fetched::default();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let Ok(number) = id.parse::<u64>() else {
            fetched.not_found.push(id.clone());
            continue;
        };
        match client.get("order", "/order/get", &[("order_id", id)]).await {
            Ok(order) => found.push((number, order)),
            Err(Error::NotFound) => fetched.not_found.push(id.clone()),
            Err(error) => return Err(error),
        }
    }
    let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
    let units = client.units_of(&numbers).await?;
    let raw = |(number, order): &(u64, Box<RawValue>)| Raw {
        kind: orders::DETAIL,
        body: Bytes::from(looked(order, units.get(number).map(|units| &**units))),
    };
    fetched.messages = found.iter().map(raw).collect();
    Ok(fetched)
}

/// Numbers as a parameter of the channel holds them: `[1,2]`.
pub(super) fn numbers(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    format!("[{}]", ids.join(","))
}

#[derive(Deserialize)]
struct UnitsOf<'a> {
    order_id: SomeId,
    #[serde(borrow)]
    order_items: &'a RawValue,
}

impl Client<'_> {
    /// The units of orders, by the order's id.
    async fn units_of(&self, ids: &[u64]) -> Result<BTreeMap<u64, Box<RawValue>>, Error> {
        let mut all = BTreeMap::new();
        for some in ids.chunks(UNITS_BATCH_MAX) {
            let said = [("order_ids", &*numbers(some))];
            let answer = self.get("order_items", "/orders/items/get", &said).await?;
            let rows: Vec<&RawValue> = read("order_items", answer.get().as_bytes())?;
            for row in rows {
                // One that cannot be read is asked for again with its order.
                if let Ok(of) = read_object::<UnitsOf<'_>>("order_items", row.get().as_bytes()) {
                    all.insert(of.order_id.0, of.order_items.to_owned());
                }
            }
        }
        Ok(all)
    }

    /// The units of one order.
    pub(super) async fn units(&self, order: &str) -> Result<Vec<orders::Item>, Error> {
        let said = [("order_id", order)];
        let answer = self.get("order_items", "/order/items/get", &said).await?;
        read("order_items", answer.get().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_the_next_one_begins() {
        let full = ORDERS_PAGE_MAX as usize;
        let place = Place { after: 100, offset: 0 };
        let next = |place: Place, rows, last| place.next(rows, last).unwrap();
        assert_eq!(next(place, full - 1, Some(200)), None);
        assert_eq!(next(place, full, Some(200)), Some(Place { after: 199, offset: 0 }));
        // More than a page of one second is walked by number.
        let further = Place { after: 100, offset: ORDERS_PAGE_MAX };
        assert_eq!(next(place, full, Some(101)), Some(further));
        assert_eq!(next(further, full, Some(140)), Some(Place { after: 139, offset: 0 }));
        assert_eq!(next(place, full, None), Some(further));
        let last = Place { after: 100, offset: OFFSET_MAX };
        assert_eq!(last.next(full, Some(101)).unwrap_err().name(), "unsupported");
        assert_eq!(Place::parse(&further.text()), Some(further));
        assert_eq!(Place::parse("100"), None);
    }
}
