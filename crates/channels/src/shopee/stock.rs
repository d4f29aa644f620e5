//! What is left, told to the channel.
//!
//! A seller's stock is told as a whole, with what is reserved of it, and for each place of a shop that has
//! several. So what is there is read first: the products of a message at once, and the variants of each
//! that has some.

use std::collections::BTreeMap;

use dermaga_channel::{Call, Done, Error, RefusedRow, StockRow};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{self, Client};
use super::listings::{Item, StockInfo};
use super::wire::{Count, Text, read};

/// The product and the variant of a row; of a product without variants, 0.
fn place(row: &StockRow) -> Option<(i64, i64)> {
    let (item, model) = row.channel_product_id.split_once('-')?;
    let item: i64 = item.parse().ok().filter(|id| *id > 0)?;
    Some((item, model.parse().ok().filter(|id| *id >= 0)?))
}

fn refused(row: &StockRow, message: &str) -> RefusedRow {
    let channel_product_id = row.channel_product_id.clone();
    RefusedRow { channel_product_id, message: message.to_owned() }
}

/// What the seller has to have so that so many can be bought, over the places of the shop: what the
/// others have stays there as far as it is in the sum, and the first has the rest. A shop with one place
/// names none.
///
/// **The one place that reckons with what is reserved**: the channel shows what can be bought as what the
/// seller has without it, and refuses less than it.
fn seller_stock(info: &StockInfo, value: i64) -> Value {
    let mut left = value.max(0).saturating_add(info.reserved());
    let places = info.seller_stock.as_deref().unwrap_or_default();
    if places.len() <= 1 {
        return json!([{"stock": left}]);
    }
    let mut spread: Vec<Value> = Vec::with_capacity(places.len());
    for place in places.iter().skip(1) {
        let here = left.min(place.stock.0.max(0));
        left -= here;
        spread.push(json!({"location_id": place.location_id.0, "stock": here}));
    }
    if let Some(first) = places.first() {
        spread.insert(0, json!({"location_id": first.location_id.0, "stock": left}));
    }
    Value::from(spread)
}

/// Shows these units.
pub(super) async fn set(call: &Call<'_>, rows: &[StockRow]) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let mut telling: BTreeMap<i64, Vec<(i64, &StockRow)>> = BTreeMap::new();
    let mut not_taken: Vec<RefusedRow> = Vec::new();
    for row in rows {
        match place(row) {
            Some((item, model)) => telling.entry(item).or_default().push((model, row)),
            None => not_taken.push(refused(row, "this is no variant of the channel")),
        }
    }
    let ids: Vec<i64> = telling.keys().copied().collect();
    let items = if ids.is_empty() { Vec::new() } else { client.items(&ids).await? };
    for (id, rows) in telling {
        let item = items.iter().find(|item| item.item_id.0 == id);
        match item {
            Some(item) => not_taken.extend(client.tell(item, &rows).await?),
            None => not_taken.extend(all_refused(&rows, "the channel has no such product")),
        }
    }
    let taken = rows.len().saturating_sub(not_taken.len());
    let answer = format!("{taken} of {} rows taken", rows.len());
    Ok(Done { answer, changed: taken > 0, paper: None, refused: not_taken })
}

fn all_refused(rows: &[(i64, &StockRow)], words: &str) -> Vec<RefusedRow> {
    rows.iter().map(|(_, row)| refused(row, words)).collect()
}

impl Client<'_> {
    /// Tells the variants of a product; gives those that were not taken.
    async fn tell(&self, item: &Item, rows: &[(i64, &StockRow)]) -> Result<Vec<RefusedRow>, Error> {
        let id = item.item_id.0;
        let models = if item.has_model == Some(true) { self.models(id).await? } else { Vec::new() };
        let known = |model: i64| {
            let found = models.iter().find(|it| it.model_id.0 == model);
            match found {
                Some(found) => found.stock_info_v2.as_ref(),
                None if item.has_model != Some(true) && model == 0 => item.stock_info_v2.as_ref(),
                None => None,
            }
        };
        let (mut list, mut told, mut not_taken) = (Vec::new(), Vec::new(), Vec::new());
        for &(model, row) in rows {
            match known(model) {
                Some(info) => {
                    let stock = seller_stock(info, row.value);
                    list.push(json!({"model_id": model, "seller_stock": stock}));
                    told.push((model, row));
                }
                None => not_taken.push(refused(row, "the channel has no such variant")),
            }
        }
        if !list.is_empty() {
            let body = json!({"item_id": id, "stock_list": list});
            not_taken.extend(self.send_stock(&body, &told).await?);
        }
        Ok(not_taken)
    }

    async fn send_stock(
        &self,
        body: &Value,
        rows: &[(i64, &StockRow)],
    ) -> Result<Vec<RefusedRow>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            failure_list: Option<Vec<Failed>>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Failed {
            model_id: Count,
            failed_reason: Text,
        }
        let told = match self.post(&client::STOCK, body).await {
            Ok(told) => told,
            // The product as a whole: the rows of other products are told all the same.
            Err(Error::Rejected { code, message }) => {
                return Ok(all_refused(rows, &format!("{message} ({code})")));
            }
            Err(Error::NotFound) => {
                return Ok(all_refused(rows, "the channel has no such product"));
            }
            Err(error) => return Err(error),
        };
        let answer: Option<Answer> = read("stock_update", told.get().as_bytes())?;
        let failed = answer.unwrap_or_default().failure_list.unwrap_or_default();
        let row_of = |failed: Failed| {
            let row = rows.iter().find(|(model, _)| *model == failed.model_id.0);
            row.map(|(_, row)| refused(row, &failed.failed_reason.0))
        };
        Ok(failed.into_iter().filter_map(row_of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str, value: i64) -> String {
        let info: StockInfo = read("stock", json.as_bytes()).unwrap();
        seller_stock(&info, value).to_string()
    }

    #[test]
    fn what_is_reserved_comes_on_top_and_places_keep_what_they_have() {
        let one = r#"{"summary_info":{"total_reserved_stock":4,"total_available_stock":6},
                      "seller_stock":[{"location_id":"","stock":10}]}"#;
        assert_eq!(told(one, 7), r#"[{"stock":11}]"#);
        assert_eq!(told(one, -1), r#"[{"stock":4}]"#);
        assert_eq!(told("{}", 3), r#"[{"stock":3}]"#);
        let two = r#"{"summary_info":{"total_reserved_stock":1},
                      "seller_stock":[{"location_id":"IDA","stock":5},{"location_id":"IDB","stock":3}]}"#;
        let spread = |first: i64, second: i64| {
            format!(
                r#"[{{"location_id":"IDA","stock":{first}}},{{"location_id":"IDB","stock":{second}}}]"#
            )
        };
        assert_eq!(told(two, 9), spread(7, 3));
        assert_eq!(told(two, 1), spread(0, 2));
    }
}
