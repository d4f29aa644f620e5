//! The schema and the statements keep the rules that hold for both databases.

use std::sync::Arc;

use crate::Options;
use crate::db::checks;
use crate::db::testing::Fixture;
use crate::open::MIGRATIONS;
use crate::statements;

fn none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn statements_begin_with_the_org() {
    none(&checks::statements(&statements()));
}

#[test]
fn migrations_are_paired() {
    none(&checks::compare_migrations(&MIGRATIONS));
}

#[tokio::test]
async fn both_databases_have_the_same_columns_and_the_catalogue_keeps_the_rules() {
    let sqlite = Fixture::sqlite(&MIGRATIONS, Options::default()).await;
    let postgres = Arc::new(Fixture::postgres(&MIGRATIONS, Options::default()).await);
    none(&checks::compare_columns(&sqlite, &postgres).await);
    none(&checks::postgres_catalogue(&postgres).await);
}

/// Tables that may be read whole: `counter` has one row an org, every org of the installation is listed
/// when work is looked for, and `shop_source` has a row or two for each shop.
const SMALL: &[&str] = &["counter", "org", "shop_source"];

#[tokio::test]
async fn no_statement_reads_a_whole_org_on_sqlite() {
    let fixture = Fixture::sqlite(&MIGRATIONS, Options::default()).await;
    none(&checks::sqlite_plans(&fixture, &statements(), SMALL).await);
}

#[tokio::test]
async fn no_statement_reads_a_whole_org_on_postgres() {
    let fixture = Arc::new(Fixture::postgres(&MIGRATIONS, Options::default()).await);
    none(&checks::postgres_plans(&fixture, &statements(), SMALL).await);
}
