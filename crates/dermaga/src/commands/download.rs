//! `dermaga download`: reads orders of a shop because a person asks, and applies them when they agree.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use dermaga_domain::id::{DownloadId, OrgId};
use dermaga_engine::Wish;
use dermaga_store::command::Giver;
use dermaga_store::download::{Download, Outcome, State};
use dermaga_store::read::Scope;

use super::asked::Desk;
use super::shown::{columns, head, moment, parse_moment, zone};

/// Orders that are named when a download is shown.
const SHOWN_MAX: i64 = 50;
/// Downloads that are listed.
const LISTED_MAX: i64 = 20;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    new: New,
}

/// A download to be begun.
#[derive(Debug, clap::Args)]
struct New {
    /// The shop: its id, its number at the channel, or its name.
    shop: Option<String>,
    /// From when; with --to.
    #[arg(long, conflicts_with = "orders")]
    from: Option<String>,
    /// Until when; now by default.
    #[arg(long, requires = "from")]
    to: Option<String>,
    /// The channel's numbers of the orders.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    orders: Vec<String>,
    /// Agree to whatever it changes, without looking first.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the downloads, the newest first.
    List,
    /// Show what a download would change, or has changed.
    Show(Which),
    /// Apply what was read.
    Apply(Which),
    /// Read the orders again that failed.
    Retry(Which),
    /// End it; what was applied stays.
    Drop(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The download: `dwn_…`.
    download: String,
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    let by = Giver::Machine;
    match &args.what {
        None => begin(desk, org, &args.new, out).await,
        Some(What::List) => list(desk, org, out).await,
        Some(What::Show(which)) => show(desk, org, find(desk, org, which).await?.id, out).await,
        Some(What::Apply(which)) => {
            let download = find(desk, org, which).await?;
            desk.engine.agree_download(org, &download, by).await?;
            follow(desk, org, download.id, out).await
        }
        Some(What::Retry(which)) => {
            let download = find(desk, org, which).await?;
            desk.engine.retry_download(org, &download, by).await?;
            follow(desk, org, download.id, out).await
        }
        Some(What::Drop(which)) => {
            let download = find(desk, org, which).await?;
            desk.engine.drop_download(org, &download, by).await?;
            writeln!(out, "{} is dropped.", download.id)?;
            Ok(())
        }
    }
}

async fn find(desk: Desk<'_>, org: OrgId, which: &Which) -> Result<Download> {
    let none = || format!("there is no download {}", which.download);
    let id: DownloadId = which.download.parse().with_context(none)?;
    desk.store().download(&Scope::all(org), id).await?.with_context(none)
}

async fn begin(desk: Desk<'_>, org: OrgId, new: &New, out: &mut String) -> Result<()> {
    let Some(named) = &new.shop else {
        bail!("name a shop with --from or --orders, or say list, show, apply, retry or drop");
    };
    let shop = desk.shop(org, named).await?;
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
    let wish = match &new.from {
        Some(from) => {
            let zone = zone(&shop.zone)?;
            let to = new.to.as_deref().map(|to| parse_moment(to, &zone)).transpose()?;
            let from = parse_moment(from, &zone)?;
            Wish::Range { from, to: to.unwrap_or_else(|| desk.engine.now()) }
        }
        None if new.orders.is_empty() => bail!("say --from, or --orders"),
        None => Wish::Orders(new.orders.clone()),
    };
    let id = desk.engine.begin_download(org, &shop, wish, Giver::Machine).await?;
    if !new.yes {
        return follow(desk, org, id, out).await;
    }
    if desk.runs {
        bail!(
            "the hub that runs here reads it first; \
             `dermaga download apply {id}` applies it when `dermaga download show {id}` says ready"
        );
    }
    work(desk, org).await?;
    let download = desk.store().download(&Scope::all(org), id).await?;
    let ready = download.filter(|download| download.state == State::Ready);
    if let Some(ready) = ready {
        desk.engine.agree_download(org, &ready, Giver::Machine).await?;
    }
    follow(desk, org, id, out).await
}

/// Does what there is to do on downloads, when no hub runs that would.
async fn work(desk: Desk<'_>, org: OrgId) -> Result<()> {
    while desk.engine.run_downloads(org).await? > 0 {}
    Ok(())
}

async fn follow(desk: Desk<'_>, org: OrgId, id: DownloadId, out: &mut String) -> Result<()> {
    if !desk.runs {
        work(desk, org).await?;
        loop {
            let fetched = desk.engine.fetch(org).await?;
            let ingested = desk.engine.ingest(org).await?.messages;
            if fetched + ingested == 0 {
                break;
            }
        }
        desk.finish(org).await?;
    }
    show(desk, org, id, out).await
}

async fn show(desk: Desk<'_>, org: OrgId, id: DownloadId, out: &mut String) -> Result<()> {
    let scope = Scope::all(org);
    let download = desk.store().download(&scope, id).await?;
    let download = download.with_context(|| format!("there is no download {id}"))?;
    let counts = desk.store().count_download(&scope, id).await?;
    let outcomes =
        Outcome::ALL.map(|outcome| format!("{} {}", counts.of(outcome), outcome.as_str()));
    let state = download.state.as_str();
    writeln!(out, "{id} {state}: {} orders, {}.", counts.total, outcomes.join(", "))?;
    if let Some(code) = &download.trouble {
        writeln!(out, "It does not go on for now ({code}).")?;
    }
    for (change, orders) in &counts.changes {
        writeln!(out, "  {orders} {change}")?;
    }
    let (orders, _) = desk.store().download_orders(&scope, id, None, None, SHOWN_MAX).await?;
    let bad =
        |outcome: Option<Outcome>| matches!(outcome, Some(Outcome::Failed | Outcome::NotFound));
    for order in orders.iter().filter(|order| bad(order.outcome)) {
        let outcome = order.outcome.map_or("", Outcome::as_str);
        let code = order.code.as_deref().unwrap_or_default();
        let why = order.reason.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{}",
            format!("  {} {outcome} {code} {why}", order.channel_order_id).trim_end()
        )?;
    }
    match download.state {
        State::Ready => {
            writeln!(out, "Nothing is applied yet. Apply it: dermaga download apply {id}")?;
        }
        State::Reading | State::Applying => {
            writeln!(out, "It goes on. Look again: dermaga download show {id}")?;
        }
        State::Done | State::Dropped => {}
    }
    Ok(())
}

async fn list(desk: Desk<'_>, org: OrgId, out: &mut String) -> Result<()> {
    let scope = Scope::all(org);
    let shops = desk.store().shops(org, None).await?;
    let mut lines = vec![head(["download", "shop", "asked", "state", "orders", "failed"])];
    for download in desk.store().downloads(&scope, None, LISTED_MAX).await?.0 {
        let counts = desk.store().count_download(&scope, download.id).await?;
        let shop = shops.iter().find(|shop| shop.id == download.shop);
        lines.push([
            download.id.to_string(),
            shop.map_or_else(|| download.shop.to_string(), |shop| shop.name.clone()),
            moment(download.asked_at),
            download.state.as_str().to_owned(),
            counts.total.to_string(),
            counts.of(Outcome::Failed).to_string(),
        ]);
    }
    out.push_str(&columns(&lines));
    Ok(())
}
