//! Couriers: what they want to be told, asking for one, and the number they give a little later.

use serde_json::{Value, json};

use super::Shopee;
use super::books::{OWN_COURIER_SHOP_ID, Parcel, second};
use super::errors::{self, Error, business};
use super::orders::no_order;
use super::routes::{Ask, Reply, text};
use crate::lock;

/// Where a parcel is that a courier was asked for.
const ARRANGED: [&str; 3] =
    ["LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE"];
/// Where couriers come to.
const ADDRESS_ID: i64 = 234;
/// For how many days ahead a courier can be asked.
const SLOT_DAYS: i64 = 3;

fn unknown() -> Error {
    business("logistics.package_not_exist", "The package is not exist.")
}

fn not_ready() -> Error {
    let words = "The order is not ready to ship.";
    business("logistics.ship_order_not_ready_to_ship", words)
}

fn already_shipped() -> Error {
    business("logistics.package_already_shipped", "The package has been arranged already.")
}

/// A way that the parcel's courier does not know.
fn unsupported(way: &str) -> Error {
    let code = match way {
        "pickup" => "logistics.ship_order_unsupport_pickup",
        "dropoff" => "logistics.ship_order_unsupport_dropoff",
        _ => "logistics.ship_order_unsupport_non_integrated",
    };
    business(code, &format!("The courier does not support {way}."))
}

/// Of an order with several parcels, one without its number. The channel's spelling.
fn need_number() -> Error {
    let words = "Please request with package_number for this split order.";
    business("logistics.ship_order_need_pacakge_number", words)
}

/// A lone parcel with its number. The channel's spelling.
fn number_not_needed() -> Error {
    let words = "Please request without package_number for this order.";
    business("logistics.ship_order_not_need_pacakge_number", words)
}

/// What a body says of how a parcel is handed over: `Some` = with a number of the seller's own.
fn handover(body: &Value, own_courier: bool, now_s: i64) -> Result<Option<String>, Error> {
    let ways = ["pickup", "dropoff", "non_integrated"];
    let named: Vec<&str> = ways.into_iter().filter(|way| body.get(way).is_some()).collect();
    let way = match *named.as_slice() {
        [way] => way,
        [] => return Err(errors::parameter("pickup, dropoff or non_integrated")),
        _ => {
            let words = "Only one of pickup, dropoff and non_integrated can be given.";
            return Err(business("logistics.ship_order_only_support_one_type", words));
        }
    };
    if own_courier != (way == "non_integrated") {
        return Err(unsupported(way));
    }
    match way {
        "non_integrated" => {
            let awb = text(&body["non_integrated"], "tracking_number");
            let words = "The courier wants a tracking_number.";
            let lacking = || business("logistics.ship_order_need_tracking_number", words);
            if awb.is_empty() { Err(lacking()) } else { Ok(Some(awb.to_owned())) }
        }
        "pickup" => pickup(&body["pickup"], now_s).map(|()| None),
        _ => Ok(None),
    }
}

/// Whether a courier can come there and then.
fn pickup(how: &Value, now_s: i64) -> Result<(), Error> {
    let address = how.get("address_id").and_then(Value::as_i64);
    let slot = text(how, "pickup_time_id");
    let (Some(address), false) = (address, slot.is_empty()) else {
        let words = "The courier wants address_id and pickup_time_id.";
        return Err(business("logistics.ship_order_need_address_pickup_time", words));
    };
    if address != ADDRESS_ID {
        return Err(errors::parameter("address_id"));
    }
    // Slots are named by their second.
    let ahead = now_s..=now_s + SLOT_DAYS * 86_400;
    if slot.parse::<i64>().is_ok_and(|at| ahead.contains(&at)) {
        Ok(())
    } else {
        let words = "The pickup time is invalid, please choose another one.";
        Err(business("logistics.ship_order_pickup_time_invalid", words))
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

    /// The parcel of a body that asks for a courier.
    fn parcel_to_ship(&self, body: &Value, shop_id: i64) -> Result<Parcel, Error> {
        let (order_id, number) = (text(body, "order_sn"), text(body, "package_number"));
        let found = self.parcel(order_id, number, shop_id);
        let unnamed = |error: &Error| error.code == "logistics.package_number_not_exist";
        let found = found.map_err(|error| if unnamed(&error) { need_number() } else { error })?;
        let is_lone = lock(&self.side).extras.get(order_id).is_some_and(|it| it.parcels.len() == 1);
        if is_lone && !number.is_empty() { Err(number_not_needed()) } else { Ok(found) }
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
        let parcel = self.parcel_to_ship(&body, shop_id)?;
        let now_s = second(self.desk.clock.now_us());
        let awb = handover(&body, shop_id == OWN_COURIER_SHOP_ID, now_s)?;
        self.change(order_id, no_order(), |hand| {
            if ARRANGED.contains(&parcel.status) {
                return Err(already_shipped());
            }
            if hand.order.status() != "READY_TO_SHIP" || parcel.status != "LOGISTICS_READY" {
                return Err(not_ready());
            }
            Ok(hand.arrange(&parcel.number, awb.as_deref()))
        })?;
        Ok(Reply::done(order_id, Value::Null))
    }

    /// Asks the courier again who did not come.
    pub(super) fn ship_again(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = text(&body, "order_sn");
        let parcel = self.parcel_to_ship(&body, shop_id)?;
        handover(&body, false, second(self.desk.clock.now_us()))?;
        self.change(order_id, no_order(), |hand| {
            if hand.order.status() != "RETRY_SHIP" {
                return Err(not_ready());
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
