//! Who put documents into the recycle bin, where a person did.

use std::collections::HashMap;

use dermaga_domain::id::OrderId;
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::command::Giver;
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// What people did to some orders: every act, because with a filter of kinds the planner reads the org's.
static VOIDS: Statement = Statement::org(
    "bin.voids",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT a.order_id, a.number, a.kind, a.account_id, a.key_id, a.at, a.note
     FROM v {join} act a ON a.org_id = $1 AND a.order_id = v.order_id",
);

statements![VOIDS];

/// That a person voided a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voided {
    /// Who.
    pub by: Giver,
    /// When.
    pub at: Time,
    /// In their words.
    pub note: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VoidRow {
    order_id: i64,
    number: i64,
    kind: String,
    account_id: Option<i64>,
    key_id: Option<i64>,
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
        // What they said last of a document counts; few say anything.
        let mut last: HashMap<OrderId, VoidRow> = HashMap::new();
        let about_bin = |row: &VoidRow| matches!(&*row.kind, "void" | "restore" | "release");
        for row in rows.into_iter().filter(about_bin) {
            let order = OrderId(row.order_id);
            if last.get(&order).is_none_or(|known| known.number < row.number) {
                last.insert(order, row);
            }
        }
        let voided = |(order, row): (OrderId, VoidRow)| {
            let by = Giver::of(row.account_id, row.key_id);
            (row.kind == "void").then_some((order, Voided { by, at: Time(row.at), note: row.note }))
        };
        Ok(last.into_iter().filter_map(voided).collect())
    }
}
