//! How shops fare: what waits, what goes wrong, when they were last heard.

use std::collections::{BTreeMap, HashMap};

use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::time::{Span, Time};

use super::Scope;
use crate::db::{self, Conn, Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Over how long errors are counted.
pub const ERRORS_OVER: Span = Span::hours(24);
/// Messages that tell how often a shop is heard.
const HEARD_MAX: i64 = 100;
/// The part of a day that messages are counted in.
pub const QUARTER: Span = Span::minutes(15);

static WAITING: Statement = Statement::org(
    "health.waiting",
    "SELECT COALESCE(shop_id, 0) AS shop_id, COUNT(*) AS messages, MIN(received_at) AS oldest
     FROM message WHERE org_id = $1 AND id > 0 AND state = 'pending' GROUP BY COALESCE(shop_id, 0)",
);

static MARKED: Statement = Statement::org(
    "health.marked",
    "SELECT kind, scope_id, COUNT(*) AS marks FROM dirty
     WHERE org_id = $1 AND kind IN ('fetch', 'push') GROUP BY kind, scope_id",
);

static ASKED: Statement = Statement::org(
    "health.asked",
    "SELECT outcome, COUNT(*) AS exchanges FROM exchange
     WHERE org_id = $1 AND shop_id = $2 AND at >= $3 GROUP BY outcome",
);

static HEARD: Statement = Statement::org(
    "health.heard",
    "SELECT received_at FROM message WHERE org_id = $1 AND shop_id = $2 AND NOT fetched
     ORDER BY received_at DESC LIMIT $3",
);

static QUARTERS: Statement = Statement::org(
    "health.quarters",
    "SELECT (received_at - $3) / $4 AS quarter, COUNT(*) AS messages FROM message
     WHERE org_id = $1 AND shop_id = $2 AND NOT fetched AND received_at >= $3
     GROUP BY (received_at - $3) / $4",
);

static LISTINGS: Statement = Statement::org(
    "health.listings",
    "SELECT COUNT(*) AS listings,
            CAST(COALESCE(SUM(CASE WHEN sku_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS unmapped
     FROM listing WHERE org_id = $1 AND shop_id = $2",
);

statements![WAITING, MARKED, ASKED, HEARD, QUARTERS, LISTINGS];

/// How a shop fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Messages that wait to be read.
    pub waiting: i64,
    /// When the oldest of them came.
    pub oldest: Option<Time>,
    /// Orders that are to be fetched.
    pub fetches: i64,
    /// Listings whose stock is to be told.
    pub pushes: i64,
    /// Exchanges of the last day, by outcome: `ok`, or the name of the error.
    pub exchanges: BTreeMap<String, i64>,
    /// When its newest webhooks came, the newest first.
    pub heard: Vec<Time>,
    /// Listings.
    pub listings: i64,
    /// Those that are mapped to no SKU.
    pub unmapped: i64,
}

impl Health {
    /// How many exchanges there were.
    #[must_use]
    pub fn asked(&self) -> i64 {
        self.exchanges.values().sum()
    }

    /// How many of them did not go well. That an order is not there is an answer.
    #[must_use]
    pub fn failed(&self) -> i64 {
        let bad = |outcome: &&String| !matches!(outcome.as_str(), "ok" | "not_found");
        self.exchanges.keys().filter(bad).filter_map(|outcome| self.exchanges.get(outcome)).sum()
    }

    /// What waits of everything.
    #[must_use]
    pub const fn backlog(&self) -> i64 {
        self.waiting + self.fetches + self.pushes
    }
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    shop_id: i64,
    messages: i64,
    oldest: i64,
}

#[derive(sqlx::FromRow)]
struct MarkedRow {
    kind: String,
    scope_id: i64,
    marks: i64,
}

#[derive(sqlx::FromRow)]
struct AskedRow {
    outcome: String,
    exchanges: i64,
}

#[derive(sqlx::FromRow)]
struct HeardRow {
    received_at: i64,
}

#[derive(sqlx::FromRow)]
struct QuarterRow {
    quarter: i64,
    messages: i64,
}

#[derive(sqlx::FromRow)]
struct ListingsRow {
    listings: i64,
    unmapped: i64,
}

async fn of_shop(conn: &mut Conn, org: i64, shop: i64, since: Time) -> db::Result<Health> {
    let asked: Vec<AskedRow> = conn.all(&ASKED, &[org.into(), shop.into(), since.0.into()]).await?;
    let heard: Vec<HeardRow> =
        conn.all(&HEARD, &[org.into(), shop.into(), HEARD_MAX.into()]).await?;
    let listings: ListingsRow = conn.one(&LISTINGS, &[org.into(), shop.into()]).await?;
    Ok(Health {
        exchanges: asked.into_iter().map(|row| (row.outcome, row.exchanges)).collect(),
        heard: heard.into_iter().map(|row| Time(row.received_at)).collect(),
        listings: listings.listings,
        unmapped: listings.unmapped,
        ..Health::default()
    })
}

impl Store {
    /// How each of these shops fares.
    ///
    /// # Errors
    /// The database's.
    pub async fn shops_health(
        &self,
        scope: &Scope,
        shops: &[ShopId],
    ) -> Result<HashMap<ShopId, Health>> {
        let (org, since) = (scope.org.0, self.now().minus(ERRORS_OVER));
        let shops: Vec<i64> =
            shops.iter().filter(|shop| scope.sees(**shop)).map(|shop| shop.0).collect();
        let found = self
            .db
            .read_with(Some(org), shops, move |conn, shops| {
                Box::pin(async move {
                    let waiting: Vec<WaitingRow> = conn.all(&WAITING, &[org.into()]).await?;
                    let marked: Vec<MarkedRow> = conn.all(&MARKED, &[org.into()]).await?;
                    let mut all = HashMap::new();
                    for &shop in shops {
                        let mut health = of_shop(conn, org, shop, since).await?;
                        if let Some(row) = waiting.iter().find(|row| row.shop_id == shop) {
                            health.waiting = row.messages;
                            health.oldest = Some(Time(row.oldest));
                        }
                        for row in marked.iter().filter(|row| row.scope_id == shop) {
                            match row.kind.as_str() {
                                "fetch" => health.fetches = row.marks,
                                _ => health.pushes = row.marks,
                            }
                        }
                        all.insert(ShopId(shop), health);
                    }
                    Ok(all)
                })
            })
            .await?;
        Ok(found)
    }

    /// How many webhooks of a shop came in each quarter of an hour since a time, by the number of the
    /// quarter.
    ///
    /// # Errors
    /// The database's.
    pub async fn heard_by_quarter(
        &self,
        org: OrgId,
        shop: ShopId,
        since: Time,
    ) -> Result<BTreeMap<i64, i64>> {
        let values = vec![org.0.into(), shop.0.into(), since.0.into(), QUARTER.0.into()];
        let rows: Vec<QuarterRow> = self.all(org, &QUARTERS, values).await?;
        Ok(rows.into_iter().map(|row| (row.quarter, row.messages)).collect())
    }
}
