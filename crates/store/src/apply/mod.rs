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
mod crash;
mod documents;
mod facts;
mod input;
mod load;
pub(crate) mod marks;
mod orders;
pub(crate) mod rows;
mod stamp;
mod statements;
mod stock;
mod write;

pub use crash::CrashPoint;
pub(crate) use crash::Stop;
pub use input::{Applied, Batch, Fetch, FinishedMessage, Heard, NewAct, TakenMark};
#[cfg(test)]
pub(crate) use statements::STATEMENTS;
pub(crate) use write::{FINAL_AFTER, UNTIL_FINISHED};

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
        let mut loaded = match Loaded::load(&self.store, conn, &self.batch, self.now).await? {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Err(error)),
        };
        self.store.passes(CrashPoint::Heard).await;
        for case in &mut loaded.cases {
            case.judge();
        }
        stock::settle(&mut loaded, conn, &self.batch).await?;
        self.store.passes(CrashPoint::Settled).await;
        for case in &mut loaded.cases {
            case.finish(&loaded.books.shelf);
        }
        let written = write::write(&self.store, conn, &self.batch, loaded, self.now).await;
        self.store.passes(CrashPoint::Written).await;
        written
    }
}
