//! SQLite's writer: groups, lanes, a full queue, a full disk, one owner.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use tokio::sync::{Notify, Semaphore};

use super::super::testing::{Fixture, on_both};
use super::super::{Database, Error, Lane, Options};
use super::*;

/// Holds the writer inside a job until told to go on.
struct Gate {
    entered: Semaphore,
    open: Notify,
}

impl Gate {
    fn hold(db: &Database, lane: Lane) -> (Arc<Self>, tokio::task::JoinHandle<Result<()>>) {
        let gate = Arc::new(Self { entered: Semaphore::new(0), open: Notify::new() });
        let (db, held) = (db.clone(), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            db.write_with(lane, None, held, |_, gate| {
                Box::pin(async move {
                    gate.entered.add_permits(1);
                    gate.open.notified().await;
                    Ok(())
                })
            })
            .await
        });
        (gate, task)
    }

    async fn entered(&self) {
        self.entered.acquire().await.unwrap().forget();
    }
}

async fn sqlite(options: Options) -> Fixture {
    Fixture::sqlite(&MIGRATIONS, options).await
}

#[tokio::test]
async fn a_failing_job_fails_alone_and_others_run_once_more() {
    let fixture = sqlite(Options::default()).await;
    let (gate, held) = Gate::hold(&fixture.db, Lane::Short);
    gate.entered().await;
    let runs = Arc::new(AtomicU32::new(0));
    // Joined in the first round of the group: the holder, then these three.
    let jobs = [(1_i64, "a"), (2, "a"), (3, "c")].map(|(id, name)| {
        let runs = Arc::clone(&runs);
        Box::pin(fixture.db.write(Lane::Short, Some(1), move |conn| {
            runs.fetch_add(1, Ordering::Relaxed);
            Box::pin(insert(conn, 1, id, name))
        }))
    });
    let mut jobs = futures_util::future::join_all(jobs);
    assert!((&mut jobs).now_or_never().is_none(), "the jobs are queued");
    gate.open.notify_one();
    // The holder runs again as well, because its group does.
    gate.entered().await;
    gate.open.notify_one();
    held.await.unwrap().unwrap();
    let outcomes = jobs.await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(Error::Conflict(_))), "{outcomes:?}");
    assert!(outcomes[2].is_ok(), "{outcomes:?}");
    // First round: the first two; second round: all three.
    assert_eq!(runs.load(Ordering::Relaxed), 5);
    let kept = fixture.db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
    assert_eq!(kept, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_error_of_its_job() {
    on_both(&MIGRATIONS, |fixture| async move {
        let panicked: Result<()> = fixture
            .db
            .write(Lane::Bulk, Some(1), |conn| {
                Box::pin(async move {
                    insert(conn, 1, 1, "a").await?;
                    panic!("on purpose")
                })
            })
            .await;
        assert!(matches!(&panicked, Err(Error::Panicked(text)) if text == "on purpose"));
        let kept = fixture.db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
        assert_eq!(kept, 0);
        fixture
            .db
            .write(Lane::Bulk, Some(1), |conn| Box::pin(insert(conn, 1, 1, "a")))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_refuses_until_there_is_room() {
    let fixture = sqlite(Options { queue_max: 2, ..Options::default() }).await;
    let db = &fixture.db;
    let (gate, held) = Gate::hold(db, Lane::Short);
    gate.entered().await;
    let write = |id: i64| {
        db.write(Lane::Short, Some(1), move |conn| {
            Box::pin(async move { insert(conn, 1, id, &format!("n{id}")).await })
        })
    };
    let (first, second) = (write(1), write(2));
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    let refused = write(3).await;
    assert!(matches!(refused, Err(Error::Busy { retry_after_ms: 1.. })), "{refused:?}");
    gate.open.notify_one();
    held.await.unwrap().unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 1));
    assert_eq!(write(3).await.unwrap(), 1, "the queue has room again");
}

#[tokio::test]
async fn short_jobs_pass_waiting_bulk_jobs_and_join_a_running_one() {
    let fixture = sqlite(Options::default()).await;
    let db = &fixture.db;
    let (gate, held) = Gate::hold(db, Lane::Bulk);
    gate.entered().await;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let write = |lane, name: &'static str| {
        let order = Arc::clone(&order);
        Box::pin(db.write(lane, None, move |_| {
            order.lock().unwrap().push(name);
            Box::pin(async { Ok(()) })
        }))
    };
    let (mut bulk, mut short) = (write(Lane::Bulk, "bulk"), write(Lane::Short, "short"));
    assert!((&mut bulk).now_or_never().is_none());
    assert!((&mut short).now_or_never().is_none());
    gate.open.notify_one();
    let (held, bulk, short) = tokio::join!(held, bulk, short);
    held.unwrap().unwrap();
    bulk.unwrap();
    short.unwrap();
    assert_eq!(*order.lock().unwrap(), ["short", "bulk"]);
}

#[tokio::test]
async fn nothing_is_kept_of_a_transaction_without_commit() {
    let fixture = sqlite(Options::default()).await;
    let path = fixture.folder.path().join("test.db");
    fixture
        .db
        .write(Lane::Short, Some(1), |conn| Box::pin(insert(conn, 1, 1, "kept")))
        .await
        .unwrap();
    // Copies of the files taken in the middle of a transaction are what a crash leaves behind.
    let copy = fixture.folder.path().join("copy.db");
    let from_to = Arc::new((path, copy.clone()));
    fixture
        .db
        .write_with(Lane::Short, Some(1), from_to, |conn, paths| {
            Box::pin(async move {
                insert(conn, 1, 2, "lost").await?;
                for suffix in ["", "-wal"] {
                    let name = |path: &std::path::Path| format!("{}{suffix}", path.display());
                    std::fs::copy(name(&paths.0), name(&paths.1)).unwrap();
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    let crashed =
        Database::open(&format!("sqlite:{}", copy.display()), Options::default()).await.unwrap();
    let kept = crashed.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
    assert_eq!(kept, 1);
    let all = fixture.db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
    assert_eq!(all, 2);
}

static PAGES_NOW: Statement = Statement::session("test.pages", "PRAGMA page_count");
static PAGES_MAX: Statement = Statement::session("test.pages_max", "PRAGMA max_page_count = 1");
static PAGES_FREE: Statement =
    Statement::session("test.pages_free", "PRAGMA max_page_count = 100000");

#[tokio::test]
async fn a_full_disk_refuses_and_is_over_when_there_is_room() {
    let fixture = sqlite(Options::default()).await;
    let db = &fixture.db;
    // SQLite takes the present size as the least limit.
    db.write(Lane::Short, None, |conn| {
        Box::pin(async move {
            let (_pages,): (i64,) = conn.one(&PAGES_NOW, &[]).await?;
            conn.one::<(i64,)>(&PAGES_MAX, &[]).await.map(drop)
        })
    })
    .await
    .unwrap();
    let big = |id: i64| {
        db.write(Lane::Short, Some(1), move |conn| {
            Box::pin(async move { insert(conn, 1, id, &"x".repeat(100_000)).await })
        })
    };
    for _ in 0..3 {
        let refused = big(1).await;
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    }
    db.write(Lane::Short, None, |conn| {
        Box::pin(async move { conn.one::<(i64,)>(&PAGES_FREE, &[]).await.map(drop) })
    })
    .await
    .unwrap();
    assert_eq!(big(1).await.unwrap(), 1);
}

#[tokio::test]
async fn the_file_has_one_owner() {
    let fixture = sqlite(Options::default()).await;
    let second = Database::open(&fixture.url, Options::default()).await;
    assert!(matches!(second, Err(Error::NotOwner { .. })));
    fixture.db.close().await;
    let closed = fixture.db.write(Lane::Short, None, |_| Box::pin(async { Ok(()) })).await;
    assert!(matches!(closed, Err(Error::Closed)), "{closed:?}");
    drop(fixture.open_again().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_cut_back_while_it_is_written() {
    let fixture = sqlite(Options { checkpoint_bytes: 64 * 1024, ..Options::default() }).await;
    let wal = fixture.folder.path().join("test.db-wal");
    let mut longest = 0;
    // Without checkpoints the log would grow by more than 8 KiB with each of these.
    for id in 0..400_i64 {
        fixture
            .db
            .write(Lane::Short, Some(1), move |conn| {
                Box::pin(async move { insert(conn, 1, id, &format!("{id:08000}")).await })
            })
            .await
            .unwrap();
        longest = longest.max(wal.metadata().unwrap().len());
    }
    assert!((64 * 1024..2 * 1024 * 1024).contains(&longest), "{longest}");
}

static FOREVER: Statement = Statement::session(
    "test.forever",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
);

#[tokio::test(flavor = "multi_thread")]
async fn reads_end_in_time_and_cannot_write() {
    let limit = Options { read_limit: std::time::Duration::from_millis(200), ..Options::default() };
    for fixture in [sqlite(limit.clone()).await, Fixture::postgres(&MIGRATIONS, limit).await] {
        let slow: Result<(i64,)> = fixture
            .db
            .read(None, |conn| Box::pin(async move { conn.one(&FOREVER, &[]).await }))
            .await;
        assert!(matches!(slow, Err(Error::TooSlow { limit_ms: 200 })), "{slow:?}");
        let wrote = fixture.db.read(Some(1), |conn| Box::pin(insert(conn, 1, 1, "a"))).await;
        assert!(wrote.is_err());
        fixture.db.read(Some(1), |conn| Box::pin(count(conn, 1))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_up_reaches_who_waits_here_and_on_other_nodes() {
    on_both(&MIGRATIONS, |fixture| async move {
        let other =
            if fixture.db.is_sqlite() { fixture.db.clone() } else { fixture.open_again().await };
        let (mut here, mut there) = (fixture.db.wakeups(), other.wakeups());
        fixture.db.notify();
        here.woken().await;
        // A wake-up may be lost while the other node still connects: said again until heard.
        loop {
            fixture.db.notify();
            let heard = there.woken();
            if tokio::time::timeout(std::time::Duration::from_millis(100), heard).await.is_ok() {
                break;
            }
        }
    })
    .await;
}
