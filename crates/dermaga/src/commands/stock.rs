//! `dermaga stock`: what is on the shelves, and which listing is which SKU.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dermaga_domain::id::{ListingId, OrgId, SkuId};
use dermaga_store::Warehouse;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::stock::{Level, PAGE_MAX};
use dermaga_store::stock::{Change, Listing, NewSku, Opened, Sku, StockMove, parse_opening};

use super::asked::Desk;
use super::shown::{columns, head};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Put opening stock on the shelves.
    Opening {
        /// CSV with the columns sku, name, warehouse, quantity.
        csv: PathBuf,
    },
    /// So many units came in.
    Receive(Move),
    /// So many units more, or fewer, than the books say.
    Adjust(Move),
    /// So many units lie there.
    Count(Move),
    /// Show stock levels.
    Show {
        /// Only SKUs whose code begins like this.
        sku: Option<String>,
    },
    /// Make a bundle.
    Bundle {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// What is in it: code=quantity, once for each.
        #[arg(required = true)]
        parts: Vec<String>,
    },
    /// Say which SKU a listing is.
    Map {
        /// The listing's id, or the channel's id of the product.
        listing: String,
        /// The SKU's code; `none` takes the mapping away.
        sku: String,
    },
}

#[derive(Debug, clap::Args)]
struct Move {
    /// The SKU's code.
    sku: String,
    /// The warehouse's name.
    warehouse: String,
    /// Units.
    #[arg(allow_negative_numbers = true)]
    quantity: i64,
    /// Why; kept with the movement.
    #[arg(long)]
    note: Option<String>,
}

impl Args {
    /// The file that the arguments name.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.what {
            What::Opening { csv } => Some(csv),
            What::Receive(_)
            | What::Adjust(_)
            | What::Count(_)
            | What::Show { .. }
            | What::Bundle { .. }
            | What::Map { .. } => None,
        }
    }
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    match &args.what {
        What::Opening { csv } => opening(desk, org, csv, out).await?,
        What::Receive(asked) => {
            shift(desk, org, asked, Change::Receipt(asked.quantity), out).await?;
        }
        What::Adjust(asked) => {
            shift(desk, org, asked, Change::Adjustment(asked.quantity), out).await?;
        }
        What::Count(asked) => shift(desk, org, asked, Change::Count(asked.quantity), out).await?,
        What::Show { sku } => show(desk, org, sku.as_deref().unwrap_or_default(), out).await?,
        What::Bundle { code, name, parts } => {
            let new = NewSku {
                code: code.clone(),
                name: name.clone(),
                components: components(desk, org, parts).await?,
            };
            desk.store().create_sku(org, new).await?;
            writeln!(out, "{code} is made of {}.", parts.join(", "))?;
        }
        What::Map { listing, sku } => map(desk, org, listing, sku, out).await?,
    }
    desk.finish(org).await
}

async fn sku(desk: Desk<'_>, org: OrgId, code: &str) -> Result<Sku> {
    desk.store().find_sku(org, code).await?.with_context(|| {
        format!("there is no SKU {code:?}; `dermaga stock show` lists them, an opening makes them")
    })
}

async fn warehouse(desk: Desk<'_>, org: OrgId, name: &str) -> Result<Warehouse> {
    let all = desk.store().warehouses(org).await?;
    let names: Vec<&str> = all.iter().map(|warehouse| warehouse.name.as_str()).collect();
    let found = all.iter().find(|warehouse| warehouse.name.to_lowercase() == name.to_lowercase());
    found
        .cloned()
        .with_context(|| format!("there is no warehouse {name:?}; there are: {}", names.join(", ")))
}

async fn shift(
    desk: Desk<'_>,
    org: OrgId,
    asked: &Move,
    change: Change,
    out: &mut String,
) -> Result<()> {
    let moved = StockMove {
        sku: sku(desk, org, &asked.sku).await?.id,
        warehouse: warehouse(desk, org, &asked.warehouse).await?.id,
        change,
        note: asked.note.clone(),
        by: Giver::Machine,
        seen: None,
    };
    for moved in desk.store().move_stock(org, vec![moved]).await? {
        let (sku, place) = (&asked.sku, &asked.warehouse);
        writeln!(out, "{sku} in {place}: {} -> {} on hand", moved.before, moved.after)?;
    }
    Ok(())
}

