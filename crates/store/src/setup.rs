//! Setting up: orgs, warehouses, connections, shops and the versions of their flows.

use dermaga_domain::id::{AccountId, ConnectionId, FlowVersionId, OrgId, ShopId, WarehouseId};
use dermaga_domain::time::Time;

use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;
use crate::vault::Place;

static INSERT_ORG: Statement = Statement::directory(
    "setup.insert_org",
    "INSERT INTO org (id, name, created_at) VALUES ($1, $2, $3)",
);

static INSERT_COUNTER: Statement =
    Statement::org("setup.insert_counter", "INSERT INTO counter (org_id, feed) VALUES ($1, 0)");

static INSERT_WAREHOUSE: Statement = Statement::org(
    "setup.insert_warehouse",
    "INSERT INTO warehouse (org_id, id, name, created_at) VALUES ($1, $2, $3, $4)",
);

static LIST_WAREHOUSES: Statement = Statement::org(
    "setup.list_warehouses",
    "SELECT id, name FROM warehouse WHERE org_id = $1 AND name >= '' ORDER BY name",
);

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

static INSERT_FLOW_VERSION: Statement = Statement::org(
    "setup.insert_flow_version",
    "INSERT INTO flow_version (org_id, id, channel, shop_id, preset, body, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

static FIND_FLOW_VERSION: Statement = Statement::org(
    "setup.find_flow_version",
    "SELECT id, channel, shop_id, preset, body, created_at FROM flow_version
     WHERE org_id = $1 AND id = $2",
);

static FOLLOW_FLOW: Statement = Statement::org(
    "setup.follow_flow",
    "UPDATE shop SET flow_version_id = $3 WHERE org_id = $1 AND id = $2 AND flow_version_id = $4",
);

static INSERT_SHOP: Statement = Statement::org(
    "setup.insert_shop",
    "INSERT INTO shop (org_id, id, connection_id, channel, channel_shop_id, name, zone,
        flow_version_id, order_sync, order_sync_from, return_sync_from, number_by_invoice, paused,
        created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE, $13)",
);

static INSERT_SHOP_ROUTE: Statement = Statement::directory(
    "setup.insert_shop_route",
    "INSERT INTO shop_route (channel, channel_shop_id, org, connection_id, shop_id)
     VALUES ($1, $2, $3, $4, $5)",
);

static INSERT_SOURCE: Statement = Statement::org(
    "setup.insert_source",
    "INSERT INTO shop_source (org_id, shop_id, position, warehouse_id, channel_warehouse)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (org_id, shop_id, position) DO UPDATE SET warehouse_id = excluded.warehouse_id,
        channel_warehouse = excluded.channel_warehouse",
);

static UPDATE_SHOP: Statement = Statement::org(
    "setup.update_shop",
    "UPDATE shop SET name = $3, zone = $4, flow_version_id = $5, order_sync = $6,
        order_sync_from = $7, return_sync_from = $8, number_by_invoice = $9, paused = $10
     WHERE org_id = $1 AND id = $2",
);

static DISCONNECT: Statement = Statement::org(
    "setup.disconnect",
    "UPDATE shop SET order_sync = FALSE, push = FALSE, paused = TRUE, disconnected_at = $3
     WHERE org_id = $1 AND id = $2 AND disconnected_at IS NULL",
);

static RECONNECT: Statement = Statement::org(
    "setup.reconnect",
    "UPDATE shop SET connection_id = $3, name = $4, zone = $5, order_sync = $6,
        order_sync_from = $7, return_sync_from = $8, number_by_invoice = $9, paused = FALSE,
        disconnected_at = NULL
     WHERE org_id = $1 AND id = $2",
);

static PAUSE_TASKS: Statement = Statement::org(
    "setup.pause_tasks",
    "UPDATE task SET paused = $3 WHERE org_id = $1 AND shop_id = $2",
);

static DELETE_SHOP_ROUTE: Statement = Statement::directory(
    "setup.delete_shop_route",
    "DELETE FROM shop_route WHERE channel = $1 AND channel_shop_id = $2 AND org = $3",
);

