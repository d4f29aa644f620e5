//! `dermaga order`: what a person does to an order's document, and asks its channel to do.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use dermaga_domain::order::ActKind;
use dermaga_domain::term::{CommandKind, Tab};
use dermaga_store::apply::NewAct;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::Order;

use super::asked::Desk;
use super::give;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Put the document into the recycle bin.
    Void(Which),
    /// Take the document out of the recycle bin.
    Restore(Which),
    /// Mark the document paid.
    Paid(Which),
    /// Mark the document unpaid.
    Unpaid(Which),
    /// Mark the document sent.
    Sent(Which),
    /// Mark the document unsent.
    Unsent(Which),
    /// Follow the channel again.
    Release(Which),
    /// Ask the channel: take the orders.
    Accept(give::Args),
    /// Ask the channel: ask the buyer to take less.
    Partial(give::Args),
    /// Ask the channel: refuse orders that were not accepted yet.
    Reject(give::Args),
    /// Ask the channel: cancel orders that were accepted.
    Cancel(give::Args),
    /// Ask the channel: agree to the buyer's wish to cancel.
    AgreeCancel(give::Args),
    /// Ask the channel: refuse the buyer's wish to cancel.
    RefuseCancel(give::Args),
    /// Ask the channel: let the courier come.
    Pickup(give::Args),
    /// Ask the channel: report that the parcel left.
    Ship(give::Args),
    /// Ask the channel: fetch the shipping labels.
    Label(Label),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The channel's number of the order, or its id here: ord_….
    order: String,
    /// Why; kept with the act.
    #[arg(long)]
    note: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Label {
    #[command(flatten)]
    give: give::Args,
    /// Where the label goes: a file; for several orders a folder, with a file each.
    #[arg(long)]
    out: Option<String>,
}

impl What {
    /// A command to the channel, with where its label goes.
    fn command(&self) -> Option<(CommandKind, &give::Args, Option<&str>)> {
        let (kind, args) = match self {
            Self::Accept(args) => (CommandKind::Accept, args),
            Self::Partial(args) => (CommandKind::Partial, args),
            Self::Reject(args) => (CommandKind::Reject, args),
            Self::Cancel(args) => (CommandKind::Cancel, args),
            Self::AgreeCancel(args) => (CommandKind::AgreeCancel, args),
            Self::RefuseCancel(args) => (CommandKind::RefuseCancel, args),
            Self::Pickup(args) => (CommandKind::Pickup, args),
            Self::Ship(args) => (CommandKind::Ship, args),
            Self::Label(label) => {
                return Some((CommandKind::Label, &label.give, label.out.as_deref()));
            }
            Self::Void(_)
            | Self::Restore(_)
            | Self::Paid(_)
            | Self::Unpaid(_)
            | Self::Sent(_)
            | Self::Unsent(_)
            | Self::Release(_) => return None,
        };
        Some((kind, args, None))
    }

    /// An act on the document here.
    const fn act(&self) -> Option<(ActKind, &Which)> {
        match self {
            Self::Void(which) => Some((ActKind::Void, which)),
            Self::Restore(which) => Some((ActKind::Restore, which)),
            Self::Paid(which) => Some((ActKind::Paid, which)),
            Self::Unpaid(which) => Some((ActKind::Unpaid, which)),
            Self::Sent(which) => Some((ActKind::Sent, which)),
            Self::Unsent(which) => Some((ActKind::Unsent, which)),
            Self::Release(which) => Some((ActKind::Release, which)),
            Self::Accept(_)
            | Self::Partial(_)
            | Self::Reject(_)
            | Self::Cancel(_)
            | Self::AgreeCancel(_)
            | Self::RefuseCancel(_)
            | Self::Pickup(_)
            | Self::Ship(_)
            | Self::Label(_) => None,
        }
    }
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    if let Some(command) = args.what.command() {
        return give::run(desk, command, out).await;
    }
    let (kind, which) = args.what.act().context("neither an act nor a command")?;
    let org = desk.org().await?;
    let order = desk.order(org, &which.order).await?;
    desk.engine
        .act(org, order.id, NewAct { kind, by: Giver::Machine, note: which.note.clone() })
        .await?;
    desk.finish(org).await?;
    let order = desk.store().order(&Scope::all(org), order.id).await?;
    let order = order.context("the order is gone")?;
    writeln!(out, "{}", standing(&order))?;
    Ok(())
}

/// Where an order stands, in one line.
pub(super) fn standing(order: &Order) -> String {
    let mut parts = vec![order.written().to_string()];
    for document in &order.documents {
        parts.push(document.number.clone());
    }
    parts.push(order.delivery.to_string());
    parts.push(order.payment.to_string());
    if order.bin {
        parts.push("in the recycle bin".to_owned());
    }
    parts.push(format!("tab {}", order.tab.map_or("none", Tab::as_str)));
    for attention in &order.attentions {
        parts.push(format!("attention {attention}"));
    }
    format!("{} {}: {}", order.id, order.channel_order_id, parts.join(", "))
}
