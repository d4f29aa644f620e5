//! The first statistics of a new database.
//!
//! The server gathers statistics by itself, but up to a minute after rows have come. Until then every
//! index that begins with the org looks alike to it, and the plans it keeps for foreign keys walk through
//! a whole index for each row: the time of a batch grows with the rows that are there. So the hub has
//! what was never analysed analysed after its first writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::PgPool;

/// After how many writes of this process. The later ones are for tables that have only then begun to grow.
const AFTER: [u64; 4] = [16, 64, 512, 4_096];

/// Makes the function, as the owner: only an owner may analyse. Tables of a few pages are left out, as any
/// plan is good for them, and what is learnt from a handful of rows would soon be wrong.
pub(in crate::db) const MAKE: &str = "
CREATE OR REPLACE FUNCTION gather_first_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $gather$
DECLARE
    young regclass;
BEGIN
    FOR young IN
        SELECT oid FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
           AND reltuples < 0 AND pg_relation_size(oid) >= 8 * 8192
         ORDER BY oid
    LOOP
        EXECUTE format('ANALYZE %s', young);
    END LOOP;
END $gather$;
REVOKE ALL ON FUNCTION gather_first_statistics() FROM PUBLIC;
";

/// Counts the writes of a process.
#[derive(Clone, Default)]
pub(super) struct Statistics {
    writes: Arc<AtomicU64>,
}

impl Statistics {
    /// Called after each write. What has to be gathered is gathered beside the next ones.
    pub(super) fn written(&self, pool: &PgPool) {
        let writes = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        if !AFTER.contains(&writes) {
            return;
        }
        let pool = pool.clone();
        drop(tokio::spawn(async move {
            let gathered = sqlx::query("SELECT gather_first_statistics()").execute(&pool).await;
            // The server comes to it by itself.
            if let Err(error) = gathered {
                tracing::debug!(%error, "the first statistics were not gathered");
            }
        }));
    }
}
