//! An order as its row has it.

use dermaga_domain::id::{FlowVersionId, OrderId, ShopId};
use dermaga_domain::money::Currency;
use dermaga_domain::order::Money;
use dermaga_domain::time::Time;

use super::{Cursor, Order, Sort};
use crate::apply::rows::word;
use crate::error::{Error, Result};
use crate::read::parts::{Document, Line};

/// Where an order is in a list; greater = later in it.
pub(super) const fn place(sort_at: i64, due_at: i64, id: i64, sort: Sort) -> (i64, i64) {
    match sort {
        Sort::Newest => (-sort_at, -id),
        Sort::Deadline => (due_at, id),
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct OrderRow {
    pub(super) id: i64,
    shop_id: i64,
    channel: String,
    channel_order_id: String,
    channel_invoice: Option<String>,
    flow_version_id: i64,
    channel_status: Option<String>,
    status_about: Option<String>,
    status_at: Option<i64>,
    document: String,
    delivery: String,
    payment: String,
    cancelled: String,
    returned: String,
    bin: bool,
    tab: Option<String>,
    attentions: String,
    documented: bool,
    cancelled_by: Option<String>,
    cancelled_reason: Option<String>,
    currency: Option<String>,
    goods: Option<i64>,
    shipping: Option<i64>,
    fees: Option<i64>,
    discount: Option<i64>,
    total: Option<i64>,
    ordered_at: Option<i64>,
    ship_by: Option<i64>,
    accept_by: Option<i64>,
    carrier: Option<String>,
    service: Option<String>,
    sub_platform: Option<String>,
    cash_on_delivery: bool,
    cancel_requested: bool,
    awb: Option<String>,
    stamps: String,
    sort_at: i64,
    due_at: i64,
    pub(super) created_at: i64,
    updated_at: i64,
}

impl OrderRow {
    pub(super) const fn place(&self, sort: Sort) -> (i64, i64) {
        place(self.sort_at, self.due_at, self.id, sort)
    }

    pub(super) const fn cursor(&self, sort: Sort) -> Cursor {
        let key = match sort {
            Sort::Newest => self.sort_at,
            Sort::Deadline => self.due_at,
        };
        Cursor { sort, key, id: OrderId(self.id) }
    }

    fn money(&self) -> Result<Option<Money>> {
        let (Some(code), Some(total)) = (self.currency.as_deref(), self.total) else {
            return Ok(None);
        };
        let currency: Currency =
            code.parse().map_err(|_| Error::inconsistent("orders", "currency", self.id))?;
        Ok(Some(Money {
            currency,
            goods: self.goods.unwrap_or(0),
            shipping: self.shipping.unwrap_or(0),
            fees: self.fees.unwrap_or(0),
            discount: self.discount.unwrap_or(0),
            total,
        }))
    }

    /// Whether a look has shown lines.
    fn has_lines(&self) -> bool {
        self.stamps.split(';').next().is_some_and(|stamp| stamp.contains(' '))
    }

    pub(super) fn order(self, lines: Vec<Line>, documents: Vec<Document>) -> Result<Order> {
        let id = self.id;
        let money = self.money()?;
        let looked_at = self.has_lines();
        let read_attention = |text| word("orders", "attentions", id, text);
        let attentions =
            self.attentions.split_whitespace().map(read_attention).collect::<Result<Vec<_>>>()?;
        let status = match (self.status_about.as_deref(), self.channel_status) {
            (Some(about), Some(status)) => {
                Some((word("orders", "status_about", id, about)?, status))
            }
            _ => None,
        };
        let tab = self.tab.as_deref().map(|text| word("orders", "tab", id, text)).transpose()?;
        let by = self.cancelled_by.as_deref();
        Ok(Order {
            id: OrderId(id),
            shop: ShopId(self.shop_id),
            channel: self.channel,
            channel_order_id: self.channel_order_id,
            channel_invoice: self.channel_invoice,
            flow_version: FlowVersionId(self.flow_version_id),
            status,
            status_at: self.status_at.map(Time),
            document: word("orders", "document", id, &self.document)?,
            documented: self.documented,
            looked_at,
            delivery: word("orders", "delivery", id, &self.delivery)?,
            payment: word("orders", "payment", id, &self.payment)?,
            cancelled: word("orders", "cancelled", id, &self.cancelled)?,
            cancelled_by: by.map(|text| word("orders", "cancelled_by", id, text)).transpose()?,
            cancelled_reason: self.cancelled_reason,
            returned: word("orders", "returned", id, &self.returned)?,
            bin: self.bin,
            tab,
            attentions,
            money,
            ordered_at: self.ordered_at.map(Time),
            ship_by: self.ship_by.map(Time),
            accept_by: self.accept_by.map(Time),
            carrier: self.carrier,
            service: self.service,
            sub_platform: self.sub_platform,
            cash_on_delivery: self.cash_on_delivery,
            cancel_requested: self.cancel_requested,
            awb: self.awb,
            deadline: (self.due_at != i64::MAX - self.sort_at).then_some(Time(self.due_at)),
            sort_at: Time(self.sort_at),
            created_at: Time(self.created_at),
            updated_at: Time(self.updated_at),
            lines,
            documents,
        })
    }
}
