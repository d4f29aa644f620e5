//! The files around the code: manifests, lock files, migrations, and what no file may say.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::Tree;

/// The script of CI, which alone may know where it runs.
const CI: &str = ".ci/run";

/// Texts that tie a file to one machine, one mirror or one tracker, with what to do.
/// Written in two halves, so that this file does not contain them.
const FOREIGN: [(&str, &str); 8] = [
    (concat!("/wo", "rk/"), "names a folder of one machine: use a path from the root"),
    (concat!("/ro", "ot/"), "names a folder of one machine: use a path from the root"),
    (concat!("../sh", "ared"), "names a folder beside the clone: the build must not need it"),
    (concat!("registry.", "npmjs"), "names a registry: leave the choice to who builds"),
    (concat!("registry.", "yarnpkg"), "names a registry: leave the choice to who builds"),
    (concat!("index.", "crates.io"), "names a registry: leave the choice to who builds"),
    (concat!("static.", "crates.io"), "names a registry: leave the choice to who builds"),
    (concat!("proxy.", "golang.org"), "names a registry: leave the choice to who builds"),
];

/// Words before `#12` that make it a reference to a tracker.
const TRACKER_WORDS: [&str; 6] = ["issue", "issues", "closes", "fixes", "refs", "see"];

/// No file is tied to one machine, one mirror or one tracker.
#[must_use]
pub fn foreign_texts(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| !is_lock(path) && *path != CI) {
        for (number, line) in text.lines().enumerate() {
            let found = FOREIGN.iter().filter(|(text, _)| line.contains(text));
            problems.extend(
                found.map(|(text, advice)| Problem::at(path, number, format!("{text} {advice}"))),
            );
            if names_home(line) {
                problems.push(Problem::at(path, number, "names the home folder of a person"));
            }
            if refers_to_tracker(line) {
                problems.push(Problem::at(
                    path,
                    number,
                    "refers to a tracker by number: say the thing itself",
                ));
            }
        }
    }
    problems
}

fn is_lock(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

/// A home folder followed by a name.
fn names_home(line: &str) -> bool {
    let home = concat!("/ho", "me/");
    line.match_indices(home)
        .any(|(at, _)| line[at + home.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// `#` and digits after one of the tracker's words.
fn refers_to_tracker(line: &str) -> bool {
    line.match_indices('#').any(|(at, _)| {
        let number = line[at + 1..].starts_with(|c: char| c.is_ascii_digit());
        let before = line[..at].trim_end().to_lowercase();
        let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        number && TRACKER_WORDS.contains(&word)
    })
}

/// npm's lock file names no addresses, and no settings file of a package tool names a registry.
#[must_use]
pub fn registries_pinned(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.files() {
        let file = path.rsplit('/').next().unwrap_or(path);
        let (key, advice) = match file {
            "package-lock.json" => (
                "\"resolved\"",
                "holds an address: write the lock with omit-lockfile-registry-resolved=true",
            ),
            ".npmrc" => ("registry=", "chooses a registry: that is up to who builds"),
            "config.toml" if path.contains(".cargo/") => {
                ("registry", "chooses a registry: that is up to who builds")
            }
            _ => continue,
        };
        let lines = text.lines().enumerate().filter(|(_, line)| line.trim().starts_with(key));
        problems.extend(lines.map(|(number, _)| Problem::at(path, number, advice)));
    }
    problems
}

/// Both databases have the same migrations, numbered from 0001 without gaps.
#[must_use]
pub fn migrations_unpaired(tree: &Tree) -> Vec<Problem> {
    const FOLDERS: [&str; 2] =
        ["crates/store/migrations/sqlite/", "crates/store/migrations/postgres/"];
    let names = |folder: &'static str| -> BTreeSet<&str> {
        tree.under(folder).map(|(path, _)| &path[folder.len()..]).collect()
    };
    let mut problems = Vec::new();
    for (folder, other) in [(FOLDERS[0], FOLDERS[1]), (FOLDERS[1], FOLDERS[0])] {
        let there = names(other);
        for (index, name) in names(folder).into_iter().enumerate() {
            let path = format!("{folder}{name}");
            if !there.contains(name) {
                problems.push(Problem::new(&path, format!("has no twin in {other}")));
            }
            let number = format!("{:04}_", index + 1);
            if !name.starts_with(&number) || !name.ends_with(".sql") {
                problems.push(Problem::new(path, format!("call it {number}….sql")));
            }
        }
    }
    problems
}

/// Every dependency of the root manifest says in the comment above it why it is here; our own crates
/// share one.
#[must_use]
pub fn dependencies_without_reason(tree: &Tree) -> Vec<Problem> {
    const MANIFEST: &str = "Cargo.toml";
    let lines: Vec<&str> = tree.text(MANIFEST).unwrap_or_default().lines().collect();
    let mut inside = false;
    let mut problems = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            inside = *line == "[workspace.dependencies]";
            continue;
        }
        let ours = line.starts_with("dermaga-");
        if !inside || ours || line.is_empty() || line.starts_with('#') {
            continue;
        }
        if number == 0 || !lines[number - 1].starts_with("# ") {
            let name = line.split([' ', '.', '=']).next().unwrap_or(line);
            let advice = format!("write in a comment above {name} what it is for");
            problems.push(Problem::at(MANIFEST, number, advice));
        }
    }
    problems
}
