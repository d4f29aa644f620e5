//! Rows as the database gives them, and what they mean.

use std::sync::Arc;

use dermaga_domain::id::{LineId, SkuId};
use dermaga_domain::order::{
    Fact, FactKey, Head, Line, LineKey, Money, Package, PackageKey, Part, Stamp, SubPlatform,
    UnitKey,
};
use dermaga_domain::term::{
    Cancelled, ChannelStatus, Delivery, Document, Payment, Returned, UnknownWord,
};
use dermaga_domain::time::Time;

use crate::error::{Error, Result};

/// Reads a stored word; a wrong one names its table, column and row.
pub(crate) fn word<T: std::str::FromStr<Err = UnknownWord>>(
    table: &'static str,
    column: &'static str,
    row: i64,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|_| Error::inconsistent(table, column, row))
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct OrderRow {
    pub(crate) id: i64,
    pub(crate) shop_id: i64,
    pub(crate) channel_order_id: String,
    pub(crate) channel_invoice: Option<String>,
    pub(crate) flow_version_id: i64,
    pub(crate) channel_status: Option<String>,
    pub(crate) status_about: Option<String>,
    pub(crate) status_at: Option<i64>,
    pub(crate) document: String,
    pub(crate) delivery: String,
    pub(crate) payment: String,
    pub(crate) cancelled: String,
    pub(crate) returned: String,
    pub(crate) bin: bool,
    pub(crate) tab: Option<String>,
    pub(crate) attentions: String,
    pub(crate) documented: bool,
    pub(crate) currency: Option<String>,
    pub(crate) goods: Option<i64>,
    pub(crate) shipping: Option<i64>,
    pub(crate) fees: Option<i64>,
    pub(crate) discount: Option<i64>,
    pub(crate) total: Option<i64>,
    pub(crate) ordered_at: Option<i64>,
    pub(crate) ship_by: Option<i64>,
    pub(crate) accept_by: Option<i64>,
    pub(crate) channel_warehouse: Option<String>,
    pub(crate) carrier: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) sub_platform: Option<String>,
    pub(crate) cash_on_delivery: bool,
    pub(crate) cancel_requested: bool,
    pub(crate) stamps: String,
    pub(crate) created_at: i64,
}

impl OrderRow {
    /// An order of which nothing has been stored.
    pub(super) fn fresh(
        id: i64,
        shop_id: i64,
        channel_order_id: &str,
        flow_version_id: i64,
        now: Time,
    ) -> Self {
        Self {
            id,
            shop_id,
            channel_order_id: channel_order_id.to_owned(),
            channel_invoice: None,
            flow_version_id,
            channel_status: None,
            status_about: None,
            status_at: None,
            document: Document::None.as_str().to_owned(),
            delivery: Delivery::Unsent.as_str().to_owned(),
            payment: Payment::Unpaid.as_str().to_owned(),
            cancelled: Cancelled::No.as_str().to_owned(),
            returned: Returned::None.as_str().to_owned(),
            bin: false,
            tab: None,
            attentions: String::new(),
            documented: false,
            currency: None,
            goods: None,
            shipping: None,
            fees: None,
            discount: None,
            total: None,
            ordered_at: None,
            ship_by: None,
            accept_by: None,
            channel_warehouse: None,
            carrier: None,
            service: None,
            sub_platform: None,
            cash_on_delivery: false,
            cancel_requested: false,
            stamps: String::new(),
            created_at: now.0,
        }
    }

    pub(super) fn money(&self, stamp: Option<Stamp>) -> Result<Option<Part<Money>>> {
        let (Some(stamp), Some(code)) = (stamp, self.currency.as_deref()) else { return Ok(None) };
        let currency =
            code.parse().map_err(|_| Error::inconsistent("orders", "currency", self.id))?;
        let content = Money {
            currency,
            goods: self.goods.unwrap_or(0),
            shipping: self.shipping.unwrap_or(0),
            fees: self.fees.unwrap_or(0),
            discount: self.discount.unwrap_or(0),
            total: self.total.unwrap_or(0),
        };
        Ok(Some(Part { stamp, content }))
    }

    pub(super) fn head(&self, stamp: Option<Stamp>) -> Option<Part<Head>> {
        let content = Head {
            channel_invoice: self.channel_invoice.clone(),
            ordered_at: self.ordered_at.map(Time),
            ship_by: self.ship_by.map(Time),
            accept_by: self.accept_by.map(Time),
            channel_warehouse: self.channel_warehouse.clone(),
            carrier: self.carrier.clone(),
            service: self.service.clone(),
            cash_on_delivery: self.cash_on_delivery,
            cancel_requested: self.cancel_requested,
        };
        stamp.map(|stamp| Part { stamp, content })
    }

