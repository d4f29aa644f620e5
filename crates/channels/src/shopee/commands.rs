//! What a seller may do to an order here, and how it is said.
//!
//! There is nothing to accept: a paid order becomes ready by itself. A courier is asked for each parcel;
//! what it wants to be told is asked first.

use dermaga_channel::{Call, Done, Error, OrderCommand};
use dermaga_domain::command::{Field, FieldKind, Offer, Reason, Shown};
use dermaga_domain::term::{CommandKind, Retry};
use dermaga_domain::time::Span;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{self, Client, Endpoint};
use super::label::label;
use super::orders::{DETAIL, IN_CANCEL, status_of};
use super::packages::is_arranged;
use super::reading::{Looked, Parcel};
use super::wire::{Count, Text, is_sn, read};

/// Arranged, or what can only follow.
const ARRANGED: &[&str] = &["PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED"];
/// The courier did not come.
const RETRY_SHIP: &str = "RETRY_SHIP";

/// The longest tracking number; the channel names no limit.
const AWB_LENGTH_MAX: usize = 100;
/// Only of couriers that Shopee has no wire to: the others give it themselves.
const AWB: Field = Field { name: "awb", kind: FieldKind::Text(AWB_LENGTH_MAX), required: false };

const OUT_OF_STOCK: &str = "OUT_OF_STOCK";

const fn reason(code: &'static str, english: &'static str, indonesian: &'static str) -> Reason {
    Reason { code, english, indonesian, from: &[], fields: &[] }
}

/// The reasons of a seller in Indonesia; Taiwan and Malaysia have UNDELIVERABLE_AREA too.
const REASONS: &[Reason] = &[
    reason(OUT_OF_STOCK, "Out of stock", "Stok habis"),
    reason("CUSTOMER_REQUEST", "The buyer asked for it", "Permintaan pembeli"),
    reason("COD_NOT_SUPPORTED", "Cash on delivery is not possible", "COD tidak didukung"),
];

const PICKUP: Offer = Offer {
    kind: CommandKind::Pickup,
    retry: Retry::Guarded,
    from: &["READY_TO_SHIP", RETRY_SHIP],
    shown: Shown::Statuses(ARRANGED),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};

/// The commands.
pub(super) const OFFERS: &[Offer] = &[
    PICKUP,
    Offer { kind: CommandKind::Ship, from: &["READY_TO_SHIP"], fields: &[AWB], ..PICKUP },
    Offer {
        kind: CommandKind::Label,
        retry: Retry::Repeatable,
        from: &["PROCESSED"],
        shown: Shown::Nowhere,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::Cancel,
        from: &["READY_TO_SHIP", "PROCESSED", RETRY_SHIP],
        shown: Shown::Statuses(&["CANCELLED"]),
        reasons: REASONS,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::AgreeCancel,
        from: &[IN_CANCEL],
        shown: Shown::Statuses(&["CANCELLED"]),
        cancel_requested: true,
        ..PICKUP
    },
    Offer {
        kind: CommandKind::RefuseCancel,
        from: &[IN_CANCEL],
        shown: Shown::NoCancelRequest,
        cancel_requested: true,
        ..PICKUP
    },
];

/// Does it.
pub(super) async fn execute(call: &Call<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let client = Client::new(call)?;
    if !is_sn(&command.channel_order_id) {
        return Err(Error::NotFound);
    }
    match command.kind {
        CommandKind::Pickup | CommandKind::Ship => arrange(&client, command).await,
        CommandKind::Label => label(&client, command).await,
        CommandKind::Cancel => cancel(&client, command).await,
        CommandKind::AgreeCancel => answer(&client, command, "ACCEPT").await,
        CommandKind::RefuseCancel => answer(&client, command, "REJECT").await,
        CommandKind::Accept | CommandKind::Partial | CommandKind::Reject => {
            Err(Error::Unsupported("a command that is not offered"))
        }
    }
}

pub(super) fn rejected(code: &str, message: &str) -> Error {
    Error::Rejected { code: code.to_owned(), message: message.to_owned() }
}

fn done(answer: String) -> Done {
    Done { answer, changed: true, ..Done::default() }
}

