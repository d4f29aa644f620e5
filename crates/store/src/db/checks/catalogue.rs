//! What the databases say about their tables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgPool, Row as _};

use super::super::testing::Fixture;
use super::super::{Migrations, Options, postgres, sqlite};

/// The one policy there is, as PostgreSQL prints it.
const POLICY: &str =
    "(org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::bigint)";

/// Each query names what breaks a rule of tables that are to be distributed by `org_id`.
const RULES: [(&str, &str); 6] = [
    (
        "row-level security is not enabled and forced",
        "SELECT c.relname::text FROM org_table o JOIN pg_class c ON c.oid = o.id
          WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)",
    ),
    (
        "a unique key does not begin with org_id",
        "SELECT i.indexrelid::regclass::text FROM org_table o JOIN pg_index i ON i.indrelid = o.id
           JOIN pg_attribute a ON a.attrelid = o.id AND a.attnum = i.indkey[0]
          WHERE i.indisunique AND a.attname <> 'org_id'
          UNION ALL
         SELECT i.indexrelid::regclass::text FROM org_table o JOIN pg_index i ON i.indrelid = o.id
          WHERE i.indisunique AND i.indkey[0] = 0",
    ),
    (
        "has no primary key",
        "SELECT o.id::regclass::text FROM org_table o WHERE NOT EXISTS
           (SELECT 1 FROM pg_index i WHERE i.indrelid = o.id AND i.indisprimary)",
    ),
    (
        "a foreign key does not begin with org_id on both sides",
        "SELECT k.conname::text FROM org_table o JOIN pg_constraint k ON k.conrelid = o.id
          WHERE k.contype = 'f' AND NOT EXISTS
           (SELECT 1 FROM pg_attribute a, pg_attribute b
             WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attname = 'org_id'
               AND b.attrelid = k.confrelid AND b.attnum = k.confkey[1] AND b.attname = 'org_id')",
    ),
    ("a trigger", "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"),
    (
        "a default that the database makes up, or a sequence",
        "SELECT c.relname::text FROM pg_class c
          WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
          UNION ALL
         SELECT a.adrelid::regclass::text FROM pg_attrdef a JOIN org_table o ON o.id = a.adrelid
          WHERE pg_get_expr(a.adbin, a.adrelid) ~ '\\('",
    ),
];

/// Row-level security, keys and the rules of a distributed table, from PostgreSQL's catalogue.
pub(crate) async fn postgres_catalogue(fixture: &Fixture) -> Vec<String> {
    let pool = owner(fixture).await;
    let org_tables = "WITH org_table AS (SELECT c.oid AS id FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)";
    let mut found = Vec::new();
    for (rule, query) in RULES {
        let sql = AssertSqlSafe(format!("{org_tables} {query}"));
        let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
        found.extend(names.into_iter().map(|name| format!("{name}: {rule}")));
    }
    let sql = AssertSqlSafe(format!(
        "{org_tables} SELECT o.id::regclass::text,
           coalesce((SELECT string_agg(p.cmd || p.permissive || p.qual || coalesce(p.with_check, ''), ';')
              FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = o.id::regclass::text), '')
         FROM org_table o"
    ));
    let policies: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let expected = format!("ALLPERMISSIVE{POLICY}");
    found.extend(
        policies
            .into_iter()
            .filter(|(_, policy)| *policy != expected)
            .map(|(table, policy)| format!("{table}: its policy is {policy:?}")),
    );
    found
}

/// Connections of the owner.
pub(super) async fn owner(fixture: &Fixture) -> PgPool {
    let options = postgres::connect_options(&fixture.url, &Options::default()).unwrap();
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

/// Both databases have the same migrations by number and name.
pub(crate) fn compare_migrations(migrations: &Migrations) -> Vec<String> {
    let names = |migrator: &sqlx::migrate::Migrator| -> BTreeSet<(i64, String)> {
        migrator.iter().map(|it| (it.version, it.description.to_string())).collect()
    };
    let (sqlite, postgres) = (names(migrations.sqlite), names(migrations.postgres));
    sqlite
        .symmetric_difference(&postgres)
        .map(|(number, name)| format!("migration {number:04} {name} has no twin"))
        .collect()
}

/// Table and column -> (type, must not be null), in the words of PostgreSQL.
type Columns = BTreeMap<(String, String), (String, bool)>;

/// Both databases have the same tables, columns, types and nulls, and the same unique keys.
pub(crate) async fn compare_columns(
    on_sqlite: &Fixture,
    on_postgres: &Arc<Fixture>,
) -> Vec<String> {
    let sqlite = sqlite_columns(on_sqlite).await;
    let postgres = postgres_columns(&owner(on_postgres).await).await;
    let keys: BTreeSet<_> = sqlite.keys().chain(postgres.keys()).collect();
    keys.into_iter()
        .filter(|key| sqlite.get(*key) != postgres.get(*key))
        .map(|key| {
            let (table, column) = key;
            format!(
                "{table}.{column}: {:?} on SQLite, {:?} on PostgreSQL",
                sqlite.get(key),
                postgres.get(key)
            )
        })
        .collect()
}

async fn sqlite_columns(fixture: &Fixture) -> Columns {
    let path = fixture.folder.path().join("test.db");
    let options = sqlite::connect_options(&path, fixture.options.wait_limit).read_only(true);
    let mut connection = sqlite::open_connection(&options).await.unwrap();
    let columns = sqlx::query(
        "SELECT t.name AS \"table\", c.name AS \"column\", lower(c.type) AS type,
                CASE WHEN c.\"notnull\" OR c.pk > 0 THEN 1 ELSE 0 END AS required
           FROM sqlite_schema t JOIN pragma_table_info(t.name) c
          WHERE t.type = 'table' AND t.name NOT LIKE '\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut found: Columns = columns
        .iter()
        .map(|row| {
            let kind: String = row.get("type");
            let kind = match kind.as_str() {
                "blob" => "bytea",
                "json" => "jsonb",
                other => other,
            };
            let required: i64 = row.get("required");
            ((row.get("table"), row.get("column")), (kind.to_owned(), required == 1))
        })
        .collect();
    let keys: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, (SELECT group_concat(i.name, ', ' ORDER BY i.seqno) FROM pragma_index_info(l.name) i)
           FROM sqlite_schema t JOIN pragma_index_list(t.name) l
          WHERE t.type = 'table' AND l.\"unique\" AND t.name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    found.extend(keys.into_iter().map(unique_key));
    connection.close().await.unwrap();
    found
}

async fn postgres_columns(pool: &PgPool) -> Columns {
    let columns = sqlx::query(
        "SELECT c.relname::text AS \"table\", a.attname::text AS \"column\",
                format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
            AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(c.relname::text, '_')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found: Columns = columns
        .iter()
        .map(|row| ((row.get("table"), row.get("column")), (row.get("type"), row.get("required"))))
        .collect();
    let keys: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.relname::text,
                (SELECT string_agg(a.attname, ', ' ORDER BY k.at)
                   FROM unnest(i.indkey) WITH ORDINALITY AS k(number, at)
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number)
           FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
          WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
            AND NOT starts_with(c.relname::text, '_')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    found.extend(keys.into_iter().map(unique_key));
    found
}

fn unique_key((table, columns): (String, String)) -> ((String, String), (String, bool)) {
    ((table, format!("unique ({columns})")), ("unique".to_owned(), true))
}
