//! `dermaga user`: accounts of people.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use dermaga_domain::access::Role;
use dermaga_domain::id::OrgId;
use dermaga_store::access::{Limits, Member};
use dermaga_store::command::Giver;
use rand::RngCore as _;

use super::asked::Desk;
use super::shown::{columns, head, moment_or_dash};

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
    /// List who can log in, with role, limits and second step.
    List,
    /// Change what somebody is; their limits stay.
    Role {
        /// What they log in with.
        login: String,
        /// owner, manager, operator, packer, finance, viewer or integrator.
        role: Role,
    },
    /// Make a new password for somebody and show it this once; they are logged out everywhere.
    ResetPassword {
        /// What they log in with.
        login: String,
        /// Read the password from the first line of the standard input instead.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take the second step away from somebody who lost their device and their recovery codes.
    ResetSecondStep {
        /// What they log in with.
        login: String,
    },
    /// Log somebody out everywhere, and let them in no more.
    Disable {
        /// What they log in with.
        login: String,
    },
    /// Let somebody in again who was disabled.
    Enable {
        /// What they log in with.
        login: String,
    },
}

impl Args {
    /// Whether the password is read from the standard input.
    pub(super) const fn reads_input(&self) -> bool {
        match &self.what {
            What::CreateOwner { password_stdin, .. }
            | What::ResetPassword { password_stdin, .. } => *password_stdin,
            What::List
            | What::Role { .. }
            | What::ResetSecondStep { .. }
            | What::Disable { .. }
            | What::Enable { .. } => false,
        }
    }
}

/// The password that came in, or a new one; with whether it is new.
fn password(desk: Desk<'_>, login: &str, given: bool) -> Result<(String, bool)> {
    if !given {
        let mut secret = [0_u8; 12];
        rand::rng().fill_bytes(&mut secret);
        return Ok((hex::encode(secret), true));
    }
    let input = desk.given.input.as_deref().context("no password came in")?;
    let password = input.lines().next().unwrap_or_default();
    dermaga_web::check_password(password, login)?;
    Ok((password.to_owned(), false))
}

fn show(out: &mut String, (password, new): &(String, bool)) -> Result<()> {
    if *new {
        writeln!(out, "password  {password}")?;
        writeln!(out, "It is shown this once.")?;
    }
    Ok(())
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    match &args.what {
        What::CreateOwner { login, name, business, password_stdin } => {
            create_owner(desk, (login, name, business), *password_stdin, out).await
        }
        What::List => list(desk, out).await,
        What::Role { login, role } => {
            let (org, member) = find(desk, login).await?;
            let what = (*role, member.limits);
            desk.store().change_member(org, member.id, what, Giver::Machine).await?;
            Ok(writeln!(out, "{login} is {role} now.")?)
        }
        What::ResetPassword { login, password_stdin } => {
            let (org, member) = find(desk, login).await?;
            ensure!(member.disabled_at.is_none(), "{login} is disabled; enable them first");
            let password = password(desk, login, *password_stdin)?;
            let text = password.0.clone();
            let hash = tokio::task::spawn_blocking(move || dermaga_web::hash_password(&text));
            let hash = hash.await??;
            desk.store().set_password(org, member.id, &hash, Giver::Machine, None).await?;
            writeln!(out, "{login} has a new password, and is logged out everywhere.")?;
            show(out, &password)
        }
        What::ResetSecondStep { login } => {
            let (org, member) = find(desk, login).await?;
            ensure!(member.second_step, "{login} has no second step");
            desk.store().clear_factor(org, member.id, Giver::Machine).await?;
            Ok(writeln!(out, "{login} logs in with the password alone now.")?)
        }
        What::Disable { login } => {
            let (org, member) = find(desk, login).await?;
            desk.store().disable_member(org, member.id, Giver::Machine).await?;
            Ok(writeln!(out, "{login} cannot log in any more.")?)
        }
        What::Enable { login } => {
            let (org, member) = find(desk, login).await?;
            desk.store().enable_member(org, member.id, Giver::Machine).await?;
            Ok(writeln!(out, "{login} can log in again.")?)
        }
    }
}

async fn create_owner(
    desk: Desk<'_>,
    (login, name, business): (&str, &str, &str),
    given: bool,
    out: &mut String,
) -> Result<()> {
    let store = desk.store();
    if store.find_account(login).await?.is_some() {
        bail!("there is an account {login:?} already; choose another log-in");
    }
    let password = password(desk, login, given)?;
    let org = match store.orgs().await?.first() {
        Some(org) => *org,
        None => store.create_org(business).await?,
    };
    super::create_owner(store, org, login, name, &password.0).await?;
    writeln!(out, "{login} can log in.")?;
    show(out, &password)
}

/// The person who logs in with this.
async fn find(desk: Desk<'_>, login: &str) -> Result<(OrgId, Member)> {
    let org = desk.org().await?;
    let members = desk.store().members(org, None).await?;
    let found = members.into_iter().find(|member| member.login == login);
    let found = found
        .with_context(|| format!("nobody logs in as {login:?}; `dermaga user list` lists them"))?;
    Ok((org, found))
}

fn limits(limits: &Limits) -> String {
    let count = |some: Option<usize>, what: &str| some.map(|some| format!("{some} {what}"));
    let shops = count(limits.shops.as_ref().map(Vec::len), "shops");
    let warehouses = count(limits.warehouses.as_ref().map(Vec::len), "warehouses");
    let told: Vec<String> = shops.into_iter().chain(warehouses).collect();
    if told.is_empty() { "everything".to_owned() } else { told.join(", ") }
}

async fn list(desk: Desk<'_>, out: &mut String) -> Result<()> {
    let members = desk.store().members(desk.org().await?, None).await?;
    let mut lines =
        vec![head(["log-in", "name", "role", "sees", "second step", "state", "last seen"])];
    for member in members {
        let state = match (member.disabled_at, member.ready) {
            (Some(_), _) => "disabled",
            (None, false) => "invited",
            (None, true) => "ready",
        };
        let second_step = if member.second_step { "on" } else { "off" };
        lines.push([
            member.login,
            member.name,
            member.role.to_string(),
            limits(&member.limits),
            second_step.to_owned(),
            state.to_owned(),
            moment_or_dash(member.seen_at),
        ]);
    }
    out.push_str(&columns(&lines));
    Ok(())
}
