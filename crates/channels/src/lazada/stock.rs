//! What is left, told to the channel: what can be sold, not what is there.
//!
//! The channel holds units of its own for orders that are unpaid or not yet told ready; it adds them to
//! what it is told here. The values are absolute.

use std::fmt::Write as _;

use dermaga_channel::{Call, Done, Error, RefusedRow, StockRow};
use http::Method;

use super::client::Client;
use super::errors::{self, FailedRow, Kind, UPDATE_FAILED};

/// The endpoint's name in the log and for its rate.
const ENDPOINT: &str = "stock_update";
const PATH: &str = "/product/stock/sellable/update";

/// A row with its product and SKU.
struct Told<'a> {
    row: &'a StockRow,
    item: u64,
    sku: u64,
}

fn told(row: &StockRow) -> Option<Told<'_>> {
    let (item, sku) = row.channel_product_id.split_once('-')?;
    Some(Told { row, item: item.parse().ok()?, sku: sku.parse().ok()? })
}

/// The body of a request; only numbers stand in it.
fn payload(rows: &[Told<'_>]) -> String {
    let mut text = "<Request><Product><Skus>".to_owned();
    for Told { row, item, sku } in rows {
        let value = row.value.max(0);
        // Writing to a text cannot fail.
        write!(
            text,
            "<Sku><ItemId>{item}</ItemId><SkuId>{sku}</SkuId>\
             <SellableQuantity>{value}</SellableQuantity></Sku>"
        )
        .ok();
    }
    text.push_str("</Skus></Product></Request>");
    text
}

fn refused(row: &StockRow, message: &str) -> RefusedRow {
    let channel_product_id = row.channel_product_id.clone();
    RefusedRow { channel_product_id, message: message.to_owned() }
}

/// Shows these units. Whether rows beside one that is refused are taken is told nowhere: they are told
/// again without it.
pub(super) async fn set(call: &Call<'_>, rows: &[StockRow]) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let mut done = Done::default();
    let mut left = Vec::with_capacity(rows.len());
    for row in rows {
        match told(row) {
            Some(told) => left.push(told),
            None => done.refused.push(refused(row, "it is no product with a SKU")),
        }
    }
    while !left.is_empty() {
        let failed = client.tell(&left).await?;
        let before = left.len();
        left.retain(|told| {
            let failure = failed.iter().find(|row| row.sku_id.0 == told.sku.to_string());
            done.refused.extend(failure.map(|row| refused(told.row, &row.said())));
            failure.is_none()
        });
        if failed.is_empty() {
            done.changed = true;
            break;
        }
        if left.len() == before {
            // It names none of the rows.
            let message = failed.first().map(FailedRow::said).unwrap_or_default();
            return Err(Error::Rejected { code: UPDATE_FAILED.to_owned(), message });
        }
    }
    done.answer = format!("{} of {} rows taken", left.len(), rows.len());
    Ok(done)
}

impl Client<'_> {
    /// Tells what is left; gives the rows that the channel names as wrong.
    async fn tell(&self, rows: &[Told<'_>]) -> Result<Vec<FailedRow>, Error> {
        let payload = payload(rows);
        let asked = (ENDPOINT, Method::POST, PATH);
        let answer = self.send(asked, &[("payload", &payload)]).await?;
        let Err(error) = self.understood(&answer, Kind::Write) else { return Ok(Vec::new()) };
        let failed = errors::failed_rows(&answer);
        if matches!(error, Error::Rejected { .. }) && !failed.is_empty() {
            return Ok(failed);
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_numbers_only() {
        let rows = [("770011-990001", 40), ("770012-990002", -1), ("x-1", 1), ("770013", 1)];
        let rows = rows.map(|(id, value)| StockRow { channel_product_id: id.to_owned(), value });
        let told: Vec<Told<'_>> = rows.iter().filter_map(told).collect();
        let wanted = "<Request><Product><Skus>\
            <Sku><ItemId>770011</ItemId><SkuId>990001</SkuId><SellableQuantity>40</SellableQuantity></Sku>\
            <Sku><ItemId>770012</ItemId><SkuId>990002</SkuId><SellableQuantity>0</SellableQuantity></Sku>\
            </Skus></Product></Request>";
        assert_eq!(payload(&told), wanted);
    }
}
