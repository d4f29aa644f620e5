//! Reading a backup: checked to its end, or put into a new database.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::sync::mpsc;

use super::seal::{self, Key, Reading};
use super::{Contents, Error, FORMAT, Header, Mark, Result, unreadable};
use crate::crypto::Keyring;
use crate::db::{self, Backend, Batch, Loading, Options, Table};
use crate::open::MIGRATIONS;

/// Rows that are written together, at most.
const ROWS: usize = 500;
/// Bytes of lines that are written together: one row may be longer.
const BYTES: usize = 1024 * 1024;
/// Batches that may wait for the database.
const BATCHES: usize = 2;

/// A restored database that is not in its place yet: what must be gone from it can still be removed.
#[derive(Debug)]
pub struct Staged {
    /// Where it can be opened meanwhile.
    pub url: String,
    /// What was restored.
    pub contents: Contents,
    rename: Option<(PathBuf, PathBuf)>,
}

impl Staged {
    /// Puts it into its place.
    ///
    /// # Errors
    /// When the file cannot be given its name.
    pub fn finish(self) -> Result<Contents> {
        if let Some((from, to)) = &self.rename {
            let placed = std::fs::rename(from, to);
            placed.map_err(|error| super::unwritable(to, &error))?;
            for beside in ["-owner", "-wal", "-shm"] {
                let mut name = from.as_os_str().to_owned();
                name.push(beside);
                // Only the lock is surely there.
                drop(std::fs::remove_file(name));
            }
        }
        Ok(self.contents)
    }
}

/// Reads a backup to its end and says what is in it.
///
/// # Errors
/// When it cannot be opened, is damaged or cut off, belongs to another root key or to a newer program.
pub async fn check(path: &Path, key: &Key, root: [u8; 32]) -> Result<Contents> {
    let (to, mut from) = mpsc::channel(BATCHES);
    let reader = read_beside(path, key, root, to)?;
    while from.recv().await.is_some() {}
    reader.await.map_err(|error| unreadable(&error))?
}

/// Puts a backup into a new database: made at the version of the backup, filled, and brought to the
/// newest version. `options` has the role that the hub works as on PostgreSQL.
///
/// # Errors
/// As [`check`]; when there is a database already; the database's.
pub async fn restore(
    (path, key): (&Path, &Key),
    root: [u8; 32],
    (url, options): (&str, &Options),
) -> Result<Staged> {
    let header = header_of(&mut seal::open(path, key, root)?, root)?;
    let (staged, rename) = stage(url).await?;
    let role = options.role.as_ref();
    db::migrate_until(&staged, &MIGRATIONS, role, Some(header.schema)).await?;
    let contents = fill((path, key), root, (&staged, options)).await?;
    db::migrate(&staged, &MIGRATIONS, role).await?;
    Ok(Staged { url: staged, contents, rename })
}

async fn fill(
    (path, key): (&Path, &Key),
    root: [u8; 32],
    (url, options): (&str, &Options),
) -> Result<Contents> {
    let mut loading = Loading::begin(url, options).await?;
    let (to, mut from) = mpsc::channel(BATCHES);
    let reader = read_beside(path, key, root, to)?;
    let mut put = Ok(());
    while let Some(batch) = from.recv().await {
        put = loading.put(&batch).await;
        if put.is_err() {
            break;
        }
    }
    drop(from);
    let read = reader.await.map_err(|error| unreadable(&error))?;
    put?;
    let contents = read?;
    loading.end().await?;
    Ok(contents)
}

/// Where the database is made: beside its place for a file, in its place on a server.
async fn stage(url: &str) -> Result<(String, Option<(PathBuf, PathBuf)>)> {
    match Backend::from_url(url)? {
        Backend::Sqlite(path) => {
            if path.exists() {
                return Err(Error::Occupied(path.display().to_string()));
            }
            let mut beside = path.as_os_str().to_owned();
            beside.push(".restoring");
            let beside = PathBuf::from(beside);
            // What is left of a restore that was broken off.
            drop(std::fs::remove_file(&beside));
            Ok((format!("sqlite:{}", beside.display()), Some((beside, path))))
        }
        Backend::Postgres(_) => {
            if db::has_tables(url).await? {
                return Err(Error::Occupied("the database".to_owned()));
            }
            Ok((url.to_owned(), None))
        }
    }
}

