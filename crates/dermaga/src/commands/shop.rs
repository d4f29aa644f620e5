//! `dermaga shop`: connections, shops, their settings and their tasks.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};
use clap::{ArgAction, ValueEnum};
use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use dermaga_engine::TaskKind;
use dermaga_store::Shop;
use dermaga_store::work::Task;

use super::asked::Desk;
use super::connect::{self, Connecting};
use super::push;
use super::shown::{columns, head, moment, moment_or_dash, parse_moment, zone};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the channels and what each asks for to connect.
    Channels,
    /// List the shops.
    List,
    /// Connect a shop.
    Connect(Box<Connecting>),
    /// Change a shop's settings.
    Set(Settings),
    /// Let everything of a shop stand still.
    Pause(Which),
    /// Let it go on.
    Resume(Which),
    /// Show what telling the channel what is left would change; switch it on or off.
    Push(push::Args),
    /// Show or set up to when a task has seen everything.
    Cursor {
        #[command(flatten)]
        which: Which,
        /// The task: order_pull or return_pull.
        task: String,
        /// The new cursor.
        at: Option<String>,
    },
    /// List the scheduled tasks.
    Tasks {
        /// Only of this shop.
        shop: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The shop: its id, its number at the channel, or its name.
    shop: String,
}

#[derive(Debug, clap::Args)]
struct Settings {
    #[command(flatten)]
    which: Which,
    /// Take orders, or keep what comes without applying it.
    #[arg(long, value_enum)]
    order_sync: Option<Switch>,
    /// Pull orders from then on.
    #[arg(long)]
    from: Option<String>,
    /// Pull returns from then on.
    #[arg(long)]
    returns_from: Option<String>,
    /// Show and search the channel's invoice number first.
    #[arg(long, action = ArgAction::Set, value_parser = ["yes", "no"])]
    number_by_invoice: Option<String>,
    /// Another name.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Args {
    /// The files that the arguments name.
    pub(super) fn files(&self) -> Vec<&Path> {
        match &self.what {
            What::Connect(connecting) => connecting.files().map(Path::new).collect(),
            What::Channels
            | What::List
            | What::Set(_)
            | What::Push(_)
            | What::Pause(_)
            | What::Resume(_)
            | What::Cursor { .. }
            | What::Tasks { .. } => Vec::new(),
        }
    }
}

/// The list of channels needs no database.
pub(super) fn alone(args: &Args) -> Option<String> {
    matches!(args.what, What::Channels).then(channels)
}

fn channels() -> String {
    let mut lines = vec![head(["channel", "needs", "may have", "lists orders of"])];
    for (name, channel) in dermaga_channels::all().iter() {
        let can = channel.capabilities();
        let fields = |required: bool| {
            let wanted = can.credentials.iter().filter(|field| field.required == required);
            wanted.map(|field| field.name).collect::<Vec<_>>().join(", ")
        };
        let history = can
            .order_history_max
            .map_or_else(|| "all time".to_owned(), |span| format!("{} days", days(span)));
        lines.push([name.to_owned(), fields(true), fields(false), history]);
    }
    columns(&lines)
}

const fn days(span: Span) -> i64 {
    span.0 / Span::days(1).0
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    match &args.what {
        What::Channels => out.push_str(&channels()),
        What::List => list(desk, org, out).await?,
        What::Connect(connecting) => connect::run(desk, org, connecting, out).await?,
        What::Set(settings) => set(desk, org, settings, out).await?,
        What::Push(asked) => push::run(desk, org, asked, out).await?,
        What::Pause(which) => pause(desk, org, which, true, out).await?,
        What::Resume(which) => pause(desk, org, which, false, out).await?,
        What::Cursor { which, task, at } => {
            cursor(desk, org, which, (task, at.as_deref()), out).await?;
        }
        What::Tasks { shop } => tasks(desk, org, shop.as_deref(), out).await?,
    }
    Ok(())
}

async fn list(desk: Desk<'_>, org: OrgId, out: &mut String) -> Result<()> {
    let connections = desk.store().connections(org, None).await?;
    let names = [
        "id",
        "channel",
        "channel id",
        "name",
        "orders",
        "from",
        "returns from",
        "flow",
        "connection",
    ];
    let mut lines = vec![head(names)];
    for shop in desk.store().shops(org, None).await? {
        let flow = desk.store().flow_version(org, shop.flow_version).await?;
        let preset = flow.and_then(|flow| flow.preset).unwrap_or_else(|| "edited".to_owned());
        let connection = connections.iter().find(|one| one.id == shop.connection);
        let trouble = connection.and_then(|one| one.trouble.as_deref()).unwrap_or("ok");
        let orders = match (shop.paused, shop.order_sync) {
            (true, _) => "paused",
            (false, true) => "on",
            (false, false) => "off",
        };
        lines.push([
            shop.id.to_string(),
            shop.channel.clone(),
            shop.channel_shop_id.clone(),
            shop.name.clone(),
            orders.to_owned(),
            moment_or_dash(shop.order_sync_from),
            moment_or_dash(shop.return_sync_from),
            preset,
            trouble.to_owned(),
        ]);
    }
    out.push_str(&columns(&lines));
    Ok(())
}

