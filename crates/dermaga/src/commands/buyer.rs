//! `dermaga buyer`: what is held about one buyer, given out and erased.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use dermaga_domain::id::OrgId;
use dermaga_engine::Whose;
use dermaga_store::command::Giver;

use super::asked::Desk;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show what is held about a buyer, as JSON.
    Export {
        #[command(flatten)]
        whose: Who,
        /// The file it goes to; without one it is shown.
        #[arg(long)]
        out: Option<String>,
    },
    /// Erase what is held about a buyer; orders, documents, money and stock stay.
    Erase {
        #[command(flatten)]
        whose: Who,
        /// Yes, erase: it cannot be undone.
        #[arg(long)]
        yes: bool,
    },
}

/// Whose data is meant.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// The buyer of this order, and of every order with the same phone number or e-mail address.
    #[arg(long)]
    order: Option<String>,
    /// Who has this phone number, however it is written.
    #[arg(long)]
    phone: Option<String>,
    /// Who has this e-mail address.
    #[arg(long)]
    email: Option<String>,
}

impl Who {
    async fn whose(&self, desk: Desk<'_>, org: OrgId) -> Result<Whose> {
        match (&self.order, &self.phone, &self.email) {
            (Some(order), ..) => Ok(Whose::Order(desk.order(org, order).await?.id)),
            (_, Some(phone), _) => Ok(Whose::Phone(phone.clone())),
            (.., Some(email)) => Ok(Whose::Email(email.clone())),
            (None, None, None) => bail!("say whose: --order, --phone or --email"),
        }
    }
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    match &args.what {
        What::Export { whose, out: file } => {
            let whose = whose.whose(desk, org).await?;
            let held = desk.engine.export_buyer(org, &whose, Giver::Machine).await?;
            let text = serde_json::to_string_pretty(&held.to_json())?;
            match file {
                Some(file) => {
                    desk.brought.add(file, text.as_bytes())?;
                    writeln!(out, "{} orders; written to {file}.", held.orders.len())?;
                }
                None => writeln!(out, "{text}")?,
            }
        }
        What::Erase { whose, yes } => {
            let whose = whose.whose(desk, org).await?;
            if !yes {
                bail!(
                    "nothing was erased: look at it with `dermaga buyer export`, then add --yes; \
                     it cannot be undone"
                );
            }
            let erased = desk.engine.erase_buyer(org, &whose, Giver::Machine).await?;
            writeln!(
                out,
                "erased: the buyer of {} orders, {} labels, {} raw messages, {} kept answers.",
                erased.orders, erased.labels, erased.messages, erased.answers
            )?;
        }
    }
    Ok(())
}
