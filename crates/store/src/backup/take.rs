//! Taking a backup: the database is read here, and another thread packs and encrypts.

use std::collections::BTreeMap;
use std::path::Path;

use dermaga_domain::time::Clock;
use tokio::sync::mpsc;

use super::seal::{Lock, Writing};
use super::{Contents, End, FORMAT, Header, LEFT_OUT, Mark, Result, unwritable};
use crate::crypto::Keyring;
use crate::db::{Lines, Options, Snapshot};

/// Chunks that may wait for the disk.
const CHUNKS: usize = 8;

/// Takes a backup of a database, beside a hub that works on it.
///
/// # Errors
/// When the database cannot be read or the file not be written; then there is no file of that name.
pub async fn back_up(
    url: &str,
    options: &Options,
    root: [u8; 32],
    clock: &dyn Clock,
    (path, lock): (&Path, &Lock),
) -> Result<Contents> {
    let mark = clock.now();
    let mut snapshot = Snapshot::begin(url, options).await?;
    let header = Header {
        dermaga_backup: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema: snapshot.schema().await?,
        database: if snapshot.is_sqlite() { "sqlite" } else { "postgres" }.to_owned(),
        mark_us: mark.0,
        root_key: Keyring::new(root).known_by(),
    };
    let (to, from) = mpsc::channel(CHUNKS);
    let writing = Writing::begin(path, lock, root)?;
    let writer = tokio::task::spawn_blocking(move || write(writing, from));
    let read = read(&mut snapshot, &header, Lines::new(to)).await;
    let written = writer.await.map_err(|error| unwritable(path, &error))?;
    // The disk's trouble is why reading stopped, where both failed.
    let bytes = match (read, written) {
        (Ok(rows), Ok(Some(bytes))) => return done(snapshot, header, rows, bytes).await,
        (_, Err(error)) => Err(error),
        (Err(error), Ok(_)) => Err(error.into()),
        (Ok(_), Ok(None)) => Err(unwritable(path, &"it was not finished")),
    };
    snapshot.end().await?;
    bytes
}

async fn done(
    snapshot: Snapshot,
    header: Header,
    rows: BTreeMap<String, u64>,
    bytes: u64,
) -> Result<Contents> {
    snapshot.end().await?;
    Ok(Contents { header, rows, bytes })
}

/// Reads everything; the last chunk is an empty one, by which the writer knows that it was.
async fn read(
    snapshot: &mut Snapshot,
    header: &Header,
    mut lines: Lines,
) -> crate::db::Result<BTreeMap<String, u64>> {
    lines.push(header).await?;
    let mut rows = BTreeMap::new();
    let orgs = snapshot.orgs().await?;
    let tables = snapshot.tables().await?;
    let tables = tables.into_iter().filter(|table| !LEFT_OUT.contains(&table.name.as_str()));
    let (of_orgs, directory): (Vec<_>, Vec<_>) = tables.partition(crate::db::Table::is_of_orgs);
    let scopes = std::iter::once((None, &directory))
        .chain(orgs.into_iter().map(|org| (Some(org), &of_orgs)));
    for (org, tables) in scopes {
        for table in tables {
            lines.push(&Mark::Table { table: table.clone(), org }).await?;
            let count = snapshot.rows(table, org, &mut lines).await?;
            *rows.entry(table.name.clone()).or_default() += count;
        }
    }
    lines.push(&Mark::End(End { rows: rows.clone() })).await?;
    lines.flush().await?;
    // Nothing is left: the empty chunk.
    lines.flush().await?;
    Ok(rows)
}

/// Writes what comes; gives the size when everything came, and nothing when reading stopped before.
fn write(mut writing: Writing, mut from: mpsc::Receiver<Vec<u8>>) -> Result<Option<u64>> {
    while let Some(chunk) = from.blocking_recv() {
        if chunk.is_empty() {
            return writing.finish().map(Some);
        }
        writing.add(&chunk)?;
    }
    Ok(None)
}
