//! The database layer: one SQL text, two databases, no public transaction.
//!
//! ```text
//!  Store method ── job ──> Database::write ──> SQLite: one writer task, group commit
//!                                         └──> PostgreSQL: pool, BEGIN, SET LOCAL app.org_id, job, COMMIT
//!               ── job ──> Database::read  ──> SQLite: read-only connections, bounded in time
//!                                         └──> PostgreSQL: one read-only transaction
//!  web          ── row ──> Appender        ──> many callers, one multi-row insert, one commit
//! ```
//!
//! A job is a closure over [`Conn`] that can be run again: after a neighbour in its group failed,
//! after a serialisation failure, after a deadlock.
#![expect(dead_code, unused_imports, reason = "the layer is used by the tables built on top of it")]

mod append;
#[cfg(test)]
pub(crate) mod checks;
mod conn;
mod copy;
mod database;
mod dialect;
mod error;
mod job;
mod migrate;
mod postgres;
mod role;
mod rows;
mod sqlite;
mod statement;
mod step;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use append::{Appended, Appender, Entry};
pub(crate) use conn::{Conn, Row};
pub(crate) use copy::{Batch, Lines, Loading, Snapshot, Table};
pub use database::Options;
pub(crate) use database::{Backend, Database, Lane, Wakeups};
pub(crate) use dialect::Dialect;
pub use error::Error;
pub(crate) use error::Result;
pub(crate) use migrate::{Migrations, has_tables, migrate, migrate_until};
pub use role::AppRole;
pub(crate) use rows::{Cell, Packed, Rows};
pub(crate) use statement::{Scope, Statement, statements};
pub use step::{Pulse, Step};
pub(crate) use value::Value;
