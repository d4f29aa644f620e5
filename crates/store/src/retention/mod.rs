//! Retention: what is removed when its time is over, and what is erased because somebody asks.
//!
//! | kind | what | when |
//! |---|---|---|
//! | bodies | raw messages of the inbox | some days after they came, once they are done |
//! | dead letters | their bodies like the others; that there was one, longer | |
//! | answers | what channels answered when a call failed | with the bodies |
//! | exchanges | lines of the transmit log | |
//! | labels | what was fetched to print | |
//! | buyers | who bought, with their labels | so long after the order ended, or fell silent |
//! | requests | outcomes of requests with an `Idempotency-Key` | |
//!
//! On SQLite the space of what is removed is overwritten, and the log is cut off afterwards: see
//! [`Store::forget_log`]. Facts, documents, money and stock carry no buyer and stay.

mod buyers;
mod erase;
mod log;

use std::collections::BTreeMap;

use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};

pub use self::buyers::HeldBuyer;
pub use self::erase::{Copies, Erased, Erasure, HeldLabel, Wish};
use crate::db::{self, Conn, Dialect, Lane, Statement, statements};
use crate::error::Result;
use crate::open::Store;

/// Rows that one step looks at.
const STEP: i64 = 500;

/// The space of what is removed is overwritten (SQLite), also that of pages which become free.
static OVERWRITE: Statement =
    Statement::session("retention.overwrite", "PRAGMA secure_delete = ON");

static ADD: Statement = Statement::org(
    "retention.add",
    "INSERT INTO retention (org_id, kind, removed, ran_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (org_id, kind) DO UPDATE SET removed = retention.removed + excluded.removed,
        ran_at = excluded.ran_at",
);

static LIST: Statement = Statement::org(
    "retention.list",
    "SELECT kind, removed, ran_at FROM retention WHERE org_id = $1 AND kind >= '' ORDER BY kind",
);

statements![ADD, LIST];

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Raw messages, and answers of calls that failed: what a replay needs.
    pub bodies: Span,
    /// Lines of the transmit log, and that a message was a dead letter.
    pub exchanges: Span,
    /// What was fetched to print.
    pub labels: Span,
    /// Buyers, after their order was completed or cancelled with nothing left open.
    pub buyers: Span,
    /// Buyers of orders that never end, after the last change of them.
    pub silent: Span,
    /// Outcomes of requests with an `Idempotency-Key`.
    pub requests: Span,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            bodies: Span::days(14),
            exchanges: Span::days(90),
            labels: Span::days(30),
            buyers: Span::days(90),
            silent: Span::days(180),
            requests: Span::hours(24),
        }
    }
}

/// A kind of things that are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Raw messages.
    Bodies,
    /// Messages that could not be read.
    DeadLetters,
    /// Answers of calls that failed.
    Answers,
    /// Lines of the transmit log.
    Exchanges,
    /// What was fetched to print.
    Labels,
    /// Who bought.
    Buyers,
    /// Outcomes of requests.
    Requests,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Bodies,
        Self::DeadLetters,
        Self::Answers,
        Self::Exchanges,
        Self::Labels,
        Self::Buyers,
        Self::Requests,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bodies => "bodies",
            Self::DeadLetters => "dead_letters",
            Self::Answers => "answers",
            Self::Exchanges => "exchanges",
            Self::Labels => "labels",
            Self::Buyers => "buyers",
            Self::Requests => "requests",
        }
    }
}

/// One step of removing a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// How many were removed.
    pub count: u64,
    /// After which id to go on; none = there is nothing more.
    pub next: Option<i64>,
}

/// What was removed of a kind so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retained {
    /// The kind, as [`Kind::as_str`] names it.
    pub kind: String,
    /// How many, in all.
    pub removed: i64,
    /// When it was last looked for.
    pub ran_at: Time,
}

#[derive(sqlx::FromRow)]
struct RetainedRow {
    kind: String,
    removed: i64,
    ran_at: i64,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

/// Has the space of what is removed overwritten from now on, on this connection.
async fn overwrite(conn: &mut Conn) -> db::Result<()> {
    if conn.dialect() == Dialect::Sqlite {
        conn.execute(&OVERWRITE, &[]).await?;
    }
    Ok(())
}

impl Store {
    /// Removes some of a kind whose time is over, from after an id.
    ///
    /// # Errors
    /// The database's.
    pub async fn retain(
        &self,
        org: OrgId,
        kind: Kind,
        rules: &Rules,
        after: i64,
    ) -> Result<Removed> {
        let now = self.now();
        match kind {
            Kind::Bodies => log::bodies(self, org, after, now.minus(rules.bodies)).await,
            Kind::DeadLetters => {
                log::dead(self, org, now.minus(rules.bodies), now.minus(rules.exchanges)).await
            }
            Kind::Answers => log::answers(self, org, after, now.minus(rules.bodies)).await,
            Kind::Exchanges => log::exchanges(self, org, after, now.minus(rules.exchanges)).await,
            Kind::Labels => log::labels(self, org, after, now.minus(rules.labels)).await,
            Kind::Buyers => buyers::ended(self, org, after, rules, now).await,
            Kind::Requests => log::requests(self, org, now.minus(rules.requests)).await,
        }
    }

    /// Writes down that retention ran, and what it removed.
    ///
    /// # Errors
    /// The database's.
    pub async fn retention_ran(&self, org: OrgId, removed: BTreeMap<Kind, u64>) -> Result<()> {
        let now = self.now();
        self.db
            .write_with(Lane::Short, Some(org.0), removed, move |conn, removed| {
                Box::pin(async move {
                    for kind in Kind::ALL {
                        let count = removed.get(&kind).copied().unwrap_or_default();
                        let count = i64::try_from(count).unwrap_or(i64::MAX);
                        let values =
                            [org.0.into(), kind.as_str().into(), count.into(), now.0.into()];
                        conn.execute(&ADD, &values).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    /// What retention has removed so far; nothing when it never ran.
    ///
    /// # Errors
    /// The database's.
    pub async fn retention(&self, org: OrgId) -> Result<Vec<Retained>> {
        let rows: Vec<RetainedRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&LIST, &[org.0.into()]).await })
            })
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Retained { kind: row.kind, removed: row.removed, ran_at: Time(row.ran_at) })
            .collect())
    }

    /// Cuts the log of the embedded database off, so that nothing of what was removed stands in it.
    /// False when a reader needed it the whole time: then the next retention tries again. PostgreSQL
    /// sees to its own.
    ///
    /// # Errors
    /// When the database was closed.
    pub async fn forget_log(&self) -> Result<bool> {
        Ok(self.db.forget_log().await?)
    }
}

/// Every statement of this module.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static Statement> {
    [STATEMENTS, buyers::STATEMENTS, erase::STATEMENTS, log::STATEMENTS].concat()
}
