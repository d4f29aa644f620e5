//! SKUs and bundles.

use dermaga_domain::id::{OrgId, SkuId};
use dermaga_domain::time::Time;

use super::{components, listings};
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::{Error, Result};
use crate::open::Store;

static INSERT_SKU: Statement = Statement::org(
    "sku.insert",
    "INSERT INTO sku (org_id, id, code, name, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (org_id, code) DO NOTHING",
);

static INSERT_COMPONENTS: Statement = Statement::org(
    "sku.insert_components",
    "WITH v AS MATERIALIZED ({rows $2: bundle_id bigint, sku_id bigint, quantity bigint})
     INSERT INTO bundle_component (org_id, bundle_id, sku_id, quantity)
     SELECT $1, bundle_id, sku_id, quantity FROM v",
);

/// Which of some SKUs exist, and whether each is a bundle.
static LOOK_UP: Statement = Statement::org(
    "sku.look_up",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT k.id, k.code, k.name, k.created_at, (SELECT b.sku_id FROM bundle_component b
        WHERE b.org_id = $1 AND b.bundle_id = k.id LIMIT 1) IS NOT NULL AS bundle
     FROM v {join} sku k ON k.org_id = $1 AND k.id = v.id ORDER BY k.id",
);

static FIND_BY_CODE: Statement = Statement::org(
    "sku.find_by_code",
    "WITH v AS MATERIALIZED ({rows $2: code text})
     SELECT k.id, k.code, k.name, k.created_at, (SELECT b.sku_id FROM bundle_component b
        WHERE b.org_id = $1 AND b.bundle_id = k.id LIMIT 1) IS NOT NULL AS bundle
     FROM v {join} sku k ON k.org_id = $1 AND k.code = v.code ORDER BY k.id",
);

static LIST: Statement = Statement::org(
    "sku.list",
    "SELECT k.id, k.code, k.name, k.created_at, (SELECT b.sku_id FROM bundle_component b
        WHERE b.org_id = $1 AND b.bundle_id = k.id LIMIT 1) IS NOT NULL AS bundle
     FROM sku k WHERE k.org_id = $1 AND k.code > $2 ORDER BY k.code LIMIT $3",
);

statements![INSERT_SKU, INSERT_COMPONENTS, LOOK_UP, FIND_BY_CODE, LIST];

/// A SKU to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSku {
    /// The code that people and channels know it by; unique in the org.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// For a bundle: what one of it takes of other SKUs. A bundle has no stock of its own.
    pub components: Vec<(SkuId, i64)>,
}

/// A SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// Its id.
    pub id: SkuId,
    /// Its code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// For a bundle: what one of it takes of other SKUs.
    pub components: Vec<(SkuId, i64)>,
    /// When it was made.
    pub created_at: Time,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct SkuRow {
    pub(super) id: i64,
    pub(super) code: String,
    name: String,
    created_at: i64,
    pub(super) bundle: bool,
}

impl SkuRow {
    /// One that is not there yet.
    pub(super) fn to_be(id: i64, code: &str) -> Self {
        let name = String::new();
        Self { id, code: code.to_owned(), name, created_at: 0, bundle: false }
    }
}

/// The SKUs that have these codes.
pub(super) async fn of_codes(
    conn: &mut Conn,
    org: i64,
    codes: impl Iterator<Item = &str>,
) -> db::Result<Vec<SkuRow>> {
    let mut rows = Rows::default();
    for code in codes {
        rows.push(&[&code]);
    }
    conn.all(&FIND_BY_CODE, &[org.into(), rows.into()]).await
}

/// Those of these SKUs that exist.
pub(super) async fn of_ids(
    conn: &mut Conn,
    org: i64,
    ids: impl Iterator<Item = SkuId>,
) -> db::Result<Vec<SkuRow>> {
    let mut rows = Rows::default();
    for id in ids {
        rows.push(&[&id.0]);
    }
    conn.all(&LOOK_UP, &[org.into(), rows.into()]).await
}

