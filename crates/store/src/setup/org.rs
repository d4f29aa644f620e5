//! Orgs and their warehouses.

use dermaga_domain::id::{OrgId, WarehouseId};

use crate::db::{Lane, Statement, statements};
use crate::error::Result;
use crate::open::Store;

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

statements![INSERT_ORG, INSERT_COUNTER, INSERT_WAREHOUSE, LIST_WAREHOUSES];

/// A warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Its name.
    pub name: String,
}

#[derive(sqlx::FromRow)]
struct WarehouseRow {
    id: i64,
    name: String,
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
}
