//! Shops: their settings, where they take stock from, disconnecting them and connecting them again.

use dermaga_domain::id::{ConnectionId, FlowVersionId, OrgId, ShopId, WarehouseId};
use dermaga_domain::time::Time;

use super::connection::secret_place;
use super::flow::{INSERT_FLOW_VERSION, NewFlowVersion, flow_values};
use crate::audit::{self, Trail};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

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
    LIST_SHOPS
];

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

impl Store {
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

fn route_values(org: OrgId, shop: ShopId, new: &NewShop) -> [Value; 5] {
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