/// Credentials and token of a connection that no shop is reached through any more.
static PURGE_CREDENTIALS: Statement = Statement::org(
    "setup.purge_credentials",
    "UPDATE connection SET credentials = $3, token = NULL, token_expires_at = NULL,
        renewable_until = NULL, trouble = NULL, trouble_at = NULL, webhooks_at = NULL
     WHERE org_id = $1 AND id = $2 AND NOT EXISTS (
        SELECT 1 FROM shop s WHERE s.org_id = $1 AND s.id > 0 AND s.connection_id = $2
            AND s.disconnected_at IS NULL)",
);

static DELETE_WEBHOOK_ROUTE: Statement = Statement::directory(
    "setup.delete_webhook_route",
    "DELETE FROM webhook_route WHERE route = $1 AND org = $2",
);

static DELETE_SOURCES: Statement = Statement::org(
    "setup.delete_sources",
    "DELETE FROM shop_source WHERE org_id = $1 AND shop_id = $2",
);

static LIST_SOURCES: Statement = Statement::org(
    "setup.list_sources",
    "SELECT ss.warehouse_id, ss.channel_warehouse, w.name FROM shop_source ss
     {join} warehouse w ON w.org_id = $1 AND w.id = ss.warehouse_id
     WHERE ss.org_id = $1 AND ss.shop_id = $2 ORDER BY ss.position",
);

static LIST_SHOPS: Statement = Statement::org(
    "setup.list_shops",
    "SELECT id, connection_id, channel, channel_shop_id, name, zone, flow_version_id, order_sync,
            order_sync_from, return_sync_from, number_by_invoice, paused, push, created_at,
            disconnected_at
     FROM shop WHERE org_id = $1 AND id >= $2 AND id <= $3 ORDER BY id",
);

statements![
    INSERT_ORG,
    INSERT_COUNTER,
    INSERT_WAREHOUSE,
    LIST_WAREHOUSES,
    INSERT_CONNECTION,
    UPDATE_CREDENTIALS,
    INSERT_WEBHOOK_ROUTE,
    FIND_WEBHOOK_ROUTE,
    LIST_CONNECTIONS,
    SET_TOKEN,
    SET_TROUBLE,
    SET_WEBHOOKS_AT,
    INSERT_FLOW_VERSION,
    FIND_FLOW_VERSION,
    FOLLOW_FLOW,
    INSERT_SHOP,
    INSERT_SHOP_ROUTE,
    INSERT_SOURCE,
    UPDATE_SHOP,
    DISCONNECT,
    RECONNECT,
    PAUSE_TASKS,
    DELETE_SHOP_ROUTE,
    PURGE_CREDENTIALS,
    DELETE_WEBHOOK_ROUTE,
    DELETE_SOURCES,
    LIST_SOURCES,
    LIST_SHOPS,
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

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A shop to be added.
#[derive(Debug, Clone)]
pub struct NewShop {
    /// The connection it is reached through.
    pub connection: ConnectionId,
    /// The channel.
    pub channel: String,
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// What people call it.
    pub name: String,
    /// Its time zone, as in `Asia/Jakarta`.
    pub zone: String,
    /// The flow it begins with.
    pub flow: NewFlowVersion,
    /// Whether orders are taken.
    pub order_sync: bool,
    /// From when orders are pulled.
    pub order_sync_from: Option<Time>,
    /// From when returns are pulled.
    pub return_sync_from: Option<Time>,
    /// Whether the channel's invoice number is shown and searched first.
    pub number_by_invoice: bool,
    /// Where its orders take stock from, with the channel's name of each warehouse.
    pub sources: Vec<(WarehouseId, Option<String>)>,
}

/// A version of a flow to be kept.
#[derive(Debug, Clone)]
pub struct NewFlowVersion {
    /// The channel.
    pub channel: String,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<String>,
    /// The flow's text.
    pub body: String,
    /// Who made it.
    pub by: Option<AccountId>,
}

/// A kept version of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowVersion {
    /// Its id.
    pub id: FlowVersionId,
    /// The channel.
    pub channel: String,
    /// The shop it was made for.
    pub shop: Option<ShopId>,
    /// The preset it is, if it is one unchanged.
    pub preset: Option<String>,
    /// The flow's text.
    pub body: String,
    /// When it was made.
    pub created_at: Time,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// The connection it is reached through.
    pub connection: ConnectionId,
    /// The channel.
    pub channel: String,
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// What people call it.
    pub name: String,
    /// Its time zone.
    pub zone: String,
    /// The flow that new orders are judged by.
    pub flow_version: FlowVersionId,
    /// Whether orders are taken.
    pub order_sync: bool,
    /// From when orders are pulled.
    pub order_sync_from: Option<Time>,
    /// From when returns are pulled.
    pub return_sync_from: Option<Time>,
    /// Whether the channel's invoice number is shown and searched first.
    pub number_by_invoice: bool,
    /// Everything of it stands still.
    pub paused: bool,
    /// The channel is told what is left.
    pub push: bool,
    /// When it was connected.
    pub created_at: Time,
    /// When it was disconnected: its credentials are gone, its documents stay.
    pub disconnected_at: Option<Time>,
}

