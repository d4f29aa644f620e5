//! One process owns the file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::super::error::{Error, Result};

/// The lock on `<database>-owner`, held while the value lives and given back by the system when the
/// process dies in whatever way.
pub(in super::super) struct Owner {
    _file: File,
}

impl Owner {
    /// Takes the file, or says that somebody else has it.
    pub(in super::super) fn take(database: &Path) -> Result<Self> {
        let path = lock_path(database);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| setup(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::NotOwner { path: path.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(setup(&path, &error)),
        }
    }
}

fn setup(path: &Path, error: &std::io::Error) -> Error {
    Error::Setup(format!("cannot open {}: {error}", path.display()))
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-owner");
    PathBuf::from(name)
}
