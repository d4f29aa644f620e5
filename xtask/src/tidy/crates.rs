//! Which crate may know which.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Problem;

/// What each of our crates may depend on among ours. `*` is everything but the binary.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("channel", &["domain"]),
    ("channels", &["domain", "channel"]),
    ("store", &["domain"]),
    ("engine", &["domain", "channel", "store"]),
    ("ui", &["domain"]),
    ("web", &["domain", "channel", "store", "engine", "ui"]),
    ("sandbox", &[]),
    ("testdb", &[]),
    ("testkit", &["*"]),
    ("bench", &["*"]),
    ("dermaga", &["*"]),
    ("xtask", &["*"]),
];

/// Crates whose tests, too, know none of ours.
const ALONE: [&str; 2] = ["domain", "sandbox"];

/// Crates of others that only some of ours may know, with the reason. Tests are free, except with
/// [`SQL`].
const GUARDED: [(&str, &[&str], &str); 5] = [
    ("sqlx", &["store", "bench"], "SQL is the store's business"),
    ("rusqlite", &["store", "bench"], "a second SQLite client is for bare limits only"),
    (
        "axum",
        &["web", "sandbox", "testkit", "bench", "dermaga"],
        "only what serves HTTP knows the HTTP server",
    ),
    (
        "reqwest",
        &["channel", "channels", "sandbox", "testkit", "bench", "dermaga"],
        "calls to a channel go through the channel contract",
    ),
    (
        "tokio",
        &[
            "channel", "channels", "store", "engine", "web", "sandbox", "testkit", "bench",
            "dermaga",
        ],
        "the domain and the screens are pure",
    ),
];

/// What not even a test outside the store may use: it would test another database than ours.
const SQL: [&str; 2] = ["sqlx", "rusqlite"];

/// Crates that may not be anywhere in the build, with what to use instead.
const BANNED: [(&str, &str); 5] = [
    ("openssl", "use rustls with ring"),
    ("openssl-sys", "use rustls with ring"),
    ("native-tls", "use rustls with ring"),
    ("aws-lc-rs", "use the ring provider of rustls; name the features"),
    ("aws-lc-sys", "use the ring provider of rustls; name the features"),
];

/// Licences that may be linked into a work under Apache-2.0.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What cargo says about the crates: ours, and everything they pull in on this kind of machine.
#[derive(Debug)]
pub struct Crates {
    ours: Vec<Crate>,
    /// Licence by name, of all that is in the build.
    linked: BTreeMap<String, Option<String>>,
}

/// One of our crates.
#[derive(Debug)]
struct Crate {
    name: String,
    dependencies: Vec<Dependency>,
}

/// What a crate's manifest asks for.
#[derive(Debug)]
struct Dependency {
    name: String,
    is_ours: bool,
    for_tests: bool,
}

impl Crates {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo fails or its answer cannot be understood.
    pub fn read(root: &Path) -> io::Result<Self> {
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(["--filter-platform", &platform])
            .current_dir(root)
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("cargo metadata: {said}")));
        }
        Self::parse(&serde_json::from_slice(&output.stdout)?)
            .ok_or_else(|| io::Error::other("cargo metadata: the answer is not understood"))
    }

    /// Reads the answer of `cargo metadata`.
    #[must_use]
    pub fn parse(answer: &Value) -> Option<Self> {
        let members = answer["workspace_members"].as_array()?;
        let built: Vec<&Value> =
            answer["resolve"]["nodes"].as_array()?.iter().map(|node| &node["id"]).collect();
        let mut ours = Vec::new();
        let mut linked = BTreeMap::new();
        for package in answer["packages"].as_array()? {
            let name = package["name"].as_str()?;
            if members.contains(&package["id"]) {
                let dependencies = package["dependencies"].as_array()?;
                let dependencies = dependencies.iter().map(dependency).collect::<Option<_>>()?;
                ours.push(Crate { name: short(name).to_owned(), dependencies });
            } else if built.contains(&&package["id"]) {
                let licence = package["license"].as_str().map(str::to_owned);
                linked.insert(name.to_owned(), licence);
            }
        }
        Some(Self { ours, linked })
    }

    /// Dependencies between our crates that the direction of the design does not allow.
    #[must_use]
    pub fn wrong_direction(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for one in &self.ours {
            let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == one.name) else {
                let advice = "is a new crate: write in xtask/src/tidy/crates.rs what it may know";
                problems.push(Problem::new(&one.name, advice));
                continue;
            };
            for dependency in one.dependencies.iter().filter(|dependency| dependency.is_ours) {
                let name = dependency.name.as_str();
                let free = dependency.for_tests && !ALONE.contains(&one.name.as_str());
                let all = allowed.contains(&"*") && name != "dermaga";
                if !free && !all && !allowed.contains(&name) {
                    let advice = format!("may not depend on {name}: it may know {allowed:?}");
                    problems.push(Problem::new(&one.name, advice));
                }
            }
        }
        problems
    }

    /// Crates of others that are known where they should not be.
    #[must_use]
    pub fn known_too_widely(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for one in &self.ours {
            for (name, allowed, reason) in GUARDED {
                let depends = one.dependencies.iter().any(|dependency| {
                    dependency.name == name && (!dependency.for_tests || SQL.contains(&name))
                });
                if depends && !allowed.contains(&one.name.as_str()) {
                    let advice = format!("may not depend on {name}: {reason}");
                    problems.push(Problem::new(&one.name, advice));
                }
            }
        }
        problems
    }

    /// Crates of others that may not be in the build at all.
    #[must_use]
    pub fn banned(&self) -> Vec<Problem> {
        let is_linked = |(name, _): &&(&str, &str)| self.linked.contains_key(*name);
        let problem = |(name, instead): &(&str, &str)| {
            let advice = format!("is in the build: {instead} (`cargo tree -i {name}` says why)");
            Problem::new(*name, advice)
        };
        BANNED.iter().filter(is_linked).map(problem).collect()
    }

    /// Crates of others whose licence is missing or not on the list.
    #[must_use]
    pub fn licences_unknown(&self) -> Vec<Problem> {
        let is_wrong = |(_, licence): &(&String, &Option<String>)| {
            !licence.as_deref().is_some_and(may_be_linked)
        };
        let problem = |(name, licence): (&String, &Option<String>)| {
            let licence = licence.as_deref().unwrap_or("no licence");
            let advice = format!("is under {licence}: choose another crate, or add the licence");
            Problem::new(name, advice)
        };
        self.linked.iter().filter(is_wrong).map(problem).collect()
    }
}

/// The name without our prefix.
fn short(name: &str) -> &str {
    name.strip_prefix("dermaga-").unwrap_or(name)
}

fn dependency(value: &Value) -> Option<Dependency> {
    Some(Dependency {
        name: short(value["name"].as_str()?).to_owned(),
        is_ours: value["path"].is_string(),
        for_tests: value["kind"] == "dev",
    })
}

/// Whether one alternative of an SPDX expression asks only for licences on the list. The old `A/B`
/// means `A OR B`; with parentheses, every licence named must be on the list.
fn may_be_linked(expression: &str) -> bool {
    let known = |name: &str| LICENCES.contains(&name.trim());
    let alternatives = expression.replace('/', " OR ");
    if alternatives.contains('(') {
        let plain = alternatives.replace(['(', ')'], "").replace(" AND ", " OR ");
        return plain.split(" OR ").all(known);
    }
    alternatives.split(" OR ").any(|choice| choice.split(" AND ").all(known))
}