async fn opening(desk: Desk<'_>, org: OrgId, csv: &Path, out: &mut String) -> Result<()> {
    let file = parse_opening(desk.given.file(&csv.display().to_string())?);
    let lines: Vec<u64> = file.rows.iter().map(|row| row.line).collect();
    let mut refused: Vec<(u64, String)> =
        file.errors.into_iter().map(|error| (error.line, error.reason.to_string())).collect();
    let (mut taken, mut made) = (0_usize, 0_usize);
    let opened = desk.store().import_opening(org, file.rows, None).await?;
    for (line, opened) in lines.into_iter().zip(opened) {
        match opened {
            Opened::Taken { created, .. } => {
                taken += 1;
                made += usize::from(created);
            }
            Opened::Refused(reason) => refused.push((line, reason.to_string())),
        }
    }
    refused.sort();
    writeln!(out, "{taken} rows were taken, {made} SKUs were made for them.")?;
    for (line, reason) in &refused {
        writeln!(out, "line {line}: {reason}")?;
    }
    if !refused.is_empty() {
        bail!("{} rows were refused; mend them and bring them again", refused.len());
    }
    Ok(())
}

async fn show(desk: Desk<'_>, org: OrgId, prefix: &str, out: &mut String) -> Result<()> {
    let mut lines = vec![head([
        "sku",
        "name",
        "warehouse",
        "on hand",
        "allocated",
        "reserved",
        "available",
        "short",
    ])];
    let mut after = None;
    loop {
        let scope = Scope::all(org);
        let (levels, next) =
            desk.store().stock_levels(&scope, prefix, after.as_ref(), PAGE_MAX).await?;
        lines.extend(levels.iter().map(cells));
        after = next;
        if after.is_none() {
            break;
        }
    }
    if lines.len() == 1 && !prefix.is_empty() {
        bail!("no SKU with stock has a code that begins with {prefix:?}");
    }
    out.push_str(&columns(&lines));
    Ok(())
}

fn cells(level: &Level) -> [String; 8] {
    [
        level.code.clone(),
        level.name.clone(),
        level.warehouse_name.clone(),
        level.on_hand.to_string(),
        level.allocated.to_string(),
        level.reserved.to_string(),
        level.available().to_string(),
        level.short.to_string(),
    ]
}

async fn components(desk: Desk<'_>, org: OrgId, parts: &[String]) -> Result<Vec<(SkuId, i64)>> {
    let mut components = Vec::with_capacity(parts.len());
    for part in parts {
        let read =
            part.rsplit_once('=').and_then(|(code, units)| Some((code, units.parse().ok()?)));
        let (code, units) = read.with_context(|| {
            format!("{part:?} is no component; write code=quantity, as in GAYO-250=2")
        })?;
        components.push((sku(desk, org, code).await?.id, units));
    }
    Ok(components)
}

async fn map(desk: Desk<'_>, org: OrgId, named: &str, code: &str, out: &mut String) -> Result<()> {
    let to = if code == "none" { None } else { Some(sku(desk, org, code).await?.id) };
    let id = match named.parse::<ListingId>() {
        Ok(id) => id,
        Err(_) => of_product(desk, org, named).await?,
    };
    desk.store().map_listing(org, id, to, None).await?;
    writeln!(out, "{id} is {}.", to.map_or("mapped to nothing", |_| code))?;
    Ok(())
}

/// Listings read at once while one is looked for.
const LISTINGS: i64 = 500;

/// The listing of a channel's product.
async fn of_product(desk: Desk<'_>, org: OrgId, product: &str) -> Result<ListingId> {
    let mut found: Vec<Listing> = Vec::new();
    for shop in desk.store().shops(org, None).await? {
        let mut after = String::new();
        loop {
            let page = desk.store().listings(org, shop.id, &after, LISTINGS).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.seen.channel_product_id);
            let fits = |listing: &Listing| listing.seen.channel_product_id == product;
            found.extend(page.into_iter().filter(fits));
        }
    }
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => bail!("there is no listing {product:?}; the SKU pull brings listings in"),
        several => {
            let ids: Vec<String> = several.iter().map(|listing| listing.id.to_string()).collect();
            bail!("several shops have product {product}; name one by its id: {}", ids.join(", "))
        }
    }
}
