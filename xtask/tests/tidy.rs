//! The workspace keeps the house rules. Each failure lists what to put right, and how.

use std::process::Command;

use xtask::docs;
use xtask::tidy::crates::Crates;
use xtask::tidy::tree::Tree;
use xtask::tidy::{Problem, channels, error_pages, metrics, names, workspace};

/// Error codes whose page came before the code that reports them, each with the reason. Take a code
/// off when a source uses it; the test says when.
const PENDING_CODES: &[(&str, &str)] = &[];

/// Files of a channel's client that are still to come, each with the reason.
const PENDING_FILES: &[(&str, &str)] = &[];

/// Fails with one line per problem.
fn none(problems: &[Problem]) {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

/// Holds the files of the workspace to a rule.
fn holds(rule: impl Fn(&Tree) -> Vec<Problem>) {
    match Tree::read(&docs::root()) {
        Ok(tree) => none(&rule(&tree)),
        Err(error) => panic!("{error}"),
    }
}

/// Holds the crates of the workspace to a rule.
fn crates_hold(rule: impl Fn(&Crates) -> Vec<Problem>) {
    match Crates::read(&docs::root()) {
        Ok(crates) => none(&rule(&crates)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn crates_depend_in_one_direction() {
    crates_hold(Crates::wrong_direction);
}

#[test]
fn sql_http_and_runtime_stay_in_their_crates() {
    crates_hold(Crates::known_too_widely);
}

#[test]
fn banned_crates_are_not_in_the_build() {
    crates_hold(Crates::banned);
}

#[test]
fn every_licence_may_be_linked() {
    crates_hold(Crates::licences_unknown);
}

#[test]
fn the_core_names_no_channel() {
    holds(channels::named_in_core);
}

#[test]
fn channel_folders_have_the_files_everyone_expects() {
    holds(|tree| channels::folders_incomplete(tree, PENDING_FILES));
}

#[test]
fn every_client_has_a_sandbox() {
    holds(channels::without_sandbox);
}

#[test]
fn names_say_what_things_are() {
    holds(names::banned_words);
}

#[test]
fn every_limit_has_a_reason() {
    holds(names::limits_without_reason);
}

#[test]
fn every_dependency_has_a_reason() {
    holds(workspace::dependencies_without_reason);
}

#[test]
fn migrations_are_paired() {
    holds(workspace::migrations_unpaired);
}

#[test]
fn no_file_is_tied_to_a_machine_a_mirror_or_a_tracker() {
    holds(workspace::foreign_texts);
    holds(workspace::registries_pinned);
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    holds(|tree| error_pages::codes_and_pages(tree, PENDING_CODES));
    holds(error_pages::pages_malformed);
}

#[test]
fn what_is_counted_is_on_its_page() {
    holds(metrics::uncounted_or_unlisted);
}

#[test]
fn every_sentence_of_an_explanation_has_words() {
    holds(names::sentences_without_words);
}

#[test]
fn the_code_is_formatted() {
    let mut check = Command::new(env!("CARGO"));
    let output = check.args(["fmt", "--all", "--check"]).current_dir(docs::root()).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run `cargo fmt --all`:\n{said}{trouble}");
}

#[test]
fn the_doors_can_be_opened() {
    use std::os::unix::fs::PermissionsExt as _;
    for door in ["run", "test", ".ci/run"] {
        let mode = std::fs::metadata(docs::root().join(door)).unwrap().permissions().mode();
        assert!(mode & 0o100 != 0, "{door} is not executable: chmod +x {door}");
    }
}
