//! The files of the workspace.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;

/// Every text file that belongs to the workspace, by its path from the root.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the files git knows, and those it would know after `git add`. Files that are not UTF-8
    /// (pictures) are left out.
    ///
    /// # Errors
    /// When git cannot list the files, or a listed file cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let output = Command::new("git")
            // The files may belong to another user than the one who tests.
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .args(["--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("git ls-files: {said}")));
        }
        let mut files = BTreeMap::new();
        for path in String::from_utf8_lossy(&output.stdout).split_terminator('\0') {
            match std::fs::read_to_string(root.join(path)) {
                Ok(text) => {
                    files.insert(path.to_owned(), text);
                }
                // Deleted but not yet committed, or not text.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::InvalidData
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { files })
    }

    /// A tree made of the given paths and texts.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self { files: files.iter().map(owned).collect() }
    }

    /// The text of one file.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files whose path begins with `folder` (which ends in `/`).
    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files().filter(move |(path, _)| path.starts_with(folder))
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs"))
    }

    /// The names of the folders directly in `folder` (which ends in `/`), sorted.
    #[must_use]
    pub fn folders(&self, folder: &str) -> Vec<&str> {
        let first = |path: &'_ str| path.find('/');
        let mut names: Vec<&str> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(folder))
            .filter_map(|rest| first(rest).map(|end| &rest[..end]))
            .collect();
        names.dedup();
        names
    }
}
