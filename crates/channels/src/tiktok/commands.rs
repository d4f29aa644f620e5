//! What a seller may do to an order here, and how it is said.
//!
//! There is nothing to accept: a paid order becomes ready by itself. Parcels are there since the payment
//! and are arranged, not made: all of the order's at once, or the one that is named.

use dermaga_channel::{Call, Done, Error, OrderCommand, Paper};
use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Shown};
use dermaga_domain::term::{CommandKind, Retry};
use dermaga_domain::time::Span;
use http::{Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Client, Said, harmless};
use super::endpoints;
use super::errors::refused_rows;
use super::orders::DETAIL;
use super::packages::Row;
use super::returns::{PENDING, requests_of};
use super::wire::{Id, Moment, SomeId, Text, is_id, read, read_object};

/// Arranged as a whole, or what can only follow.
const ARRANGED: &[&str] = &["AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"];
const CANCELLED: &[&str] = &["CANCELLED", "CANCEL"];
/// Where parcels can be arranged. While the buyer may still think it over nothing may be shipped.
const SHIPPABLE: &[&str] = &["AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"];
/// Where a buyer's request waits for an answer.
const ASKABLE: &[&str] = &["AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"];
const UNPAID: &[&str] = &["UNPAID"];
const PAID: &[&str] = &["ON_HOLD", "AWAITING_SHIPMENT"];

/// The longest tracking number; the channel names no limit.
const AWB_LENGTH_MAX: usize = 100;
/// Only of orders that the seller ships by a courier of his own: the platform gives the others theirs.
const AWB: Field = Field { name: "awb", kind: FieldKind::Text(AWB_LENGTH_MAX), required: false };

const fn reason(
    code: &'static str,
    english: &'static str,
    indonesian: &'static str,
    from: &'static [&'static str],
) -> Reason {
    Reason { code, english, indonesian, from, fields: &[] }
}

/// The reasons of a seller in Indonesia. That the courier does not reach the address is no longer one,
/// since 31 August 2025 (the channel's news).
const REASONS: &[Reason] = &[
    reason("seller_cancel_unpaid_reason_out_of_stock", "Out of stock", "Stok habis", UNPAID),
    reason("seller_cancel_unpaid_reason_wrong_price", "Wrong price", "Harga salah", UNPAID),
    reason(
        "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
        "Not paid in time",
        "Tidak dibayar tepat waktu",
        UNPAID,
    ),
    reason("seller_cancel_reason_out_of_stock", "Out of stock", "Stok habis", PAID),
    reason("seller_cancel_reason_wrong_price", "Wrong price", "Harga salah", PAID),
];

/// The reasons to refuse a buyer's wish.
const REFUSALS: &[Reason] = &[
    reason(
        "seller_reject_apply_product_has_been_packed",
        "The goods are packed",
        "Barang sudah dikemas",
        &[],
    ),
    reason(
        "order_manage_list_action_respond_popup_reject_reason_delivered",
        "The goods are on their way",
        "Barang sudah dikirim",
        &[],
    ),
    reason(
        "order_manage_list_action_respond_popup_reject_reason_buyer_agree",
        "The buyer agrees to keep the order",
        "Pembeli setuju melanjutkan pesanan",
        &[],
    ),
    reason(
        "order_manage_list_action_respond_popup_reject_reason_invalid_cancellation_reason",
        "The buyer's reason does not hold",
        "Alasan pembeli tidak berlaku",
        &[],
    ),
];

const PICKUP: Offer = Offer {
    kind: CommandKind::Pickup,
    retry: Retry::Guarded,
    from: SHIPPABLE,
    shown: Shown::Statuses(ARRANGED),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};

/// The commands.
pub(super) const OFFERS: &[Offer] = &[
    PICKUP,
    Offer { kind: CommandKind::Ship, fields: &[AWB], ..PICKUP },
    Offer {
        kind: CommandKind::Label,
        retry: Retry::Repeatable,
        from: &["PARTIALLY_SHIPPING", "AWAITING_COLLECTION"],
        shown: Shown::Nowhere,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::Cancel,
        from: &["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"],
        shown: Shown::Statuses(CANCELLED),
        reasons: REASONS,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::AgreeCancel,
        from: ASKABLE,
        shown: Shown::Statuses(CANCELLED),
        cancel_requested: true,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::RefuseCancel,
        from: ASKABLE,
        shown: Shown::NoCancelRequest,
        cancel_requested: true,
        reasons: REFUSALS,
        ..PICKUP
    },
];

/// Does it.
pub(super) async fn execute(call: &Call<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let client = Client::new(call)?;
    if !is_id(&command.channel_order_id) {
        return Err(Error::NotFound);
    }
    match command.kind {
        CommandKind::Pickup | CommandKind::Ship => arrange(&client, command).await,
        CommandKind::Label => label(&client, command).await,
        CommandKind::Cancel => cancel(&client, command).await,
        CommandKind::AgreeCancel | CommandKind::RefuseCancel => answer(&client, command).await,
        CommandKind::Accept | CommandKind::Partial | CommandKind::Reject => {
            Err(Error::Unsupported("a command that is not offered"))
        }
    }
}

