//! `dermaga order`: what a person does to an order's document.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use dermaga_domain::order::ActKind;
use dermaga_domain::term::Tab;
use dermaga_store::apply::NewAct;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::Order;

use super::asked::Desk;

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
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The channel's number of the order, or its id here: ord_….
    order: String,
    /// Why; kept with the act.
    #[arg(long)]
    note: Option<String>,
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let (kind, which) = match &args.what {
        What::Void(which) => (ActKind::Void, which),
        What::Restore(which) => (ActKind::Restore, which),
        What::Paid(which) => (ActKind::Paid, which),
        What::Unpaid(which) => (ActKind::Unpaid, which),
        What::Sent(which) => (ActKind::Sent, which),
        What::Unsent(which) => (ActKind::Unsent, which),
        What::Release(which) => (ActKind::Release, which),
    };
    let org = desk.org().await?;
    let order = desk.order(org, &which.order).await?;
    desk.engine.act(org, order.id, NewAct { kind, by: None, note: which.note.clone() }).await?;
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
