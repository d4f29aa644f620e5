//! What keeps a channel inside its folder.

use super::Problem;
use super::tree::Tree;

/// Names that only a channel's own folders, the flows, the sandbox and the documents may use.
pub const NAMES: [&str; 5] = ["tokopedia", "tiktok", "lazada", "shopee", "woocommerce"];

/// The crates that know channels only through the contract.
const CORE: [&str; 4] = ["domain", "engine", "store", "web"];

/// Where the folders of the channels are.
const CLIENTS: &str = "crates/channels/src/";
/// Where the other side of the wire is.
const SANDBOX: &str = "crates/sandbox/src/";

/// The files of a channel that has a client; those ending in `.rs` may be a folder with `mod.rs`.
const CLIENT_FILES: [&str; 13] = [
    "README.md",
    "flow.toml",
    "mod.rs",
    "capabilities.rs",
    "client.rs",
    "sign.rs",
    "wire.rs",
    "orders.rs",
    "listings.rs",
    "stock.rs",
    "commands.rs",
    "webhook.rs",
    "errors.rs",
];

/// No channel is named in the core: not in code, comments, tests or file names.
#[must_use]
pub fn named_in_core(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in CORE {
        let folder = format!("crates/{name}/");
        for (path, text) in tree.under(&folder) {
            if let Some(name) = name_in(path) {
                problems.push(Problem::new(path, advice(name)));
            }
            for (number, line) in text.lines().enumerate() {
                if let Some(name) = name_in(line) {
                    problems.push(Problem::at(path, number, advice(name)));
                }
            }
        }
    }
    problems
}

fn name_in(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    NAMES.into_iter().find(|name| text.contains(name))
}

fn advice(name: &str) -> String {
    format!(
        "names {name}: the core knows a channel only by its capabilities and its flow; move this \
         into the channel's folder, or its test into crates/testkit or crates/dermaga"
    )
}

/// A channel's folder is either a flow alone or a whole client with the files everyone expects.
/// `pending` are the files (`channel/file.rs`) that are still to come, each with the reason.
#[must_use]
pub fn folders_incomplete(tree: &Tree, pending: &[(&str, &str)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in channels(tree) {
        let folder = format!("{CLIENTS}{name}/");
        if !has_client(tree, name) {
            let others = tree.under(&folder).filter(|(path, _)| path.ends_with(".rs"));
            problems.extend(others.map(|(path, _)| {
                Problem::new(
                    path,
                    format!("{name} has no mod.rs: a client has one, a flow no code"),
                )
            }));
            continue;
        }
        for file in CLIENT_FILES {
            let path = format!("{folder}{file}");
            let as_folder = format!("{}/mod.rs", path.trim_end_matches(".rs"));
            let is_there = tree.text(&path).is_some() || tree.text(&as_folder).is_some();
            let is_pending = pending.iter().any(|(one, _)| *one == format!("{name}/{file}"));
            let advice = match (is_there, is_pending) {
                (false, false) => {
                    "is missing: every channel with a client has the same files, so that who knows \
                     one knows all"
                }
                (true, true) => "is there now: take it off the list of pending files",
                (true, false) | (false, true) => continue,
            };
            problems.push(Problem::new(path, advice));
        }
    }
    problems
}

/// Every channel with a client can be tried against the sandbox.
#[must_use]
pub fn without_sandbox(tree: &Tree) -> Vec<Problem> {
    channels(tree)
        .into_iter()
        .filter(|name| has_client(tree, name))
        .map(|name| format!("{SANDBOX}{name}/mod.rs"))
        .filter(|path| tree.text(path).is_none())
        .map(|path| Problem::new(path, "is missing: a client without its other side is untested"))
        .collect()
}

/// The folders that have a flow.
fn channels(tree: &Tree) -> Vec<&str> {
    let has_flow = |name: &&str| tree.text(&format!("{CLIENTS}{name}/flow.toml")).is_some();
    tree.folders(CLIENTS).into_iter().filter(has_flow).collect()
}

fn has_client(tree: &Tree, name: &str) -> bool {
    tree.text(&format!("{CLIENTS}{name}/mod.rs")).is_some()
}
