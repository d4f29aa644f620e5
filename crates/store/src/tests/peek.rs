//! A look into the tables, for tests.

use super::Org;
use crate::apply::rows::OrderRow;
use crate::db::{Lane, Row, Statement};

static ORDER: Statement = Statement::org(
    "test.order",
    "SELECT * FROM orders WHERE org_id = $1 AND shop_id = $2 AND channel_order_id = $3",
);

static DOCUMENTS: Statement = Statement::org(
    "test.documents",
    "SELECT d.kind || ' ' || d.number || ' ' || d.state AS text FROM document d
     JOIN orders o ON o.org_id = d.org_id AND o.id = d.order_id
     WHERE d.org_id = $1 AND o.shop_id = $2 AND o.channel_order_id = $3 ORDER BY 1",
);

static SKU: Statement = Statement::org(
    "test.sku",
    "INSERT INTO sku (org_id, id, code, name, created_at) VALUES ($1, $2, $3, $3, 0)",
);

static LEVEL: Statement = Statement::org(
    "test.level",
    "INSERT INTO stock_level (org_id, sku_id, warehouse_id, on_hand, allocated, reserved,
        reserved_unpaid, short, version) VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 1)",
);

static MOVEMENT: Statement = Statement::org(
    "test.movement",
    "INSERT INTO movement (org_id, id, sku_id, warehouse_id, kind, on_hand, allocated, reserved, short, at)
     VALUES ($1, $2, $3, $4, 'opening', $5, 0, 0, 0, 0)",
);

static LEVELS: Statement = Statement::org(
    "test.levels",
    "SELECT CAST(SUM(on_hand) AS BIGINT) AS on_hand, CAST(SUM(allocated) AS BIGINT) AS allocated,
        CAST(SUM(reserved) AS BIGINT) AS reserved, CAST(SUM(short) AS BIGINT) AS short
     FROM stock_level l JOIN sku k ON k.org_id = l.org_id AND k.id = l.sku_id
     WHERE l.org_id = $1 AND k.code = $2",
);

async fn rows<T: Row>(org: &Org, statement: &'static Statement, a: &str, b: Option<i64>) -> Vec<T> {
    let (id, a) = (org.org.0, a.to_owned());
    org.store
        .db
        .read_with(Some(id), (a, b), move |conn, (a, b)| {
            Box::pin(async move {
                match b {
                    Some(shop) => {
                        conn.all(statement, &[id.into(), (*shop).into(), a.as_str().into()]).await
                    }
                    None => conn.all(statement, &[id.into(), a.as_str().into()]).await,
                }
            })
        })
        .await
        .unwrap()
}

pub(super) async fn order(org: &Org, number: &str) -> OrderRow {
    rows(org, &ORDER, number, Some(org.shop.0)).await.pop().unwrap()
}

pub(super) async fn documents(org: &Org, number: &str) -> Vec<String> {
    #[derive(sqlx::FromRow)]
    struct Text {
        text: String,
    }
    let rows: Vec<Text> = rows(org, &DOCUMENTS, number, Some(org.shop.0)).await;
    rows.into_iter().map(|row| row.text).collect()
}

pub(super) async fn stock(org: &Org, code: &str, quantity: i64) {
    let (id, sku, warehouse) = (org.org.0, org.store.next_id(), org.warehouses[0].0);
    let code = code.to_owned();
    org.store
        .db
        .write_with(Lane::Short, Some(id), code, move |conn, code| {
            Box::pin(async move {
                conn.execute(&SKU, &[id.into(), sku.into(), code.as_str().into()]).await?;
                let values = [id.into(), sku.into(), warehouse.into(), quantity.into()];
                conn.execute(&LEVEL, &values).await?;
                let values =
                    [id.into(), 1_i64.into(), sku.into(), warehouse.into(), quantity.into()];
                conn.execute(&MOVEMENT, &values).await
            })
        })
        .await
        .unwrap();
}

pub(super) async fn level(org: &Org, code: &str) -> (i64, i64, i64, i64) {
    #[derive(sqlx::FromRow)]
    struct Level {
        on_hand: i64,
        allocated: i64,
        reserved: i64,
        short: i64,
    }
    let row: Level = rows(org, &LEVELS, code, None).await.pop().unwrap();
    (row.on_hand, row.allocated, row.reserved, row.short)
}

