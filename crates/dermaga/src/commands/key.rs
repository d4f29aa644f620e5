//! `dermaga key`: keys of the API.

use std::fmt::Write as _;

use anyhow::Result;
use dermaga_domain::access::KeyScope;

use super::asked::Desk;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key; it is shown this once.
    Create {
        /// What it is for.
        name: String,
        /// What it may do: read, act, stock, download, buyers, raw or audit; may be given again. `act`
        /// reads as well.
        #[arg(long = "scope", default_values_t = [KeyScope::Read])]
        scopes: Vec<KeyScope>,
    },
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let What::Create { name, scopes } = &args.what;
    let mut wanted = scopes.clone();
    if wanted.iter().any(|scope| matches!(scope, KeyScope::Act | KeyScope::Privacy)) {
        wanted.push(KeyScope::Read);
    }
    wanted.sort();
    wanted.dedup();
    let scopes = wanted.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let org = desk.org().await?;
    let key = super::api_key(desk.store(), org, (name, &scopes)).await?;
    writeln!(out, "{key}")?;
    Ok(())
}