    /// The name it was sold under. One whose stamp is gone gives way to any that is seen.
    pub(super) fn sold_under(&self, stamp: Option<Stamp>) -> Option<Part<SubPlatform>> {
        let content = SubPlatform::new(self.sub_platform.as_deref()?)?;
        Some(Part { stamp: stamp.unwrap_or_default(), content })
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct FactRow {
    pub(crate) order_id: i64,
    pub(crate) about: String,
    pub(crate) reference: String,
    pub(crate) unit: String,
    pub(crate) status: String,
    pub(crate) actor: String,
    pub(crate) at: i64,
    pub(crate) mode: String,
    pub(crate) fetched: bool,
    pub(crate) reason: Option<String>,
}

fn some_text(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| Arc::from(text))
}

impl FactRow {
    pub(crate) fn fact(&self) -> Result<Fact> {
        let actor = match self.actor.as_str() {
            "" => None,
            text => Some(word("fact", "actor", self.order_id, text)?),
        };
        Ok(Fact {
            key: FactKey {
                about: word("fact", "about", self.order_id, &self.about)?,
                reference: some_text(&self.reference),
                unit: some_text(&self.unit).map(UnitKey),
                status: ChannelStatus::new(&self.status),
                actor,
                at: (self.at != 0).then_some(Time(self.at)),
                mode: word("fact", "mode", self.order_id, &self.mode)?,
            },
            fetched: self.fetched,
            reason: self.reason.as_deref().map(Arc::from),
        })
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ActRow {
    pub(crate) order_id: i64,
    pub(crate) number: i64,
    pub(crate) kind: String,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LineRow {
    pub(crate) order_id: i64,
    pub(crate) line_key: String,
    pub(crate) id: i64,
    pub(crate) channel_product_id: String,
    pub(crate) channel_sku: String,
    pub(crate) name: String,
    pub(crate) quantity: i64,
    pub(crate) cancelled: i64,
    pub(crate) live: i64,
    pub(crate) unit_price: i64,
    pub(crate) units: String,
    pub(crate) sku_id: Option<i64>,
    pub(crate) components: Option<String>,
    pub(crate) gone: bool,
}

impl LineRow {
    pub(crate) fn line(&self) -> Line {
        Line {
            key: LineKey(Arc::from(self.line_key.as_str())),
            channel_product_id: self.channel_product_id.clone(),
            channel_sku: self.channel_sku.clone(),
            name: self.name.clone(),
            quantity: self.quantity,
            cancelled: self.cancelled,
            unit_price: self.unit_price,
            units: some_text(&self.units)
                .map(|text| text.split('\n').map(|unit| UnitKey(Arc::from(unit))).collect())
                .unwrap_or_default(),
        }
    }

    pub(crate) const fn id(&self) -> LineId {
        LineId(self.id)
    }
}

/// The units' names in one column, a line each.
pub(crate) fn units_text(units: &[UnitKey]) -> String {
    units.iter().map(|unit| &*unit.0).collect::<Vec<_>>().join("\n")
}

/// What one unit of a line takes of each SKU: itself once, or a bundle's pinned components.
pub(crate) fn components_text(parts: &[(SkuId, i64)]) -> String {
    parts.iter().map(|(sku, times)| format!("{}x{times}", sku.0)).collect::<Vec<_>>().join(" ")
}

pub(crate) fn components(line: i64, text: &str) -> Result<Vec<(SkuId, i64)>> {
    let bad = || Error::inconsistent("order_line", "components", line);
    text.split_whitespace()
        .map(|part| {
            let (sku, times) = part.split_once('x').ok_or_else(bad)?;
            Ok((SkuId(sku.parse().map_err(|_| bad())?), times.parse().map_err(|_| bad())?))
        })
        .collect()
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PackageRow {
    pub(crate) order_id: i64,
    pub(crate) package_key: String,
    pub(crate) id: i64,
    pub(crate) carrier: String,
    pub(crate) booking_code: Option<String>,
    pub(crate) awb: Option<String>,
    pub(crate) lines: String,
    pub(crate) stamp: String,
}

impl PackageRow {
    pub(crate) fn part(&self) -> Result<Part<Package>> {
        let stamp = super::stamp::from_text(&self.stamp)
            .ok_or_else(|| Error::inconsistent("package", "stamp", self.id))?;
        let lines: Vec<(String, i64)> = serde_json::from_str(&self.lines)
            .map_err(|_| Error::inconsistent("package", "lines", self.id))?;
        let content = Package {
            key: PackageKey(Arc::from(self.package_key.as_str())),
            carrier: self.carrier.clone(),
            booking_code: self.booking_code.clone(),
            awb: self.awb.clone(),
            lines: lines.into_iter().map(|(key, n)| (LineKey(Arc::from(key)), n)).collect(),
        };
        Ok(Part { stamp, content })
    }
}

/// The lines of a package with their quantities, as JSON.
pub(crate) fn package_lines_text(package: &Package) -> String {
    let lines: Vec<(&str, i64)> = package.lines.iter().map(|(key, n)| (&*key.0, *n)).collect();
    serde_json::to_string(&lines).unwrap_or_else(|_| "[]".to_owned())
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct DocumentRow {
    pub(crate) order_id: i64,
    pub(crate) slot: String,
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) number: i64,
    pub(crate) sales_order_number: Option<i64>,
    pub(crate) state: String,
    pub(crate) created_at: i64,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct StampRow {
    pub(crate) order_id: i64,
    pub(crate) stamp: String,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct FlowRow {
    pub(crate) id: i64,
    pub(crate) body: String,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct MappingRow {
    pub(crate) shop_id: i64,
    pub(crate) channel_product_id: String,
    pub(crate) channel_sku: String,
    pub(crate) sku_id: Option<i64>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SourceRow {
    pub(crate) shop_id: i64,
    pub(crate) warehouse_id: i64,
    pub(crate) channel_warehouse: Option<String>,
}
