//! The hubs: processes that are started, killed and started again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_channel::http::Client;
use dermaga_sandbox::Sandbox;
use dermaga_testdb::postgres::Postgres;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{Args, Backend, CHANNEL};

/// How long a hub may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The hub processes and how to reach them.
pub(super) struct Hubs {
    program: PathBuf,
    plant: Option<String>,
    control_url: String,
    database: String,
    folder: TempDir,
    ports: Vec<u16>,
    children: Vec<Child>,
    client: Client,
    api_key: String,
    server: Option<Postgres>,
}

impl Hubs {
    /// Starts the hubs; the first one sets the seller up.
    pub(super) async fn start(args: &Args, program: PathBuf, sandbox: &Sandbox) -> Result<Self> {
        let folder = TempDir::new()?;
        let (database, server) = match args.backend {
            Backend::Sqlite => (format!("sqlite:{}", folder.path().join("hub.db").display()), None),
            Backend::Postgres => {
                let server = Postgres::start().context("no PostgreSQL server")?;
                (server.create_database()?, Some(server))
            }
        };
        let ports = (0..args.nodes).map(|_| free_port()).collect::<Result<Vec<_>>>()?;
        let mut hubs = Self {
            program,
            plant: args.plant.clone(),
            control_url: sandbox.control_url(),
            database,
            folder,
            ports,
            children: Vec::new(),
            client: Client::build()?,
            api_key: String::new(),
            server,
        };
        for node in 0..args.nodes {
            let child = hubs.spawn(node)?;
            hubs.children.push(child);
            hubs.ready(node).await?;
            if node == 0 {
                let file = hubs.folder.path().join("seller.json");
                let told: Value = serde_json::from_slice(&std::fs::read(file)?)?;
                hubs.api_key = told["api_key"].as_str().unwrap_or_default().to_owned();
            }
        }
        Ok(hubs)
    }

    fn spawn(&self, node: usize) -> Result<Child> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join(format!("hub-{node}.log")))?;
        let mut command = Command::new(&self.program);
        command
            .args(["bench", "hub", "--channel", CHANNEL, "--control", &self.control_url])
            .args(["--database", &self.database])
            .arg("--keys")
            .arg(self.folder.path())
            .args(["--listen", &format!("127.0.0.1:{}", self.ports[node])])
            .args(["--public-url", &format!("http://127.0.0.1:{}", self.ports[0])])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Some(plant) = &self.plant {
            command.args(["--plant", plant]);
        }
        command.spawn().context("the hub could not be started")
    }

    /// Waits until a hub answers.
    async fn ready(&mut self, node: usize) -> Result<()> {
        let began = Instant::now();
        loop {
            if let Some(ended) = self.children[node].try_wait()? {
                let log = self.folder.path().join(format!("hub-{node}.log"));
                let log = std::fs::read_to_string(log).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(12).collect();
                bail!("hub {node} ended by itself ({ended}): {}", tail.join("\n"));
            }
            let set_up = self.folder.path().join("seller.json").exists();
            if set_up && self.get(node, "/readyz").await.is_ok() {
                return Ok(());
            }
            if began.elapsed() > START_LIMIT {
                bail!("hub {node} does not answer");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn get(&self, node: usize, target: &str) -> Result<Value> {
        let url = format!("http://127.0.0.1:{}{target}", self.ports[node]);
        let request = self.client.request(http::Method::GET, &url);
        let answer = request.bearer_auth(&self.api_key).send().await?.error_for_status()?;
        let body = answer.bytes().await?;
        Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// A page of the hub's API.
    pub(super) async fn api(&self, target: &str) -> Result<Value> {
        self.get(0, &format!("/api/v1{target}")).await
    }

    /// A person's act, straight at the hub.
    pub(super) async fn act(&self, node: usize, order: &str, act: &str) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/bench/act", self.ports[node]);
        let body = serde_json::json!({"channel_order_id": order, "act": act});
        self.client
            .request(http::Method::POST, &url)
            .json(&body)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Kills a hub as a power cut would, and starts it again.
    pub(super) async fn kill(&mut self, node: usize) -> Result<()> {
        self.children[node].kill().await?;
        self.children[node] = self.spawn(node)?;
        self.ready(node).await
    }

    /// What the invariants look like from the inside.
    pub(super) async fn doctor(&self) -> Result<Vec<String>> {
        let told = self.get(0, "/bench/doctor").await?;
        let findings = told.as_array().context("the doctor gives no findings")?;
        Ok(findings.iter().map(ToString::to_string).collect())
    }

    /// How many nodes there are.
    pub(super) fn nodes(&self) -> usize {
        self.ports.len()
    }

    /// Ends every hub. What they leave is kept where it is asked for.
    pub(super) async fn stop(mut self, leave: Option<&Path>) -> Result<()> {
        for child in &mut self.children {
            child.kill().await?;
        }
        let Some(leave) = leave else { return Ok(()) };
        let folder = leave.join(format!("torture-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
            }
        }
        if let Some(server) = &self.server {
            std::fs::write(folder.join("dump.sql"), server.dump(&self.database)?)?;
        }
        Ok(())
    }
}

/// A port that was free just now.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
