//! Migrations, numbered alike for both databases.

use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnection, PgPoolOptions};

use super::database::{Backend, Options};
use super::error::{Error, Result};
use super::role::{self, AppRole};
use super::{postgres, sqlite};

/// The migrations of both databases: `sqlx::migrate!("migrations/sqlite")` and its twin.
pub(crate) struct Migrations {
    /// For SQLite.
    pub(crate) sqlite: &'static Migrator,
    /// For PostgreSQL.
    pub(crate) postgres: &'static Migrator,
}

/// Brings the database to the newest version. On PostgreSQL `owner_url` is the owner's address;
/// the application's role is made and given its rights, and [`super::Database::open`] connects as it.
pub(crate) async fn migrate(
    owner_url: &str,
    migrations: &Migrations,
    role: Option<&AppRole>,
) -> Result<()> {
    migrate_until(owner_url, migrations, role, None).await
}

/// As [`migrate`], no further than to a version.
pub(crate) async fn migrate_until(
    owner_url: &str,
    migrations: &Migrations,
    role: Option<&AppRole>,
    last: Option<i64>,
) -> Result<()> {
    let until = |all: &Migrator| {
        let wanted = |version: i64| last.is_none_or(|last| version <= last);
        let some = all.iter().filter(|migration| wanted(migration.version)).cloned();
        Migrator::with_migrations(some.collect())
    };
    let options = Options::default();
    match Backend::from_url(owner_url)? {
        Backend::Sqlite(path) => {
            let _owner = sqlite::Owner::take(&path)?;
            let connect = sqlite::connect_options(&path, options.wait_limit);
            let mut connection = sqlite::open_connection(&connect).await?;
            until(migrations.sqlite).run(&mut connection).await.map_err(|error| failed(&error))?;
            connection.close().await.map_err(|error| Error::from_driver(Some("migrate"), error))
        }
        Backend::Postgres(url) => {
            let connect = postgres::connect_options(&url, &options)?;
            let pool =
                PgPoolOptions::new().max_connections(1).connect_with(connect).await.map_err(
                    |error| Error::Setup(format!("cannot connect to PostgreSQL as owner: {error}")),
                )?;
            until(migrations.postgres).run(&pool).await.map_err(|error| failed(&error))?;
            if let Some(role) = role {
                role::grant(&pool, role).await?;
            }
            pool.close().await;
            Ok(())
        }
    }
}

/// Whether a server's database has tables. The address is the owner's.
pub(crate) async fn has_tables(owner_url: &str) -> Result<bool> {
    let connect = postgres::connect_options(owner_url, &Options::default())?;
    let cannot = |error| Error::Setup(format!("cannot connect to PostgreSQL as owner: {error}"));
    let mut link = PgConnection::connect_with(&connect).await.map_err(cannot)?;
    let found: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p')
            AND relnamespace = 'public'::regnamespace)",
    )
    .fetch_one(&mut link)
    .await
    .map_err(|error| Error::from_driver(Some("migrate.has_tables"), error))?;
    link.close().await.map_err(|error| Error::from_driver(Some("migrate.has_tables"), error))?;
    Ok(found)
}

fn failed(error: &sqlx::migrate::MigrateError) -> Error {
    Error::Setup(format!("migration failed: {error}"))
}
