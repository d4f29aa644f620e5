//! What is left, told to the channel.
//!
//! Products are told together; variations together with those of the same product, because only there
//! they can be changed. The values are absolute. A shop that does not count a product's stock is told
//! to; a variation whose product counts for all of them is left so, and its product is told.

use std::collections::BTreeMap;

use dermaga_channel::{Call, Done, Error, RefusedRow, StockRow};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::listings::Flag;
use super::wire::{Id, Text, read_object};

/// The endpoint's name in the log and for its rate.
const ENDPOINT: &str = "stock_update";

/// A row of the answer: the product as it is then, or why not.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    manage_stock: Flag,
    #[serde(default)]
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: Text,
    #[serde(default)]
    message: Text,
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    update: Vec<Told>,
}

/// The product of a row, and the variation if it is one.
fn place(row: &StockRow) -> Option<(u64, Option<u64>)> {
    match row.channel_product_id.split_once('-') {
        Some((product, variation)) => Some((product.parse().ok()?, Some(variation.parse().ok()?))),
        None => Some((row.channel_product_id.parse().ok()?, None)),
    }
}

/// What was told, as far as it went.
#[derive(Default)]
struct Telling {
    refused: Vec<RefusedRow>,
    taken: usize,
}

/// Shows these units.
pub(super) async fn set(call: &Call<'_>, rows: &[StockRow]) -> Result<Done, Error> {
    let client = Client::new(call)?;
    // None: whole products. Some: the variations of one.
    let mut batches: BTreeMap<Option<u64>, Vec<(u64, &StockRow)>> = BTreeMap::new();
    let mut telling = Telling::default();
    for row in rows {
        match place(row) {
            Some((product, None)) => batches.entry(None).or_default().push((product, row)),
            Some((product, Some(variation))) => {
                batches.entry(Some(product)).or_default().push((variation, row));
            }
            None => telling.refuse(row, "it is a line without a product"),
        }
    }
    for (parent, batch) in &batches {
        match client.tell(*parent, batch).await {
            Ok(told) => telling.take(&client, *parent, batch, told).await?,
            Err(error) if telling.taken > 0 && is_without_effect(&error) => {
                // The others were told; these are told again.
                batch.iter().for_each(|(_, row)| telling.refuse(row, &error.brief()));
            }
            Err(error) => return Err(error),
        }
    }
    let answer = format!("{} of {} rows taken", telling.taken, rows.len());
    Ok(Done { answer, changed: telling.taken > 0, paper: None, refused: telling.refused })
}

/// Whether nothing was changed for sure.
fn is_without_effect(error: &Error) -> bool {
    matches!(error, Error::RateLimited { .. } | Error::Rejected { .. } | Error::NotFound)
}

impl Client<'_> {
    async fn tell(
        &self,
        parent: Option<u64>,
        batch: &[(u64, &StockRow)],
    ) -> Result<Vec<Told>, Error> {
        let rows: Vec<Value> = batch
            .iter()
            .map(|(id, row)| match parent {
                // Whether it counts for itself is seen by the answer.
                Some(_) => json!({"id": id, "stock_quantity": row.value}),
                None => json!({"id": id, "manage_stock": true, "stock_quantity": row.value}),
            })
            .collect();
        let path = match parent {
            Some(product) => format!("/products/{product}/variations/batch"),
            None => "/products/batch".to_owned(),
        };
        self.update(&path, rows).await
    }

    async fn update(&self, path: &str, rows: Vec<Value>) -> Result<Vec<Told>, Error> {
        let body = json!({ "update": rows });
        let answer = self.write(ENDPOINT, (Method::POST, path), &body).await?;
        let answered: Answered = read_object(ENDPOINT, answer.get().as_bytes())?;
        Ok(answered.update)
    }
}

impl Telling {
    fn refuse(&mut self, row: &StockRow, message: &str) {
        let channel_product_id = row.channel_product_id.clone();
        self.refused.push(RefusedRow { channel_product_id, message: message.to_owned() });
    }

    /// Takes the answer to a batch; its rows are in the order of what was asked.
    async fn take(
        &mut self,
        client: &Client<'_>,
        parent: Option<u64>,
        batch: &[(u64, &StockRow)],
        told: Vec<Told>,
    ) -> Result<(), Error> {
        let mut uncounted: Vec<(u64, &StockRow)> = Vec::new();
        let mut by_parent: Vec<&StockRow> = Vec::new();
        let mut answers = told.into_iter();
        for &(id, row) in batch {
            match answers.next().filter(|told| told.id.0.is_none_or(|told| told == id)) {
                None => self.refuse(row, "the answer does not tell of it"),
                Some(Told { error: Some(error), .. }) => {
                    let code = error.code.some().unwrap_or_default();
                    self.refuse(row, &format!("{code}: {}", error.message.0));
                }
                Some(Told { manage_stock: Flag::Word(_), .. }) => by_parent.push(row),
                Some(told) if parent.is_some() && !told.manage_stock.is_on() => {
                    uncounted.push((id, row));
                }
                Some(_) => self.taken += 1,
            }
        }
        if let Some(product) = parent {
            self.count_from_now(client, product, &uncounted).await?;
            self.tell_parent(client, product, &by_parent).await?;
        }
        Ok(())
    }

    /// Variations that the shop does not count: it is to do so, and to show this.
    async fn count_from_now(
        &mut self,
        client: &Client<'_>,
        product: u64,
        rows: &[(u64, &StockRow)],
    ) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let body = rows
            .iter()
            .map(|(id, row)| json!({"id": id, "manage_stock": true, "stock_quantity": row.value}));
        let path = format!("/products/{product}/variations/batch");
        let told = client.update(&path, body.collect()).await?;
        let mut answers = told.into_iter();
        for (_, row) in rows {
            match answers.next() {
                Some(Told { error: None, .. }) => self.taken += 1,
                _ => self.refuse(row, "the shop does not count its stock"),
            }
        }
        Ok(())
    }

    /// Variations whose product counts for all of them: one value serves them all, and it is the least,
    /// so that nothing is sold twice.
    async fn tell_parent(
        &mut self,
        client: &Client<'_>,
        product: u64,
        rows: &[&StockRow],
    ) -> Result<(), Error> {
        let Some(least) = rows.iter().map(|row| row.value).min() else { return Ok(()) };
        let body = vec![json!({"id": product, "stock_quantity": least})];
        let told = client.update("/products/batch", body).await?;
        let refusal = told.into_iter().find_map(|told| told.error);
        for row in rows {
            match &refusal {
                Some(error) => self.refuse(row, &error.message.0),
                None => self.taken += 1,
            }
        }
        Ok(())
    }
}
