//! `dermaga shop push`: what a shop's channel is told of what is left.

use std::fmt::Write as _;

use anyhow::Result;
use dermaga_domain::id::OrgId;
use dermaga_engine::PreviewRow;
use dermaga_store::Shop;
use dermaga_store::command::Giver;

use super::asked::Desk;
use super::shown::{columns, head, moment};

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shop: its id, its number at the channel, or its name.
    shop: String,
    /// Switch it on, with what the preview shows at its end.
    #[arg(long, value_name = "SEEN", conflicts_with_all = ["off", "log"])]
    on: Option<String>,
    /// Switch it off.
    #[arg(long, conflicts_with = "log")]
    off: bool,
    /// Show the last so many values that were sent.
    #[arg(long, value_name = "ROWS")]
    log: Option<u16>,
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, org: OrgId, args: &Args, out: &mut String) -> Result<()> {
    let shop = desk.shop(org, &args.shop).await?;
    if let Some(rows) = args.log {
        return log(desk, org, &shop, rows, out).await;
    }
    if args.off || args.on.is_some() {
        let by = Giver::Machine;
        desk.engine.set_push(org, &shop, (!args.off, by), args.on.as_deref()).await?;
        let told = if args.off { "is no longer told" } else { "is told from now on" };
        writeln!(out, "The channel of {} ({}) {told} what is left.", shop.name, shop.id)?;
        return Ok(());
    }
    preview(desk, org, &shop, out).await
}

fn number(value: Option<i64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

async fn preview(desk: Desk<'_>, org: OrgId, shop: &Shop, out: &mut String) -> Result<()> {
    let preview = desk.engine.push_preview(org, shop.id).await?;
    let mut lines = vec![head(["product", "code", "shows", "will show", "available"])];
    let differing: Vec<&PreviewRow> = preview.rows.iter().filter(|row| row.differs).collect();
    for PreviewRow { listing, .. } in &differing {
        lines.push([
            listing.channel_product_id.clone(),
            listing.channel_sku.clone(),
            number(listing.channel_stock),
            listing.wanted().to_string(),
            listing.available.to_string(),
        ]);
    }
    out.push_str(&columns(&lines));
    writeln!(out, "{} of {} listings would change.", differing.len(), preview.rows.len())?;
    if !shop.push {
        writeln!(out, "Switch it on: dermaga shop push {} --on {}", shop.id, preview.seen)?;
    }
    Ok(())
}

async fn log(desk: Desk<'_>, org: OrgId, shop: &Shop, rows: u16, out: &mut String) -> Result<()> {
    let mut lines =
        vec![head(["at", "product", "code", "available", "showed", "sent", "outcome", "why"])];
    for entry in desk.store().pushes(org, shop.id, None, rows.into()).await? {
        lines.push([
            moment(entry.at),
            entry.channel_product_id,
            entry.channel_sku,
            entry.available.to_string(),
            number(entry.believed),
            entry.value.to_string(),
            entry.outcome,
            entry.message.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    out.push_str(&columns(&lines));
    Ok(())
}
