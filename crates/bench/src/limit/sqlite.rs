//! The bare client of SQLite: prepared statements on one connection.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Statement, ToSql, params_from_iter};

use super::images::{Cell, Images, Table, arrange};
use crate::ground::{Ground, file};
use crate::report::Run;
use crate::report::meter::Meter;

/// Opens a file as the store does, and reads back what durability rests on.
///
/// # Errors
/// The database's, or that it refuses.
pub(crate) fn connect(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path)?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;",
    )?;
    conn.query_row("PRAGMA wal_autocheckpoint = 2048", [], |_| Ok(()))?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    let synchronous: i64 = conn.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    if mode != "wal" || synchronous != 2 {
        bail!("the bare client is not durable: journal_mode={mode}, synchronous={synchronous}");
    }
    Ok(conn)
}

pub(super) fn replay(ground: &Ground, url: &str, size: u64, units: u64) -> Result<Run> {
    let before = tables(&file(ground.template()))?;
    let images = arrange(&before, tables(&file(url))?, size, units)?;
    let copy = ground.copy()?;
    let conn = connect(&file(&copy.url))?;
    let mut statements = prepare(&conn, &images)?;
    let meter = Meter::start();
    let mut run = Run { units, ..Run::default() };
    for group in &images.groups {
        let began = Instant::now();
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for part in group {
            if let Some(statement) = statements.get_mut(part.table) {
                for row in &part.rows {
                    statement.execute(params_from_iter(row))?;
                }
            }
        }
        conn.execute_batch("COMMIT")?;
        run.pieces.push(began.elapsed());
    }
    run.cost = meter.stop();
    run.spent = run.pieces.iter().sum();
    drop(statements);
    check(&conn, units)?;
    conn.close().map_err(|(_, error)| error)?;
    Ok(run)
}

fn prepare<'c>(conn: &'c Connection, images: &Images) -> Result<Vec<Statement<'c>>> {
    let mut statements = Vec::new();
    for (place, table) in images.tables.iter().enumerate() {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let values = vec!["?"; names.len()].join(", ");
        let conflict = images.conflict(place);
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({values}){conflict}",
            table.name,
            names.join(", ")
        );
        statements.push(conn.prepare(&sql)?);
    }
    Ok(statements)
}

/// What was written again is all there.
fn check(conn: &Connection, units: u64) -> Result<()> {
    let orders: i64 = conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?;
    let invoices: i64 = conn.query_row(
        "SELECT count(*) FROM document WHERE kind = 'invoice' AND state = 'live'",
        [],
        |row| row.get(0),
    )?;
    let wanted = i64::try_from(units)?;
    if (orders, invoices) != (wanted, wanted) {
        bail!("{wanted} orders were to be there, but {orders} are, with {invoices} invoices");
    }
    Ok(())
}

/// Every table of a file, with its rows.
fn tables(path: &Path) -> Result<Vec<Table>> {
    let conn = Connection::open(path)?;
    let names: Vec<String> = conn
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
             AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    names.into_iter().map(|name| table(&conn, name)).collect()
}

fn table(conn: &Connection, name: String) -> Result<Table> {
    let described: Vec<(String, String, i64)> = conn
        .prepare("SELECT name, type, pk FROM pragma_table_info($1)")?
        .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let key =
        described.iter().filter(|(_, _, pk)| *pk > 0).map(|(name, ..)| name.clone()).collect();
    let columns: Vec<(String, String)> =
        described.into_iter().map(|(name, kind, _)| (name, kind)).collect();
    let wanted: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let sql = format!("SELECT {} FROM {name}", wanted.join(", "));
    let rows = conn
        .prepare(&sql)?
        .query_map([], |row| (0..wanted.len()).map(|at| row.get(at).map(cell)).collect())?
        .collect::<rusqlite::Result<Vec<Vec<Cell>>>>()?;
    Ok(Table { name, columns, key, rows })
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Integer(value) => Cell::Integer(value),
        // No column holds one.
        Value::Real(value) => Cell::Text(value.to_string()),
        Value::Text(value) => Cell::Text(value),
        Value::Blob(value) => Cell::Bytes(value),
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Truth(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}
