//! The loops: each is woken by a signal, and looks on a timer as well.

use std::time::Duration;

use dermaga_domain::id::OrgId;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::Engine;
use crate::error::Result;

/// What a loop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Ingest,
    Fetch,
    Judge,
    Downloads,
    Commands,
    Pushes,
    Tasks,
}

impl Work {
    const ALL: [Self; 7] = [
        Self::Ingest,
        Self::Fetch,
        Self::Judge,
        Self::Downloads,
        Self::Commands,
        Self::Pushes,
        Self::Tasks,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Fetch => "fetch",
            Self::Judge => "judge",
            Self::Downloads => "downloads",
            Self::Commands => "commands",
            Self::Pushes => "pushes",
            Self::Tasks => "tasks",
        }
    }
}

/// How long a loop rests after an error.
const REST: Duration = Duration::from_millis(500);
/// How long a loop that found nothing lets what wakes it gather. Every webhook wakes every loop: without
/// it most of what a busy hub asks its database is whether there is anything to do.
const GATHER: Duration = Duration::from_millis(20);

impl Engine {
    /// Starts the loops; they end when the token is cancelled, between two pieces of work.
    #[must_use]
    pub fn run(&self, stop: &CancellationToken) -> TaskTracker {
        let tracker = TaskTracker::new();
        for work in Work::ALL {
            let (engine, stop) = (self.clone(), stop.clone());
            drop(tracker.spawn(async move { engine.run_loop(work, stop).await }));
        }
        tracker.close();
        tracker
    }

    async fn run_loop(&self, work: Work, stop: CancellationToken) {
        let mut waker = self.store().wakeups();
        let tick = Duration::from_millis(self.settings().tick_ms.max(1));
        while !stop.is_cancelled() {
            match self.round(work).await {
                Ok(0) => {
                    let woken = async {
                        tokio::time::sleep(GATHER).await;
                        waker.woken().await;
                    };
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = woken => {}
                        () = tokio::time::sleep(tick) => {}
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(work = work.name(), error = %error, "a round of work failed; it is done again");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(REST) => {}
                    }
                }
            }
        }
    }

    /// One round of one kind of work over all orgs; says how much was done.
    async fn round(&self, work: Work) -> Result<usize> {
        let mut done = 0;
        if work == Work::Tasks {
            self.say_alive().await?;
        }
        for org in self.store().orgs().await? {
            done += self.round_of(work, org).await?;
        }
        Ok(done)
    }

    async fn round_of(&self, work: Work, org: OrgId) -> Result<usize> {
        match work {
            Work::Ingest => self.ingest(org).await.map(|ingested| ingested.messages),
            Work::Fetch => self.fetch(org).await,
            Work::Judge => Ok(self.judge_marked(org).await? + self.fill_marked(org).await?),
            Work::Downloads => self.run_downloads(org).await,
            Work::Commands => self.run_commands(org).await,
            Work::Pushes => self.run_pushes(org).await,
            Work::Tasks => {
                self.retain_in_time(org).await?;
                self.run_tasks(org).await
            }
        }
    }

    /// Does all the work there is, without waiting, until nothing is left to do now: for tests and for
    /// the command line.
    ///
    /// # Errors
    /// The first error.
    pub async fn settle(&self) -> Result<()> {
        loop {
            let mut done = 0;
            for work in Work::ALL {
                done += self.round(work).await?;
            }
            if done == 0 {
                return Ok(());
            }
        }
    }
}
