//! What is left, told to the channel.
//!
//! `stock/update` takes absolute values, up to 100 rows of a shop, and answers for each row that it
//! refuses; each row counts as a request of the rate (the channel's news of August 2020).

use dermaga_channel::{Call, Done, Error, RefusedRow, StockRow};
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::wire::{SomeId, Text, read};

/// The endpoint's name in the log and for its rate.
const ENDPOINT: &str = "stock_update";

/// The `data` of the answer.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Answered {
    failed_rows_data: Option<Vec<FailedRow>>,
}

#[derive(Deserialize)]
struct FailedRow {
    product_id: SomeId,
    #[serde(default)]
    message: Text,
}

/// Shows these units. Rows name the product, never the code: codes may be given twice.
pub(super) async fn set(call: &Call<'_>, rows: &[StockRow]) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let body = rows.iter().map(|row| {
        let id: u64 = row
            .channel_product_id
            .parse()
            .map_err(|_| Error::Unsupported("a product whose id is no number"))?;
        Ok(json!({"product_id": id, "new_stock": row.value}))
    });
    let body = body.collect::<Result<Vec<_>, Error>>()?;
    call.http.more_turns(ENDPOINT, rows.len().saturating_sub(1)).await?;
    let path =
        format!("/inventory/v1/fs/{}/stock/update?shop_id={}", client.fs_id, client.shop_id()?);
    let data = client.post(ENDPOINT, &path, &body.into()).await?;
    let answered: Option<Answered> = read(ENDPOINT, data.get().as_bytes())?;
    let failed = answered.unwrap_or_default().failed_rows_data.unwrap_or_default();
    let refused: Vec<RefusedRow> = failed
        .into_iter()
        .map(|row| RefusedRow { channel_product_id: row.product_id.0, message: row.message.0 })
        .collect();
    let answer =
        format!("{} of {} rows taken", rows.len().saturating_sub(refused.len()), rows.len());
    Ok(Done { answer, changed: true, paper: None, refused })
}
