//! Every tidy rule notices what it is for, and leaves alone what it is not for.

use serde_json::{Value, json};
use xtask::tidy::crates::Crates;
use xtask::tidy::tree::Tree;
use xtask::tidy::{Problem, channels, error_pages, metrics, names, workspace};

/// Checks the places a rule finds in a tree; empty for none.
fn check(rule: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)], expect: &[&str]) {
    let found = rule(&Tree::of(files));
    let places: Vec<&str> = found.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, expect, "{files:?}: {found:?}");
}

#[test]
fn channel_names() {
    let rule = channels::named_in_core;
    check(rule, &[("crates/engine/src/a.rs", "\n// Lazada\n")], &["crates/engine/src/a.rs:2"]);
    check(rule, &[("crates/store/tests/shopee.rs", "")], &["crates/store/tests/shopee.rs"]);
    check(rule, &[("crates/channels/src/shopee/mod.rs", "// Shopee")], &[]);
}

#[test]
fn channel_folders() {
    let flow = ("crates/channels/src/x/flow.toml", "");
    let client = ("crates/channels/src/x/mod.rs", "");
    let whole: fn(&Tree) -> Vec<Problem> = |tree| channels::folders_incomplete(tree, &[]);
    check(whole, &[flow], &[]);
    check(channels::without_sandbox, &[flow], &[]);
    let stray = ("crates/channels/src/x/orders.rs", "");
    check(whole, &[flow, stray], &["crates/channels/src/x/orders.rs"]);
    let tree = Tree::of(&[flow, client, stray]);
    let found = |pending| channels::folders_incomplete(&tree, pending).len();
    assert_eq!(found(&[]), 10);
    assert_eq!(found(&[("x/stock.rs", "later")]), 9);
    assert_eq!(found(&[("x/orders.rs", "later")]), 11, "a listed file that is there");
    let other = ("crates/sandbox/src/x/mod.rs", "");
    check(channels::without_sandbox, &[flow, client], &["crates/sandbox/src/x/mod.rs"]);
    check(channels::without_sandbox, &[flow, client, other], &[]);
}

#[test]
fn words_and_limits() {
    let rule = names::banned_words;
    let at = "crates/a/src/b.rs";
    check(rule, &[(at, "struct StockManager;")], &["crates/a/src/b.rs:1"]);
    check(rule, &[(at, "\nfn f(helper: u8) {}")], &["crates/a/src/b.rs:2"]);
    check(rule, &[(at, "use tower::util::X; // manager\nlet a = \"helper\";")], &[]);
    check(rule, &[("crates/a/src/utils.rs", "")], &["crates/a/src/utils.rs"]);
    check(rule, &[("crates/channels/src/x/wire.rs", "struct Marketplace;")], &[]);
    let rule = names::limits_without_reason;
    check(rule, &[(at, "const A_MAX: u8 = 1;")], &["crates/a/src/b.rs:1"]);
    check(rule, &[(at, "\n#[x]\npub(crate) const A_MAX: u8 = 1;")], &["crates/a/src/b.rs:3"]);
    check(rule, &[(at, "/// Why.\n#[x]\nconst A_MAX: u8 = 1;\nlet x = i8::MAX;")], &[]);
}

#[test]
fn texts_of_elsewhere() {
    let rule = workspace::foreign_texts;
    let in_readme = ["README.md:1"];
    for text in [
        concat!("cd /wo", "rk/x"),
        concat!("~ is /ro", "ot/x"),
        concat!("/ho", "me/somebody"),
        concat!("../sh", "ared/design.md"),
        concat!("https://registry.", "npmjs.org/x"),
        concat!("as issue ", "#12 says"),
        concat!("Closes ", "#3"),
    ] {
        check(rule, &[("README.md", text)], &in_readme);
    }
    check(rule, &[("README.md", "# 1\ncolor: #123; order #12; /home/ of all")], &[]);
    check(rule, &[(".ci/run", concat!("../sh", "ared"))], &[]);
    let rule = workspace::registries_pinned;
    check(rule, &[("a/package-lock.json", " \"resolved\": \"x\"")], &["a/package-lock.json:1"]);
    check(rule, &[("a/.npmrc", "x=1\nregistry=y")], &["a/.npmrc:2"]);
    check(rule, &[("a/.npmrc", "omit-lockfile-registry-resolved=true")], &[]);
}

#[test]
fn migrations_and_dependencies() {
    let rule = workspace::migrations_unpaired;
    let lite = "crates/store/migrations/sqlite/0001_a.sql";
    let post = "crates/store/migrations/postgres/0001_a.sql";
    let gap = "crates/store/migrations/postgres/0003_b.sql";
    check(rule, &[(lite, ""), (post, "")], &[]);
    check(rule, &[(lite, "")], &[lite]);
    check(rule, &[(lite, ""), (post, ""), (gap, "")], &[gap, gap]);
    let rule = workspace::dependencies_without_reason;
    let manifest = "[workspace.dependencies]\ndermaga-domain = {}\n# why\na = 1\nb = 1\n[x]\nc = 1";
    check(rule, &[("Cargo.toml", manifest)], &["Cargo.toml:5"]);
}

