//! Giving commands: many at once, one row each, whatever becomes of them.

use std::collections::BTreeSet;

use dermaga_domain::command::{Refusal, Words};
use dermaga_domain::id::{BatchId, OrderId, OrgId, ShopId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::Time;

use super::Giver;
use crate::audit::{self, Trail};
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::once::Once;
use crate::open::Store;

static INSERT: Statement = Statement::org(
    "command.insert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, shop_id bigint, order_id bigint, package text,
        kind text, words text, state text, run_at bigint, batch_id bigint, asked_by bigint,
        asked_key bigint, asked_at bigint, ended_at bigint, code text, answer text, refusal text})
     INSERT INTO command (org_id, id, shop_id, order_id, package, kind, words, state, run_at,
        batch_id, asked_by, asked_key, asked_at, ended_at, code, answer, refusal)
     SELECT $1, id, shop_id, order_id, package, kind, words, state, run_at, batch_id, asked_by,
        asked_key, asked_at, ended_at, code, answer, refusal
     FROM v WHERE true ORDER BY order_id, package, kind
     ON CONFLICT (org_id, order_id, package, kind) WHERE state IN ('waiting', 'sending', 'unknown')
     DO NOTHING
     RETURNING order_id",
);

statements![INSERT];

/// A command to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommand {
    /// The order.
    pub order: OrderId,
    /// Its shop.
    pub shop: ShopId,
    /// The package, where there are several.
    pub package: Option<String>,
    /// What is said.
    pub words: Words,
    /// When it may be sent.
    pub run_at: Time,
    /// A rule refuses it at once: the code and why. It is kept all the same, as its result.
    pub refused: Option<(&'static str, Refusal)>,
}

/// What became of commands that were given together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What they are found by.
    pub batch: BatchId,
    /// Those that will be sent.
    pub waiting: usize,
    /// Those that were refused at once.
    pub refused: usize,
    /// Orders of which the same is under way already: nothing was added.
    pub under_way: Vec<OrderId>,
    /// Orders that there are not, or that they may not see.
    pub missing: Vec<OrderId>,
}

/// What a request with a name was before.
pub type Earlier = crate::once::Earlier<Asked>;

/// An outcome as it is kept.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptAnswer {
    batch: i64,
    waiting: usize,
    refused: usize,
    under_way: Vec<i64>,
    missing: Vec<i64>,
}

impl KeptAnswer {
    fn asked(self) -> Asked {
        let ids = |ids: Vec<i64>| ids.into_iter().map(OrderId).collect();
        Asked {
            batch: BatchId(self.batch),
            waiting: self.waiting,
            refused: self.refused,
            under_way: ids(self.under_way),
            missing: ids(self.missing),
        }
    }
}

/// Everything that one transaction writes.
struct Work {
    org: i64,
    batch: BatchId,
    now: Time,
    trail: db::Value,
    rows: db::Value,
    orders: Vec<i64>,
    missing: Vec<i64>,
    refused: usize,
    once: Option<Once>,
}

enum Written {
    Now(KeptAnswer),
    Before { body_hash: String, answer: String },
}

impl Store {
    /// Keeps commands that were given together; or, for a request that came before, says what came of
    /// it then and keeps nothing.
    ///
    /// # Errors
    /// The database's; then none is kept.
    pub async fn ask(
        &self,
        org: OrgId,
        kind: CommandKind,
        by: Giver,
        (commands, missing): (Vec<NewCommand>, Vec<OrderId>),
        once: Option<Once>,
    ) -> Result<Result<Asked, Earlier>> {
        let (batch, now) = (BatchId(self.next_id()), self.now());
        let mut rows = Rows::default();
        for new in &commands {
            push_row(&mut rows, self.ids.next(now), (new, kind, batch, by), now)?;
        }
        let told = format!("{} orders", commands.len());
        let act = format!("command.{kind}");
        let trail = Trail::one(self, by, &act, (&batch.to_string(), &told));
        let body_hash = once.as_ref().map(|once| once.body_hash.clone());
        let work = Work {
            org: org.0,
            batch,
            now,
            trail: trail.packed(),
            rows: db::Value::from(rows),
            orders: commands.iter().map(|new| new.order.0).collect(),
            missing: missing.iter().map(|order| order.0).collect(),
            refused: commands.iter().filter(|new| new.refused.is_some()).count(),
            once,
        };
        let written = self
            .db
            .write_with(Lane::Short, Some(org.0), work, |conn, work| {
                Box::pin(async move { work.write(conn).await })
            })
            .await?;
        match written {
            Written::Now(kept) => {
                self.db.notify();
                Ok(Ok(kept.asked()))
            }
            Written::Before { body_hash: before, .. } if Some(&before) != body_hash.as_ref() => {
                Ok(Err(Earlier::Other))
            }
            Written::Before { answer, .. } => {
                let kept: KeptAnswer = serde_json::from_str(&answer)
                    .map_err(|_| Error::inconsistent("idempotency", "answer", org.0))?;
                Ok(Err(Earlier::Same(kept.asked())))
            }
        }
    }
}

fn push_row(
    rows: &mut Rows,
    id: i64,
    (new, kind, batch, by): (&NewCommand, CommandKind, BatchId, Giver),
    now: Time,
) -> Result<()> {
    let unwritten = |_| Error::Refused("the command cannot be written".to_owned());
    let words = serde_json::to_string(&new.words).map_err(unwritten)?;
    let refused = new.refused.as_ref();
    let refusal = refused.map(|(_, why)| serde_json::to_string(why)).transpose();
    let refusal = refusal.map_err(unwritten)?;
    let state = if refused.is_some() { CommandState::Refused } else { CommandState::Waiting };
    rows.push(&[
        &id,
        &new.shop.0,
        &new.order.0,
        &new.package.as_deref().unwrap_or(""),
        &kind.as_str(),
        &words,
        &state.as_str(),
        &new.run_at.0,
        &batch.0,
        &by.person().map(|by| by.0),
        &by.key().map(|by| by.0),
        &now.0,
        &refused.map(|_| now.0),
        &refused.map(|(code, _)| *code),
        &refused.map(|(_, why)| why.to_string()),
        &refusal,
    ]);
    Ok(())
}

impl Work {
    async fn write(&self, conn: &mut Conn) -> db::Result<Written> {
        if let Some(once) = &self.once
            && let Some(before) = once.begin(conn, self.org, self.now).await?
        {
            return Ok(Written::Before { body_hash: before.body_hash, answer: before.answer });
        }
        let kept: Vec<OrderRow> = conn.all(&INSERT, &[self.org.into(), self.rows.clone()]).await?;
        let kept: BTreeSet<i64> = kept.into_iter().map(|row| row.order_id).collect();
        audit::write(conn, self.org, &self.trail).await?;
        let under_way: Vec<i64> =
            self.orders.iter().copied().filter(|order| !kept.contains(order)).collect();
        let answer = KeptAnswer {
            batch: self.batch.0,
            waiting: self.orders.len().saturating_sub(self.refused + under_way.len()),
            refused: self.refused,
            under_way,
            missing: self.missing.clone(),
        };
        if let Some(once) = &self.once {
            let text = serde_json::to_string(&answer).unwrap_or_default();
            once.end(conn, self.org, &text).await?;
        }
        Ok(Written::Now(answer))
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    order_id: i64,
}
