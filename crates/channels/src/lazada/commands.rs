//! What a seller may do to an order here, and how it is said: pack, ready to ship, label.
//!
//! The channel has no step of acceptance: packing takes its place. A parcel gets its number and its
//! tracking number when it is packed, and the courier is called when it is told ready. Each command reads
//! the units first and speaks of those that still need it, and an answer that is well as a whole says
//! nothing of its rows: each row is looked at.

use std::collections::BTreeMap;

use dermaga_channel::{Call, Done, Error, OrderCommand};
use dermaga_domain::command::{Offer, Reason, Shown};
use dermaga_domain::term::{CommandKind, Retry};
use dermaga_domain::time::Span;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cancel;
use super::client::Client;
use super::label;
use super::orders::{CANCELED, CANCELLABLE, Item};
use super::wire::{Flag, Text, read_object};

/// Statuses from which a unit is packed.
const TO_PACK: &[&str] = &["pending", "repacked"];
/// The status from which a parcel is told ready.
const PACKED: &str = "packed";
/// Packed, or what can only follow.
const PACKED_OR_LATER: &[&str] = &[
    PACKED,
    "ready_to_ship",
    "shipped",
    "delivered",
    "failed",
    "failed_delivery",
    "shipped_back",
    "shipped_back_success",
    "shipped_back_failed",
    "returned",
];
/// Told ready, or what can only follow.
const READY_OR_LATER: &[&str] = &[
    "ready_to_ship",
    "shipped",
    "delivered",
    "failed",
    "failed_delivery",
    "shipped_back",
    "shipped_back_success",
    "shipped_back_failed",
    "returned",
];
/// Parcels, or orders, in one request.
const ROWS_MAX: usize = 20;

const fn reason(code: &'static str, english: &'static str, indonesian: &'static str) -> Reason {
    Reason { code, english, indonesian, from: &[], fields: &[] }
}

/// The reasons of a cancellation that are known; which of them a country takes, and under which number,
/// is asked before each cancellation.
const REASONS: &[Reason] = &[
    reason("10000019", "Sourcing delay", "Barang terlambat didapat"),
    reason("10000021", "Out of stock", "Stok habis"),
    reason("10000023", "Wrong price", "Harga salah"),
];

/// The channel packs.
const PACK: Offer = Offer {
    kind: CommandKind::Accept,
    retry: Retry::Guarded,
    from: TO_PACK,
    shown: Shown::Statuses(PACKED_OR_LATER),
    wait: Span(0),
    cancel_requested: false,
    reasons: &[],
    fields: &[],
};

/// The commands.
pub(super) const OFFERS: &[Offer] = &[
    PACK,
    Offer {
        kind: CommandKind::Cancel,
        from: &CANCELLABLE,
        shown: Shown::Statuses(&[CANCELED]),
        reasons: REASONS,
        ..PACK
    },
    Offer {
        kind: CommandKind::AgreeCancel,
        from: &CANCELLABLE,
        shown: Shown::Statuses(&[CANCELED]),
        cancel_requested: true,
        ..PACK
    },
    Offer {
        kind: CommandKind::RefuseCancel,
        from: &CANCELLABLE,
        shown: Shown::NoCancelRequest,
        cancel_requested: true,
        ..PACK
    },
    Offer {
        kind: CommandKind::Pickup,
        from: &[PACKED],
        shown: Shown::Statuses(READY_OR_LATER),
        ..PACK
    },
    Offer {
        kind: CommandKind::Label,
        retry: Retry::Repeatable,
        from: &[PACKED, "ready_to_ship"],
        shown: Shown::Nowhere,
        ..PACK
    },
];

/// Does it.
pub(super) async fn execute(call: &Call<'_>, command: &OrderCommand) -> Result<Done, Error> {
    let client = Client::new(call)?;
    let id = &command.channel_order_id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::NotFound);
    }
    let units = client.units(id).await?;
    match command.kind {
        CommandKind::Accept => pack(&client, id, &units).await,
        CommandKind::Pickup => ready(&client, command.package.as_deref(), &units).await,
        CommandKind::Label => label::fetch(&client, command.package.as_deref(), &units).await,
        CommandKind::Cancel => {
            cancel::cancel(&client, id, &units, command.words.reason.as_deref(), REASONS).await
        }
        CommandKind::AgreeCancel => cancel::decide(&client, &units, true).await,
        CommandKind::RefuseCancel => cancel::decide(&client, &units, false).await,
        CommandKind::Partial | CommandKind::Reject | CommandKind::Ship => {
            Err(Error::Unsupported("a command that is not offered"))
        }
    }
}

