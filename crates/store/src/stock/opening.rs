//! Opening stock: what is on the shelves when the hub begins to count.

use std::collections::{BTreeMap, BTreeSet};

use dermaga_domain::id::{OrgId, SkuId, WarehouseId};
use dermaga_domain::stock::{LevelKey, MovementKind};
use dermaga_domain::time::Time;

use super::books::Books;
use super::csv::{OpeningRow, RowTrouble};
use super::{listings, skus};
use crate::apply::marks;
use crate::audit::Trail;
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::once::{Earlier, Once};
use crate::open::Store;
use crate::read::Scope;
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
    Refused(RowTrouble),
}

#[derive(sqlx::FromRow)]
struct OpenedRow {
    sku_id: i64,
    warehouse_id: i64,
}

impl Store {
    /// The warehouses that somebody sees, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn warehouses_of(&self, scope: &Scope) -> Result<Vec<Warehouse>> {
        let all = self.warehouses(scope.org).await?;
        Ok(all.into_iter().filter(|warehouse| scope.sees_warehouse(warehouse.id)).collect())
    }

    /// Puts opening stock on the shelves, in one transaction; SKUs that are not there are made by
    /// their codes. Gives for each row what it came to: a row that cannot be taken stops no other.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_opening(
        &self,
        org: OrgId,
        rows: Vec<OpeningRow>,
        by: impl Into<Giver>,
    ) -> Result<Vec<Opened>> {
        let opened = self.import_opening_once(&Scope::all(org), rows, by.into(), None).await?;
        opened.map_err(|_| Error::Refused("another request came before".to_owned()))
    }

    /// As [`Store::import_opening`], for a request that may come again: then it gives how many rows
    /// were taken and how many refused, and changes nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_opening_once(
        &self,
        scope: &Scope,
        rows: Vec<OpeningRow>,
        by: Giver,
        once: Option<Once>,
    ) -> Result<Result<Vec<Opened>, Earlier<(i64, i64)>>> {
        let org = scope.org;
        let warehouses = self.warehouses_of(scope).await?;
        let work =
            Import { store: self.clone(), org: org.0, rows, warehouses, by, once, now: self.now() };
        let opened = self
            .db
            .write_with(Lane::Bulk, Some(org.0), work, |conn, work| Box::pin(work.once(conn)))
            .await?;
        self.db.notify();
        Ok(opened)
    }

    /// What [`Store::import_opening`] would come to now; nothing is written. A SKU that would be made
    /// has no id yet.
    ///
    /// # Errors
    /// The database's.
    pub async fn preview_opening(
        &self,
        scope: &Scope,
        rows: Vec<OpeningRow>,
    ) -> Result<Vec<Opened>> {
        let org = scope.org;
        let (warehouses, by) = (self.warehouses_of(scope).await?, Giver::Machine);
        let work = Import {
            store: self.clone(),
            org: org.0,
            rows,
            warehouses,
            by,
            once: None,
            now: self.now(),
        };
        let opened =
            self.db.read_with(Some(org.0), work, |conn, work| Box::pin(work.look(conn))).await?;
        Ok(opened)
    }
}

struct Import {
    store: Store,
    org: i64,
    rows: Vec<OpeningRow>,
    warehouses: Vec<Warehouse>,
    by: Giver,
    once: Option<Once>,
    now: Time,
}

impl Import {
    async fn once(&self, conn: &mut Conn) -> db::Result<Result<Vec<Opened>, Earlier<(i64, i64)>>> {
        let Some(once) = &self.once else { return self.run(conn).await.map(Ok) };
        if let Some(before) = once.begin(conn, self.org, self.now).await? {
            let kept = serde_json::from_str(&before.answer).ok();
            let same = kept.filter(|_| before.body_hash == once.body_hash);
            return Ok(Err(same.map_or(Earlier::Other, Earlier::Same)));
        }
        let opened = self.run(conn).await?;
        let taken: i64 =
            opened.iter().map(|row| i64::from(matches!(row, Opened::Taken { .. }))).sum();
        let refused = i64::try_from(opened.len()).unwrap_or(i64::MAX) - taken;
        let answer = serde_json::to_string(&(taken, refused)).unwrap_or_default();
        once.end(conn, self.org, &answer).await?;
        Ok(Ok(opened))
    }

