//! Everything that one order is judged from: for explaining it.

use std::sync::Arc;

use dermaga_domain::flow::Flow;
use dermaga_domain::id::{MessageId, OrderId};
use dermaga_domain::order::explain::Topic;
use dermaga_domain::order::{Act, ActKind, Acts, Case, Fact, Line};
use dermaga_domain::time::Time;

use super::{Scope, id_rows};
use crate::apply::rows::{FactRow, LineRow, word};
use crate::command::Giver;
use crate::db::{self, Conn, Statement, statements};
use crate::error::Result;
use crate::open::Store;

static FACTS: Statement = Statement::org(
    "read.facts",
    "SELECT f.order_id, f.about, f.reference, f.unit, f.status, f.actor, f.at, f.mode, f.fetched,
            f.reason, f.message_id, f.heard_at
     FROM fact f WHERE f.org_id = $1 AND f.order_id = $2",
);

static SOURCES: Statement = Statement::org(
    "read.fact_sources",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT m.id, m.kind, m.fetched FROM v {join} message m ON m.org_id = $1 AND m.id = v.id",
);

static ACTS: Statement = Statement::org(
    "read.acts",
    "SELECT a.number, a.kind, a.account_id, a.key_id, a.at, a.note FROM act a
     WHERE a.org_id = $1 AND a.order_id = $2 ORDER BY a.number",
);

static LINES: Statement = Statement::org(
    "read.case_lines",
    "SELECT l.order_id, l.line_key, l.id, l.channel_product_id, l.channel_sku, l.name, l.quantity,
            l.cancelled, l.live, l.unit_price, l.units, l.sku_id, l.components, l.gone
     FROM order_line l WHERE l.org_id = $1 AND l.order_id = $2 ORDER BY l.position",
);

statements![FACTS, SOURCES, ACTS, LINES];

/// A fact with how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardFact {
    /// What it says.
    pub fact: Fact,
    /// The message that said so first.
    pub message: Option<MessageId>,
    /// What kind of message that was, while it is kept; and whether we fetched it.
    pub source: Option<(String, bool)>,
    /// When we heard it.
    pub heard_at: Time,
}

/// An act of a person, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAct {
    /// Its number within the order.
    pub number: i64,
    /// What was done.
    pub kind: ActKind,
    /// By whom.
    pub by: Giver,
    /// When.
    pub at: Time,
    /// The person's words.
    pub note: Option<String>,
}

/// What an order is judged from.
#[derive(Debug, Clone)]
pub struct OrderCase {
    /// The flow it is judged by.
    pub flow: Arc<Flow>,
    /// What was heard, by the channel's time.
    pub facts: Vec<HeardFact>,
    /// The same facts, bare, in the same order.
    pub bare: Vec<Fact>,
    /// The lines, once a look showed them.
    pub lines: Option<Vec<Line>>,
    /// The newest look shows an open request to cancel.
    pub cancel_requested: bool,
    /// What people did, the oldest first.
    pub acts: Vec<RecordedAct>,
}

impl OrderCase {
    /// The newest act that speaks of a topic, while it holds.
    #[must_use]
    pub fn deciding(&self, topic: Topic) -> Option<&RecordedAct> {
        let held = self.case().acts;
        let speaks = |act: &&RecordedAct| match topic {
            Topic::Document | Topic::Cancelled | Topic::Stock | Topic::Tab => {
                held.bin.is_some() && matches!(act.kind, ActKind::Void | ActKind::Restore)
            }
            Topic::Delivery => {
                held.sent.is_some() && matches!(act.kind, ActKind::Sent | ActKind::Unsent)
            }
            Topic::Payment => {
                held.paid.is_some() && matches!(act.kind, ActKind::Paid | ActKind::Unpaid)
            }
        };
        self.acts.iter().rev().find(speaks)
    }

    /// As the domain judges it.
    #[must_use]
    pub fn case(&self) -> Case<'_> {
        let acts: Vec<Act> =
            self.acts.iter().map(|act| Act { number: act.number, kind: act.kind }).collect();
        Case {
            flow: &self.flow,
            facts: &self.bare,
            lines: self.lines.as_deref(),
            cancel_requested: self.cancel_requested,
            acts: Acts::of(&acts),
        }
    }
}

#[derive(sqlx::FromRow)]
struct HeardRow {
    #[sqlx(flatten)]
    fact: FactRow,
    message_id: Option<i64>,
    heard_at: i64,
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    id: i64,
    kind: String,
    fetched: bool,
}

#[derive(sqlx::FromRow)]
struct ActRow {
    number: i64,
    kind: String,
    account_id: Option<i64>,
    key_id: Option<i64>,
    at: i64,
    note: Option<String>,
}

struct Rows {
    facts: Vec<HeardRow>,
    sources: Vec<SourceRow>,
    acts: Vec<ActRow>,
    lines: Vec<LineRow>,
}

async fn rows(conn: &mut Conn, org: i64, order: i64) -> db::Result<Rows> {
    let key = [org.into(), order.into()];
    let facts: Vec<HeardRow> = conn.all(&FACTS, &key).await?;
    let messages = id_rows(facts.iter().filter_map(|fact| fact.message_id));
    Ok(Rows {
        sources: conn.all(&SOURCES, &[org.into(), messages.into()]).await?,
        acts: conn.all(&ACTS, &key).await?,
        lines: conn.all(&LINES, &key).await?,
        facts,
    })
}

impl Store {
    /// What an order is judged from; none when there is no such order, or when it is not theirs to see.
    ///
    /// # Errors
    /// The database's, or a stored flow that cannot be read.
    pub async fn order_case(&self, scope: &Scope, id: OrderId) -> Result<Option<OrderCase>> {
        let Some(order) = self.order(scope, id).await? else { return Ok(None) };
        let org = scope.org;
        let flow = self.flow(org, order.flow_version).await?;
        let read = self.db.read(Some(org.0), move |conn| Box::pin(rows(conn, org.0, id.0))).await?;
        let mut facts = Vec::with_capacity(read.facts.len());
        for row in read.facts {
            let source = read.sources.iter().find(|source| Some(source.id) == row.message_id);
            facts.push(HeardFact {
                fact: row.fact.fact()?,
                message: row.message_id.map(MessageId),
                source: source.map(|source| (source.kind.clone(), source.fetched)),
                heard_at: Time(row.heard_at),
            });
        }
        facts.sort_by(|a, b| {
            (a.fact.key.at, a.heard_at, &a.fact.key).cmp(&(b.fact.key.at, b.heard_at, &b.fact.key))
        });
        let mut acts = Vec::with_capacity(read.acts.len());
        for row in read.acts {
            acts.push(RecordedAct {
                number: row.number,
                kind: word("act", "kind", id.0, &row.kind)?,
                by: Giver::of(row.account_id, row.key_id),
                at: Time(row.at),
                note: row.note,
            });
        }
        let lines: Vec<Line> =
            read.lines.iter().filter(|line| !line.gone).map(LineRow::line).collect();
        Ok(Some(OrderCase {
            flow,
            bare: facts.iter().map(|heard| heard.fact.clone()).collect(),
            facts,
            lines: order.looked_at.then_some(lines),
            cancel_requested: order.cancel_requested,
            acts,
        }))
    }
}
