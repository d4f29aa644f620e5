//! PostgreSQL: deadlocks are run again, lost connections are reported for what they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Barrier;

use super::super::testing::Fixture;
use super::super::{Error, Lane, Options};
use super::*;

static TOUCH: Statement =
    Statement::org("item.touch", "UPDATE item SET flag = false WHERE org_id = $1 AND id = $2");
static END_OWN_SESSION: Statement =
    Statement::session("test.end", "SELECT pg_terminate_backend(pg_backend_pid())");

/// Two jobs that lock the same two rows the other way round, once both hold their first.
struct Crossing {
    ids: [i64; 2],
    both: Arc<Barrier>,
    runs: AtomicU32,
    all_runs: Arc<AtomicU32>,
}

impl Crossing {
    async fn run(&self, conn: &mut Conn) -> Result<()> {
        let first_run = self.runs.fetch_add(1, Ordering::SeqCst) == 0;
        self.all_runs.fetch_add(1, Ordering::SeqCst);
        for id in self.ids {
            conn.execute(&TOUCH, &[1_i64.into(), id.into()]).await?;
            if first_run && id == self.ids[0] {
                self.both.wait().await;
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_run_again() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let db = &fixture.db;
    for (id, name) in [(1, "a"), (2, "b")] {
        db.write(Lane::Short, Some(1), move |conn| Box::pin(insert(conn, 1, id, name)))
            .await
            .unwrap();
    }
    let (both, all_runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let jobs = [[1, 2], [2, 1]].map(|ids| {
        let job = Crossing {
            ids,
            both: Arc::clone(&both),
            runs: AtomicU32::new(0),
            all_runs: Arc::clone(&all_runs),
        };
        db.write_with(Lane::Bulk, Some(1), job, |conn, job| Box::pin(job.run(conn)))
    });
    for outcome in futures_util::future::join_all(jobs).await {
        outcome.unwrap();
    }
    assert_eq!(all_runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_before_the_commit_changes_nothing() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let db = &fixture.db;
    let lost = db
        .write(Lane::Short, Some(1), |conn| {
            Box::pin(async move {
                insert(conn, 1, 1, "a").await?;
                conn.execute(&END_OWN_SESSION, &[]).await
            })
        })
        .await;
    assert!(matches!(lost, Err(Error::Busy { .. })), "{lost:?}");
    assert_eq!(db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap(), 0);
    db.write(Lane::Short, Some(1), |conn| Box::pin(insert(conn, 1, 1, "a"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_in_the_commit_leaves_it_unknown() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let owner = super::super::postgres::connect_options(&fixture.url, &Options::default()).unwrap();
    let pool = sqlx::PgPool::connect_with(owner).await.unwrap();
    // Runs inside COMMIT, when everything else is done.
    sqlx::raw_sql(
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION hang_up()",
    )
    .execute(&pool)
    .await
    .unwrap();
    let outcome =
        fixture.db.write(Lane::Short, Some(1), |conn| Box::pin(insert(conn, 1, 1, "a"))).await;
    assert!(matches!(outcome, Err(Error::UnknownCommit)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_stop_its_write() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let db = &fixture.db;
    let met = Arc::new(Barrier::new(2));
    let writing = db.write_with(Lane::Short, Some(1), Arc::clone(&met), |conn, met| {
        Box::pin(async move {
            insert(conn, 1, 1, "a").await?;
            met.wait().await;
            Ok(())
        })
    });
    let caller = tokio::spawn(writing);
    // The caller is gone before the job is let on.
    while met_by_none(db).await {}
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    met.wait().await;
    while db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap() == 0 {}
}

static WRITING: Statement = Statement::session(
    "test.writing",
    "SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'",
);

/// Whether no transaction is open and waiting for its job.
async fn met_by_none(db: &super::super::Database) -> bool {
    let (open,): (i64,) =
        db.read(None, |conn| Box::pin(async move { conn.one(&WRITING, &[]).await })).await.unwrap();
    open == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_analysed_is_analysed_after_the_first_writes() {
    let fixture = Fixture::postgres(&MIGRATIONS, Options::default()).await;
    let owner = super::super::postgres::connect_options(&fixture.url, &Options::default()).unwrap();
    let pool = sqlx::PgPool::connect_with(owner).await.unwrap();
    // So that it is not the server that comes to it by itself.
    let alone = "ALTER TABLE item SET (autovacuum_enabled = false)";
    sqlx::raw_sql(alone).execute(&pool).await.unwrap();
    let analysed = async || -> bool {
        sqlx::query_scalar("SELECT reltuples >= 0 FROM pg_class WHERE oid = 'item'::regclass")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert!(!analysed().await);
    let long = |id: i64| format!("{id:0500}");
    for first in (0..16_i64).map(|write| write * 100) {
        let items: Vec<Item> = (first..first + 100).map(|id| item(id, &long(id))).collect();
        fixture
            .db
            .write_with(Lane::Bulk, Some(1), items, |conn, items| {
                Box::pin(async move {
                    conn.execute(&UPSERT, &[1_i64.into(), rows(items).into()]).await.map(drop)
                })
            })
            .await
            .unwrap();
    }
    while !analysed().await {}
}
