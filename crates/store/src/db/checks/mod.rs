//! Checks that tests walk over every statement and table. Each returns what is wrong, one line per
//! finding, so that a test shows all of them at once.

mod catalogue;
mod plans;

pub(crate) use catalogue::{compare_columns, compare_migrations, postgres_catalogue};
pub(crate) use plans::{postgres_plans, sqlite_plans};

use super::{Dialect, Scope, Statement};

/// Names are unique, macros are all expanded, and `$1` of every statement on org tables is the org.
pub(crate) fn statements(statements: &[&'static Statement]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let name = statement.name();
        if statements.iter().take(at).any(|earlier| earlier.name() == name) {
            found.push(format!("{name}: the name is taken"));
        }
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let sql = statement.sql(dialect).replace("'{}'", "");
            if sql.contains(['{', '}']) {
                found.push(format!("{name}: a macro was not expanded for {dialect:?}: {sql}"));
            }
        }
        if statement.scope() == Scope::Org {
            found.extend(org_first(statement.template()).map(|what| format!("{name}: {what}")));
        }
    }
    found
}

/// What is wrong with the use of `$1` in a statement on org tables.
fn org_first(template: &str) -> Option<&'static str> {
    let text = template.split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = text.to_uppercase();
    let inserts = upper.matches("INSERT INTO ").count();
    let org_inserts = upper.matches("(ORG_ID,").count();
    if inserts > 0 && org_inserts < inserts {
        return Some("an INSERT does not begin with org_id");
    }
    if inserts > 0 && !upper.contains("SELECT $1") && !upper.contains("VALUES ($1") {
        return Some("an INSERT does not take org_id from $1");
    }
    let reads = ["UPDATE ", "DELETE FROM ", " JOIN "];
    let touched: usize = reads.iter().map(|word| count_tables(&upper, word)).sum();
    let compared = upper.matches("ORG_ID = $1").count() + upper.matches(".ORG_ID = ").count();
    if inserts == 0 && compared == 0 {
        return Some("org_id is not compared with $1");
    }
    (compared < touched).then_some("a table is touched without org_id = $1")
}

/// How often a word is followed by a table. `DO UPDATE SET` and `FOR UPDATE` are not.
fn count_tables(upper: &str, word: &str) -> usize {
    let all = upper.matches(word).count();
    let update = upper.matches("DO UPDATE SET").count() + upper.matches("{FOR UPDATE ").count();
    if word == "UPDATE " { all.saturating_sub(update) } else { all }
}
