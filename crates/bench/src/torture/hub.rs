//! The hubs: processes that are started, killed and started again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use dermaga_channel::http::Client;
use dermaga_domain::planted::Bug;
use dermaga_sandbox::Sandbox;
use dermaga_testdb::postgres::Postgres;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::faults::Counts;
use super::market::Market;
use super::{Args, Backend, market};
use crate::control::Control;

/// How long a hub may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often goods are told of at most. A hub may wait on one that stands still and holds a lock.
const RECEIPT_TELLS_MAX: usize = 5;

/// What only the inside of a hub shows.
pub(super) struct Inside {
    /// Nothing to do now.
    pub(super) idle: bool,
    /// Commands that are not at their end.
    pub(super) commands: i64,
    /// Rows of each table.
    pub(super) rows: BTreeMap<String, i64>,
}

/// The hub processes and how to reach them.
pub(crate) struct Hubs {
    program: PathBuf,
    plant: Option<Bug>,
    markets: Vec<&'static Market>,
    control_url: String,
    database: String,
    folder: TempDir,
    ports: Vec<u16>,
    children: Vec<Child>,
    /// The node that stands still, if one does.
    paused: Option<usize>,
    /// By how many seconds the hubs' clocks are ahead of the channel's.
    off_seconds: i64,
    /// Receipts that were told of so far, to name each one.
    receipts_told: u64,
    /// When, by the sandbox's clock, one was killed or had its clock set.
    upset_us: Vec<i64>,
    /// What was done to them.
    pub(super) counts: Counts,
    client: Client,
    api_key: String,
    server: Option<Postgres>,
}

