//! A statement: one SQL text for both databases, with a name.

use std::sync::OnceLock;

use super::dialect::{self, Dialect};

/// Which tables a statement may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Tables of one org: `$1` is `org_id`, compared or inserted in every table it names.
    Org,
    /// The directory: what must be unique across orgs. No row-level security.
    Directory,
    /// The connection itself (settings, health): no table of ours.
    Session,
}

/// One SQL text with `$1` placeholders and the macros of [`Dialect`], declared as a `static`:
///
/// ```ignore
/// static FIND: Statement = Statement::org("orders.find",
///     "SELECT id, status FROM orders WHERE org_id = $1 AND id = $2 {for update}");
/// ```
///
/// In `INSERT ... SELECT ... ON CONFLICT` the SELECT needs a WHERE clause, `WHERE true` if nothing
/// else: without one SQLite reads `ON` as a join condition.
#[derive(Debug)]
pub(crate) struct Statement {
    name: &'static str,
    scope: Scope,
    template: &'static str,
    sqlite: OnceLock<&'static str>,
    postgres: OnceLock<&'static str>,
    /// For PostgreSQL, without the org filter.
    bare: OnceLock<&'static str>,
}

impl Statement {
    /// A statement on tables of one org, whose first parameter is the org.
    pub(crate) const fn org(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Scope::Org, template)
    }

    /// A statement on tables of the directory.
    pub(crate) const fn directory(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Scope::Directory, template)
    }

    /// A statement on no table.
    pub(crate) const fn session(name: &'static str, template: &'static str) -> Self {
        Self::new(name, Scope::Session, template)
    }

    const fn new(name: &'static str, scope: Scope, template: &'static str) -> Self {
        Self {
            name,
            scope,
            template,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
            bare: OnceLock::new(),
        }
    }

    /// The name, as in errors and figures: `orders.upsert`.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Which tables it may touch.
    pub(crate) const fn scope(&self) -> Scope {
        self.scope
    }

    /// The text as written, before expansion.
    pub(crate) const fn template(&self) -> &'static str {
        self.template
    }

    /// The text for one database: expanded once, then kept for the life of the process. The list of
    /// statements is fixed, so what is leaked is bounded.
    pub(crate) fn sql(&self, dialect: Dialect) -> &'static str {
        let cell = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        cell.get_or_init(|| Box::leak(dialect::expand(self.template, dialect).into_boxed_str()))
    }
}

impl Statement {
    /// The text for PostgreSQL as if nobody had compared `org_id` with `$1`: for a proof.
    pub(crate) fn bare(&self) -> &'static str {
        self.bare.get_or_init(|| {
            let sql = dialect::expand(self.template, Dialect::Postgres);
            Box::leak(without_org_filter(&sql).into_boxed_str())
        })
    }
}

/// Replaces every `org_id = $1`, with the name of its table before it, by what is always true. The
/// parameter stays, because its type must be known.
fn without_org_filter(sql: &str) -> String {
    const FILTER: &str = "org_id = $1";
    let mut text = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some(at) = rest.find(FILTER) {
        let (before, from) = rest.split_at(at);
        let after = from.get(FILTER.len()..).unwrap_or_default();
        let of_name =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
        let whole = !after.starts_with(|letter: char| letter.is_ascii_digit());
        if whole {
            text.push_str(before.trim_end_matches(of_name));
            text.push_str("$1::bigint IS NOT NULL");
        } else {
            text.push_str(before);
            text.push_str(FILTER);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The statements of one module, as a list that tests walk: `statements![FIND, UPSERT];` defines
/// `pub(crate) static STATEMENTS: &[&Statement]`.
macro_rules! statements {
    ($($statement:ident),* $(,)?) => {
        /// Every statement of this module.
        #[cfg(test)]
        pub(crate) static STATEMENTS: &[&$crate::db::Statement] = &[$(&$statement),*];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::without_org_filter;

    #[test]
    fn the_filter_goes_and_nothing_else() {
        let sql =
            "UPDATE t SET a = $10 FROM v WHERE t.org_id = $1 AND t.id = v.id AND org_id = $10";
        let bare = "UPDATE t SET a = $10 FROM v WHERE $1::bigint IS NOT NULL AND t.id = v.id AND org_id = $10";
        assert_eq!(without_org_filter(sql), bare);
    }
}
