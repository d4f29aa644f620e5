//! Downloads, for those who asked.

use std::collections::BTreeMap;

use dermaga_domain::id::{DownloadId, MessageId, OrderId};

use super::{Download, DownloadOrder, DownloadRow, Outcome};
use crate::db::{Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::{Scope, id_rows};

/// Rows that one page holds at most.
const PAGE_MAX: i64 = 200;

static FIND: Statement = Statement::org(
    "download.find",
    "SELECT id, shop_id, state, range_from, range_to, list_from, list_window_to, list_page, trouble,
            attempts, due_at, asked_by, asked_key, asked_at, agreed_at, ended_at
     FROM download WHERE org_id = $1 AND id = $2",
);

static LIST: Statement = Statement::org(
    "download.list",
    "SELECT id, shop_id, state, range_from, range_to, list_from, list_window_to, list_page, trouble,
            attempts, due_at, asked_by, asked_key, asked_at, agreed_at, ended_at
     FROM download WHERE org_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
);

static COUNT: Statement = Statement::org(
    "download.count",
    "WITH v AS MATERIALIZED ({rows $2: download_id bigint})
     SELECT d.download_id, d.state, d.standing, d.changes, COUNT(*) AS orders
     FROM v {join} download_order d ON d.org_id = $1 AND d.download_id = v.download_id
     GROUP BY d.download_id, d.state, d.standing, d.changes",
);

static ORDERS: Statement = Statement::org(
    "download.orders",
    "SELECT channel_order_id, order_id, state, standing, changes, message_id, attempts, code, reason
     FROM download_order
     WHERE org_id = $1 AND download_id = $2 AND (standing, channel_order_id) > ($3, $4)
        AND standing <= $5
     ORDER BY standing, channel_order_id LIMIT $6",
);

statements![FIND, LIST, COUNT, ORDERS];

/// How many orders of a download came to what, and would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// All that are wanted.
    pub total: i64,
    /// Those that were read, or have their result.
    pub looked_at: i64,
    /// Those that have their result.
    pub ended: i64,
    /// By outcome, results and what would become of the rest together.
    outcomes: BTreeMap<Outcome, i64>,
    /// What is, or would be, otherwise, and of how many: see [`crate::apply::Told::changes`].
    pub changes: BTreeMap<String, i64>,
}

/// A place among the orders of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    standing: i64,
    channel_order_id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.standing, self.channel_order_id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Refused("after is not a page's next".to_owned());
        let (standing, number) = text.split_once('.').ok_or_else(wrong)?;
        let standing = standing.parse().map_err(|_| wrong())?;
        Ok(Self { standing, channel_order_id: number.to_owned() })
    }
}

impl Counts {
    /// How many have an outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> i64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

#[derive(sqlx::FromRow)]
struct CountRow {
    download_id: i64,
    state: String,
    standing: i64,
    changes: String,
    orders: i64,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    channel_order_id: String,
    order_id: Option<i64>,
    state: String,
    standing: i64,
    changes: String,
    message_id: Option<i64>,
    attempts: i64,
    code: Option<String>,
    reason: Option<String>,
}

impl From<OrderRow> for DownloadOrder {
    fn from(row: OrderRow) -> Self {
        Self {
            channel_order_id: row.channel_order_id,
            order: row.order_id.map(OrderId),
            ended: row.state == "done",
            outcome: Outcome::at(row.standing),
            changes: words(&row.changes),
            message: row.message_id.map(MessageId),
            attempts: row.attempts,
            code: row.code,
            reason: row.reason,
        }
    }
}

fn words(changes: &str) -> Vec<String> {
    changes.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Store {
    /// A download; none when there is none, or it is of a shop that they may not see.
    ///
    /// # Errors
    /// The database's.
    pub async fn download(&self, scope: &Scope, id: DownloadId) -> Result<Option<Download>> {
        let org = scope.org;
        let rows: Vec<DownloadRow> = self.all(org, &FIND, vec![org.0.into(), id.0.into()]).await?;
        let found = rows.into_iter().next().map(DownloadRow::download).transpose()?;
        Ok(found.filter(|download| scope.sees(download.shop)))
    }

    /// The downloads of the shops that they may see, the newest first, from before one; and whether
    /// there are more.
    ///
    /// # Errors
    /// The database's.
    pub async fn downloads(
        &self,
        scope: &Scope,
        before: Option<DownloadId>,
        limit: i64,
    ) -> Result<(Vec<Download>, Option<DownloadId>)> {
        let (org, limit) = (scope.org, limit.clamp(1, PAGE_MAX));
        let before = before.map_or(i64::MAX, |id| id.0);
        let values = vec![org.0.into(), before.into(), (limit + 1).into()];
        let rows: Vec<DownloadRow> = self.all(org, &LIST, values).await?;
        let mut found = rows.into_iter().map(DownloadRow::download).collect::<Result<Vec<_>>>()?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > page;
        found.truncate(page);
        let next = found.last().filter(|_| more).map(|last| last.id);
        found.retain(|download| scope.sees(download.shop));
        Ok((found, next))
    }

    /// How many orders of a download came to what, and would.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_download(&self, scope: &Scope, id: DownloadId) -> Result<Counts> {
        Ok(self.count_downloads(scope, &[id]).await?.remove(&id).unwrap_or_default())
    }

    /// The same of several; one without orders is left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_downloads(
        &self,
        scope: &Scope,
        ids: &[DownloadId],
    ) -> Result<BTreeMap<DownloadId, Counts>> {
        let values = vec![scope.org.0.into(), id_rows(ids.iter().map(|id| id.0)).into()];
        let rows: Vec<CountRow> = self.all(scope.org, &COUNT, values).await?;
        let mut all: BTreeMap<DownloadId, Counts> = BTreeMap::new();
        for row in rows {
            let counts = all.entry(DownloadId(row.download_id)).or_default();
            counts.total += row.orders;
            counts.looked_at += if row.state == "wanted" { 0 } else { row.orders };
            counts.ended += if row.state == "done" { row.orders } else { 0 };
            if let Some(outcome) = Outcome::at(row.standing) {
                *counts.outcomes.entry(outcome).or_default() += row.orders;
            }
            for change in words(&row.changes) {
                *counts.changes.entry(change).or_default() += row.orders;
            }
        }
        Ok(all)
    }

    /// Orders of a download, what a person must look at first; only those of one outcome if one is
    /// named. From after a place; and where to read on.
    ///
    /// # Errors
    /// The database's.
    pub async fn download_orders(
        &self,
        scope: &Scope,
        id: DownloadId,
        only: Option<Outcome>,
        after: Option<&Cursor>,
        limit: i64,
    ) -> Result<(Vec<DownloadOrder>, Option<Cursor>)> {
        let limit = limit.clamp(1, PAGE_MAX);
        let first = only.map_or(0, Outcome::standing);
        let (from, number) = match after {
            Some(after) => (after.standing, after.channel_order_id.as_str()),
            None => (first, ""),
        };
        let values = vec![
            scope.org.0.into(),
            id.0.into(),
            from.into(),
            number.into(),
            only.map_or(i64::MAX, Outcome::standing).into(),
            (limit + 1).into(),
        ];
        let mut rows: Vec<OrderRow> = self.all(scope.org, &ORDERS, values).await?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > page;
        rows.truncate(page);
        let next = rows.last().filter(|_| more).map(|last| Cursor {
            standing: last.standing,
            channel_order_id: last.channel_order_id.clone(),
        });
        Ok((rows.into_iter().map(DownloadOrder::from).collect(), next))
    }
}
