//! What a flow must hold before anybody is judged by it.

use crate::flow::error::Source;
use crate::flow::file::{Listed, Placed};
use crate::flow::{Effect, Ensures, FlowError, Rule};
use crate::order::CLOSED;
use crate::term::{About, Attention};

type Checked = Result<(), FlowError>;

/// The document's life, as opposed to its end.
const LIVE: Ensures = Ensures::NOTHING
    .with(Effect::SalesOrder)
    .with(Effect::Invoice)
    .with(Effect::PartlySent)
    .with(Effect::Sent)
    .with(Effect::Paid)
    .with(Effect::Return);

/// What speaks of an invoice and is written together with it.
const NEEDS_INVOICE: Ensures = Ensures::NOTHING
    .with(Effect::PartlySent)
    .with(Effect::Sent)
    .with(Effect::Paid)
    .with(Effect::Return);

/// The lists of statuses and actors name each word once, and something at all.
pub(super) fn documented(source: Source<'_>, lists: &[Listed]) -> Checked {
    for Listed { list, line } in lists {
        let about = list.about;
        if list.statuses.is_empty() || list.actors.is_empty() {
            return Err(source.refuse(
                *line,
                format!("the list of statuses or actors about {about} is empty"),
                "list what the channel documents, or leave the list out",
            ));
        }
        let status = twice(&list.statuses).map(ToString::to_string);
        if let Some(word) = status.or_else(|| twice(&list.actors).map(ToString::to_string)) {
            return Err(source.refuse(
                *line,
                format!("{word:?} about {about} is listed twice"),
                "list each word once",
            ));
        }
    }
    Ok(())
}

fn twice<T: PartialEq>(words: &[T]) -> Option<&T> {
    words.iter().enumerate().find(|(at, word)| words[..*at].contains(word)).map(|(_, word)| word)
}

/// Every row that is to replace one finds it.
pub(super) fn replaces(source: Source<'_>, rows: &[Placed], by: &[Placed]) -> Checked {
    let stray = by.iter().find(|new| rows.iter().all(|row| row.rule.key() != new.rule.key()));
    stray.map_or(Ok(()), |new| {
        Err(source.refuse(
            new.line,
            format!("this row replaces nothing: there is no {} to replace", named(&new.rule)),
            "give it the status, actor and about of a [[rule]]",
        ))
    })
}

/// The rows of one flow.
pub(super) fn rows(source: Source<'_>, lists: &[Listed], rows: &[Placed]) -> Checked {
    for (at, row) in rows.iter().enumerate() {
        reachable(source, lists, row)?;
        says_something(source, row)?;
        effects(source, row.line, row.rule.ensures)?;
        for earlier in &rows[..at] {
            if earlier.rule.meets_with(&row.rule) {
                agree(source, earlier, row)?;
            }
        }
    }
    covered(source, lists, rows)
}

fn reachable(source: Source<'_>, lists: &[Listed], row: &Placed) -> Checked {
    let rule = &row.rule;
    let Some(list) = lists.iter().map(|listed| &listed.list).find(|list| list.about == rule.about)
    else {
        return Err(source.refuse(
            row.line,
            format!("this rule can never be met: there are no statuses about {}", rule.about),
            format!("add `{} = [...]` under [statuses] and [actors]", rule.about),
        ));
    };
    if !list.statuses.contains(&rule.status) {
        return Err(source.refuse(
            row.line,
            format!("this rule can never be met: {:?} is not listed", rule.status.as_str()),
            format!("add it to `{}` under [statuses], or take one of: {}", rule.about, {
                list.statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }),
        ));
    }
    if let Some(actor) = rule.actor.filter(|actor| !list.actors.contains(actor)) {
        return Err(source.refuse(
            row.line,
            format!("this rule can never be met: {:?} is not listed", actor.as_str()),
            format!("add it to `{}` under [actors], or take one of: {}", rule.about, {
                list.actors.iter().map(|actor| actor.as_str()).collect::<Vec<_>>().join(", ")
            }),
        ));
    }
    Ok(())
}

fn says_something(source: Source<'_>, row: &Placed) -> Checked {
    let rule = &row.rule;
    // That a return or a request is over is said by the word itself.
    let closes = matches!(rule.about, About::Return | About::CancelRequest)
        && rule.status.as_str() == CLOSED;
    if rule.ensures.is_empty() && rule.tab.is_none() && rule.attention.is_none() && !closes {
        return Err(source.refuse(
            row.line,
            format!("{} says nothing: no effect, no tab, no attention", named(rule)),
            "give it one of the three",
        ));
    }
    Ok(())
}

/// The effects that one fact has go together.
fn effects(source: Source<'_>, line: usize, ensures: Ensures) -> Checked {
    let ends = ensures.without(LIVE);
    let live = ensures.intersection(LIVE);
    if !ends.is_empty() && !live.is_empty() {
        return Err(source.refuse(
            line,
            format!("{ends} ends the document and {live} keeps it alive"),
            "keep one or the other",
        ));
    }
    if ends.has(Effect::Void) && ends.has(Effect::ManualVoid) {
        return Err(source.refuse(
            line,
            "void and manual_void exclude each other",
            "keep `void` to have it done, or `manual_void` to leave it to a person",
        ));
    }
    let needs = ensures.intersection(NEEDS_INVOICE);
    if !needs.is_empty() && !ensures.has(Effect::Invoice) {
        return Err(source.refuse(
            line,
            format!("{needs} speaks of an invoice that the rule does not ensure"),
            "add \"invoice\" to `ensures`",
        ));
    }
    Ok(())
}

/// Two rules that one fact meets.
fn agree(source: Source<'_>, earlier: &Placed, row: &Placed) -> Checked {
    let (one, two) = (&earlier.rule, &row.rule);
    let refuse = |problem: String, remedy: &str| Err(source.refuse(row.line, problem, remedy));
    if one.key() == two.key() && one.ensures == two.ensures {
        return refuse(
            format!("{} is the row of line {} again", named(two), earlier.line),
            "keep one of them",
        );
    }
    if let (Some(first), Some(second)) = (one.tab, two.tab)
        && first != second
    {
        return refuse(
            format!(
                "one fact meets this rule (tab {second}) and line {} (tab {first})",
                earlier.line
            ),
            "name the same tab in both, or in one of them only",
        );
    }
    if let (Some(first), Some(second)) = (one.attention, two.attention)
        && first != second
    {
        let (first, second) = (Attention::as_str(first), Attention::as_str(second));
        return refuse(
            format!("one fact raises {second} here and {first} in line {}", earlier.line),
            "name the same attention in both, or in one of them only",
        );
    }
    effects(source, row.line, one.ensures.union(two.ensures))
}

/// Every status is covered for everybody who can bring it about.
fn covered(source: Source<'_>, lists: &[Listed], rows: &[Placed]) -> Checked {
    for Listed { list, line } in lists {
        for status in &list.statuses {
            for &actor in &list.actors {
                let met = rows.iter().map(|row| &row.rule).any(|rule| {
                    rule.about == list.about
                        && rule.status == *status
                        && rule.actor.is_none_or(|own| own == actor)
                });
                if !met {
                    return Err(source.refuse(
                        *line,
                        format!("no rule covers {:?} about {} by the {actor}", status.as_str(), list.about),
                        format!("add a [[rule]] with status = \"{status}\", without an actor or with this one"),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// How an error names a rule.
fn named(rule: &Rule) -> String {
    let actor = rule.actor.map(|actor| format!(" by the {actor}")).unwrap_or_default();
    format!("{:?} about {}{actor}", rule.status.as_str(), rule.about)
}
