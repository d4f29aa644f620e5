//! A channel's flows as a page of documentation.

use dermaga_domain::flow::{Flow, FlowFile, Preset, Rule};
use dermaga_domain::term::Cancellation;

use super::render::{COLUMNS, Row};

/// The page of a channel: both presets with every rule and its note, and the settings.
#[must_use]
pub fn page(channel: &str, file: &FlowFile) -> String {
    let classic = file.flow(Preset::Classic);
    let recommended = file.flow(Preset::Recommended);
    let cancellation = match classic.cancellation {
        Cancellation::Final => "A cancelled order never comes back (`final`).",
        Cancellation::Latest => {
            "A cancelled order can come back: the newest word decides (`latest`)."
        }
    };
    let mut page = vec![
        format!("# The flow of `{channel}`"),
        format!(
            "Generated from `crates/channels/src/{channel}/flow.toml` by `cargo run -p xtask -- docs`. \
             Edit the file, not this page."
        ),
        format!(
            "A rule says what must hold once a status has been heard. `realtime` and `download` say \
             whether a fact heard that way releases what the rule ensures; tab and attention follow \
             the status either way. {cancellation}"
        ),
        "## Preset `classic`".to_owned(),
        rules(&classic.rules),
        "## Preset `recommended`".to_owned(),
    ];
    if recommended == classic {
        page.push("The same as `classic`.".to_owned());
    } else {
        page.push(differences(&classic, &recommended));
        page.push(rules(&recommended.rules));
    }
    for setting in file.settings() {
        let rows: Vec<Rule> = setting.rules().cloned().collect();
        page.push(format!("## Setting `{}`", setting.name));
        page.push(format!("- Indonesian: {}\n- English: {}", setting.label_id, setting.label_en));
        page.push(
            "While it is on, these rows replace those of the same status and actor:".to_owned(),
        );
        page.push(rules(&with_verbs(file, &setting.name, rows)));
    }
    page.join("\n\n") + "\n"
}

/// The rows of a setting as they stand in the flow with the setting on, where their verbs are known.
fn with_verbs(file: &FlowFile, setting: &str, rows: Vec<Rule>) -> Vec<Rule> {
    let Ok(flow) = file.flow_with(Preset::Classic, &[setting]) else { return rows };
    let same = |rule: &&Rule| {
        rows.iter().any(|row| {
            (row.about, &row.status, row.actor) == (rule.about, &rule.status, rule.actor)
        })
    };
    flow.rules.iter().filter(same).cloned().collect()
}

/// Which statuses the second flow treats otherwise.
fn differences(classic: &Flow, recommended: &Flow) -> String {
    let differs = recommended.rules.iter().filter(|rule| !classic.rules.contains(rule));
    let mut statuses: Vec<String> = differs.map(|rule| format!("`{}`", rule.status)).collect();
    statuses.dedup();
    format!("Differs from `classic` in {}.", statuses.join(", "))
}

/// A table of rules, then their notes.
fn rules(rules: &[Rule]) -> String {
    let mut lines = vec![line(COLUMNS), line(["---"; 10])];
    lines.extend(rules.iter().map(|rule| line(Row::from(rule).cells())));
    lines.push(String::new());
    lines.extend(rules.iter().filter_map(noted));
    lines.join("\n")
}

fn line(cells: [&str; 10]) -> String {
    format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

fn noted(rule: &Rule) -> Option<String> {
    let note = rule.note.as_ref()?;
    let actor = rule.actor.map(|actor| format!(" by the {actor}")).unwrap_or_default();
    let (status, meaning) = (&rule.status, &rule.meaning);
    Some(format!(
        "- **{status}**{actor}, {meaning}\n  - Indonesian: {}\n  - English: {}\n  - Source: {}",
        note.id, note.en, note.source
    ))
}
