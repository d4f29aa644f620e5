//! Buyers whose order has ended long ago, and looking through those that are held.

use dermaga_domain::id::{OrderId, OrgId};
use dermaga_domain::order::{Buyer, FINAL_AFTER, UNTIL_FINISHED};
use dermaga_domain::time::Time;

use super::{Removed, Rules, STEP, overwrite};
use crate::buyer::Stored;
use crate::db::{Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;

static ENDED: Statement = Statement::org(
    "retention.ended_buyers",
    "SELECT b.order_id, o.reread_until, o.updated_at
     FROM buyer b {join} orders o ON o.org_id = $1 AND o.id = b.order_id
     WHERE b.org_id = $1 AND b.order_id > $2 AND b.stamp <> 'erased'
     ORDER BY b.order_id LIMIT $3",
);

pub(super) static DELETE: Statement = Statement::org(
    "retention.delete_buyers",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     DELETE FROM buyer WHERE org_id = $1 AND order_id IN (SELECT order_id FROM v)",
);

pub(super) static DELETE_LABELS: Statement = Statement::org(
    "retention.delete_labels_of",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     DELETE FROM paper WHERE org_id = $1 AND order_id IN (SELECT order_id FROM v)",
);

static HELD: Statement = Statement::org(
    "retention.held_buyers",
    "SELECT order_id, sealed FROM buyer
     WHERE org_id = $1 AND order_id > $2 AND stamp <> 'erased' ORDER BY order_id LIMIT $3",
);

statements![ENDED, DELETE, DELETE_LABELS, HELD];

#[derive(sqlx::FromRow)]
struct EndedRow {
    order_id: i64,
    reread_until: i64,
    updated_at: i64,
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    order_id: i64,
    sealed: Vec<u8>,
}

impl EndedRow {
    /// Whether the time of the buyer is over.
    fn is_over(&self, rules: &Rules, now: Time) -> bool {
        let ended = self.reread_until < UNTIL_FINISHED.0;
        let end = Time(self.reread_until).minus(FINAL_AFTER);
        (ended && end.plus(rules.buyers) <= now) || Time(self.updated_at).plus(rules.silent) <= now
    }
}

/// A buyer who is held, with the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBuyer {
    /// The order.
    pub order: OrderId,
    /// Who bought.
    pub buyer: Buyer,
}

/// One step over the buyers who are held.
pub(super) async fn ended(
    store: &Store,
    org: OrgId,
    after: i64,
    rules: &Rules,
    now: Time,
) -> Result<Removed> {
    let rules = *rules;
    let removed = store
        .db
        .write(Lane::Bulk, Some(org.0), move |conn| {
            Box::pin(async move {
                let values = [org.0.into(), after.into(), STEP.into()];
                let held: Vec<EndedRow> = conn.all(&ENDED, &values).await?;
                let next = held.last().map(|row| row.order_id);
                let (mut buyers, mut orders) = (Rows::default(), Rows::default());
                for row in held.iter().filter(|row| row.is_over(&rules, now)) {
                    buyers.push(&[&row.order_id]);
                    orders.push(&[&row.order_id]);
                }
                if buyers.is_empty() {
                    return Ok(Removed { count: 0, next });
                }
                overwrite(conn).await?;
                conn.execute(&DELETE_LABELS, &[org.0.into(), orders.into()]).await?;
                let count = conn.execute(&DELETE, &[org.0.into(), buyers.into()]).await?;
                Ok(Removed { count, next })
            })
        })
        .await?;
    Ok(removed)
}

impl Store {
    /// Some of the buyers who are held, opened, from after an order. One whose key is gone is left out;
    /// `None` in place of the next order when there are no more.
    ///
    /// # Errors
    /// The database's.
    pub async fn held_buyers(
        &self,
        org: OrgId,
        after: OrderId,
    ) -> Result<(Vec<HeldBuyer>, Option<OrderId>)> {
        let rows: Vec<HeldRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&HELD, &[org.0.into(), after.0.into(), STEP.into()]).await
                })
            })
            .await?;
        let next = rows.last().map(|row| OrderId(row.order_id));
        let mut held = Vec::with_capacity(rows.len());
        for row in rows {
            let key = row.order_id.to_string();
            let place = Place { org, table: "buyer", row: &key, column: "sealed" };
            let plain = match self.vault.open(&self.db, &place, &row.sealed).await {
                Ok(plain) => plain,
                Err(Error::NoKey) => continue,
                Err(error) => return Err(error),
            };
            let stored: Stored = serde_json::from_slice(&plain)
                .map_err(|_| Error::inconsistent("buyer", "sealed", row.order_id))?;
            held.push(HeldBuyer { order: OrderId(row.order_id), buyer: stored.into() });
        }
        Ok((held, next))
    }
}
