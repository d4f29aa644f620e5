//! Opening stock: what is on the shelves when the hub begins to count.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::id::{AccountId, OrgId, SkuId, WarehouseId};
use dermaga_domain::stock::{LevelKey, MovementKind};
use dermaga_domain::time::Time;

use super::books::Books;
use super::csv::OpeningRow;
use super::{listings, skus};
use crate::apply::marks;
use crate::audit::Trail;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::setup::Warehouse;

/// Makes the SKUs that are not there yet, in the order of their codes.
static INSERT_SKUS: Statement = Statement::org(
    "opening.insert_skus",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, code text, name text, created_at bigint})
     INSERT INTO sku (org_id, id, code, name, created_at)
     SELECT $1, id, code, name, created_at FROM v WHERE true
     ON CONFLICT (org_id, code) DO NOTHING",
);

/// Which of some levels have been opened.
static OPENED: Statement = Statement::org(
    "opening.opened",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint, warehouse_id bigint})
     SELECT v.sku_id, v.warehouse_id FROM v
     WHERE (SELECT m.id FROM movement m WHERE m.org_id = $1 AND m.sku_id = v.sku_id
        AND m.warehouse_id = v.warehouse_id AND m.kind = 'opening' LIMIT 1) IS NOT NULL",
);

statements![INSERT_SKUS, OPENED];

/// What a row of opening stock came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It is on the shelf.
    Taken {
        /// The SKU.
        sku: SkuId,
        /// It was made for this row.
        created: bool,
    },
    /// Nothing was changed for this row, and why.
    Refused(String),
}

#[derive(sqlx::FromRow)]
struct OpenedRow {
    sku_id: i64,
    warehouse_id: i64,
}

impl Store {
    /// Puts opening stock on the shelves, in one transaction; SKUs that are not there are made by
    /// their codes. Gives for each row what it came to: a row that cannot be taken stops no other.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_opening(
        &self,
        org: OrgId,
        rows: Vec<OpeningRow>,
        by: Option<AccountId>,
    ) -> Result<Vec<Opened>> {
        let warehouses = self.warehouses(org).await?;
        let work =
            Import { store: self.clone(), org: org.0, rows, warehouses, by, now: self.now() };
        let opened = self
            .db
            .write_with(Lane::Bulk, Some(org.0), work, |conn, work| Box::pin(work.run(conn)))
            .await?;
        self.db.notify();
        Ok(opened)
    }
}

struct Import {
    store: Store,
    org: i64,
    rows: Vec<OpeningRow>,
    warehouses: Vec<Warehouse>,
    by: Option<AccountId>,
    now: Time,
}

impl Import {
    async fn run(&self, conn: &mut Conn) -> db::Result<Vec<Opened>> {
        let asked: Vec<Result<WarehouseId, String>> = self.asked();
        let known = self.make_skus(conn, &asked).await?;
        let mut keys: Vec<Result<LevelKey, String>> = Vec::with_capacity(asked.len());
        let mut seen = BTreeSet::new();
        for (row, warehouse) in self.rows.iter().zip(asked) {
            keys.push(warehouse.and_then(|warehouse| known.level(row, warehouse, &mut seen)));
        }
        let wanted: BTreeSet<LevelKey> = keys.iter().flatten().copied().collect();
        let mut books = Books::default();
        let skus = wanted.iter().map(|key| key.sku).collect();
        books.lock(conn, self.org, &wanted, &skus).await?;
        let before = self.opened_before(conn, &wanted).await?;

        let mut trail = Trail::default();
        let mut results = Vec::with_capacity(keys.len());
        for (row, key) in self.rows.iter().zip(keys) {
            let taken = key.and_then(|key| {
                if before.contains(&key) {
                    let (sku, warehouse) = (row.sku.trim(), row.warehouse.trim());
                    return Err(format!(
                        "{sku} in {warehouse} was opened before; write a count instead"
                    ));
                }
                Ok(key)
            });
            results.push(match taken {
                Err(reason) => Opened::Refused(reason),
                Ok(key) => {
                    books.shelf.move_on_hand(key, MovementKind::Opening, row.quantity);
                    let detail = format!("{} +{}", key.warehouse, row.quantity);
                    let subject = key.sku.to_string();
                    trail.push(&self.store, self.now, self.by, "opening", (&subject, &detail));
                    Opened::Taken { sku: key.sku, created: known.created.contains(&key.sku) }
                }
            });
        }
        books.write(&self.store, conn, self.org, self.now).await?;
        trail.write(conn, self.org).await?;
        let wanted = books.marks(conn, self.org, BTreeSet::new(), self.now).await?;
        marks::write(conn, self.org, &wanted, &[]).await?;
        listings::adopt(conn, self.org, known.new_codes(), self.now).await?;
        Ok(results)
    }

