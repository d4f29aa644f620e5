//! What a seller may do to an order here.
//!
//! A shop takes any status at any time and knows no couriers. So each command looks at the order
//! first and then sets its status: what the shop has moved meanwhile is not moved back.

use dermaga_channel::{Call, Done, Error, OrderCommand};
use dermaga_domain::command::{Field, FieldKind, Offer, Shown};
use dermaga_domain::term::{CommandKind, Retry};
use dermaga_domain::time::Span;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::orders::{AWB_KEY, DETAIL};
use super::wire::{Status, read_object};

/// The longest reason; the shop sets no limit to a note.
const REASON_LENGTH_MAX: usize = 200;
/// The longest tracking number; likewise.
const AWB_LENGTH_MAX: usize = 100;

const REASON: Field =
    Field { name: "reason_text", kind: FieldKind::Text(REASON_LENGTH_MAX), required: false };
const AWB: Field = Field { name: "awb", kind: FieldKind::Text(AWB_LENGTH_MAX), required: false };

const PROCESSING: &str = "processing";
const COMPLETED: &str = "completed";
const CANCELLED: &str = "cancelled";

/// The money has come, which the shop does not know by itself.
const ACCEPT: Offer = Offer {
    kind: CommandKind::Accept,
    retry: Retry::Guarded,
    from: &["pending", "failed", "on-hold"],
    shown: Shown::Statuses(&[PROCESSING, COMPLETED]),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};

/// The commands.
pub(super) const OFFERS: &[Offer] = &[
    ACCEPT,
    Offer {
        kind: CommandKind::Cancel,
        from: &["pending", "failed", "on-hold", PROCESSING],
        shown: Shown::Statuses(&[CANCELLED, "trash"]),
        fields: &[REASON],
        ..ACCEPT
    },
    Offer {
        kind: CommandKind::Ship,
        from: &["on-hold", PROCESSING],
        shown: Shown::Statuses(&[COMPLETED]),
        fields: &[AWB],
        ..ACCEPT
    },
];

/// Does it.
pub(super) async fn execute(call: &Call<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let id: u64 = command.channel_order_id.parse().map_err(|_| Error::NotFound)?;
    let offer = OFFERS.iter().find(|offer| offer.kind == command.kind);
    let offer = offer.ok_or(Error::Unsupported("a command that is not offered"))?;
    let Some(to) = becomes(command.kind) else {
        return Err(Error::Unsupported("a command that is not offered"));
    };
    let now = client.status_of(id).await?;
    if now == to {
        return Ok(Done { answer: format!("it is {to} already"), ..Done::default() });
    }
    if !offer.from.contains(&now.as_str()) {
        return Err(Error::Rejected { code: "status".to_owned(), message: format!("it is {now}") });
    }
    let mut body = json!({ "status": to });
    let awb = said(command, AWB.name);
    if let (CommandKind::Ship, Some(awb)) = (command.kind, awb) {
        body["meta_data"] = json!([{"key": AWB_KEY, "value": awb}]);
    }
    client.write("order_update", (Method::PUT, &format!("/orders/{id}")), &body).await?;
    let note = if command.kind == CommandKind::Ship {
        awb.map(|awb| (format!("Dikirim / shipped: {awb}"), true))
    } else {
        said(command, REASON.name).map(|why| (why.to_owned(), false))
    };
    let mut answer = format!("it was {now} and is {to}");
    if let Some((note, to_buyer)) = note {
        // The order has moved: a note that is not taken does not undo that, and is not sent again.
        if let Err(error) = client.note(id, &note, to_buyer).await {
            answer = format!("{answer}; the note was not taken: {}", error.brief());
        }
    }
    Ok(Done { answer, changed: true, ..Done::default() })
}

/// The status that a command gives an order.
fn becomes(kind: CommandKind) -> Option<&'static str> {
    match kind {
        CommandKind::Accept => Some(PROCESSING),
        CommandKind::Cancel => Some(CANCELLED),
        CommandKind::Ship => Some(COMPLETED),
        CommandKind::Partial
        | CommandKind::Reject
        | CommandKind::AgreeCancel
        | CommandKind::RefuseCancel
        | CommandKind::Pickup
        | CommandKind::Label => None,
    }
}

fn said<'a>(command: &'a OrderCommand, field: &'static str) -> Option<&'a str> {
    let text = command.words.fields.get(field).map(|text| text.trim());
    text.filter(|text| !text.is_empty())
}

impl Client<'_> {
    async fn status_of(&self, id: u64) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Standing {
            status: Status,
        }
        let order = self.order(id).await?;
        let standing: Standing = read_object(DETAIL, order.get().as_bytes())?;
        Ok(standing.status.0)
    }

    /// Puts a note on an order; one for the buyer is sent by mail.
    async fn note(&self, id: u64, note: &str, to_buyer: bool) -> Result<(), Error> {
        let body: Value = json!({"note": note, "customer_note": to_buyer});
        let path = format!("/orders/{id}/notes");
        self.write("order_note", (Method::POST, &path), &body).await.map(drop)
    }
}
