//! Work that is wanted: marks, leases and tasks.

use dermaga_domain::id::{OrgId, ShopId};
use dermaga_domain::term::Mode;
use dermaga_domain::time::{Span, Time};

use crate::apply::{TakenMark, marks};
use crate::audit::{self, Trail, act};
use crate::command::Giver;
use crate::db::{self, Conn, Lane, Rows, Statement, statements};
use crate::error::Result;
use crate::open::Store;
use crate::read::exchanges::EntryId;

/// Orders whose details are to be fetched; the scope is the shop, the subject the channel's order id.
pub const FETCH: &str = "fetch";
/// Orders to judge again; the subject is the order's id.
pub const JUDGE: &str = "judge";
/// SKUs whose shorts are to be filled; the subject is the SKU's id.
pub const FILL: &str = "fill";

/// Listings whose channel is to be told what is left; the scope is the shop, the subject the listing's
/// id.
pub const PUSH: &str = "push";

/// The set of modes that a message or a mark serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes(i64);

impl Modes {
    /// Heard by itself.
    pub const REALTIME: Self = Self(1);
    /// A person asked.
    pub const DOWNLOAD: Self = Self(2);

    /// From stored bits; others than those known are dropped.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self(bits & 3)
    }

    /// As stored.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The modes.
    pub fn iter(self) -> impl Iterator<Item = Mode> {
        let realtime = (self.0 & 1 != 0).then_some(Mode::Realtime);
        let download = (self.0 & 2 != 0).then_some(Mode::Download);
        realtime.into_iter().chain(download)
    }
}

/// A mark of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The kind of work.
    pub kind: &'static str,
    /// The shop, or 0.
    pub scope: i64,
    /// What it is about.
    pub subject: String,
    /// In which modes it was asked.
    pub modes: Modes,
    /// Not before.
    pub due_at: Time,
}

/// A mark that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The shop, or 0.
    pub scope: i64,
    /// What it is about.
    pub subject: String,
    /// The generation that was taken.
    pub generation: i64,
    /// In which modes it was asked.
    pub modes: Modes,
    /// How often it has failed.
    pub attempts: i64,
}

/// A mark that is put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    /// The mark, with as many failed tries as it has now.
    pub mark: Taken,
    /// Until when.
    pub until: Time,
    /// Why.
    pub reason: String,
}

impl PutOff {
    /// Marks that nobody tried are put off together.
    pub fn all(marks: impl IntoIterator<Item = Taken>, until: Time, reason: &str) -> Vec<Self> {
        let put_off = |mark| Self { mark, until, reason: reason.to_owned() };
        marks.into_iter().map(put_off).collect()
    }
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHeld {
    /// What on.
    pub name: String,
    /// The epoch: an answer is stored only under it.
    pub epoch: i64,
    /// Until when it holds when it is renewed now.
    pub ttl: Span,
}

/// A scheduled task of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The shop.
    pub shop: ShopId,
    /// The kind, such as `order_pull`.
    pub kind: String,
    /// How often it runs.
    pub interval: Span,
    /// A person has paused it.
    pub paused: bool,
    /// When it runs next.
    pub next_run_at: Time,
    /// When it ran last.
    pub last_run_at: Option<Time>,
    /// Up to when it has seen everything.
    pub cursor_at: Option<Time>,
    /// The end of the window that it is in the middle of.
    pub window_to: Option<Time>,
    /// The page of that window that comes next.
    pub page: Option<String>,
    /// What the last run came to.
    pub outcome: Option<String>,
    /// Runs that went well.
    pub succeeded: i64,
    /// Runs that did not.
    pub failed: i64,
}

/// Where a task stands after a step, written with what the step brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskProgress {
    /// The shop.
    pub shop: ShopId,
    /// The kind.
    pub kind: &'static str,
    /// Up to when it has seen everything.
    pub cursor_at: Option<Time>,
    /// The end of the window that it is in the middle of; none = between windows.
    pub window_to: Option<Time>,
    /// The page that comes next.
    pub page: Option<String>,
    /// When it runs next.
    pub next_run_at: Time,
    /// When the step was made.
    pub ran_at: Time,
    /// What the step came to.
    pub outcome: String,
    /// Whether it went well.
    pub ok: bool,
}