    /// The warehouse of each row, or what is wrong with the row by itself.
    fn asked(&self) -> Vec<Result<WarehouseId, String>> {
        let names = || {
            let names: Vec<&str> =
                self.warehouses.iter().map(|warehouse| warehouse.name.as_str()).collect();
            names.join(", ")
        };
        let of_row = |row: &OpeningRow| {
            if row.sku.trim().is_empty() {
                return Err("the SKU's code is empty".to_owned());
            }
            if row.quantity < 0 {
                return Err(format!("{} units cannot be on a shelf", row.quantity));
            }
            let name = row.warehouse.trim();
            let found = self
                .warehouses
                .iter()
                .find(|warehouse| warehouse.name.to_lowercase() == name.to_lowercase());
            found
                .map(|warehouse| warehouse.id)
                .ok_or_else(|| format!("there is no warehouse {name:?}; there are: {}", names()))
        };
        self.rows.iter().map(of_row).collect()
    }

    async fn make_skus(
        &self,
        conn: &mut Conn,
        asked: &[Result<WarehouseId, String>],
    ) -> db::Result<Known> {
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (row, _) in self.rows.iter().zip(asked).filter(|(_, asked)| asked.is_ok()) {
            let name = if row.name.trim().is_empty() { row.sku.trim() } else { row.name.trim() };
            names.entry(row.sku.trim()).or_insert(name);
        }
        if names.is_empty() {
            return Ok(Known::default());
        }
        let (mut rows, mut made) = (Rows::default(), BTreeSet::new());
        for (code, name) in &names {
            let id = self.store.ids.next(self.now);
            made.insert(SkuId(id));
            rows.push(&[&id, code, name, &self.now.0]);
        }
        conn.execute(&INSERT_SKUS, &[self.org.into(), rows.into()]).await?;
        let found = skus::of_codes(conn, self.org, names.into_keys()).await?;
        let created =
            found.iter().map(|row| SkuId(row.id)).filter(|id| made.contains(id)).collect();
        Ok(Known { skus: found.into_iter().map(|row| (row.code.clone(), row)).collect(), created })
    }

    async fn opened_before(
        &self,
        conn: &mut Conn,
        wanted: &BTreeSet<LevelKey>,
    ) -> db::Result<BTreeSet<LevelKey>> {
        let mut rows = Rows::default();
        for key in wanted {
            rows.push(&[&key.sku.0, &key.warehouse.0]);
        }
        let found: Vec<OpenedRow> = conn.all(&OPENED, &[self.org.into(), rows.into()]).await?;
        Ok(found
            .into_iter()
            .map(|row| LevelKey {
                sku: SkuId(row.sku_id),
                warehouse: WarehouseId(row.warehouse_id),
            })
            .collect())
    }
}

/// The SKUs of an import.
#[derive(Default)]
struct Known {
    skus: BTreeMap<String, skus::SkuRow>,
    created: BTreeSet<SkuId>,
}

impl Known {
    fn level(
        &self,
        row: &OpeningRow,
        warehouse: WarehouseId,
        seen: &mut BTreeSet<LevelKey>,
    ) -> Result<LevelKey, String> {
        let code = row.sku.trim();
        let sku = self.skus.get(code).ok_or_else(|| format!("there is no SKU {code}"))?;
        if sku.bundle {
            return Err(format!("{code} is a bundle: it has no stock of its own"));
        }
        let key = LevelKey { sku: SkuId(sku.id), warehouse };
        if !seen.insert(key) {
            return Err(format!("{code} in {} stands in the file twice", row.warehouse.trim()));
        }
        Ok(key)
    }

    fn new_codes(&self) -> impl Iterator<Item = &str> + Clone {
        self.skus
            .iter()
            .filter(|(_, row)| self.created.contains(&SkuId(row.id)))
            .map(|(code, _)| code.as_str())
    }
}
