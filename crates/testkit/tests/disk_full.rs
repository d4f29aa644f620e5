//! A full disk: webhooks are told to come again, never that they were kept, and once there is space
//! everything goes on by itself.
//!
//! Alone in its program: on SQLite the process may write no file while the disk is full.
#![expect(clippy::unwrap_used, reason = "a story ends at the first surprise")]

use std::process::Command;
use std::time::Duration;

use dermaga_channel::sign::hmac_sha256;
use dermaga_testkit::{App, Backend, Logs, Setup, WEBHOOK_SECRET};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

/// The signal of a process that writes beyond its limit: left alone it ends the process.
const SIGXFSZ: i32 = 25;
/// How long an order may take to arrive once there is space.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(20);
const FULL: &str = "dermaga_webhooks_total{outcome=\"full\"}";

/// A disk that can be filled.
enum Disk {
    /// No file of this process grows beyond a byte.
    File {
        /// While it is listened for, the process lives on.
        _listening: Signal,
    },
    /// The server refuses new messages as it does when it has no space: SQLSTATE 53100.
    Server,
}

impl Disk {
    fn of(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                Self::File { _listening: signal(SignalKind::from_raw(SIGXFSZ)).unwrap() }
            }
            Backend::Postgres => Self::Server,
        }
    }

    fn fill(&self, app: &App) {
        match self {
            Self::File { .. } => limit_files("1"),
            Self::Server => {
                let sql = "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
                    CREATE CONSTRAINT TRIGGER no_space AFTER INSERT ON message
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_space()";
                app.as_owner(sql).unwrap();
            }
        }
    }

    fn empty(&self, app: &App) {
        match self {
            Self::File { .. } => limit_files("unlimited"),
            Self::Server => drop(app.as_owner("DROP TRIGGER no_space ON message").unwrap()),
        }
    }
}

/// Sets how large a file of this process may become; its hard limit stays.
fn limit_files(size: &str) {
    let process = std::process::id().to_string();
    let mut command = Command::new("prlimit");
    command.args(["--pid", &process, &format!("--fsize={size}:")]);
    assert!(command.status().unwrap().success());
}

async fn post(app: &App, id: &str) -> u16 {
    let body = format!(r#"{{"order_id": {id}, "shop_id": 480001, "order_status": 220}}"#);
    let signature = hex::encode(hmac_sha256(WEBHOOK_SECRET.as_bytes(), body.as_bytes()));
    let headers = [("authorization-hmac", signature.as_str())];
    app.post("order_status", &headers, body.as_bytes()).await.unwrap()
}

async fn arrived(app: &App, id: &str) {
    let arrival = async {
        while !app.said(id).await.unwrap().starts_with("sales_order") {
            // The loops tell nobody when they are done, so they are asked.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(ARRIVAL_LIMIT, arrival).await.unwrap();
}

async fn story(backend: Backend, logs: &Logs) {
    // Only what this story posts comes in.
    let setup = Setup { webhooks: false, ..Setup::of("tokopedia") };
    let app = App::start_as(backend, setup).await.unwrap();
    app.stock("GAYO-250", 10).await.unwrap();
    app.engine.settle().await.unwrap();
    app.pause_tasks().await.unwrap();
    let ids: Vec<String> = (0..3).map(|_| app.place("GAYO-250", 1, true).unwrap()).collect();
    let stop = CancellationToken::new();
    let loops = app.engine.run(&stop);
    assert_eq!(post(&app, &ids[0]).await, 200);
    arrived(&app, &ids[0]).await;

    let (disk, before) = (Disk::of(backend), app.counters().await.unwrap());
    let before = before.get(FULL).copied().unwrap_or(0);
    drop(logs.take());
    disk.fill(&app);
    for told in 1..=3 {
        assert_eq!(post(&app, &ids[1]).await, 503, "{backend:?}");
        assert_eq!(app.counters().await.unwrap()[FULL], before + told, "{backend:?}");
    }
    let lines = logs.take();
    let of_webhooks = lines.iter().filter(|line| line["webhook.outcome"] == "full");
    assert_eq!(of_webhooks.count(), 3, "{backend:?}: {lines:#?}");
    // A round of work that meets the full disk says so, and is done again.
    let explained =
        |line: &serde_json::Value| !line["connection.id"].is_null() || line["work"].is_string();
    assert!(lines.iter().all(explained), "{lines:#?}");
    assert_eq!(app.said(&ids[1]).await.unwrap(), "none", "{backend:?}: nothing was kept");

    disk.empty(&app);
    for id in &ids[1..] {
        assert_eq!(post(&app, id).await, 200, "{backend:?}");
        arrived(&app, id).await;
    }
    assert_eq!(app.level("GAYO-250").await.unwrap(), (10, 0, 3, 0));
    stop.cancel();
    loops.wait().await;
    assert!(app.engine.store().find_violations(app.org).await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_told_to_be_kept_while_the_disk_is_full() {
    let logs = Logs::keep(LevelFilter::INFO);
    for backend in Backend::ALL {
        story(backend, &logs).await;
    }
}
