//! The bare client of PostgreSQL: one `UNNEST` for each table of a transaction, on one connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Postgres, Row as _};

use super::images::{Cell, Images, Table, arrange};
use crate::ground::Ground;
use crate::report::Run;
use crate::report::meter::Meter;

/// After how many transactions the tables are analysed, outside of what is timed: without statistics
/// the server looks foreign keys up along a whole index.
const GROUPS_WITHOUT_STATISTICS: usize = 8;

/// Connects as the owner, and reads back what durability rests on.
///
/// # Errors
/// The database's, or that it is not durable.
pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    let mut conn = PgConnection::connect(url).await?;
    for setting in ["fsync", "synchronous_commit"] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut conn)
            .await?;
        if value != "on" {
            bail!("the server is not durable: {setting} is {value}");
        }
    }
    Ok(conn)
}

/// The values of one column.
enum Column {
    Integers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// One statement of a transaction.
struct Write {
    sql: Arc<str>,
    columns: Vec<Column>,
}

pub(super) async fn replay(ground: &Ground, url: &str, size: u64, units: u64) -> Result<Run> {
    let before = tables(ground.template()).await?;
    let images = arrange(&before, tables(url).await?, size, units)?;
    let copy = ground.copy()?;
    let mut conn = connect(&copy.url).await?;
    let groups = writes(images);
    let meter = Meter::start();
    let mut run = Run { units, ..Run::default() };
    for (place, group) in groups.iter().enumerate() {
        if place == GROUPS_WITHOUT_STATISTICS {
            sqlx::query("ANALYZE").execute(&mut conn).await?;
        }
        let began = Instant::now();
        let mut transaction = conn.begin().await?;
        for write in group {
            write.query().execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        run.pieces.push(began.elapsed());
    }
    run.cost = meter.stop();
    run.spent = run.pieces.iter().sum();
    check(&mut conn, units).await?;
    conn.close().await?;
    Ok(run)
}

impl Write {
    fn query(&self) -> Query<'_, Postgres, PgArguments> {
        let query = sqlx::query(AssertSqlSafe(Arc::clone(&self.sql)));
        self.columns.iter().fold(query, |query, column| match column {
            Column::Integers(values) => query.bind(values),
            Column::Truths(values) => query.bind(values),
            Column::Texts(values) => query.bind(values),
            Column::Bytes(values) => query.bind(values),
        })
    }
}

/// The transactions as statements with their parameters, made before the clock runs.
fn writes(images: Images) -> Vec<Vec<Write>> {
    let texts: Vec<Arc<str>> = (0..images.tables.len()).map(|place| text(&images, place)).collect();
    let kinds: Vec<Vec<String>> = images
        .tables
        .iter()
        .map(|table| table.columns.iter().map(|(_, kind)| kind.clone()).collect())
        .collect();
    let write = |part: super::images::Part| Write {
        sql: Arc::clone(&texts[part.table]),
        columns: columns(&kinds[part.table], part.rows),
    };
    images.groups.into_iter().map(|group| group.into_iter().map(write).collect()).collect()
}

fn text(images: &Images, place: usize) -> Arc<str> {
    let table = &images.tables[place];
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, (_, kind))| format!("${}::{}[]", at + 1, carried(kind)))
        .collect();
    let given: Vec<String> =
        table.columns.iter().map(|(name, kind)| format!("{name}::{kind}")).collect();
    Arc::from(format!(
        "INSERT INTO {} ({names}) SELECT {} FROM UNNEST({}) AS v ({names}){}",
        table.name,
        given.join(", "),
        values.join(", "),
        images.conflict(place),
        names = names.join(", "),
    ))
}

/// The type in which a column's values travel.
fn carried(kind: &str) -> &str {
    match kind {
        "bigint" | "boolean" | "bytea" => kind,
        _ => "text",
    }
}

fn columns(kinds: &[String], rows: Vec<Vec<Cell>>) -> Vec<Column> {
    let mut columns: Vec<Column> = kinds
        .iter()
        .map(|kind| match carried(kind) {
            "bigint" => Column::Integers(Vec::with_capacity(rows.len())),
            "boolean" => Column::Truths(Vec::with_capacity(rows.len())),
            "bytea" => Column::Bytes(Vec::with_capacity(rows.len())),
            _ => Column::Texts(Vec::with_capacity(rows.len())),
        })
        .collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    columns
}

impl Column {
    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Integers(values), Cell::Integer(value)) => values.push(Some(value)),
            (Self::Truths(values), Cell::Truth(value)) => values.push(Some(value)),
            (Self::Texts(values), Cell::Text(value)) => values.push(Some(value)),
            (Self::Bytes(values), Cell::Bytes(value)) => values.push(Some(value)),
            // A cell is read by the type of its column, so what is left is an absent value.
            (Self::Integers(values), _) => values.push(None),
            (Self::Truths(values), _) => values.push(None),
            (Self::Texts(values), _) => values.push(None),
            (Self::Bytes(values), _) => values.push(None),
        }
    }
}

async fn check(conn: &mut PgConnection, units: u64) -> Result<()> {
    let (orders, invoices): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM orders),
            (SELECT count(*) FROM document WHERE kind = 'invoice' AND state = 'live')",
    )
    .fetch_one(conn)
    .await?;
    let wanted = i64::try_from(units)?;
    if (orders, invoices) != (wanted, wanted) {
        bail!("{wanted} orders were to be there, but {orders} are, with {invoices} invoices");
    }
    Ok(())
}

/// Every table of a database, with its rows.
async fn tables(url: &str) -> Result<Vec<Table>> {
    let mut conn = connect(url).await?;
    let described: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
            COALESCE(a.attnum = ANY (i.indkey), FALSE)
         FROM pg_class AS c
         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            AND c.relname NOT LIKE '\\_sqlx%'
         ORDER BY c.relname, a.attnum",
    )
    .fetch_all(&mut conn)
    .await?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for (name, column, kind, key) in described {
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            columns: Vec::new(),
            key: Vec::new(),
            rows: Vec::new(),
        });
        if key {
            table.key.push(column.clone());
        }
        table.columns.push((column, kind));
    }
    for table in tables.values_mut() {
        let wanted: Vec<String> =
            table.columns.iter().map(|(name, kind)| format!("{name}::{}", carried(kind))).collect();
        let sql = format!("SELECT {} FROM {}", wanted.join(", "), table.name);
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await?;
        table.rows = rows.iter().map(|row| cells(row, table)).collect::<Result<_>>()?;
    }
    conn.close().await?;
    Ok(tables.into_values().collect())
}

fn cells(row: &PgRow, table: &Table) -> Result<Vec<Cell>> {
    let mut cells = Vec::with_capacity(table.columns.len());
    for (at, (_, kind)) in table.columns.iter().enumerate() {
        let cell = match carried(kind) {
            "bigint" => row.try_get::<Option<i64>, _>(at)?.map(Cell::Integer),
            "boolean" => row.try_get::<Option<bool>, _>(at)?.map(Cell::Truth),
            "bytea" => row.try_get::<Option<Vec<u8>>, _>(at)?.map(Cell::Bytes),
            _ => row.try_get::<Option<String>, _>(at)?.map(Cell::Text),
        };
        cells.push(cell.unwrap_or(Cell::Null));
    }
    Ok(cells)
}
