//! Pulls: scheduled tasks that list what is new and mark what is to be read again.
//!
//! ```text
//!        cursor: everything before it was seen
//!           │← overlap →│
//!   ────────┼───────────┼──────────────── window ───────────────┼───────── now
//!         from        cursor                                    to = cursor afterwards
//! ```
//!
//! Each page's messages and the place in the window are stored in one transaction, so a crash resumes
//! at the page that was not stored.

use dermaga_channel::{Changes, Error as ChannelError, What};
use dermaga_domain::id::OrgId;
use dermaga_domain::planted::{Bug, planted};
use dermaga_domain::time::{Span, Time};
use dermaga_store::work::{FETCH, LeaseHeld, Mark, Modes, Task, TaskProgress};
use dermaga_store::{NewMessage, Shop};

use crate::access::{Access, Ask, Told};
use crate::engine::Engine;
use crate::error::Result;
use crate::fetch::{again_at, empty_answer};
use crate::task::TaskKind;

/// How far a window reaches back before the cursor: channels list an order some minutes late, and our
/// clock may be ten minutes ahead of theirs at the same time.
const OVERLAP: Span = Span::minutes(20);
/// How often a list is read further back, where orders may appear on it late.
const LATE_EVERY: Span = Span::hours(1);
/// A window without a limit of the channel's.
const WINDOW: Span = Span::days(1);
/// Stay this far away from the edge of what the channel lists.
const EDGE: Span = Span::minutes(1);
/// How long a node may work on a task before another takes over.
const LEASE: Span = Span::seconds(60);

impl Engine {
    /// Runs the tasks of an org that are due. Says how many ran.
    ///
    /// # Errors
    /// The store's. Trouble at a channel is written on the task.
    pub async fn run_tasks(&self, org: OrgId) -> Result<usize> {
        let now = self.now();
        let due: Vec<Task> = self
            .store()
            .tasks(org, None)
            .await?
            .into_iter()
            .filter(|task| !task.paused && is_due(task, now))
            .collect();
        let mut ran = 0;
        for task in due {
            ran += usize::from(self.run_task(org, &task).await?);
        }
        Ok(ran)
    }

    /// Runs one task now. False when someone else is at it.
    ///
    /// # Errors
    /// As [`Engine::run_tasks`].
    pub async fn run_task(&self, org: OrgId, task: &Task) -> Result<bool> {
        let Some(kind) = TaskKind::find(&task.kind) else { return Ok(false) };
        let shops = self.store().shops(org, Some(task.shop)).await?;
        let Some(shop) = shops.into_iter().next() else { return Ok(false) };
        let name = format!("task:{}:{}", kind.as_str(), shop.id.0);
        let lease = self.store().take_lease(org, &name, self.holder(), LEASE).await?;
        let Some(lease) = lease else { return Ok(false) };
        let run = Run { engine: self, org, shop, task, kind, lease };
        let outcome = run.run().await;
        self.store().end_lease(org, &run.lease).await?;
        match outcome {
            Err(crate::Error::Store(dermaga_store::Error::LeaseLost(_))) => Ok(false),
            other => other.map(|()| true),
        }
    }
}

/// One run of one task.
pub(crate) struct Run<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) org: OrgId,
    pub(crate) shop: Shop,
    task: &'a Task,
    kind: TaskKind,
    pub(crate) lease: LeaseHeld,
}

