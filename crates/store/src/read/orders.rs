//! Lists of orders: by tab, by search, by number; and one order.

use std::collections::HashMap;

use dermaga_domain::id::{FlowVersionId, OrderId, ShopId};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Buyer, Money};
use dermaga_domain::term::{
    About, Actor, Attention, Cancelled, Delivery, Document as DocumentAxis, Payment, Returned, Tab,
};
use dermaga_domain::time::Time;

use super::parts::{self, Document, Line, SealedBuyer};
use super::{Scope, id_rows};
use crate::apply::counts;
use crate::apply::rows::word;
use crate::buyer::Stored;
use crate::db::{self, Conn, Statement, Value, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::search::normalised;
use crate::vault::Place;

/// Orders that one page of a list holds at most.
pub const PAGE_MAX: i64 = 200;
/// Orders that a search looks at, at most: a longer term finds fewer.
const SEARCH_MAX: i64 = 500;

macro_rules! columns {
    () => {
        "SELECT o.id, o.shop_id, o.channel, o.channel_order_id, o.channel_invoice,
            o.flow_version_id, o.channel_status, o.status_about, o.status_at, o.document,
            o.delivery, o.payment, o.cancelled, o.returned, o.bin, o.tab, o.attentions,
            o.documented, o.cancelled_by, o.cancelled_reason, o.currency, o.goods, o.shipping,
            o.fees, o.discount, o.total, o.ordered_at, o.ship_by, o.accept_by, o.carrier,
            o.service, o.cash_on_delivery, o.cancel_requested, o.awb, o.stamps, o.sort_at,
            o.due_at, o.created_at, o.updated_at"
    };
}

/// Orders after a key, of some shops. The plus keeps the shops from choosing the index.
macro_rules! listed {
    ($where:literal, $after:literal, $by:literal) => {
        concat!(
            "WITH v AS MATERIALIZED ({rows $2: shop_id bigint}) ",
            columns!(),
            " FROM orders o WHERE o.org_id = $1 ",
            $where,
            " AND ",
            $after,
            " AND +o.shop_id IN (SELECT v.shop_id FROM v) ORDER BY ",
            $by,
            " LIMIT $5"
        )
    };
}

/// The newest first.
macro_rules! newest {
    ($where:literal) => {
        listed!($where, "(o.sort_at, o.id) < ($3, $4)", "o.sort_at DESC, o.id DESC")
    };
}

/// The soonest deadline first, and then the newest of those that have none.
macro_rules! soonest {
    ($where:literal) => {
        listed!($where, "(o.due_at, o.id) > ($3, $4)", "o.due_at, o.id")
    };
}

static LIST_ALL: Statement = Statement::org("read.list_all", newest!(""));
static LIST_TAB: Statement = Statement::org(
    "read.list_tab",
    newest!("AND o.tab = $6 AND o.tab IN ('new_order', 'ready_to_ship')"),
);
static LIST_ACTION: Statement =
    Statement::org("read.list_action", newest!("AND (o.attentions <> '' OR o.tab IS NULL)"));
static LIST_BIN: Statement = Statement::org("read.list_bin", newest!("AND o.bin"));
static LIST_ALL_DUE: Statement = Statement::org("read.list_all_due", soonest!(""));
static LIST_TAB_DUE: Statement = Statement::org("read.list_tab_due", soonest!("AND o.tab = $6"));
static LIST_ACTION_DUE: Statement =
    Statement::org("read.list_action_due", soonest!("AND (o.attentions <> '' OR o.tab IS NULL)"));

static SEARCH: Statement = Statement::org(
    "read.search",
    "SELECT DISTINCT t.order_id FROM term t
     WHERE t.org_id = $1 AND t.term >= $2 AND t.term <= $3 LIMIT $4",
);

/// By a document's own number.
static SEARCH_DOCUMENT: Statement = Statement::org(
    "read.search_document",
    "SELECT d.order_id FROM document d WHERE d.org_id = $1 AND d.kind = $2 AND d.number = $3",
);

static LIST_FOUND: Statement = Statement::org(
    "read.list_found",
    concat!(
        "WITH v AS MATERIALIZED ({rows $2: order_id bigint}) ",
        columns!(),
        " FROM v {join} orders o ON o.org_id = $1 AND o.id = v.order_id"
    ),
);

static LIST_NUMBERED: Statement = Statement::org(
    "read.list_numbered",
    concat!(
        "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text}) ",
        columns!(),
        " FROM v {join} orders o ON o.org_id = $1 AND o.shop_id = v.shop_id
            AND o.channel_order_id = v.channel_order_id
          ORDER BY o.sort_at DESC, o.id DESC"
    ),
);

static LIST_ATTENTION: Statement = Statement::org(
    "read.list_attention",
    newest!("AND (o.attentions <> '' OR o.tab IS NULL) AND ' ' || o.attentions || ' ' LIKE $6"),
);
static LIST_ATTENTION_DUE: Statement = Statement::org(
    "read.list_attention_due",
    soonest!("AND (o.attentions <> '' OR o.tab IS NULL) AND ' ' || o.attentions || ' ' LIKE $6"),
);

static SHOPS: Statement = Statement::org(
    "read.shop_ids",
    "SELECT id, channel FROM shop WHERE org_id = $1 AND id >= 0 ORDER BY id",
);

static TAB_COUNTS: Statement = Statement::org(
    "read.tab_counts",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint})
     SELECT c.tab, CAST(SUM(c.orders) AS BIGINT) AS orders
     FROM v {join} tab_count c ON c.org_id = $1 AND c.shop_id = v.shop_id
     GROUP BY c.tab",
);