impl Hubs {
    /// Starts the hubs; the first one sets the seller up.
    pub(crate) async fn start(args: &Args, program: PathBuf, sandbox: &Sandbox) -> Result<Self> {
        let folder = TempDir::new()?;
        let (database, server) = match args.backend {
            Backend::Sqlite => (format!("sqlite:{}", folder.path().join("hub.db").display()), None),
            Backend::Postgres => {
                let server = Postgres::start().context("no PostgreSQL server")?;
                (server.create_database()?, Some(server))
            }
        };
        let ports = (0..args.nodes).map(|_| free_port()).collect::<Result<Vec<_>>>()?;
        let markets = market::named(&args.channels)?;
        let mut hubs = Self {
            program,
            plant: args.plant,
            control_url: sandbox.control_url(),
            database,
            folder,
            ports,
            children: Vec::new(),
            paused: None,
            off_seconds: 0,
            receipts_told: 0,
            upset_us: Vec::new(),
            counts: Counts::of(args, &markets),
            markets,
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
            .args(["bench", "hub", "--control", &self.control_url])
            .args(self.markets.iter().flat_map(|market| ["--channel", market.channel]))
            .args(["--database", &self.database])
            .arg("--keys")
            .arg(self.folder.path())
            .args(["--listen", &format!("127.0.0.1:{}", self.ports[node])])
            .args(["--public-url", &format!("http://127.0.0.1:{}", self.ports[0])])
            .arg(format!("--off-seconds={}", self.off_seconds))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Some(plant) = self.plant {
            command.args(["--plant", plant.as_str()]);
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

    async fn post(&self, node: usize, target: &str, body: &Value) -> Result<()> {
        let url = format!("http://127.0.0.1:{}{target}", self.ports[node]);
        let request = self.client.request(http::Method::POST, &url);
        request.json(body).send().await?.error_for_status()?;
        Ok(())
    }

    /// The first node that answers.
    fn awake(&self) -> usize {
        usize::from(self.paused == Some(0))
    }

    /// A page of the hub's API.
    pub(crate) async fn api(&self, target: &str) -> Result<Value> {
        self.get(self.awake(), &format!("/api/v1{target}")).await
    }

    /// A person's act, straight at the hub.
    pub(super) async fn act(&self, order: &str, act: &str) -> Result<()> {
        let body = json!({"channel_order_id": order, "act": act});
        self.post(self.awake(), "/bench/act", &body).await
    }

    /// A person asks the channel to do something with an order, if the order allows it.
    pub(super) async fn give(&self, order: &str, kind: &str) -> Result<()> {
        let body = json!({"channel_order_id": order, "kind": kind});
        self.post(self.awake(), "/bench/command", &body).await
    }

    /// The commands of an order, the newest first.
    pub(super) async fn commands_of(&self, order: &str) -> Result<Vec<Value>> {
        let target = format!("/bench/command?channel_order_id={order}");
        let told = self.get(self.awake(), &target).await?;
        Ok(told.as_array().context("the hub tells no commands")?.clone())
    }

    /// Goods arrive. A hub that does not answer may have taken them in: it is told again, under the
    /// same name, until it says so.
    pub(crate) async fn receive(
        &mut self,
        sku: &str,
        warehouse: &str,
        quantity: i64,
    ) -> Result<()> {
        self.receipts_told += 1;
        let name = format!("receipt {}", self.receipts_told);
        let body = json!({"name": name, "sku": sku, "warehouse": warehouse, "quantity": quantity});
        let mut told = self.post(self.awake(), "/bench/receive", &body).await;
        for _ in 1..RECEIPT_TELLS_MAX {
            if told.is_ok() {
                break;
            }
            told = self.post(self.awake(), "/bench/receive", &body).await;
        }
        told
    }

    /// Sets the hubs' clocks ahead of the channel's, or behind it.
    pub(super) async fn set_off(&mut self, off_seconds: i64) -> Result<()> {
        self.counts.clock_set(self.off_seconds, off_seconds);
        self.off_seconds = off_seconds;
        self.note_upset().await?;
        for node in (0..self.nodes()).filter(|&node| self.paused != Some(node)) {
            self.post(node, "/bench/clock", &json!({"off_seconds": off_seconds})).await?;
        }
        Ok(())
    }

    /// Kills a hub as a power cut would, and starts it again.
    pub(super) async fn kill(&mut self, node: usize) -> Result<()> {
        self.children[node].kill().await?;
        self.counts.killed += 1;
        self.note_upset().await?;
        self.children[node] = self.spawn(node)?;
        self.ready(node).await
    }

    async fn note_upset(&mut self) -> Result<()> {
        let control = Control::There(&self.client, &self.control_url);
        self.upset_us.push(control.now_us().await?);
        Ok(())
    }

    /// Whether between two moments of the sandbox's clock a hub was killed or had its clock set.
    pub(super) fn were_upset(&self, from_us: i64, to_us: i64) -> bool {
        self.upset_us.iter().any(|at_us| (from_us..=to_us).contains(at_us))
    }

    /// Makes a node stand still, whatever it is in the middle of.
    pub(super) async fn pause(&mut self, node: usize) -> Result<()> {
        self.signal(node, "STOP").await?;
        self.paused = Some(node);
        Ok(())
    }

    /// Lets the node that stands still go on, as if no time had passed.
    pub(super) async fn resume(&mut self) -> Result<()> {
        let Some(node) = self.paused.take() else { return Ok(()) };
        self.signal(node, "CONT").await?;
        self.counts.node_paused += 1;
        let body = json!({"off_seconds": self.off_seconds});
        self.post(node, "/bench/clock", &body).await
    }

    /// Whether a node stands still.
    pub(super) const fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    async fn signal(&self, node: usize, name: &str) -> Result<()> {
        let id = self.children[node].id().context("the hub has ended")?;
        // The shell's own word: not every machine has a program of this name.
        let line = format!("kill -s {name} {id}");
        let sent = Command::new("sh").args(["-c", &line]).status().await?;
        if !sent.success() {
            bail!("hub {node} could not be sent SIG{name}");
        }
        Ok(())
    }

    /// What the invariants look like from the inside.
    pub(super) async fn doctor(&self) -> Result<Vec<Value>> {
        let told = self.get(0, "/bench/doctor").await?;
        Ok(told.as_array().context("the doctor gives no findings")?.clone())
    }

    /// How many rows the hub has in each table, and whether every node has nothing to do now.
    pub(super) async fn books(&self) -> Result<Inside> {
        let told = self.get(self.awake(), "/bench/books").await?;
        let rows = serde_json::from_value(told["rows"].clone())?;
        let commands = told["commands_under_way"].as_i64().context("the books name no commands")?;
        Ok(Inside { idle: told["idle"] == json!(true), commands, rows })
    }

    /// The SHA-256 of the body of each webhook that the hub kept.
    pub(super) async fn kept(&self) -> Result<BTreeSet<String>> {
        let (mut kept, mut after) = (BTreeSet::new(), i64::MIN);
        loop {
            let page = self.get(0, &format!("/bench/kept?after={after}")).await?;
            let bodies: Vec<String> = serde_json::from_value(page["bodies"].clone())?;
            kept.extend(bodies);
            match page["next"].as_i64() {
                Some(next) => after = next,
                None => return Ok(kept),
            }
        }
    }

    /// How many nodes there are.
    pub(super) fn nodes(&self) -> usize {
        self.ports.len()
    }

    /// Ends every hub. What they leave is kept where it is asked for.
    pub(crate) async fn stop(mut self, leave: Option<&Path>) -> Result<()> {
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