static MOVEMENTS: Statement = Statement::org(
    "test.movements",
    "SELECT m.kind || ' ' || m.on_hand AS text FROM movement m
     JOIN sku k ON k.org_id = m.org_id AND k.id = m.sku_id
     WHERE m.org_id = $1 AND k.code = $2 ORDER BY m.id",
);

static INCIDENTS: Statement = Statement::org(
    "test.incidents",
    "SELECT CASE WHEN i.closed_at IS NULL THEN 'open' ELSE 'closed' END AS text FROM incident i
     JOIN sku k ON k.org_id = i.org_id AND k.id = i.sku_id
     WHERE i.org_id = $1 AND k.code = $2 ORDER BY i.id",
);

static HELD: Statement = Statement::org(
    "test.held",
    "SELECT o.channel_order_id || ' ' || SUM(h.allocated) || ' ' || SUM(h.short) AS text
     FROM holding h JOIN orders o ON o.org_id = h.org_id AND o.id = h.order_id
     JOIN sku k ON k.org_id = h.org_id AND k.id = h.sku_id
     WHERE h.org_id = $1 AND k.code = $2 GROUP BY o.channel_order_id, h.ship_by, h.line_id
     ORDER BY h.ship_by, h.line_id",
);

#[derive(sqlx::FromRow)]
struct Text {
    text: String,
}

async fn texts(org: &Org, statement: &'static Statement, sku: &str) -> Vec<String> {
    let rows: Vec<Text> = rows(org, statement, sku, None).await;
    rows.into_iter().map(|row| row.text).collect()
}

/// The ledger lines of a SKU: kind and change of on hand.
pub(super) async fn movements(org: &Org, sku: &str) -> Vec<String> {
    texts(org, &MOVEMENTS, sku).await
}

/// The incidents of a SKU: `open` or `closed`.
pub(super) async fn incidents(org: &Org, sku: &str) -> Vec<String> {
    texts(org, &INCIDENTS, sku).await
}

/// Order, allocated and short of each line that wants a SKU, the earliest ship-by first.
pub(super) async fn held(org: &Org, sku: &str) -> Vec<String> {
    texts(org, &HELD, sku).await
}

/// The org tables with their columns, from the schema.
fn org_tables() -> Vec<(String, Vec<String>)> {
    let schema = include_str!("../../migrations/sqlite/0001_spine.sql");
    let tables = schema.split("CREATE TABLE ").skip(1).map(|table| {
        let (name, rest) = table.split_once(" (").unwrap();
        let columns = rest.split("\n)").next().unwrap().lines().filter_map(|line| {
            let mut words = line.trim().split(' ');
            let (column, kind) = (words.next()?, words.next()?);
            let kind = kind.trim_end_matches(',');
            ["BIGINT", "TEXT", "BOOLEAN", "BLOB"].contains(&kind).then(|| column.to_owned())
        });
        (name.to_owned(), columns.collect())
    });
    tables.filter(|(_, columns): &(_, Vec<String>)| columns.iter().any(|c| c == "org_id")).collect()
}

/// Every row of an org in every table, as text.
pub(super) async fn dump(org: &Org) -> Vec<String> {
    let quote = if org.store.is_embedded() { "quote" } else { "quote_nullable" };
    let mut found = Vec::new();
    for (table, columns) in org_tables() {
        let cells: Vec<String> =
            columns.iter().map(|column| format!("{quote}({column})")).collect();
        let sql = format!(
            "SELECT '{table} ' || {} AS text FROM {table} WHERE org_id = $1 ORDER BY 1",
            cells.join(" || ' ' || ")
        );
        let statement: &'static Statement =
            Box::leak(Box::new(Statement::org("test.dump", Box::leak(sql.into_boxed_str()))));
        let id = org.org.0;
        let rows: Vec<Text> = org
            .store
            .db
            .read(Some(id), move |conn| {
                Box::pin(async move { conn.all(statement, &[id.into()]).await })
            })
            .await
            .unwrap();
        found.extend(rows.into_iter().map(|row| row.text));
    }
    found
}
