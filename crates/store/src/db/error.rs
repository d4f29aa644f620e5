//! What can go wrong at the database, by what the caller can do about it.

use std::sync::Arc;

/// The result of everything in this layer.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database did not do what was asked. Unless it says otherwise, nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The queue is full or the database cannot be reached now: try again later.
    #[error("the database is busy, try again in {retry_after_ms} ms")]
    Busy {
        /// How long to wait before the next try.
        retry_after_ms: u64,
    },
    /// The disk is full or not writable: nothing was kept; works again once there is space.
    #[error("the database cannot write: the disk is full or read-only")]
    Full,
    /// A read took longer than it may: ask for less.
    #[error("the read took longer than {limit_ms} ms")]
    TooSlow {
        /// The limit that was reached.
        limit_ms: u64,
    },
    /// Somebody else wrote the same row first: the job runs again and finds it.
    #[error("somebody else wrote the same first")]
    Overtaken,
    /// The job gave up for a reason of its own: nothing of it was kept.
    #[error("the work was given up")]
    GivenUp,
    /// A unique key, foreign key or check refused the row.
    #[error("refused by constraint {0}")]
    Conflict(
        /// The constraint's name; SQLite names unique keys by their columns (`table.a, table.b`).
        String,
    ),
    /// The connection was lost while committing: re-read by key before repeating.
    #[error("it is unknown whether the change was committed")]
    UnknownCommit,
    /// A stored row contradicts itself or the code.
    #[error("inconsistent row {row} in {table}.{column}")]
    Inconsistent {
        /// The table of the row.
        table: &'static str,
        /// The column that cannot be right.
        column: &'static str,
        /// The key of the row, as text.
        row: String,
    },
    /// Another process has the database file open.
    #[error("{path} belongs to another running process; stop it or talk to it instead")]
    NotOwner {
        /// The lock file.
        path: String,
    },
    /// The address, role or setting of the database cannot be used as it is.
    #[error("{0}")]
    Setup(
        /// What is wrong and what to do.
        String,
    ),
    /// A statement was called for another org than its transaction's.
    #[error("statement {statement} was not called for the org of its transaction")]
    WrongOrg {
        /// The name of the statement.
        statement: &'static str,
    },
    /// The job panicked: its changes were rolled back.
    #[error("the job panicked: {0}")]
    Panicked(
        /// What the panic said.
        String,
    ),
    /// The task that serves the database has stopped, because the process is stopping.
    #[error("the database is closed")]
    Closed,
    /// Anything else: a bug, or a broken database.
    #[error("database error{}", at(*statement))]
    Database {
        /// The name of the statement, when it was one.
        statement: Option<&'static str>,
        /// What the driver said.
        #[source]
        source: Arc<sqlx::Error>,
    },
}

fn at(statement: Option<&'static str>) -> String {
    statement.map(|name| format!(" at {name}")).unwrap_or_default()
}

/// How long a caller should wait after [`Error::Busy`], unless a queue knows better.
pub(crate) const RETRY_AFTER_MS: u64 = 1_000;

/// SQLite's primary result codes that mean "cannot write now".
/// <https://www.sqlite.org/rescode.html>
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;
const SQLITE_BUSY: u32 = 5;

impl Error {
    /// Sorts a driver's error of the named statement.
    pub(crate) fn from_driver(statement: Option<&'static str>, source: sqlx::Error) -> Self {
        let busy = Self::Busy { retry_after_ms: RETRY_AFTER_MS };
        let found = if let sqlx::Error::Database(error) = &source {
            from_database(error.as_ref())
        } else if matches!(
            source,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_)
        ) {
            Some(busy)
        } else if matches!(source, sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) {
            Some(Self::Closed)
        } else {
            None
        };
        found.unwrap_or_else(|| Self::Database { statement, source: Arc::new(source) })
    }

    /// Sorts an error of COMMIT itself: a lost connection leaves the outcome unknown.
    pub(crate) fn from_commit(source: sqlx::Error) -> Self {
        let unknown = if let sqlx::Error::Database(error) = &source {
            let code = error.code().unwrap_or_default();
            sqlite_primary(error.as_ref()) == Some(SQLITE_IOERR)
                || code.starts_with("08")
                || code.starts_with("57P")
        } else {
            matches!(
                source,
                sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed
            )
        };
        if unknown { Self::UnknownCommit } else { Self::from_driver(Some("commit"), source) }
    }

    /// Whether the whole transaction is to be run again: a deadlock, or a serialisation failure, which
    /// the lock order is there to rule out.
    pub(crate) fn is_deadlock(&self) -> bool {
        self.has_state(&["40001", "40P01"])
    }

    /// Whether PostgreSQL stopped the statement because it took too long.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.has_state(&["57014"])
    }

    fn has_state(&self, states: &[&str]) -> bool {
        let Self::Database { source, .. } = self else { return false };
        let sqlx::Error::Database(error) = source.as_ref() else { return false };
        error.code().is_some_and(|code| states.contains(&code.as_ref()))
    }
}

fn sqlite_primary(error: &dyn sqlx::error::DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    error.code()?.parse::<u32>().ok().map(|code| code & 0xff)
}

fn from_database(error: &dyn sqlx::error::DatabaseError) -> Option<Error> {
    if let Some(primary) = sqlite_primary(error) {
        match primary {
            SQLITE_FULL | SQLITE_READONLY | SQLITE_IOERR => return Some(Error::Full),
            SQLITE_BUSY => return Some(Error::Busy { retry_after_ms: RETRY_AFTER_MS }),
            _ => {}
        }
    } else {
        match error.code().unwrap_or_default().as_ref() {
            // Disk full, out of memory for the request, read-only transaction on a stand-by.
            "53100" | "25006" => return Some(Error::Full),
            // Too many connections, lock not had in time, server stopping or starting, connection
            // exceptions.
            "53300" | "55P03" | "57P01" | "57P02" | "57P03" => {
                return Some(Error::Busy { retry_after_ms: RETRY_AFTER_MS });
            }
            code if code.starts_with("08") => {
                return Some(Error::Busy { retry_after_ms: RETRY_AFTER_MS });
            }
            _ => {}
        }
    }
    if error.is_unique_violation()
        || error.is_foreign_key_violation()
        || error.is_check_violation()
        || error.kind() == sqlx::error::ErrorKind::NotNullViolation
    {
        return Some(Error::Conflict(constraint(error)));
    }
    None
}

/// The constraint's name, or what SQLite says after `constraint failed:`.
fn constraint(error: &dyn sqlx::error::DatabaseError) -> String {
    if let Some(name) = error.constraint() {
        return name.to_owned();
    }
    let message = error.message();
    message.split_once("constraint failed: ").map_or(message, |(_, name)| name).to_owned()
}
