//! What differs between the two databases, as macros in the SQL text.
//!
//! | macro | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{rows $2: id bigint, hash blob}` | SELECT over `jsonb_each($2)` | SELECT over `jsonb_array_elements($2::jsonb)` |
//! | `{rows $2+$3: id bigint, body blob}` | the same, blobs cut from `$3` | the same |
//! | `{for update}`, `{for update skip locked}` | nothing (the writer is alone) | itself |
//! | `{max a, b}`, `{min a, b}` | `MAX(a, b)` | `GREATEST(a, b)` |
//! | `{bytes a}` | `a` | `a COLLATE "C"`: compared byte by byte, as we do |
//! | `{json $2}` | `$2` | `$2::jsonb` |
//! | `{join}` | `CROSS JOIN` | `JOIN` |
//! | `{indexed by i}` | `INDEXED BY i` | nothing |
//!
//! `FROM v {join} orders AS o ON o.org_id = $1 AND o.id = v.id` makes `v` the outer loop: SQLite
//! never reorders a CROSS JOIN. With a plain JOIN and a constant `org_id` it reads the whole org and
//! looks into `v` for each row, even where `v` is MATERIALIZED.
//!
//! `movement m {indexed by movement_revision}` is for looks by an index that does not hold all that is read:
//! SQLite, which has no statistics here, would rather read everything of the org. The test of plans finds
//! where it is missing.
//!
//! `{max}` of a NULL differs (SQLite: NULL, PostgreSQL: the other): COALESCE first.
//! Macros may hold macros. Braces that open no macro stay as they are, so `'{}'` is a literal.

/// Which database a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL, Citus included.
    Postgres,
}

/// Expands the macros of a template.
pub(crate) fn expand(template: &str, dialect: Dialect) -> String {
    let mut sql = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        sql.push_str(before);
        let Some(close) = closing(from) else { break };
        let body = expand(from.get(1..close).unwrap_or_default(), dialect);
        match expand_one(body.trim(), dialect) {
            Some(text) => sql.push_str(&text),
            None => sql.push_str(&format!("{{{body}}}")),
        }
        rest = from.get(close + 1..).unwrap_or_default();
    }
    sql.push_str(rest);
    sql
}

/// The position of the brace that closes the one `text` starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn expand_one(body: &str, dialect: Dialect) -> Option<String> {
    let sqlite = dialect == Dialect::Sqlite;
    if body.starts_with("for update") {
        return Some(if sqlite { String::new() } else { body.to_uppercase() });
    }
    if body == "join" {
        return Some(if sqlite { "CROSS JOIN" } else { "JOIN" }.to_owned());
    }
    if let Some(index) = body.strip_prefix("indexed by ") {
        return Some(if sqlite { format!("INDEXED BY {index}") } else { String::new() });
    }
    let (word, rest) = body.split_once(' ')?;
    match word {
        "rows" => rows(rest, dialect),
        "max" => Some(format!("{}({rest})", if sqlite { "MAX" } else { "GREATEST" })),
        "min" => Some(format!("{}({rest})", if sqlite { "MIN" } else { "LEAST" })),
        "bytes" => Some(if sqlite { rest.to_owned() } else { format!("{rest} COLLATE \"C\"") }),
        "json" => Some(if sqlite { rest.to_owned() } else { format!("{rest}::jsonb") }),
        _ => None,
    }
}

/// `$2: id bigint, body blob` or, with blobs in a parameter of their own, `$2+$3: ...`.
fn rows(body: &str, dialect: Dialect) -> Option<String> {
    let (parameters, columns) = body.split_once(':')?;
    let (rows, blobs) = match parameters.trim().split_once('+') {
        Some((rows, blobs)) => (rows.trim(), Some(blobs.trim())),
        None => (parameters.trim(), None),
    };
    let mut selected = Vec::new();
    let mut position = 0_usize;
    for column in columns.split(',') {
        let (name, kind) = column.trim().split_once(' ')?;
        selected.push(format!("{} AS {name}", cell(kind.trim(), position, blobs, dialect)?));
        position += if kind.trim() == "blob" && blobs.is_some() { 2 } else { 1 };
    }
    let selected = selected.join(", ");
    Some(match dialect {
        // The binary form: from the text every column would parse its whole row again.
        Dialect::Sqlite => format!("SELECT {selected} FROM jsonb_each({rows})"),
        Dialect::Postgres => {
            format!("SELECT {selected} FROM jsonb_array_elements({rows}::jsonb) AS r")
        }
    })
}

/// One column of a row: its position in the JSON array, and for a blob in the companion parameter
/// its offset and length, which take two positions.
fn cell(kind: &str, at: usize, blobs: Option<&str>, dialect: Dialect) -> Option<String> {
    let next = at + 1;
    Some(match (dialect, kind, blobs) {
        (Dialect::Sqlite, "bigint" | "text" | "boolean", _) => format!("value->>{at}"),
        (Dialect::Sqlite, "json", _) => format!("value->{at}"),
        (Dialect::Sqlite, "blob", None) => format!("unhex(value->>{at})"),
        (Dialect::Sqlite, "blob", Some(blobs)) => {
            format!("substr({blobs}, 1 + (value->>{at}), value->>{next})")
        }
        (Dialect::Postgres, "bigint" | "boolean", _) => format!("(r->>{at})::{kind}"),
        (Dialect::Postgres, "text", _) => format!("r->>{at}"),
        (Dialect::Postgres, "json", _) => format!("r->{at}"),
        (Dialect::Postgres, "blob", None) => format!("decode(r->>{at}, 'hex')"),
        (Dialect::Postgres, "blob", Some(blobs)) => {
            format!("substr({blobs}::bytea, 1 + (r->>{at})::int, (r->>{next})::int)")
        }
        _ => return None,
    })
}
