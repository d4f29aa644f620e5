//! Reading orders and their units.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Lazada;
use super::acts::own_order;
use super::books::{Floor, short_code};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::show;
use crate::books::Order;
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;

/// Most orders on a page.
const LIMIT_MAX: usize = 100;
/// The furthest row that a page begins with.
const OFFSET_MAX: usize = 5_000;
/// Most orders whose units are asked for at once.
const ORDERS_MAX: usize = 50;

/// What orders can be filtered by: their units' statuses and three groups of them.
const FILTERS: [&str; 20] = [
    "unpaid",
    "pending",
    "packed",
    "canceled",
    "ready_to_ship",
    "delivered",
    "returned",
    "shipped",
    "failed",
    "topack",
    "toship",
    "shipping",
    "lost",
    "lost_by_3pl",
    "damaged_by_3pl",
    "failed_delivery",
    "shipped_back",
    "shipped_back_success",
    "shipped_back_failed",
    "package_scrapped",
];

fn in_filter(filter: &str, status: &str) -> bool {
    match filter {
        "topack" => matches!(status, "pending" | "repacked"),
        "toship" => matches!(status, "packed" | "ready_to_ship"),
        "shipping" => status == "shipped",
        filter => filter == status,
    }
}

/// A second of a parameter: ISO 8601 with an offset.
fn second(ask: &Ask<'_>, name: &str) -> Result<Option<i64>, Error> {
    let Some(text) = ask.param(name) else { return Ok(None) };
    let at = text.parse::<Timestamp>().map_err(|_| errors::date(text))?;
    Ok(Some(at.as_second()))
}

/// What orders are asked for.
struct Wanted<'a> {
    created: (Option<i64>, Option<i64>),
    updated: (Option<i64>, Option<i64>),
    status: Option<&'a str>,
    by_update: bool,
    ascending: bool,
    limit: usize,
    offset: usize,
}

impl<'a> Wanted<'a> {
    fn read(ask: &'a Ask<'_>) -> Result<Self, Error> {
        let created = (second(ask, "created_after")?, second(ask, "created_before")?);
        let updated = (second(ask, "update_after")?, second(ask, "update_before")?);
        if created.0.is_none() && updated.0.is_none() {
            return Err(errors::date("created_after or update_after"));
        }
        let status = ask.param("status");
        if let Some(status) = status.filter(|status| !FILTERS.contains(status)) {
            return Err(errors::status_filter(status));
        }
        let by_update = match ask.param("sort_by") {
            None | Some("created_at") => false,
            Some("updated_at") => true,
            Some(_) => return Err(Error::new("74", "E074: Invalid sort_by filter")),
        };
        let ascending = match ask.param("sort_direction") {
            None | Some("DESC") => false,
            Some("ASC") => true,
            Some(_) => return Err(Error::new("75", "E075: Invalid sort_direction")),
        };
        let number = |name: &str, default: usize, most: usize, wrong: fn(&str) -> Error| {
            let text = ask.param(name).unwrap_or_default();
            if text.is_empty() {
                return Ok(default);
            }
            let number = text.parse().ok().filter(|number| *number <= most);
            number.ok_or_else(|| wrong(text))
        };
        let limit = number("limit", LIMIT_MAX, LIMIT_MAX, errors::limit)?;
        let offset = number("offset", 0, OFFSET_MAX, errors::offset)?;
        Ok(Self { created, updated, status, by_update, ascending, limit, offset })
    }

    fn holds(&self, order: &Order, floor: &Floor) -> bool {
        // What changed in the second that is asked from is left out, and in the one asked to too.
        let within = |at_us: i64, (after, before): (Option<i64>, Option<i64>)| {
            let at = at_us.div_euclid(SECOND_US);
            after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before)
        };
        let stands = |status: &str| {
            let extra = floor.extras.get(&order.id);
            extra.is_some_and(|it| it.units.iter().any(|unit| in_filter(status, &unit.status)))
        };
        within(order.created_us, self.created)
            && within(order.updated_us, self.updated)
            && self.status.is_none_or(stands)
    }
}

