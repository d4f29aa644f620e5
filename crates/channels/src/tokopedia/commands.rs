//! What a seller may do to an order here, and how it is said.
//!
//! Requests and statuses are those of the official reference (order accept, reject, request pickup,
//! confirm shipping, reject cancel request, shipping label). Whether a second call of the same kind
//! is refused is documented nowhere; every one is therefore guarded by a re-read.

use dermaga_channel::{Call, Done, Error, OrderCommand, Paper};
use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Shown};
use dermaga_domain::term::{CommandKind, Retry};
use dermaga_domain::time::Span;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::wire::{Count, Rupiah, SomeId, read};

/// Accepted, or what can only follow.
const ACCEPTED: &[&str] =
    &["400", "450", "500", "501", "520", "530", "540", "600", "601", "690", "700"];
/// A pick-up was asked for, or what can only follow.
const PICKUP_ASKED: &[&str] =
    &["450", "500", "501", "520", "530", "540", "600", "601", "690", "700"];
/// Shipped with a tracking number that nobody doubts, or what can only follow.
const SHIPPED: &[&str] = &["500", "540", "600", "601", "690", "700"];
/// Ended by the seller. Which status a rejection gives is told for its reasons 1 and "other" only.
const ENDED: &[&str] = &["0", "3", "10"];
/// The buyer's wish to cancel may be refused from 400 to 599.
const REFUSABLE: &[&str] = &["400", "450", "500", "501", "520", "530", "540", "550"];

/// A pick-up is asked for at the earliest this long after the acceptance (official reference).
const PICKUP_WAIT: Span = Span::seconds(5);
/// The longest reason: 490 in one version of the reference, 200 in the newer one.
const REASON_LENGTH_MAX: usize = 200;
/// The longest note of a closed shop.
const CLOSE_NOTE_LENGTH_MAX: usize = 100;
/// The longest tracking number; the channel names no limit.
const AWB_LENGTH_MAX: usize = 100;

const TEXT: Field =
    Field { name: "reason_text", kind: FieldKind::Text(REASON_LENGTH_MAX), required: true };
const EMPTY: Field = Field { name: "empty_lines", kind: FieldKind::Lines, required: true };
const CLOSED_UNTIL: Field = Field { name: "closed_until", kind: FieldKind::Day, required: true };
const CLOSE_NOTE: Field =
    Field { name: "close_note", kind: FieldKind::Text(CLOSE_NOTE_LENGTH_MAX), required: true };
const AWB: Field = Field { name: "awb", kind: FieldKind::Text(AWB_LENGTH_MAX), required: true };
const TAKE: Field = Field { name: "quantities", kind: FieldKind::Quantities, required: true };

const fn reason(
    code: &'static str,
    english: &'static str,
    indonesian: &'static str,
    fields: &'static [Field],
) -> Reason {
    Reason { code, english, indonesian, from: &[], fields }
}

/// The reasons of a rejection; 8 is the answer to a buyer's wish, there is no 6.
const REASONS: &[Reason] = &[
    reason("1", "Out of stock", "Stok habis", &[EMPTY]),
    reason("2", "Variant not available", "Varian tidak tersedia", &[TEXT]),
    reason("3", "Wrong price or weight", "Harga atau berat salah", &[]),
    reason("4", "Shop is closed", "Toko sedang tutup", &[CLOSED_UNTIL, CLOSE_NOTE]),
    reason("5", "Other", "Lainnya", &[TEXT]),
    reason("7", "Trouble with the courier", "Masalah pada kurir", &[TEXT]),
];

