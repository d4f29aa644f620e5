//! Sessions: who is logged in, from where, until when.

use dermaga_domain::id::{AccountId, OrgId, SessionId};
use dermaga_domain::time::Time;

use super::account::{self, Account};
use super::token::BearerToken;
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::read::Scope;

static INSERT: Statement = Statement::org(
    "sessions.insert",
    "INSERT INTO session (org_id, token_hash, account_id, created_at, seen_at, expires_at, id, agent,
        address, pending)
     VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)",
);

static FIND: Statement = Statement::org(
    "sessions.find",
    "SELECT id, account_id, created_at, seen_at, expires_at FROM session
     WHERE org_id = $1 AND token_hash = $2 AND pending = $3",
);

static TOUCH: Statement = Statement::org(
    "sessions.touch",
    "UPDATE session SET seen_at = $3 WHERE org_id = $1 AND token_hash = $2",
);

static DELETE: Statement =
    Statement::org("sessions.delete", "DELETE FROM session WHERE org_id = $1 AND token_hash = $2");

static DELETE_ALL: Statement = Statement::org(
    "sessions.delete_all",
    "DELETE FROM session WHERE org_id = $1 AND account_id = $2 AND token_hash <> $3",
);

static DELETE_ONE: Statement = Statement::org(
    "sessions.delete_one",
    "DELETE FROM session WHERE org_id = $1 AND account_id = $2 AND id = $3",
);

static DELETE_EXPIRED: Statement = Statement::org(
    "sessions.delete_expired",
    "DELETE FROM session WHERE org_id = $1 AND expires_at < $2",
);

static LIST: Statement = Statement::org(
    "sessions.list",
    "SELECT id, token_hash, created_at, seen_at, expires_at, agent, address FROM session
     WHERE org_id = $1 AND account_id = $2 AND NOT pending ORDER BY id DESC LIMIT 100",
);

statements![INSERT, FIND, TOUCH, DELETE, DELETE_ALL, DELETE_ONE, DELETE_EXPIRED, LIST];

/// The longest name of a browser that is kept, in characters.
const AGENT_MAX: usize = 120;

/// Someone's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub account: Account,
    /// What they see.
    pub scope: Scope,
    /// When it began.
    pub created_at: Time,
    /// When it was last used.
    pub seen_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
}

/// How somebody came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Came {
    /// The name that their browser gives itself.
    pub agent: String,
    /// The address they came from.
    pub address: String,
    /// The second step is still to come: the session lets nobody in.
    pub pending: bool,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEntry {
    /// Its id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub this: bool,
    /// When it began.
    pub created_at: Time,
    /// When it was last used.
    pub seen_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
    /// The browser.
    pub agent: String,
    /// Where from.
    pub address: String,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: i64,
    account_id: i64,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: i64,
    token_hash: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    agent: String,
    address: String,
}

/// Ends the sessions of an account but the one with this hash; says how many.
pub(super) async fn end_all(
    conn: &mut Conn,
    org: i64,
    account: i64,
    keep: &str,
) -> db::Result<u64> {
    conn.execute(&DELETE_ALL, &[org.into(), account.into(), keep.into()]).await
}