fn done(answer: String) -> Done {
    Done { answer, changed: true, ..Done::default() }
}

fn rejected(code: &str, message: &str) -> Error {
    Error::Rejected { code: code.to_owned(), message: message.to_owned() }
}

/// An order, as far as arranging goes.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    shipping_type: Text,
    shipping_provider_id: Id,
    delivery_option_id: Id,
    packages: Option<Vec<Named>>,
    line_items: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Named {
    id: SomeId,
}

/// The status of a parcel that is still to be arranged.
const TO_ARRANGE: &str = "TO_FULFILL";
/// The seller ships by a courier of his own.
const BY_SELLER: &str = "SELLER";

impl Order {
    /// The parcels that are in `wanted`'s place: that one, or all.
    fn parcels(&self, wanted: Option<&str>) -> Vec<String> {
        let named = self.packages.iter().flatten().map(|package| package.id.0.clone());
        named.filter(|id| wanted.is_none_or(|wanted| wanted == id)).collect()
    }

    /// Whether a parcel is still to be arranged, by the rows in it; one without rows may be.
    fn is_open(&self, id: &str) -> bool {
        let mut inside = self.line_items.iter().flatten();
        let inside = inside.by_ref().filter(|row| row.package_id.0.as_deref() == Some(id));
        let statuses: Vec<&str> = inside.map(|row| row.package_status.0.as_str()).collect();
        statuses.is_empty() || statuses.iter().any(|it| it.is_empty() || *it == TO_ARRANGE)
    }
}

async fn order(client: &Client<'_>, command: &OrderCommand) -> Result<Order, Error> {
    let order = client.order(&command.channel_order_id).await?;
    read_object(DETAIL, order.get().as_bytes())
}

/// Arranges the order's parcels: `Pickup` has the courier come, `Ship` hands them over at a counter, or
/// reports the tracking number of the seller's own courier.
///
/// In South-East Asia the warehouse's own setting decides how the platform's couriers take over, and what
/// is said here of it is left aside (the channel's news of October 2024).
async fn arrange(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let order = order(client, command).await?;
    let mut open = order.parcels(command.package.as_deref());
    open.retain(|id| order.is_open(id));
    if open.is_empty() {
        return Err(rejected("no_package", "no parcel of the order is still to be arranged"));
    }
    let awb = command.words.fields.get(AWB.name).map(|awb| awb.trim());
    let awb = awb.filter(|awb| !awb.is_empty());
    let own = order.shipping_type.0 == BY_SELLER;
    let mut bodies = Vec::with_capacity(open.len());
    for id in &open {
        let body = match (command.kind, own, awb) {
            (CommandKind::Pickup, true, _) => {
                let message = "the seller ships it: report the tracking number instead";
                return Err(rejected("shipping_type", message));
            }
            (CommandKind::Pickup, false, _) => client.pickup(id).await?,
            (_, true, None) => return Err(rejected("awb", "the tracking number is needed")),
            (_, true, Some(awb)) => client.own_courier(&order, awb).await?,
            (_, false, Some(_)) => {
                let message = "the platform ships it and gives the tracking number";
                return Err(rejected("awb", message));
            }
            (_, false, None) => json!({"handover_method": "DROP_OFF"}),
        };
        bodies.push(body);
    }
    client.ship(&open, bodies).await
}

