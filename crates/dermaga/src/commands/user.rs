//! `dermaga user`: accounts of people.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use rand::RngCore as _;

use super::asked::Desk;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make the owner's account, and the business if there is none yet.
    CreateOwner {
        /// What the owner logs in with, such as an e-mail address.
        login: String,
        /// The owner's name.
        #[arg(long)]
        name: String,
        /// The name of the business.
        #[arg(long, default_value = "My business")]
        business: String,
        /// Read the password from the first line of the standard input. Without this one is made,
        /// and shown this once.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// The shortest password, in characters.
const PASSWORD_MIN: usize = 10;

impl Args {
    /// Whether the password is read from the standard input.
    pub(super) const fn reads_input(&self) -> bool {
        let What::CreateOwner { password_stdin, .. } = &self.what;
        *password_stdin
    }
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let What::CreateOwner { login, name, business, password_stdin } = &args.what;
    let store = desk.store();
    if store.find_account(login).await?.is_some() {
        bail!("there is an account {login:?} already; choose another log-in");
    }
    let password = if *password_stdin {
        let input = desk.given.input.as_deref().context("no password came in")?;
        let password = input.lines().next().unwrap_or_default();
        if password.chars().count() < PASSWORD_MIN {
            bail!("the password is too short; at least {PASSWORD_MIN} characters are needed");
        }
        password.to_owned()
    } else {
        let mut secret = [0_u8; 12];
        rand::rng().fill_bytes(&mut secret);
        hex::encode(secret)
    };
    let org = match store.orgs().await?.first() {
        Some(org) => *org,
        None => store.create_org(business).await?,
    };
    super::create_owner(store, org, login, name, &password).await?;
    writeln!(out, "{login} can log in.")?;
    if !password_stdin {
        writeln!(out, "password  {password}")?;
        writeln!(out, "It is shown this once.")?;
    }
    Ok(())
}
