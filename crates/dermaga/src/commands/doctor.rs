//! `dermaga doctor`: looks at an installation from the inside.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use dermaga_store::Store;
use dermaga_store::read::doctor::CHECKED;
use serde_json::{Value, json};

use super::asked::Desk;
use super::shown::moment;
use super::trouble;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at every invariant of every order, SKU and message as well.
    #[arg(long)]
    invariants: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    /// What was seen, or what is wrong.
    seen: Result<String, String>,
    /// Nothing is wrong, but somebody should see to it.
    look: bool,
}

impl Check {
    const fn new(name: &'static str, seen: Result<String, String>) -> Self {
        Self { name, seen, look: false }
    }

    const fn look(name: &'static str, seen: String, look: bool) -> Self {
        Self { name, seen: Ok(seen), look }
    }
}

/// A message that waits longer than this is to be seen to.
const WAITING: Span = Span::minutes(15);
/// A backup or a retention that is older than this is to be seen to.
const LATE: Span = Span::days(2);

/// Runs the command; an error when anything was found.
pub(super) async fn run(desk: Desk<'_>, args: &Args, out: &mut String) -> Result<()> {
    let checks = checks(desk).await;
    let mut found = Vec::new();
    if args.invariants {
        for org in desk.store().orgs().await? {
            if let Value::Array(of_org) = findings(desk.store(), org).await? {
                found.extend(of_org);
            }
        }
    }
    let wrong = checks.iter().filter(|check| check.seen.is_err()).count() + found.len();
    if args.json {
        let told = json!({
            "ok": wrong == 0,
            "checks": checks.iter().map(|check| json!({
                "check": check.name,
                "ok": check.seen.is_ok(),
                "look": check.look,
                "detail": detail(check),
            })).collect::<Vec<_>>(),
            "invariants": if args.invariants { json!(CHECKED) } else { json!([]) },
            "findings": found,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&told)?)?;
    } else {
        tell(&checks, args.invariants.then_some(&found), out)?;
    }
    if wrong > 0 {
        bail!("{wrong} thing{} found to be wrong", if wrong == 1 { " was" } else { "s were" });
    }
    Ok(())
}

fn detail(check: &Check) -> &str {
    match &check.seen {
        Ok(seen) | Err(seen) => seen,
    }
}

fn tell(checks: &[Check], found: Option<&Vec<Value>>, out: &mut String) -> std::fmt::Result {
    for check in checks {
        let mark = match (&check.seen, check.look) {
            (Err(_), _) => "WRONG",
            (Ok(_), true) => "LOOK ",
            (Ok(_), false) => "ok   ",
        };
        writeln!(out, "{mark}  {:<10}  {}", check.name, detail(check))?;
    }
    let Some(found) = found else { return Ok(()) };
    let mark = if found.is_empty() { "ok   " } else { "WRONG" };
    writeln!(out, "{mark}  invariants  {} found by {}", found.len(), CHECKED.join(", "))?;
    for finding in found {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        writeln!(out, "  {}  {}  {}", text("invariant"), text("subject"), text("detail"))?;
    }
    Ok(())
}

/// The database has been opened when this runs: the role is refused there if it may do too much, and
/// the root key is refused here if it opens no credentials.
async fn checks(desk: Desk<'_>) -> Vec<Check> {
    let store = desk.store();
    let kind = if store.is_embedded() { "SQLite" } else { "PostgreSQL" };
    let orgs = store.orgs().await;
    let reached = orgs.as_ref().map(|_| format!("{kind} answers")).map_err(told);
    let schema = match &orgs {
        Ok(_) if desk.runs => Ok("brought up to date by the hub that runs on it".to_owned()),
        _ => schema(desk).await,
    };
    let role = if store.is_embedded() {
        "the embedded database has none; the file's owner is who may read it"
    } else {
        "neither superuser nor owner, so that row-level security binds it"
    };
    let mut key = Ok("opens every connection's credentials".to_owned());
    for org in orgs.into_iter().flatten() {
        if let Err(error) = store.connections(org, None).await {
            key = Err(format!("credentials cannot be opened: {}", told(&error)));
        }
    }
    let mut checks = vec![
        Check::new("database", reached),
        Check::new("schema", schema),
        Check::new("role", Ok(role.to_owned())),
        Check::new("root key", key),
    ];
    // A database of another version may not have what these look at.
    if checks.iter().all(|check| check.seen.is_ok()) {
        checks.push(closed_keys(desk));
        checks.extend(
            standing(desk)
                .await
                .unwrap_or_else(|error| vec![Check::new("standing", Err(told(&error)))]),
        );
    }
    checks
}

