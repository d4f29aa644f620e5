//! What the API answers with. Times are RFC 3339 in UTC; money is whole minor units.

use dermaga_domain::time::Time;
use dermaga_store::read;
use serde::Serialize;
use utoipa::ToSchema;

/// A time as text.
pub(crate) fn told(at: Time) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_string()
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Order {
    /// Its id: `ord_…`.
    id: String,
    /// The channel.
    channel: String,
    /// The shop's id: `shp_…`.
    shop: String,
    /// The key of the name it was sold under, where its channel sells under several; one that is not
    /// known here stands as the channel writes it.
    sub_platform: Option<String>,
    /// The channel's number of it.
    channel_order_id: String,
    /// The channel's invoice number.
    channel_invoice: Option<String>,
    /// The channel's current status.
    channel_status: Option<String>,
    /// What that status speaks of: order, package, return or cancel_request.
    status_about: Option<&'static str>,
    /// When it became so.
    status_at: Option<String>,
    /// none, sales_order or invoice.
    document: &'static str,
    /// unsent, partly_sent or sent.
    delivery: &'static str,
    /// unpaid or paid.
    payment: &'static str,
    /// no, manual_void_wanted or yes.
    cancelled: &'static str,
    /// none, open or closed.
    returned: &'static str,
    /// Its document is in the recycle bin.
    bin: bool,
    /// Where it shows; none when no known status names a tab.
    tab: Option<&'static str>,
    /// Why a person must look.
    attentions: Vec<&'static str>,
    /// Its goods, as the channel last showed them.
    lines: Vec<Line>,
    /// Its documents with their numbers.
    documents: Vec<Document>,
    /// What it costs, once known.
    money: Option<Money>,
    /// The tracking number of its newest parcel.
    awb: Option<String>,
    /// When it was placed.
    ordered_at: Option<String>,
    /// By when it must be shipped.
    ship_by: Option<String>,
    /// The version of the flow it is judged by: `flw_…`.
    flow_version: String,
    /// When it last changed here.
    updated_at: String,
}

/// A line of goods.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    /// Its id: `lin_…`.
    id: String,
    /// The channel's id of the product.
    channel_product_id: String,
    /// The seller's code at the channel.
    channel_sku: String,
    /// Our SKU's code; none while the listing is not mapped.
    sku: Option<String>,
    /// The product's name at the channel.
    name: String,
    /// Units ordered.
    quantity: i64,
    /// Of these, cancelled.
    cancelled: i64,
    /// Price of one, in minor units.
    unit_price: i64,
    /// What it has of its stock, over all SKUs and warehouses, in units.
    reserved: i64,
    /// Held by the invoice.
    allocated: i64,
    /// Gone out.
    sold: i64,
    /// Wanted by the invoice and not there.
    short: i64,
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Document {
    /// Its id: `doc_…`.
    id: String,
    /// sales_order, invoice, delivery or payment.
    kind: String,
    /// Its number.
    number: String,
    /// The number it had as a sales order.
    sales_order_number: Option<String>,
    /// live, bin or withdrawn.
    state: String,
    /// When it was made.
    created_at: String,
    /// When it last changed.
    changed_at: String,
}

/// What an order costs, in minor units of its currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Money {
    /// ISO 4217 code; the rupiah is counted whole.
    currency: String,
    /// Goods.
    goods: i64,
    /// Shipping, as the buyer is charged.
    shipping: i64,
    /// Insurance and other fees charged to the buyer.
    fees: i64,
    /// Discounts and vouchers, as a positive amount.
    discount: i64,
    /// What the buyer pays.
    total: i64,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// What to send as `after` for the next page; none when this is the last.
    pub(crate) next: Option<String>,
}

impl From<&read::orders::Order> for Order {
    fn from(order: &read::orders::Order) -> Self {
        let money = order.money.map(|money| Money {
            currency: money.currency.to_string(),
            goods: money.goods,
            shipping: money.shipping,
            fees: money.fees,
            discount: money.discount,
            total: money.total,
        });
        Self {
            id: order.id.to_string(),
            channel: order.channel.clone(),
            shop: order.shop.to_string(),
            sub_platform: order.sub_platform.clone(),
            channel_order_id: order.channel_order_id.clone(),
            channel_invoice: order.channel_invoice.clone(),
            channel_status: order.status.as_ref().map(|(_, status)| status.clone()),
            status_about: order.status.as_ref().map(|(about, _)| about.as_str()),
            status_at: order.status_at.map(told),
            document: order.written().as_str(),
            delivery: order.delivery.as_str(),
            payment: order.payment.as_str(),
            cancelled: order.cancelled.as_str(),
            returned: order.returned.as_str(),
            bin: order.bin,
            tab: order.tab.map(dermaga_domain::term::Tab::as_str),
            attentions: order.attentions.iter().map(|word| word.as_str()).collect(),
            lines: order.lines.iter().filter(|line| !line.gone).map(Line::from).collect(),
            documents: order.documents.iter().map(Document::from).collect(),
            money,
            awb: order.awb.clone(),
            ordered_at: order.ordered_at.map(told),
            ship_by: order.ship_by.map(told),
            flow_version: order.flow_version.to_string(),
            updated_at: told(order.updated_at),
        }
    }
}

impl From<&read::Line> for Line {
    fn from(line: &read::Line) -> Self {
        let sum = |of: fn(&read::Holding) -> i64| line.holdings.iter().map(of).sum();
        Self {
            id: line.id.to_string(),
            channel_product_id: line.channel_product_id.clone(),
            channel_sku: line.channel_sku.clone(),
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            cancelled: line.cancelled,
            unit_price: line.unit_price,
            reserved: sum(|holding| holding.reserved),
            allocated: sum(|holding| holding.allocated),
            sold: sum(|holding| holding.sold),
            short: sum(|holding| holding.short),
        }
    }
}

impl From<&read::Document> for Document {
    fn from(document: &read::Document) -> Self {
        Self {
            id: document.id.to_string(),
            kind: document.kind.clone(),
            number: document.number.clone(),
            sales_order_number: document.sales_order_number.clone(),
            state: document.state.clone(),
            created_at: told(document.created_at),
            changed_at: told(document.changed_at),
        }
    }
}
