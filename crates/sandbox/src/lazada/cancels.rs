//! Cancelling: reasons that differ by country and are asked for first, and answers to a buyer's wish.

use serde_json::{Value, json};

use super::Lazada;
use super::acts::{CANCELLABLE, Change, Units, grant_wish};
use super::books::country_of;
use super::errors::Error;
use super::orders::numbers;
use super::routes::{Ask, Reply};
use crate::books::Actor;
use crate::lock;

/// Why a seller cancels: the number in Indonesia, the name, whether the SKU is then taken for gone.
const REASONS: [(i64, &str, bool); 3] = [
    (10_000_019, "Sourcing Delay", false),
    (10_000_021, "Out of Stock", true),
    (10_000_023, "Wrong Price or Pricing Error", true),
];

/// By how much the reasons' numbers are higher elsewhere.
const ELSEWHERE: i64 = 100;

/// The reasons of a shop's country.
fn reasons(shop_id: i64) -> impl Iterator<Item = (i64, &'static str, bool)> {
    let more = if country_of(shop_id).name == "id" { 0 } else { ELSEWHERE };
    REASONS.into_iter().map(move |(id, name, gone)| (id + more, name, gone))
}

/// The units that a call names, all of which can be cancelled.
fn named(change: &Change<'_>, ids: &[i64]) -> Result<Units, Error> {
    let mut units = change.units_in(&CANCELLABLE);
    units.retain(|at| ids.contains(&change.extra.units[*at].id));
    if units.len() == ids.len() {
        return Ok(units);
    }
    let known = |id: &i64| change.extra.units.iter().any(|unit| unit.id == *id);
    if ids.iter().all(known) {
        return Err(Error::new("123", "E123: Invalid order lines for cancellation"));
    }
    Err(Error::new("102", "E102: Invalid order item id"))
}

impl Lazada {
    fn cancel_asked(&self, ask: &Ask<'_>) -> Result<(String, Vec<i64>), Error> {
        let order = self.order_asked(ask).map_err(|error| match error.code {
            "16" => Error::new("122", "E122: Invalid order"),
            _ => error,
        })?;
        Ok((order.id.clone(), numbers(ask, "order_item_id_list")?))
    }

    /// Whether units can be cancelled, and with which reasons.
    pub(super) fn validate_cancel(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let (order, ids) = self.cancel_asked(ask)?;
        let unknown = Error::new("122", "E122: Invalid order");
        self.change(&order, unknown, |change| named(change, &ids).map(drop))?;
        let options: Vec<Value> = reasons(ask.shop_id)
            .map(|(id, name, _)| json!({"reason_id": id.to_string(), "reason_name": name}))
            .collect();
        Ok(Reply::data(json!({
            "tip_content": "The stock of the SKU may be set to 0.", "tip_type": "warn",
            "reason_options": options,
        })))
    }

    /// Cancels units, and what is in the same parcels.
    pub(super) fn create_cancel(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let (order, ids) = self.cancel_asked(ask)?;
        let given = ask.needed("reason_id")?;
        let reason = reasons(ask.shop_id).find(|(id, ..)| id.to_string() == given);
        let (_, name, gone) = reason.ok_or_else(|| Error::new("104", "E104: Invalid reason"))?;
        let unknown = Error::new("122", "E122: Invalid order");
        self.change(&order, unknown, |change| {
            let mut units = named(change, &ids)?;
            let parcels: Vec<String> = units
                .iter()
                .map(|at| change.extra.units[*at].package.clone())
                .filter(|package| !package.is_empty())
                .collect();
            let mut beside = change.units_in(&CANCELLABLE);
            beside.retain(|at| parcels.contains(&change.extra.units[*at].package));
            units.extend(beside);
            units.sort_unstable();
            units.dedup();
            change.cancel(&units, Actor::Seller, name);
            for &at in units.iter().filter(|_| gone) {
                let line = &change.order.lines[change.extra.units[at].line];
                if let Some(product) = change.books.products.get_mut(&line.product_id) {
                    product.stock = 0;
                }
            }
            Ok(())
        })?;
        let tip = json!({"tip_content": "The order has been cancelled.", "tip_type": "warn"});
        Ok(Reply::data(tip).with_effect(true))
    }

    /// Answers a buyer's wish to cancel.
    pub(super) fn decide_cancel(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let wish: i64 = ask
            .needed("reverse_order_id")?
            .parse()
            .map_err(|_| Error::new("105", "E105: Invalid reverse order id"))?;
        let agree = match ask.needed("agree_cancel")? {
            "true" => true,
            "false" => false,
            _ => return Err(Error::new("131", "E131: no decision")),
        };
        let order = {
            let floor = lock(&self.floor);
            let waits = |extra: &super::books::Extra| {
                extra.units.iter().any(|unit| unit.wish == Some(wish))
            };
            floor.extras.iter().find(|(_, extra)| waits(extra)).map(|(id, _)| id.clone())
        };
        let none = || Error::new("131", "E131: the reverse order can not be decided on");
        let order = order.ok_or_else(none)?;
        self.change(&order, none(), |change| {
            if change.order.shop_id != ask.shop_id {
                return Err(none());
            }
            if agree {
                grant_wish(change);
            } else {
                refuse_wish(change);
            }
            Ok(())
        })?;
        Ok(Reply::data(json!({})).with_effect(true).about(order))
    }
}

/// The buyer's wish is over; the order goes on.
fn refuse_wish(change: &mut Change<'_>) {
    for unit in &mut change.extra.units {
        if unit.wish.take().is_some() {
            unit.updated_us = change.now_us;
        }
    }
    if let Some(request) = &mut change.order.cancel_request {
        request.open = false;
    }
    change.order.updated_us = change.now_us;
}
