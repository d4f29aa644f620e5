//! The role the application works as: neither owner nor superuser, so that row-level security holds.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::CryptoRng;
use sqlx::PgPool;

use super::error::{Error, Result};
use super::postgres;

/// The name of the application's role.
pub(crate) const APP_ROLE: &str = "dermaga_app";

/// A role with its password. `Debug` does not show the password.
#[derive(Clone)]
pub struct AppRole {
    name: String,
    password: String,
}

impl AppRole {
    /// A role. The name must be a plain lower-case identifier.
    pub fn new(name: &str, password: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > 63 || !name.bytes().all(plain) {
            return Err(Error::Setup(format!(
                "role {name:?}: use lower-case letters, digits and underscores"
            )));
        }
        if password.is_empty() || password.contains(['\'', '\\', '\0']) {
            return Err(Error::Setup(format!(
                "the password of role {name} is empty or holds a quote or backslash"
            )));
        }
        Ok(Self { name: name.to_owned(), password: password.to_owned() })
    }

    /// The role `dermaga_app` with the password in a file; where there is no file, a random
    /// password is written to a new one that only its owner can read (mode 0600).
    pub fn from_file(path: &Path, random: &mut impl CryptoRng) -> Result<Self> {
        let cannot = |error: std::io::Error| {
            Error::Setup(format!("cannot use the password file {}: {error}", path.display()))
        };
        let mut bytes = [0_u8; 24];
        random.fill_bytes(&mut bytes);
        let fresh = hex::encode(bytes);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                file.write_all(fresh.as_bytes()).map_err(cannot)?;
                file.sync_all().map_err(cannot)?;
                Self::new(APP_ROLE, &fresh)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let kept = std::fs::read_to_string(path).map_err(cannot)?;
                Self::new(APP_ROLE, kept.trim())
            }
            Err(error) => Err(cannot(error)),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The password, for connecting only.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for AppRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppRole").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Makes the role (or gives it this password) and grants it the rows of every table and
/// the first statistics. Run as the owner after the migrations.
pub(super) async fn grant(owner: &PgPool, role: &AppRole) -> Result<()> {
    let AppRole { name, password } = role;
    let attributes = format!(
        "LOGIN PASSWORD '{password}' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT"
    );
    let sql = format!(
        "DO $make$ BEGIN
           IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{name}')
           THEN ALTER ROLE {name} {attributes};
           ELSE CREATE ROLE {name} {attributes};
           END IF;
         END $make$;
         {make_statistics}
         GRANT EXECUTE ON FUNCTION gather_first_statistics() TO {name};
         GRANT USAGE ON SCHEMA public TO {name};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};
         REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM {name};
         ALTER DEFAULT PRIVILEGES IN SCHEMA public
           GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name};",
        make_statistics = postgres::MAKE_STATISTICS,
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(owner)
        .await
        .map(drop)
        .map_err(|error| Error::from_driver(Some("role.grant"), error))
}

/// Refuses a role that row-level security does not bind: a superuser, one with BYPASSRLS, the owner
/// of a table.
pub(super) async fn check(pool: &PgPool) -> Result<()> {
    let (name, superuser, bypass, owned): (String, bool, bool, i64) = sqlx::query_as(
        "SELECT current_user::text, rolsuper, rolbypassrls,
                (SELECT count(*) FROM pg_class c
                  WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                    AND pg_has_role(current_user, c.relowner, 'MEMBER'))
           FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| Error::from_driver(Some("role.check"), error))?;
    let reason = match (superuser, bypass, owned) {
        (true, _, _) => "is a superuser",
        (_, true, _) => "may bypass row-level security",
        (_, _, 1..) => "owns the tables",
        _ => return Ok(()),
    };
    Err(Error::Setup(format!(
        "role {name} {reason}, so row-level security would not hold: connect as {APP_ROLE}, which \
         `dermaga migrate` makes"
    )))
}
