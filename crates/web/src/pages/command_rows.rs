//! Commands that were given, as pages list them.

use dermaga_domain::term::{CommandKind, CommandState as State};
use dermaga_store::command::Command as Given;
use dermaga_ui::{Command, CommandRow, CommandState, Sentence, Value};
use serde_json::Value as Json;

use crate::App;
use crate::explain::keyed;
use crate::givers::Givers;
use crate::person::Person;

/// The rows, with the names of those who gave them.
pub(super) async fn of(
    app: &App,
    person: &Person,
    commands: &[Given],
) -> dermaga_store::Result<Vec<CommandRow>> {
    let givers = Givers::of(app, person.reads(), commands.iter().map(|it| it.asked_by)).await?;
    Ok(commands.iter().map(|given| row(given, givers.name(given.asked_by))).collect())
}

fn row(given: &Given, by: String) -> CommandRow {
    CommandRow {
        id: given.id.to_string(),
        order: given.order.to_string(),
        number: given.channel_order_id.clone(),
        command: keyed(given.kind.as_str(), Command::ALL).unwrap_or(Command::Accept),
        state: keyed(given.state.as_str(), CommandState::ALL).unwrap_or(CommandState::Unknown),
        by,
        at: given.asked_at.0,
        ended_at: given.ended_at.map(|at| at.0),
        batch: given.batch.to_string(),
        refusal: given.refusal.as_deref().and_then(refusal),
        answer: given.answer.clone().unwrap_or_default(),
        code: given.code.clone(),
        has_paper: given.kind == CommandKind::Label && given.state == State::Done,
    }
}

/// Why a rule refused a command, from how it is kept: `{"kind": …, "of": …}`.
fn refusal(kept: &str) -> Option<Sentence> {
    let kept: Json = serde_json::from_str(kept).ok()?;
    let of = kept.get("of").unwrap_or(&Json::Null);
    let sentence = Sentence::new(format!("refusal-{}", kept.get("kind")?.as_str()?));
    let field = of.as_str().or_else(|| of.get("field")?.as_str()).unwrap_or_default();
    let status = of.get("status").and_then(Json::as_str).unwrap_or_default();
    let max = of.get("max").and_then(Json::as_i64).unwrap_or_default();
    Some(
        sentence
            .with("field", Value::Word(format!("field-{field}")))
            .with("status", status)
            .with("max", max),
    )
}

#[cfg(test)]
mod tests {
    use dermaga_domain::command::Refusal;
    use dermaga_ui::{Arg, Language, Words};

    use super::*;

    #[test]
    fn every_refusal_has_its_words() {
        let all = [
            (Refusal::NotOffered, "The channel does not take this command."),
            (Refusal::ShopOff, "The shop's order sync is off, or the shop is paused."),
            (
                Refusal::Status { status: "700".to_owned() },
                "The order's status 700 does not allow it.",
            ),
            (Refusal::NoCancelRequest, "The buyer has not asked to cancel."),
            (Refusal::Reason("1, 4".to_owned()), "A reason is needed."),
            (Refusal::Missing("awb"), "“Tracking number (AWB)” is needed."),
            (
                Refusal::TooLong { field: "reason_text", max: 200 },
                "“Words to the buyer” is longer than 200 characters.",
            ),
            (Refusal::Day("closed_until"), "“Closed until” is not a date."),
            (Refusal::Line, "A line or quantity is not of this order."),
        ];
        for (why, expected) in all {
            let sentence = refusal(&serde_json::to_string(&why).unwrap()).unwrap();
            for language in Language::ALL {
                let words = Words::of(*language);
                let args: Vec<(&str, Arg<'_>)> = sentence
                    .args
                    .iter()
                    .filter_map(|(name, value)| match value {
                        Value::Word(key) if key == "field-" || key.contains(' ') => None,
                        Value::Word(key) => Some((*name, Arg::from(words.get(key, &[])))),
                        Value::Text(text) => Some((*name, Arg::from(text.as_str()))),
                        Value::Number(number) => Some((*name, Arg::Number(*number))),
                        Value::Time(_)
                        | Value::Span(_)
                        | Value::Ago(_)
                        | Value::Money(_)
                        | Value::Words(_) => None,
                    })
                    .collect();
                let text = words.get(&sentence.key, &args);
                assert!(!text.contains('⟦'), "{why:?}: {text}");
                if *language == Language::English {
                    assert_eq!(text, expected);
                }
            }
        }
    }
}