impl Run<'_> {
    async fn run(&self) -> Result<()> {
        let needs_orders = !matches!(self.kind, TaskKind::SkuPull | TaskKind::WebhookWatch);
        if self.shop.paused || (needs_orders && !self.shop.order_sync) {
            return self.rest("off").await;
        }
        match self.kind {
            TaskKind::OrderPull => self.list(What::Orders, self.shop.order_sync_from).await,
            TaskKind::ReturnPull => match self.shop.return_sync_from {
                Some(from) => self.list(What::Returns, Some(from)).await,
                None => self.rest("off").await,
            },
            TaskKind::StatusUpdate => self.mark_open_orders().await,
            TaskKind::SkuPull => self.pull_listings().await,
            TaskKind::WebhookWatch => self.watch_webhooks().await,
        }
    }

    pub(crate) async fn access(&self) -> Result<Access> {
        let named = Some((self.shop.id, self.shop.channel_shop_id.as_str()));
        self.engine.access(self.org, self.shop.connection, named).await
    }

    /// Nothing to do until the next time.
    pub(crate) async fn rest(&self, outcome: &str) -> Result<()> {
        let access = self.access().await?;
        let mut answer = empty_answer(&access);
        answer.progress = Some(self.progress(outcome, true));
        Ok(self.engine.store().record(answer).await?)
    }

    pub(crate) fn progress(&self, outcome: &str, ok: bool) -> TaskProgress {
        let now = self.engine.now();
        TaskProgress {
            shop: self.shop.id,
            kind: self.kind.as_str(),
            cursor_at: self.task.cursor_at,
            window_to: None,
            page: None,
            next_run_at: now.plus(self.task.interval),
            ran_at: now,
            outcome: outcome.to_owned(),
            ok,
        }
    }

    /// Lists window after window until the present is reached.
    async fn list(&self, what: What, sync_from: Option<Time>) -> Result<()> {
        let mut access = self.access().await?;
        let started = self.engine.now();
        let can = access.channel.capabilities();
        let (history, window) = (can.order_history_max, can.order_window_max.unwrap_or(WINDOW));
        let late = can.listed_late.filter(|_| what == What::Orders && self.is_late_turn(started));
        let (overlap, late) = match planted(Bug::CursorWithoutOverlap) {
            true => (Span(0), None),
            false => (OVERLAP, late),
        };
        // Only the first window reaches further back, and never to before the shop was connected, unless
        // a person wants what was there.
        let mut back = late.unwrap_or(overlap);
        let first = sync_from.unwrap_or(self.shop.created_at.minus(overlap));
        let mut cursor = self.task.cursor_at.or(sync_from).unwrap_or(started);
        let mut resumed = self.task.window_to.map(|to| (to, self.task.page.clone()));
        loop {
            let now = self.engine.now();
            // A clock that was put back stands before the cursor.
            let mut from = cursor.min(now).minus(back).max(first);
            if let Some(history) = history {
                let earliest = now.minus(history).plus(EDGE);
                if cursor < earliest && what == What::Orders {
                    self.raise_gap(cursor, earliest).await?;
                }
                from = from.max(earliest);
            }
            let (to, page) = match resumed.take() {
                Some((to, page)) if to > from => (to, page),
                _ => (from.plus(window).min(now), None),
            };
            if !self.list_window(&mut access, what, cursor, from, to, page).await? {
                return Ok(());
            }
            back = overlap;
            cursor = cursor.max(to);
            if to >= started.min(now) {
                return Ok(());
            }
        }
    }

    /// Whether this is the first run in its hour.
    fn is_late_turn(&self, now: Time) -> bool {
        let turn = |at: Time| at.0.div_euclid(LATE_EVERY.0);
        self.task.last_run_at.is_none_or(|last| turn(last) != turn(now))
    }

    /// An outage was longer than what the channel still lists: say so, and name the gap.
    async fn raise_gap(&self, from: Time, to: Time) -> Result<()> {
        tracing::warn!(shop.id = %self.shop.id, from_us = from.0, to_us = to.0, "orders between these times can no longer be listed (DMG-0205)");
        let day = |time: Time| time.as_seconds().div_euclid(86_400);
        // One attention for each day on which the gap began and ended, however often the task runs.
        let detail = format!("{} {}", day(from) * 86_400, day(to) * 86_400);
        Ok(self
            .engine
            .store()
            .raise_notice(self.org, Some(self.shop.id), "DMG-0205", &detail)
            .await?)
    }

    /// Lists one window to its end. False when trouble ended it.
    async fn list_window(
        &self,
        access: &mut Access,
        what: What,
        cursor: Time,
        from: Time,
        to: Time,
        mut page: Option<String>,
    ) -> Result<bool> {
        loop {
            let ask = Ask::Changes(Changes { what, from, to, page: page.clone() });
            let (told, exchanges) = self.engine.ask(access, &ask).await;
            let mut answer = empty_answer(access);
            answer.exchanges = exchanges;
            answer.lease = Some(self.lease.clone());
            let mut step = self.progress("ok", true);
            let (more, went_well) = match told {
                Ok(Told::Fetched(fetched)) => {
                    answer.messages = fetched
                        .messages
                        .into_iter()
                        .map(|raw| NewMessage {
                            kind: raw.kind.to_owned(),
                            body: raw.body.to_vec(),
                            modes: self.modes(cursor),
                        })
                        .collect();
                    page = fetched.next;
                    (page.is_some(), true)
                }
                Ok(_) => (false, true),
                Err(error) => {
                    step = self.failed(&error);
                    step.window_to = Some(to);
                    step.page.clone_from(&page);
                    (false, false)
                }
            };
            if more {
                step.cursor_at = Some(cursor);
                step.window_to = Some(to);
                step.page.clone_from(&page);
                step.next_run_at = self.engine.now();
            } else if went_well {
                step.cursor_at = Some(cursor.max(to));
                if to < self.engine.now().minus(self.task.interval) {
                    step.next_run_at = self.engine.now();
                }
            } else {
                step.cursor_at = Some(cursor);
            }
            answer.progress = Some(step);
            self.engine.store().record(answer).await?;
            if !more {
                return Ok(went_well);
            }
        }
    }

    /// What was there before the shop was connected, a person asked for: the first sync is a download.
    fn modes(&self, cursor: Time) -> Modes {
        if cursor < self.shop.created_at { Modes::DOWNLOAD } else { Modes::REALTIME }
    }

    /// Where the task stands after an error: tried again soon, never later than its interval.
    pub(crate) fn failed(&self, error: &ChannelError) -> TaskProgress {
        let now = self.engine.now();
        let again = again_at(now, 1, error).min(now.plus(self.task.interval));
        tracing::debug!(shop.id = %self.shop.id, task = self.kind.as_str(), outcome = error.name(), "a task did not go well");
        TaskProgress { next_run_at: again, ..self.progress(error.name(), false) }
    }

    /// Marks the orders whose turn it is to be read again: often at first, ever more rarely.
    async fn mark_open_orders(&self) -> Result<()> {
        let now = self.engine.now();
        let last = self.task.last_run_at.unwrap_or(Time(0));
        let open = self.engine.store().open_orders(self.org, self.shop.id).await?;
        let marks: Vec<Mark> = open
            .into_iter()
            .filter(|order| is_turn(order.updated_at, last, now, self.task.interval))
            .map(|order| Mark {
                kind: FETCH,
                scope: self.shop.id.0,
                subject: order.channel_order_id,
                modes: Modes::REALTIME,
                due_at: now,
            })
            .collect();
        let access = self.access().await?;
        let mut answer = empty_answer(&access);
        answer.progress = Some(self.progress(&format!("{} orders", marks.len()), true));
        answer.marks = marks;
        answer.lease = Some(self.lease.clone());
        Ok(self.engine.store().record(answer).await?)
    }

    async fn pull_listings(&self) -> Result<()> {
        let mut access = self.access().await?;
        let mut page = self.task.page.clone();
        let believed = if self.shop.push {
            self.engine.store().to_push(self.org, self.shop.id, None).await?
        } else {
            Vec::new()
        };
        loop {
            let (told, exchanges) = self.engine.ask(&mut access, &Ask::Listings(page)).await;
            let mut answer = empty_answer(&access);
            answer.exchanges = exchanges;
            answer.lease = Some(self.lease.clone());
            let mut step = self.progress("ok", true);
            match told {
                Ok(Told::Listings(listed)) => {
                    let listings = listed.listings;
                    self.engine.tell_drifted(self.org, &believed, &listings).await?;
                    self.engine.keep_listings(self.org, self.shop.id, listings).await?;
                    page = listed.next;
                }
                Ok(_) => page = None,
                Err(error) => {
                    answer.progress = Some(self.failed(&error));
                    self.engine.store().record(answer).await?;
                    return Ok(());
                }
            }
            if page.is_some() {
                step.page.clone_from(&page);
                step.next_run_at = self.engine.now();
            }
            answer.progress = Some(step);
            self.engine.store().record(answer).await?;
            if page.is_none() {
                return Ok(());
            }
        }
    }
}