/// Nothing needs it: it is so already, or the order has gone elsewhere.
pub(super) fn not_needed(units: &[Item], is_so: &[&str]) -> Result<Done, Error> {
    let statuses: Vec<&str> = units.iter().map(|unit| unit.status.0.as_str()).collect();
    if statuses.iter().any(|status| is_so.contains(status)) {
        return Ok(Done {
            answer: format!("it is {} already", statuses.join(", ")),
            ..Done::default()
        });
    }
    let message = format!("it is {}", statuses.join(", "));
    Err(Error::Rejected { code: "status".to_owned(), message })
}

/// What came of one row of an answer.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    item_err_code: Text,
    #[serde(default)]
    msg: Text,
    #[serde(default)]
    retry: Flag,
}

/// What came of all rows: well, or the first refusal. Rows that may be tried again are trouble that
/// passes, if nothing else was done; else the order must be read to see how far it came.
fn outcome(rows: &[Row], what: &str) -> Result<Done, Error> {
    let refused: Vec<&Row> = rows.iter().filter(|row| row.item_err_code.0 != "0").collect();
    let Some(first) = refused.first() else {
        let answer = format!("{} of {} {what}", rows.len(), rows.len());
        return Ok(Done { answer, changed: !rows.is_empty(), ..Done::default() });
    };
    let (count, all) = (refused.len(), rows.len());
    let code = first.item_err_code.clone().some().unwrap_or_else(|| "unnamed".to_owned());
    if refused.iter().all(|row| row.retry.0) {
        let said = format!("{code}, {count} of {all} rows not {what}");
        return Err(if count == all { Error::Temporary(said) } else { Error::Unknown(said) });
    }
    let message = format!("{count} of {all} rows not {what}: {}", first.msg.0);
    Err(Error::Rejected { code, message })
}

/// Packs every unit that waits for it; units of different warehouses go into different parcels.
async fn pack(client: &Client<'_>, id: &str, units: &[Item]) -> Result<Done, Error> {
    let order: u64 = id.parse().map_err(|_| Error::NotFound)?;
    let mut by_warehouse: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let waits = |unit: &&Item| TO_PACK.contains(&unit.status.0.as_str());
    // What the channel stores and sends itself is not packed by the seller.
    for unit in units.iter().filter(waits).filter(|unit| !unit.is_fbl.0 && !unit.is_digital.0) {
        by_warehouse.entry(&unit.warehouse_code.0).or_default().push(unit.order_item_id.0);
    }
    if by_warehouse.is_empty() {
        return not_needed(units, PACKED_OR_LATER);
    }
    let all: Vec<u64> = by_warehouse.values().flatten().copied().collect();
    let allocation = allocation(client, order, &all).await?;
    let parcels: Vec<Value> = by_warehouse
        .values()
        .map(|some| json!({"order_id": order, "order_item_list": some}))
        .collect();
    let request = json!({
        "pack_order_list": parcels, "delivery_type": "dropship",
        "shipping_allocate_type": allocation,
    });
    let asked = ("order_pack", Method::POST, "/order/fulfill/pack");
    let answer = client.act(asked, &[("packReq", &request.to_string())]).await?;
    #[derive(Deserialize)]
    struct Packed {
        pack_order_list: Vec<Parcel>,
    }
    #[derive(Deserialize)]
    struct Parcel {
        #[serde(default)]
        order_item_list: Vec<Row>,
    }
    let packed: Packed =
        read_object("order_pack", answer.get().as_bytes()).map_err(|error| unclear(&error))?;
    let rows: Vec<Row> =
        packed.pack_order_list.into_iter().flat_map(|parcel| parcel.order_item_list).collect();
    if rows.is_empty() {
        return Err(Error::Unknown("no unit is named as packed".to_owned()));
    }
    outcome(&rows, "packed")
}

/// An answer to something that was done and that cannot be read: the order tells.
pub(super) fn unclear(error: &Error) -> Error {
    Error::Unknown(error.to_string())
}

