//! What the API says of stock.

use dermaga_store::read::Scope;
use dermaga_store::read::ledger::LedgerLine;
use dermaga_store::read::shelf::{LevelAt, OnShelf};
use dermaga_store::read::{incidents, listed};
use dermaga_store::stock::{self as stored, OpeningFile};
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::told;

/// A SKU with what there is of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sku {
    /// `sku_…`.
    id: String,
    code: String,
    name: String,
    /// It is made of others and has no stock of its own.
    bundle: bool,
    /// What each warehouse has.
    levels: Vec<Level>,
    /// Incidents that are open: oversold, out_of_stock.
    incidents: Vec<String>,
    /// How many listings sell it.
    listings: i64,
}

/// What one warehouse has of a SKU, in units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Level {
    /// `whs_…`.
    warehouse: String,
    warehouse_name: String,
    on_hand: i64,
    /// Held by invoices.
    allocated: i64,
    /// Held by sales orders.
    reserved: i64,
    /// Wanted by invoices and not there.
    short: i64,
    /// On hand less allocated less reserved.
    available: i64,
    /// Rises with every change.
    version: i64,
}

impl From<&LevelAt> for Level {
    fn from(level: &LevelAt) -> Self {
        Self {
            warehouse: level.warehouse.to_string(),
            warehouse_name: level.name.clone(),
            on_hand: level.on_hand,
            allocated: level.allocated,
            reserved: level.reserved,
            short: level.short,
            available: level.available(),
            version: level.version,
        }
    }
}

impl From<OnShelf> for Sku {
    fn from(sku: OnShelf) -> Self {
        Self {
            id: sku.id.to_string(),
            levels: sku.levels.iter().map(Level::from).collect(),
            code: sku.code,
            name: sku.name,
            bundle: sku.bundle,
            incidents: sku.incidents,
            listings: sku.listings,
        }
    }
}

/// A line of the ledger, in units with sign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Movement {
    /// `mov_…`.
    id: String,
    /// opening, receipt, reserve, allocate, release, sale, return, adjustment, count or found.
    kind: String,
    /// `whs_…`.
    warehouse: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    short: i64,
    /// On hand afterwards.
    on_hand_after: i64,
    /// The order that caused it: `ord_…`; none for what was done by hand, and for an order of a shop
    /// that is not visible.
    order: Option<String>,
    /// The channel's number of it.
    channel_order_id: Option<String>,
    /// Who did it by hand: `acc_…` or `key_…`.
    by: Option<String>,
    note: Option<String>,
    at: String,
}

impl Movement {
    pub(crate) fn of(line: LedgerLine, scope: &Scope) -> Self {
        let named = line.named.filter(|(shop, _)| scope.sees(*shop));
        let person = line.person.map(|id| id.to_string());
        Self {
            id: line.id.to_string(),
            kind: line.kind,
            warehouse: line.warehouse.to_string(),
            on_hand: line.on_hand,
            allocated: line.allocated,
            reserved: line.reserved,
            short: line.short,
            on_hand_after: line.after.on_hand,
            order: line.order.filter(|_| named.is_some()).map(|order| order.to_string()),
            channel_order_id: named.map(|(_, number)| number),
            by: person.or_else(|| line.key.map(|id| id.to_string())),
            note: line.note,
            at: told(line.at),
        }
    }
}

/// A listing of a SKU.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Selling {
    /// `lst_…`.
    id: String,
    /// `shp_…`.
    shop: String,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    active: bool,
    /// What the channel showed when it was last read.
    channel_stock: Option<i64>,
    /// Whether the channel is told what is left.
    told: bool,
    /// What it was last told; none when it never was.
    sent: Option<Sent>,
}

/// A value that a channel was told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sent {
    value: i64,
    /// taken, refused or unknown.
    outcome: String,
    /// The channel's words.
    message: Option<String>,
    at: String,
}

impl From<listed::Selling> for Selling {
    fn from(listing: listed::Selling) -> Self {
        Self {
            id: listing.id.to_string(),
            shop: listing.shop.to_string(),
            channel_product_id: listing.channel_product_id,
            channel_sku: listing.channel_sku,
            name: listing.name,
            active: listing.active,
            channel_stock: listing.channel_stock,
            told: listing.told,
            sent: listing.sent.map(|sent| Sent {
                value: sent.value,
                outcome: sent.outcome,
                message: sent.message,
                at: told(sent.at),
            }),
        }
    }
}

/// A listing that is no SKU's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing {
    /// `lst_…`.
    id: String,
    /// `shp_…`.
    shop: String,
    channel_product_id: String,
    channel_sku: String,
    name: String,
    active: bool,
    channel_stock: Option<i64>,
}

impl From<stored::Listing> for Listing {
    fn from(listing: stored::Listing) -> Self {
        Self {
            id: listing.id.to_string(),
            shop: listing.shop.to_string(),
            channel_product_id: listing.seen.channel_product_id,
            channel_sku: listing.seen.channel_sku,
            name: listing.seen.name,
            active: listing.seen.active,
            channel_stock: listing.seen.channel_stock,
        }
    }
}

/// Something that happened to a SKU and is not over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Incident {
    /// `inc_…`.
    id: String,
    /// `sku_…`.
    sku: String,
    code: String,
    /// oversold or out_of_stock.
    kind: String,
    /// The order that was cancelled for it: `ord_…`.
    order: Option<String>,
    opened_at: String,
}

impl From<incidents::Incident> for Incident {
    fn from(incident: incidents::Incident) -> Self {
        Self {
            id: incident.id.to_string(),
            sku: incident.sku.to_string(),
            code: incident.code,
            kind: incident.kind,
            order: incident.order.map(|order| order.to_string()),
            opened_at: told(incident.opened_at),
        }
    }
}

/// What a receipt, an adjustment or a count came to, in units on hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Moved {
    before: i64,
    after: i64,
}

impl From<stored::Moved> for Moved {
    fn from(moved: stored::Moved) -> Self {
        Self { before: moved.before, after: moved.after }
    }
}

/// What came, or would come, of opening stock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opened {
    /// It was written; false for a preview.
    written: bool,
    /// Rows that are on their shelves.
    taken: i64,
    /// Rows of which nothing came.
    refused: i64,
    /// Why, by line; empty for a request that came before.
    errors: Vec<RowError>,
}

/// Why nothing came of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowError {
    /// The line of the text, the first being 1.
    line: u64,
    reason: String,
}

impl Opened {
    pub(crate) fn of(file: &OpeningFile, opened: &[stored::Opened], written: bool) -> Self {
        let bad = file.rows.iter().zip(opened).filter_map(|(row, opened)| match opened {
            stored::Opened::Taken { .. } => None,
            stored::Opened::Refused(why) => {
                Some(RowError { line: row.line, reason: why.to_string() })
            }
        });
        let unread = file.errors.iter();
        let unread =
            unread.map(|error| RowError { line: error.line, reason: error.reason.to_string() });
        let mut errors: Vec<RowError> = bad.chain(unread).collect();
        errors.sort_by_key(|error| error.line);
        let refused = i64::try_from(errors.len()).unwrap_or(i64::MAX);
        let all = i64::try_from(file.rows.len() + file.errors.len()).unwrap_or(i64::MAX);
        Self { written, taken: all - refused, refused, errors }
    }

    pub(crate) const fn before(taken: i64, refused: i64) -> Self {
        Self { written: true, taken, refused, errors: Vec::new() }
    }
}