/// A warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Its name.
    pub name: String,
}

/// Where a shop's orders take stock from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name.
    pub name: String,
    /// The channel's name of it.
    pub channel_warehouse: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    warehouse_id: i64,
    channel_warehouse: Option<String>,
    name: String,
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
struct ShopRow {
    id: i64,
    connection_id: i64,
    channel: String,
    channel_shop_id: String,
    name: String,
    zone: String,
    flow_version_id: i64,
    order_sync: bool,
    order_sync_from: Option<i64>,
    return_sync_from: Option<i64>,
    number_by_invoice: bool,
    paused: bool,
    push: bool,
    created_at: i64,
    disconnected_at: Option<i64>,
}

impl From<ShopRow> for Shop {
    fn from(row: ShopRow) -> Self {
        Self {
            id: ShopId(row.id),
            connection: ConnectionId(row.connection_id),
            channel: row.channel,
            channel_shop_id: row.channel_shop_id,
            name: row.name,
            zone: row.zone,
            flow_version: FlowVersionId(row.flow_version_id),
            order_sync: row.order_sync,
            order_sync_from: row.order_sync_from.map(Time),
            return_sync_from: row.return_sync_from.map(Time),
            number_by_invoice: row.number_by_invoice,
            paused: row.paused,
            push: row.push,
            created_at: Time(row.created_at),
            disconnected_at: row.disconnected_at.map(Time),
        }
    }
}

#[derive(sqlx::FromRow)]
struct FlowVersionRow {
    id: i64,
    channel: String,
    shop_id: Option<i64>,
    preset: Option<String>,
    body: String,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct WarehouseRow {
    id: i64,
    name: String,
}

#[derive(sqlx::FromRow)]
struct RouteRow {
    channel: String,
    org: i64,
    connection_id: i64,
}

fn secret_place<'a>(org: OrgId, row: &'a str, column: &'a str) -> Place<'a> {
    Place { org, table: "connection", row, column }
}

impl Store {
    /// Makes an org, with its counter.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_org(&self, name: &str) -> Result<OrgId> {
        let id = self.next_id();
        let (name, now) = (name.to_owned(), self.now());
        self.db
            .write_with(Lane::Short, Some(id), name, move |conn, name| {
                Box::pin(async move {
                    let values = [id.into(), name.as_str().into(), now.0.into()];
                    conn.execute(&INSERT_ORG, &values).await?;
                    conn.execute(&INSERT_COUNTER, &[id.into()]).await
                })
            })
            .await?;
        Ok(OrgId(id))
    }

    /// Adds a warehouse.
    ///
    /// # Errors
    /// The database's; a name that is taken is a conflict.
    pub async fn create_warehouse(&self, org: OrgId, name: &str) -> Result<WarehouseId> {
        let id = self.next_id();
        let (name, now) = (name.to_owned(), self.now());
        self.db
            .write_with(Lane::Short, Some(org.0), name, move |conn, name| {
                Box::pin(async move {
                    let values = [org.0.into(), id.into(), name.as_str().into(), now.0.into()];
                    conn.execute(&INSERT_WAREHOUSE, &values).await
                })
            })
            .await?;
        Ok(WarehouseId(id))
    }

