//! Labels: the kinds, asking for one, whether it is there, and the document.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Shopee;
use super::acts::{DOCUMENT, News};
use super::books::Parcel;
use super::errors::{self, Error, business};
use super::routes::{Ask, Reply, rows, text};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;

const KINDS: [&str; 2] = ["NORMAL_AIR_WAYBILL", "THERMAL_AIR_WAYBILL"];
/// Most parcels in one call.
const BATCH_MAX: usize = 50;
/// How long a document takes, in sandbox seconds.
const PAPER_AFTER_S: u32 = 1;

/// What is said of one parcel: more fields of its row, or why not.
type Told = Result<Value, Error>;

impl Shopee {
    /// A row for each parcel of a body. If nothing was taken, the whole is refused.
    fn each(
        &self,
        ask: &Ask<'_>,
        shop_id: i64,
        mut say: impl FnMut(&Value, Parcel) -> Told,
    ) -> Result<Vec<Value>, Error> {
        let asked = rows(&ask.json()?, "order_list");
        if asked.is_empty() || asked.len() > BATCH_MAX {
            return Err(errors::parameter("order_list"));
        }
        let mut failed = 0;
        let mut one = |row: &Value| {
            let (order, number) = (text(row, "order_sn"), text(row, "package_number"));
            let told = self.parcel(order, number, shop_id).and_then(|parcel| say(row, parcel));
            let mut shown = match told {
                Ok(shown) => shown,
                Err(error) => {
                    failed += 1;
                    json!({"fail_error": error.code, "fail_message": error.message})
                }
            };
            shown["order_sn"] = json!(order);
            shown["package_number"] = json!(number);
            shown
        };
        let shown: Vec<Value> = asked.iter().map(&mut one).collect();
        if failed == shown.len() { Err(errors::all_failed(&shown)) } else { Ok(shown) }
    }

    /// The kinds that there are.
    pub(super) fn paper_kinds(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let rows = self.each(ask, shop_id, |_, _| {
            Ok(json!({
                "suggest_shipping_document_type": KINDS[1],
                "selectable_shipping_document_type": KINDS,
            }))
        })?;
        Ok(Reply::response(json!({ "result_list": rows })))
    }

    /// Has documents made.
    pub(super) fn make_papers(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let now_us = self.desk.clock.now_us();
        let rows = self.each(ask, shop_id, |row, parcel| {
            self.stands(shop_id, ask.endpoint.name())?;
            if matches!(parcel.status, "LOGISTICS_NOT_START" | "LOGISTICS_REQUEST_CANCELED") {
                let words = "Order status does not support awb printing.";
                return Err(business("logistics.order_status_error", words));
            }
            if !KINDS.contains(&text(row, "shipping_document_type")) {
                let words = "The shipping_document_type is not invalid. Please check the shipping_document_type.";
                return Err(business("logistics.shipping_document_type_invalid", words));
            }
            if parcel.awb.is_empty() || text(row, "tracking_number") != parcel.awb {
                let words = "The tracking number is invalid. Please check the tracking number.";
                return Err(business("logistics.tracking_number_invalid", words));
            }
            if parcel.status != "LOGISTICS_REQUEST_CREATED" {
                let words = "The package can not print now.";
                return Err(business("logistics.package_can_not_print", words));
            }
            let order_id = text(row, "order_sn").to_owned();
            self.change(&order_id, errors::not_found(), |hand| {
                let mine = |it: &&mut Parcel| it.number == parcel.number;
                if let Some(parcel) = hand.extra().parcels.iter_mut().find(mine) {
                    parcel.paper_from_us = Some(now_us + i64::from(PAPER_AFTER_S) * SECOND_US);
                }
                let data = json!({
                    "ordersn": hand.order.id, "package_number": parcel.number, "status": "READY",
                });
                Ok(vec![News { code: DOCUMENT, data, after_s: PAPER_AFTER_S }])
            })?;
            Ok(json!({}))
        })?;
        Ok(Reply::response(json!({ "result_list": rows })))
    }

    /// How far documents are.
    pub(super) fn paper_states(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let now_us = self.desk.clock.now_us();
        let rows = self.each(ask, shop_id, |_, parcel| {
            let from_us = parcel.paper_from_us.ok_or_else(not_made)?;
            if self.desk.faults.fires(shop_id, Fault::RowError) {
                return Ok(json!({"status": "FAILED", "fail_error": "logistics.failed",
                                 "fail_message": "The document could not be made"}));
            }
            let status = if now_us >= from_us { "READY" } else { "PROCESSING" };
            Ok(json!({ "status": status }))
        })?;
        Ok(Reply::response(json!({ "result_list": rows })))
    }

    /// The documents: as JSON only if something is wrong.
    pub(super) fn paper(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let now_us = self.desk.clock.now_us();
        let mut said = Vec::new();
        self.each(ask, shop_id, |_, parcel| {
            parcel.paper_from_us.filter(|from_us| now_us >= *from_us).ok_or_else(not_made)?;
            said.push(format!("{} {}", parcel.number, parcel.awb));
            Ok(json!({}))
        })?;
        for row in rows(&ask.json()?, "order_list") {
            let mut books = lock(&self.desk.books);
            let order = books.find_order(text(&row, "order_sn")).cloned();
            if let Some(mut order) = order.map(|order| crate::books::Order::clone(&order)) {
                order.label_printed = true;
                books.replace(order);
            }
        }
        Ok(Reply::paper(Bytes::from(pdf(&said.join(", ")))))
    }
}

fn not_made() -> Error {
    let words = "Please print the document first.";
    business("logistics.shipping_document_should_print_first", words)
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
