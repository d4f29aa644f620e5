//! The lists' own notation.
//!
//! `[name]` begins the list of an endpoint or of a push, `[@name]` a shape that several lists share. A line
//! holds a dotted path, `[]` for the elements of an array and `.` for the whole body, and the kinds that
//! may stand there, parted by `|`. Behind a path, `?` says that the field may be absent but is given at
//! least once, `??` that the documents know it and the sandbox never gives it. `...` behind `object` says
//! that its other members are free. Objects and arrays on the way to a path need no line of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kinds::{KINDS, is};

/// The fields of one endpoint by path.
pub(super) type Fields = BTreeMap<String, Field>;

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    Always,
    Sometimes,
    Never,
}

/// What a list says of one path.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) kinds: Vec<String>,
    pub(super) presence: Presence,
    /// Whether members that are not listed are none of the list's business.
    pub(super) open: bool,
    /// The names of the members that are listed.
    pub(super) members: BTreeSet<String>,
    /// Whether one of the lists that share a shape's rows is enough to have seen it.
    pub(super) shared: bool,
    /// The line of the file; 0 of what is only on the way to others.
    pub(super) line: usize,
}

impl Field {
    pub(super) fn takes(&self, value: &Value) -> bool {
        self.kinds.iter().any(|kind| is(kind, value))
    }

    pub(super) fn may_be_null(&self) -> bool {
        self.kinds.len() > 1 && self.kinds.iter().any(|kind| kind == "null")
    }
}

/// The path of a member, or of an array's elements, below another path.
pub(super) fn join(above: &str, name: &str) -> String {
    match name {
        "." => above.to_owned(),
        _ if above.is_empty() || name.starts_with("[]") => format!("{above}{name}"),
        _ => format!("{above}.{name}"),
    }
}

/// The lists of a file by the name of their endpoint.
pub(super) fn read(text: &str) -> BTreeMap<String, Fields> {
    let mut lists: BTreeMap<String, Vec<(String, Field)>> = BTreeMap::new();
    let mut heading = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut heading);
            let before = lists.insert(heading.clone(), Vec::new());
            assert!(before.is_none(), "line {number}: {name} is listed twice");
            continue;
        }
        let (path, kinds) = line.split_once(' ').unwrap_or_else(|| panic!("line {number}: {line}"));
        let rows = rows(&lists, path, kinds.trim(), number);
        let list = lists.get_mut(&heading).unwrap_or_else(|| panic!("line {number}: no heading"));
        list.extend(rows);
    }
    lists.retain(|name, _| !name.starts_with('@'));
    lists.into_iter().map(|(name, rows)| (name, whole(rows))).collect()
}

/// What a line lists: one path, or those of a shape below it.
fn rows(
    lists: &BTreeMap<String, Vec<(String, Field)>>,
    path: &str,
    kinds: &str,
    line: usize,
) -> Vec<(String, Field)> {
    let written = path.trim_end_matches('?');
    let named = if written == "." { "" } else { written };
    let presence = match path.len() - written.len() {
        0 => Presence::Always,
        1 => Presence::Sometimes,
        _ => Presence::Never,
    };
    let (mut wanted, mut below, mut open) = (Vec::new(), Vec::new(), false);
    for kind in kinds.split('|') {
        if kind.starts_with('@') {
            let shape = lists.get(kind).unwrap_or_else(|| panic!("line {line}: no shape {kind}"));
            let parts = shape.iter().filter(|(name, _)| !name.is_empty());
            below.extend(parts.map(|(name, field)| {
                let shared = field.shared || name.contains("[]");
                (join(named, name), Field { shared, ..field.clone() })
            }));
            wanted.push("object".to_owned());
            continue;
        }
        let plain = kind.strip_suffix("...").unwrap_or(kind);
        open |= plain != kind;
        assert!(KINDS.contains(&plain), "line {line}: {kind} is no kind");
        wanted.push(plain.to_owned());
    }
    let (members, shared) = (BTreeSet::new(), false);
    let field = Field { kinds: wanted, presence, open, members, shared, line };
    let mut rows = vec![(named.to_owned(), field)];
    rows.extend(below);
    rows
}

/// The fields by path, with what is on the way to them and the names of each one's members.
fn whole(rows: Vec<(String, Field)>) -> Fields {
    let mut fields = Fields::new();
    for (path, field) in rows {
        let line = field.line;
        let before = fields.insert(path.clone(), field);
        assert!(before.is_none(), "line {line}: {path} is listed twice");
    }
    let listed: Vec<String> = fields.keys().cloned().collect();
    for path in listed {
        add_ways(&mut fields, &path);
    }
    fields
}

fn add_ways(fields: &mut Fields, path: &str) {
    let mut below = path;
    while !below.is_empty() {
        let (above, kind, member) = if let Some(above) = below.strip_suffix("[]") {
            (above, "array", None)
        } else {
            let (above, name) = below.rsplit_once('.').unwrap_or(("", below));
            (above, "object", Some(name))
        };
        let field = fields.entry(above.to_owned()).or_insert_with(|| Field {
            kinds: vec![kind.to_owned()],
            presence: Presence::Always,
            open: false,
            members: BTreeSet::new(),
            shared: false,
            line: 0,
        });
        field.members.extend(member.map(str::to_owned));
        below = above;
    }
}