statements![
    LIST_ALL,
    LIST_TAB,
    LIST_ACTION,
    LIST_BIN,
    LIST_ALL_DUE,
    LIST_TAB_DUE,
    LIST_ACTION_DUE,
    LIST_ATTENTION,
    LIST_ATTENTION_DUE,
    SEARCH,
    SEARCH_DOCUMENT,
    LIST_FOUND,
    LIST_NUMBERED,
    SHOPS,
    TAB_COUNTS,
];

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Every order.
    #[default]
    All,
    /// Those of a tab.
    Tab(Tab),
    /// Those that a person must look at.
    Action,
    /// Those that a person must look at for one reason.
    Attention(Attention),
    /// Those whose document is in the recycle bin.
    Bin,
}

/// Which orders a list shows first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The newest.
    #[default]
    Newest,
    /// Those that somebody here must do something with, by the soonest deadline; then the newest.
    Deadline,
}

/// Where a page ended: the next begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// How the list is sorted: the next page is as the first was.
    sort: Sort,
    /// What it is sorted by, of the last order.
    key: i64,
    /// The last order.
    id: OrderId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sort = match self.sort {
            Sort::Newest => "",
            Sort::Deadline => "d",
        };
        write!(f, "{sort}{}.{}", self.key, self.id.0)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::Refused("the cursor is not one that a list gave".to_owned());
        let (sort, keys) = match text.strip_prefix('d') {
            Some(keys) => (Sort::Deadline, keys),
            None => (Sort::Newest, text),
        };
        let (key, id) = keys.split_once('.').ok_or_else(bad)?;
        let (key, id) = (key.parse().map_err(|_| bad())?, id.parse().map_err(|_| bad())?);
        Ok(Self { sort, key, id: OrderId(id) })
    }
}

/// What is asked of a list of orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Which orders.
    pub view: View,
    /// Only those of this channel.
    pub channel: Option<String>,
    /// Only those of this shop.
    pub shop: Option<ShopId>,
    /// Only the one with this number of the channel.
    pub channel_order_id: Option<String>,
    /// Only those that are found by this: a number, exact or its beginning.
    pub search: Option<String>,
    /// Which first; the recycle bin has no deadlines.
    pub sort: Sort,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many, at most [`PAGE_MAX`].
    pub limit: i64,
}

impl Query {
    /// How its list is sorted: as its first page was. Without deadlines both sorts are the same, and
    /// there is an index for one.
    fn sorted(&self) -> Sort {
        match (self.view, self.after) {
            (View::Bin, _) => Sort::Newest,
            (View::Tab(tab), _) if !matches!(tab, Tab::NewOrder | Tab::ReadyToShip) => {
                Sort::Deadline
            }
            (_, Some(after)) => after.sort,
            (_, None) => self.sort,
        }
    }
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The orders, as they were asked to be sorted.
    pub orders: Vec<Order>,
    /// Where it ends, when there is more.
    pub next: Option<Cursor>,
}

