//! Asking: through the socket of the hub that runs on the database, or else by ourselves.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dermaga_engine::{Engine, Settings};

use super::asked::{Asked, Brought, Desk, Given};
use super::trouble;
use crate::clock::SystemClock;
use crate::hub::Place;
use crate::socket::{self, Answer, Request};

/// Carries a command out and prints what it says; gives the exit status.
pub async fn run(asked: Asked, args: Vec<String>) -> ExitCode {
    let answer = match answer(&asked, args).await {
        Ok(answer) => answer,
        Err(error) => Answer { error: Some(trouble::line(&error)), ..Answer::default() },
    };
    let kept = keep(&answer);
    // A reader that has gone away, as in `… | head`, wants to hear no more.
    drop(std::io::stdout().write_all(answer.text.as_bytes()));
    let error = answer.error.or_else(|| kept.err().map(|error| trouble::line(&error)));
    let Some(error) = error else { return ExitCode::SUCCESS };
    drop(writeln!(std::io::stderr(), "dermaga: {error}"));
    ExitCode::FAILURE
}

/// The answer to a command.
///
/// # Errors
/// When it could not even be asked: a file cannot be read, the database cannot be opened.
pub async fn answer(asked: &Asked, args: Vec<String>) -> Result<Answer> {
    if let Some(text) = asked.alone()? {
        return Ok(Answer { text, ..Answer::default() });
    }
    let given = given(asked)?;
    if let Some(path) = socket::path(asked.place()) {
        let request = Request { args, given: given.clone() };
        if let Some(answer) = socket::ask(&path, &request).await? {
            return Ok(answer);
        }
    }
    let engine = open(asked.place(), !asked.looks_at_schema()).await?;
    let (brought, mut text) = (Brought::default(), String::new());
    let desk = Desk { engine: &engine, given: &given, brought: &brought, runs: false };
    let done = asked.run(desk, &mut text).await;
    engine.store().close().await;
    let error = done.err().map(|error| trouble::line(&error));
    Ok(Answer { text, error, files: brought.take() })
}

/// Writes the files that the command brought.
fn keep(answer: &Answer) -> Result<()> {
    for (name, digits) in &answer.files {
        let bytes = hex::decode(digits).context("the hub handed over a file that is none")?;
        if let Some(folder) = Path::new(name).parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        std::fs::write(name, bytes).with_context(|| format!("{name} cannot be written"))?;
    }
    Ok(())
}

/// Reads the files that the arguments name, and the standard input if it is asked for.
fn given(asked: &Asked) -> Result<Given> {
    let mut given = Given::default();
    for path in asked.files() {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the file {} cannot be read", path.display()))?;
        given.files.insert(path.display().to_string(), text);
    }
    if asked.reads_input() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the standard input cannot be read")?;
        given.input = Some(text);
    }
    Ok(given)
}

/// An engine on the database whose loops do not run.
async fn open(place: &Place, migrates: bool) -> Result<Engine> {
    if migrates {
        let options = place.options()?;
        dermaga_store::migrate(&place.database, options.role.as_ref())
            .await
            .context("the database could not be brought up to date")?;
    }
    let clock = Arc::new(SystemClock);
    let opened = place.open(clock.clone()).await;
    let store = if migrates {
        opened?
    } else {
        opened.context("the database cannot be used; if it is new, run `dermaga migrate`")?
    };
    let client = place.client()?;
    let settings = Settings { erasures: Some(place.erasures()), ..Settings::default() };
    Ok(Engine::new(store, dermaga_channels::all(), clock, client, settings))
}