/// How the courier of these units is found, which packing must repeat. Where the seller has to choose
/// one, it is told: which one is better is not ours to say.
async fn allocation(client: &Client<'_>, order: u64, units: &[u64]) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Providers {
        /// 1 where the seller neither needs to choose nor may.
        #[serde(default)]
        platform_default: Text,
        #[serde(default)]
        shipment_providers: Vec<Provider>,
        #[serde(default)]
        shipping_allocate_type: Text,
    }
    #[derive(Deserialize)]
    struct Provider {
        #[serde(default)]
        name: Text,
    }
    let request = json!({"orders": [{"order_id": order, "order_item_ids": units}]}).to_string();
    let said = [("getShipmentProvidersReq", &*request)];
    let answer = client.get("couriers", "/order/shipment/providers/get", &said).await?;
    let found: Providers = read_object("couriers", answer.get().as_bytes())?;
    if found.platform_default.0 == "0" {
        let names: Vec<&str> =
            found.shipment_providers.iter().map(|it| it.name.0.as_str()).collect();
        let message = format!("a courier is to be chosen at the channel: {}", names.join(", "));
        return Err(Error::Rejected { code: "courier".to_owned(), message });
    }
    Ok(found.shipping_allocate_type.some().unwrap_or_else(|| "TFS".to_owned()))
}

/// The parcels of units in one of these statuses, or the one that is named.
pub(super) fn parcels<'a>(
    units: &'a [Item],
    from: &[&str],
    named: Option<&str>,
) -> Result<Vec<&'a str>, Error> {
    let stands = |unit: &&Item| from.contains(&unit.status.0.as_str());
    let ids = units.iter().filter(stands).map(|unit| unit.package_id.0.as_str());
    let mut ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| named.is_none_or(|named| named == *id));
    if ids.len() > ROWS_MAX {
        let message = format!("more than {ROWS_MAX} parcels: name one");
        return Err(Error::Rejected { code: "parcels".to_owned(), message });
    }
    Ok(ids)
}

/// Parcels as a request names them.
pub(super) fn named(parcels: &[&str]) -> Vec<Value> {
    parcels.iter().map(|id| json!({"package_id": id})).collect()
}

/// Tells parcels ready: the courier is called, or the seller may bring them.
async fn ready(client: &Client<'_>, package: Option<&str>, units: &[Item]) -> Result<Done, Error> {
    let parcels = parcels(units, &[PACKED], package)?;
    if parcels.is_empty() {
        return not_needed(units, READY_OR_LATER);
    }
    let request = json!({"packages": named(&parcels)}).to_string();
    let asked = ("order_ready", Method::POST, "/order/package/rts");
    let answer = client.act(asked, &[("readyToShipReq", &request)]).await?;
    #[derive(Deserialize)]
    struct Told {
        packages: Vec<Row>,
    }
    let told: Told =
        read_object("order_ready", answer.get().as_bytes()).map_err(|error| unclear(&error))?;
    if told.packages.len() < parcels.len() {
        return Err(Error::Unknown("not every parcel is named as ready".to_owned()));
    }
    outcome(&told.packages, "ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> Row {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_row_counts_and_retry_may_be_a_text() {
        let good = r#"{"item_err_code":"0","msg":"success","retry":false}"#;
        let gone = r#"{"item_err_code":"600002","msg":"package already cancelled","retry":false}"#;
        let locked = r#"{"item_err_code":"700024","msg":"locked","retry":"true"}"#;
        let cases: [(&[&str], &str); 6] = [
            (&[good, good], "ok"),
            (&[good, gone], "rejected"),
            (&[gone], "rejected"),
            (&[locked, locked], "temporary"),
            (&[good, locked], "unknown"),
            (&[locked, gone], "rejected"),
        ];
        for (rows, wanted) in cases {
            let rows: Vec<Row> = rows.iter().map(|json| row(json)).collect();
            let name = outcome(&rows, "packed").map_or_else(|error| error.name(), |_| "ok");
            assert_eq!(name, wanted);
        }
        let Error::Rejected { code, message } =
            outcome(&[row(good), row(gone)], "ready").unwrap_err()
        else {
            panic!("not refused")
        };
        assert_eq!(code, "600002");
        assert_eq!(message, "1 of 2 rows not ready: package already cancelled");
    }
}