static TAKE_DUE: Statement = Statement::org(
    "work.take_due",
    "SELECT scope_id, subject, generation, modes, attempts FROM dirty
     WHERE org_id = $1 AND kind = $2 AND due_at <= $3 ORDER BY due_at LIMIT $4",
);

static DELAY: Statement = Statement::org(
    "work.delay",
    "WITH v AS MATERIALIZED ({rows $2: kind text, scope_id bigint, subject text, generation bigint,
        due_at bigint, attempts bigint, reason text})
     UPDATE dirty SET due_at = v.due_at, attempts = v.attempts, reason = v.reason
     FROM v WHERE dirty.org_id = $1 AND dirty.kind = v.kind AND dirty.scope_id = v.scope_id
       AND dirty.subject = v.subject AND dirty.generation = v.generation",
);

static TAKE_LEASE: Statement = Statement::org(
    "work.take_lease",
    "INSERT INTO lease (org_id, name, holder, epoch, until) VALUES ($1, $2, $3, 1, $4)
     ON CONFLICT (org_id, name) DO UPDATE SET holder = excluded.holder, epoch = lease.epoch + 1,
        until = excluded.until
     WHERE lease.until < $5 RETURNING epoch",
);

static RENEW_LEASE: Statement = Statement::org(
    "work.renew_lease",
    "UPDATE lease SET until = $4 WHERE org_id = $1 AND name = $2 AND epoch = $3",
);

static END_LEASE: Statement = Statement::org(
    "work.end_lease",
    "UPDATE lease SET until = 0 WHERE org_id = $1 AND name = $2 AND epoch = $3",
);

static END_LEASES: Statement = Statement::org(
    "work.end_leases",
    "UPDATE lease SET until = 0 WHERE org_id = $1 AND name >= ''",
);

static LIST_TASKS: Statement = Statement::org(
    "work.list_tasks",
    "SELECT shop_id, kind, interval_us, paused, next_run_at, last_run_at, cursor_at, window_to, page,
            outcome, succeeded, failed
     FROM task WHERE org_id = $1 AND shop_id >= $2 AND shop_id <= $3 ORDER BY shop_id, kind",
);

static UPSERT_TASK: Statement = Statement::org(
    "work.upsert_task",
    "INSERT INTO task (org_id, shop_id, kind, interval_us, paused, next_run_at, cursor_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (org_id, shop_id, kind) DO UPDATE SET interval_us = excluded.interval_us,
        paused = excluded.paused, next_run_at = excluded.next_run_at,
        cursor_at = excluded.cursor_at, window_to = NULL, page = NULL",
);

/// Where it stands stays as it is.
static STEER_TASK: Statement = Statement::org(
    "work.steer_task",
    "UPDATE task SET interval_us = $4, paused = $5, next_run_at = $6
     WHERE org_id = $1 AND shop_id = $2 AND kind = $3",
);

static PROGRESS: Statement = Statement::org(
    "work.progress",
    "UPDATE task SET cursor_at = $4, window_to = $5, page = $6, next_run_at = $7, last_run_at = $8,
        outcome = $9, succeeded = succeeded + $10, failed = failed + $11
     WHERE org_id = $1 AND shop_id = $2 AND kind = $3",
);

statements![
    TAKE_DUE,
    DELAY,
    TAKE_LEASE,
    RENEW_LEASE,
    END_LEASE,
    END_LEASES,
    LIST_TASKS,
    UPSERT_TASK,
    STEER_TASK,
    PROGRESS,
];

#[derive(sqlx::FromRow)]
struct TakenRow {
    scope_id: i64,
    subject: String,
    generation: i64,
    modes: i64,
    attempts: i64,
}

#[derive(sqlx::FromRow)]
struct TaskRow {
    shop_id: i64,
    kind: String,
    interval_us: i64,
    paused: bool,
    next_run_at: i64,
    last_run_at: Option<i64>,
    cursor_at: Option<i64>,
    window_to: Option<i64>,
    page: Option<String>,
    outcome: Option<String>,
    succeeded: i64,
    failed: i64,
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        Self {
            shop: ShopId(row.shop_id),
            kind: row.kind,
            interval: Span(row.interval_us),
            paused: row.paused,
            next_run_at: Time(row.next_run_at),
            last_run_at: row.last_run_at.map(Time),
            cursor_at: row.cursor_at.map(Time),
            window_to: row.window_to.map(Time),
            page: row.page,
            outcome: row.outcome,
            succeeded: row.succeeded,
            failed: row.failed,
        }
    }
}

