//! `dermaga rotate-key`: a new root key.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dermaga_domain::time::Clock as _;

use crate::clock::SystemClock;
use crate::hub::{Place, read_key};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
}

/// Runs the command. Broken off at any point it can be begun anew.
pub async fn run(args: Args) -> Result<()> {
    let place = &args.place;
    let old = place.existing_root_key()?;
    let fresh = place.keys.join("dermaga.key.new");
    // One that is there is of a rotation that was broken off.
    let new = read_key(&fresh)?;
    let store = place.open(Arc::new(SystemClock)).await?;
    let working = store.nodes().await?.into_iter().filter(|node| node.until > SystemClock.now());
    let working: Vec<String> = working.map(|node| node.name).collect();
    // The file of an embedded database is ours alone: nobody else can have it open.
    if !store.is_embedded() && !working.is_empty() {
        store.close().await;
        bail!(
            "{} works on the database, or did until three minutes ago; stop every node first",
            working.join(", ")
        );
    }
    let mut count = 0;
    for org in store.orgs().await? {
        count += store.rotate_root(org, old, new).await.context(
            "a data key is opened by neither root key; nothing was put in its place (DMG-0501)",
        )?;
    }
    store.forget_log().await?;
    store.close().await;
    put_in_place(&place.keys)?;
    writeln!(
        std::io::stdout(),
        "{count} data keys are wrapped by the new root key, {0}/dermaga.key; the old one is {0}/dermaga.key.old. \
         Take a backup, and renew the copy that you keep.",
        place.keys.display()
    )
    .context("nobody reads what is said")
}

fn put_in_place(keys: &Path) -> Result<()> {
    let [new, now, old] =
        ["dermaga.key.new", "dermaga.key", "dermaga.key.old"].map(|name| keys.join(name));
    std::fs::copy(&now, &old).with_context(|| format!("{} cannot be written", old.display()))?;
    File::open(&old).and_then(|file| file.sync_all())?;
    std::fs::rename(&new, &now).with_context(|| format!("{} cannot be replaced", now.display()))?;
    File::open(keys).and_then(|folder| folder.sync_all())?;
    Ok(())
}
