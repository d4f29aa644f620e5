//! The one writer: jobs of many callers become groups, a group becomes one commit.
//!
//! ```text
//!  short lane ──┐                 BEGIN IMMEDIATE  job job job job  COMMIT ── answers
//!               ├─ group ──────>          │ one fails
//!  bulk lane  ──┘                 ROLLBACK, the same group again with a SAVEPOINT per job
//! ```
//!
//! A group is what waits in the short lane; between two groups one bulk job may go, and what arrives
//! in the short lane while it runs joins its commit.

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::super::conn::{Conn, Link};
use super::super::database::{Lane, Options};
use super::super::error::{Error, RETRY_AFTER_MS, Result};
use super::super::job::{Job, Pending, Queued};
use super::checkpoint::Checkpointer;
use super::owner::Owner;

/// Jobs in one commit, at most: bounds how long the first of a group waits for the last.
const GROUP_MAX: usize = 256;

/// Bulk jobs that may wait; further callers wait to enqueue.
const BULK_QUEUE_MAX: usize = 4;

type Waiting = Box<dyn Queued>;

/// The callers' side.
pub(super) struct Writer {
    lanes: Mutex<Option<Lanes>>,
    short: mpsc::WeakSender<Waiting>,
    bulk: mpsc::WeakSender<Waiting>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What keeps the writer's task running.
struct Lanes {
    _short: mpsc::Sender<Waiting>,
    _bulk: mpsc::Sender<Waiting>,
}

impl Writer {
    pub(super) fn start(
        connection: SqliteConnection,
        owner: Owner,
        options: &Options,
        checkpointer: Checkpointer,
    ) -> Self {
        let (short, short_queue) = mpsc::channel(options.queue_max.max(1));
        let (bulk, bulk_queue) = mpsc::channel(BULK_QUEUE_MAX);
        let serving = Serving {
            conn: Conn::new(Link::Sqlite(connection), options.pulse.clone()),
            short: short_queue,
            bulk: bulk_queue,
            bulk_next: false,
            checkpointer,
            owner,
        };
        let task = tokio::spawn(serving.serve());
        Self {
            short: short.downgrade(),
            bulk: bulk.downgrade(),
            lanes: Mutex::new(Some(Lanes { _short: short, _bulk: bulk })),
            task: Mutex::new(Some(task)),
        }
    }

    pub(super) async fn write<J: Job>(
        &self,
        lane: Lane,
        org: Option<i64>,
        job: J,
    ) -> Result<J::Output> {
        let (waiting, answer) = Pending::queue(org, job);
        match lane {
            Lane::Short => {
                let lane = self.short.upgrade().ok_or(Error::Closed)?;
                lane.try_send(waiting).map_err(|refused| match refused {
                    mpsc::error::TrySendError::Full(_) => {
                        Error::Busy { retry_after_ms: RETRY_AFTER_MS }
                    }
                    mpsc::error::TrySendError::Closed(_) => Error::Closed,
                })?;
            }
            Lane::Bulk => {
                let lane = self.bulk.upgrade().ok_or(Error::Closed)?;
                lane.send(waiting).await.map_err(|_| Error::Closed)?;
            }
        }
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Refuses new jobs, finishes the queued ones, closes the connection.
    pub(super) async fn close(&self) {
        drop(self.lanes.lock().await.take());
        if let Some(task) = self.task.lock().await.take() {
            drop(task.await);
        }
    }
}

/// The task's side.
struct Serving {
    conn: Conn,
    short: mpsc::Receiver<Waiting>,
    bulk: mpsc::Receiver<Waiting>,
    /// Whether a waiting bulk job goes before the next short group.
    bulk_next: bool,
    checkpointer: Checkpointer,
    /// Given back last, when the connection is closed.
    owner: Owner,
}

/// How a group ended before its commit.
enum Run {
    /// Every job ran.
    Done,
    /// The job at this position failed.
    Failed(usize, Error),
}

impl Serving {
    async fn serve(mut self) {
        while let Some(first) = self.next().await {
            let mut group = Vec::with_capacity(GROUP_MAX);
            group.push(first);
            let outcomes = self.commit(&mut group).await;
            for (job, outcome) in group.into_iter().zip(outcomes) {
                job.answer(outcome);
            }
            if let Link::Sqlite(connection) = self.conn.link() {
                self.checkpointer.after_commit(connection).await;
            }
        }
        self.checkpointer.stop().await;
        if let Link::Sqlite(connection) = self.conn.into_link()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot close the database");
        }
        drop(self.owner);
    }

