//! A PostgreSQL server for tests: started from the installed binaries, or the one that is given.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The variable that names a running server (its superuser's or owner's address).
pub const SERVER_VARIABLE: &str = "DERMAGA_POSTGRES";

/// Longest time a server may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The server a test uses: its own, stopped and removed when dropped, or one shared by all.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    url: String,
    own: Option<Own>,
}

/// A server this process started.
#[derive(Debug)]
struct Own {
    server: Child,
    // Removed after the server has stopped.
    folder: TempDir,
}

impl Postgres {
    /// The server named by `DERMAGA_POSTGRES`, else a new one on a free port in a temporary folder.
    pub fn start() -> io::Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests have no settings file to read it from"
        )]
        let given = std::env::var(SERVER_VARIABLE).ok().filter(|url| !url.is_empty());
        match given {
            Some(url) => Ok(Self { binaries: find_binaries()?, url, own: None }),
            None => Self::start_own(),
        }
    }

    /// A new server whatever the environment says. `fsync` is on, as by default. When this process
    /// is root, the server runs as `postgres` or `nobody`, because it refuses root.
    pub fn start_own() -> io::Result<Self> {
        let binaries = find_binaries()?;
        let user = unprivileged_user()?;
        let folder = tempfile::Builder::new().prefix("dermaga-postgres-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let files = folder.path().join("files");
        fs::create_dir(&files)?;
        if let Some(user) = &user {
            std::os::unix::fs::chown(&files, Some(user.uid), Some(user.gid))?;
        }
        let log = folder.path().join("log");
        init(&binaries, user.as_ref(), &files, &log)?;
        let port = free_port()?;
        let output = File::options().append(true).create(true).open(&log)?;
        let mut server = as_user(user.as_ref(), &binaries.join("postgres"))
            .arg("-D")
            .arg(&files)
            .args(["-h", "127.0.0.1", "-k", "", "-p", &port.to_string()])
            .args(["-c", "max_connections=200", "-c", "max_prepared_transactions=0"])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let url = format!("postgres://owner@127.0.0.1:{port}/postgres");
        if let Err(error) = wait_until_ready(&binaries, &url, &mut server) {
            stop(&mut server);
            return Err(io::Error::other(format!("{error}\n{}", fs::read_to_string(&log)?)));
        }
        Ok(Self { binaries, url, own: Some(Own { server, folder }) })
    }

    /// The address of its owner's (a superuser's) database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an empty database of a name nobody else has and gives its owner's address.
    pub fn create_database(&self) -> io::Result<String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanos = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
        let name = format!("t{}_{count}_{nanos}", std::process::id());
        self.query(&format!("CREATE DATABASE {name}"))?;
        Ok(with_database(&self.url, &name))
    }

    /// Runs one text of SQL as the owner and gives what it prints, without alignment.
    pub fn query(&self, sql: &str) -> io::Result<String> {
        self.query_at(&self.url, sql)
    }

    /// As [`Postgres::query`], in the database of another address.
    pub fn query_at(&self, url: &str, sql: &str) -> io::Result<String> {
        run(Command::new(self.binaries.join("psql")).args([
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            url,
            "-c",
            sql,
        ]))
    }

    /// The rows of every table of a database as text; bytes as hexadecimal digits.
    pub fn dump(&self, url: &str) -> io::Result<String> {
        run(Command::new(self.binaries.join("pg_dump")).args([
            "--data-only",
            "--inserts",
            "-d",
            url,
        ]))
    }

    /// The process id of the server, when this process started it.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.own.as_ref().map(|own| own.server.id())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        stop(&mut self.server);
        // The folder goes when its field is dropped, which is after this.
        debug_assert!(self.folder.path().exists());
    }
}

/// The address with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, None), |(a, o)| (a, Some(o)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &address[..host_end])
}

/// The newest installed server.
fn find_binaries() -> io::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("postgres").is_file().then_some((version, folder))
        })
        .collect();
    found.sort();
    if let Some((_, folder)) = found.pop() {
        return Ok(folder);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(|folder| folder.join("postgres").is_file()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            "no PostgreSQL server is installed: install the Debian package postgresql, or set \
             DERMAGA_POSTGRES to the address of one",
        )
    })
}

/// A user of this machine.
#[derive(Debug)]
struct User {
    uid: u32,
    gid: u32,
}

/// Whom the server runs as; `None` when this process is not root.
fn unprivileged_user() -> io::Result<Option<User>> {
    use std::os::unix::fs::MetadataExt as _;
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(name) {
                return None;
            }
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(User { uid, gid })
        })
    };
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or_else(|| {
        io::Error::other("the server refuses root, and there is neither a user postgres nor nobody")
    })
}

fn as_user(user: Option<&User>, program: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(program);
    command.env("LC_ALL", "C");
    if let Some(user) = user {
        command.gid(user.gid).uid(user.uid);
    }
    command
}

fn init(binaries: &Path, user: Option<&User>, files: &Path, log: &Path) -> io::Result<()> {
    let printed = run(as_user(user, &binaries.join("initdb"))
        .arg("-D")
        .arg(files)
        .args(["-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        .current_dir("/"))?;
    fs::write(log, printed)
}

fn wait_until_ready(binaries: &Path, url: &str, server: &mut Child) -> io::Result<()> {
    let start = Instant::now();
    loop {
        if let Some(status) = server.try_wait()? {
            return Err(io::Error::other(format!("the server stopped at once: {status}")));
        }
        let ready = Command::new(binaries.join("pg_isready"))
            .args(["-q", "-t", "1", "-d", url])
            .status()?
            .success();
        if ready {
            return Ok(());
        }
        if start.elapsed() > START_LIMIT {
            return Err(io::Error::other("the server did not answer in time"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Asks the server to end every session and stop (SIGINT: fast shutdown), then waits for it.
fn stop(server: &mut Child) {
    let asked = Command::new("kill").args(["-s", "INT", &server.id().to_string()]).status().is_ok();
    if !asked && let Err(error) = server.kill() {
        eprintln!("cannot stop the test server: {error}");
    }
    if let Err(error) = server.wait() {
        eprintln!("cannot wait for the test server: {error}");
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn run(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let program = command.get_program().to_string_lossy();
    Err(io::Error::other(format!("{program}: {}: {said}", output.status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_our_own_answers_and_leaves_nothing() {
        let server = Postgres::start_own().unwrap();
        let pid = server.pid().unwrap();
        let folder = server.own.as_ref().unwrap().folder.path().to_owned();
        let first = server.create_database().unwrap();
        assert_ne!(first, server.create_database().unwrap());
        assert_eq!(server.query("SHOW fsync").unwrap(), "on");
        drop(server);
        assert!(!folder.exists());
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn only_the_database_of_an_address_changes() {
        for (url, expected) in [
            ("postgres://u:p@h:1/a?x=y", "postgres://u:p@h:1/b?x=y"),
            ("postgres://h", "postgres://h/b"),
        ] {
            assert_eq!(with_database(url, "b"), expected);
        }
    }
}
