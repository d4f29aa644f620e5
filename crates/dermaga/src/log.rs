//! Logs: readable on a terminal, JSON elsewhere; `DERMAGA_LOG` says how much.

use std::io::IsTerminal as _;

use dermaga_web::NEVER_LOGGED;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("DERMAGA_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,dermaga=info"));
    let filter = NEVER_LOGGED
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        logs.compact().try_init()
    } else {
        logs.json().try_init()
    };
    // A second start, in a test, leaves the first as it is.
    drop(started);
}
