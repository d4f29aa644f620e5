//! The `dermaga` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    dermaga::main()
}
