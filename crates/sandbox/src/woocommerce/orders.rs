//! Reading and changing orders, and the notes on them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::WooCommerce;
use super::acts::{STATUSES, TRASH, set_status};
use super::books::{Note, SHOP_ID};
use super::errors::{self, Error};
use super::hooks::Topic;
use super::pages::{Cut, gmt, ids, local, second};
use super::routes::{Ask, Reply};
use super::{made, show};
use crate::books::{Actor, Books, Order};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;

/// What orders are asked for.
struct Wanted {
    /// None: all but the bin.
    statuses: Option<Vec<String>>,
    include: Option<Vec<i64>>,
    exclude: Vec<i64>,
    created: (Option<i64>, Option<i64>),
    modified: (Option<i64>, Option<i64>),
}

impl Wanted {
    fn read(ask: &Ask<'_>) -> Result<Self, Error> {
        let statuses: Vec<String> =
            ask.param("status").unwrap_or("any").split(',').map(str::to_owned).collect();
        let known = |status: &String| {
            status == "any" || status == TRASH || STATUSES.contains(&status.as_str())
        };
        if !statuses.iter().all(known) {
            return Err(errors::invalid_param("status"));
        }
        let all = statuses.iter().any(|status| status == "any");
        Ok(Self {
            statuses: (!all).then_some(statuses),
            include: ids(ask, "include")?,
            exclude: ids(ask, "exclude")?.unwrap_or_default(),
            created: (second(ask, "after")?, second(ask, "before")?),
            modified: (second(ask, "modified_after")?, second(ask, "modified_before")?),
        })
    }

    fn holds(&self, order: &Order) -> bool {
        let shown = match &self.statuses {
            Some(statuses) => statuses.iter().any(|status| status == order.status()),
            None => order.status() != TRASH,
        };
        let within = |at_us: i64, (after, before): (Option<i64>, Option<i64>)| {
            let at = at_us.div_euclid(SECOND_US);
            after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before)
        };
        shown
            && self.include.as_ref().is_none_or(|ids| ids.contains(&order.number))
            && !self.exclude.contains(&order.number)
            && within(order.created_us, self.created)
            && within(order.updated_us, self.modified)
    }
}

