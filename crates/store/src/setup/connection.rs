//! Connections: what was entered for them, sealed, and where their webhooks come to.

use dermaga_domain::id::{ConnectionId, OrgId};
use dermaga_domain::time::Time;

use super::Secret;
use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;
use crate::vault::Place;

static INSERT_CONNECTION: Statement = Statement::org(
    "setup.insert_connection",
    "INSERT INTO connection (org_id, id, channel, name, credentials, webhook_route, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

static UPDATE_CREDENTIALS: Statement = Statement::org(
    "setup.update_credentials",
    "UPDATE connection SET credentials = $3, token = NULL, token_expires_at = NULL, renewable_until = NULL,
        trouble = NULL, webhooks_at = NULL
     WHERE org_id = $1 AND id = $2",
);

static INSERT_WEBHOOK_ROUTE: Statement = Statement::directory(
    "setup.insert_webhook_route",
    "INSERT INTO webhook_route (route, channel, org, connection_id) VALUES ($1, $2, $3, $4)",
);

static FIND_WEBHOOK_ROUTE: Statement = Statement::directory(
    "setup.find_webhook_route",
    "SELECT channel, org, connection_id FROM webhook_route WHERE route = $1",
);

static LIST_CONNECTIONS: Statement = Statement::org(
    "setup.list_connections",
    "SELECT id, channel, name, credentials, webhook_route, webhooks_at, token, token_expires_at,
            renewable_until, trouble, trouble_at
     FROM connection WHERE org_id = $1 AND id >= $2 AND id <= $3 ORDER BY id",
);

static SET_TOKEN: Statement = Statement::org(
    "setup.set_token",
    "UPDATE connection SET token = $3, token_expires_at = $4, renewable_until = $5, trouble = NULL,
        trouble_at = NULL
     WHERE org_id = $1 AND id = $2",
);

static SET_TROUBLE: Statement = Statement::org(
    "setup.set_trouble",
    "UPDATE connection SET trouble = $3, trouble_at = $4
     WHERE org_id = $1 AND id = $2 AND COALESCE(trouble, '') <> COALESCE($3, '')",
);

static SET_WEBHOOKS_AT: Statement = Statement::org(
    "setup.set_webhooks_at",
    "UPDATE connection SET webhooks_at = $3 WHERE org_id = $1 AND id = $2",
);

statements![
    INSERT_CONNECTION,
    UPDATE_CREDENTIALS,
    INSERT_WEBHOOK_ROUTE,
    FIND_WEBHOOK_ROUTE,
    LIST_CONNECTIONS,
    SET_TOKEN,
    SET_TROUBLE,
    SET_WEBHOOKS_AT
];

/// A connection to be made.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The channel.
    pub channel: String,
    /// What people call it.
    pub name: String,
    /// What was entered, as JSON text; sealed before it is stored.
    pub credentials: String,
    /// The unguessable part of the address that its webhooks come to.
    pub webhook_route: String,
    /// What the channel gave for it.
    pub token: Option<KeptToken>,
}

/// What a connection speaks with.
#[derive(Debug, Clone)]
pub struct KeptToken {
    /// The tokens, as JSON text; sealed before they are stored.
    pub text: Secret,
    /// When the first of them ends.
    pub expires_at: Time,
    /// When they can no longer be renewed; none = never, or not known.
    pub renewable_until: Option<Time>,
}

/// A connection, its secrets opened.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The channel.
    pub channel: String,
    /// What people call it.
    pub name: String,
    /// What was entered, as JSON text.
    pub credentials: Secret,
    /// The unguessable part of its webhooks' address.
    pub webhook_route: String,
    /// When its webhooks were registered.
    pub webhooks_at: Option<Time>,
    /// The token, as JSON text.
    pub token: Option<Secret>,
    /// When the token ends; the first that does, where each shop has its own.
    pub token_expires_at: Option<Time>,
    /// When it can no longer be renewed, so that the seller must consent anew; none = never, or not
    /// known.
    pub renewable_until: Option<Time>,
    /// Why it does not work, by the code of its page.
    pub trouble: Option<String>,
    /// Since when.
    pub trouble_at: Option<Time>,
}

/// Where a webhook belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRoute {
    /// The channel.
    pub channel: String,
    /// The org.
    pub org: OrgId,
    /// The connection.
    pub connection: ConnectionId,
}

