//! The bare limit of ingest: the rows that a run of ours produced, written again into a fresh
//! database of the same schema by the fastest client, in the same groups.

mod images;
mod postgres;
mod sqlite;

use anyhow::Result;

use crate::ground::Ground;
use crate::report::Run;
use crate::torture::Backend;

/// Reads what a run left in `url` and writes it again into a fresh copy; `size` orders make a group.
///
/// # Errors
/// The database's, or rows that are not what a run leaves.
pub(crate) async fn replay(ground: &Ground, url: &str, size: u64, units: u64) -> Result<Run> {
    match ground.backend {
        Backend::Sqlite => sqlite::replay(ground, url, size, units),
        Backend::Postgres => postgres::replay(ground, url, size, units).await,
    }
}

pub(crate) use postgres::connect as connect_postgres;
pub(crate) use sqlite::connect as connect_sqlite;