impl Lazada {
    /// The seller of the token in this country.
    pub(super) fn seller(&self, ask: &Ask<'_>) -> Reply {
        let books = lock(&self.desk.books);
        let name = books.shops.get(&ask.shop_id).map_or("", |shop| shop.name);
        Reply::data(json!({
            "name": name, "seller_id": ask.shop_id.to_string(),
            "short_code": short_code(ask.shop_id), "email": "", "cb": false, "location": "",
            "status": "ACTIVE", "verified": true, "marketplaceEaseMode": false,
        }))
    }

    /// Orders by one of their times, without their units.
    pub(super) fn list_orders(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let mut wanted = Wanted::read(ask)?;
        if wanted.offset > 0 && self.desk.faults.fires(ask.shop_id, Fault::PageDrift) {
            // An order of an earlier page has moved to the end: the rows behind it moved up.
            wanted.offset += 1;
        }
        let now_us = self.desk.clock.now_us();
        let books = lock(&self.desk.books);
        let floor = lock(&self.floor);
        let from = wanted.updated.0.map_or(i64::MIN, |after| after + 1);
        let changed = floor
            .by_change
            .range((ask.shop_id, from, i64::MIN)..=(ask.shop_id, i64::MAX, i64::MAX));
        let found = changed.filter_map(|(_, _, number)| books.find_order(&number.to_string()));
        let listed = |order: &&Arc<Order>| order.listed_from_us <= now_us;
        let found = found.filter(listed).filter(|order| wanted.holds(order, &floor));
        let mut found: Vec<&Arc<Order>> = found.collect();
        if wanted.by_update {
            found.sort_by_key(|order| (order.updated_us.div_euclid(SECOND_US), order.number));
        } else {
            found.sort_by_key(|order| (order.created_us, order.number));
        }
        if !wanted.ascending {
            found.reverse();
        }
        let total = found.len();
        let page = found.into_iter().skip(wanted.offset).take(wanted.limit);
        let rows: Vec<Value> = page
            .filter_map(|order| Some(show::order(order, floor.extras.get(&order.id)?)))
            .collect();
        Ok(Reply::data(json!({"count": rows.len(), "countTotal": total, "orders": rows})))
    }

    /// The order that a parameter names.
    pub(super) fn order_asked(&self, ask: &Ask<'_>) -> Result<Arc<Order>, Error> {
        let id = ask.needed("order_id")?;
        let books = lock(&self.desk.books);
        own_order(&books, ask.shop_id, id).ok_or_else(|| errors::order_id(id))
    }

    /// One order, without its units.
    pub(super) fn order_detail(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.order_asked(ask)?;
        let floor = lock(&self.floor);
        let extra = floor.extras.get(&order.id).ok_or_else(|| errors::order_id(&order.id))?;
        Ok(Reply::data(show::order(&order, extra)))
    }

    /// The units of an order, perhaps as a replica that lags shows them.
    fn units(&self, order: &Order) -> Value {
        let stale = self.desk.faults.fires(order.shop_id, Fault::StaleRead);
        let floor = lock(&self.floor);
        let extra = floor.extras.get(&order.id);
        extra.map_or(Value::Null, |extra| show::units(order, extra, &floor, stale))
    }

    /// The units of one order.
    pub(super) fn units_of_one(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.order_asked(ask)?;
        Ok(Reply::data(self.units(&order)))
    }

    /// The units of up to fifty orders.
    pub(super) fn units_of_many(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let ids = numbers(ask, "order_ids")?;
        if ids.len() > ORDERS_MAX {
            return Err(Error::new("38", "E038: Too many orders were requested"));
        }
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let order = own_order(&lock(&self.desk.books), ask.shop_id, &id.to_string());
            let order = order.ok_or_else(|| errors::order_id(&id.to_string()))?;
            let units = self.units(&order);
            rows.push(json!({"order_id": id, "order_number": id, "order_items": units}));
        }
        Ok(Reply::data(Value::Array(rows)))
    }
}

/// A parameter that is a list of numbers: `[1,2]`.
pub(super) fn numbers(ask: &Ask<'_>, name: &str) -> Result<Vec<i64>, Error> {
    let text = ask.param(name).unwrap_or_default();
    if text.is_empty() || text == "[]" {
        return Err(Error::new("39", "E039: No orders were requested"));
    }
    serde_json::from_str(text).map_err(|_| Error::new("56", "E056: Invalid list, use [1,2]"))
}
