//! What is counted is on the page that says what it means.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::tree::Tree;

/// The page of everything that is counted.
const PAGE: &str = "docs/metrics.md";
/// How a source counts or measures.
const MACROS: [&str; 3] = ["counter!(", "gauge!(", "histogram!("];
/// The sections of outcomes, each with the source whose names they are.
const OUTCOMES: [(&str, &str); 2] = [
    ("## Outcomes of webhooks", "crates/engine/src/webhook.rs"),
    ("## Outcomes of exchanges", "crates/channel/src/error.rs"),
];

/// A name with its labels.
type Metrics<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What sources count and what the page lists are the same, by name and labels; and so are the names
/// of the outcomes.
#[must_use]
pub fn uncounted_or_unlisted(tree: &Tree) -> Vec<Problem> {
    let page = tree.text(PAGE).unwrap_or_default();
    let mut problems = Vec::new();
    let mut counted = Metrics::new();
    for (path, text) in tree.rust().filter(|(path, _)| path.contains("/src/")) {
        if path.starts_with("xtask/") {
            continue;
        }
        for (name, labels) in in_source(text) {
            counted.entry(name).or_default().extend(labels);
        }
    }
    let listed = on_page(page);
    for (name, labels) in &counted {
        if listed.get(name) != Some(labels) {
            let advice = format!("list `{name}` with the labels {labels:?}");
            problems.push(Problem::new(PAGE, advice));
        }
    }
    for name in listed.keys().filter(|name| !counted.contains_key(*name)) {
        problems.push(Problem::new(PAGE, format!("`{name}` is counted nowhere")));
    }
    for (section, source) in OUTCOMES {
        let told = first_cells(page.split(section).nth(1).unwrap_or_default());
        let mut named = names(tree.text(source).unwrap_or_default());
        if section.ends_with("exchanges") {
            named.insert("ok");
        }
        if told != named {
            let wrong: Vec<_> = told.symmetric_difference(&named).collect();
            let advice = format!("{section:?} and {source} differ in {wrong:?}");
            problems.push(Problem::new(PAGE, advice));
        }
    }
    problems
}

/// Every metric that a source counts.
fn in_source(text: &str) -> Metrics<'_> {
    let mut found = Metrics::new();
    for start in MACROS.iter().flat_map(|name| text.match_indices(name).map(|(at, _)| at)) {
        let call = &text[start..];
        let call = &call[..call.find(')').unwrap_or(call.len())];
        let mut quoted = call.split('"').skip(1).step_by(2);
        let Some(name) = quoted.next() else { continue };
        // A label is what is followed by its value; a value that is a text is no label.
        let labels = quoted.filter(|word| call.contains(&format!("\"{word}\" =>")));
        found.entry(name).or_default().extend(labels);
    }
    found
}

/// Every metric of the page's first table.
fn on_page(page: &str) -> Metrics<'_> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `dermaga_").map(|_| line));
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let name = cells.next()?.trim_matches('`');
        let labels = cells.next()?.split(',').map(|label| label.trim().trim_matches('`'));
        Some((name, labels.filter(|label| !label.is_empty()).collect()))
    })
    .collect()
}

/// The first cells of the first table of a text.
fn first_cells(text: &str) -> BTreeSet<&str> {
    let section = text.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    cells.filter_map(|row| row.split('`').next()).collect()
}

/// The names that a source gives to outcomes: `Self::… => "name",`.
fn names(text: &str) -> BTreeSet<&str> {
    let arms = text.lines().filter(|line| line.trim_start().starts_with("Self::"));
    arms.filter_map(|arm| arm.split_once("=> \"")?.1.strip_suffix("\",")).collect()
}
