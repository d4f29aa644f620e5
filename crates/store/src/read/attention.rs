//! How many orders a person must look at, and why.

use std::collections::BTreeMap;

use dermaga_domain::term::Attention;

use super::Scope;
use crate::apply::rows::word;
use crate::db::{Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

static REASONS: Statement = Statement::org(
    "read.attention",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint})
     SELECT o.attentions, COUNT(*) AS orders FROM orders o
     WHERE o.org_id = $1 AND o.sort_at > $4 AND (o.attentions <> '' OR o.tab IS NULL)
       AND ($3 OR +o.shop_id IN (SELECT v.shop_id FROM v))
     GROUP BY o.attentions",
);

statements![REASONS];

#[derive(sqlx::FromRow)]
struct ReasonRow {
    attentions: String,
    orders: i64,
}

impl Store {
    /// How many orders must be looked at, by reason. An order with several counts for each; one that is
    /// under no tab and has none is left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn attention(&self, scope: &Scope) -> Result<BTreeMap<Attention, i64>> {
        let (shops, all) = scope.shop_values();
        let values: Vec<Value> = vec![scope.org.0.into(), shops, all, i64::MIN.into()];
        let rows: Vec<ReasonRow> = self.all(scope.org, &REASONS, values).await?;
        let mut counts = BTreeMap::new();
        for row in rows {
            for reason in row.attentions.split_whitespace() {
                let reason: Attention = word("orders", "attentions", 0, reason)?;
                *counts.entry(reason).or_default() += row.orders;
            }
        }
        Ok(counts)
    }
}