/// The parcels of an order that a command is about: the one that is named, else all.
pub(super) fn parcels_of(order: Looked, command: &OrderCommand) -> Vec<Parcel> {
    let named = |it: &Parcel| {
        command.package.as_deref().is_none_or(|package| it.package_number.0 == package)
    };
    order.package_list.unwrap_or_default().into_iter().filter(named).collect()
}

/// Asks a courier for each parcel that none knows of yet; after one that did not come, for all.
async fn arrange(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let order = client.order(&command.channel_order_id).await?;
    let again = status_of(&order)? == RETRY_SHIP;
    let looked: Looked = read(DETAIL, order.get().as_bytes())?;
    // A lone parcel goes by its order: its number is refused.
    let is_split = looked.package_list.as_ref().is_some_and(|parcels| parcels.len() > 1);
    let waits = |it: &Parcel| again || !is_arranged(&it.logistics_status.0);
    let parcels = parcels_of(looked, command).into_iter().filter(waits);
    let parcels: Vec<String> = parcels.map(|it| it.package_number.0).collect();
    if parcels.is_empty() {
        return Err(rejected("no_package", "the order has no parcel that waits for a courier"));
    }
    for number in &parcels {
        let mut query = vec![("order_sn", &*command.channel_order_id)];
        let mut body = json!({"order_sn": command.channel_order_id});
        if is_split {
            query.push(("package_number", number));
            body["package_number"] = Value::from(number.as_str());
        }
        let told = client.get(&client::SHIP_PARAMETER, &query).await?;
        let wanted: Wanted = read("ship_parameter", told.get().as_bytes())?;
        let (way, how) = if command.kind == CommandKind::Pickup {
            ("pickup", wanted.pickup(client.call.now.as_seconds())?)
        } else {
            wanted.hand_over(command.words.fields.get("awb").map_or("", |awb| awb.trim()))?
        };
        body[way] = how;
        let endpoint: &Endpoint = if again { &client::SHIP_AGAIN } else { &client::SHIP };
        client.post(endpoint, &body).await?;
    }
    Ok(done(format!("{} parcels are arranged", parcels.len())))
}

