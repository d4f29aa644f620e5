//! `dermaga key`: keys of the API.

use std::fmt::Write as _;

use anyhow::Result;

use super::asked::Desk;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key that may read; it is shown this once.
    Create {
        /// What it is for.
        name: String,
    },
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let What::Create { name } = &args.what;
    let org = desk.org().await?;
    let key = super::api_key(desk.store(), org, name).await?;
    writeln!(out, "{key}")?;
    Ok(())
}