/// Whether the lease is still held; renews it if so.
pub(crate) async fn guard(
    conn: &mut Conn,
    org: OrgId,
    lease: &LeaseHeld,
    now: Time,
) -> db::Result<bool> {
    let values = [
        org.0.into(),
        lease.name.as_str().into(),
        lease.epoch.into(),
        now.plus(lease.ttl).0.into(),
    ];
    Ok(conn.execute(&RENEW_LEASE, &values).await? == 1)
}

/// Writes where a task stands.
pub(crate) async fn progress(conn: &mut Conn, org: OrgId, step: &TaskProgress) -> db::Result<()> {
    let values = [
        org.0.into(),
        step.shop.0.into(),
        step.kind.into(),
        step.cursor_at.map(|at| at.0).into(),
        step.window_to.map(|at| at.0).into(),
        step.page.as_deref().into(),
        step.next_run_at.0.into(),
        step.ran_at.0.into(),
        step.outcome.as_str().into(),
        i64::from(step.ok).into(),
        i64::from(!step.ok).into(),
    ];
    conn.execute(&PROGRESS, &values).await.map(drop)
}

impl Store {
    /// Marks of a kind that are due, the longest due first.
    ///
    /// # Errors
    /// The database's.
    pub async fn due(&self, org: OrgId, kind: &'static str, limit: i64) -> Result<Vec<Taken>> {
        let now = self.now().0;
        let rows: Vec<TakenRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    let values = [org.0.into(), kind.into(), now.into(), limit.into()];
                    conn.all(&TAKE_DUE, &values).await
                })
            })
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Taken {
                scope: row.scope_id,
                subject: row.subject,
                generation: row.generation,
                modes: Modes::from_bits(row.modes),
                attempts: row.attempts,
            })
            .collect())
    }

    /// Leaves marks.
    ///
    /// # Errors
    /// The database's.
    pub async fn mark(&self, org: OrgId, marks: Vec<Mark>) -> Result<()> {
        if marks.is_empty() {
            return Ok(());
        }
        self.db
            .write_with(Lane::Short, Some(org.0), marks, move |conn, wanted| {
                Box::pin(marks::write(conn, org.0, wanted, &[]))
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Leaves a mark to read again what an entry of the transmit log is about, and writes down who wished
    /// so.
    ///
    /// # Errors
    /// The database's.
    pub async fn read_again(
        &self,
        org: OrgId,
        mark: Mark,
        entry: EntryId,
        by: Giver,
    ) -> Result<()> {
        let said = Trail::one(self, by, act::LOG_AGAIN, (&entry.to_string(), "")).packed();
        self.db
            .write_with(Lane::Short, Some(org.0), (vec![mark], said), move |conn, (marks, said)| {
                Box::pin(async move {
                    marks::write(conn, org.0, marks, &[]).await?;
                    audit::write(conn, org.0, said).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }

    /// Takes marks away that turned out to need nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn unmark(&self, org: OrgId, done: Vec<TakenMark>) -> Result<()> {
        self.db
            .write_with(Lane::Short, Some(org.0), done, move |conn, done| {
                Box::pin(marks::write(conn, org.0, &[], done))
            })
            .await?;
        Ok(())
    }

    /// Puts marks off.
    ///
    /// # Errors
    /// The database's.
    pub async fn delay(&self, org: OrgId, kind: &'static str, delayed: Vec<PutOff>) -> Result<()> {
        if delayed.is_empty() {
            return Ok(());
        }
        self.db
            .write_with(Lane::Short, Some(org.0), delayed, move |conn, delayed| {
                Box::pin(async move {
                    let taken =
                        delayed.iter().map(|it| (kind, it.mark.scope, it.mark.subject.as_str()));
                    marks::lock(conn, org.0, taken).await?;
                    let mut rows = Rows::default();
                    for PutOff { mark, until, reason } in delayed {
                        let Taken { scope, subject, generation, attempts, .. } = mark;
                        let until = &until.0;
                        rows.push(&[&kind, scope, subject, generation, until, attempts, reason]);
                    }
                    conn.execute(&DELAY, &[org.0.into(), rows.into()]).await
                })
            })
            .await?;
        Ok(())
    }

    /// Takes a lease if nobody holds it.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_lease(
        &self,
        org: OrgId,
        name: &str,
        holder: i64,
        ttl: Span,
    ) -> Result<Option<LeaseHeld>> {
        #[derive(sqlx::FromRow)]
        struct Epoch {
            epoch: i64,
        }
        let now = self.now();
        let owned = name.to_owned();
        let found: Option<Epoch> = self
            .db
            .write_with(Lane::Short, Some(org.0), owned, move |conn, name| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        name.as_str().into(),
                        holder.into(),
                        now.plus(ttl).0.into(),
                        now.0.into(),
                    ];
                    conn.optional(&TAKE_LEASE, &values).await
                })
            })
            .await?;
        Ok(found.map(|found| LeaseHeld { name: name.to_owned(), epoch: found.epoch, ttl }))
    }

    /// Renews a lease; false when it was lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew_lease(&self, org: OrgId, lease: &LeaseHeld) -> Result<bool> {
        let now = self.now();
        let held = self
            .db
            .write_with(Lane::Short, Some(org.0), lease.clone(), move |conn, lease| {
                Box::pin(guard(conn, org, lease, now))
            })
            .await?;
        Ok(held)
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_lease(&self, org: OrgId, lease: &LeaseHeld) -> Result<()> {
        self.db
            .write_with(Lane::Short, Some(org.0), lease.clone(), move |conn, lease| {
                Box::pin(async move {
                    let values = [org.0.into(), lease.name.as_str().into(), lease.epoch.into()];
                    conn.execute(&END_LEASE, &values).await
                })
            })
            .await?;
        Ok(())
    }

    /// Ends every lease: only for who owns the database alone.
    pub(crate) async fn end_all_leases(&self) -> Result<()> {
        for org in self.orgs().await? {
            self.db
                .write(Lane::Short, Some(org.0), move |conn| {
                    Box::pin(async move { conn.execute(&END_LEASES, &[org.0.into()]).await })
                })
                .await?;
        }
        Ok(())
    }

    /// The scheduled tasks of an org, or of one of its shops.
    ///
    /// # Errors
    /// The database's.
    pub async fn tasks(&self, org: OrgId, shop: Option<ShopId>) -> Result<Vec<Task>> {
        let (from, to) = shop.map_or((i64::MIN, i64::MAX), |shop| (shop.0, shop.0));
        let rows: Vec<TaskRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(&LIST_TASKS, &[org.0.into(), from.into(), to.into()]).await
                })
            })
            .await?;
        Ok(rows.into_iter().map(Task::from).collect())
    }

    /// A person sets how often a task runs, whether it rests and when it runs next; its cursor and the
    /// window it is in the middle of stay. False when there is no such task.
    ///
    /// # Errors
    /// The database's.
    pub async fn steer_task(
        &self,
        org: OrgId,
        task: &Task,
        (by, what): (Giver, &str),
    ) -> Result<bool> {
        let subject = format!("{} {}", task.shop, task.kind);
        let said = Trail::one(self, by, "task.steer", (&subject, what)).packed();
        let work = (task.clone(), said);
        let found = self
            .db
            .write_with(Lane::Short, Some(org.0), work, move |conn, (task, said)| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        task.shop.0.into(),
                        task.kind.as_str().into(),
                        task.interval.0.into(),
                        task.paused.into(),
                        task.next_run_at.0.into(),
                    ];
                    let found = conn.execute(&STEER_TASK, &values).await? > 0;
                    if found {
                        audit::write(conn, org.0, said).await?;
                    }
                    Ok(found)
                })
            })
            .await?;
        self.db.notify();
        Ok(found)
    }

    /// Sets a task's interval, pause, next run and cursor; a window it was in the middle of is left.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_task(&self, org: OrgId, task: &Task) -> Result<()> {
        self.db
            .write_with(Lane::Short, Some(org.0), task.clone(), move |conn, task| {
                Box::pin(async move {
                    let values = [
                        org.0.into(),
                        task.shop.0.into(),
                        task.kind.as_str().into(),
                        task.interval.0.into(),
                        task.paused.into(),
                        task.next_run_at.0.into(),
                        task.cursor_at.map(|at| at.0).into(),
                    ];
                    conn.execute(&UPSERT_TASK, &values).await
                })
            })
            .await?;
        self.db.notify();
        Ok(())
    }
}
