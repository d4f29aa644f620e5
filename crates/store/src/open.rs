//! The store itself: what it is made of, and how it is opened.

use std::sync::Arc;

use dermaga_domain::id::{IdMaker, OrgId};
use dermaga_domain::time::{Clock, Time};
use sqlx::migrate::Migrator;

use crate::db::{
    self, AppRole, Appender, Database, Lane, Migrations, Options, Statement, Wakeups, statements,
};
use crate::error::Result;
use crate::flows::Flows;
use crate::inbox;
use crate::vault::Vault;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The migrations of both databases.
pub(crate) static MIGRATIONS: Migrations = Migrations { sqlite: &SQLITE, postgres: &POSTGRES };

static LIST_ORGS: Statement = Statement::directory("org.list", "SELECT id FROM org ORDER BY id");

/// Counts the starts of processes: the last 1,024 of them make ids that never meet.
static NEXT_NODE: Statement = Statement::directory(
    "node.next",
    "INSERT INTO node (number, name, epoch, lease_until) VALUES (0, 'starts', 1, 0)
     ON CONFLICT (number) DO UPDATE SET epoch = node.epoch + 1 RETURNING epoch",
);

statements![LIST_ORGS, NEXT_NODE];

/// The database and what is needed to use it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Database,
    pub(crate) vault: Vault,
    pub(crate) ids: Arc<IdMaker>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) flows: Flows,
    pub(crate) appender: Appender,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(…)")
    }
}

/// Brings a database to the newest schema. On PostgreSQL the address is the owner's, and the role
/// that the application connects as is made and given its rights.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(url: &str, role: Option<&AppRole>) -> Result<()> {
    Ok(db::migrate(url, &MIGRATIONS, role).await?)
}

impl Store {
    /// Opens a migrated database.
    ///
    /// # Errors
    /// When it cannot be reached, another process owns the file, or the role may do too much.
    pub async fn open(
        url: &str,
        options: Options,
        root_key: [u8; 32],
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        #[derive(sqlx::FromRow)]
        struct Started {
            epoch: i64,
        }
        let db = Database::open(url, options).await?;
        let started: Started =
            db.write(Lane::Short, None, |conn| Box::pin(conn.one(&NEXT_NODE, &[]))).await?;
        let ids = Arc::new(IdMaker::new(started.epoch));
        Self::on(db, root_key, ids, clock).await
    }

    /// A store on a database that is open.
    pub(crate) async fn on(
        db: Database,
        root_key: [u8; 32],
        ids: Arc<IdMaker>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let appender = Appender::start(&db, &inbox::APPEND);
        let store =
            Self { vault: Vault::new(root_key), flows: Flows::default(), db, ids, clock, appender };
        if store.db.is_sqlite() {
            // One process owns the file, so every lease in it is of a process that is gone.
            store.end_all_leases().await?;
        }
        Ok(store)
    }

    /// The present, by the clock that was passed in.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Whether the database is the embedded one.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.db.is_sqlite()
    }

    /// How many transactions were run again after a deadlock. Locks are taken in one order
    /// everywhere, so it stays at 0.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.db.retries()
    }

    /// The vault.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// A new id.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        self.ids.at(&*self.clock)
    }

    /// Wakes whoever waits for work.
    pub fn wake(&self) {
        self.db.notify();
    }

    /// A waiter for work; it may miss a wake-up, so look on a timer as well.
    #[must_use]
    pub fn wakeups(&self) -> Waker {
        Waker(self.db.wakeups())
    }

    /// Every org of the installation.
    ///
    /// # Errors
    /// The database's.
    pub async fn orgs(&self) -> Result<Vec<OrgId>> {
        #[derive(sqlx::FromRow)]
        struct Found {
            id: i64,
        }
        let found: Vec<Found> =
            self.db.read(None, |conn| Box::pin(conn.all(&LIST_ORGS, &[]))).await?;
        Ok(found.into_iter().map(|row| OrgId(row.id)).collect())
    }

    /// Finishes what is queued and closes.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Waits for work.
#[derive(Debug, Clone)]
pub struct Waker(Wakeups);

impl Waker {
    /// Returns when there was a wake-up since the last time.
    pub async fn woken(&mut self) {
        self.0.woken().await;
    }
}
