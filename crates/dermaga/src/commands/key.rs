//! `dermaga key`: keys of the API.

use std::fmt::Write as _;

use anyhow::Result;
use dermaga_domain::access::KeyScope;
use dermaga_store::read::accounts::{ACT, READ};

use super::asked::Desk;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scope {
    /// Read everything.
    Read,
    /// Read everything, and give commands for orders.
    Act,
    /// Give out and erase what is held about one buyer.
    Privacy,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key; it is shown this once.
    Create {
        /// What it is for.
        name: String,
        /// What it may do; may be given again.
        #[arg(long = "scope", value_enum, default_values_t = [Scope::Read])]
        scopes: Vec<Scope>,
    },
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let What::Create { name, scopes } = &args.what;
    let mut given = vec![READ];
    for (scope, word) in [(Scope::Act, ACT), (Scope::Privacy, KeyScope::Privacy.as_str())] {
        given.extend(scopes.contains(&scope).then_some(word));
    }
    let scopes = given.join(" ");
    let org = desk.org().await?;
    let key = super::api_key(desk.store(), org, (name, &scopes)).await?;
    writeln!(out, "{key}")?;
    Ok(())
}
