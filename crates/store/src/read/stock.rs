//! Stock levels and SKUs, by code.

use dermaga_domain::id::{SkuId, WarehouseId};

use super::Scope;
use crate::db::{Statement, Value, statements};
use crate::error::{Error, Result};
use crate::open::Store;

/// Levels that one page holds at most.
pub const PAGE_MAX: i64 = 200;

static LEVELS: Statement = Statement::org(
    "read.levels",
    "WITH v AS MATERIALIZED ({rows $6: warehouse_id bigint})
     SELECT k.id AS sku_id, k.code, k.name, w.id AS warehouse_id, w.name AS warehouse, l.on_hand,
            l.allocated, l.reserved, l.short, l.version
     FROM sku k
     {join} stock_level l ON l.org_id = $1 AND l.sku_id = k.id
     {join} warehouse w ON w.org_id = $1 AND w.id = l.warehouse_id
     WHERE k.org_id = $1 AND k.code >= $2 AND (k.code > $2 OR l.warehouse_id > $3)
       AND substr(lower(k.code), 1, length($4)) = $4
       AND ($7 OR +l.warehouse_id IN (SELECT v.warehouse_id FROM v))
     ORDER BY k.code, l.warehouse_id LIMIT $5",
);

static SKUS: Statement = Statement::org(
    "read.skus",
    "SELECT id, code, name FROM sku WHERE org_id = $1 AND code > $2 ORDER BY code LIMIT $3",
);

statements![LEVELS, SKUS];

/// A stock level, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The SKU.
    pub sku: SkuId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Its name.
    pub warehouse_name: String,
    /// What is there.
    pub on_hand: i64,
    /// Held by invoices.
    pub allocated: i64,
    /// Held by sales orders.
    pub reserved: i64,
    /// Wanted by invoices and not there.
    pub short: i64,
    /// Rises with every change.
    pub version: i64,
}

impl Level {
    /// On hand less allocated less reserved.
    #[must_use]
    pub const fn available(&self) -> i64 {
        self.on_hand - self.allocated - self.reserved
    }

    /// Where this level is in the list.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { code: self.code.clone(), warehouse: self.warehouse }
    }
}

/// Where a page of levels ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    code: String,
    warehouse: WarehouseId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.warehouse.0, self.code)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::Refused("the cursor is not one that a list gave".to_owned());
        let (warehouse, code) = text.split_once('.').ok_or_else(bad)?;
        let warehouse = warehouse.parse().map_err(|_| bad())?;
        Ok(Self { code: code.to_owned(), warehouse: WarehouseId(warehouse) })
    }
}

/// A SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// Its id.
    pub id: SkuId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

#[derive(sqlx::FromRow)]
struct LevelRow {
    sku_id: i64,
    code: String,
    name: String,
    warehouse_id: i64,
    warehouse: String,
    on_hand: i64,
    allocated: i64,
    reserved: i64,
    short: i64,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct SkuRow {
    id: i64,
    code: String,
    name: String,
}

impl Store {
    /// A page of stock levels by SKU code, of SKUs whose code begins with `prefix`; and where it
    /// ends, when there is more.
    ///
    /// # Errors
    /// The database's.
    pub async fn stock_levels(
        &self,
        scope: &Scope,
        prefix: &str,
        after: Option<&Cursor>,
        limit: i64,
    ) -> Result<(Vec<Level>, Option<Cursor>)> {
        let (org, limit) = (scope.org.0, limit.clamp(1, PAGE_MAX));
        let (code, warehouse) =
            after.map_or((String::new(), -1), |after| (after.code.clone(), after.warehouse.0));
        let (warehouses, all) = scope.warehouse_values();
        let values: Vec<Value> = vec![
            org.into(),
            code.into(),
            warehouse.into(),
            prefix.to_lowercase().into(),
            (limit + 1).into(),
            warehouses,
            all,
        ];
        let rows: Vec<LevelRow> = self
            .db
            .read_with(Some(org), values, |conn, values| Box::pin(conn.all(&LEVELS, values)))
            .await?;
        let mut levels: Vec<Level> = rows.into_iter().map(Into::into).collect();
        let more = i64::try_from(levels.len()).unwrap_or(i64::MAX) > limit;
        levels.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = levels.last().filter(|_| more).map(Level::cursor);
        Ok((levels, next))
    }

    /// SKUs by code, from after one.
    ///
    /// # Errors
    /// The database's.
    pub async fn skus(&self, scope: &Scope, after: &str, limit: i64) -> Result<Vec<Sku>> {
        let org = scope.org.0;
        let values: Vec<Value> = vec![org.into(), after.into(), limit.into()];
        let rows: Vec<SkuRow> = self
            .db
            .read_with(Some(org), values, |conn, values| Box::pin(conn.all(&SKUS, values)))
            .await?;
        let sku = |row: SkuRow| Sku { id: SkuId(row.id), code: row.code, name: row.name };
        Ok(rows.into_iter().map(sku).collect())
    }
}

impl From<LevelRow> for Level {
    fn from(row: LevelRow) -> Self {
        Self {
            sku: SkuId(row.sku_id),
            code: row.code,
            name: row.name,
            warehouse: WarehouseId(row.warehouse_id),
            warehouse_name: row.warehouse,
            on_hand: row.on_hand,
            allocated: row.allocated,
            reserved: row.reserved,
            short: row.short,
            version: row.version,
        }
    }
}
