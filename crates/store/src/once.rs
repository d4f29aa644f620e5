//! Requests that may come again: the same gives the same, and nothing is done twice.

use dermaga_domain::time::{Span, Time};

use crate::command::Giver;
use crate::db::{self, Conn, Statement, statements};

static FORGET: Statement =
    Statement::org("once.forget", "DELETE FROM idempotency WHERE org_id = $1 AND at < $2");

/// Who comes second waits for the first, and finds what it came to.
static BEGIN: Statement = Statement::org(
    "once.begin",
    "INSERT INTO idempotency (org_id, key_id, idempotency_key, body_hash, answer, at)
     VALUES ($1, $2, $3, $4, '', $5)
     ON CONFLICT (org_id, key_id, idempotency_key) DO NOTHING",
);

static FIND: Statement = Statement::org(
    "once.find",
    "SELECT body_hash, answer FROM idempotency
     WHERE org_id = $1 AND key_id = $2 AND idempotency_key = $3",
);

static END: Statement = Statement::org(
    "once.end",
    "UPDATE idempotency SET answer = $4
     WHERE org_id = $1 AND key_id = $2 AND idempotency_key = $3",
);

statements![FORGET, BEGIN, FIND, END];

/// How long the outcome of a request with a name of its own is kept.
const KEPT: Span = Span::hours(24);

/// A request that may come again: the same gives the same, and nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Whose request it is: a program's, or a person's who may press a button twice.
    pub by: Giver,
    /// What they call it.
    pub name: String,
    /// The hash of everything it says.
    pub body_hash: String,
}

/// What a request with a name was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier<T> {
    /// The same, and this came of it.
    Same(T),
    /// Another request.
    Other,
}

/// A request of the same name that came before.
#[derive(sqlx::FromRow)]
pub(crate) struct Before {
    pub(crate) body_hash: String,
    pub(crate) answer: String,
}

impl Once {
    /// Accounts and keys have ids of one kind, so that none of them meets another's names.
    fn owner(&self) -> i64 {
        let person = self.by.person().map(|id| id.0);
        person.or_else(|| self.by.key().map(|id| id.0)).unwrap_or(0)
    }

    /// Takes the request's name; gives what it was before, if it was.
    pub(crate) async fn begin(
        &self,
        conn: &mut Conn,
        org: i64,
        now: Time,
    ) -> db::Result<Option<Before>> {
        let (owner, name) = (self.owner(), self.name.as_str());
        let before = Time(now.0.saturating_sub(KEPT.0));
        conn.execute(&FORGET, &[org.into(), before.0.into()]).await?;
        let values =
            [org.into(), owner.into(), name.into(), self.body_hash.as_str().into(), now.0.into()];
        if conn.execute(&BEGIN, &values).await? > 0 {
            return Ok(None);
        }
        conn.optional(&FIND, &[org.into(), owner.into(), name.into()]).await
    }

    /// Keeps what came of it.
    pub(crate) async fn end(&self, conn: &mut Conn, org: i64, answer: &str) -> db::Result<()> {
        let values = [org.into(), self.owner().into(), self.name.as_str().into(), answer.into()];
        conn.execute(&END, &values).await.map(drop)
    }
}
