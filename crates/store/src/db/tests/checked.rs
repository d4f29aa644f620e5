//! The checks find nothing in good statements and tables, and each finds what it is there for.

use std::sync::Arc;

use super::super::testing::Fixture;
use super::super::{Options, checks};
use super::*;

const NOTHING: Vec<String> = Vec::new();

static WHOLE_ORG: Statement =
    Statement::org("bad.whole_org", "SELECT i.id FROM item AS i WHERE i.org_id = $1 AND i.at = $2");
static WRONG_LOOP: Statement = Statement::org(
    "bad.wrong_loop",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT i.id FROM v JOIN item AS i ON i.org_id = $1 AND i.id = v.id ORDER BY i.id",
);
static NO_ORG: Statement = Statement::org("bad.no_org", "SELECT id FROM part WHERE position = $1");
static NO_MACRO: Statement =
    Statement::org("bad.macro", "SELECT {nope $1} FROM item WHERE org_id = $1");

#[test]
fn statements_are_walked() {
    assert_eq!(checks::statements(STATEMENTS), NOTHING);
    let found = checks::statements(&[&NO_ORG, &NO_MACRO, &NO_ORG]);
    let has =
        |what: &str| assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
    has("bad.no_org: org_id is not compared");
    has("bad.no_org: the name is taken");
    has("bad.macro: a macro was not expanded");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_walked_on_sqlite() {
    let fixture = Fixture::sqlite(&MIGRATIONS, Options::default()).await;
    // COUNT walks a range of one org, as a list does.
    assert_eq!(checks::sqlite_plans(&fixture, STATEMENTS, &[]).await, NOTHING);
    let found = checks::sqlite_plans(&fixture, &[&WHOLE_ORG, &NO_ORG, &WRONG_LOOP], &[]).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(checks::sqlite_plans(&fixture, &[&WHOLE_ORG], &["item"]).await, NOTHING);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_catalogue_are_walked_on_postgres() {
    let fixture = Arc::new(Fixture::postgres(&MIGRATIONS, Options::default()).await);
    assert_eq!(checks::postgres_plans(&fixture, STATEMENTS, &[]).await, NOTHING);
    let found = checks::postgres_plans(&fixture, &[&WHOLE_ORG, &NO_ORG], &[]).await;
    assert!(found.iter().any(|line| line.starts_with("bad.whole_org")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("bad.no_org")), "{found:?}");

    assert_eq!(checks::postgres_catalogue(&fixture).await, NOTHING);
    assert_eq!(checks::compare_migrations(&MIGRATIONS), NOTHING);
    let sqlite = Fixture::sqlite(&MIGRATIONS, Options::default()).await;
    assert_eq!(checks::compare_columns(&sqlite, &fixture).await, NOTHING);

    let owner = super::super::postgres::connect_options(&fixture.url, &Options::default()).unwrap();
    let pool = sqlx::PgPool::connect_with(owner).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE swapped (id bigint, org_id bigint, PRIMARY KEY (id, org_id));
         CREATE TABLE loose (id bigint PRIMARY KEY, org_id bigint NOT NULL, made bigserial,
           item_id bigint, FOREIGN KEY (item_id, org_id) REFERENCES swapped (id, org_id))",
    )
    .execute(&pool)
    .await
    .unwrap();
    let found = checks::postgres_catalogue(&fixture).await;
    for what in ["row-level security", "unique key", "foreign key", "its policy", "sequence"] {
        assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
    }
    let found = checks::compare_columns(&sqlite, &fixture).await;
    assert!(found.iter().any(|line| line.starts_with("loose.made")), "{found:?}");
}
