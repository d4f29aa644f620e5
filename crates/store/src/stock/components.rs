//! What bundles are made of.

use std::collections::{BTreeSet, HashMap};

use dermaga_domain::id::SkuId;

use crate::db::{self, Conn, Statement, statements};
use crate::read::id_rows;

static LOAD: Statement = Statement::org(
    "components.load",
    "WITH v AS MATERIALIZED ({rows $2: sku_id bigint})
     SELECT b.bundle_id, b.sku_id, b.quantity
     FROM v {join} bundle_component b ON b.org_id = $1 AND b.bundle_id = v.sku_id
     ORDER BY b.bundle_id, b.sku_id",
);

statements![LOAD];

/// SKUs and how many of each one bundle takes, by bundle.
pub(crate) type Components = HashMap<i64, Vec<(SkuId, i64)>>;

#[derive(sqlx::FromRow)]
struct ComponentRow {
    bundle_id: i64,
    sku_id: i64,
    quantity: i64,
}

/// The components of those of these SKUs that are bundles.
pub(crate) async fn of(
    conn: &mut Conn,
    org: i64,
    skus: impl IntoIterator<Item = i64>,
) -> db::Result<Components> {
    let skus: BTreeSet<i64> = skus.into_iter().collect();
    let mut components = Components::new();
    if skus.is_empty() {
        return Ok(components);
    }
    let found: Vec<ComponentRow> = conn.all(&LOAD, &[org.into(), id_rows(skus).into()]).await?;
    for part in found {
        components.entry(part.bundle_id).or_default().push((SkuId(part.sku_id), part.quantity));
    }
    Ok(components)
}