impl Store {
    /// Begins a session, as [`Store::log_in`] does for somebody of whom nothing is known.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_session(
        &self,
        token: &BearerToken,
        account: AccountId,
        expires_at: Time,
    ) -> Result<()> {
        self.log_in(token, account, expires_at, Came::default()).await.map(drop)
    }

    /// Begins a session. Those of the org that have expired are forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn log_in(
        &self,
        token: &BearerToken,
        account: AccountId,
        expires_at: Time,
        came: Came,
    ) -> Result<SessionId> {
        let (org, now, id) = (token.org.0, self.now(), self.next_id());
        let agent: String = came.agent.chars().take(AGENT_MAX).collect();
        let values: Vec<db::Value> = vec![
            org.into(),
            token.hash().into(),
            account.0.into(),
            now.0.into(),
            expires_at.0.into(),
            id.into(),
            agent.into(),
            came.address.as_str().into(),
            came.pending.into(),
        ];
        let subject = SessionId(id).to_string();
        let told = (subject.as_str(), came.address.as_str());
        let trail = (!came.pending)
            .then(|| Trail::one(self, Giver::Person(account), act::LOGGED_IN, told).packed());
        self.db
            .write_with(Lane::Short, Some(org), (values, trail), move |conn, (values, trail)| {
                Box::pin(async move {
                    conn.execute(&DELETE_EXPIRED, &[org.into(), now.0.into()]).await?;
                    conn.execute(&INSERT, values).await?;
                    match trail {
                        Some(trail) => audit::write(conn, org, trail).await,
                        None => Ok(()),
                    }
                })
            })
            .await?;
        Ok(SessionId(id))
    }

    /// Finds a session that lets somebody in; whether it has expired is for the caller to see.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_session(&self, token: &BearerToken) -> Result<Option<Session>> {
        self.session(token, false).await
    }

    /// Finds a session that waits for the second step.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_pending(&self, token: &BearerToken) -> Result<Option<Session>> {
        self.session(token, true).await
    }

    async fn session(&self, token: &BearerToken, pending: bool) -> Result<Option<Session>> {
        let org = token.org;
        let found: Option<(SessionRow, account::Read, Scope)> = self
            .db
            .read_with(Some(org.0), token.hash(), move |conn, hash| {
                Box::pin(async move {
                    let values = [org.0.into(), hash.into(), pending.into()];
                    let row: Option<SessionRow> = conn.optional(&FIND, &values).await?;
                    let Some(row) = row else { return Ok(None) };
                    let Some(read) = account::read(conn, org.0, row.account_id).await? else {
                        return Ok(None);
                    };
                    let scope = super::scope(conn, org, read.limits()).await?;
                    Ok(Some((row, read, scope)))
                })
            })
            .await?;
        let Some((row, read, scope)) = found else { return Ok(None) };
        Ok(Some(Session {
            id: SessionId(row.id),
            account: read.account()?,
            scope,
            created_at: Time(row.created_at),
            seen_at: Time(row.seen_at),
            expires_at: Time(row.expires_at),
        }))
    }

    /// Notes that a session was used now.
    ///
    /// # Errors
    /// The database's.
    pub async fn touch_session(&self, token: &BearerToken) -> Result<()> {
        let values = vec![token.org.0.into(), token.hash().into(), self.now().0.into()];
        self.run(token.org, &TOUCH, values).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_session(&self, token: &BearerToken) -> Result<()> {
        let values = vec![token.org.0.into(), token.hash().into()];
        self.run(token.org, &DELETE, values).await
    }

    /// Ends a session for somebody who logs out.
    ///
    /// # Errors
    /// The database's.
    pub async fn log_out(&self, token: &BearerToken, session: &Session) -> Result<()> {
        let org = token.org.0;
        let subject = session.id.to_string();
        let by = Giver::Person(session.account.id);
        let trail = Trail::one(self, by, act::LOGGED_OUT, (&subject, "")).packed();
        let input = (token.hash(), trail);
        self.db
            .write_with(Lane::Short, Some(org), input, move |conn, (hash, trail)| {
                Box::pin(async move {
                    conn.execute(&DELETE, &[org.into(), hash.into()]).await?;
                    audit::write(conn, org, trail).await
                })
            })
            .await?;
        Ok(())
    }

    /// The sessions of a person, the newest first; `this` is the one that asks.
    ///
    /// # Errors
    /// The database's.
    pub async fn sessions(
        &self,
        org: OrgId,
        account: AccountId,
        this: Option<&BearerToken>,
    ) -> Result<Vec<SessionEntry>> {
        let rows: Vec<EntryRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&LIST, &[org.0.into(), account.0.into()]).await })
            })
            .await?;
        let (this, now) = (this.map(BearerToken::hash), self.now());
        let entry = |row: EntryRow| SessionEntry {
            id: SessionId(row.id),
            this: this.as_ref() == Some(&row.token_hash),
            created_at: Time(row.created_at),
            seen_at: Time(row.seen_at),
            expires_at: Time(row.expires_at),
            agent: row.agent,
            address: row.address,
        };
        let live = rows.into_iter().filter(|row| row.expires_at > now.0);
        Ok(live.map(entry).collect())
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// The database's, or that there is no such session of theirs.
    pub async fn end_session(
        &self,
        org: OrgId,
        account: AccountId,
        session: SessionId,
        by: Giver,
    ) -> Result<()> {
        let (subject, told) = (account.to_string(), session.to_string());
        let trail = Trail::one(self, by, act::SESSIONS_ENDED, (&subject, &told)).packed();
        let ended = self
            .db
            .write_with(Lane::Short, Some(org.0), trail, move |conn, trail| {
                Box::pin(async move {
                    let values = [org.0.into(), account.0.into(), session.0.into()];
                    let ended = conn.execute(&DELETE_ONE, &values).await?;
                    if ended > 0 {
                        audit::write(conn, org.0, trail).await?;
                    }
                    Ok(ended)
                })
            })
            .await?;
        if ended == 0 { Err(Error::NotFound("session")) } else { Ok(()) }
    }

    /// Ends the sessions of a person, but `keep` if that is given.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_sessions(
        &self,
        org: OrgId,
        account: AccountId,
        by: Giver,
        keep: Option<&BearerToken>,
    ) -> Result<u64> {
        let subject = account.to_string();
        let told = if keep.is_some() { "all but this" } else { "all" };
        let trail = Trail::one(self, by, act::SESSIONS_ENDED, (&subject, told)).packed();
        let input = (keep.map(BearerToken::hash).unwrap_or_default(), trail);
        let ended = self
            .db
            .write_with(Lane::Short, Some(org.0), input, move |conn, (keep, trail)| {
                Box::pin(async move {
                    let ended = end_all(conn, org.0, account.0, keep).await?;
                    audit::write(conn, org.0, trail).await?;
                    Ok(ended)
                })
            })
            .await?;
        Ok(ended)
    }
}
