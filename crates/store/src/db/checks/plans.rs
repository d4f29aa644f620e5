//! How the databases would carry out each statement.

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Row as _};

use super::super::testing::Fixture;
use super::super::{Dialect, Scope, Statement, postgres, sqlite};
use super::catalogue::owner;

/// Tables that may be read whole: one row an org, or so few rows that nothing is gained otherwise.
type SmallTables<'a> = &'a [&'a str];

/// No scan of a table, no index condition on `org_id` alone, on SQLite.
pub(crate) async fn sqlite_plans(
    fixture: &Fixture,
    statements: &[&'static Statement],
    small: SmallTables<'_>,
) -> Vec<String> {
    let path = fixture.folder.path().join("test.db");
    let options = sqlite::connect_options(&path, fixture.options.wait_limit).read_only(true);
    let mut connection = sqlite::open_connection(&options).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let mut found = Vec::new();
    for statement in statements.iter().filter(|it| it.scope() != Scope::Session) {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql(Dialect::Sqlite));
        match sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await {
            Ok(rows) => {
                let steps = rows.iter().map(|row| row.get::<String, _>("detail"));
                let org = statement.scope() == Scope::Org;
                let aliases = aliases(statement.template(), &tables);
                found.extend(
                    steps
                        .filter(|step| is_bad_step(step, &aliases, org, small))
                        .map(|step| format!("{} on SQLite: {step}", statement.name())),
                );
            }
            Err(error) => found.push(format!("{} on SQLite: {error}", statement.name())),
        }
    }
    connection.close().await.unwrap();
    found
}

/// The names a statement may use for its tables: (table, alias), the table itself among them.
fn aliases(template: &str, tables: &[String]) -> Vec<(String, String)> {
    let words: Vec<&str> = template
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if tables.iter().any(|table| table == word) {
            let alias = match (words.get(at + 1), words.get(at + 2)) {
                (Some(word), Some(alias)) if word.eq_ignore_ascii_case("as") => alias,
                // What follows is an alias or a keyword, and no step is about a keyword.
                (Some(alias), _) => alias,
                (None, _) => word,
            };
            found.push(((*word).to_owned(), (*word).to_owned()));
            found.push(((*word).to_owned(), (*alias).to_owned()));
        }
    }
    found
}

fn is_bad_step(step: &str, aliases: &[(String, String)], org: bool, small: &[&str]) -> bool {
    let mut words = step.split(' ');
    let verb = words.next().unwrap_or_default();
    let object = words.next().unwrap_or_default();
    let Some((table, _)) = aliases.iter().find(|(_, alias)| alias == object) else { return false };
    match verb {
        "SCAN" => !small.contains(&table.as_str()),
        "SEARCH" if org && !small.contains(&table.as_str()) => {
            !step.contains("(org_id=? AND ") || step.contains("AUTOMATIC")
        }
        _ => false,
    }
}

