//! Changes that may be refused halfway: a refusal undoes them, as a failure of the database does.

use std::sync::{Arc, Mutex, PoisonError};

use dermaga_domain::id::OrgId;
use futures_util::future::BoxFuture;

use crate::db::{self, Conn, Lane};
use crate::error::{Error, Result};
use crate::open::Store;

impl Store {
    /// Runs a change of an org in one transaction. The outer result of `change` is the database's, the
    /// inner one ours; whichever fails, nothing of it is kept.
    pub(crate) async fn attempt<I, T, F>(
        &self,
        lane: Lane,
        org: OrgId,
        input: I,
        change: F,
    ) -> Result<T>
    where
        I: Send + Sync + 'static,
        F: for<'a> Fn(&'a mut Conn, &'a I) -> BoxFuture<'a, db::Result<Result<T>>>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        let why = Why::default();
        let work = (input, change, why.clone());
        self.db
            .write_with(lane, Some(org.0), work, |conn, (input, change, why)| {
                Box::pin(async move {
                    // It may run more than once: only the last run's reason counts.
                    why.set(None);
                    match change(conn, input).await? {
                        Ok(done) => Ok(done),
                        Err(error) => {
                            why.set(Some(error));
                            Err(db::Error::GivenUp)
                        }
                    }
                })
            })
            .await
            .map_err(|error| why.take().unwrap_or(Error::Database(error)))
    }
}

/// Why a change was given up, when the database is not to blame.
#[derive(Clone, Default)]
struct Why(Arc<Mutex<Option<Error>>>);

impl Why {
    fn set(&self, error: Option<Error>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