/// An accepted order may also be given up while it is being handed over (code 0), later only so.
const CANCEL_REASONS: &[Reason] = &[
    accepted_only("1", "Out of stock", "Stok habis", &[EMPTY]),
    accepted_only("2", "Variant not available", "Varian tidak tersedia", &[TEXT]),
    accepted_only("3", "Wrong price or weight", "Harga atau berat salah", &[]),
    accepted_only("4", "Shop is closed", "Toko sedang tutup", &[CLOSED_UNTIL, CLOSE_NOTE]),
    accepted_only("5", "Other", "Lainnya", &[TEXT]),
    accepted_only("7", "Trouble with the courier", "Masalah pada kurir", &[TEXT]),
    reason("0", "Cannot be handed over", "Tidak dapat diserahkan ke kurir", &[TEXT]),
];

const fn accepted_only(
    code: &'static str,
    english: &'static str,
    indonesian: &'static str,
    fields: &'static [Field],
) -> Reason {
    Reason { code, english, indonesian, from: &["400"], fields }
}

const GUARDED: Offer = Offer {
    kind: CommandKind::Accept,
    retry: Retry::Guarded,
    from: &["220"],
    shown: Shown::Statuses(ACCEPTED),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};

/// The commands.
pub(super) const OFFERS: &[Offer] = &[
    GUARDED,
    Offer {
        kind: CommandKind::Partial,
        // What the buyer answers does not show on the order: it is never asked twice by itself.
        retry: Retry::Unrepeatable,
        shown: Shown::Nowhere,
        fields: &[TAKE],
        ..GUARDED
    },
    Offer { kind: CommandKind::Reject, shown: Shown::Statuses(ENDED), reasons: REASONS, ..GUARDED },
    Offer {
        kind: CommandKind::Cancel,
        from: &["400", "450"],
        shown: Shown::Statuses(ENDED),
        reasons: CANCEL_REASONS,
        ..GUARDED
    },
    Offer {
        kind: CommandKind::AgreeCancel,
        from: &["220", "400", "450"],
        shown: Shown::Statuses(ENDED),
        cancel_requested: true,
        fields: &[TEXT],
        ..GUARDED
    },
    Offer {
        kind: CommandKind::RefuseCancel,
        from: REFUSABLE,
        shown: Shown::NoCancelRequest,
        cancel_requested: true,
        ..GUARDED
    },
    Offer {
        kind: CommandKind::Pickup,
        from: &["400"],
        shown: Shown::Statuses(PICKUP_ASKED),
        wait: PICKUP_WAIT,
        ..GUARDED
    },
    Offer {
        kind: CommandKind::Ship,
        from: &["400", "450", "501", "520", "530"],
        shown: Shown::Statuses(SHIPPED),
        fields: &[AWB],
        ..GUARDED
    },
    Offer {
        kind: CommandKind::Label,
        retry: Retry::Repeatable,
        from: &["400", "450", "500", "501", "520", "530", "540"],
        shown: Shown::Nowhere,
        ..GUARDED
    },
];

/// Does it.
pub(super) async fn execute(call: &Call<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let id = &command.channel_order_id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::NotFound);
    }
    let at = |verb: &str| format!("/v1/order/{id}/fs/{}/{verb}", client.fs_id);
    match command.kind {
        CommandKind::Accept => done(client.post("order_ack", &at("ack"), &json!({})).await),
        CommandKind::Partial => {
            let body = partial(&client, command).await?;
            done(client.post("order_partial", &at("pof/request"), &body).await)
        }
        CommandKind::Reject | CommandKind::Cancel | CommandKind::AgreeCancel => {
            done(client.post("order_nack", &at("nack"), &rejection(command)?).await)
        }
        CommandKind::RefuseCancel => {
            let path = format!("{}?shop_id={}", at("reject-cancel"), client.shop_id()?);
            done(client.post("order_reject_cancel", &path, &json!({})).await)
        }
        CommandKind::Pickup => {
            let path = format!("/inventory/v1/fs/{}/pick-up", client.fs_id);
            let body = json!({"order_id": whole(id)?, "shop_id": whole(client.shop_id()?)?});
            done(client.post("order_pickup", &path, &body).await)
        }
        CommandKind::Ship => {
            let awb = said(command, AWB.name)?;
            let body = json!({"order_status": 500, "shipping_ref_num": awb});
            done(client.post("order_ship", &at("status"), &body).await)
        }
        CommandKind::Label => {
            let (media_type, body) =
                client.page("order_label", &at("shipping-label?printed=1")).await?;
            Ok(Done {
                answer: "label".to_owned(),
                paper: Some(Paper { media_type, body }),
                ..Done::default()
            })
        }
    }
}