/// Refuses a time from which the channel lists no orders any more.
pub(super) fn check_from(desk: Desk<'_>, channel: &str, from: Option<Time>) -> Result<()> {
    let history =
        desk.engine.registry().find(channel).and_then(|it| it.capabilities().order_history_max);
    Ok(desk.engine.check_from(history, from)?)
}

async fn set(desk: Desk<'_>, org: OrgId, asked: &Settings, out: &mut String) -> Result<()> {
    let mut shop = desk.shop(org, &asked.which.shop).await?;
    let zone = zone(&shop.zone)?;
    if let Some(switch) = asked.order_sync {
        shop.order_sync = switch == Switch::On;
    }
    if let Some(from) = &asked.from {
        shop.order_sync_from = Some(parse_moment(from, &zone)?);
    }
    if let Some(from) = &asked.returns_from {
        shop.return_sync_from = Some(parse_moment(from, &zone)?);
    }
    if let Some(switch) = &asked.number_by_invoice {
        shop.number_by_invoice = switch == "yes";
    }
    if let Some(name) = &asked.name {
        shop.name.clone_from(name);
    }
    check_from(desk, &shop.channel, asked.from.as_ref().and(shop.order_sync_from))?;
    desk.engine.change_shop(org, &shop).await?;
    // The cursor counts, not the date: a date that is set moves it there.
    if asked.from.is_some() {
        move_cursor(desk, org, &shop, TaskKind::OrderPull, shop.order_sync_from).await?;
    }
    if asked.returns_from.is_some() {
        move_cursor(desk, org, &shop, TaskKind::ReturnPull, shop.return_sync_from).await?;
    }
    writeln!(out, "The settings of {} ({}) are kept.", shop.name, shop.id)?;
    Ok(())
}

async fn pause(
    desk: Desk<'_>,
    org: OrgId,
    which: &Which,
    paused: bool,
    out: &mut String,
) -> Result<()> {
    let shop = desk.shop(org, &which.shop).await?;
    desk.engine.change_shop(org, &Shop { paused, ..shop.clone() }).await?;
    let told = if paused { "stands still" } else { "goes on" };
    writeln!(out, "{} ({}) {told}.", shop.name, shop.id)?;
    Ok(())
}

async fn task(desk: Desk<'_>, org: OrgId, shop: &Shop, kind: TaskKind) -> Result<Option<Task>> {
    let tasks = desk.store().tasks(org, Some(shop.id)).await?;
    Ok(tasks.into_iter().find(|task| task.kind == kind.as_str()))
}

async fn move_cursor(
    desk: Desk<'_>,
    org: OrgId,
    shop: &Shop,
    kind: TaskKind,
    at: Option<Time>,
) -> Result<()> {
    if let Some(task) = task(desk, org, shop, kind).await? {
        let moved = Task { cursor_at: at, next_run_at: desk.engine.now(), ..task };
        desk.store().set_task(org, &moved).await?;
    }
    Ok(())
}

async fn cursor(
    desk: Desk<'_>,
    org: OrgId,
    which: &Which,
    (name, at): (&str, Option<&str>),
    out: &mut String,
) -> Result<()> {
    let shop = desk.shop(org, &which.shop).await?;
    let Some(kind @ (TaskKind::OrderPull | TaskKind::ReturnPull)) = TaskKind::find(name) else {
        bail!("no task {name:?} has a cursor; write order_pull or return_pull");
    };
    if let Some(at) = at {
        let at = parse_moment(at, &zone(&shop.zone)?)?;
        if at > desk.engine.now() {
            bail!("a cursor cannot be in the future");
        }
        if kind == TaskKind::OrderPull {
            check_from(desk, &shop.channel, Some(at))?;
        }
        move_cursor(desk, org, &shop, kind, Some(at)).await?;
    }
    let cursor = task(desk, org, &shop, kind).await?.and_then(|task| task.cursor_at);
    writeln!(out, "{} {name}: {}", shop.name, moment_or_dash(cursor))?;
    Ok(())
}

fn every(interval: Span) -> String {
    let (seconds, minute) = (interval.0 / Span::seconds(1).0, 60);
    if seconds % minute == 0 { format!("{} min", seconds / minute) } else { format!("{seconds} s") }
}

async fn tasks(desk: Desk<'_>, org: OrgId, shop: Option<&str>, out: &mut String) -> Result<()> {
    let only = match shop {
        Some(named) => Some(desk.shop(org, named).await?.id),
        None => None,
    };
    let shops = desk.store().shops(org, None).await?;
    let names =
        ["shop", "task", "every", "cursor", "last run", "next run", "outcome", "well", "not well"];
    let mut lines = vec![head(names)];
    for task in desk.store().tasks(org, only).await? {
        let shop = shops.iter().find(|shop| shop.id == task.shop);
        let stands = task.paused || shop.is_some_and(|shop| shop.paused);
        let next = if stands { "paused".to_owned() } else { moment(task.next_run_at) };
        lines.push([
            shop.map_or_else(|| task.shop.to_string(), |shop| shop.name.clone()),
            task.kind.clone(),
            every(task.interval),
            moment_or_dash(task.cursor_at),
            moment_or_dash(task.last_run_at),
            next,
            task.outcome.clone().unwrap_or_else(|| "-".to_owned()),
            task.succeeded.to_string(),
            task.failed.to_string(),
        ]);
    }
    out.push_str(&columns(&lines));
    Ok(())
}