async fn with_components(conn: &mut Conn, org: i64, rows: Vec<SkuRow>) -> db::Result<Vec<Sku>> {
    let bundles = rows.iter().filter(|row| row.bundle).map(|row| row.id);
    let mut parts = components::of(conn, org, bundles).await?;
    Ok(rows
        .into_iter()
        .map(|row| Sku {
            id: SkuId(row.id),
            components: parts.remove(&row.id).unwrap_or_default(),
            code: row.code,
            name: row.name,
            created_at: Time(row.created_at),
        })
        .collect())
}

/// What is wrong with a SKU as it was asked for, as far as it shows without the database.
fn check(new: &NewSku) -> Result<()> {
    let refused = |reason: String| Err(Error::Refused(reason));
    if new.code.trim().is_empty() {
        return refused("a SKU needs a code".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    for &(sku, quantity) in &new.components {
        if quantity <= 0 {
            return refused(format!("a bundle takes at least one of {sku}, not {quantity}"));
        }
        if !seen.insert(sku) {
            return refused(format!("{sku} is named twice in the bundle"));
        }
    }
    Ok(())
}

impl Store {
    /// Makes a SKU or a bundle. Listings of equal code are mapped to it, and unsent orders that
    /// waited for it are judged again.
    ///
    /// # Errors
    /// Refused when the code is taken or empty, or a component does not exist or is a bundle.
    pub async fn create_sku(&self, org: OrgId, new: NewSku) -> Result<SkuId> {
        check(&new)?;
        let (id, now) = (self.next_id(), self.now());
        self.attempt(Lane::Short, org, new, move |conn, new| {
            Box::pin(insert(conn, org.0, id, now, new))
        })
        .await?;
        self.db.notify();
        Ok(SkuId(id))
    }

    /// The SKU with a code.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_sku(&self, org: OrgId, code: &str) -> Result<Option<Sku>> {
        let found = self
            .db
            .read_with(Some(org.0), code.to_owned(), move |conn, code| {
                Box::pin(async move {
                    let rows = of_codes(conn, org.0, std::iter::once(code.as_str())).await?;
                    with_components(conn, org.0, rows).await
                })
            })
            .await?;
        Ok(found.into_iter().next())
    }

    /// The SKUs by code, from after a code (the empty one is before all).
    ///
    /// # Errors
    /// The database's.
    pub async fn list_skus(&self, org: OrgId, after: &str, limit: i64) -> Result<Vec<Sku>> {
        let found = self
            .db
            .read_with(Some(org.0), after.to_owned(), move |conn, after| {
                Box::pin(async move {
                    let values = [org.0.into(), after.as_str().into(), limit.into()];
                    let rows = conn.all(&LIST, &values).await?;
                    with_components(conn, org.0, rows).await
                })
            })
            .await?;
        Ok(found)
    }
}

async fn insert(
    conn: &mut Conn,
    org: i64,
    id: i64,
    now: Time,
    new: &NewSku,
) -> db::Result<Result<()>> {
    let parts = of_ids(conn, org, new.components.iter().map(|part| part.0)).await?;
    if parts.len() < new.components.len() {
        return Ok(Err(Error::NotFound("component of the bundle")));
    }
    if let Some(part) = parts.iter().find(|part| part.bundle) {
        let reason = format!("{} is a bundle itself; name what is in it instead", part.code);
        return Ok(Err(Error::Refused(reason)));
    }
    let (code, name) = (new.code.trim(), new.name.trim());
    let values = [org.into(), id.into(), code.into(), name.into(), now.0.into()];
    if conn.execute(&INSERT_SKU, &values).await? == 0 {
        return Ok(Err(Error::Refused(format!("there is a SKU {code} already"))));
    }
    if !new.components.is_empty() {
        let mut rows = Rows::default();
        for (part, quantity) in &new.components {
            rows.push(&[&id, &part.0, quantity]);
        }
        conn.execute(&INSERT_COMPONENTS, &[org.into(), rows.into()]).await?;
    }
    listings::adopt(conn, org, [code].into_iter(), now).await?;
    Ok(Ok(()))
}
