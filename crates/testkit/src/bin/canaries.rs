//! `canaries FOLDER`: searches what a test run left for planted secrets and buyer data.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use dermaga_testkit::Failure;
use dermaga_testkit::canaries::{PLANTED, search};

/// In clear in every database, so that a search that finds nothing at all is noticed.
const CONTROL: &str = "Toko Contoh";

fn main() -> ExitCode {
    let told = match std::env::args_os().nth(1) {
        Some(folder) => check(Path::new(&folder)),
        None => Err("which folder?".into()),
    };
    let mut terminal = std::io::stderr().lock();
    let (line, code) = match told {
        Ok(line) => (line, ExitCode::SUCCESS),
        Err(error) => (error.to_string(), ExitCode::FAILURE),
    };
    // There is nobody else to tell.
    drop(writeln!(terminal, "{line}"));
    code
}

fn check(folder: &Path) -> Result<String, Failure> {
    if search(folder, [CONTROL])?.is_empty() {
        return Err(format!("nothing was left in {}", folder.display()).into());
    }
    let places = search(folder, PLANTED)?;
    if places.is_empty() {
        return Ok(format!("{} planted texts were found nowhere", PLANTED.len()));
    }
    Err(format!("planted texts lie about in clear:\n{}", places.join("\n")).into())
}