    /// The first job of the next group; `None` when both lanes are closed and empty.
    async fn next(&mut self) -> Option<Waiting> {
        if std::mem::take(&mut self.bulk_next)
            && let Ok(job) = self.bulk.try_recv()
        {
            return Some(job);
        }
        tokio::select! {
            biased;
            Some(job) = self.short.recv() => {
                self.bulk_next = true;
                Some(job)
            }
            Some(job) = self.bulk.recv() => Some(job),
            else => None,
        }
    }

    /// Runs and commits a group that grows while it runs; one outcome per job.
    async fn commit(&mut self, group: &mut Vec<Waiting>) -> Vec<Result<()>> {
        let first = match self.run_optimistically(group).await {
            Ok(Run::Done) => {
                let outcome = self.finish().await;
                return all(group.len(), outcome);
            }
            Ok(Run::Failed(at, error)) => {
                self.roll_back().await;
                // Alone, or no room on the disk for anybody: running again would change nothing.
                if group.len() == 1 || matches!(error, Error::Full) {
                    return all(group.len(), Err(error));
                }
                at
            }
            Err(error) => {
                self.roll_back().await;
                return all(group.len(), Err(error));
            }
        };
        tracing::debug!(job.position = first, group.jobs = group.len(), "running a group again");
        match self.run_guarded(group).await {
            Ok(mut outcomes) => {
                if let Err(error) = self.finish().await {
                    for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
                        *outcome = Err(error.clone());
                    }
                }
                outcomes
            }
            Err(error) => {
                self.roll_back().await;
                all(group.len(), Err(error))
            }
        }
    }

    /// First try: no savepoints, and who arrives meanwhile joins.
    async fn run_optimistically(&mut self, group: &mut Vec<Waiting>) -> Result<Run> {
        self.frame("BEGIN IMMEDIATE").await?;
        let mut at = 0;
        while let Some(job) = group.get_mut(at) {
            if let Err(error) = job.run(&mut self.conn).await {
                return Ok(Run::Failed(at, error));
            }
            at += 1;
            if at == group.len()
                && group.len() < GROUP_MAX
                && let Ok(job) = self.short.try_recv()
            {
                group.push(job);
            }
        }
        Ok(Run::Done)
    }

    /// Second try: a savepoint per job, so that only the failing one gets its error.
    async fn run_guarded(&mut self, group: &mut [Waiting]) -> Result<Vec<Result<()>>> {
        self.frame("BEGIN IMMEDIATE").await?;
        let mut outcomes = Vec::with_capacity(group.len());
        for job in group {
            self.frame("SAVEPOINT job").await?;
            let outcome = job.run(&mut self.conn).await;
            if let Err(error) = &outcome {
                if matches!(error, Error::Full) {
                    return Err(Error::Full);
                }
                self.frame("ROLLBACK TO job").await?;
            }
            self.frame("RELEASE job").await?;
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    async fn finish(&mut self) -> Result<()> {
        let committed = self.conn.commit().await;
        if committed.is_err() {
            self.roll_back().await;
        }
        committed
    }

    async fn frame(&mut self, sql: &'static str) -> Result<()> {
        self.conn.frame(sql).await.map_err(|error| Error::from_driver(Some("frame"), error))
    }

    /// Rolls back. SQLite has done so itself after some errors, and then refuses.
    async fn roll_back(&mut self) {
        if let Err(error) = self.conn.frame("ROLLBACK").await {
            tracing::debug!(error = &error as &dyn std::error::Error, "nothing to roll back");
        }
    }
}

fn all(jobs: usize, outcome: Result<()>) -> Vec<Result<()>> {
    vec![outcome; jobs]
}
