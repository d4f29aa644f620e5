//! `dermaga doctor`: looks at an installation from the inside.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use dermaga_domain::id::OrgId;
use dermaga_store::Store;
use dermaga_store::read::doctor::CHECKED;
use serde_json::{Value, json};

use super::asked::Desk;
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
}

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
        let mark = if check.seen.is_ok() { "ok   " } else { "WRONG" };
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
    vec![
        Check { name: "database", seen: reached },
        Check { name: "schema", seen: schema },
        Check { name: "role", seen: Ok(role.to_owned()) },
        Check { name: "root key", seen: key },
    ]
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
