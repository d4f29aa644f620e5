//! Parcels: arranged by the seller, labelled, carried.

use bytes::Bytes;
use serde_json::{Value, json};

use super::TikTok;
use super::acts::{Hand, SHIPPABLE, awb};
use super::books::Parcel;
use super::errors::{self, Error, business};
use super::pages::second;
use super::routes::{Ask, Reply};
use super::show::by_platform;
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;

/// The couriers of the sellers' own.
const PROVIDERS: [(&str, &str); 2] =
    [("6841000000000000011", "Kurir Contoh"), ("6841000000000000012", "Ekspedisi Contoh")];

/// Kinds of documents that are printed.
const DOCUMENTS: [&str; 4] =
    ["SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP", "SHIPPING_LABEL_PICTURE"];

/// What a courier carries at most, in grams: an invented limit; the channel's differ by service.
const PARCEL_GRAMS_MAX: i64 = 100_000;

/// Couriers come two hours after they are asked, for three hours, on three days.
const SLOT_AFTER_S: i64 = 7_200;
const SLOT_LENGTH_S: i64 = 10_800;

fn unknown() -> Error {
    business(21_011_028, "The package does not belong to the current shop")
}

/// A parcel of this shop is not handed over so.
fn misfit(why: &str) -> Error {
    business(21_001_001, &format!("Invalid parameters. {why}"))
}

/// The couriers that a seller may ship by.
pub(super) fn providers() -> Reply {
    let rows = PROVIDERS.iter().map(|(id, name)| json!({"id": id, "name": name}));
    Reply::data(json!({"shipping_providers": rows.collect::<Vec<_>>()}))
}

/// How a parcel is handed over.
struct Handover {
    awb: Option<String>,
}

impl Handover {
    /// What a body says, of a shop whose parcels the platform carries or not.
    fn read(body: &Value, platform: bool) -> Result<Self, Error> {
        let own = body.get("self_shipment").filter(|own| !own.is_null());
        match (platform, own) {
            // The way of handing over is the warehouse's own setting: what is said of it is left aside.
            (true, None) => Ok(Self { awb: None }),
            (true, Some(_)) => Err(misfit("The platform ships this package")),
            (false, None) => Err(misfit("self_shipment is needed")),
            (false, Some(own)) => {
                let text = |name: &str| own.get(name).and_then(Value::as_str).unwrap_or_default();
                let known = PROVIDERS.iter().any(|(id, _)| *id == text("shipping_provider_id"));
                let awb = text("tracking_number");
                if awb.is_empty() || !known {
                    let words = "Invalid tracking number or provider ID";
                    return Err(business(21_011_022, words));
                }
                Ok(Self { awb: Some(awb.to_owned()) })
            }
        }
    }
}

impl TikTok {
    /// A parcel of this shop, and its order.
    fn parcel(&self, id: &str, shop_id: i64) -> Result<(String, Parcel), Error> {
        let number: i64 = id.parse().map_err(|_| unknown())?;
        let order_id = (number / 10).to_string();
        self.own_order(&order_id, shop_id).map_err(|_| unknown())?;
        let side = lock(&self.side);
        let extra = side.extras.get(&order_id).ok_or_else(unknown)?;
        let found = extra.parcels.iter().find(|parcel| parcel.id == number).cloned();
        Ok((order_id, found.ok_or_else(unknown)?))
    }

    /// One parcel.
    pub(super) fn package(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let (order_id, parcel) = self.parcel(ask.id, shop_id)?;
        let order = self.own_order(&order_id, shop_id)?;
        Ok(Reply::data(json!({
            "package_id": parcel.id.to_string(), "package_status": parcel.status,
            "tracking_number": parcel.awb, "shipping_provider_name": order.carrier,
            "create_time": order.paid_us.map_or(0, second), "update_time": second(order.updated_us),
            "orders": [{"id": order_id, "skus": order.lines.iter()
                .filter(|line| parcel.lines.contains(&line.id))
                .map(|line| json!({"id": line.product_id.to_string(), "name": line.name,
                                   "quantity": line.quantity_deliver()}))
                .collect::<Vec<_>>()}],
        })))
    }

    /// When a courier may come.
    pub(super) fn slots(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        self.parcel(ask.id, shop_id)?;
        let now_s = self.desk.clock.now_us().div_euclid(SECOND_US);
        let slot = |day: i64| {
            let start = now_s + SLOT_AFTER_S + day * 86_400;
            // The channel's spelling.
            json!({"start_time": start, "end_time": start + SLOT_LENGTH_S, "avaliable": day > 0})
        };
        let platform = by_platform(shop_id);
        let slots: Vec<Value> = (0..3).map(slot).filter(|_| platform).collect();
        Ok(Reply::data(json!({
            "can_pickup": platform, "can_drop_off": platform, "can_van_collection": false,
            "drop_off_point_url": "", "pickup_slots": slots,
        })))
    }

