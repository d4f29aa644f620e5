//! Sellers that are being asked at a channel's page: what waits for their answer.

use dermaga_domain::id::{ConnectionId, OrgId, SessionId};
use dermaga_domain::time::{Span, Time};

use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{Lane, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::setup::Secret;
use crate::vault::Place;

static INSERT: Statement = Statement::org(
    "consent.insert",
    "INSERT INTO consent (org_id, state_hash, session_id, connection_id, channel, name, credentials,
        expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

static FIND: Statement = Statement::org(
    "consent.find",
    "SELECT session_id, connection_id, channel, name, credentials, expires_at FROM consent
     WHERE org_id = $1 AND state_hash = $2",
);

static DELETE: Statement =
    Statement::org("consent.delete", "DELETE FROM consent WHERE org_id = $1 AND state_hash = $2");

static DELETE_EXPIRED: Statement = Statement::org(
    "consent.delete_expired",
    "DELETE FROM consent WHERE org_id = $1 AND expires_at < $2",
);

statements![INSERT, FIND, DELETE, DELETE_EXPIRED];

/// How long a seller may take: the channels' own pages give some minutes.
const GOOD_FOR: Span = Span::minutes(30);

/// What a seller is asked about.
#[derive(Debug, Clone)]
pub struct AskedConsent {
    /// The session that asks: the answer is taken there only.
    pub session: SessionId,
    /// The connection that is to work again; none = a new one.
    pub connection: Option<ConnectionId>,
    /// The channel.
    pub channel: String,
    /// What people are to call the connection.
    pub name: String,
    /// What was entered, as JSON text; sealed before it is stored.
    pub credentials: Secret,
}

#[derive(sqlx::FromRow)]
struct ConsentRow {
    session_id: i64,
    connection_id: Option<i64>,
    channel: String,
    name: String,
    credentials: Vec<u8>,
    expires_at: i64,
}

const fn place(org: OrgId, state_hash: &str) -> Place<'_> {
    Place { org, table: "consent", row: state_hash, column: "credentials" }
}

impl Store {
    /// Keeps what a seller is asked about until the browser comes back with the state of this hash. What
    /// was asked too long ago is forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_consent(
        &self,
        org: OrgId,
        state_hash: &str,
        asked: &AskedConsent,
    ) -> Result<()> {
        let now = self.now();
        let sealed = self.seal(&place(org, state_hash), asked.credentials.0.as_bytes()).await?;
        let values = vec![
            org.0.into(),
            state_hash.into(),
            asked.session.0.into(),
            asked.connection.map(|id| id.0).into(),
            asked.channel.as_str().into(),
            asked.name.as_str().into(),
            sealed.into(),
            now.plus(GOOD_FOR).0.into(),
        ];
        self.db
            .write_with(Lane::Short, Some(org.0), values, move |conn, values| {
                Box::pin(async move {
                    conn.execute(&DELETE_EXPIRED, &[org.0.into(), now.0.into()]).await?;
                    conn.execute(&INSERT, values).await
                })
            })
            .await?;
        Ok(())
    }

    /// Takes what waits for a state, once; none when there is none, when it came too late, and when
    /// another session asked. It is gone in each case.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_consent(
        &self,
        org: OrgId,
        session: SessionId,
        state_hash: &str,
    ) -> Result<Option<AskedConsent>> {
        let row = self
            .db
            .write_with(Lane::Short, Some(org.0), state_hash.to_owned(), move |conn, hash| {
                Box::pin(async move {
                    let key = [org.0.into(), hash.as_str().into()];
                    let row: Option<ConsentRow> = conn.optional(&FIND, &key).await?;
                    let taken = conn.execute(&DELETE, &key).await? > 0;
                    Ok(row.filter(|_| taken))
                })
            })
            .await?;
        let now = self.now();
        let ours = |row: &ConsentRow| row.session_id == session.0 && Time(row.expires_at) > now;
        let Some(row) = row.filter(ours) else { return Ok(None) };
        Ok(Some(AskedConsent {
            session,
            connection: row.connection_id.map(ConnectionId),
            channel: row.channel,
            name: row.name,
            credentials: self.open_text(&place(org, state_hash), &row.credentials, 0).await?,
        }))
    }

    /// Writes down that a seller consented.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_consent(&self, org: OrgId, id: ConnectionId, by: Giver) -> Result<()> {
        let said = Trail::one(self, by, act::CONSENTED, (&id.to_string(), "")).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), said, move |conn, said| {
                Box::pin(async move { audit::write(conn, org.0, said).await })
            })
            .await?;
        Ok(())
    }
}
