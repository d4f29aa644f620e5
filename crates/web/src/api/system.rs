//! How the installation stands.

use axum::Json;
use axum::extract::State;
use dermaga_store::Waiting;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::key::Reader;
use super::shapes::told;
use crate::App;
use crate::system::Standing;

/// How the installation stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct System {
    /// The version of the program.
    version: &'static str,
    /// The database with its version.
    database: String,
    /// Bytes on the disk.
    size_bytes: i64,
    /// The version of the schema.
    schema: i64,
    backlog: SystemBacklog,
    /// The last backup; null when none was taken.
    backup: Option<SystemBackup>,
    /// When retention last ran; null when it never did.
    retention_ran_at: Option<String>,
    /// What it has removed so far.
    removed: Vec<SystemRemoved>,
    /// When the data keys were made, the oldest first.
    data_keys: Vec<String>,
    nodes: Vec<SystemNode>,
    /// What somebody should look at: waiting, dead_letters, backup, retention, nodes.
    look: Vec<&'static str>,
}

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemBacklog {
    messages: SystemWaiting,
    dead_letters: SystemWaiting,
    commands: SystemWaiting,
    marks: Vec<SystemMarks>,
}

/// How many wait, and since when the oldest does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemWaiting {
    count: i64,
    oldest: Option<String>,
}

/// Marks of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemMarks {
    kind: String,
    count: i64,
}

/// The last backup.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemBackup {
    /// Everything until then is in it.
    at: String,
    bytes: u64,
    rows: u64,
}

/// What retention has removed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemRemoved {
    /// bodies, dead_letters, answers, exchanges, labels, buyers or requests.
    kind: String,
    count: i64,
}

/// A process that works on the database.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemNode {
    name: String,
    started_at: String,
    /// Until when it is believed to work without being heard of.
    until: String,
}

/// How the installation stands.
#[utoipa::path(get, path = "/api/v1/system", tag = "system",
    responses((status = 200, body = System), (status = "default", body = Problem)))]
pub(crate) async fn system(
    State(app): State<App>,
    Reader(scope): Reader,
) -> Result<Json<System>, Problem> {
    let standing = Standing::of(&app, scope.org).await?;
    let look = [
        ("waiting", standing.waits_long()),
        ("dead_letters", standing.backlog.dead_letters.count > 0),
        ("backup", standing.is_late(standing.backup.map(|backup| backup.at))),
        ("retention", standing.is_late(standing.retained_at())),
        ("nodes", standing.nodes.iter().any(|node| node.until < standing.now)),
    ];
    let waiting =
        |waiting: Waiting| SystemWaiting { count: waiting.count, oldest: waiting.oldest.map(told) };
    let backlog = &standing.backlog;
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        database: standing.size.database.clone(),
        size_bytes: standing.size.bytes,
        schema: standing.schema,
        backlog: SystemBacklog {
            messages: waiting(backlog.messages),
            dead_letters: waiting(backlog.dead_letters),
            commands: waiting(backlog.commands),
            marks: backlog
                .marks
                .iter()
                .map(|(kind, count)| SystemMarks { kind: kind.clone(), count: *count })
                .collect(),
        },
        backup: standing.backup.map(|backup| SystemBackup {
            at: told(backup.at),
            bytes: backup.bytes,
            rows: backup.rows,
        }),
        retention_ran_at: standing.retained_at().map(told),
        removed: standing
            .retention
            .iter()
            .map(|kind| SystemRemoved { kind: kind.kind.clone(), count: kind.removed })
            .collect(),
        data_keys: standing.keys.iter().copied().map(told).collect(),
        nodes: standing
            .nodes
            .iter()
            .map(|node| SystemNode {
                name: node.name.clone(),
                started_at: told(node.started_at),
                until: told(node.until),
            })
            .collect(),
        look: look.into_iter().filter_map(|(name, wants)| wants.then_some(name)).collect(),
    }))
}
