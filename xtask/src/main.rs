//! `cargo run -p xtask -- <chore>`.

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let chore = std::env::args().nth(1);
    let done = match chore.as_deref() {
        Some("docs") => docs(),
        _ => Err(io::Error::other("name a chore: docs (writes the generated documents)")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the generated documents and lists those that changed.
fn docs() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for path in xtask::docs::write()? {
        writeln!(out, "written: {}", path.display())?;
    }
    Ok(())
}
