//! What is held about one buyer: given out, and erased. The words that name the buyer come in the body,
//! never in an address.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use dermaga_engine::Whose;
use dermaga_store::command::Giver;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::key::Actor;
use crate::App;

/// Whose data is meant: exactly one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The buyer of this order, `ord_…`, and of every order with the same phone number or e-mail address.
    #[serde(default)]
    order: Option<String>,
    /// Who has this phone number, however it is written.
    #[serde(default)]
    phone: Option<String>,
    /// Who has this e-mail address.
    #[serde(default)]
    email: Option<String>,
}

impl Asked {
    fn whose(self) -> Result<Whose, Problem> {
        match (self.order, self.phone, self.email) {
            (Some(order), None, None) => {
                order.parse().map(Whose::Order).map_err(|_| Problem::not_found())
            }
            (None, Some(phone), None) => Ok(Whose::Phone(phone)),
            (None, None, Some(email)) => Ok(Whose::Email(email)),
            _ => Err(Problem::bad_request("say one of order, phone and email")),
        }
    }
}

/// What is held about one buyer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Export {
    /// When it was looked, in microseconds since the epoch.
    at: i64,
    /// The orders.
    orders: Vec<ExportedOrder>,
    /// Raw messages of channels that speak of the buyer: `msg_…`.
    raw_messages: Vec<String>,
    /// Answers to calls that failed which do: `exc_…`.
    raw_answers: Vec<String>,
}

/// An order of the buyer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedOrder {
    id: String,
    channel: String,
    /// The key of the name it was sold under, where the channel has several.
    sub_platform: Option<String>,
    shop_id: String,
    channel_order_id: String,
    ordered_at: Option<i64>,
    lines: Vec<ExportedLine>,
    total: Option<i64>,
    currency: Option<String>,
    /// Null when nothing is held any more.
    buyer: Option<ExportedBuyer>,
    labels: Vec<ExportedLabel>,
}

/// What was bought.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedLine {
    name: String,
    quantity: i64,
}

/// The buyer, as the channel told it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedBuyer {
    name: String,
    phone: String,
    email: String,
    address: String,
    district: String,
    city: String,
    province: String,
    postal_code: String,
    note: String,
}

/// A label that names the buyer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportedLabel {
    command_id: String,
    media_type: String,
    fetched_at: i64,
}

/// What was erased.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    /// Orders whose buyer is gone.
    orders: usize,
    /// Labels.
    labels: u64,
    /// Raw messages.
    messages: usize,
    /// Answers to calls that failed.
    answers: usize,
}

fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Asked, Problem> {
    let bytes = body.map_err(|error| Problem::bad_request(error.body_text()))?;
    // The parser's own words may repeat what was sent.
    serde_json::from_slice(&bytes)
        .map_err(|_| Problem::bad_request("say one of order, phone and email, as JSON"))
}

/// What is held about a buyer.
#[utoipa::path(post, path = "/api/v1/buyers/export", tag = "buyers", request_body = Asked,
    responses((status = 200, body = Export), (status = "default", body = Problem)))]
pub(crate) async fn export(
    State(app): State<App>,
    actor: Actor,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Export>, Problem> {
    let whose = read_body(body)?.whose()?;
    let held = app.engine().export_buyer(actor.scope.org, &whose, Giver::Key(actor.key)).await?;
    let export = serde_json::from_value(held.to_json());
    export.map(Json).map_err(|error| Problem::bad_request(error.to_string()))
}

/// Erases what is held about a buyer; orders, documents, money and stock stay.
#[utoipa::path(post, path = "/api/v1/buyers/erase", tag = "buyers", request_body = Asked,
    responses((status = 200, body = Erased), (status = "default", body = Problem)))]
pub(crate) async fn erase(
    State(app): State<App>,
    actor: Actor,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Erased>, Problem> {
    let whose = read_body(body)?.whose()?;
    let erased = app.engine().erase_buyer(actor.scope.org, &whose, Giver::Key(actor.key)).await?;
    let dermaga_store::retention::Erased { orders, labels, messages, answers } = erased;
    Ok(Json(Erased { orders, labels, messages, answers }))
}