    /// The warehouses, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn warehouses(&self, org: OrgId) -> Result<Vec<Warehouse>> {
        let rows: Vec<WarehouseRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move { conn.all(&LIST_WAREHOUSES, &[org.0.into()]).await })
            })
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Warehouse { id: WarehouseId(row.id), name: row.name })
            .collect())
    }

    /// Makes a connection; its credentials are sealed.
    ///
    /// # Errors
    /// The database's.
    pub async fn create_connection(&self, org: OrgId, new: NewConnection) -> Result<ConnectionId> {
        let now = self.now();
        self.vault.prepare(&self.db, org, now).await?;
        let id = self.next_id();
        let row = id.to_string();
        let place = secret_place(org, &row, "credentials");
        let sealed = self.vault.seal(&place, now, new.credentials.as_bytes())?;
        self.db
            .write_with(Lane::Short, Some(org.0), (new, sealed), move |conn, (new, sealed)| {
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
                    conn.execute(&INSERT_WEBHOOK_ROUTE, &values).await
                })
            })
            .await?;
        Ok(ConnectionId(id))
    }

    /// Replaces what was entered for a connection: its token and its trouble are forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_credentials(
        &self,
        org: OrgId,
        id: ConnectionId,
        credentials: &Secret,
        by: Giver,
    ) -> Result<()> {
        let row = id.0.to_string();
        let place = secret_place(org, &row, "credentials");
        let sealed = self.seal(&place, credentials.0.as_bytes()).await?;
        let said =
            Trail::one(self, by, "connection.credentials", (&id.to_string(), "replaced")).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (sealed, said), move |conn, (sealed, said)| {
                Box::pin(async move {
                    let values = [org.0.into(), id.0.into(), sealed.clone().into()];
                    conn.execute(&UPDATE_CREDENTIALS, &values).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        Ok(())
    }

    /// Seals with this month's key, made if need be.
    pub(crate) async fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let now = self.now();
        self.vault.prepare(&self.db, place.org, now).await?;
        self.vault.seal(place, now, plain)
    }

    /// Runs one statement of an org in the short lane.
    pub(crate) async fn run(
        &self,
        org: OrgId,
        statement: &'static Statement,
        values: Vec<crate::db::Value>,
    ) -> Result<()> {
        self.db
            .write_with(Lane::Short, Some(org.0), values, move |conn, values| {
                Box::pin(async move { conn.execute(statement, values).await })
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

    pub(crate) async fn open_text(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
        row: i64,
    ) -> Result<Secret> {
        let plain = self.vault.open(&self.db, place, sealed).await?;
        String::from_utf8(plain)
            .map(Secret)
            .map_err(|_| Error::inconsistent("connection", "credentials", row))
    }

    /// Keeps tokens, sealed, with when the first of them ends and when it can no longer be renewed; the
    /// connection's trouble is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_token(
        &self,
        org: OrgId,
        id: ConnectionId,
        token: &Secret,
        (expires_at, renewable_until): (Time, Option<Time>),
    ) -> Result<()> {
        let row = id.0.to_string();
        let place = secret_place(org, &row, "token");
        let sealed = self.seal(&place, token.0.as_bytes()).await?;
        let until = renewable_until.map(|at| at.0);
        let values =
            vec![org.0.into(), id.0.into(), sealed.into(), expires_at.0.into(), until.into()];
        self.run(org, &SET_TOKEN, values).await
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

    /// Adds a shop with the first version of its flow and its sources.
    ///
    /// # Errors
    /// The database's; a shop that is connected already, here or in another org, is a conflict.
    pub async fn create_shop(&self, org: OrgId, new: NewShop) -> Result<ShopId> {
        self.create_shop_by(org, new, Giver::Machine).await
    }

    /// As [`Self::create_shop`], with who connects it.
    ///
    /// # Errors
    /// As [`Self::create_shop`].
    pub async fn create_shop_by(&self, org: OrgId, new: NewShop, by: Giver) -> Result<ShopId> {
        let (shop, version, now) = (ShopId(self.next_id()), self.next_id(), self.now());
        let said = Trail::one(self, by, "shop.connect", (&shop.to_string(), &new.name)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (new, said), move |conn, (new, said)| {
                Box::pin(async move {
                    insert_shop(conn, org, shop, version, now, new).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(shop)
    }

    /// The shops of an org, or one of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn shops(&self, org: OrgId, only: Option<ShopId>) -> Result<Vec<Shop>> {
        let (from, to) = only.map_or((i64::MIN, i64::MAX), |id| (id.0, id.0));
        let rows: Vec<ShopRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_SHOPS, &[org.0.into(), from.into(), to.into()]).await
                })
            })
            .await?;
        Ok(rows.into_iter().map(Shop::from).collect())
    }

    /// Changes a shop's settings; `what` says in the trail what is otherwise.
    ///
    /// # Errors
    /// The database's.
    pub async fn update_shop(
        &self,
        org: OrgId,
        shop: &Shop,
        (by, what): (Giver, &str),
    ) -> Result<()> {
        let values = vec![
            org.0.into(),
            shop.id.0.into(),
            shop.name.as_str().into(),
            shop.zone.as_str().into(),
            shop.flow_version.0.into(),
            shop.order_sync.into(),
            shop.order_sync_from.map(|at| at.0).into(),
            shop.return_sync_from.map(|at| at.0).into(),
            shop.number_by_invoice.into(),
            shop.paused.into(),
        ];
        let said = Trail::one(self, by, "shop.change", (&shop.id.to_string(), what)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (values, said), move |conn, (values, said)| {
                Box::pin(async move {
                    conn.execute(&UPDATE_SHOP, values).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Where a shop's orders take stock from, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn sources(&self, org: OrgId, shop: ShopId) -> Result<Vec<Source>> {
        let rows: Vec<SourceRow> =
            self.all(org, &LIST_SOURCES, vec![org.0.into(), shop.0.into()]).await?;
        let source = |row: SourceRow| Source {
            warehouse: WarehouseId(row.warehouse_id),
            name: row.name,
            channel_warehouse: row.channel_warehouse,
        };
        Ok(rows.into_iter().map(source).collect())
    }

    /// Sets where a shop's orders take stock from, the first first; orders that hold stock keep it.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_sources(
        &self,
        org: OrgId,
        shop: ShopId,
        sources: &[(WarehouseId, Option<String>)],
        by: Giver,
    ) -> Result<()> {
        let names: Vec<String> = sources.iter().map(|(id, _)| id.to_string()).collect();
        let detail = format!("sources {}", names.join(" "));
        let said = Trail::one(self, by, "shop.sources", (&shop.to_string(), &detail)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (sources.to_vec(), said), move |conn, work| {
                Box::pin(async move {
                    let (sources, said) = work;
                    conn.execute(&DELETE_SOURCES, &[org.0.into(), shop.0.into()]).await?;
                    insert_sources(conn, org, shop, sources).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        Ok(())
    }

    /// Disconnects a shop: nothing of it is asked or heard any more, and if no other shop is reached
    /// through its connection, what was entered for that is overwritten. Its documents stay.
    ///
    /// # Errors
    /// The database's.
    pub async fn disconnect_shop(&self, org: OrgId, shop: &Shop, by: Giver) -> Result<()> {
        let connection = shop.connection;
        let row = connection.0.to_string();
        let nothing = self.seal(&secret_place(org, &row, "credentials"), b"{}").await?;
        let found = self.connections(org, Some(connection)).await?;
        let route = found.into_iter().next().map(|found| found.webhook_route).unwrap_or_default();
        let said =
            Trail::one(self, by, "shop.disconnect", (&shop.id.to_string(), &shop.name)).packed();
        let (work, now) = ((shop.clone(), nothing, said, route), self.now());
        self.db
            .write_with(Lane::Short, Some(org.0), work, move |conn, work| {
                let (shop, nothing, said, heard_at) = work;
                Box::pin(async move {
                    let key = [org.0.into(), shop.id.0.into()];
                    let [org_id, shop_id] = key.clone();
                    conn.execute(&DISCONNECT, &[org_id, shop_id, now.0.into()]).await?;
                    let [org_id, shop_id] = key;
                    conn.execute(&PAUSE_TASKS, &[org_id, shop_id, true.into()]).await?;
                    let route = [
                        shop.channel.as_str().into(),
                        shop.channel_shop_id.as_str().into(),
                        org.0.into(),
                    ];
                    conn.execute(&DELETE_SHOP_ROUTE, &route).await?;
                    let values = [org.0.into(), connection.0.into(), nothing.clone().into()];
                    if conn.execute(&PURGE_CREDENTIALS, &values).await? > 0 {
                        let values = [heard_at.as_str().into(), org.0.into()];
                        conn.execute(&DELETE_WEBHOOK_ROUTE, &values).await?;
                    }
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Connects a shop again that was disconnected: its orders and its flow go on as they are.
    ///
    /// # Errors
    /// The database's; a shop that is connected elsewhere is a conflict.
    pub async fn reconnect_shop(
        &self,
        org: OrgId,
        shop: ShopId,
        new: NewShop,
        by: Giver,
    ) -> Result<()> {
        let said = Trail::one(self, by, "shop.connect", (&shop.to_string(), &new.name)).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (new, said), move |conn, (new, said)| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        shop.0.into(),
                        new.connection.0.into(),
                        new.name.as_str().into(),
                        new.zone.as_str().into(),
                        new.order_sync.into(),
                        new.order_sync_from.map(|at| at.0).into(),
                        new.return_sync_from.map(|at| at.0).into(),
                        new.number_by_invoice.into(),
                    ];
                    conn.execute(&RECONNECT, &values).await?;
                    conn.execute(&INSERT_SHOP_ROUTE, &route_values(org, shop, new)).await?;
                    conn.execute(&DELETE_SOURCES, &[org.0.into(), shop.0.into()]).await?;
                    insert_sources(conn, org, shop, &new.sources).await?;
                    let values = [org.0.into(), shop.0.into(), false.into()];
                    conn.execute(&PAUSE_TASKS, &values).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Keeps a new version of a shop's flow. It judges nothing until the shop or orders name it.
    ///
    /// # Errors
    /// The database's; [`Error::BadFlow`] when the text is no flow, and then nothing is kept: an order
    /// that is judged by it could not be applied.
    pub async fn create_flow_version(
        &self,
        org: OrgId,
        shop: ShopId,
        new: NewFlowVersion,
    ) -> Result<FlowVersionId> {
        let id = self.next_id();
        self.flows.parse(org.0, id, &new.body)?;
        let values = flow_values(org, id, shop, &new, self.now());
        self.run(org, &INSERT_FLOW_VERSION, values).await?;
        Ok(FlowVersionId(id))
    }

    /// Keeps a new version of a shop's flow and lets the shop follow it, if it still follows `base`;
    /// who did it is written down.
    ///
    /// # Errors
    /// [`Error::FlowChanged`] when it follows another by now; [`Error::BadFlow`] when the text is no
    /// flow. Then nothing is kept.
    pub async fn follow_flow(
        &self,
        org: OrgId,
        shop: ShopId,
        base: FlowVersionId,
        new: NewFlowVersion,
        by: Giver,
    ) -> Result<FlowVersionId> {
        let id = self.next_id();
        self.flows.parse(org.0, id, &new.body)?;
        let values = flow_values(org, id, shop, &new, self.now());
        let (store, now) = (self.clone(), self.now());
        let told = format!("{} -> {}", base, FlowVersionId(id));
        self.attempt(Lane::Short, org, (values, told), move |conn, (values, told)| {
            let store = store.clone();
            Box::pin(async move {
                conn.execute(&INSERT_FLOW_VERSION, values).await?;
                let follow = [org.0.into(), shop.0.into(), id.into(), base.0.into()];
                if conn.execute(&FOLLOW_FLOW, &follow).await? == 0 {
                    return Ok(Err(Error::FlowChanged));
                }
                let mut trail = Trail::default();
                trail.push(&store, now, by, "shop.flow", (&shop.to_string(), told));
                trail.write(conn, org.0).await?;
                Ok(Ok(()))
            })
        })
        .await?;
        self.db.notify();
        Ok(FlowVersionId(id))
    }

    /// A version of a flow.
    ///
    /// # Errors
    /// The database's.
    pub async fn flow_version(&self, org: OrgId, id: FlowVersionId) -> Result<Option<FlowVersion>> {
        let found: Option<FlowVersionRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.optional(&FIND_FLOW_VERSION, &[org.0.into(), id.0.into()]).await
                })
            })
            .await?;
        Ok(found.map(|row| FlowVersion {
            id: FlowVersionId(row.id),
            channel: row.channel,
            shop: row.shop_id.map(ShopId),
            preset: row.preset,
            body: row.body,
            created_at: Time(row.created_at),
        }))
    }

    /// A version's flow, parsed.
    ///
    /// # Errors
    /// The database's, or a stored text that cannot be read.
    pub async fn flow(
        &self,
        org: OrgId,
        id: FlowVersionId,
    ) -> Result<std::sync::Arc<dermaga_domain::flow::Flow>> {
        if let Some(flow) = self.flows.find(org.0, id.0) {
            return Ok(flow);
        }
        let version = self.flow_version(org, id).await?.ok_or(Error::NotFound("flow version"))?;
        self.flows.parse(org.0, id.0, &version.body)
    }
}

fn flow_values(
    org: OrgId,
    id: i64,
    shop: ShopId,
    new: &NewFlowVersion,
    now: Time,
) -> Vec<crate::db::Value> {
    vec![
        org.0.into(),
        id.into(),
        new.channel.as_str().into(),
        shop.0.into(),
        new.preset.as_deref().into(),
        new.body.as_str().into(),
        now.0.into(),
        new.by.map(|by| by.0).into(),
    ]
}

async fn insert_shop(
    conn: &mut Conn,
    org: OrgId,
    shop: ShopId,
    version: i64,
    now: Time,
    new: &NewShop,
) -> db::Result<()> {
    conn.execute(&INSERT_FLOW_VERSION, &flow_values(org, version, shop, &new.flow, now)).await?;
    let values = [
        org.0.into(),
        shop.0.into(),
        new.connection.0.into(),
        new.channel.as_str().into(),
        new.channel_shop_id.as_str().into(),
        new.name.as_str().into(),
        new.zone.as_str().into(),
        version.into(),
        new.order_sync.into(),
        new.order_sync_from.map(|at| at.0).into(),
        new.return_sync_from.map(|at| at.0).into(),
        new.number_by_invoice.into(),
        now.0.into(),
    ];
    conn.execute(&INSERT_SHOP, &values).await?;
    conn.execute(&INSERT_SHOP_ROUTE, &route_values(org, shop, new)).await?;
    insert_sources(conn, org, shop, &new.sources).await
}

fn route_values(org: OrgId, shop: ShopId, new: &NewShop) -> [crate::db::Value; 5] {
    [
        new.channel.as_str().into(),
        new.channel_shop_id.as_str().into(),
        org.0.into(),
        new.connection.0.into(),
        shop.0.into(),
    ]
}

async fn insert_sources(
    conn: &mut Conn,
    org: OrgId,
    shop: ShopId,
    sources: &[(WarehouseId, Option<String>)],
) -> db::Result<()> {
    for (position, (warehouse, named)) in (0_i64..).zip(sources) {
        let values = [
            org.0.into(),
            shop.0.into(),
            position.into(),
            warehouse.0.into(),
            named.as_deref().into(),
        ];
        conn.execute(&INSERT_SOURCE, &values).await?;
    }
    Ok(())
}