type Reader = tokio::task::JoinHandle<Result<Contents>>;

/// Reads on a thread of its own, and hands on what it reads.
fn read_beside(path: &Path, key: &Key, root: [u8; 32], to: mpsc::Sender<Batch>) -> Result<Reader> {
    let bytes = std::fs::metadata(path).map_err(|error| unreadable(&error))?.len();
    let (path, key) = (path.to_owned(), key.clone());
    Ok(tokio::task::spawn_blocking(move || {
        let mut reading = seal::open(&path, &key, root)?;
        let header = header_of(&mut reading, root)?;
        let rows = rows_of(&mut reading, &to)?;
        Ok(Contents { header, rows, bytes })
    }))
}

fn line(reading: &mut Reading, line: &mut String) -> Result<bool> {
    line.clear();
    let read = reading.read_line(line);
    // Damaged or cut off: every part of the file is authenticated.
    let read = read.map_err(|_| Error::Unreadable("it is damaged or cut off".to_owned()))?;
    Ok(read > 0)
}

fn header_of(reading: &mut Reading, root: [u8; 32]) -> Result<Header> {
    let mut text = String::new();
    line(reading, &mut text)?;
    let header: Header = serde_json::from_str(&text)
        .map_err(|_| Error::Unreadable("it does not begin like a backup".to_owned()))?;
    let known = MIGRATIONS.sqlite.iter().map(|migration| migration.version).max();
    let known = known.unwrap_or_default();
    if header.dermaga_backup > FORMAT || header.schema > known {
        return Err(Error::Newer { found: header.schema, known });
    }
    if header.root_key != Keyring::new(root).known_by() {
        return Err(Error::OtherRootKey);
    }
    Ok(header)
}

/// Hands on every row; gives their numbers, which must be those that stand at the end.
fn rows_of(reading: &mut Reading, to: &mpsc::Sender<Batch>) -> Result<BTreeMap<String, u64>> {
    let damaged = || Error::Unreadable("a line cannot be understood".to_owned());
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    let mut open: Option<(Batch, usize)> = None;
    let mut text = String::new();
    while line(reading, &mut text)? {
        if text.starts_with('[') {
            let (batch, bytes) = open.as_mut().ok_or_else(damaged)?;
            let row: Vec<Value> = serde_json::from_str(&text).map_err(|_| damaged())?;
            batch.rows.push(row);
            *bytes += text.len();
            if batch.rows.len() >= ROWS || *bytes >= BYTES {
                *bytes = 0;
                hand_on(batch, to, &mut counted)?;
            }
            continue;
        }
        if let Some((mut batch, _)) = open.take() {
            hand_on(&mut batch, to, &mut counted)?;
        }
        match serde_json::from_str(&text).map_err(|_| damaged())? {
            Mark::Table { table, org } if table.is_well_named() => {
                counted.entry(table.name.clone()).or_default();
                open = Some((Batch { table, org, rows: Vec::new() }, 0));
            }
            Mark::Table { .. } => return Err(damaged()),
            Mark::End(end) if end.rows == counted => return Ok(counted),
            Mark::End(_) => return Err(Error::Unreadable("rows are missing".to_owned())),
        }
    }
    Err(Error::Unreadable("its end is missing".to_owned()))
}

fn hand_on(
    batch: &mut Batch,
    to: &mpsc::Sender<Batch>,
    counted: &mut BTreeMap<String, u64>,
) -> Result<()> {
    let rows = std::mem::take(&mut batch.rows);
    if rows.is_empty() {
        return Ok(());
    }
    let table: Table = batch.table.clone();
    *counted.entry(table.name.clone()).or_default() += rows.len() as u64;
    let full = Batch { table, org: batch.org, rows };
    // Who takes them knows why they are no longer taken.
    to.blocking_send(full).map_err(|_| Error::Unreadable("reading was broken off".to_owned()))
}
