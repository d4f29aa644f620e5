//! What commands are about: orders as far as commands go, many at once.

use std::collections::HashMap;
use std::sync::Arc;

use dermaga_domain::command::{CommandLine, Seen};
use dermaga_domain::flow::Flow;
use dermaga_domain::id::{LineId, OrderId, ShopId};
use dermaga_domain::order::{Fact, Stamp, seen};

use crate::apply::rows::FactRow;
use crate::apply::stamp::parts_from_text;
use crate::db::{Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::read::{Scope, id_rows};

static ORDERS: Statement = Statement::org(
    "command.orders",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT o.id, o.shop_id, o.channel, o.channel_order_id, o.flow_version_id, o.cancel_requested,
            o.stamps, s.order_sync AND NOT s.paused AS takes_orders
     FROM v {join} orders o ON o.org_id = $1 AND o.id = v.id
     {join} shop s ON s.org_id = $1 AND s.id = o.shop_id",
);

static FACTS: Statement = Statement::org(
    "command.facts",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT f.order_id, f.about, f.reference, f.unit, f.status, f.actor, f.at, f.mode, f.fetched,
            f.reason
     FROM v {join} fact f ON f.org_id = $1 AND f.order_id = v.id
     WHERE f.about = 'order'",
);

static LINES: Statement = Statement::org(
    "command.lines",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT l.order_id, l.id, l.line_key, l.channel_product_id, l.live
     FROM v {join} order_line l ON l.org_id = $1 AND l.order_id = v.id
     WHERE NOT l.gone ORDER BY l.order_id, l.position",
);

statements![ORDERS, FACTS, LINES];

/// An order as far as commands go.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The order.
    pub order: OrderId,
    /// Its shop.
    pub shop: ShopId,
    /// Whether the shop takes orders now: its order sync is on, and it is not paused.
    pub takes_orders: bool,
    /// Its channel.
    pub channel: String,
    /// The channel's id of it.
    pub channel_order_id: String,
    /// Where it stands.
    pub seen: Seen,
    /// What was heard of the order itself.
    pub facts: Vec<Fact>,
    /// How new the look is that its head is known by.
    pub head: Option<Stamp>,
    /// The flow it is judged by.
    pub flow: Arc<Flow>,
    /// What of it still lives, by the line's id.
    pub lines: Vec<(LineId, CommandLine)>,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    shop_id: i64,
    channel: String,
    channel_order_id: String,
    flow_version_id: i64,
    cancel_requested: bool,
    stamps: String,
    takes_orders: bool,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    order_id: i64,
    id: i64,
    line_key: String,
    channel_product_id: String,
    live: i64,
}

impl Store {
    /// The orders among these that there are and that they may see, by their ids.
    ///
    /// # Errors
    /// The database's, or a stored flow that cannot be read.
    pub async fn subjects(&self, scope: &Scope, orders: &[OrderId]) -> Result<Vec<Subject>> {
        let org = scope.org;
        let asked: Vec<i64> = orders.iter().map(|order| order.0).collect();
        let (rows, facts, lines) = self
            .db
            .read(Some(org.0), move |conn| {
                let asked = asked.clone();
                Box::pin(async move {
                    let of = || [org.0.into(), id_rows(asked.iter().copied()).into()];
                    let rows: Vec<OrderRow> = conn.all(&ORDERS, &of()).await?;
                    let facts: Vec<FactRow> = conn.all(&FACTS, &of()).await?;
                    let lines: Vec<LineRow> = conn.all(&LINES, &of()).await?;
                    Ok((rows, facts, lines))
                })
            })
            .await?;
        let mut facts_of: HashMap<i64, Vec<Fact>> = HashMap::new();
        for row in facts {
            facts_of.entry(row.order_id).or_default().push(row.fact()?);
        }
        let mut lines_of: HashMap<i64, Vec<(LineId, CommandLine)>> = HashMap::new();
        for row in lines {
            let line = CommandLine {
                key: row.line_key,
                channel_product_id: row.channel_product_id,
                quantity: row.live,
            };
            lines_of.entry(row.order_id).or_default().push((LineId(row.id), line));
        }
        let mut subjects = Vec::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| scope.sees(ShopId(row.shop_id))) {
            let version = dermaga_domain::id::FlowVersionId(row.flow_version_id);
            let flow = self.flow(org, version).await?;
            let facts = facts_of.remove(&row.id).unwrap_or_default();
            let [_, _, head, _] = parts_from_text(&row.stamps);
            subjects.push(Subject {
                order: OrderId(row.id),
                shop: ShopId(row.shop_id),
                takes_orders: row.takes_orders,
                channel: row.channel,
                channel_order_id: row.channel_order_id,
                seen: seen(&flow, &facts, row.cancel_requested),
                facts,
                head,
                flow,
                lines: lines_of.remove(&row.id).unwrap_or_default(),
            });
        }
        Ok(subjects)
    }
}
