//! The connection a job works on, inside its transaction.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, FromRow, Postgres, SqliteConnection};

use super::dialect::Dialect;
use super::error::{Error, Result};
use super::statement::{Scope, Statement};
use super::step::{Pulse, Step};
use super::value::Value;

/// A row both drivers can read: `#[derive(sqlx::FromRow)]` gives it.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// The driver's connection.
pub(super) enum Link {
    Sqlite(SqliteConnection),
    Postgres(PoolConnection<Postgres>),
}

/// A connection inside a transaction of one org (or of the directory).
///
/// It refuses a statement on org tables whose `$1` is not that org, so that SQLite, which has no
/// row-level security, keeps orgs apart as well. A statement that failed fails the transaction
/// on both databases, whatever the job makes of the error.
pub(crate) struct Conn {
    link: Link,
    org: Option<i64>,
    statements: u32,
    failed: Option<Error>,
    pulse: Option<Pulse>,
    bare: bool,
}

macro_rules! on_link {
    ($self:ident, $statement:ident, $values:ident, $query:ident $(::<$row:ty>)?, $fetch:ident) => {{
        $self.check($statement, $values)?;
        $self.pass(Step::Statement($statement.name()))?;
        $self.statements += 1;
        let result = match &mut $self.link {
            Link::Sqlite(link) => {
                let sql = $statement.sql(Dialect::Sqlite);
                let query = sqlx::$query::<sqlx::Sqlite, $($row,)? _>(sql, sqlite_arguments($values)?);
                query.$fetch(&mut *link).await.map(Fetched::same)
            }
            Link::Postgres(link) => {
                let sql =
                    if $self.bare { $statement.bare() } else { $statement.sql(Dialect::Postgres) };
                let query = sqlx::$query::<sqlx::Postgres, $($row,)? _>(sql, postgres_arguments($values)?);
                query.$fetch(&mut **link).await.map(Fetched::same)
            }
        };
        $self.judge($statement, result)
    }};
}

/// Makes one type of what the two drivers return.
trait Fetched<T> {
    fn same(self) -> T;
}

impl<T> Fetched<Self> for Vec<T> {
    fn same(self) -> Self {
        self
    }
}

impl<T> Fetched<Self> for Option<T> {
    fn same(self) -> Self {
        self
    }
}

impl Fetched<u64> for sqlx::sqlite::SqliteQueryResult {
    fn same(self) -> u64 {
        self.rows_affected()
    }
}

impl Fetched<u64> for sqlx::postgres::PgQueryResult {
    fn same(self) -> u64 {
        self.rows_affected()
    }
}

impl Conn {
    pub(super) const fn new(link: Link, pulse: Option<Pulse>) -> Self {
        Self { link, org: None, statements: 0, failed: None, pulse, bare: false }
    }

    /// Lets statements lose their org filter: for a proof.
    pub(super) const fn bare(mut self, bare: bool) -> Self {
        self.bare = bare;
        self
    }

    /// Every row the statement gives.
    pub(crate) async fn all<T: Row>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Vec<T>> {
        on_link!(self, statement, values, query_as_with::<T>, fetch_all)
    }

    /// The row the statement gives, if any.
    pub(crate) async fn optional<T: Row>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<Option<T>> {
        on_link!(self, statement, values, query_as_with::<T>, fetch_optional)
    }

    /// The row the statement must give; none is an [`Error::Database`] and a bug.
    pub(crate) async fn one<T: Row>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<T> {
        let found = self.optional(statement, values).await?;
        found.ok_or_else(|| Error::from_driver(Some(statement.name()), sqlx::Error::RowNotFound))
    }

    /// Runs the statement and gives the number of rows it touched.
    pub(crate) async fn execute(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
    ) -> Result<u64> {
        on_link!(self, statement, values, query_with, execute)
    }

    /// How many statements this transaction has run, its frame not counted.
    pub(crate) const fn statements(&self) -> u32 {
        self.statements
    }

    /// Which database this is, for the rare job that must know.
    pub(crate) const fn dialect(&self) -> Dialect {
        match &self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The org of the transaction.
    pub(crate) const fn org(&self) -> Option<i64> {
        self.org
    }

    pub(super) const fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    pub(super) fn into_link(self) -> Link {
        self.link
    }

    /// Starts counting for the next job of this connection.
    pub(super) fn start(&mut self, org: Option<i64>) {
        self.org = org;
        self.statements = 0;
        self.failed = None;
    }

    /// The first error of a statement since [`Self::start`].
    pub(super) const fn take_failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// Runs one text of the frame (BEGIN, COMMIT, SAVEPOINT), not counted and not judged.
    pub(super) async fn frame(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match &mut self.link {
            Link::Sqlite(link) => sqlx::query(sql).execute(&mut *link).await.map(drop),
            Link::Postgres(link) => sqlx::raw_sql(sql).execute(&mut **link).await.map(drop),
        }
    }

    /// Commits.
    pub(super) async fn commit(&mut self) -> Result<()> {
        self.pass(Step::Commit)?;
        self.frame("COMMIT").await.map_err(Error::from_commit)?;
        self.pass(Step::Committed)
    }

    /// Nothing more, once the process is said to have ended.
    fn pass(&self, step: Step) -> Result<()> {
        match &self.pulse {
            Some(pulse) if !pulse.beats(step) => Err(Error::Closed),
            Some(_) | None => Ok(()),
        }
    }

    fn check(&mut self, statement: &'static Statement, values: &[Value]) -> Result<()> {
        let right = match statement.scope() {
            Scope::Org => self.org.is_some() && values.first() == Some(&Value::I64(self.org)),
            Scope::Directory | Scope::Session => true,
        };
        if right {
            return Ok(());
        }
        let error = Error::WrongOrg { statement: statement.name() };
        self.failed.get_or_insert_with(|| error.clone());
        Err(error)
    }

    fn judge<T>(
        &mut self,
        statement: &'static Statement,
        result: Result<T, sqlx::Error>,
    ) -> Result<T> {
        result.map_err(|source| {
            let error = Error::from_driver(Some(statement.name()), source);
            self.failed.get_or_insert_with(|| error.clone());
            error
        })
    }
}

fn unencodable(source: sqlx::error::BoxDynError) -> Error {
    Error::from_driver(None, sqlx::Error::Encode(source))
}

fn sqlite_arguments(values: &[Value]) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::I64(value) => arguments.add(*value),
            Value::Text(value) => arguments.add(value.clone()),
            Value::Blob(value) => arguments.add(value.clone()),
            Value::Bool(value) => arguments.add(*value),
        }
        .map_err(unencodable)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: &[Value]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::I64(value) => arguments.add(*value),
            Value::Text(value) => arguments.add(value.as_deref()),
            Value::Blob(value) => arguments.add(value.as_deref()),
            Value::Bool(value) => arguments.add(*value),
        }
        .map_err(unencodable)?;
    }
    Ok(arguments)
}
