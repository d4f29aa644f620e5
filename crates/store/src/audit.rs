//! Who did what: written in the transaction of what was done, read by those who may.

use dermaga_domain::id::{AccountId, ApiKeyId, AuditId, OrgId};
use dermaga_domain::time::Time;

use crate::Store;
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, Value, statements};
use crate::error::Result;

static INSERT: Statement = Statement::org(
    "audit.insert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, account_id bigint, key_id bigint, at bigint,
        act text, subject text, detail text})
     INSERT INTO audit (org_id, id, account_id, key_id, at, act, subject, detail)
     SELECT $1, id, account_id, key_id, at, act, subject, detail FROM v",
);

macro_rules! entries {
    ($where:literal) => {
        concat!(
            "SELECT a.id, a.account_id, a.key_id, a.at, a.act, a.subject, a.detail FROM audit a
             WHERE a.org_id = $1 AND a.id < $2 ",
            $where,
            " ORDER BY a.id DESC LIMIT $3"
        )
    };
}

static ALL: Statement = Statement::org("audit.all", entries!(""));
static BY_PERSON: Statement = Statement::org(
    "audit.by_person",
    entries!("AND a.account_id = $4 AND ($5 = '' OR a.act = $5) AND ($6 = '' OR a.subject = $6)"),
);
static BY_ACT: Statement =
    Statement::org("audit.by_act", entries!("AND a.act = $4 AND ($5 = '' OR a.subject = $5)"));
static BY_SUBJECT: Statement = Statement::org("audit.by_subject", entries!("AND a.subject = $4"));

statements![INSERT, ALL, BY_PERSON, BY_ACT, BY_SUBJECT];

/// Entries that one page holds at most.
pub const PAGE_MAX: i64 = 200;
/// The longest detail that is kept, in characters: it says what, and is no place for a document.
const DETAIL_MAX: usize = 500;

/// Acts as they are kept. Those of stock and commands are named where they are done.
pub mod act {
    /// Somebody logged in.
    pub const LOGGED_IN: &str = "session.began";
    /// A log-in was refused: the password, or the code of the second step, was wrong.
    pub const LOG_IN_REFUSED: &str = "session.refused";
    /// Somebody logged out.
    pub const LOGGED_OUT: &str = "session.ended";
    /// Sessions were ended by somebody else, or from elsewhere.
    pub const SESSIONS_ENDED: &str = "sessions.ended";
    /// Somebody was invited.
    pub const INVITED: &str = "user.invited";
    /// Somebody was given a new link to set their password.
    pub const LINKED: &str = "user.linked";
    /// Role or limits were changed.
    pub const CHANGED: &str = "user.changed";
    /// Somebody may not log in any more.
    pub const DISABLED: &str = "user.disabled";
    /// Somebody may log in again.
    pub const ENABLED: &str = "user.enabled";
    /// A password was set or changed.
    pub const PASSWORD: &str = "user.password";
    /// The second step was switched on.
    pub const FACTOR_ON: &str = "user.factor_on";
    /// The second step was switched off.
    pub const FACTOR_OFF: &str = "user.factor_off";
    /// A recovery code was used.
    pub const RECOVERED: &str = "user.recovered";
    /// A key of the API was made.
    pub const KEY_MADE: &str = "key.made";
    /// A key of the API was revoked.
    pub const KEY_REVOKED: &str = "key.revoked";
    /// A buyer was seen unmasked.
    pub const BUYER_SEEN: &str = "buyer.seen";
    /// What is held about a buyer was given out.
    pub const BUYER_GIVEN_OUT: &str = "buyer.given_out";
    /// What is held about a buyer was erased.
    pub const BUYER_ERASED: &str = "buyer.erased";
    /// A label or another paper with a buyer's name was opened.
    pub const PAPER_SEEN: &str = "paper.seen";
    /// What a channel answered was seen byte for byte.
    pub const RAW_SEEN: &str = "raw.seen";
    /// An attention that is not of one order was seen to.
    pub const NOTICE_CLOSED: &str = "notice.closed";
    /// A seller let the hub speak for a shop, at the channel's page.
    pub const CONSENTED: &str = "connection.consented";
    /// What an entry of the transmit log is about was read again.
    pub const LOG_AGAIN: &str = "log.again";
}

/// What people and programs did in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Trail(Rows);

