//! Errors of the store.

/// Why the store did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database's own trouble.
    #[error(transparent)]
    Database(#[from] crate::db::Error),
    /// A sealed value cannot be opened.
    #[error(transparent)]
    Sealed(#[from] crate::crypto::Error),
    /// The key that a value was sealed with is gone, or was never made.
    #[error("the key of a sealed value is not there; it may have been destroyed with its month")]
    NoKey,
    /// A stored flow cannot be read any more.
    #[error("stored flow {id} cannot be used: {reason}")]
    BadFlow {
        /// Which version.
        id: i64,
        /// What is wrong.
        reason: String,
    },
    /// Someone else has taken over the work: nothing was stored.
    #[error("the lease on {0} was lost; nothing was stored")]
    LeaseLost(String),
    /// The thing does not exist, or is not visible to who asks.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// What was asked cannot be done as things stand.
    #[error("{0}")]
    Refused(String),
    /// What a person saw has changed since: they must look again.
    #[error("it has changed since it was looked at: {now} units are on hand now")]
    Changed {
        /// On hand now, in units.
        now: i64,
    },
    /// The shop follows another version of its flow than the one that was looked at.
    #[error("the shop's flow was changed since it was looked at")]
    FlowChanged,
}

/// The result of everything in the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Database(crate::db::Error::Busy { .. } | crate::db::Error::Full))
    }

    /// A stored value that the code cannot read.
    pub(crate) fn inconsistent(
        table: &'static str,
        column: &'static str,
        row: impl std::fmt::Display,
    ) -> Self {
        Self::Database(crate::db::Error::Inconsistent { table, column, row: row.to_string() })
    }
}