#[test]
fn error_codes() {
    let code = format!("{}9901", error_pages::PREFIX);
    let page_path = format!("docs/errors/{code}.md");
    let sections = "## What you see\n## Why\n## What to do\n";
    let page = format!("# {code}: Title\n{sections}");
    let row = format!("| [{code}]({code}.md) | Title |");
    let source = format!("let a = \"{code}\";");
    let source = ("crates/a/src/b.rs", source.as_str());
    let good = [source, (page_path.as_str(), page.as_str()), ("docs/errors/README.md", &row)];
    let all: fn(&Tree) -> Vec<Problem> = |tree| error_pages::codes_and_pages(tree, &[]);
    check(all, &good, &[]);
    check(error_pages::pages_malformed, &good, &[]);
    check(all, &good[..1], &["crates/a/src/b.rs:1"]);
    check(all, &good[1..], &[&page_path]);
    check(error_pages::pages_malformed, &good[..2], &["docs/errors/README.md"]);
    check(error_pages::pages_malformed, &good[2..], &["docs/errors/README.md:1"]);
    let pending = [(code.as_str(), "later")];
    let listed = |files: &[(&str, &str)]| error_pages::codes_and_pages(&Tree::of(files), &pending);
    assert_eq!(listed(&good[1..]), []);
    assert_eq!(listed(&good).len(), 1, "a listed code that is used must leave the list");
    assert_eq!(listed(&[]).len(), 1, "a listed code without a page");
}

#[test]
fn counters_and_their_page() {
    let engine = "pub enum Received {}\nSelf::Kept => \"kept\",\n";
    let engine = format!("{engine}metrics::counter!(\"dermaga_a_total\", \"outcome\" => x)\n");
    let sources = [
        ("crates/engine/src/webhook.rs", engine.as_str()),
        ("crates/channel/src/error.rs", "Self::NotFound => \"not_found\",\n"),
    ];
    let page = "| `dermaga_a_total` | `outcome` | a |
## Outcomes of webhooks
| `kept` | 200 |
## Outcomes of exchanges
| `ok` | |
| `not_found` | |
";
    let problems = |page: &str| {
        let tree = Tree::of(&[sources[0], sources[1], ("docs/metrics.md", page)]);
        metrics::uncounted_or_unlisted(&tree).len()
    };
    assert_eq!(problems(page), 0);
    assert_eq!(problems(&page.replace("`outcome` | a", "| a")), 1, "a label is missing");
    assert_eq!(problems(&page.replace("| `kept` | 200 |\n", "")), 1, "an outcome is missing");
    assert_eq!(problems(&page.replace("not_found", "lost")), 1, "an outcome has another name");
    assert_eq!(problems(&format!("| `dermaga_b_total` | | b |\n{page}")), 1, "counted nowhere");
    assert_eq!(problems(&page.replace("_a_", "_b_")), 2);
}

/// What cargo would say of one crate of ours with one dependency, and one linked crate.
fn metadata(name: &str, dependency: (&str, bool, Option<&str>), linked: (&str, &str)) -> Value {
    let (depends_on, is_ours, kind) = dependency;
    let path = is_ours.then_some("x");
    json!({
        "workspace_members": ["a"],
        "resolve": { "nodes": [{ "id": "a" }, { "id": "b" }] },
        "packages": [
            { "id": "a", "name": name, "license": null,
              "dependencies": [{ "name": depends_on, "path": path, "kind": kind }] },
            { "id": "b", "name": linked.0, "license": linked.1, "dependencies": [] },
            { "id": "c", "name": "openssl", "license": "not in the build", "dependencies": [] },
        ],
    })
}

#[test]
fn crate_graph() {
    let check = |rule: fn(&Crates) -> Vec<Problem>, answer: Value, expect: &[&str]| {
        let found = rule(&Crates::parse(&answer).unwrap());
        let places: Vec<&str> = found.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, expect, "{answer}");
    };
    let fine = ("x", "MIT");
    let ours = |name, on, kind| metadata(name, (on, true, kind), fine);
    let direction = Crates::wrong_direction;
    check(direction, ours("dermaga-store", "dermaga-domain", None), &[]);
    check(direction, ours("dermaga-domain", "dermaga-store", None), &["domain"]);
    check(direction, ours("dermaga-store", "dermaga-testkit", Some("dev")), &[]);
    check(direction, ours("dermaga-sandbox", "dermaga-channels", Some("dev")), &["sandbox"]);
    check(direction, ours("dermaga-bench", "dermaga", None), &["bench"]);
    check(direction, ours("dermaga-novel", "dermaga-domain", None), &["novel"]);
    let others = |name, on, kind| metadata(name, (on, false, kind), fine);
    let known = Crates::known_too_widely;
    check(known, others("dermaga-engine", "sqlx", Some("dev")), &["engine"]);
    check(known, others("dermaga-ui", "axum", None), &["ui"]);
    check(known, others("dermaga-store", "sqlx", None), &[]);
    let linked = |name, licence| metadata("dermaga", ("x", false, None), (name, licence));
    check(Crates::banned, linked("aws-lc-sys", "MIT"), &["aws-lc-sys"]);
    check(Crates::banned, linked("x", "MIT"), &[]);
    for licence in ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR ISC) AND Unicode-3.0"] {
        check(Crates::licences_unknown, linked("x", licence), &[]);
    }
    for licence in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0"] {
        check(Crates::licences_unknown, linked("x", licence), &["x"]);
    }
}