    async fn run(&self, conn: &mut Conn) -> db::Result<Vec<Opened>> {
        let asked: Vec<Result<WarehouseId, RowTrouble>> = self.asked();
        let known = self.make_skus(conn, &asked).await?;
        let keys = self.keys(&known, asked);
        let wanted: BTreeSet<LevelKey> = keys.iter().flatten().copied().collect();
        let mut books = Books { by: Some(self.by), ..Books::default() };
        let skus = wanted.iter().map(|key| key.sku).collect();
        books.lock(conn, self.org, &wanted, &skus).await?;
        let keys = self.unopened(keys, &self.opened_before(conn, &wanted).await?);

        let mut trail = Trail::default();
        let mut results = Vec::with_capacity(keys.len());
        for (row, key) in self.rows.iter().zip(keys) {
            results.push(match key {
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

    /// The same judgement of every row, with nothing written.
    async fn look(&self, conn: &mut Conn) -> db::Result<Vec<Opened>> {
        let asked = self.asked();
        let codes: BTreeSet<&str> = self.codes(&asked).map(|(code, _)| code).collect();
        let found = skus::of_codes(conn, self.org, codes.iter().copied()).await?;
        let known = Known::with_those_to_be(found, codes);
        let keys = self.keys(&known, asked);
        let wanted: BTreeSet<LevelKey> = keys.iter().flatten().copied().collect();
        let keys = self.unopened(keys, &self.opened_before(conn, &wanted).await?);
        let opened = |key: Result<LevelKey, RowTrouble>| match key {
            Err(reason) => Opened::Refused(reason),
            Ok(key) => Opened::Taken { sku: key.sku, created: known.created.contains(&key.sku) },
        };
        Ok(keys.into_iter().map(opened).collect())
    }

    /// The level of each row, or what is wrong with the row beside the others.
    fn keys(
        &self,
        known: &Known,
        asked: Vec<Result<WarehouseId, RowTrouble>>,
    ) -> Vec<Result<LevelKey, RowTrouble>> {
        let mut seen = BTreeSet::new();
        let rows = self.rows.iter().zip(asked);
        rows.map(|(row, warehouse)| known.level(row, warehouse?, &mut seen)).collect()
    }

    /// A level is opened once.
    fn unopened(
        &self,
        keys: Vec<Result<LevelKey, RowTrouble>>,
        before: &BTreeSet<LevelKey>,
    ) -> Vec<Result<LevelKey, RowTrouble>> {
        let rows = self.rows.iter().zip(keys);
        rows.map(|(row, key)| {
            let key = key?;
            if before.contains(&key) {
                let (sku, warehouse) = row.named();
                return Err(RowTrouble::OpenedBefore { sku, warehouse });
            }
            Ok(key)
        })
        .collect()
    }

    /// Codes and names of the rows that are right by themselves.
    fn codes<'a>(
        &'a self,
        asked: &'a [Result<WarehouseId, RowTrouble>],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let right = self.rows.iter().zip(asked).filter(|(_, asked)| asked.is_ok());
        right.map(|(row, _)| {
            let (code, name) = (row.sku.trim(), row.name.trim());
            (code, if name.is_empty() { code } else { name })
        })
    }

    /// The warehouse of each row, or what is wrong with the row by itself.
    fn asked(&self) -> Vec<Result<WarehouseId, RowTrouble>> {
        let names = || {
            let names: Vec<&str> =
                self.warehouses.iter().map(|warehouse| warehouse.name.as_str()).collect();
            names.join(", ")
        };
        let of_row = |row: &OpeningRow| {
            if row.sku.trim().is_empty() {
                return Err(RowTrouble::Empty { column: "sku" });
            }
            if row.quantity < 0 {
                return Err(RowTrouble::NotUnits { found: row.quantity.to_string() });
            }
            let name = row.warehouse.trim();
            let found = self
                .warehouses
                .iter()
                .find(|warehouse| warehouse.name.to_lowercase() == name.to_lowercase());
            found
                .map(|warehouse| warehouse.id)
                .ok_or_else(|| RowTrouble::NoWarehouse { name: name.to_owned(), there: names() })
        };
        self.rows.iter().map(of_row).collect()
    }

    async fn make_skus(
        &self,
        conn: &mut Conn,
        asked: &[Result<WarehouseId, RowTrouble>],
    ) -> db::Result<Known> {
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (code, name) in self.codes(asked) {
            names.entry(code).or_insert(name);
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
    /// Those that are there, and in the place of the others what they would be; ids below 0 are nobody's.
    fn with_those_to_be(found: Vec<skus::SkuRow>, codes: BTreeSet<&str>) -> Self {
        let mut known = Self {
            skus: found.into_iter().map(|row| (row.code.clone(), row)).collect(),
            created: BTreeSet::new(),
        };
        for (code, number) in codes.into_iter().zip(1_i64..) {
            if !known.skus.contains_key(code) {
                known.created.insert(SkuId(-number));
                known.skus.insert(code.to_owned(), skus::SkuRow::to_be(-number, code));
            }
        }
        known
    }

    fn level(
        &self,
        row: &OpeningRow,
        warehouse: WarehouseId,
        seen: &mut BTreeSet<LevelKey>,
    ) -> Result<LevelKey, RowTrouble> {
        let (code, house) = row.named();
        let Some(sku) = self.skus.get(&code) else {
            return Err(RowTrouble::NoSku { sku: code });
        };
        if sku.bundle {
            return Err(RowTrouble::Bundle { sku: code });
        }
        let key = LevelKey { sku: SkuId(sku.id), warehouse };
        if !seen.insert(key) {
            return Err(RowTrouble::Twice { sku: code, warehouse: house });
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
