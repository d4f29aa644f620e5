//! The local socket of a hub: one process owns a SQLite file, so the command line asks that process.
//!
//! The socket lies beside the database file as `<file>.sock`, and only who may read that file may ask.
//! A request is one line of JSON, and so is the answer.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dermaga_engine::Engine;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::commands::asked::{Asked, Brought, Desk, Given};
use crate::commands::trouble;
use crate::hub::Place;

/// The longest line that is read, in bytes: an opening stock of a hundred thousand rows fits.
const LINE_MAX: u64 = 16 * 1024 * 1024;

/// A command that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its arguments, without the program's name.
    pub args: Vec<String>,
    /// What it is given beside them.
    pub given: Given,
}

/// What a command came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What a person reads.
    pub text: String,
    /// Why it failed, if it did: the exit status is then 1.
    pub error: Option<String>,
    /// The files that it brings, in hexadecimal digits.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// Where the socket of a database lies; none for a database that several processes may open.
#[must_use]
pub fn path(place: &Place) -> Option<PathBuf> {
    let rest = place.database.strip_prefix("sqlite:")?;
    let file = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(format!("{file}.sock")))
}

/// Asks the hub behind a socket; none when there is none.
///
/// # Errors
/// When the hub goes away before it has answered.
pub async fn ask(path: &Path, request: &Request) -> Result<Option<Answer>> {
    let stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) =>
        {
            return Ok(None);
        }
        Err(error) => {
            let shown = path.display();
            return Err(error).with_context(|| format!("the hub's socket {shown} cannot be used"));
        }
    };
    let lost = "the hub went away before it answered; look whether it did what was asked";
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    let mut stream = BufReader::new(stream);
    stream.write_all(&line).await.context(lost)?;
    let mut answer = Vec::new();
    stream.read_until(b'\n', &mut answer).await.context(lost)?;
    serde_json::from_slice(&answer).context(lost).map(Some)
}

/// An open socket.
#[derive(Debug)]
pub struct Listening {
    path: PathBuf,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Opens the socket of a database; none for a database that needs none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(place: &Place, engine: &Engine) -> Result<Option<Self>> {
        let Some(path) = path(place) else { return Ok(None) };
        let listener =
            bind(&path).with_context(|| format!("the socket {} cannot be made", path.display()))?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (engine, stopped, tracker) = (engine.clone(), stop.clone(), tasks.clone());
        drop(tasks.spawn(async move {
            while let Some(Ok((stream, _))) = stopped.run_until_cancelled(listener.accept()).await {
                let (engine, stopped) = (engine.clone(), stopped.clone());
                drop(tracker.spawn(async move { serve(&engine, &stopped, stream).await }));
            }
        }));
        Ok(Some(Self { path, stop, tasks }))
    }

    /// Finishes the commands that have begun, and takes the socket away.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        // It may have been taken away by hand.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Makes the socket so that nobody else may use it at any moment: in a closed folder first. One that
/// is left of a process that was killed is replaced; the database's lock says that it is dead.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    let mut closed = path.as_os_str().to_owned();
    closed.push(format!("-{}", std::process::id()));
    let closed = PathBuf::from(closed);
    std::fs::DirBuilder::new().mode(0o700).create(&closed)?;
    let made = bind_in(&closed, path);
    std::fs::remove_dir_all(&closed)?;
    made
}

fn bind_in(closed: &Path, path: &Path) -> std::io::Result<UnixListener> {
    let first = closed.join("s");
    let listener = UnixListener::bind(&first)?;
    std::fs::set_permissions(&first, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&first, path)?;
    Ok(listener)
}

async fn serve(engine: &Engine, stopped: &CancellationToken, mut stream: UnixStream) {
    let mut line = Vec::new();
    {
        let mut reader = BufReader::new((&mut stream).take(LINE_MAX));
        match stopped.run_until_cancelled(reader.read_until(b'\n', &mut line)).await {
            Some(Ok(read)) if read > 0 => {}
            _ => return,
        }
    }
    let answer = answer(engine, &line).await;
    let Ok(mut line) = serde_json::to_vec(&answer) else { return };
    line.push(b'\n');
    if let Err(error) = stream.write_all(&line).await {
        tracing::warn!(error = %error, "who asked through the socket did not wait for the answer");
    }
}

async fn answer(engine: &Engine, line: &[u8]) -> Answer {
    let (mut text, brought) = (String::new(), Brought::default());
    let done = run(engine, line, (&brought, &mut text)).await;
    Answer { text, error: done.err().map(|error| trouble::line(&error)), files: brought.take() }
}

async fn run(engine: &Engine, line: &[u8], (brought, text): (&Brought, &mut String)) -> Result<()> {
    let request: Request = serde_json::from_slice(line)
        .context("the hub is of another version and cannot read the request; restart it")?;
    let asked = Asked::parse(&request.args)?;
    let desk = Desk { engine, given: &request.given, brought, runs: true };
    asked.run(desk, text).await
}
