//! The forms that give commands, made from what channels offer, and what is posted by them.

use std::collections::{BTreeMap, HashMap};

use dermaga_domain::access::Permission;
use dermaga_domain::command::{CommandLine, Field, FieldKind, Offer, Reason, Words};
use dermaga_domain::id::OrderId;
use dermaga_domain::term::CommandKind;
use dermaga_engine::Offered;
use dermaga_ui::{
    AskKind, Bulk, Command, CommandForm, FieldAsk, Keyed as _, Language, ReasonChoice,
};

use crate::App;
use crate::explain::keyed;
use crate::person::Person;

/// What may be given for several orders at once.
const TOGETHER: [CommandKind; 4] =
    [CommandKind::Accept, CommandKind::Pickup, CommandKind::Label, CommandKind::Reject];

/// The forms of what an order allows now, and the person may do.
pub(super) fn of(offered: &[Offered], person: &Person) -> Vec<CommandForm> {
    let allowed = offered.iter().filter(|offered| {
        offered.refusal.is_none() && person.may(Permission::to_give(offered.offer.kind))
    });
    let language = person.locale.language;
    allowed.filter_map(|offered| form(offered.offer, &offered.reasons, language)).collect()
}

fn form(offer: &Offer, reasons: &[&Reason], language: Language) -> Option<CommandForm> {
    let reasons = reasons.iter().map(|reason| ReasonChoice {
        code: reason.code.to_owned(),
        meaning: match language {
            Language::Indonesian => reason.indonesian,
            Language::English => reason.english,
        }
        .to_owned(),
        fields: reason.fields.iter().map(ask).collect(),
    });
    Some(CommandForm {
        command: keyed(offer.kind.as_str(), Command::ALL)?,
        prefix: offer.kind.as_str().to_owned(),
        channel: None,
        reasons: reasons.collect(),
        fields: offer.fields.iter().map(ask).collect(),
        count: 1,
    })
}

fn ask(field: &Field) -> FieldAsk {
    FieldAsk {
        name: field.name.to_owned(),
        kind: match field.kind {
            FieldKind::Text(max) => AskKind::Text(max),
            FieldKind::Day => AskKind::Day,
            FieldKind::Lines => AskKind::Lines,
            FieldKind::Quantities => AskKind::Quantities,
        },
        required: field.required,
    }
}

/// What each order of a list allows, and the forms for several of them.
pub(super) async fn bulk(
    app: &App,
    person: &Person,
    orders: &[OrderId],
) -> dermaga_store::Result<(HashMap<OrderId, Vec<Command>>, Vec<CommandForm>)> {
    let subjects = app.store().subjects(&person.scope, orders).await?;
    let mut can: HashMap<OrderId, Vec<Command>> = HashMap::new();
    let mut found: BTreeMap<(usize, String), (&'static Offer, i64)> = BTreeMap::new();
    for subject in &subjects {
        let Some(channel) = app.engine().registry().find(&subject.channel) else { continue };
        for (place, kind) in TOGETHER.into_iter().enumerate() {
            if !person.may(Permission::to_give(kind)) {
                continue;
            }
            let offer = channel.capabilities().offer(kind);
            let Some(offer) = offer.filter(|offer| offer.allows(&subject.seen).is_ok()) else {
                continue;
            };
            can.entry(subject.order).or_default().extend(keyed(kind.as_str(), Command::ALL));
            let bare = offer.reasons.is_empty() && offer.fields.is_empty();
            let of = if bare { String::new() } else { subject.channel.clone() };
            found.entry((place, of)).or_insert((offer, 0)).1 += 1;
        }
    }
    let forms = found.into_iter().filter_map(|((_, channel), (offer, count))| {
        // Reasons that name lines are given order by order.
        let lines = |field: &Field| matches!(field.kind, FieldKind::Lines | FieldKind::Quantities);
        let reasons = offer.reasons.iter().filter(|reason| !reason.fields.iter().any(lines));
        let mut form = form(offer, &reasons.collect::<Vec<_>>(), person.locale.language)?;
        form.count = count;
        if !channel.is_empty() {
            form.prefix = format!("{}@{channel}", form.command.key());
            form.channel = Some(app.channel_link(&channel).name);
        }
        Some(form)
    });
    Ok((can, forms.collect()))
}

/// The bar for several orders; none when no order of the page allows anything.
pub(super) fn bar(
    forms: Vec<CommandForm>,
    kept: Vec<(&'static str, String)>,
    count: Option<i64>,
) -> Option<Bulk> {
    if forms.is_empty() {
        return None;
    }
    let list = kept.iter().filter(|(name, _)| *name != "until");
    let list = list.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("|");
    Some(Bulk { forms, list, kept, count })
}

/// What a posted form says under a prefix.
pub(super) fn said(prefix: &str, pairs: &[(String, String)]) -> Words {
    let reason_name = format!("r|{prefix}");
    let reason = pairs.iter().find(|(name, _)| *name == reason_name);
    let reason = reason.map(|(_, code)| code.clone());
    let code = reason.clone().unwrap_or_default();
    let mut words = Words { reason, ..Words::default() };
    let line = |key: &str, quantity| CommandLine {
        key: key.to_owned(),
        channel_product_id: String::new(),
        quantity,
    };
    // What belongs to no reason, or to the one that was chosen.
    let meant = |of: &str, reason: &str| of == prefix && (reason.is_empty() || reason == code);
    for (name, value) in pairs {
        let parts: Vec<&str> = name.split('|').collect();
        match parts.as_slice() {
            ["f", of, reason, field] if meant(of, reason) && !value.trim().is_empty() => {
                words.fields.insert((*field).to_owned(), value.clone());
            }
            ["l", of, reason] if meant(of, reason) => words.lines.push(line(value, 1)),
            // What is no number is no quantity of any order, and refused as such.
            ["q", of, reason, id] if meant(of, reason) => {
                words.lines.push(line(id, value.trim().parse().unwrap_or(-1)));
            }
            _ => {}
        }
    }
    words
}

/// Whether something is missing that every order would be refused for.
pub(super) fn too_little(offer: &Offer, words: &Words) -> bool {
    let chosen = offer.reasons.iter().find(|reason| Some(reason.code) == words.reason.as_deref());
    let fields = offer.fields.iter().chain(chosen.map_or(&[] as &[Field], |it| it.fields));
    let missing = fields
        .filter(|field| field.required && matches!(field.kind, FieldKind::Text(_) | FieldKind::Day))
        .any(|field| !words.fields.contains_key(field.name));
    missing || (chosen.is_none() && !offer.reasons.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_belongs_to_the_chosen_reason_is_said() {
        let pairs = [
            ("command", "reject"),
            ("r|reject", "4"),
            ("f|reject|4|closed_until", "2026-11-30"),
            ("f|reject|5|reason_text", "left over"),
            ("f|reject||awb", "A1"),
            ("l|reject|1", "lin_1"),
            ("q|reject||lin_2", "3"),
            ("q|reject||lin_3", "x"),
            ("f|cancel|4|closed_until", "2027-01-01"),
        ];
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let words = said("reject", &pairs);
        assert_eq!(words.reason.as_deref(), Some("4"));
        let fields: Vec<(&str, &str)> =
            words.fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(fields, [("awb", "A1"), ("closed_until", "2026-11-30")]);
        let lines: Vec<(&str, i64)> =
            words.lines.iter().map(|line| (line.key.as_str(), line.quantity)).collect();
        assert_eq!(lines, [("lin_2", 3), ("lin_3", -1)]);
    }
}
