//! Documents that are generated, and the check that they are up to date.

use std::io;
use std::path::{Path, PathBuf};

use dermaga_channels::flows::{FLOW_FILES, markdown};
use dermaga_domain::flow::FlowFile;

/// The command that writes the documents.
pub const COMMAND: &str = "cargo run -p xtask -- docs";

/// A generated document.
pub struct Page {
    /// Where it is, from the root of the workspace.
    pub path: PathBuf,
    /// What it must hold.
    pub text: String,
}

/// Every generated document.
///
/// # Errors
/// When a flow file is wrong; the error names its line.
pub fn pages() -> io::Result<Vec<Page>> {
    let page = |(channel, text): &(&str, &str)| {
        let name = format!("crates/channels/src/{channel}/flow.toml");
        let file = FlowFile::parse(&name, text).map_err(io::Error::other)?;
        let path = Path::new("docs/flows").join(format!("{channel}.md"));
        Ok(Page { path, text: markdown::page(channel, &file) })
    };
    FLOW_FILES.iter().map(page).collect()
}

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes every document that is not up to date, and names those written.
///
/// # Errors
/// When a page cannot be made or written.
pub fn write() -> io::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for page in outdated()? {
        let path = root().join(&page.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, page.text)?;
        written.push(page.path);
    }
    Ok(written)
}

/// The documents whose file is missing or differs.
///
/// # Errors
/// When a page cannot be made, or a file is there and cannot be read.
pub fn outdated() -> io::Result<Vec<Page>> {
    let mut outdated = Vec::new();
    for page in pages()? {
        match std::fs::read_to_string(root().join(&page.path)) {
            Ok(text) if text == page.text => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => outdated.push(page),
        }
    }
    Ok(outdated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_documents_are_up_to_date() {
        let outdated: Vec<PathBuf> =
            super::outdated().unwrap().into_iter().map(|page| page.path).collect();
        assert!(outdated.is_empty(), "{outdated:?} are out of date: run `{COMMAND}`");
    }

    #[test]
    fn no_flow_page_outlives_its_channel() {
        let expected: Vec<PathBuf> = pages().unwrap().into_iter().map(|page| page.path).collect();
        for entry in std::fs::read_dir(root().join("docs/flows")).unwrap() {
            let path = Path::new("docs/flows").join(entry.unwrap().file_name());
            assert!(expected.contains(&path), "{path:?} belongs to no channel: delete it");
        }
    }
}
