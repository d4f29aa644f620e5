//! Apply: what was heard of a batch of orders becomes their state, in one transaction.
//!
//! ```text
//!  lock orders ─ insert facts ─ load ─ judge ─ lock levels ─ settle ─ write ─ take numbers ─ commit
//! ```
//!
//! Lock order everywhere: orders (by key), stock levels (by SKU and warehouse), the keys of new orders,
//! tab counts, the org's counter. The judgement and the settlement between the reads and the writes are pure.

mod case;
pub(crate) mod counts;
mod documents;
mod facts;
mod input;
mod load;
pub(crate) mod marks;
mod orders;
pub(crate) mod rows;
pub(crate) mod stamp;
mod statements;
mod stock;
mod told;
mod write;

pub use input::{Applied, Batch, Fetch, FinishedMessage, Heard, NewAct, TakenMark};
#[cfg(test)]
pub(crate) use statements::STATEMENTS;
pub use told::{Outcome, Told};

use std::sync::{Arc, Mutex, PoisonError};

use dermaga_domain::time::Time;

use crate::db::{Conn, Lane};
use crate::error::Result;
use crate::{Store, db};
use load::Loaded;

impl Store {
    /// Applies a batch of one org. Everything it causes is written in one transaction, or nothing.
    ///
    /// # Errors
    /// The database's; then nothing was changed. A batch may be applied again: it changes nothing
    /// twice.
    pub async fn apply(&self, batch: Batch) -> Result<Applied> {
        let now = self.now();
        self.vault.prepare(&self.db, batch.org, now).await?;
        let org = batch.org;
        let work = Work { store: self.clone(), batch: batch.merged(), now };
        let applied =
            self.attempt(Lane::Bulk, org, work, |conn, work| Box::pin(work.run(conn))).await?;
        self.db.notify();
        Ok(applied)
    }

    /// What a batch would come to if it were applied now, order by order: it is applied and taken
    /// back, so that what is seen is what would be done.
    ///
    /// # Errors
    /// The database's.
    pub async fn forecast(&self, batch: Batch) -> Result<Vec<Told>> {
        let now = self.now();
        self.vault.prepare(&self.db, batch.org, now).await?;
        let org = batch.org.0;
        let seen: Arc<Mutex<Option<Result<Vec<Told>>>>> = Arc::default();
        let work = Work { store: self.clone(), batch: batch.merged(), now };
        let taken_back: db::Result<()> = self
            .db
            .write_with(Lane::Bulk, Some(org), (work, Arc::clone(&seen)), |conn, (work, seen)| {
                Box::pin(async move {
                    let told = work.judged(conn).await?.map(|loaded| told::of(&loaded.cases));
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
                    Err(db::Error::GivenUp)
                })
            })
            .await;
        match (taken_back, seen.lock().unwrap_or_else(PoisonError::into_inner).take()) {
            (Err(db::Error::GivenUp), Some(told)) => told,
            (Err(error), _) => Err(error.into()),
            (Ok(()), _) => Err(db::Error::GivenUp.into()),
        }
    }
}

/// A batch on its way through a transaction; run again it starts from nothing.
struct Work {
    store: Store,
    batch: Batch,
    now: Time,
}

impl Work {
    /// The outer result is the database's, the inner one ours.
    async fn run(&self, conn: &mut Conn) -> db::Result<Result<Applied>> {
        let loaded = match self.judged(conn).await? {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Err(error)),
        };
        write::write(&self.store, conn, &self.batch, loaded, self.now).await
    }

    /// The orders of the batch, judged and settled, with nothing written but their facts and acts.
    async fn judged(&self, conn: &mut Conn) -> db::Result<Result<Loaded>> {
        let mut loaded = match Loaded::load(&self.store, conn, &self.batch, self.now).await? {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Err(error)),
        };
        for case in &mut loaded.cases {
            case.judge();
        }
        stock::settle(&mut loaded, conn, &self.batch).await?;
        for case in &mut loaded.cases {
            case.finish(&loaded.books.shelf);
        }
        Ok(Ok(loaded))
    }
}