/// The answers to these are `"success"`, `"Success"` or `{"success": true}`: no error is a yes.
fn done(answer: Result<Box<serde_json::value::RawValue>, Error>) -> Result<Done, Error> {
    let answer = answer?;
    Ok(Done { answer: answer.get().chars().take(200).collect(), changed: true, ..Done::default() })
}

fn whole(text: &str) -> Result<u64, Error> {
    text.parse().map_err(|_| Error::Unsupported("an id that is no number"))
}

fn said<'a>(command: &'a OrderCommand, field: &'static str) -> Result<&'a str, Error> {
    let text = command.words.fields.get(field).map(|text| text.trim());
    text.filter(|text| !text.is_empty()).ok_or(Error::Unsupported("a command without its value"))
}

/// The rows of an order, which are asked for less of by an id that no other message shows.
#[derive(serde::Deserialize)]
struct Rows {
    order_info: RowsOf,
}

#[derive(serde::Deserialize)]
struct RowsOf {
    order_detail: Vec<OrderRow>,
}

#[derive(serde::Deserialize)]
struct OrderRow {
    order_detail_id: u64,
    product_id: SomeId,
    #[serde(default)]
    product_price: Rupiah,
    quantity: Count,
}

/// `pof/request`: how many of each row the seller can deliver. A line of ours is named by its product,
/// or by product and price, and may be several rows of theirs.
async fn partial(client: &Client<'_>, command: &OrderCommand) -> Result<Value, Error> {
    let order = client.order(("order_id", &command.channel_order_id)).await?;
    let read: Rows = read("order_detail", order.get().as_bytes())?;
    let mut rows = Vec::new();
    for line in &command.words.lines {
        let (mut left, before) = (line.quantity, rows.len());
        for row in &read.order_info.order_detail {
            let priced = format!("{}@{}", row.product_id.0, row.product_price.0);
            if line.key == row.product_id.0 || line.key == priced {
                let taken = left.min(row.quantity.0);
                left -= taken;
                rows.push(json!({"order_dtl_id": row.order_detail_id, "quantity_request": taken}));
            }
        }
        if rows.len() == before {
            return Err(Error::Unsupported("a line that the order does not show"));
        }
    }
    Ok(json!({ "pof_detail": rows }))
}

fn rejection(command: &OrderCommand) -> Result<Value, Error> {
    // The wish of the buyer is a reason of its own.
    let given = command.words.reason.as_deref().unwrap_or("0");
    let code = if command.kind == CommandKind::AgreeCancel { "8" } else { given };
    let mut body = Map::new();
    body.insert("reason_code".to_owned(), whole(code)?.into());
    if let Ok(text) = said(command, TEXT.name) {
        body.insert("reason".to_owned(), text.into());
    }
    if code == "1" {
        let ids = command.words.lines.iter().map(|line| whole(&line.channel_product_id));
        let ids = ids.collect::<Result<Vec<_>, Error>>()?;
        body.insert("empty_products".to_owned(), ids.into());
    }
    if code == "4" {
        let day: jiff::civil::Date = said(command, CLOSED_UNTIL.name)?
            .parse()
            .map_err(|_| Error::Unsupported("a day that is none"))?;
        body.insert("shop_close_end_date".to_owned(), day.strftime("%d/%m/%Y").to_string().into());
        body.insert("shop_close_note".to_owned(), said(command, CLOSE_NOTE.name)?.into());
    }
    Ok(Value::Object(body))
}
