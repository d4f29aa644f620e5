//! Lists of orders: by tab, by search, by number; and one order.

pub(super) mod list;
mod row;

use std::collections::HashMap;

use dermaga_domain::id::{FlowVersionId, OrderId, ShopId};
use dermaga_domain::order::{Buyer, Money};
use dermaga_domain::term::{
    About, Actor, Attention, Cancelled, Delivery, Document as DocumentAxis, Payment, Returned, Tab,
};
use dermaga_domain::time::Time;

use super::parts::{self, Document, Line, SealedBuyer};
use row::OrderRow;

use super::Scope;
use crate::apply::counts;
use crate::buyer::Stored;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;

/// Orders that one page of a list holds at most.
pub const PAGE_MAX: i64 = 200;

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

impl View {
    /// Under which name its orders are counted; those of one reason are among those of all.
    const fn counted_as(self) -> &'static str {
        match self {
            Self::All => counts::ALL,
            Self::Tab(tab) => tab.as_str(),
            Self::Action | Self::Attention(_) => counts::ACTION,
            Self::Bin => counts::BIN,
        }
    }
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
    /// Only those that were sold under this name of their channel, by its key.
    pub sub_platform: Option<String>,
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
    /// The key of the name it was sold under, where its channel has several.
    pub sub_platform: Option<String>,
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
        self.0.get(view.counted_as()).copied().unwrap_or(0)
    }
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
                    let mut rows = list::page(conn, scope, query, limit + 1).await?;
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
                Box::pin(async move { list::page(conn, scope, query, limit).await })
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
                    let rows = list::by_ids(conn, org, [id.0]).await?;
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
        self.view_counts(scope, &query).await
    }

    /// How many orders each view holds, over the channel, the shop and the sub-platform of a list.
    ///
    /// # Errors
    /// The database's.
    pub async fn view_counts(&self, scope: &Scope, query: &Query) -> Result<Counts> {
        let asked = (scope.clone(), query.clone());
        let rows: Vec<list::CountRow> = self
            .db
            .read_with(Some(scope.org.0), asked, |conn, (scope, query)| {
                Box::pin(list::view_counts(conn, scope, query))
            })
            .await?;
        let mut counts = Counts::default();
        for row in rows {
            *counts.0.entry(row.tab).or_default() += row.orders;
        }
        Ok(counts)
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
