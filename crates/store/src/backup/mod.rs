//! Backups: everything in one encrypted file, taken while the hub works, for either database.
//!
//! ```text
//!  snapshot ── rows as lines of JSON ── gzip ── age ── file.partial ── file
//! ```
//!
//! A file begins with a line of its own ([`Header`]), then a line for each table and org with the names
//! of the columns, followed by its rows, and ends with a line that counts them. Log-ins and leases are
//! left out. Everything that is sealed in the database is sealed in the backup as well: without the
//! root key neither credentials nor buyers can be read from it.

mod put;
mod seal;
mod take;

use std::collections::BTreeMap;
use std::path::Path;

pub use put::{Staged, check, restore};
pub use seal::{Key, Lock, new_identity};
pub use take::back_up;

/// The layout of the file.
const FORMAT: u32 = 1;
/// Tables whose rows are of no use elsewhere: log-ins end, and nobody is at work yet.
const LEFT_OUT: [&str; 2] = ["session", "lease"];

/// Why a backup was not taken or not restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database's trouble.
    #[error(transparent)]
    Store(#[from] crate::Error),
    /// The file cannot be written.
    #[error("the backup {path} cannot be written: {reason} (DMG-0904)")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file cannot be opened, is damaged, or was cut off.
    #[error("the backup cannot be read: {0} (DMG-0901)")]
    Unreadable(String),
    /// The place is taken.
    #[error(
        "{0} is not empty; a backup is restored into a new database, so name another (DMG-0902)"
    )]
    Occupied(String),
    /// A newer program took it.
    #[error(
        "the backup has version {found} and this program knows {known}; restore it with the newer program (DMG-0903)"
    )]
    Newer {
        /// The version of the backup.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Another root key.
    #[error(
        "the backup was taken under another root key, so nothing that is encrypted in it could be read; bring the key that belongs to it (DMG-0501)"
    )]
    OtherRootKey,
}

impl From<crate::db::Error> for Error {
    fn from(error: crate::db::Error) -> Self {
        Self::Store(crate::Error::Database(error))
    }
}

/// The result of everything about backups.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Header {
    /// The layout.
    pub dermaga_backup: u32,
    /// The version of the program that took it.
    pub program: String,
    /// The version of the schema.
    pub schema: i64,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The mark, in microseconds since the epoch: everything that was committed before it is there.
    pub mark_us: i64,
    /// By what the root key that belongs to it is known; nothing can be told of the key from it.
    pub root_key: String,
}

/// What stands at the end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct End {
    rows: BTreeMap<String, u64>,
}

/// A line that is not a row.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    /// Rows of a table follow, of one org where they belong to orgs.
    Table { table: crate::db::Table, org: Option<i64> },
    /// Nothing follows.
    End(End),
}

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What it says of itself.
    pub header: Header,
    /// How many rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The file's size in bytes.
    pub bytes: u64,
}

impl Contents {
    /// How many rows in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Unwritable { path: path.display().to_string(), reason: error.to_string() }
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::Unreadable(error.to_string())
}