impl Trail {
    /// With one act in it.
    pub(crate) fn one(store: &Store, by: impl Into<Giver>, act: &str, told: (&str, &str)) -> Self {
        let mut trail = Self::default();
        trail.push(store, store.now(), by, act, told);
        trail
    }

    /// Adds an act on a subject, by its id as it is shown, with what was said or changed.
    pub(crate) fn push(
        &mut self,
        store: &Store,
        now: Time,
        by: impl Into<Giver>,
        act: &str,
        (subject, detail): (&str, &str),
    ) {
        let by = by.into();
        let (person, key) = (by.person().map(|by| by.0), by.key().map(|by| by.0));
        let detail: String = detail.chars().take(DETAIL_MAX).collect();
        let id = store.ids.next(now);
        self.0.push(&[&id, &person, &key, &now.0, &act, &subject, &detail]);
    }

    /// As a parameter, for a job that may run again.
    pub(crate) fn packed(self) -> Value {
        self.0.into()
    }

    /// Writes it.
    pub(crate) async fn write(self, conn: &mut Conn, org: i64) -> db::Result<()> {
        if self.0.is_empty() { Ok(()) } else { write(conn, org, &self.0.into()).await }
    }
}

/// Writes a packed trail.
pub(crate) async fn write(conn: &mut Conn, org: i64, trail: &Value) -> db::Result<()> {
    conn.execute(&INSERT, &[org.into(), trail.clone()]).await.map(drop)
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id; newer entries have larger ones.
    pub id: AuditId,
    /// Who.
    pub by: Giver,
    /// When.
    pub at: Time,
    /// What.
    pub act: String,
    /// On what, by its id as it is shown.
    pub subject: String,
    /// What was said or changed.
    pub detail: String,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Only those of this person.
    pub person: Option<AccountId>,
    /// Only this act.
    pub act: Option<String>,
    /// Only what was done to this, by its id as it is shown.
    pub subject: Option<String>,
    /// From before this entry.
    pub before: Option<AuditId>,
    /// How many, at most [`PAGE_MAX`].
    pub limit: i64,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: i64,
    account_id: Option<i64>,
    key_id: Option<i64>,
    at: i64,
    act: String,
    subject: String,
    detail: String,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        let by = match (row.account_id, row.key_id) {
            (Some(id), _) => Giver::Person(AccountId(id)),
            (None, Some(id)) => Giver::Key(ApiKeyId(id)),
            (None, None) => Giver::Machine,
        };
        Self {
            id: AuditId(row.id),
            by,
            at: Time(row.at),
            act: row.act,
            subject: row.subject,
            detail: row.detail,
        }
    }
}

impl Store {
    /// Writes down something that changed nothing, such as a look at a buyer. Whoever shows it waits
    /// for this first.
    ///
    /// # Errors
    /// The database's.
    pub async fn write_down(
        &self,
        org: OrgId,
        by: Giver,
        act: &str,
        (subject, detail): (&str, &str),
    ) -> Result<()> {
        let trail = Trail::one(self, by, act, (subject, detail)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move { write(conn, org.0, trail).await })
            })
            .await?;
        Ok(())
    }

    /// Who did what, the newest first; and where to read on.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit(&self, org: OrgId, query: &Query) -> Result<(Vec<Entry>, Option<AuditId>)> {
        let limit = query.limit.clamp(1, PAGE_MAX);
        let before = query.before.map_or(i64::MAX, |id| id.0);
        let mut values: Vec<Value> = vec![org.0.into(), before.into(), (limit + 1).into()];
        let act = query.act.clone().unwrap_or_default();
        let subject = query.subject.clone().unwrap_or_default();
        let statement = match (query.person, act.is_empty(), subject.is_empty()) {
            (Some(person), ..) => {
                values.extend([person.0.into(), act.into(), subject.into()]);
                &BY_PERSON
            }
            (None, false, _) => {
                values.extend([act.into(), subject.into()]);
                &BY_ACT
            }
            (None, true, false) => {
                values.push(subject.into());
                &BY_SUBJECT
            }
            (None, true, true) => &ALL,
        };
        let rows: Vec<EntryRow> = self
            .db
            .read_with(Some(org.0), values, move |conn, values| {
                Box::pin(conn.all(statement, values))
            })
            .await?;
        let mut found: Vec<Entry> = rows.into_iter().map(Into::into).collect();
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > page;
        found.truncate(page);
        let next = found.last().filter(|_| more).map(|entry| entry.id);
        Ok((found, next))
    }
}