#[derive(sqlx::FromRow)]
struct ConnectionRow {
    id: i64,
    channel: String,
    name: String,
    credentials: Vec<u8>,
    webhook_route: String,
    webhooks_at: Option<i64>,
    token: Option<Vec<u8>>,
    token_expires_at: Option<i64>,
    renewable_until: Option<i64>,
    trouble: Option<String>,
    trouble_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RouteRow {
    channel: String,
    org: i64,
    connection_id: i64,
}

impl Store {
    /// Makes a connection; its credentials and its token are sealed.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_connection(&self, org: OrgId, new: NewConnection) -> Result<ConnectionId> {
        let (id, now) = (self.next_id(), self.now());
        let row = id.to_string();
        let place = secret_place(org, &row, "credentials");
        let sealed = self.seal(&place, new.credentials.as_bytes()).await?;
        let token = self.token_values(org, ConnectionId(id), new.token.as_ref()).await?;
        let work = (new, sealed, token);
        self.db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (new, sealed, token)| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        id.into(),
                        new.channel.as_str().into(),
                        new.name.as_str().into(),
                        sealed.clone().into(),
                        new.webhook_route.as_str().into(),
                        now.0.into(),
                    ];
                    conn.execute(&INSERT_CONNECTION, &values).await?;
                    let values = [
                        new.webhook_route.as_str().into(),
                        new.channel.as_str().into(),
                        org.0.into(),
                        id.into(),
                    ];
                    conn.execute(&INSERT_WEBHOOK_ROUTE, &values).await?;
                    set_token(conn, token).await
                })
            })
            .await?;
        Ok(ConnectionId(id))
    }

    /// Replaces what was entered for a connection, and its token by what the channel gave for it, all or
    /// nothing; its trouble is forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_credentials(
        &self,
        org: OrgId,
        id: ConnectionId,
        (credentials, token): (&Secret, Option<&KeptToken>),
        by: Giver,
    ) -> Result<()> {
        let row = id.0.to_string();
        let place = secret_place(org, &row, "credentials");
        let sealed = self.seal(&place, credentials.0.as_bytes()).await?;
        let token = self.token_values(org, id, token).await?;
        let said =
            Trail::one(self, by, "connection.credentials", (&id.to_string(), "replaced")).packed();
        let work = (sealed, token, said);
        self.db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (sealed, token, said)| {
                Box::pin(async move {
                    let values = [org.0.into(), id.0.into(), sealed.clone().into()];
                    conn.execute(&UPDATE_CREDENTIALS, &values).await?;
                    set_token(conn, token).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        Ok(())
    }

    /// The connections of an org, or one of them.
    ///
    /// # Errors
    /// The database's, or a secret that cannot be opened.
    pub async fn connections(
        &self,
        org: OrgId,
        only: Option<ConnectionId>,
    ) -> Result<Vec<Connection>> {
        let (from, to) = only.map_or((i64::MIN, i64::MAX), |id| (id.0, id.0));
        let rows: Vec<ConnectionRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_CONNECTIONS, &[org.0.into(), from.into(), to.into()]).await
                })
            })
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let key = row.id.to_string();
            let token = match &row.token {
                Some(sealed) => {
                    let place = secret_place(org, &key, "token");
                    Some(self.open_text(&place, sealed, row.id).await?)
                }
                None => None,
            };
            let place = secret_place(org, &key, "credentials");
            found.push(Connection {
                id: ConnectionId(row.id),
                credentials: self.open_text(&place, &row.credentials, row.id).await?,
                channel: row.channel,
                name: row.name,
                webhook_route: row.webhook_route,
                webhooks_at: row.webhooks_at.map(Time),
                token,
                token_expires_at: row.token_expires_at.map(Time),
                renewable_until: row.renewable_until.map(Time),
                trouble: row.trouble,
                trouble_at: row.trouble_at.map(Time),
            });
        }
        Ok(found)
    }

    /// Keeps renewed tokens, sealed; the connection's trouble is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_token(&self, org: OrgId, id: ConnectionId, token: &KeptToken) -> Result<()> {
        let values = self.token_values(org, id, Some(token)).await?;
        self.run(org, &SET_TOKEN, values).await
    }

    /// What [`SET_TOKEN`] is told; nothing for no token.
    async fn token_values(
        &self,
        org: OrgId,
        id: ConnectionId,
        token: Option<&KeptToken>,
    ) -> Result<Vec<Value>> {
        let Some(token) = token else { return Ok(Vec::new()) };
        let row = id.0.to_string();
        let sealed = self.seal(&secret_place(org, &row, "token"), token.text.0.as_bytes()).await?;
        let until = token.renewable_until.map(|at| at.0);
        Ok(vec![org.0.into(), id.0.into(), sealed.into(), token.expires_at.0.into(), until.into()])
    }

    /// Notes why a connection does not work, by the code of its page; none = it works again.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_trouble(
        &self,
        org: OrgId,
        id: ConnectionId,
        code: Option<&str>,
    ) -> Result<()> {
        let since = code.map(|_| self.now().0);
        let values = vec![org.0.into(), id.0.into(), code.into(), since.into()];
        self.run(org, &SET_TROUBLE, values).await
    }

    /// Notes that a connection's webhooks are registered.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_webhooks_at(&self, org: OrgId, id: ConnectionId, at: Time) -> Result<()> {
        let values = vec![org.0.into(), id.0.into(), at.0.into()];
        self.run(org, &SET_WEBHOOKS_AT, values).await
    }

    /// Finds where a webhook belongs by the unguessable part of its address.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_webhook_route(&self, route: &str) -> Result<Option<WebhookRoute>> {
        let found: Option<RouteRow> = self
            .db
            .read_with(None, route.to_owned(), |conn, route| {
                Box::pin(async move {
                    conn.optional(&FIND_WEBHOOK_ROUTE, &[route.as_str().into()]).await
                })
            })
            .await?;
        Ok(found.map(|row| WebhookRoute {
            channel: row.channel,
            org: OrgId(row.org),
            connection: ConnectionId(row.connection_id),
        }))
    }
}

pub(super) fn secret_place<'a>(org: OrgId, row: &'a str, column: &'a str) -> Place<'a> {
    Place { org, table: "connection", row, column }
}

/// Keeps the token, if there is one.
async fn set_token(conn: &mut Conn, values: &[Value]) -> db::Result<()> {
    if !values.is_empty() {
        conn.execute(&SET_TOKEN, values).await?;
    }
    Ok(())
}
