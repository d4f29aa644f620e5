//! `dermaga flow`: the tables that say what must hold once a status was heard.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use dermaga_channels::flows;
use dermaga_channels::flows::render::{self, Format};
use dermaga_domain::flow::{Flow, FlowFile, Preset};
use dermaga_domain::id::OrgId;
use dermaga_engine::Look;
use dermaga_store::Shop;
use dermaga_store::command::Giver;

use super::asked::Desk;
use super::dry_run;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print a channel's flow, or the one that a shop follows.
    Show(Show),
    /// Give a shop an edited flow. Without --apply-to nothing is changed, only tried.
    Edit(Edit),
    /// Tell which orders would end elsewhere under another flow. Nothing is changed.
    DryRun(Try),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The channel.
    channel: String,
    /// Which of its two tables.
    #[arg(long, value_enum, default_value_t)]
    preset: PresetName,
    /// The flow that this shop follows now.
    #[arg(long, conflicts_with = "preset")]
    shop: Option<String>,
    /// How: `toml` is the form that can be edited.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
}

#[derive(Debug, clap::Args)]
struct Edit {
    /// The shop: its id, its number at the channel, or its name.
    shop: String,
    /// The edited flow, as `flow show --format toml` prints it.
    #[arg(long)]
    file: PathBuf,
    /// Keep it: for new orders, or also for those that the dry run lists.
    #[arg(long, value_enum)]
    apply_to: Option<ApplyTo>,
    /// How many days of orders the dry run looks at.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
}

#[derive(Debug, clap::Args)]
struct Try {
    /// The shop: its id, its number at the channel, or its name.
    shop: String,
    #[command(flatten)]
    other: Other,
    /// How many days of orders are looked at.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Other {
    /// The other flow.
    #[arg(long)]
    file: Option<PathBuf>,
    /// A preset of the channel.
    #[arg(long, value_enum)]
    preset: Option<PresetName>,
}

/// A preset's name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PresetName {
    /// The behaviour of the sources, cell by cell.
    #[default]
    Classic,
    /// Classic, with the few rows replaced that a seller may prefer otherwise.
    Recommended,
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Self {
        match name {
            PresetName::Classic => Self::Classic,
            PresetName::Recommended => Self::Recommended,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FormatName {
    #[default]
    Table,
    Csv,
    Json,
    Toml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ApplyTo {
    /// New orders, and those whose status the flow did not know.
    New,
    /// Also the orders that the dry run lists.
    Open,
}

impl Args {
    /// The file that the arguments name.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.what {
            What::Show(_) => None,
            What::Edit(edit) => Some(&edit.file),
            What::DryRun(tried) => tried.other.file.as_deref(),
        }
    }
}

/// A channel's own flow needs no database.
pub(super) fn alone(args: &Args) -> Result<Option<String>> {
    match &args.what {
        What::Show(show) if show.shop.is_none() => {
            let flow = channel_file(&show.channel)?.flow(show.preset.into());
            text(&flow, show.format).map(Some)
        }
        What::Show(_) | What::Edit(_) | What::DryRun(_) => Ok(None),
    }
}

/// Runs the command.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let org = desk.org().await?;
    match &args.what {
        What::Show(show) => {
            let shop = desk.shop(org, show.shop.as_deref().unwrap_or_default()).await?;
            if shop.channel != show.channel {
                bail!("the shop {} is at {}, not {}", shop.name, shop.channel, show.channel);
            }
            let flow = desk.store().flow(org, shop.flow_version).await?;
            out.push_str(&text(&flow, show.format)?);
            Ok(())
        }
        What::Edit(edit) => self::edit(desk, org, edit, out).await,
        What::DryRun(tried) => {
            let shop = desk.shop(org, &tried.shop).await?;
            let flow = match (&tried.other.file, tried.other.preset) {
                (Some(file), _) => read(desk, &shop, file)?,
                (None, preset) => {
                    channel_file(&shop.channel)?.flow(preset.unwrap_or_default().into())
                }
            };
            let found = desk.engine.dry_run_flow(org, &shop, &flow, every(tried.days)).await?;
            dry_run::tell(&found, tried.days, out)?;
            Ok(())
        }
    }
}

pub(super) fn channel_file(channel: &str) -> Result<FlowFile> {
    let file = flows::flow_file(channel).with_context(|| {
        let names: Vec<&str> = flows::FLOW_FILES.iter().map(|(name, _)| *name).collect();
        format!("there is no channel {channel:?}; there are {}", names.join(", "))
    })?;
    Ok(file?)
}

fn text(flow: &Flow, format: FormatName) -> Result<String> {
    let format = match format {
        FormatName::Table => Format::Table,
        FormatName::Csv => Format::Csv,
        FormatName::Json => Format::Json,
        FormatName::Toml => return Ok(flow.to_toml()),
    };
    Ok(render::render(flow, format)?)
}

/// Reads an edited flow under the checks that every flow passes.
pub(super) fn read(desk: Desk<'_>, shop: &Shop, file: &Path) -> Result<Flow> {
    let name = file.display().to_string();
    let flow = Flow::from_toml(&name, desk.given.file(&name)?)?;
    if flow.channel.as_str() != shop.channel {
        let (of, at) = (flow.channel.as_str(), &shop.channel);
        bail!("{name} is a flow of {of}, but the shop is at {at} (DMG-0401)");
    }
    Ok(flow)
}

async fn edit(desk: Desk<'_>, org: OrgId, edit: &Edit, out: &mut String) -> Result<()> {
    let shop = desk.shop(org, &edit.shop).await?;
    let flow = read(desk, &shop, &edit.file)?;
    let found = desk.engine.dry_run_flow(org, &shop, &flow, every(edit.days)).await?;
    dry_run::tell(&found, edit.days, out)?;
    let Some(apply_to) = edit.apply_to else {
        writeln!(
            out,
            "Nothing was changed. Repeat with --apply-to new for new orders only, or with \
             --apply-to open for the orders above as well."
        )?;
        return Ok(());
    };
    let apply_to = match apply_to {
        ApplyTo::New => dermaga_engine::ApplyTo::New,
        ApplyTo::Open => dermaga_engine::ApplyTo::Open,
    };
    let (base, file) = ((&shop, shop.flow_version), channel_file(&shop.channel)?);
    let kept = desk.engine.keep_flow(org, base, (&file, &flow), (&found, apply_to), Giver::Machine);
    let kept = kept.await?;
    desk.finish(org).await?;
    writeln!(out, "New orders of {} are judged by {}.", shop.name, kept.version)?;
    writeln!(out, "{} orders were judged again.", kept.judged)?;
    Ok(())
}

/// Every order of these days: who asks on the command line can wait.
const fn every(days: u16) -> Look {
    Look { days, orders_max: usize::MAX }
}
