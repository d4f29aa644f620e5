//! How a test of the store runs on both databases.

use std::sync::{Arc, Mutex, Weak};

use dermaga_testdb::postgres::Postgres;
use tempfile::TempDir;

use super::{AppRole, Database, Migrations, Options, migrate};

/// The server of this process, shared by the tests that run at the same time and stopped when the
/// last of them ends.
static SERVER: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

/// The server of this process.
pub(crate) fn server() -> Arc<Postgres> {
    let mut shared = SERVER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return server;
    }
    let server = Arc::new(Postgres::start().expect("a PostgreSQL server"));
    *shared = Arc::downgrade(&server);
    server
}

/// A database of one test, migrated and open.
pub(crate) struct Fixture {
    pub(crate) db: Database,
    /// What to open it with again.
    pub(crate) url: String,
    pub(crate) options: Options,
    pub(crate) server: Option<Arc<Postgres>>,
    pub(crate) folder: TempDir,
}

impl Fixture {
    /// A database in a file of its own.
    pub(crate) async fn sqlite(migrations: &Migrations, options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        migrate(&url, migrations, None).await.unwrap();
        let db = Database::open(&url, options.clone()).await.unwrap();
        Self { db, url, options, server: None, folder }
    }

    /// A database of its own on the server, opened as the application's role.
    pub(crate) async fn postgres(migrations: &Migrations, options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let server = server();
        let url = server.create_database().unwrap();
        // Roles belong to the server, not to the database: a role per test keeps tests apart.
        let name = format!("app_{}", url.rsplit('/').next().unwrap());
        let role = AppRole::new(&name, "invented").unwrap();
        migrate(&url, migrations, Some(&role)).await.unwrap();
        let options = Options { role: Some(role), readers: 4, writers: 4, ..options };
        let db = Database::open(&url, options.clone()).await.unwrap();
        Self { db, url, options, server: Some(server), folder }
    }

    /// Opens the database once more.
    pub(crate) async fn open_again(&self) -> Database {
        Database::open(&self.url, self.options.clone()).await.unwrap()
    }
}

/// Runs a test on SQLite, then on PostgreSQL, each on a fresh database. The fixture is shared because
/// an `async move` block would take some of its fields and drop the others, the folder among them.
pub(crate) async fn on_both<F, T>(migrations: &Migrations, test: F)
where
    F: Fn(Arc<Fixture>) -> T,
    T: Future<Output = ()>,
{
    test(Arc::new(Fixture::sqlite(migrations, Options::default()).await)).await;
    test(Arc::new(Fixture::postgres(migrations, Options::default()).await)).await;
}