impl WooCommerce {
    /// Orders, by one of their times or by id.
    pub(super) fn list_orders(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let (wanted, mut cut) = (Wanted::read(ask)?, Cut::read(ask)?);
        let ascending = match ask.param("order") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(errors::invalid_param("order")),
        };
        let by = ask.param("orderby").unwrap_or("date");
        if !["date", "id", "modified", "include", "title", "slug"].contains(&by) {
            return Err(errors::invalid_param("orderby"));
        }
        if cut.is_further() && self.desk.faults.fires(SHOP_ID, Fault::PageDrift) {
            cut = cut.drifted();
        }
        let now_us = self.desk.clock.now_us();
        let books = lock(&self.desk.books);
        let site = lock(&self.site);
        let mut found: Vec<Arc<Order>> = match (by, wanted.include.as_ref()) {
            (_, Some(ids)) => ids.iter().filter_map(|id| find(&books, *id)).collect(),
            ("modified", None) => {
                let from = wanted.modified.0.map_or(i64::MIN, |after| after + 1);
                let to = wanted.modified.1.unwrap_or(i64::MAX);
                let listed = site.by_change.range((from, i64::MIN)..(to.max(from), i64::MIN));
                listed.filter_map(|(_, number)| find(&books, *number)).collect()
            }
            _ => books.orders().cloned().collect(),
        };
        found.retain(|order| wanted.holds(order) && order.listed_from_us <= now_us);
        match by {
            "modified" => found.sort_by_key(|order| (order.updated_us / SECOND_US, order.number)),
            "id" => found.sort_by_key(|order| order.number),
            _ => found.sort_by_key(|order| (order.created_us, order.number)),
        }
        if !ascending {
            found.reverse();
        }
        Ok(cut.of(&found, |order| show::order(&site, &self.maybe_stale(order))))
    }

    /// One order.
    pub(super) fn order_detail(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.maybe_stale(&self.order_of(ask)?);
        Ok(Reply::read(show::order(&lock(&self.site), &order)))
    }

    /// The order of the path.
    pub(super) fn order_of(&self, ask: &Ask<'_>) -> Result<Arc<Order>, Error> {
        let books = lock(&self.desk.books);
        let order = books.find_order(ask.id).cloned();
        order.ok_or_else(|| errors::invalid_id("order", !ask.writes()))
    }

    /// The order as a lagging replica would show it, when that fault fires.
    fn maybe_stale(&self, order: &Arc<Order>) -> Arc<Order> {
        if let Some(mut earlier) = order.before().filter(|earlier| !earlier.history.is_empty())
            && self.desk.faults.fires(order.shop_id, Fault::StaleRead)
        {
            earlier.updated_us = earlier.updated_us.min(order.updated_us);
            return Arc::new(earlier);
        }
        Arc::clone(order)
    }

    /// Sets an order's status and what people put on it.
    pub(super) fn update_order(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let status = match body.get("status").map(|status| status.as_str().unwrap_or_default()) {
            Some(status) if !STATUSES.contains(&status) => {
                return Err(errors::invalid_param("status"));
            }
            status => status.map(str::to_owned),
        };
        let meta = body["meta_data"].as_array().cloned().unwrap_or_default();
        let mut effect = false;
        let unknown = errors::invalid_id("order", false);
        let order = self.change(ask.id, unknown, |books, site, order, now_us| {
            made::check_rows(&body, Some(order))?;
            let mut told = None;
            for row in &meta {
                let (Some(key), value) = (row["key"].as_str(), text_of(&row["value"])) else {
                    continue;
                };
                let id = site.next_id();
                let kept = &mut site.extra(&order.id).meta;
                match kept.iter_mut().find(|(_, known, _)| known == key) {
                    Some(known) if known.2 == value => continue,
                    Some(known) => known.2 = value,
                    None => kept.push((id, key.to_owned(), value)),
                }
                told = Some(Topic::OrderUpdated);
            }
            if let Some(status) = &status {
                let set = set_status(books, site, order, (status, Actor::Seller), now_us);
                told = set.or(told);
            }
            effect = told.is_some();
            Ok(told)
        })?;
        let shown = show::order(&lock(&self.site), &order);
        Ok(Reply { effect, ..Reply::read(shown) })
    }

    /// Puts an order into the bin, or deletes it for good.
    pub(super) fn delete_order(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.order_of(ask).map_err(|_| errors::invalid_id("order", true))?;
        let shown = show::order(&lock(&self.site), &order);
        if ask.param("force") == Some("true") {
            self.delete(ask.id).map_err(|_| errors::invalid_id("order", true))?;
            return Ok(Reply::done(200, shown));
        }
        if order.status() == TRASH {
            let message = "The order has already been deleted.";
            return Err(Error::new(410, "woocommerce_rest_already_trashed", message));
        }
        let unknown = errors::invalid_id("order", true);
        self.change(ask.id, unknown, |books, site, order, now_us| {
            Ok(set_status(books, site, order, (TRASH, Actor::Seller), now_us))
        })?;
        Ok(Reply::done(200, shown))
    }

    /// The notes on an order, newest first.
    pub(super) fn list_notes(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.order_of(ask)?;
        let site = lock(&self.site);
        let notes = site.extras.get(&order.id).map(|extra| extra.notes.as_slice());
        let shown: Vec<Value> = notes.unwrap_or_default().iter().rev().map(note).collect();
        Ok(Reply::read(Value::Array(shown)))
    }

    /// Puts a note on an order.
    pub(super) fn create_note(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let text = body["note"].as_str().ok_or_else(|| errors::missing_param("note"))?;
        let order = self.order_of(ask).map_err(|_| errors::invalid_id("order", true))?;
        let at_us = self.desk.shop_now_us(SHOP_ID);
        let mut site = lock(&self.site);
        let to_buyer = body["customer_note"].as_bool().unwrap_or(false);
        let kept = Note { id: site.next_id(), at_us, text: text.to_owned(), to_buyer };
        let shown = note(&kept);
        site.extra(&order.id).notes.push(kept);
        Ok(Reply::done(201, shown))
    }

    /// How many orders have each status; statuses of the shop's own too.
    pub(super) fn status_totals(&self) -> Reply {
        let books = lock(&self.desk.books);
        let rows = STATUSES.iter().map(|status| {
            let total = books.orders().filter(|order| order.status() == *status).count();
            json!({"slug": status, "name": status, "total": total})
        });
        Reply::read(Value::Array(rows.collect()))
    }
}

fn find(books: &Books, number: i64) -> Option<Arc<Order>> {
    books.find_order(&number.to_string()).cloned()
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn note(note: &Note) -> Value {
    json!({
        "id": note.id, "author": "WooCommerce", "date_created": local(note.at_us),
        "date_created_gmt": gmt(note.at_us), "note": note.text, "customer_note": note.to_buyer,
        "added_by_user": false,
    })
}
