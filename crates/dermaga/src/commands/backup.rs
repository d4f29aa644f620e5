//! `dermaga backup` and `dermaga restore`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dermaga_domain::time::{Clock as _, Span, Time};
use dermaga_engine::{Engine, Settings};
use dermaga_store::backup::{self, Contents, Key, Lock};
use dermaga_store::retention::{Erasure, Rules};
use dermaga_store::{LastBackup, Store};

use super::ask;
use super::asked::{Asked, Desk, On};
use super::shown::moment;
use crate::clock::SystemClock;
use crate::hub::Place;

/// How files in a folder of backups begin and end.
const NAME: (&str, &str) = ("dermaga-", ".backup");

/// Arguments of `dermaga backup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not be there yet.
    #[arg(required_unless_present_any = ["into", "new_identity"])]
    file: Option<PathBuf>,
    /// A folder to write a file named by the time into.
    #[arg(long, conflicts_with = "file")]
    into: Option<PathBuf>,
    /// Remove the files of that folder which were made more than so many days ago.
    #[arg(long, requires = "into", value_parser = clap::value_parser!(i64).range(1..=3_650))]
    keep_days: Option<i64>,
    /// Encrypt for this recipient (age1…) instead of the root key; may be given again.
    #[arg(long = "recipient", env = "DERMAGA_BACKUP_RECIPIENT", value_delimiter = ',')]
    recipients: Vec<String>,
    /// Make an identity, write it into this file, and show the recipient that belongs to it.
    #[arg(long, conflicts_with_all = ["file", "into", "recipients"])]
    new_identity: Option<PathBuf>,
}

/// How long buyers and labels are kept.
#[derive(Debug, Clone, clap::Args)]
pub struct Kept {
    /// For how many days after an order ended its buyer is kept.
    #[arg(long, env = "DERMAGA_BUYER_DAYS", default_value_t = 90,
        value_parser = clap::value_parser!(i64).range(1..=90))]
    buyer_days: i64,
    /// For how many days labels are kept.
    #[arg(long, env = "DERMAGA_LABEL_DAYS", default_value_t = 30,
        value_parser = clap::value_parser!(i64).range(1..=90))]
    label_days: i64,
}

impl Kept {
    /// As rules of retention.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            buyers: Span::days(self.buyer_days),
            labels: Span::days(self.label_days),
            ..Rules::default()
        }
    }
}

/// Arguments of `dermaga restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    place: Place,
    /// The backup.
    file: PathBuf,
    /// Only read it to its end and say what is in it.
    #[arg(long)]
    check: bool,
    /// The file of the identity that it was encrypted for, where it was not the root key.
    #[arg(long)]
    identity: Option<PathBuf>,
    #[command(flatten)]
    kept: Kept,
}

/// Arguments of the note that a backup was taken.
#[derive(Debug, clap::Args)]
pub struct Taken {
    #[arg(long)]
    mark_us: i64,
    #[arg(long)]
    bytes: u64,
    #[arg(long)]
    rows: u64,
}

/// Notes that a backup was taken, for the system page and the doctor.
pub(super) async fn note(desk: Desk<'_>, args: &Taken, out: &mut String) -> Result<()> {
    let Taken { mark_us, bytes, rows } = *args;
    desk.store().note_backup(LastBackup { at: Time(mark_us), bytes, rows }).await?;
    writeln!(out, "noted")?;
    Ok(())
}

/// Runs `dermaga backup`.
pub async fn run(args: Args) -> Result<()> {
    if let Some(file) = &args.new_identity {
        return say(&new_identity(file)?);
    }
    let now = SystemClock.now();
    let file = match (&args.file, &args.into) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.join(format!("{}{}{}", NAME.0, compact(now), NAME.1)),
        (None, None) => bail!("name the file to write"),
    };
    let lock = if args.recipients.is_empty() {
        Lock::RootKey
    } else {
        Lock::Recipients(args.recipients.clone())
    };
    let root = args.place.existing_root_key()?;
    let options = args.place.options()?;
    let place = (file.as_path(), &lock);
    let database = &args.place.database;
    let taken = backup::back_up(database, &options, root, &SystemClock, place).await?;
    let mut told = format!("{}: {}", file.display(), described(&taken));
    if let Err(error) = noted(&args.place, &taken).await {
        // The backup is whole; only the page does not know of it.
        write!(told, "\nThe hub could not be told of it: {error}")?;
    }
    if let (Some(folder), Some(days)) = (&args.into, args.keep_days) {
        let removed = prune(folder, now.minus(Span::days(days)))?;
        write!(told, "\n{removed} older ones were removed.")?;
    }
    say(&told)
}