/// What a courier wants to be told, by way of handing over. A way that is not named is not offered.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    info_needed: Ways,
    pickup: Option<Pickup>,
    dropoff: Option<Dropoff>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ways {
    pickup: Option<Vec<Text>>,
    dropoff: Option<Vec<Text>>,
    non_integrated: Option<Vec<Text>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pickup {
    address_list: Option<Vec<Address>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    address_id: Count,
    address_flag: Option<Vec<Text>>,
    time_slot_list: Option<Vec<Slot>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Slot {
    /// The day, in seconds.
    date: Count,
    pickup_time_id: Text,
    flags: Option<Vec<Text>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dropoff {
    branch_list: Option<Vec<Branch>>,
    slug_list: Option<Vec<Slug>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Branch {
    branch_id: Count,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Slug {
    slug: Text,
}

fn has(list: Option<&Vec<Text>>, word: &str) -> bool {
    list.is_some_and(|list| list.iter().any(|one| one.0 == word))
}

impl Wanted {
    /// The courier comes: to the address for it, at the recommended time, else at the first.
    fn pickup(&self, now_s: i64) -> Result<Value, Error> {
        if self.info_needed.pickup.is_none() {
            return Err(rejected("no_pickup", "the courier does not come for this parcel"));
        }
        let addresses = self.pickup.as_ref().and_then(|pickup| pickup.address_list.as_ref());
        let mut addresses: Vec<&Address> = addresses.into_iter().flatten().collect();
        let rank = |it: &Address| {
            let flag = |word| has(it.address_flag.as_ref(), word);
            (!flag("pickup_address"), !flag("default_address"))
        };
        addresses.sort_by_key(|it| rank(it));
        let with_time = addresses.iter().find(|it| it.slot(now_s).is_some());
        let address = with_time.or_else(|| addresses.first());
        let address = address.ok_or_else(|| rejected("no_address", "no address to come to"))?;
        let mut how = json!({"address_id": address.address_id.0});
        match address.slot(now_s) {
            Some(slot) => how["pickup_time_id"] = Value::from(slot.pickup_time_id.0.as_str()),
            None if has(self.info_needed.pickup.as_ref(), "pickup_time_id") => {
                return Err(rejected("no_pickup_time", "the courier has no time"));
            }
            None => {}
        }
        Ok(how)
    }

    /// The parcel is brought to the courier, or sent by one that Shopee has no wire to.
    fn hand_over(&self, awb: &str) -> Result<(&'static str, Value), Error> {
        if self.info_needed.non_integrated.is_some() {
            if awb.is_empty() {
                return Err(rejected("awb", "this courier needs the tracking number"));
            }
            return Ok(("non_integrated", json!({ "tracking_number": awb })));
        }
        let Some(needed) = &self.info_needed.dropoff else {
            return Err(rejected("no_dropoff", "this courier comes for the parcel: ask for it"));
        };
        let mut how = json!({});
        let dropoff = self.dropoff.as_ref();
        for name in needed {
            let value = match name.0.as_str() {
                "branch_id" => {
                    let branches = dropoff.and_then(|it| it.branch_list.as_ref());
                    branches.and_then(|list| Some(Value::from(list.first()?.branch_id.0)))
                }
                "slug" => {
                    let slugs = dropoff.and_then(|it| it.slug_list.as_ref());
                    slugs.and_then(|list| Some(Value::from(list.first()?.slug.0.as_str())))
                }
                "tracking_no" | "tracking_number" if !awb.is_empty() => Some(Value::from(awb)),
                _ => None,
            };
            let field = if name.0 == "tracking_no" { "tracking_number" } else { &name.0 };
            let missing = || rejected("dropoff", "the courier wants what is not known here");
            how[field] = value.ok_or_else(missing)?;
        }
        Ok(("dropoff", how))
    }
}

impl Address {
    /// The time that is recommended, else the first that is not over.
    fn slot(&self, now_s: i64) -> Option<&Slot> {
        let day_s = 86_400;
        let slots = self.time_slot_list.iter().flatten();
        let open: Vec<&Slot> = slots.filter(|it| it.date.0 + day_s > now_s).collect();
        let recommended = open.iter().find(|it| has(it.flags.as_ref(), "recommended"));
        recommended.or_else(|| open.first()).copied()
    }
}

/// Cancels the order as a whole. What is out of stock must be named.
async fn cancel(client: &Client<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let reason =
        command.words.reason.as_deref().ok_or_else(|| rejected("reason", "a reason is needed"))?;
    let mut body = json!({"order_sn": command.channel_order_id, "cancel_reason": reason});
    if reason == OUT_OF_STOCK {
        let lines = command.words.lines.iter();
        let names: Vec<(i64, i64)> = lines
            .filter_map(|line| line.channel_product_id.split_once('-'))
            .filter_map(|(item, model)| Some((item.parse().ok()?, model.parse().ok()?)))
            .collect();
        let names = if names.is_empty() { client.all_lines(command).await? } else { names };
        let named = |(item, model): &(i64, i64)| json!({"item_id": item, "model_id": model});
        body["item_list"] = names.iter().map(named).collect();
    }
    let told = client.post(&client::CANCEL, &body).await?;
    Ok(done(told.get().chars().take(200).collect()))
}

impl Client<'_> {
    /// Product and variant of all lines of an order.
    async fn all_lines(&self, command: &OrderCommand) -> Result<Vec<(i64, i64)>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Lines {
            item_list: Option<Vec<Line>>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Line {
            item_id: Count,
            model_id: Count,
        }
        let order = self.order(&command.channel_order_id).await?;
        let lines: Lines = read(DETAIL, order.get().as_bytes())?;
        let lines = lines.item_list.unwrap_or_default();
        Ok(lines.into_iter().map(|line| (line.item_id.0, line.model_id.0)).collect())
    }
}

/// Answers the buyer's wish to cancel.
async fn answer(
    client: &Client<'_>,
    command: &OrderCommand,
    operation: &str,
) -> Result<Done, Error> {
    let body = json!({"order_sn": command.channel_order_id, "operation": operation});
    client.post(&client::CANCEL_ANSWER, &body).await?;
    Ok(done(format!("the buyer's request: {operation}")))
}
