//! `dermaga download`: reads orders of a shop because a person asks.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::asked::Desk;
use super::shown::{parse_moment, zone};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shop: its id, its number at the channel, or its name.
    shop: String,
    /// From when; with --to.
    #[arg(long, required_unless_present = "orders", conflicts_with = "orders")]
    from: Option<String>,
    /// Until when; now by default.
    #[arg(long, requires = "from")]
    to: Option<String>,
    /// The channel's numbers of the orders.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    orders: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    let shop = desk.shop(org, &args.shop).await?;
    let id = shop.id;
    if shop.paused {
        bail!("{} is paused, so nothing is read; `dermaga shop resume {id}` first", shop.name);
    }
    if !shop.order_sync {
        bail!(
            "order sync of {} is off, so nothing would be applied; \
             `dermaga shop set {id} --order-sync on` first",
            shop.name
        );
    }
    let wanted = if let Some(from) = &args.from {
        let zone = zone(&shop.zone)?;
        let from = parse_moment(from, &zone)?;
        let to = match &args.to {
            Some(to) => parse_moment(to, &zone)?.min(desk.engine.now()),
            None => desk.engine.now(),
        };
        if from >= to {
            bail!(
                "the range ends before it begins; write --from before --to, and not in the future"
            );
        }
        desk.engine.download_range(org, &shop, from, to).await?
    } else {
        let given = args.orders.iter().map(|order| order.trim()).filter(|order| !order.is_empty());
        let orders: Vec<String> = given.map(str::to_owned).collect();
        desk.engine.download(org, shop.id, &orders).await?;
        orders.len()
    };
    if desk.runs {
        writeln!(out, "{wanted} orders of {} are being read.", shop.name)?;
        return Ok(());
    }
    loop {
        let fetched = desk.engine.fetch(org).await?;
        let ingested = desk.engine.ingest(org).await?.messages;
        if fetched + ingested == 0 {
            break;
        }
    }
    desk.finish(org).await?;
    writeln!(out, "{wanted} orders of {} were asked for and what came was applied.", shop.name)?;
    Ok(())
}