/// The same on PostgreSQL, as the application's role with row-level security on: the policy allows
/// only operators that leak nothing to reach an index before it.
pub(crate) async fn postgres_plans(
    fixture: &Fixture,
    statements: &[&'static Statement],
    small: SmallTables<'_>,
) -> Vec<String> {
    let options = postgres::connect_options(&fixture.url, &fixture.options).unwrap();
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    fill(&owner(fixture).await).await;
    let set = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
               SET enable_hashjoin = off; SET enable_mergejoin = off; SET app.org_id = '1'";
    sqlx::raw_sql(set).execute(&mut *connection).await.unwrap();
    let mut found = Vec::new();
    for statement in statements.iter().filter(|it| it.scope() != Scope::Session) {
        match explain(&mut connection, statement).await {
            Ok(steps) => {
                let bad = bad_steps(&steps, statement.scope() == Scope::Org, small);
                found.extend(
                    bad.into_iter()
                        .map(|step| format!("{} on PostgreSQL: {step}", statement.name())),
                );
            }
            Err(error) => found.push(format!("{} on PostgreSQL: {error}", statement.name())),
        }
    }
    found
}

/// Rows per table: enough that reading an org from end to end costs more than looking rows up.
const ROWS: u32 = 5_000;

/// Fills every table with rows of two orgs and takes statistics, because the plans of empty tables
/// tell nothing; a third of what may be absent is, for the partial indexes. The database is the test's own, so checks and foreign keys give way.
async fn fill(owner: &PgPool) {
    let constraints: Vec<String> = sqlx::query_scalar(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
           FROM pg_constraint
          WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace AND conparentid = 0",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let inserts: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, {ROWS}) AS g',
                  c.relname, string_agg(quote_ident(a.attname), ', '),
                  string_agg(CASE WHEN a.attnotnull THEN '' ELSE 'CASE WHEN g % 3 > 0 THEN ' END ||
                             CASE WHEN a.attname = 'org_id' THEN '1 + g % 2'
                                  WHEN a.atttypid = 'bytea'::regtype THEN 'int8send(g)'
                                  WHEN a.atttypid = 'boolean'::regtype THEN 'g % 2 = 0'
                                  WHEN a.atttypid = 'jsonb'::regtype THEN 'to_jsonb(g)'
                                  ELSE 'g::' || format_type(a.atttypid, a.atttypmod) END ||
                             CASE WHEN a.attnotnull THEN '' ELSE ' END' END, ', '))
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(c.relname::text, '_')
          GROUP BY c.oid, c.relname"
    )))
    .fetch_all(owner)
    .await
    .unwrap();
    let script = [constraints, inserts, vec!["ANALYZE".to_owned()]].concat();
    for sql in script {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(owner).await;
        // A table of one row per org stays empty; so does the fill of a second call.
        let twice = |error: &sqlx::Error| {
            error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
        };
        assert!(done.as_ref().err().is_none_or(twice), "{sql}: {done:?}");
    }
}

/// The generic plan. `EXPLAIN (GENERIC_PLAN)` came with version 16, so a prepared statement it is.
async fn explain(
    connection: &mut PgConnection,
    statement: &'static Statement,
) -> Result<Vec<String>, sqlx::Error> {
    let run = |sql: String| sqlx::raw_sql(AssertSqlSafe(sql));
    // Parameters have the types the layer sends, where the text leaves them open: all bigint but
    // the JSON and blob ones, which the macros cast.
    run(format!("PREPARE walked AS {}", statement.sql(Dialect::Postgres)))
        .execute(&mut *connection)
        .await?;
    let parameters: i32 = sqlx::query_scalar(
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'walked'",
    )
    .fetch_one(&mut *connection)
    .await?;
    let nulls = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
    let nulls = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    let rows =
        run(format!("EXPLAIN (COSTS OFF) EXECUTE walked{nulls}")).fetch_all(&mut *connection).await;
    run("DEALLOCATE walked".to_owned()).execute(&mut *connection).await?;
    Ok(rows?.iter().map(|row| row.get::<String, _>(0)).collect())
}

fn bad_steps(steps: &[String], org: bool, small: &[&str]) -> Vec<String> {
    let mut bad = Vec::new();
    let mut table = "";
    for step in steps {
        let step = step.trim_start().trim_start_matches("->").trim_start();
        if let Some((_, on)) = step.split_once(" on ") {
            table = on.split(' ').next().unwrap_or_default();
        }
        let whole = small.contains(&table);
        if step.starts_with("Seq Scan on ") && !whole {
            bad.push(step.to_owned());
        }
        if let Some(condition) = step.strip_prefix("Index Cond: ")
            && org
            && !whole
            && condition.split(" AND ").all(is_about_org)
        {
            bad.push(format!("{table}: {step}"));
        }
        // An index read from end to end has no condition at all.
        if step.contains(" Scan using ") && !whole && !has_condition(steps, step) {
            bad.push(step.to_owned());
        }
    }
    bad
}

fn is_about_org(part: &str) -> bool {
    let column = part.trim_start_matches('(').split(' ').next().unwrap_or_default();
    column.rsplit('.').next() == Some("org_id")
}

fn has_condition(steps: &[String], scan: &str) -> bool {
    let mut after = steps.iter().skip_while(|step| !step.ends_with(scan)).skip(1);
    after.next().is_some_and(|step| step.trim_start().starts_with("Index Cond: "))
}