impl Client<'_> {
    /// How the courier is asked to come: in the first time that is free, if times are given.
    async fn pickup(&self, package: &str) -> Result<Value, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Slots {
            can_pickup: Option<bool>,
            pickup_slots: Option<Vec<Slot>>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Slot {
            /// The channel's spelling.
            #[serde(rename = "avaliable")]
            available: Option<bool>,
            start_time: Moment,
            end_time: Moment,
        }
        let said = Said { id: package, ..Said::default() };
        let data = self.ask(&endpoints::SLOTS, said).await?;
        let slots: Option<Slots> = read("pickup_slots", data.get().as_bytes())?;
        let slots = slots.unwrap_or_default();
        if slots.can_pickup == Some(false) {
            return Err(rejected("can_pickup", "the courier does not come for this parcel"));
        }
        let free = slots.pickup_slots.unwrap_or_default().into_iter();
        let mut free = free.filter(|slot| slot.available != Some(false));
        let mut body = json!({"handover_method": "PICKUP"});
        let first = free.next().and_then(|slot| slot.start_time.0.zip(slot.end_time.0));
        if let Some((start, end)) = first {
            body["pickup_slot"] =
                json!({"start_time": start.as_seconds(), "end_time": end.as_seconds()});
        }
        Ok(body)
    }

    /// A courier of the seller's own: the one that the order names, else the first that its way of
    /// delivery has.
    async fn own_courier(&self, order: &Order, awb: &str) -> Result<Value, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            shipping_providers: Option<Vec<Named>>,
        }
        let provider = match (&order.shipping_provider_id.0, &order.delivery_option_id.0) {
            (Some(provider), _) => provider.clone(),
            (None, Some(option)) => {
                let said = Said { id: option, ..Said::default() };
                let data = self.ask(&endpoints::PROVIDERS, said).await?;
                let answer: Option<Answer> = read("shipping_providers", data.get().as_bytes())?;
                let all = answer.unwrap_or_default().shipping_providers.unwrap_or_default();
                let first = all.into_iter().next().map(|first| first.id.0);
                first.ok_or_else(|| rejected("shipping_provider", "no courier is known"))?
            }
            (None, None) => return Err(rejected("shipping_provider", "no courier is known")),
        };
        Ok(json!({"self_shipment": {"tracking_number": awb, "shipping_provider_id": provider}}))
    }

    /// One parcel by itself, several at once: there each is taken or not.
    async fn ship(&self, ids: &[String], mut bodies: Vec<Value>) -> Result<Done, Error> {
        if let ([id], [body]) = (ids, bodies.as_slice()) {
            let said = Said { id, body: Some(body), ..Said::default() };
            self.ask(&endpoints::SHIP, said).await?;
            return Ok(done(format!("parcel {id} is arranged")));
        }
        for (id, body) in ids.iter().zip(&mut bodies) {
            body["id"] = Value::from(id.as_str());
        }
        let body = json!({ "packages": bodies });
        let said = Said { body: Some(&body), ..Said::default() };
        let data = self.ask(&endpoints::SHIP_SEVERAL, said).await?;
        let not_taken = refused_rows("packages_ship", &data)?;
        let Some(first) = not_taken.first() else {
            return Ok(done(format!("{} parcels are arranged", ids.len())));
        };
        let which = first.about().unwrap_or("?");
        let message =
            format!("{} of {} parcels; {which}: {}", not_taken.len(), ids.len(), first.words());
        Err(Error::Rejected { code: first.code(), message })
    }
}

/// The label of a parcel: of the one that is named, else of the order's first that is arranged.
async fn label(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Document {
        doc_url: Text,
    }
    let order = order(client, command).await?;
    let parcels = order.parcels(command.package.as_deref());
    let arranged = parcels.iter().find(|id| !order.is_open(id)).or_else(|| parcels.first());
    let id = arranged.ok_or_else(|| rejected("no_package", "the order has no parcel"))?;
    let query = [("document_type", "SHIPPING_LABEL"), ("document_size", "A6")];
    let said = Said { id, query: &query, body: None };
    let data = client.ask(&endpoints::LABEL, said).await?;
    let document: Option<Document> = read("package_label", data.get().as_bytes())?;
    let url = document.and_then(|document| document.doc_url.some());
    let url = url.ok_or_else(|| Error::Temporary("the label has no address yet".to_owned()))?;
    // The address is the channel's word, and holds for a day; it leads to public places only.
    let http = client.call.http;
    let request = http.request_entered("", Method::GET, &url)?;
    let answer = http.send("label_file", request).await.map_err(harmless)?;
    if !answer.status.is_success() || answer.body.is_empty() {
        return Err(Error::Temporary(format!("label: HTTP {}", answer.status.as_u16())));
    }
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let media_type = kind.unwrap_or("application/pdf").to_owned();
    let paper = Paper { media_type, body: answer.body };
    Ok(Done { answer: format!("label of {id}"), paper: Some(paper), ..Done::default() })
}

/// Cancels the order as a whole.
async fn cancel(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let reason =
        command.words.reason.as_deref().ok_or_else(|| rejected("reason", "a reason is needed"))?;
    let body = json!({"order_id": command.channel_order_id, "cancel_reason": reason});
    let data =
        client.ask(&endpoints::CANCEL, Said { body: Some(&body), ..Said::default() }).await?;
    Ok(done(data.get().chars().take(200).collect()))
}

/// Answers the buyer's wish that waits. The key of the request makes that answering twice is answering
/// once.
async fn answer(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let requests = requests_of(client, &[&command.channel_order_id]).await?;
    let mut waiting = requests.iter().filter(|it| it.read.cancel_status.0 == PENDING);
    let waiting = waiting.next().ok_or_else(|| rejected("no_request", "no request waits"))?;
    let id = &waiting.read.cancel_id.0;
    let agrees = command.kind == CommandKind::AgreeCancel;
    let verb = if agrees { "approve" } else { "reject" };
    let key = format!("dermaga-{verb}-{id}");
    let query = [("idempotency_key", key.as_str())];
    let body = match command.words.reason.as_deref() {
        _ if agrees => json!({}),
        Some(reason) => json!({ "reject_reason": reason }),
        None => return Err(rejected("reason", "a reason is needed")),
    };
    let endpoint = if agrees { &endpoints::CANCEL_APPROVE } else { &endpoints::CANCEL_REJECT };
    client.ask(endpoint, Said { id, query: &query, body: Some(&body) }).await?;
    Ok(done(format!("request {id}: {verb}")))
}
