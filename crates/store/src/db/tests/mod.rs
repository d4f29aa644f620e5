//! Tests of the database layer, on both databases.

mod append;
mod checked;
mod isolation;
mod postgres;
mod read_write;
mod writer;

use sqlx::migrate::Migrator;

use super::{Conn, Migrations, Result, Rows, Statement, statements};

static SQLITE: Migrator = sqlx::migrate!("tests/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("tests/migrations/postgres");
static MIGRATIONS: Migrations = Migrations { sqlite: &SQLITE, postgres: &POSTGRES };

static INSERT: Statement = Statement::org(
    "item.insert",
    "INSERT INTO item (org_id, id, name, flag) VALUES ($1, $2, $3, $4)",
);

static UPSERT: Statement = Statement::org(
    "item.upsert",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, name text, flag boolean, hash blob, at bigint})
     INSERT INTO item (org_id, id, name, flag, hash, at)
     SELECT $1, id, name, flag, hash, at FROM v WHERE true
     ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name, at = {max item.at, excluded.at}
     RETURNING id, name, flag, hash, at",
);

static FIND: Statement = Statement::org(
    "item.find",
    "SELECT id, name, flag, hash, at FROM item WHERE org_id = $1 AND id = $2 {for update}",
);

static LIST: Statement = Statement::org(
    "item.list",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT i.id, i.name, i.flag, i.hash, i.at FROM v
     {join} item AS i ON i.org_id = $1 AND i.id = v.id ORDER BY i.id",
);

static COUNT: Statement =
    Statement::org("item.count", "SELECT count(*) FROM item WHERE org_id = $1 AND id >= $2");

static ADD_PART: Statement =
    Statement::org("part.add", "INSERT INTO part (org_id, item_id, position) VALUES ($1, $2, $3)");

static APPEND: Statement = Statement::org(
    "message.append",
    "INSERT INTO message (org_id, id, connection_id, shop_id, kind, dedupe, received_at, body, state, repeats)
     SELECT $1, id, connection_id, shop_id, kind, dedupe, received_at, body, 'pending', repeats
     FROM ({rows $2+$3: id bigint, connection_id bigint, shop_id bigint, kind text, dedupe blob, received_at bigint, body blob, repeats bigint}) AS v WHERE true
     ON CONFLICT (org_id, connection_id, dedupe)
     DO UPDATE SET repeats = message.repeats + 1 + excluded.repeats, state = 'pending'
     RETURNING id, connection_id, dedupe",
);

static NODE: Statement =
    Statement::directory("node.insert", "INSERT INTO node (id, name) VALUES ($1, $2)");

statements![INSERT, UPSERT, FIND, LIST, COUNT, ADD_PART, APPEND, NODE];

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Item {
    id: i64,
    name: String,
    flag: bool,
    hash: Option<Vec<u8>>,
    at: Option<i64>,
}

fn item(id: i64, name: &str) -> Item {
    Item { id, name: name.to_owned(), flag: id % 2 == 0, hash: Some(vec![0, 255]), at: Some(id) }
}

fn rows(items: &[Item]) -> Rows {
    let mut rows = Rows::default();
    for item in items {
        rows.push(&[&item.id, &item.name, &item.flag, &item.hash, &item.at]);
    }
    rows
}

async fn insert(conn: &mut Conn, org: i64, id: i64, name: &str) -> Result<u64> {
    conn.execute(&INSERT, &[org.into(), id.into(), name.into(), true.into()]).await
}

async fn count(conn: &mut Conn, org: i64) -> Result<i64> {
    let (count,): (i64,) = conn.one(&COUNT, &[org.into(), 0_i64.into()]).await?;
    Ok(count)
}
