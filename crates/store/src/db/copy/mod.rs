//! Copies of everything: every row of every table, read in one snapshot and written into an empty
//! database of the same version, whichever of the two databases either is.
//!
//! Tables and columns come from the catalogue, not from the code: a database of an older version is
//! copied as it is.

mod load;
mod snapshot;

pub(crate) use load::{Batch, Loading};
pub(crate) use snapshot::{Lines, Snapshot};

use super::error::{Error, Result};

/// The type of a column; there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Bigint,
    Text,
    Boolean,
    Blob,
}

impl Kind {
    fn read(table: &str, column: &str, name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "bigint" => Ok(Self::Bigint),
            "text" => Ok(Self::Text),
            "boolean" => Ok(Self::Boolean),
            "blob" | "bytea" => Ok(Self::Blob),
            other => Err(Error::Setup(format!("{table}.{column} has the unknown type {other}"))),
        }
    }

    /// As the macro for rows names it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Bigint => "bigint",
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Blob => "blob",
        }
    }
}

/// A table with its columns, in their order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Kind)>,
}

impl Table {
    /// Whether its rows belong to orgs.
    pub(crate) fn is_of_orgs(&self) -> bool {
        self.columns.iter().any(|(name, _)| name == "org_id")
    }

    /// Names that come from a file are put into statements: nothing but small letters, digits and
    /// underlines is a name.
    pub(crate) fn is_well_named(&self) -> bool {
        let well = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        well(&self.name) && self.columns.iter().all(|(name, _)| well(name))
    }

    fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}

fn driver(name: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| Error::from_driver(Some(name), error)
}
