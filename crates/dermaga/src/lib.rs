//! The `dermaga` binary: wiring only. Every command reads its arguments, opens what it needs, calls
//! the engine, the store or the sandbox, and prints.

pub mod clock;
pub mod commands;
pub mod hub;
pub mod listed;
mod log;
pub mod socket;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted hub for the orders and the stock of a seller's channels.
#[derive(Debug, Parser)]
#[command(name = "dermaga", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything on this machine: the hub, a sandbox and a stream of orders.
    Demo(commands::demo::Args),
    /// Start the hub.
    Serve(commands::serve::Args),
    /// Start the sandbox alone.
    Sandbox(commands::sandbox::Args),
    /// Bring the database to the newest schema.
    Migrate(commands::migrate::Args),
    /// Take a backup of everything, also while the hub works.
    Backup(commands::backup::Args),
    /// Put a backup into a new database, or check it.
    Restore(commands::backup::RestoreArgs),
    /// Make a new root key and wrap everything with it, while no hub works.
    RotateKey(commands::rotate_key::Args),
    /// Measure and torture.
    Bench(commands::bench::Args),
    /// Commands on a hub's own store.
    #[command(flatten)]
    Asked(commands::asked::Asked),
}

/// Runs the command that was asked for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Asked(asked) => {
                let args = std::env::args_os().skip(1);
                let args = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
                return Ok(commands::ask::run(asked, args).await);
            }
            Command::Demo(args) => commands::demo::run(args).await,
            Command::Serve(args) => commands::serve::run(args).await,
            Command::Sandbox(args) => commands::sandbox::run(args).await,
            Command::Migrate(args) => commands::migrate::run(args).await,
            Command::Backup(args) => commands::backup::run(args).await,
            Command::Restore(args) => commands::backup::restore(args).await,
            Command::RotateKey(args) => commands::rotate_key::run(args).await,
            Command::Bench(args) => commands::bench::run(args).await,
        }
        .map(|()| ExitCode::SUCCESS)
    });
    match result {
        Ok(status) => status,
        Err(error) => failed(&error),
    }
}

/// One line for a person, with every cause.
#[expect(clippy::print_stderr, reason = "the last word of a command goes to the terminal")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("dermaga: {}", commands::trouble::line(error));
    ExitCode::FAILURE
}