/// An order as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The shop.
    pub shop: ShopId,
    /// The channel.
    pub channel: String,
    /// The channel's number of it.
    pub channel_order_id: String,
    /// The channel's invoice number.
    pub channel_invoice: Option<String>,
    /// The flow it is judged by.
    pub flow_version: FlowVersionId,
    /// The current status, and what it speaks of.
    pub status: Option<(About, String)>,
    /// When the current status became so.
    pub status_at: Option<Time>,
    /// The document axis; lines must be known before a document is written.
    pub document: DocumentAxis,
    /// Whether lines are known, so that a document can be written.
    pub documented: bool,
    /// Whether a look has shown lines, if only none.
    pub looked_at: bool,
    /// The delivery axis.
    pub delivery: Delivery,
    /// The payment axis.
    pub payment: Payment,
    /// The channel's word on cancellation.
    pub cancelled: Cancelled,
    /// Who cancelled.
    pub cancelled_by: Option<Actor>,
    /// Why, in the channel's words.
    pub cancelled_reason: Option<String>,
    /// The furthest of its returns.
    pub returned: Returned,
    /// Its document is in the recycle bin.
    pub bin: bool,
    /// Where it shows.
    pub tab: Option<Tab>,
    /// Why a person must look.
    pub attentions: Vec<Attention>,
    /// What it costs, once known.
    pub money: Option<Money>,
    /// When it was placed.
    pub ordered_at: Option<Time>,
    /// By when it must be shipped.
    pub ship_by: Option<Time>,
    /// By when it must be accepted.
    pub accept_by: Option<Time>,
    /// The courier.
    pub carrier: Option<String>,
    /// The courier's service.
    pub service: Option<String>,
    /// The courier collects the money.
    pub cash_on_delivery: bool,
    /// The buyer asks to cancel.
    pub cancel_requested: bool,
    /// The tracking number of its newest parcel.
    pub awb: Option<String>,
    /// By when somebody here must do something with it.
    pub deadline: Option<Time>,
    /// What lists of the newest are sorted by.
    pub sort_at: Time,
    /// When we first heard of it.
    pub created_at: Time,
    /// When it last changed here.
    pub updated_at: Time,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its documents.
    pub documents: Vec<Document>,
}

impl Order {
    /// The document that is written: none before lines are known.
    #[must_use]
    pub const fn written(&self) -> DocumentAxis {
        if self.documented { self.document } else { DocumentAxis::None }
    }
}

/// How many orders each view holds, over the shops that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts(HashMap<String, i64>);

impl Counts {
    /// The number of a view; those of one reason are among those of all.
    #[must_use]
    pub fn of(&self, view: View) -> i64 {
        let key = match view {
            View::All => counts::ALL,
            View::Tab(tab) => tab.as_str(),
            View::Action | View::Attention(_) => counts::ACTION,
            View::Bin => counts::BIN,
        };
        self.0.get(key).copied().unwrap_or(0)
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
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
    cash_on_delivery: bool,
    cancel_requested: bool,
    awb: Option<String>,
    stamps: String,
    sort_at: i64,
    due_at: i64,
    created_at: i64,
    updated_at: i64,
}

impl OrderRow {
    /// Where it is in a list; greater = later in it.
    const fn place(&self, sort: Sort) -> (i64, i64) {
        match sort {
            Sort::Newest => (-self.sort_at, -self.id),
            Sort::Deadline => (self.due_at, self.id),
        }
    }