    /// Arranges one parcel.
    pub(super) fn ship_one(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = self.ship(ask.id, &body, shop_id)?;
        Ok(Reply::done(&order_id, json!({})))
    }

    /// Arranges several; each is taken or not, and the answer says that all is well.
    pub(super) fn ship_several(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let rows = body.get("packages").and_then(Value::as_array).cloned().unwrap_or_default();
        if rows.is_empty() {
            return Err(errors::parameter("packages"));
        }
        let (mut not_taken, mut done) = (Vec::new(), String::new());
        for row in &rows {
            let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
            let told = if self.desk.faults.fires(shop_id, Fault::RowError) {
                Err(business(21_011_053, "The pickup slot is not available"))
            } else {
                self.ship(id, row, shop_id)
            };
            match told {
                Ok(order_id) => done = order_id,
                Err(error) => not_taken.push(json!({
                    "code": error.code, "message": error.message, "detail": {"package_id": id},
                })),
            }
        }
        let data = json!({ "errors": not_taken });
        Ok(if done.is_empty() { Reply::data(data) } else { Reply::done(&done, data) })
    }

    fn ship(&self, id: &str, body: &Value, shop_id: i64) -> Result<String, Error> {
        let (order_id, parcel) = self.parcel(id, shop_id)?;
        let handover = Handover::read(body, by_platform(shop_id))?;
        self.change(&order_id, unknown(), |hand| {
            shippable(hand, &parcel)?;
            let awb = match handover.awb.clone() {
                None => awb(parcel.id),
                Some(own) if hand.side.tracked.insert((shop_id, own.clone())) => own,
                Some(_) => return Err(business(21_011_025, "Duplicate tracking number")),
            };
            Ok(hand.arrange(parcel.id, &awb))
        })?;
        Ok(order_id)
    }

    /// Where a parcel's label is.
    pub(super) fn document(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let kind = ask.param("document_type").unwrap_or_default();
        if !DOCUMENTS.contains(&kind) {
            return Err(errors::parameter("document_type"));
        }
        let (_, parcel) = self.parcel(ask.id, shop_id)?;
        if !by_platform(shop_id) {
            return Err(business(21_008_017, "Orders that the seller ships have no label"));
        }
        match parcel.status {
            "TO_FULFILL" => return Err(business(21_042_104, "Arrange the shipment first")),
            "CANCELLED" => return Err(business(21_023_059, "The package is cancelled")),
            "FULFILLING" | "COMPLETED" => {
                return Err(business(21_042_102, "The package has been picked up"));
            }
            _ if self.desk.faults.fires(shop_id, Fault::StaleRead) => {
                return Err(business(11_034_037, "The document is still being generated"));
            }
            _ => {}
        }
        let host = ask.request.header("host").unwrap_or_default();
        let doc_url = format!("http://{host}/label/{}", parcel.id);
        Ok(Reply::data(json!({"doc_url": doc_url, "tracking_number": parcel.awb})))
    }

    /// The label itself, which who has its address may read.
    pub(super) fn label_file(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let number: i64 = ask.id.parse().map_err(|_| errors::no_path())?;
        let side = lock(&self.side);
        let extra = side.extras.get(&(number / 10).to_string()).ok_or_else(errors::no_path)?;
        let parcel = extra.parcels.iter().find(|parcel| parcel.id == number);
        let parcel = parcel.ok_or_else(errors::no_path)?;
        Ok(Reply::paper(Bytes::from(pdf(&format!("{} {}", parcel.id, parcel.awb)))))
    }
}

/// Whether a parcel can be arranged now.
fn shippable(hand: &mut Hand<'_>, parcel: &Parcel) -> Result<(), Error> {
    match hand.order.status() {
        "CANCELLED" => return Err(business(21_011_041, "The order is cancelled")),
        status if !SHIPPABLE.contains(&status) => {
            return Err(business(21_011_040, "The package is shipped or not to be shipped"));
        }
        _ => {}
    }
    if hand.order.cancel_request.as_ref().is_some_and(|request| request.open) {
        let words = "Package item has after-sale request, process it first";
        return Err(business(21_008_044, words));
    }
    let mine = |it: &Parcel| it.id == parcel.id && it.status == "TO_FULFILL";
    if !hand.extra().parcels.iter().any(mine) {
        return Err(business(21_008_099, "The package has been shipped"));
    }
    let lines = hand.order.lines.iter().filter(|line| parcel.lines.contains(&line.id));
    let grams: i64 = lines.map(|line| line.weight_grams * line.quantity_deliver()).sum();
    if grams > PARCEL_GRAMS_MAX {
        return Err(business(11_021_015, "The package is overweight"));
    }
    Ok(())
}

/// One page with one line, as small as such a document can be.
fn pdf(line: &str) -> String {
    let text = format!("BT /F1 12 Tf 20 380 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut places = Vec::with_capacity(objects.len());
    for (number, object) in (1..).zip(&objects) {
        places.push(pdf.len());
        pdf.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = pdf.len();
    pdf.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        pdf.push_str(&format!("{place:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    pdf
}
