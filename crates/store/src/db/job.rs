//! Work for a transaction: it can be run again, and its answer is sent after the commit.

use std::any::Any;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::conn::Conn;
use super::error::{Error, Result};

/// Work on a connection, runnable more than once.
pub(crate) trait Job: Send + Sync + 'static {
    /// What the caller gets.
    type Output: Send + 'static;

    /// Does the work once.
    fn run<'a>(&'a self, conn: &'a mut Conn) -> BoxFuture<'a, Result<Self::Output>>;
}

/// A job made of a closure and the input it borrows each time it runs.
pub(super) struct Closure<I, F, T> {
    pub(super) input: I,
    pub(super) run: F,
    pub(super) output: PhantomData<fn() -> T>,
}

impl<I, F, T> Job for Closure<I, F, T>
where
    I: Send + Sync + 'static,
    F: for<'a> Fn(&'a mut Conn, &'a I) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn run<'a>(&'a self, conn: &'a mut Conn) -> BoxFuture<'a, Result<T>> {
        (self.run)(conn, &self.input)
    }
}

/// Runs a job for an org on a connection that is inside a transaction. A panic is an error, and so
/// is a statement whose failure the job swallowed.
pub(super) async fn run_once<J: Job>(
    job: &J,
    org: Option<i64>,
    conn: &mut Conn,
) -> Result<J::Output> {
    conn.start(org);
    let output = match AssertUnwindSafe(job.run(conn)).catch_unwind().await {
        Ok(output) => output?,
        Err(panic) => return Err(Error::Panicked(panic_text(panic.as_ref()))),
    };
    conn.take_failure().map_or(Ok(output), Err)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// A job in a queue, its types forgotten.
pub(super) trait Queued: Send {
    /// Runs the job and keeps its output until the commit.
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, Result<()>>;

    /// Sends the output of the last run, or the error.
    fn answer(self: Box<Self>, outcome: Result<()>);
}

/// A job with its org, its place for the output and its caller.
pub(super) struct Pending<J: Job> {
    job: J,
    org: Option<i64>,
    output: Option<J::Output>,
    caller: oneshot::Sender<Result<J::Output>>,
}

impl<J: Job> Pending<J> {
    /// The queued job and where its answer will arrive.
    pub(super) fn queue(
        org: Option<i64>,
        job: J,
    ) -> (Box<dyn Queued>, oneshot::Receiver<Result<J::Output>>) {
        let (caller, answer) = oneshot::channel();
        (Box::new(Self { job, org, output: None, caller }), answer)
    }
}

impl<J: Job> Queued for Pending<J> {
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.output = None;
            self.output = Some(run_once(&self.job, self.org, conn).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Self { output, caller, .. } = *self;
        // A caller that has gone away needs no answer.
        drop(caller.send(outcome.and_then(|()| output.ok_or(Error::Closed))));
    }
}
