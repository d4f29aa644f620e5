//! Who put documents into the recycle bin, where a person did.

use std::collections::HashMap;

use dermaga_domain::id::{AccountId, OrderId};
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// The newest act about the bin of each order, if it is one that put the document there.
static VOIDS: Statement = Statement::org(
    "bin.voids",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint}),
     w AS MATERIALIZED (SELECT v.order_id, (SELECT MAX(b.number) FROM act b WHERE b.org_id = $1
        AND b.order_id = v.order_id AND b.kind IN ('void', 'restore', 'release')) AS number FROM v)
     SELECT a.order_id, a.account_id, a.at, a.note
     FROM w {join} act a ON a.org_id = $1 AND a.order_id = w.order_id AND a.number = w.number
        AND a.kind = 'void'",
);

statements![VOIDS];

/// That a person voided a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voided {
    /// Who; none = from the command line of the machine.
    pub by: Option<AccountId>,
    /// When.
    pub at: Time,
    /// In their words.
    pub note: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VoidRow {
    order_id: i64,
    account_id: Option<i64>,
    at: i64,
    note: Option<String>,
}

impl Store {
    /// Which of some orders a person voided, and holds so still.
    ///
    /// # Errors
    /// The database's.
    pub async fn voided_by_hand(
        &self,
        scope: &Scope,
        orders: &[OrderId],
    ) -> Result<HashMap<OrderId, Voided>> {
        let org = scope.org.0;
        let ids = id_rows(orders.iter().map(|order| order.0));
        let values: Vec<Value> = vec![org.into(), ids.into()];
        let rows: Vec<VoidRow> = self
            .db
            .read_with(Some(org), values, |conn, values| Box::pin(conn.all(&VOIDS, values)))
            .await?;
        let voided = |row: VoidRow| {
            let by = row.account_id.map(AccountId);
            (OrderId(row.order_id), Voided { by, at: Time(row.at), note: row.note })
        };
        Ok(rows.into_iter().map(voided).collect())
    }
}
