//! Couriers: what they want to be told, asking for one, and the number they give a little later.

use serde_json::{Value, json};

use super::Shopee;
use super::books::{OWN_COURIER_SHOP_ID, Parcel, second};
use super::errors::{self, Error, business};
use super::orders::no_order;
use super::routes::{Ask, Reply, text};
use crate::lock;

/// Where couriers come to.
const ADDRESS_ID: i64 = 234;

fn unknown() -> Error {
    business("logistics.package_not_exist", "The package is not exist.")
}

fn wrong_status() -> Error {
    business("logistics.error_status_limit", "The order status does not support shipping now")
}

/// What a body says of how a parcel is handed over: `Some` = with a number of the seller's own.
fn handover(body: &Value, own_courier: bool) -> Result<Option<String>, Error> {
    let ways = ["pickup", "dropoff", "non_integrated"];
    let named: Vec<&str> = ways.into_iter().filter(|way| body.get(way).is_some()).collect();
    match (named.as_slice(), own_courier) {
        (["non_integrated"], true) => {
            let awb = text(&body["non_integrated"], "tracking_number");
            if awb.is_empty() {
                Err(errors::parameter("tracking_number"))
            } else {
                Ok(Some(awb.to_owned()))
            }
        }
        (["dropoff"], false) => Ok(None),
        (["pickup"], false) => {
            let how = &body["pickup"];
            let there = how.get("address_id").and_then(Value::as_i64) == Some(ADDRESS_ID);
            if !there || text(how, "pickup_time_id").is_empty() {
                return Err(errors::parameter("pickup"));
            }
            Ok(None)
        }
        _ => Err(errors::parameter("pickup, dropoff or non_integrated as info_needed says")),
    }
}

impl Shopee {
    /// A parcel of this shop's order: the one with this number, or the only one.
    pub(super) fn parcel(
        &self,
        order_id: &str,
        number: &str,
        shop_id: i64,
    ) -> Result<Parcel, Error> {
        self.own_order(order_id, shop_id)?;
        let side = lock(&self.side);
        let extra = side.extras.get(order_id).ok_or_else(unknown)?;
        if number.is_empty() && extra.parcels.len() > 1 {
            let words = "Please request with package_number for this split order.";
            return Err(business("logistics.package_number_not_exist", words));
        }
        let found = extra.parcels.iter().find(|it| number.is_empty() || it.number == number);
        found.cloned().ok_or_else(unknown)
    }

    fn asked_parcel(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Parcel, Error> {
        let order = ask.param("order_sn").ok_or_else(|| errors::parameter("order_sn"))?;
        self.parcel(order, ask.param("package_number").unwrap_or_default(), shop_id)
    }

    /// What the courier of a parcel wants to be told.
    pub(super) fn ship_parameter(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        self.asked_parcel(ask, shop_id)?;
        if shop_id == OWN_COURIER_SHOP_ID {
            return Ok(Reply::response(json!({
                "info_needed": {"non_integrated": ["tracking_number"]},
            })));
        }
        let now_s = second(self.desk.clock.now_us());
        let slot = |day: i64| {
            let date = now_s + day * 86_400;
            let flags = if day == 1 { json!(["recommended"]) } else { json!([]) };
            json!({"date": date, "time_text": "", "pickup_time_id": date.to_string(), "flags": flags})
        };
        Ok(Reply::response(json!({
            "info_needed": {"pickup": ["address_id", "pickup_time_id"], "dropoff": []},
            "dropoff": {"branch_list": null, "slug_list": null},
            "pickup": {"address_list": [{
                "address_id": ADDRESS_ID, "region": "ID", "state": "DKI Jakarta",
                "city": "Jakarta Selatan", "district": "Jagakarsa", "town": "",
                "address": "Jl. Contoh 1", "zipcode": "12620",
                "address_flag": ["default_address", "pickup_address"],
                "time_slot_list": [slot(1), slot(2), slot(3)],
            }]},
        })))
    }

    /// Asks the courier of a parcel.
    pub(super) fn ship(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = text(&body, "order_sn");
        let parcel = self.parcel(order_id, text(&body, "package_number"), shop_id)?;
        let awb = handover(&body, shop_id == OWN_COURIER_SHOP_ID)?;
        self.change(order_id, no_order(), |hand| {
            let ready = hand.order.status() == "READY_TO_SHIP";
            if !ready || parcel.status != "LOGISTICS_READY" {
                return Err(wrong_status());
            }
            Ok(hand.arrange(&parcel.number, awb.as_deref()))
        })?;
        Ok(Reply::done(order_id, Value::Null))
    }

    /// Asks the courier again who did not come.
    pub(super) fn ship_again(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = text(&body, "order_sn");
        let parcel = self.parcel(order_id, text(&body, "package_number"), shop_id)?;
        handover(&body, false)?;
        self.change(order_id, no_order(), |hand| {
            if hand.order.status() != "RETRY_SHIP" {
                return Err(wrong_status());
            }
            Ok(hand.arrange(&parcel.number, None))
        })?;
        Ok(Reply::done(order_id, Value::Null))
    }

    /// The tracking number; blank until it is there.
    pub(super) fn tracking_number(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let parcel = self.asked_parcel(ask, shop_id)?;
        let told = self.desk.clock.now_us() >= parcel.awb_from_us;
        let awb = if told { parcel.awb.as_str() } else { "" };
        Ok(Reply::response(json!({"tracking_number": awb, "hint": "", "pickup_code": ""})))
    }
}
