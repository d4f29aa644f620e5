//! Sending commands: claimed before they are sent, ended with what came of them.

use dermaga_domain::id::{CommandId, OrderId, OrgId};
use dermaga_domain::term::CommandState;
use dermaga_domain::time::Time;

use super::{Command, CommandRow, commands, select_commands};
use crate::db::{self, Conn, Lane, Packed, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;
use crate::work::{LeaseHeld, guard};

/// So many of each shop, so that the thousands of one do not keep the others waiting.
static DUE: Statement = Statement::org(
    "command.due",
    concat!(
        select_commands!(),
        "FROM (SELECT d.*, ROW_NUMBER() OVER (PARTITION BY d.shop_id ORDER BY d.run_at, d.id) AS place
           FROM command d
           WHERE d.org_id = $1 AND d.shop_id > 0 AND d.state IN ('waiting', 'sending', 'unknown')
             AND d.run_at <= $2
          ) c {join} orders o ON o.org_id = $1 AND o.id = c.order_id
     WHERE c.place <= $3 ORDER BY c.run_at, c.id"
    ),
);

/// What was being sent when its sender was lost may have had its effect.
static CLAIM: Statement = Statement::org(
    "command.claim",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, state text, to_state text, at bigint})
     UPDATE command SET state = v.to_state, attempts = command.attempts + 1,
        sent_at = CASE WHEN v.to_state = 'sending' THEN v.at ELSE command.sent_at END
     FROM v WHERE command.org_id = $1 AND command.id = v.id AND command.state = v.state",
);

static END: Statement = Statement::org(
    "command.end",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, state text, run_at bigint, ended_at bigint,
        code text, answer text})
     UPDATE command SET state = v.state, run_at = v.run_at, ended_at = v.ended_at, code = v.code,
        answer = v.answer
     FROM v WHERE command.org_id = $1 AND command.id = v.id
        AND command.ended_at IS NULL",
);

static INSERT_PAPERS: Statement = Statement::org(
    "command.insert_papers",
    "WITH v AS MATERIALIZED ({rows $2+$3: command_id bigint, order_id bigint, media_type text,
        body blob, at bigint})
     INSERT INTO paper (org_id, command_id, order_id, media_type, body, at)
     SELECT $1, command_id, order_id, media_type, body, at FROM v WHERE true
     ON CONFLICT (org_id, command_id) DO NOTHING",
);

statements![DUE, CLAIM, END, INSERT_PAPERS];

/// Where a command stands after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The command.
    pub id: CommandId,
    /// Its order.
    pub order: OrderId,
    /// Where it stands now.
    pub state: CommandState,
    /// When it is next due, if it is not at its end.
    pub run_at: Time,
    /// The code of a refusal.
    pub code: Option<String>,
    /// What the channel said.
    pub answer: Option<String>,
    /// What it brought.
    pub paper: Option<NewPaper>,
}

/// Something to print, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPaper {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Writes where commands stand.
pub(crate) async fn write_ended(
    store: &Store,
    conn: &mut Conn,
    org: OrgId,
    ended: &[Ended],
    now: Time,
) -> db::Result<Result<()>> {
    let (mut rows, mut papers, mut bodies) = (Rows::default(), Rows::default(), Packed::default());
    for command in ended {
        let pending = matches!(command.state, CommandState::Waiting | CommandState::Unknown);
        rows.push(&[
            &command.id.0,
            &command.state.as_str(),
            &command.run_at.0,
            &(!pending).then_some(now.0),
            &command.code,
            &command.answer,
        ]);
        if let Some(paper) = &command.paper {
            let row = command.id.0.to_string();
            let sealed = match store.vault.seal(&place(org, &row), now, &paper.body) {
                Ok(sealed) => sealed,
                Err(error) => return Ok(Err(error)),
            };
            papers.push(&[
                &command.id.0,
                &command.order.0,
                &paper.media_type,
                &bodies.push(&sealed),
                &now.0,
            ]);
        }
    }
    if !rows.is_empty() {
        conn.execute(&END, &[org.0.into(), rows.into()]).await?;
    }
    if !papers.is_empty() {
        conn.execute(&INSERT_PAPERS, &[org.0.into(), papers.into(), bodies.into()]).await?;
    }
    Ok(Ok(()))
}

/// Where a paper lies sealed.
pub(super) fn place(org: OrgId, row: &str) -> Place<'_> {
    Place { org, table: "paper", row, column: "body" }
}

impl Store {
    /// Commands that are due, so many of each shop, the longest due first.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_commands(&self, org: OrgId, of_each: i64) -> Result<Vec<Command>> {
        let now = self.now().0;
        let rows: Vec<CommandRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&DUE, &[org.0.into(), now.into(), of_each.into()]).await
                })
            })
            .await?;
        commands(rows)
    }

    /// Claims commands of a shop under its lease: from now on they may have been sent. Those whose
    /// sender was lost become unknown.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], or the database's; then nothing may be sent.
    pub async fn claim_commands(
        &self,
        org: OrgId,
        lease: &LeaseHeld,
        claimed: &[Command],
    ) -> Result<()> {
        let now = self.now();
        let mut rows = Rows::default();
        for command in claimed {
            let unsent = command.state == CommandState::Waiting;
            let to = if unsent { CommandState::Sending } else { CommandState::Unknown };
            rows.push(&[&command.id.0, &command.state.as_str(), &to.as_str(), &now.0]);
        }
        let asked = claimed.len();
        let work = (db::Value::from(rows), lease.clone());
        let held = self
            .db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (rows, lease)| {
                Box::pin(async move {
                    if !guard(conn, org, lease, now).await? {
                        return Ok(false);
                    }
                    let count = conn.execute(&CLAIM, &[org.0.into(), rows.clone()]).await?;
                    Ok(usize::try_from(count) == Ok(asked))
                })
            })
            .await?;
        if held { Ok(()) } else { Err(Error::LeaseLost(lease.name.clone())) }
    }
}
