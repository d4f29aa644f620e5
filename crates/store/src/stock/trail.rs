//! The trail: who changed stock or mappings by hand.

use dermaga_domain::id::AccountId;
use dermaga_domain::time::Time;

use crate::Store;
use crate::db::{self, Conn, Rows, Statement, statements};

static INSERT_TRAIL: Statement = Statement::org(
    "stock.insert_trail",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, account_id bigint, at bigint, act text,
        subject text, detail text})
     INSERT INTO audit (org_id, id, account_id, at, act, subject, detail)
     SELECT $1, id, account_id, at, act, subject, detail FROM v",
);

statements![INSERT_TRAIL];

/// What people did in one transaction.
#[derive(Default)]
pub(super) struct Trail(Rows);

impl Trail {
    /// Adds an act on a subject, by its id as it is shown, with what was said or changed.
    pub(super) fn push(
        &mut self,
        store: &Store,
        now: Time,
        by: Option<AccountId>,
        act: &str,
        (subject, detail): (&str, &str),
    ) {
        let by = by.map(|by| by.0);
        self.0.push(&[&store.ids.next(now), &by, &now.0, &act, &subject, &detail]);
    }

    /// Writes it.
    pub(super) async fn write(self, conn: &mut Conn, org: i64) -> db::Result<()> {
        if !self.0.is_empty() {
            conn.execute(&INSERT_TRAIL, &[org.into(), self.0.into()]).await?;
        }
        Ok(())
    }
}