    const fn cursor(&self, sort: Sort) -> Cursor {
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

    fn order(self, lines: Vec<Line>, documents: Vec<Document>) -> Result<Order> {
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

#[derive(sqlx::FromRow)]
struct ShopRow {
    id: i64,
    channel: String,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    order_id: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    tab: String,
    orders: i64,
}

/// Rows as they were read, before they are put together.
type Read = (Vec<OrderRow>, HashMap<i64, Vec<Line>>, HashMap<i64, Vec<Document>>);

impl Store {
    /// A page of orders.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_orders(&self, scope: &Scope, query: &Query) -> Result<Page> {
        let limit = query.limit.clamp(1, PAGE_MAX);
        let asked = (scope.clone(), query.clone());
        let (read, next): (Read, Option<Cursor>) = self
            .db
            .read_with(Some(scope.org.0), asked, move |conn, (scope, query)| {
                Box::pin(async move {
                    let mut rows = list(conn, scope, query, limit + 1).await?;
                    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
                    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                    let next = rows.last().filter(|_| more).map(|row| row.cursor(query.sorted()));
                    Ok((with_parts(conn, scope.org.0, rows).await?, next))
                })
            })
            .await?;
        Ok(Page { orders: assembled(read)?, next })
    }

    /// The ids of the orders that a list holds and that were there at a moment, newest first, at most
    /// so many.
    ///
    /// # Errors
    /// The database's.
    pub async fn order_ids(
        &self,
        scope: &Scope,
        query: &Query,
        max: usize,
        until: Time,
    ) -> Result<Vec<OrderId>> {
        let limit = i64::try_from(max).unwrap_or(i64::MAX);
        let asked = (scope.clone(), query.clone());
        let rows: Vec<OrderRow> = self
            .db
            .read_with(Some(scope.org.0), asked, move |conn, (scope, query)| {
                Box::pin(async move { list(conn, scope, query, limit).await })
            })
            .await?;
        let there = rows.into_iter().filter(|row| row.created_at <= until.0);
        Ok(there.map(|row| OrderId(row.id)).collect())
    }

    /// One order; none when there is no such order, or when it is not theirs to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn order(&self, scope: &Scope, id: OrderId) -> Result<Option<Order>> {
        let org = scope.org.0;
        let read: Read = self
            .db
            .read(Some(org), move |conn| {
                Box::pin(async move {
                    let rows = conn.all(&LIST_FOUND, &[org.into(), id_rows([id.0]).into()]).await?;
                    with_parts(conn, org, rows).await
                })
            })
            .await?;
        Ok(assembled(read)?.into_iter().find(|order| scope.sees(order.shop)))
    }

    /// How many orders each view holds, of one shop or of all that are visible.
    ///
    /// # Errors
    /// The database's.
    pub async fn tab_counts(
        &self,
        scope: &Scope,
        channel: Option<&str>,
        shop: Option<ShopId>,
    ) -> Result<Counts> {
        let query = Query { channel: channel.map(str::to_owned), shop, ..Query::default() };
        let asked = (scope.clone(), query);
        let rows: Vec<CountRow> = self
            .db
            .read_with(Some(scope.org.0), asked, |conn, (scope, query)| {
                Box::pin(async move {
                    let shops = shops(conn, scope, query).await?;
                    conn.all(&TAB_COUNTS, &[scope.org.0.into(), id_rows(shops).into()]).await
                })
            })
            .await?;
        Ok(Counts(rows.into_iter().map(|row| (row.tab, row.orders)).collect()))
    }

    /// The buyers of orders, opened; whoever shows them masks them.
    ///
    /// # Errors
    /// The database's; a buyer whose key is gone is left out.
    pub async fn buyers(
        &self,
        scope: &Scope,
        orders: &[OrderId],
    ) -> Result<HashMap<OrderId, Buyer>> {
        let org = scope.org;
        let ids: Vec<i64> = orders.iter().map(|order| order.0).collect();
        let sealed: Vec<SealedBuyer> = self
            .db
            .read_with(Some(org.0), ids, move |conn, ids| Box::pin(parts::buyers(conn, org.0, ids)))
            .await?;
        let mut found = HashMap::new();
        for row in sealed {
            let key = row.order_id.to_string();
            let place = Place { org, table: "buyer", row: &key, column: "sealed" };
            let plain = match self.vault.open(&self.db, &place, &row.sealed).await {
                Ok(plain) => plain,
                Err(Error::NoKey) => continue,
                Err(error) => return Err(error),
            };
            let stored: Stored = serde_json::from_slice(&plain)
                .map_err(|_| Error::inconsistent("buyer", "sealed", row.order_id))?;
            found.insert(OrderId(row.order_id), stored.into());
        }
        Ok(found)
    }
}

/// The shops that are visible and asked for.
async fn shops(conn: &mut Conn, scope: &Scope, query: &Query) -> db::Result<Vec<i64>> {
    let rows: Vec<ShopRow> = conn.all(&SHOPS, &[scope.org.0.into()]).await?;
    let wanted = |row: &ShopRow| {
        scope.sees(ShopId(row.id))
            && query.shop.is_none_or(|shop| shop.0 == row.id)
            && query.channel.as_ref().is_none_or(|channel| *channel == row.channel)
    };
    Ok(rows.into_iter().filter(wanted).map(|row| row.id).collect())
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    limit: i64,
) -> db::Result<Vec<OrderRow>> {
    let shops = shops(conn, scope, query).await?;
    let org = scope.org.0;
    if let Some(number) = &query.channel_order_id {
        let mut rows = crate::db::Rows::default();
        for shop in shops {
            rows.push(&[&shop, number]);
        }
        let found = conn.all(&LIST_NUMBERED, &[org.into(), rows.into()]).await?;
        return Ok(kept(found, query, None, limit));
    }
    let term = query.search.as_deref().map(normalised).filter(|term| !term.is_empty());
    if let Some(term) = term {
        let last = format!("{term}\u{10ffff}");
        let values: [Value; 4] = [org.into(), term.into(), last.into(), SEARCH_MAX.into()];
        let document = document_of(query.search.as_deref().unwrap_or_default());
        let mut found: Vec<FoundRow> = conn.all(&SEARCH, &values).await?;
        if let Some((kind, number)) = document {
            let values = [org.into(), kind.into(), number.into()];
            found.extend(conn.all::<FoundRow>(&SEARCH_DOCUMENT, &values).await?);
        }
        let ids: std::collections::BTreeSet<i64> =
            found.into_iter().map(|row| row.order_id).collect();
        let ids = id_rows(ids);
        let found = conn.all(&LIST_FOUND, &[org.into(), ids.into()]).await?;
        return Ok(kept(found, query, Some(&shops), limit));
    }
    let sort = query.sorted();
    let first = match sort {
        Sort::Newest => (i64::MAX, i64::MAX),
        Sort::Deadline => (i64::MIN, i64::MIN),
    };
    let after = query.after.filter(|after| after.sort == sort);
    let after = after.map_or(first, |after| (after.key, after.id.0));
    let mut values: Vec<Value> =
        vec![org.into(), id_rows(shops).into(), after.0.into(), after.1.into(), limit.into()];
    match query.view {
        View::Tab(tab) => values.push(tab.as_str().into()),
        View::Attention(reason) => values.push(format!("% {reason} %").into()),
        View::All | View::Action | View::Bin => {}
    }
    let statement = match (query.view, sort) {
        (View::All, Sort::Newest) => &LIST_ALL,
        (View::All, Sort::Deadline) => &LIST_ALL_DUE,
        (View::Action, Sort::Newest) => &LIST_ACTION,
        (View::Action, Sort::Deadline) => &LIST_ACTION_DUE,
        (View::Attention(_), Sort::Newest) => &LIST_ATTENTION,
        (View::Attention(_), Sort::Deadline) => &LIST_ATTENTION_DUE,
        (View::Tab(_), Sort::Newest) => &LIST_TAB,
        (View::Tab(_), Sort::Deadline) => &LIST_TAB_DUE,
        (View::Bin, _) => &LIST_BIN,
    };
    conn.all(statement, &values).await
}

/// The document that a text names by its number: `INV-000123`, `inv 123`.
fn document_of(text: &str) -> Option<(&'static str, i64)> {
    let term = normalised(text);
    let series =
        [("so", "sales_order"), ("inv", "invoice"), ("dlv", "delivery"), ("pay", "payment")];
    series.into_iter().find_map(|(series, kind)| {
        let number = term.strip_prefix(series).filter(|rest| !rest.is_empty())?;
        Some((kind, number.parse().ok().filter(|number| *number > 0)?))
    })
}

/// The part of what was found that is asked for, sorted as asked.
fn kept(
    mut found: Vec<OrderRow>,
    query: &Query,
    shops: Option<&[i64]>,
    limit: i64,
) -> Vec<OrderRow> {
    let sort = query.sorted();
    let after = query.after.filter(|after| after.sort == sort).map(|after| match sort {
        Sort::Newest => (-after.key, -after.id.0),
        Sort::Deadline => (after.key, after.id.0),
    });
    found.retain(|row| {
        shops.is_none_or(|shops| shops.contains(&row.shop_id))
            && after.is_none_or(|after| row.place(sort) > after)
            && match query.view {
                View::All => true,
                View::Tab(tab) => row.tab.as_deref() == Some(tab.as_str()),
                View::Action => !row.attentions.is_empty() || row.tab.is_none(),
                View::Attention(reason) => {
                    row.attentions.split(' ').any(|word| word == reason.as_str())
                }
                View::Bin => row.bin,
            }
    });
    found.sort_by_key(|row| row.place(sort));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    found
}

async fn with_parts(conn: &mut Conn, org: i64, rows: Vec<OrderRow>) -> db::Result<Read> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let lines = parts::lines(conn, org, &ids).await?;
    let documents = parts::documents(conn, org, &ids).await?;
    Ok((rows, lines, documents))
}

fn assembled((rows, mut lines, mut documents): Read) -> Result<Vec<Order>> {
    rows.into_iter()
        .map(|row| {
            let lines = lines.remove(&row.id).unwrap_or_default();
            let documents = documents.remove(&row.id).unwrap_or_default();
            row.order(lines, documents)
        })
        .collect()
}
