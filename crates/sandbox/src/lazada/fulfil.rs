//! Packing, telling ready, dissolving a parcel: answers that are well as a whole, with a code for each row.

use serde_json::{Value, json};

use super::Lazada;
use super::acts::{Change, Units, own_order};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use crate::books::Actor;
use crate::lock;

/// Most orders or parcels of one call.
const ROWS_MAX: usize = 20;

/// A row's code and words.
type Verdict = (&'static str, &'static str);

const SUCCESS: Verdict = ("0", "success");
const WRONG_STATUS: Verdict = ("700026", "order item status is not allowed");
const NO_UNIT: Verdict = ("700025", "order item not found");
const BY_CHANNEL: Verdict = ("700027", "order item is fulfilled by the channel");
const NO_PARCEL: Verdict = ("600001", "package not found");
const CANCELLED_PARCEL: Verdict = ("600002", "package already cancelled");

/// The rows of a request, of which there may be so many.
fn rows<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], Error> {
    let rows = body[name].as_array().filter(|rows| !rows.is_empty());
    let rows = rows.ok_or_else(|| Error::new("700017", "a list is null"))?;
    if rows.len() > ROWS_MAX {
        return Err(Error::new("700022", "the number of rows exceeds the limit"));
    }
    Ok(rows)
}

/// The units that a list of ids names, and the ids of no unit.
fn units_named(change: &Change<'_>, ids: &[i64]) -> (Units, Vec<i64>) {
    let place = |id: &i64| change.extra.units.iter().position(|unit| unit.id == *id);
    let found = ids.iter().filter_map(place).collect();
    (found, ids.iter().copied().filter(|id| place(id).is_none()).collect())
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
}

impl Lazada {
    /// Which couriers there are: in Indonesia the channel chooses.
    pub(super) fn couriers(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json("getShipmentProvidersReq")?;
        for order in rows(&body, "orders")? {
            let id = order["order_id"].to_string();
            let known = own_order(&lock(&self.desk.books), ask.shop_id, &id);
            known.ok_or_else(|| errors::order_id(&id))?;
        }
        Ok(Reply::result(json!({
            "platform_default": 1, "shipment_providers": [], "shipping_allocate_type": "TFS",
        })))
    }

    /// Packs units: each row of the request becomes a parcel.
    pub(super) fn pack(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json("packReq")?;
        let mut effect = false;
        let mut packed = Vec::new();
        for row in rows(&body, "pack_order_list")? {
            let id = row["order_id"].to_string();
            if own_order(&lock(&self.desk.books), ask.shop_id, &id).is_none() {
                return Err(Error::new("700021", "order not found"));
            }
            let asked = ids(&row["order_item_list"]);
            let unknown = Error::new("700021", "order not found");
            let units = self.change(&id, unknown, |change| {
                Ok::<_, Error>(pack_units(change, &asked, &mut effect))
            })?;
            packed.push(json!({"order_id": row["order_id"], "order_item_list": units}));
        }
        Ok(Reply::result(json!({"pack_order_list": packed})).with_effect(effect))
    }

    /// The orders of the shop that have a unit in this parcel.
    pub(super) fn order_of_parcel(&self, shop_id: i64, package: &str) -> Option<String> {
        let books = lock(&self.desk.books);
        let floor = lock(&self.floor);
        let holds = |id: &&String| {
            let extra = floor.extras.get(*id);
            extra.is_some_and(|extra| extra.units.iter().any(|unit| unit.package == package))
        };
        let mine = |id: &&String| own_order(&books, shop_id, id).is_some();
        floor.extras.keys().filter(holds).find(mine).cloned()
    }

    /// Does something to each parcel of a request; a row for each.
    fn each_parcel(
        &self,
        ask: &Ask<'_>,
        body: &Value,
        does: impl Fn(&mut Change<'_>, &[usize]) -> Verdict,
    ) -> Result<Reply, Error> {
        let mut effect = false;
        let mut told = Vec::new();
        let mut about = String::new();
        for row in rows(body, "packages")? {
            let package = row["package_id"].as_str().unwrap_or_default();
            let order = self.order_of_parcel(ask.shop_id, package).filter(|_| !package.is_empty());
            if let Some(order) = &order {
                about.clone_from(order);
            }
            let verdict = match order {
                None => NO_PARCEL,
                Some(order) => self.change(&order, errors::order_id(&order), |change| {
                    let inside = |at: &usize| change.extra.units[*at].package == package;
                    let units: Units = (0..change.extra.units.len()).filter(inside).collect();
                    Ok::<_, Error>(does(change, &units))
                })?,
            };
            effect |= verdict == SUCCESS;
            told.push(json!({
                "package_id": package, "item_err_code": verdict.0, "msg": verdict.1, "retry": false,
            }));
        }
        Ok(Reply::result(json!({"packages": told})).with_effect(effect).about(about))
    }

    /// Tells parcels ready.
    pub(super) fn ready(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json("readyToShipReq")?;
        self.each_parcel(ask, &body, |change, units| {
            let all =
                |status: &str| units.iter().all(|at| change.extra.units[*at].status == status);
            if all("canceled") {
                return CANCELLED_PARCEL;
            }
            let mut packed = change.units_in(&["packed"]);
            packed.retain(|at| units.contains(at));
            if packed.is_empty() {
                return WRONG_STATUS;
            }
            change.order.pickup_asked_us = Some(change.now_us);
            change.set(&packed, "ready_to_ship", Actor::Seller);
            SUCCESS
        })
    }

    /// Dissolves parcels, to be packed again.
    pub(super) fn repack(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json("rePackReq")?;
        self.each_parcel(ask, &body, |change, units| {
            let mut packed = change.units_in(&["packed"]);
            packed.retain(|at| units.contains(at));
            if packed.is_empty() {
                return WRONG_STATUS;
            }
            for &at in &packed {
                change.extra.units[at].package.clear();
                change.extra.units[at].awb.clear();
            }
            change.set(&packed, "repacked", Actor::Seller);
            SUCCESS
        })
    }
}

/// Packs those of these units that can be; a row for each.
fn pack_units(change: &mut Change<'_>, asked: &[i64], effect: &mut bool) -> Vec<Value> {
    let (mut units, unknown) = units_named(change, asked);
    let by_channel = change.order.fulfilled_by_channel;
    let open = change.units_in(&["pending", "repacked"]);
    let others: Units =
        units.iter().copied().filter(|at| !open.contains(at) || by_channel).collect();
    units.retain(|at| !others.contains(at));
    let refused = |id: i64, (code, message): Verdict| {
        json!({
            "order_item_id": id, "item_err_code": code, "msg": message, "retry": false,
            "tracking_number": "", "shipment_provider": "", "package_id": "",
        })
    };
    let verdict = if by_channel { BY_CHANNEL } else { WRONG_STATUS };
    let mut rows: Vec<Value> =
        others.iter().map(|at| refused(change.extra.units[*at].id, verdict)).collect();
    rows.extend(unknown.into_iter().map(|id| refused(id, NO_UNIT)));
    if !units.is_empty() {
        let (package, awb) = change.pack(&units);
        *effect = true;
        rows.extend(units.iter().map(|at| {
            json!({
                "order_item_id": change.extra.units[*at].id, "item_err_code": SUCCESS.0,
                "msg": SUCCESS.1, "tracking_number": awb, "retry": false,
                "shipment_provider": change.order.carrier, "package_id": package,
            })
        }));
    }
    rows
}
