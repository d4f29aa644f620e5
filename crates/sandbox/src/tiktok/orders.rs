//! Reading orders.

use std::sync::Arc;

use serde_json::{Value, json};

use super::TikTok;
use super::acts::WAY;
use super::errors::{self, Error};
use super::pages::{Cut, second, window};
use super::routes::{Ask, Reply};
use super::show;
use crate::books::Order;
use crate::faults::Fault;
use crate::lock;

/// Most orders in one look at details.
const IDS_MAX: usize = 50;

impl TikTok {
    /// Orders by one of their times, filtered by the body.
    pub(super) fn search_orders(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let cut = Cut::read(ask, (1, 100), None)?;
        let body = ask.json()?;
        let ascending = match ask.param("sort_order") {
            None | Some("DESC") => false,
            Some("ASC") => true,
            Some(_) => return Err(errors::parameter("sort_order")),
        };
        let by_change = match ask.param("sort_field") {
            Some("update_time") => true,
            None | Some("create_time") => false,
            Some(_) => return Err(errors::parameter("sort_field")),
        };
        let status = body.get("order_status").and_then(Value::as_str).unwrap_or_default();
        if !status.is_empty() && status != "CANCELLED" && !WAY.contains(&status) {
            return Err(errors::parameter("order_status"));
        }
        let (created, changed) = (window(&body, "create_time")?, window(&body, "update_time")?);
        let cut = cut.drifting(&self.desk.faults, shop_id);
        let within = |at_us: i64, (from, to): (i64, i64)| (from..to).contains(&second(at_us));
        let now_us = self.desk.clock.now_us();
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let range = (shop_id, changed.0, i64::MIN)..(shop_id, changed.1.max(changed.0), i64::MIN);
        let listed = side.by_change.range(range);
        let mut found: Vec<Arc<Order>> = listed
            .filter_map(|(_, _, number)| books.find_order(&number.to_string()).cloned())
            .filter(|order| order.listed_from_us <= now_us && within(order.created_us, created))
            .filter(|order| status.is_empty() || order.status() == status)
            .collect();
        if !by_change {
            found.sort_by_key(|order| (order.created_us, order.number));
        }
        if !ascending {
            found.reverse();
        }
        let (rows, next) = cut.of(&found);
        let rows: Vec<Value> =
            rows.iter().map(|order| show::order(&side, &self.maybe_stale(order))).collect();
        Ok(Reply::data(json!({
            "total_count": found.len(), "next_page_token": next, "orders": rows,
        })))
    }

    /// Orders by their ids; those that are not this shop's are left out.
    pub(super) fn order_details(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let ids = ask.param("ids").ok_or_else(|| errors::parameter("ids"))?;
        let ids: Vec<&str> = ids.split(',').collect();
        if ids.len() > IDS_MAX || ids.iter().any(|id| id.parse::<i64>().is_err()) {
            return Err(errors::parameter("ids"));
        }
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mine = |id: &&str| books.find_order(id).filter(|order| order.shop_id == shop_id);
        let found = ids.iter().filter_map(mine);
        let rows: Vec<Value> =
            found.map(|order| show::order(&side, &self.maybe_stale(order))).collect();
        Ok(Reply::data(json!({"orders": rows})))
    }

    /// The order as a lagging replica would show it, when that fault fires.
    fn maybe_stale(&self, order: &Arc<Order>) -> Arc<Order> {
        if let Some(earlier) = order.before().filter(|earlier| !earlier.history.is_empty())
            && self.desk.faults.fires(order.shop_id, Fault::StaleRead)
        {
            return Arc::new(earlier);
        }
        Arc::clone(order)
    }

    /// An order of this shop.
    pub(super) fn own_order(&self, id: &str, shop_id: i64) -> Result<Arc<Order>, Error> {
        let books = lock(&self.desk.books);
        let found = books.find_order(id).filter(|order| order.shop_id == shop_id).cloned();
        found.ok_or_else(errors::not_yours)
    }
}
