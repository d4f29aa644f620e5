//! What is left, told to the channel.
//!
//! A SKU is told its units in every warehouse at once, and with the other SKUs of its product. So the
//! warehouses are read first. The values are absolute, and are what can be sold: the channel counts
//! what is ordered by itself.

use std::collections::BTreeMap;

use dermaga_channel::{Call, Done, Error, RefusedRow, StockRow};
use serde::Deserialize;
use serde_json::{Value, json};

use super::capabilities::STOCK_MAX;
use super::client::{Client, Said};
use super::endpoints;
use super::errors::refused_rows;
use super::wire::{Count, SomeId, is_id, read};

/// The product and the SKU of a row.
fn place(row: &StockRow) -> Option<(&str, &str)> {
    let (product, sku) = row.channel_product_id.split_once('-')?;
    (is_id(product) && is_id(sku)).then_some((product, sku))
}

fn refused(row: &StockRow, message: &str) -> RefusedRow {
    let channel_product_id = row.channel_product_id.clone();
    RefusedRow { channel_product_id, message: message.to_owned() }
}

/// Warehouse and units that are for sale there, of each SKU, in the channel's order.
type Warehouses = BTreeMap<String, Vec<(String, i64)>>;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Answer {
    inventory: Option<Vec<OfProduct>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OfProduct {
    skus: Option<Vec<OfSku>>,
}

#[derive(Deserialize)]
struct OfSku {
    id: SomeId,
    #[serde(default)]
    warehouse_inventory: Option<Vec<OfWarehouse>>,
}

#[derive(Deserialize)]
struct OfWarehouse {
    warehouse_id: SomeId,
    #[serde(default)]
    available_quantity: Count,
}

impl Client<'_> {
    async fn warehouses(&self, skus: &[&str]) -> Result<Warehouses, Error> {
        let body = json!({ "sku_ids": skus });
        let said = Said { body: Some(&body), ..Said::default() };
        let data = self.ask(&endpoints::STOCK_READ, said).await?;
        let answer: Option<Answer> = read("stock_read", data.get().as_bytes())?;
        let products = answer.unwrap_or_default().inventory.unwrap_or_default();
        let skus = products.into_iter().flat_map(|product| product.skus.unwrap_or_default());
        let of = |sku: OfSku| {
            let found = sku.warehouse_inventory.unwrap_or_default().into_iter();
            (sku.id.0, found.map(|it| (it.warehouse_id.0, it.available_quantity.0)).collect())
        };
        Ok(skus.map(of).collect())
    }
}

/// So many units over the warehouses of a SKU: what the others have stays there as far as it is in the
/// sum, and the first has the rest.
///
/// Zero is sent as it is. Whether the channel takes it is not confirmed: its reference begins at one.
fn spread(warehouses: &[(String, i64)], value: i64) -> Vec<Value> {
    let mut left = value.clamp(0, STOCK_MAX);
    let mut spread: Vec<Value> = Vec::with_capacity(warehouses.len());
    for (id, units) in warehouses.iter().skip(1) {
        let here = left.min((*units).max(0));
        left -= here;
        spread.push(json!({"warehouse_id": id, "quantity": here}));
    }
    if let Some((first, _)) = warehouses.first() {
        spread.insert(0, json!({"warehouse_id": first, "quantity": left}));
    }
    spread
}

/// Shows these units.
pub(super) async fn set(call: &Call<'_>, rows: &[StockRow]) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let mut telling: BTreeMap<&str, Vec<(&str, &StockRow)>> = BTreeMap::new();
    let mut not_taken: Vec<RefusedRow> = Vec::new();
    for row in rows {
        match place(row) {
            Some((product, sku)) => telling.entry(product).or_default().push((sku, row)),
            None => not_taken.push(refused(row, "this is no SKU of the channel")),
        }
    }
    let skus: Vec<&str> = telling.values().flatten().map(|(sku, _)| *sku).collect();
    let warehouses =
        if skus.is_empty() { Warehouses::new() } else { client.warehouses(&skus).await? };
    for (product, rows) in telling {
        let known = |sku: &str| warehouses.get(sku).filter(|all| !all.is_empty());
        let (told, lost): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(sku, _)| known(sku).is_some());
        not_taken.extend(lost.iter().map(|(_, row)| refused(row, "the channel has no such SKU")));
        if told.is_empty() {
            continue;
        }
        let one = |(sku, row): &(&str, &StockRow)| {
            let of = known(sku).map(Vec::as_slice).unwrap_or_default();
            json!({"id": sku, "inventory": spread(of, row.value)})
        };
        let body = json!({"skus": told.iter().map(one).collect::<Vec<_>>()});
        not_taken.extend(client.tell(product, &told, &body).await?);
    }
    let taken = rows.len().saturating_sub(not_taken.len());
    let answer = format!("{taken} of {} rows taken", rows.len());
    Ok(Done { answer, changed: taken > 0, paper: None, refused: not_taken })
}

impl Client<'_> {
    /// Tells the SKUs of a product; gives those that were not taken.
    async fn tell(
        &self,
        product: &str,
        rows: &[(&str, &StockRow)],
        body: &Value,
    ) -> Result<Vec<RefusedRow>, Error> {
        let said = Said { id: product, body: Some(body), ..Said::default() };
        let all = |words: &str| rows.iter().map(|(_, row)| refused(row, words)).collect();
        let data = match self.ask(&endpoints::STOCK_UPDATE, said).await {
            Ok(data) => data,
            // The product as a whole: the rows of other products are told all the same.
            Err(Error::Rejected { code, message }) => {
                return Ok(all(&format!("{message} ({code})")));
            }
            Err(Error::NotFound) => return Ok(all("the channel has no such product")),
            Err(error) => return Err(error),
        };
        let mut not_taken = Vec::new();
        for error in refused_rows("stock_update", &data)? {
            let Some(sku) = error.about() else { return Ok(all(&error.words())) };
            let row = rows.iter().find(|(one, _)| *one == sku);
            not_taken.extend(row.map(|(_, row)| refused(row, &error.words())));
        }
        Ok(not_taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_kept_and_others_keep_what_they_have() {
        let of = |units: &[i64], value| {
            let warehouses: Vec<(String, i64)> =
                (1..).zip(units).map(|(id, units)| (id.to_string(), *units)).collect();
            let told = spread(&warehouses, value);
            told.iter().map(|one| one["quantity"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(of(&[5], 12), [12]);
        assert_eq!(of(&[5, 3], 12), [9, 3]);
        assert_eq!(of(&[5, 3, 4], 6), [0, 3, 3]);
        assert_eq!(of(&[5, 3], 0), [0, 0]);
        assert_eq!(of(&[5], -1), [0]);
        assert_eq!(of(&[5], 1_000_000), [99_999]);
        assert_eq!(of(&[], 3), [0; 0]);
    }
}