/// Whether nobody but the hub's user can read the root key.
fn closed_keys(desk: Desk<'_>) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let list = desk.engine.settings().erasures.as_deref();
    let Some(file) = list.and_then(std::path::Path::parent).map(|keys| keys.join("dermaga.key"))
    else {
        return Check::look(
            "key file",
            "this hub does not say where its keys are".to_owned(),
            true,
        );
    };
    match std::fs::metadata(&file) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => {
            Check::new("key file", Ok("only its owner can read it".to_owned()))
        }
        Ok(_) => Check::new(
            "key file",
            Err(format!("others can read {0}; run chmod 600 {0} (DMG-0501)", file.display())),
        ),
        Err(error) => {
            Check::new("key file", Err(format!("{}: {error} (DMG-0501)", file.display())))
        }
    }
}

/// What waits, what was backed up and removed, and who works.
async fn standing(desk: Desk<'_>) -> Result<Vec<Check>, dermaga_store::Error> {
    let (store, now) = (desk.store(), desk.engine.now());
    let late = |last: Option<Time>| last.is_none_or(|last| now.since(last) > LATE);
    let size = store.size().await?;
    let mut checks =
        vec![Check::look("size", format!("{}, {} bytes", size.database, size.bytes), false)];
    let backup = store.last_backup().await?.map(|backup| backup.at);
    let seen = backup.map_or_else(
        || "none was taken yet".to_owned(),
        |at| format!("the last one is of {}", moment(at)),
    );
    checks.push(Check::look("backup", seen, late(backup)));
    for org in store.orgs().await? {
        let last = store.retention(org).await?.into_iter().map(|kind| kind.ran_at).max();
        let seen = last.map_or_else(
            || "has not run yet".to_owned(),
            |at| format!("ran last at {}", moment(at)),
        );
        checks.push(Check::look("retention", seen, late(last)));
        let backlog = store.backlog(org).await?;
        let (messages, dead) = (backlog.messages, backlog.dead_letters);
        let long = messages.oldest.is_some_and(|oldest| now.since(oldest) > WAITING);
        let seen = format!(
            "{} messages, {} commands, {} dead letters",
            messages.count, backlog.commands.count, dead.count
        );
        checks.push(Check::look("waiting", seen, long || dead.count > 0));
    }
    let nodes = store.nodes().await?;
    let silent = nodes.iter().filter(|node| node.until < now).count();
    let seen = format!("{} work, {silent} were not heard of lately", nodes.len() - silent);
    checks.push(Check::look("nodes", seen, silent > 0));
    Ok(checks)
}

fn told(error: &dermaga_store::Error) -> String {
    trouble::line(&anyhow::Error::from(error.clone()))
}

async fn schema(desk: Desk<'_>) -> Result<String, String> {
    let schema = desk.store().schema().await.map_err(|error| told(&error))?;
    if schema.applied < schema.newest {
        let (applied, newest) = (schema.applied, schema.newest);
        return Err(format!(
            "version {applied}, this program needs {newest}; run `dermaga migrate` (DMG-0104)"
        ));
    }
    if schema.applied > schema.newest {
        let (applied, newest) = (schema.applied, schema.newest);
        return Err(format!(
            "version {applied}, this program knows {newest}; run the newer program (DMG-0105)"
        ));
    }
    Ok(format!("version {}, the newest", schema.applied))
}

/// What violates an invariant, as JSON.
///
/// # Errors
/// The database's.
pub async fn findings(store: &Store, org: OrgId) -> Result<Value> {
    let found = store.find_violations(org).await?;
    let told = found.iter().map(|finding| {
        json!({
            "invariant": finding.invariant,
            "subject": finding.subject,
            "detail": finding.detail,
        })
    });
    Ok(told.collect())
}
