//! Every failure an operator can meet has a code, and every code a page.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::Tree;

/// How a code begins; four digits follow, the first two of which are its area.
pub const PREFIX: &str = concat!("DM", "G-");
/// Where the pages are, one per code, and the table of all of them.
const FOLDER: &str = "docs/errors/";
/// The table of all codes.
const TABLE: &str = "docs/errors/README.md";
/// Shows the pages to people: it lists every code and uses none.
const SHOWS: &str = "crates/web/src/pages/codes.rs";
/// What every page answers, in this order.
const SECTIONS: [&str; 3] = ["## What you see", "## Why", "## What to do"];

/// A code in a source has its page, and a page is the page of a code in a source. `pending` are the
/// codes whose page came first, each with the reason.
#[must_use]
pub fn codes_and_pages(tree: &Tree, pending: &[(&str, &str)]) -> Vec<Problem> {
    let pages = pages(tree);
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    for (path, text) in tree.under("crates/") {
        for (number, line) in text.lines().enumerate() {
            for code in codes(line) {
                if !pages.contains(code) {
                    let advice = format!("{code} has no page: write {FOLDER}{code}.md");
                    problems.push(Problem::at(path, number, advice));
                }
                if path != SHOWS {
                    used.insert(code);
                }
            }
        }
    }
    for code in &pages {
        let is_pending = pending.iter().any(|(name, _)| name == code);
        let advice = match (used.contains(code), is_pending) {
            (false, false) => "no source uses it: delete the page, or use the code",
            (true, true) => "a source uses it now: take it off the list of pending codes",
            (true, false) | (false, true) => continue,
        };
        problems.push(Problem::new(format!("{FOLDER}{code}.md"), advice));
    }
    let unknown = pending.iter().filter(|(code, _)| !pages.contains(code));
    problems.extend(unknown.map(|(code, _)| Problem::new(*code, "is on the list and has no page")));
    problems
}

/// Every page has a title with its code, the three sections, and its line in the table with the same
/// title.
#[must_use]
pub fn pages_malformed(tree: &Tree) -> Vec<Problem> {
    let table = tree.text(TABLE).unwrap_or_default();
    let mut problems = Vec::new();
    for code in pages(tree) {
        let path = format!("{FOLDER}{code}.md");
        let text = tree.text(&path).unwrap_or_default();
        let heading = text.lines().next().unwrap_or_default();
        let Some(title) = heading.strip_prefix(&format!("# {code}: ")) else {
            problems.push(Problem::at(&path, 0, format!("begin with `# {code}: ` and a title")));
            continue;
        };
        let row = format!("| [{code}]({code}.md) | {title} |");
        if !table.lines().any(|line| line == row) {
            problems.push(Problem::new(TABLE, format!("add the row `{row}`")));
        }
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        if found != SECTIONS {
            problems.push(Problem::new(path, format!("have the sections {SECTIONS:?}, in order")));
        }
    }
    let pages = pages(tree);
    for (number, line) in table.lines().enumerate() {
        for code in codes(line).difference(&pages) {
            problems.push(Problem::at(TABLE, number, format!("{code} has no page")));
        }
    }
    problems
}

/// The codes that have a page.
fn pages(tree: &Tree) -> BTreeSet<&str> {
    tree.files()
        .filter_map(|(path, _)| path.strip_prefix(FOLDER)?.strip_suffix(".md"))
        .filter(|name| codes(name) == BTreeSet::from([*name]))
        .collect()
}

/// The codes a line contains.
fn codes(line: &str) -> BTreeSet<&str> {
    line.match_indices(PREFIX)
        .filter_map(|(at, _)| line.get(at..at + PREFIX.len() + 4))
        .filter(|code| code[PREFIX.len()..].bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}