/// Whether a task's time has come. Never further away than its interval: otherwise one would wait for
/// the time that a clock showed before it was put back.
fn is_due(task: &Task, now: Time) -> bool {
    task.next_run_at <= now || task.next_run_at > now.plus(task.interval)
}

/// Whether an order that last changed at `changed` is to be read between two runs: at every run in its
/// first two hours, then every hour for a day, every six hours for a week, then once a day.
fn is_turn(changed: Time, last: Time, now: Time, interval: Span) -> bool {
    let age = now.since(changed);
    let period = if age < Span::hours(2) {
        interval
    } else if age < Span::days(1) {
        Span::hours(1)
    } else if age < Span::days(7) {
        Span::hours(6)
    } else {
        Span::days(1)
    };
    let period = period.max(interval).0.max(1);
    let turns = |at: Time| at.since(changed).0.div_euclid(period);
    period == interval.0 || turns(now) > turns(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_orders_are_read_ever_more_rarely_and_never_forgotten() {
        let interval = Span::minutes(10);
        let count = |from: Span, to: Span| {
            let (mut at, mut turns) = (from, 0);
            while at < to {
                let next = Span(at.0 + interval.0);
                turns += i32::from(is_turn(Time(0), Time(at.0), Time(next.0), interval));
                at = next;
            }
            turns
        };
        assert_eq!(count(Span(0), Span::hours(1)), 6);
        assert_eq!(count(Span::hours(3), Span::hours(13)), 10);
        assert_eq!(count(Span::days(2), Span::days(4)), 8);
        assert_eq!(count(Span::days(10), Span::days(20)), 10);
    }
}
