//! The bare limit of webhooks: the same signature, one table, commits of whatever waits.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use dermaga_channel::sign::{hmac_sha256, is_hmac_sha256_hex};
use dermaga_domain::time::Clock;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::ground::{WEBHOOK_SECRET, file};
use crate::limit::{connect_postgres, connect_sqlite};
use crate::torture::Backend;

/// Rows in one commit, at most.
const GROUP_MAX: usize = 256;
/// Rows that may wait.
const QUEUE_MAX: usize = 4_096;

/// The table, with the key and the index of the inbox; bytes are spelled by the database.
const TABLE: &str = "CREATE TABLE bare_message (org_id BIGINT NOT NULL, id BIGINT NOT NULL,
    connection_id BIGINT NOT NULL, dedupe {bytes} NOT NULL, received_at BIGINT NOT NULL,
    body {bytes} NOT NULL, PRIMARY KEY (org_id, id));
    CREATE UNIQUE INDEX bare_message_dedupe ON bare_message (org_id, connection_id, dedupe);";

struct Row {
    id: i64,
    dedupe: [u8; 32],
    received_at: i64,
    body: Bytes,
    kept: oneshot::Sender<()>,
}

/// The table and who writes to it.
#[derive(Clone)]
pub(super) struct Inbox {
    queue: mpsc::Sender<Row>,
    next: Arc<AtomicI64>,
    clock: Arc<dyn Clock>,
    writer: Arc<Mutex<Option<JoinHandle<Result<i64>>>>>,
}

impl Inbox {
    /// Makes the table and starts the writer.
    pub(super) async fn open(backend: Backend, url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let (queue, rows) = mpsc::channel(QUEUE_MAX);
        let writer = match backend {
            Backend::Sqlite => {
                let conn = connect_sqlite(&file(url))?;
                conn.execute_batch(&TABLE.replace("{bytes}", "BLOB"))?;
                tokio::task::spawn_blocking(move || write_sqlite(&conn, rows))
            }
            Backend::Postgres => {
                let mut conn = connect_postgres(url).await?;
                let table = sqlx::AssertSqlSafe(TABLE.replace("{bytes}", "BYTEA"));
                sqlx::raw_sql(table).execute(&mut conn).await?;
                tokio::spawn(write_postgres(conn, rows))
            }
        };
        let writer = Arc::new(Mutex::new(Some(writer)));
        Ok(Self { queue, next: Arc::new(AtomicI64::new(1)), clock, writer })
    }

    /// Ends the writer; as many rows as were answered must be there.
    pub(super) async fn close(self, answered: u64) -> Result<()> {
        let Self { queue, writer, .. } = self;
        drop(queue);
        let writer = writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let kept = writer.context("closed before")?.await??;
        if u64::try_from(kept)? != answered {
            bail!("{answered} webhooks were answered 200 and {kept} are kept");
        }
        Ok(())
    }
}

/// One route, verifying and keeping.
pub(super) fn router(inbox: Inbox) -> Router {
    Router::new().route("/webhooks/{route}/{kind}", post(receive)).with_state(inbox)
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers.get("authorization-hmac").and_then(|value| value.to_str().ok());
    let secret = WEBHOOK_SECRET.as_bytes();
    if !given.is_some_and(|given| is_hmac_sha256_hex(secret, &body, given)) {
        return StatusCode::UNAUTHORIZED;
    }
    let (kept, answer) = oneshot::channel();
    let row = Row {
        id: inbox.next.fetch_add(1, Ordering::Relaxed),
        dedupe: hmac_sha256(secret, &body),
        received_at: inbox.clock.now().0,
        body,
        kept,
    };
    if inbox.queue.try_send(row).is_err() || answer.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

fn answer(rows: &mut Vec<Row>) {
    for row in rows.drain(..) {
        // A sender that is gone needs no answer.
        row.kept.send(()).ok();
    }
}

fn write_sqlite(conn: &rusqlite::Connection, mut queue: mpsc::Receiver<Row>) -> Result<i64> {
    let mut insert = conn.prepare(
        "INSERT INTO bare_message (org_id, id, connection_id, dedupe, received_at, body)
         VALUES (1, ?1, 1, ?2, ?3, ?4) ON CONFLICT (org_id, connection_id, dedupe) DO NOTHING",
    )?;
    let mut rows = Vec::with_capacity(GROUP_MAX);
    while queue.blocking_recv_many(&mut rows, GROUP_MAX) > 0 {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for row in &rows {
            insert.execute((row.id, row.dedupe.as_slice(), row.received_at, row.body.as_ref()))?;
        }
        conn.execute_batch("COMMIT")?;
        answer(&mut rows);
    }
    Ok(conn.query_row("SELECT count(*) FROM bare_message", [], |row| row.get(0))?)
}

async fn write_postgres(mut conn: PgConnection, mut queue: mpsc::Receiver<Row>) -> Result<i64> {
    let mut rows = Vec::with_capacity(GROUP_MAX);
    while queue.recv_many(&mut rows, GROUP_MAX).await > 0 {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let dedupes: Vec<&[u8]> = rows.iter().map(|row| row.dedupe.as_slice()).collect();
        let times: Vec<i64> = rows.iter().map(|row| row.received_at).collect();
        let bodies: Vec<&[u8]> = rows.iter().map(|row| row.body.as_ref()).collect();
        sqlx::query(
            "INSERT INTO bare_message (org_id, id, connection_id, dedupe, received_at, body)
             SELECT 1, id, 1, dedupe, received_at, body
             FROM UNNEST($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[])
                AS v (id, dedupe, received_at, body)
             ON CONFLICT (org_id, connection_id, dedupe) DO NOTHING",
        )
        .bind(ids)
        .bind(dedupes)
        .bind(times)
        .bind(bodies)
        .execute(&mut conn)
        .await?;
        answer(&mut rows);
    }
    let kept = sqlx::query_scalar("SELECT count(*) FROM bare_message").fetch_one(&mut conn).await?;
    conn.close().await?;
    Ok(kept)
}
