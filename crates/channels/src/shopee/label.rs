//! Labels: four calls, of which two wait for others.
//!
//! ```text
//!  tracking number ─> which kinds there are ─> is it made? ─no─> make it ─> is it made? ─> download
//!  (none yet: later)                              │ being made: later         │ being made: later
//!                                                 └──────yes─────────────────────────────> download
//! ```
//! "Later" is an error that passes: the command is given again, and goes on where it stood.

use dermaga_channel::{Done, Error, OrderCommand, Paper};
use http::header;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{self, Client, Endpoint, Said};
use super::commands::{parcels_of, rejected};
use super::errors::{self, Effect};
use super::orders::DETAIL;
use super::packages::is_arranged;
use super::reading::Looked;
use super::wire::{Text, read};

/// The kind that every thermal printer takes, where the channel suggests none.
const USUAL: &str = "THERMAL_AIR_WAYBILL";

/// The row of a parcel in the answers of all these calls.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    suggest_shipping_document_type: Text,
    status: Text,
    fail_error: Text,
    fail_message: Text,
}

/// Whether a document is there.
enum State {
    Ready,
    /// Not made, or it could not be: why.
    Not(Error),
}

/// The label of a parcel: of the one that is named, else of the order's first that is arranged.
pub(super) async fn label(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let order = client.order(&command.channel_order_id).await?;
    let looked: Looked = read(DETAIL, order.get().as_bytes())?;
    let parcels = parcels_of(looked, command);
    let arranged = parcels.iter().find(|it| is_arranged(&it.logistics_status.0));
    let parcel = arranged.or_else(|| parcels.first());
    let parcel = parcel.ok_or_else(|| rejected("no_package", "the order has no parcel"))?;
    let number = parcel.package_number.0.as_str();

    let awb = client.tracking_number(&command.channel_order_id, number).await?;
    let parcel = json!({"order_sn": command.channel_order_id, "package_number": number});
    let row = client.row(&client::PAPER_KINDS, &parcel).await?;
    let kind = row.suggest_shipping_document_type.clone().some();
    let kind = kind.unwrap_or_else(|| USUAL.to_owned());
    let mut asked = parcel.clone();
    asked["shipping_document_type"] = Value::from(kind.as_str());
    if let State::Not(_) = client.state(&asked).await? {
        let mut made = asked.clone();
        made["tracking_number"] = Value::from(awb.as_str());
        let row = client.row(&client::PAPER_MAKE, &made).await?;
        if !row.fail_error.0.is_empty() {
            return Err(errors::row(&row.fail_error.0, &row.fail_message.0));
        }
        if let State::Not(why) = client.state(&asked).await? {
            return Err(why);
        }
    }
    let paper = client.download(&kind, &parcel).await?;
    Ok(Done { answer: format!("label of {number}"), paper: Some(paper), ..Done::default() })
}

impl Client<'_> {
    async fn tracking_number(&self, order: &str, parcel: &str) -> Result<String, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Told {
            tracking_number: Text,
        }
        let query = [("order_sn", order), ("package_number", parcel)];
        let told = self.get(&client::TRACKING, &query).await?;
        let told: Option<Told> = read("tracking_number", told.get().as_bytes())?;
        let awb = told.unwrap_or_default().tracking_number.some();
        awb.ok_or_else(|| Error::Temporary("the parcel has no tracking number yet".to_owned()))
    }

    /// Asks about one parcel.
    async fn row(&self, endpoint: &Endpoint, parcel: &Value) -> Result<Row, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Told {
            result_list: Option<Vec<Row>>,
        }
        let told = self.post(endpoint, &json!({"order_list": [parcel]})).await?;
        let told: Option<Told> = read(endpoint.name, told.get().as_bytes())?;
        let rows = told.unwrap_or_default().result_list.unwrap_or_default();
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// How far the document is. One that is being made is asked for later.
    async fn state(&self, asked: &Value) -> Result<State, Error> {
        let row = self.row(&client::PAPER_STATE, asked).await;
        let row = match row {
            Ok(row) => row,
            // Before it is made there is nothing to ask for.
            Err(why @ (Error::Rejected { .. } | Error::NotFound)) => return Ok(State::Not(why)),
            Err(error) => return Err(error),
        };
        match row.status.0.as_str() {
            "READY" => Ok(State::Ready),
            "PROCESSING" => Err(Error::Temporary("the label is being made".to_owned())),
            _ => {
                let code = row.fail_error.some().unwrap_or_else(|| "label_failed".to_owned());
                Ok(State::Not(errors::row(&code, &row.fail_message.0)))
            }
        }
    }

    /// The document: not JSON, unless something is wrong with it.
    async fn download(&self, kind: &str, parcel: &Value) -> Result<Paper, Error> {
        let body = json!({"shipping_document_type": kind, "order_list": [parcel]});
        let answer = self.answer(&client::PAPER, Said { query: &[], body: Some(&body) }).await?;
        let media_type = answer.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let media_type = media_type.unwrap_or("application/pdf").to_owned();
        let is_json = media_type.contains("json") || answer.body.starts_with(b"{");
        if !is_json && answer.status.is_success() && !answer.body.is_empty() {
            return Ok(Paper { media_type, body: answer.body });
        }
        let told = errors::response(&answer, Effect::Reads);
        let error = told.err().unwrap_or_else(|| Error::Temporary("an empty label".to_owned()));
        self.call.http.note_outcome(&error, Some(answer.body));
        Err(error)
    }
}
