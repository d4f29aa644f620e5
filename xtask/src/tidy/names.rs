//! Names and the comments they owe.

use super::Problem;
use super::source::{code_only, declared, words};
use super::tree::Tree;

/// Words that no name of ours contains, with the reason.
const BANNED: [(&str, &str); 5] = [
    ("marketplace", "say channel"),
    ("connector", "say channel, client or connection"),
    ("manager", "say what it does"),
    ("helper", "say what it does"),
    ("util", "say what it is about"),
];

/// Whether the file speaks a channel's own language, where the channel chooses the names.
fn is_wire(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file == "wire.rs" || path.contains("/wire/")
}

/// Declared names and file names without the banned words (wire code excepted).
#[must_use]
pub fn banned_words(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.rust().filter(|(path, _)| !is_wire(path)) {
        let file = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
        if let Some((word, instead)) = banned_in(file) {
            problems.push(Problem::new(path, format!("rename the file: not {word}, {instead}")));
        }
        for (number, line) in code_only(source).lines().enumerate() {
            for name in declared(line) {
                if let Some((word, instead)) = banned_in(name) {
                    let advice = format!("rename {name}: not {word}, {instead}");
                    problems.push(Problem::at(path, number, advice));
                }
            }
        }
    }
    problems
}

fn banned_in(name: &str) -> Option<(&'static str, &'static str)> {
    let words = words(name);
    let is_banned = |(word, _): &&(&str, &str)| {
        words.iter().any(|found| found == word || found.strip_suffix('s') == Some(word))
    };
    BANNED.iter().find(is_banned).copied()
}

/// Every constant that is a limit (`…_MAX`) says in a doc comment what it limits and why.
#[must_use]
pub fn limits_without_reason(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.rust() {
        let code = code_only(source);
        let lines: Vec<&str> = source.lines().collect();
        for (number, line) in code.lines().enumerate() {
            let Some(name) = limit_declared(line) else { continue };
            let above = lines[..number].iter().rev().find(|line| !line.trim().starts_with("#["));
            if !above.is_some_and(|line| line.trim().starts_with("///")) {
                let advice = format!("write above {name} what it limits, in which unit, and why");
                problems.push(Problem::at(path, number, advice));
            }
        }
    }
    problems
}

/// The name of the limit this line of code declares.
fn limit_declared(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("const ")?;
    let (name, _) = after.split_once(':')?;
    let declares = before.trim().is_empty() || before.trim_start().starts_with("pub");
    (declares && name.ends_with("_MAX")).then_some(name)
}

/// Sentences of the explanation that have no words in one of the languages.
#[must_use]
pub fn sentences_without_words(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.under("crates/domain/src/order/explain") {
        let keys = text.split('"').filter(|part| part.starts_with("explain-"));
        for key in keys.filter(|key| !key.contains(char::is_whitespace)) {
            for words in ["crates/ui/words/id.ftl", "crates/ui/words/en.ftl"] {
                let has = tree.text(words).is_some_and(|text| {
                    text.lines().any(|line| line.starts_with(&format!("{key} =")))
                });
                if !has {
                    problems.push(Problem::new(path, format!("says {key}: write it in {words}")));
                }
            }
        }
    }
    problems
}