/// Runs `dermaga restore`.
pub async fn restore(args: RestoreArgs) -> Result<()> {
    let key = match &args.identity {
        None => Key::RootKey,
        Some(file) => Key::Identity(identity(file)?),
    };
    let root = args.place.existing_root_key()?;
    if args.check {
        let contents = backup::check(&args.file, &key, root).await?;
        return say(&format!("{}: whole; {}", args.file.display(), described(&contents)));
    }
    let options = args.place.options()?;
    let from = (args.file.as_path(), &key);
    let staged = backup::restore(from, root, (&args.place.database, &options)).await?;
    let clock = Arc::new(SystemClock);
    let store = Store::open(&staged.url, options, root, clock.clone()).await?;
    let settings = Settings { retention: args.kept.rules(), ..Settings::default() };
    let client = args.place.client()?;
    let engine = Engine::new(store, dermaga_channels::all(), clock, client, settings);
    let forgotten = forget(&engine, &args.place.erasures()).await;
    engine.store().close().await;
    let (removed, again) = forgotten?;
    let contents = staged.finish()?;
    say(&format!(
        "restored: {}\nremoved since, before anybody can see it: {removed} by their age, the buyers of \
         {again} orders because they had been erased.\nLog-ins have ended; look with \
         `dermaga doctor --invariants`, then start the hub.",
        described(&contents)
    ))
}

/// What was erased or outlived its time before the restore does not come back by it.
async fn forget(engine: &Engine, list: &Path) -> Result<(u64, usize)> {
    let erasures = erasures(list)?;
    let (mut removed, mut again) = (0, 0);
    for org in engine.store().orgs().await? {
        engine.store().remember_erasures(org, &erasures).await?;
        again += engine.erase_again(org).await?;
        removed += engine.retain(org).await?.values().sum::<u64>();
    }
    engine.store().forget_log().await?;
    Ok((removed, again))
}

/// The list of erasures that is kept beside the keys; none was made where there is no list.
fn erasures(list: &Path) -> Result<Vec<Erasure>> {
    let text = match std::fs::read_to_string(list) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", list.display()));
        }
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            serde_json::from_str(line)
                .with_context(|| format!("a line of {} is no erasure: {line}", list.display()))
        })
        .collect()
}

/// Tells the hub that runs on the database, or notes it there.
async fn noted(place: &Place, taken: &Contents) -> Result<()> {
    let (mark_us, bytes, rows) = (taken.header.mark_us, taken.bytes, taken.total());
    let line = [
        "backup-taken".to_owned(),
        format!("--mark-us={mark_us}"),
        format!("--bytes={bytes}"),
        format!("--rows={rows}"),
    ];
    let args = Taken { mark_us, bytes, rows };
    let asked = Asked::BackupTaken(On { place: place.clone(), args });
    let answer = ask::answer(&asked, line.to_vec()).await?;
    match answer.error {
        Some(error) => bail!("{error}"),
        None => Ok(()),
    }
}

fn described(contents: &Contents) -> String {
    let Contents { header, bytes, .. } = contents;
    format!(
        "everything until {}, {} rows, {bytes} bytes, schema {} of {}, by version {}",
        moment(Time(header.mark_us)),
        contents.total(),
        header.schema,
        header.database,
        header.program
    )
}

/// A moment as part of a file's name; names in their order are moments in theirs.
fn compact(at: Time) -> String {
    let text = moment(at);
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Removes files that were named by an earlier time; nothing else in the folder is touched.
fn prune(folder: &Path, before: Time) -> Result<usize> {
    let last = format!("{}{}{}", NAME.0, compact(before), NAME.1);
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).context("the folder of backups cannot be read")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with(NAME.0)
            && name.ends_with(NAME.1)
            && name.len() == last.len()
            && name < last;
        if ours {
            std::fs::remove_file(entry.path())
                .with_context(|| format!("{name} cannot be removed"))?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn new_identity(file: &Path) -> Result<String> {
    let (identity, recipient) = backup::new_identity();
    let mut open = std::fs::OpenOptions::new();
    let open = open.write(true).create_new(true).mode(0o600).open(file);
    let mut open = open.with_context(|| format!("{} cannot be made", file.display()))?;
    writeln!(open, "{identity}")?;
    open.sync_all()?;
    Ok(format!(
        "{recipient}\nBackups with --recipient {recipient} are opened by {} alone: keep it where the \
         backups are not.",
        file.display()
    ))
}

/// The identity in a file, as age programs write it: comments begin with `#`.
fn identity(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the identity {} cannot be read", file.display()))?;
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let line = lines.next().with_context(|| format!("{} holds no identity", file.display()))?;
    Ok(line.to_owned())
}

fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("nobody reads what is said")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_older_files_named_by_us_are_removed() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |days: i64| Time(1_795_140_000_000_000).plus(Span::days(days));
        let name = |days: i64| format!("dermaga-{}.backup", compact(at(days)));
        let names = [name(0), name(1), name(2), "dermaga-mine.backup".to_owned(), "a".to_owned()];
        for name in &names {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(prune(folder.path(), at(1)).unwrap(), 1);
        let left = |name: &String| folder.path().join(name).exists();
        assert_eq!(names.iter().map(left).collect::<Vec<_>>(), [false, true, true, true, true]);
    }
}
