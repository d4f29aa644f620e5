//! Giving commands: many at once, one row each, whatever becomes of them.

use std::collections::BTreeSet;

use dermaga_domain::command::Words;
use dermaga_domain::id::{AccountId, BatchId, OrderId, OrgId, ShopId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_domain::time::Time;

use crate::db::{self, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;

static INSERT: Statement = Statement::org(
    "command.insert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, shop_id bigint, order_id bigint, package text,
        kind text, words text, state text, run_at bigint, batch_id bigint, asked_by bigint,
        asked_at bigint, ended_at bigint, code text, answer text})
     INSERT INTO command (org_id, id, shop_id, order_id, package, kind, words, state, run_at,
        batch_id, asked_by, asked_at, ended_at, code, answer)
     SELECT $1, id, shop_id, order_id, package, kind, words, state, run_at, batch_id, asked_by,
        asked_at, ended_at, code, answer
     FROM v WHERE true ORDER BY order_id, package, kind
     ON CONFLICT (org_id, order_id, package, kind) WHERE state IN ('waiting', 'sending', 'unknown')
     DO NOTHING
     RETURNING order_id",
);

static AUDIT: Statement = Statement::org(
    "command.audit",
    "INSERT INTO audit (org_id, id, account_id, at, act, subject, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

statements![INSERT, AUDIT];

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
    pub refused: Option<(&'static str, String)>,
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
}

impl Store {
    /// Keeps commands that were given together.
    ///
    /// # Errors
    /// The database's; then none is kept.
    pub async fn ask(
        &self,
        org: OrgId,
        kind: CommandKind,
        by: Option<AccountId>,
        commands: Vec<NewCommand>,
    ) -> Result<Asked> {
        let (batch, now) = (BatchId(self.next_id()), self.now());
        let mut rows = Rows::default();
        for new in &commands {
            let words = serde_json::to_string(&new.words)
                .map_err(|_| Error::Refused("the command cannot be written".to_owned()))?;
            let (state, ended, code, answer) = match &new.refused {
                None => (CommandState::Waiting, None, None, None),
                Some((code, why)) => {
                    (CommandState::Refused, Some(now.0), Some(*code), Some(why.as_str()))
                }
            };
            rows.push(&[
                &self.ids.next(now),
                &new.shop.0,
                &new.order.0,
                &new.package.as_deref().unwrap_or(""),
                &kind.as_str(),
                &words,
                &state.as_str(),
                &new.run_at.0,
                &batch.0,
                &by.map(|by| by.0),
                &now.0,
                &ended,
                &code,
                &answer,
            ]);
        }
        let trail = (self.next_id(), format!("{} orders", commands.len()));
        let work = (db::Value::from(rows), trail);
        let kept = self
            .db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (rows, (id, detail))| {
                Box::pin(async move {
                    let kept: Vec<OrderRow> =
                        conn.all(&INSERT, &[org.0.into(), rows.clone()]).await?;
                    let act = format!("command.{kind}");
                    let values = [
                        org.0.into(),
                        (*id).into(),
                        by.map(|by| by.0).into(),
                        now.0.into(),
                        act.into(),
                        batch.to_string().into(),
                        detail.as_str().into(),
                    ];
                    conn.execute(&AUDIT, &values).await?;
                    Ok(kept)
                })
            })
            .await?;
        self.db.notify();
        let kept: BTreeSet<i64> = kept.into_iter().map(|row| row.order_id).collect();
        let refused = commands.iter().filter(|new| new.refused.is_some()).count();
        let under_way: Vec<OrderId> =
            commands.iter().map(|new| new.order).filter(|order| !kept.contains(&order.0)).collect();
        let waiting = commands.len().saturating_sub(refused + under_way.len());
        Ok(Asked { batch, waiting, refused, under_way })
    }
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    order_id: i64,
}
