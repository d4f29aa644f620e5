//! `dermaga order accept|reject|…`: what a person asks channels to do with orders.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use dermaga_domain::command::{CommandLine, Words};
use dermaga_domain::id::{BatchId, OrderId, OrgId};
use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use tokio::time::{Instant, sleep};

use super::asked::Desk;

/// How often commands are looked at although nothing woke us.
const TICK: Duration = Duration::from_millis(250);

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The channel's numbers of the orders, or their ids here: ord_….
    #[arg(required = true)]
    orders: Vec<String>,
    /// One of the channel's reasons, by its code.
    #[arg(long)]
    reason: Option<String>,
    /// What must be said besides, as field=value; may be given again.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// A line that is meant, with how many units of it; may be given again.
    #[arg(long = "line", value_name = "LINE_ID[=QUANTITY]")]
    lines: Vec<String>,
    /// Follow the commands until all have ended or need a person; this is the default.
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Give the commands and do not wait for them.
    #[arg(long)]
    no_wait: bool,
    /// Wait at most so long.
    #[arg(long, default_value_t = 120)]
    wait_seconds: u64,
}

/// One line of what is printed: failures come first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Failed,
    Pending,
    Done,
}

/// Gives the command and prints what came of it, a line an order; `out_file` is where labels go.
pub(super) async fn run(
    desk: Desk<'_>,
    (kind, args, out_file): (CommandKind, &Args, Option<&str>),
    out: &mut String,
) -> Result<()> {
    let org = desk.org().await?;
    let words = words(args)?;
    let (mut orders, mut lines) = (BTreeMap::new(), Vec::new());
    for named in &args.orders {
        match desk.order(org, named).await {
            Ok(order) => drop(orders.insert(order.id, order.channel_order_id)),
            Err(error) => lines.push((Place::Failed, format!("{named}: {error:#}"))),
        }
    }
    let ids: Vec<OrderId> = orders.keys().copied().collect();
    if !ids.is_empty() {
        let given =
            desk.engine.command(&Scope::all(org), &ids, kind, &words, Giver::Machine).await?;
        if !args.no_wait {
            follow(desk, org, given.batch, Duration::from_secs(args.wait_seconds)).await?;
        }
        let commands =
            desk.store().batch_page(&Scope::all(org), given.batch, None, ids.len()).await?.0;
        for order in &given.under_way {
            let number = orders.get(order).map_or("", String::as_str);
            let line = format!("{number} {order}: {kind}: the same is under way already");
            lines.push((Place::Pending, line));
        }
        if let Some(file) = out_file {
            papers(desk, org, &commands, file).await?;
        }
        lines.extend(commands.iter().map(|command| outcome(command, args.no_wait)));
    }
    lines.sort();
    for (_, line) in &lines {
        writeln!(out, "{line}")?;
    }
    let failed = lines.iter().filter(|(place, _)| *place == Place::Failed).count();
    ensure!(failed == 0, "{failed} of {} did not go well", lines.len());
    Ok(())
}

fn words(args: &Args) -> Result<Words> {
    let mut words = Words { reason: args.reason.clone(), ..Words::default() };
    for set in &args.set {
        let (field, value) =
            set.split_once('=').with_context(|| format!("write --set field=value, not {set:?}"))?;
        words.fields.insert(field.to_owned(), value.to_owned());
    }
    for line in &args.lines {
        let (key, quantity) = line.split_once('=').unwrap_or((line, "1"));
        let Ok(quantity) = quantity.parse() else {
            bail!("{quantity:?} is no quantity; write --line {key}=2");
        };
        let channel_product_id = String::new();
        words.lines.push(CommandLine { key: key.to_owned(), channel_product_id, quantity });
    }
    Ok(words)
}

/// Waits until nothing of the batch is under way any more, or the time is up.
async fn follow(desk: Desk<'_>, org: OrgId, batch: BatchId, bound: Duration) -> Result<()> {
    let until = Instant::now() + bound;
    let mut waker = desk.store().wakeups();
    loop {
        if !desk.runs {
            desk.engine.run_commands(org).await?;
        }
        let counts = desk.store().count_batch(&Scope::all(org), batch).await?;
        if counts.iter().all(|count| count.state.is_end()) || Instant::now() >= until {
            break;
        }
        tokio::select! {
            () = waker.woken() => {}
            () = sleep(TICK) => {}
        }
    }
    if !desk.runs {
        while desk.engine.fetch(org).await? + desk.engine.ingest(org).await?.messages > 0 {}
    }
    desk.finish(org).await
}

fn outcome(command: &Command, no_wait: bool) -> (Place, String) {
    let (place, mut said) = match command.state {
        CommandState::Done => (Place::Done, "done".to_owned()),
        CommandState::Refused => (Place::Failed, "refused".to_owned()),
        CommandState::NeedsPerson => (Place::Failed, "needs a person".to_owned()),
        CommandState::Waiting | CommandState::Sending | CommandState::Unknown if no_wait => {
            (Place::Pending, command.state.to_string())
        }
        CommandState::Waiting | CommandState::Sending | CommandState::Unknown => {
            (Place::Failed, format!("{} still", command.state))
        }
    };
    if let Some(answer) = command.answer.as_ref().filter(|_| command.state != CommandState::Done) {
        said = format!("{said}: {answer}");
    }
    if let Some(code) = &command.code {
        said = format!("{said} ({code})");
    }
    (place, format!("{} {}: {}: {said}", command.channel_order_id, command.order, command.kind))
}

/// Hands over what the commands brought to print: to the file, or one file each in the folder.
async fn papers(desk: Desk<'_>, org: OrgId, commands: &[Command], file: &str) -> Result<()> {
    for command in commands.iter().filter(|command| command.state == CommandState::Done) {
        let paper = desk.store().paper(org, command.order, command.id).await?;
        let Some(paper) = paper else { continue };
        let kind = paper.media_type.split(';').next().unwrap_or_default().trim();
        let ending = match kind {
            "application/pdf" => "pdf",
            "image/png" => "png",
            _ if kind.starts_with("text/html") => "html",
            _ => "bin",
        };
        let name = match commands.len() {
            1 => file.to_owned(),
            _ => format!("{file}/{}.{ending}", command.channel_order_id),
        };
        desk.brought.add(&name, &paper.body)?;
    }
    Ok(())
}
