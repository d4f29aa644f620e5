//! Flows: what is read, what is refused and in which words, and what a fact releases.

use super::*;
use crate::term::{
    About, Actor, Attention, Cancellation, ChannelKind, ChannelStatus, Mode, Tab, Verb,
};

/// A small channel with everything that a text can have. Its lines are counted by the tests.
const SAMPLE: &str = r#"channel = "quay"
cancellation = "final"
[statuses]
order = ["new", "paid", "gone", "done", "stopped"]
[actors]
order = ["buyer", "seller", "system"]
[[rule]]
status = "new"
meaning = "New"
ensures = []
tab = "unpaid"
realtime = true
download = true
[[rule]]
status = "paid"
meaning = "Paid"
ensures = ["invoice"]
tab = "new_order"
realtime = true
download = true
[[rule]]
status = "gone"
meaning = "Gone"
ensures = ["invoice", "sent"]
realtime = true
download = true
note_id = "Sudah diambil."
note_en = "Taken."
source = "the quay master"
[[rule]]
status = "done"
meaning = "Done"
ensures = ["invoice", "sent"]
tab = "completed"
realtime = true
download = true
[[rule]]
status = "done"
meaning = "Done and paid"
ensures = ["invoice", "paid"]
tab = "completed"
realtime = false
download = true
[[rule]]
status = "stopped"
actor = "buyer"
meaning = "Stopped by the buyer"
ensures = ["manual_void"]
tab = "cancelled"
attention = "manual_void"
realtime = true
download = true
[[rule]]
status = "stopped"
actor = "seller"
meaning = "Stopped by the seller"
ensures = ["void"]
tab = "cancelled"
realtime = true
download = true
[[rule]]
status = "stopped"
actor = "system"
meaning = "Stopped by the quay"
ensures = ["void"]
tab = "cancelled"
realtime = true
download = true
[[recommended]]
status = "stopped"
actor = "buyer"
meaning = "Stopped by the buyer"
ensures = ["void"]
tab = "cancelled"
realtime = true
download = true
[setting.early]
label_id = "Catat lebih awal"
label_en = "Record early"
[[setting.early.rule]]
status = "new"
meaning = "New"
ensures = ["sales_order"]
tab = "unpaid"
realtime = true
download = true
"#;

fn sample() -> FlowFile {
    FlowFile::parse("quay.toml", SAMPLE).unwrap()
}

fn effects(list: &[Effect]) -> Ensures {
    list.iter().copied().collect()
}

fn heard(flow: &Flow, status: &str, actor: Option<Actor>, mode: Mode) -> Ensured {
    flow.ensured(About::Order, &ChannelStatus::new(status), actor, mode).unwrap()
}

#[test]
fn the_mode_gates_effects_and_nothing_else() {
    let flow = sample().flow(Preset::Classic);
    let by_itself = heard(&flow, "done", None, Mode::Realtime);
    assert_eq!(by_itself.ensures, effects(&[Effect::Invoice, Effect::Sent]));
    assert_eq!((by_itself.rules, by_itself.tab), (vec![3, 4], Some(Tab::Completed)));
    let asked = heard(&flow, "done", None, Mode::Download);
    assert_eq!(asked.ensures, effects(&[Effect::Invoice, Effect::Sent, Effect::Paid]));
    assert_eq!(heard(&flow, "gone", None, Mode::Realtime).tab, None);
}

#[test]
fn a_status_that_is_not_in_the_flow_is_unknown() {
    let flow = sample().flow(Preset::Classic);
    assert_eq!(flow.ensured(About::Order, &ChannelStatus::new("?"), None, Mode::Realtime), None);
    assert_eq!(flow.ensured(About::Return, &ChannelStatus::new("new"), None, Mode::Realtime), None);
}

#[test]
fn an_unknown_actor_gets_the_weakest_row() {
    let flow = sample().flow(Preset::Classic);
    let nobody = heard(&flow, "stopped", None, Mode::Realtime);
    assert_eq!(nobody.ensures, effects(&[Effect::ManualVoid]));
    assert_eq!(nobody.rules, vec![5, 6, 7]);
    assert_eq!((nobody.tab, nobody.attention), (Some(Tab::Cancelled), Some(Attention::ManualVoid)));
    let seller = heard(&flow, "stopped", Some(Actor::Seller), Mode::Realtime);
    assert_eq!((seller.ensures, seller.rules), (effects(&[Effect::Void]), vec![6]));
    assert_eq!(seller.attention, None);
    let recommended = sample().flow(Preset::Recommended);
    let nobody = heard(&recommended, "stopped", None, Mode::Realtime);
    assert_eq!((nobody.ensures, nobody.attention), (effects(&[Effect::Void]), None));
}

#[test]
fn an_actor_with_no_row_is_an_unknown_actor() {
    let mut flow = sample().flow(Preset::Classic);
    flow.rules.remove(7);
    let system = heard(&flow, "stopped", Some(Actor::System), Mode::Realtime);
    assert_eq!(system, heard(&flow, "stopped", None, Mode::Realtime));
    assert_eq!(system.ensures, effects(&[Effect::ManualVoid]));
}

/// Every flow of one status whose rows, of any and of each actor, are one of these or missing.
fn flows_of_one_status() -> impl Iterator<Item = Flow> {
    let sets: [&[Effect]; 7] = [
        &[],
        &[Effect::SalesOrder],
        &[Effect::Invoice],
        &[Effect::Invoice, Effect::PartlySent],
        &[Effect::Invoice, Effect::Sent, Effect::Return],
        &[Effect::ManualVoid],
        &[Effect::Void],
    ];
    let mut options: Vec<Option<(Ensures, bool)>> = vec![None];
    for set in sets {
        options.extend([Some((effects(set), true)), Some((effects(set), false))]);
    }
    let count = options.len();
    let template = sample().flow(Preset::Classic);
    (0..count.pow(4)).map(move |number| {
        let actors = [None, Some(Actor::Buyer), Some(Actor::Seller), Some(Actor::System)];
        let rules = actors.iter().enumerate().filter_map(|(place, actor)| {
            let choice = number / count.pow(u32::try_from(place).unwrap()) % count;
            let (ensures, realtime) = options[choice]?;
            Some(Rule { actor: *actor, ensures, realtime, ..template.rules[0].clone() })
        });
        Flow { rules: rules.collect(), ..template.clone() }
    })
}

#[test]
fn learning_the_actor_only_adds() {
    let status = ChannelStatus::new("new");
    let mut compared = 0_u32;
    for flow in flows_of_one_status() {
        for mode in Mode::ALL {
            let Some(unknown) = flow.ensured(About::Order, &status, None, *mode) else { continue };
            for actor in Actor::ALL {
                let known = flow.ensured(About::Order, &status, Some(*actor), *mode).unwrap();
                let lost = unknown.ensures.closure().without(known.ensures.closure());
                assert!(lost.is_empty(), "{actor} loses {lost}: {:?}", flow.rules);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, (15_u32.pow(4) - 1) * 2 * 3);
}

#[test]
fn a_meet_is_the_most_that_both_ensure() {
    let invoice = effects(&[Effect::Invoice]);
    let sales_order = effects(&[Effect::SalesOrder]);
    assert_eq!(invoice.meet(sales_order), sales_order);
    assert_eq!(invoice.meet(invoice), invoice);
    assert_eq!(invoice.meet(effects(&[Effect::Void])), Ensures::NOTHING);
    let sent = effects(&[Effect::Invoice, Effect::Sent]);
    let partly = effects(&[Effect::Invoice, Effect::PartlySent, Effect::Paid]);
    assert_eq!(sent.meet(partly), effects(&[Effect::Invoice, Effect::PartlySent]));
}

#[test]
fn a_setting_replaces_its_rows_and_the_verbs_follow() {
    let file = sample();
    let verbs = |flow: &Flow| flow.rules.iter().map(|rule| rule.verb).collect::<Vec<_>>();
    let usual = [
        Verb::None,
        Verb::CreateInvoice,
        Verb::CreateOutboundLogistic,
        Verb::CreateOutboundLogistic,
        Verb::AddPayment,
        Verb::FlagAttention,
        Verb::VoidInvoice,
        Verb::VoidInvoice,
    ];
    assert_eq!(verbs(&file.flow(Preset::Classic)), usual);
    let early = file.flow_with(Preset::Classic, &["early"]).unwrap();
    assert_eq!(verbs(&early)[..2], [Verb::CreateOrder, Verb::ConvertOrderToInvoice]);
    assert_eq!(early.rules.len(), 8);
    assert_eq!(file.settings()[0].label_en, "Record early");
    let unknown = file.flow_with(Preset::Classic, &["late"]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "\"late\" is not a flow setting of this channel; use one of: early"
    );
}

#[test]
fn an_edited_flow_takes_a_setting_as_the_channels_own_does() {
    let file = sample();
    let setting = &file.settings()[0];
    let mut edited = Flow::from_toml("shop", &file.flow(Preset::Recommended).to_toml()).unwrap();
    assert_eq!(
        edited.with_setting(setting),
        file.flow_with(Preset::Recommended, &["early"]).unwrap()
    );
    edited.rules[2].verb = Verb::FlagAttention;
    assert_eq!(edited.with_setting(setting).rules[2].verb, Verb::FlagAttention);
    edited.rules.remove(0);
    assert_eq!(edited.with_setting(setting), edited);
}

#[test]
fn a_text_that_lacks_a_line_is_read_or_refused_where_the_text_is() {
    let lines: Vec<&str> = SAMPLE.lines().collect();
    let mut refused = 0;
    for missing in 0..lines.len() {
        let mut left = lines.clone();
        left.remove(missing);
        if let Err(error) = FlowFile::parse("quay.toml", &left.join("\n")) {
            assert!((1..=left.len()).contains(&error.line), "{error}");
            refused += 1;
        }
    }
    assert!(refused > lines.len() / 2, "only {refused} of {} lines are missed", lines.len());
}

#[test]
fn a_flow_survives_its_own_text() {
    for preset in Preset::ALL {
        let mut flow = sample().flow_with(*preset, &["early"]).unwrap();
        flow.rules[2].verb = Verb::None;
        flow.rules[2].meaning = "With \"quotes\", a \\ and\na line".to_owned();
        assert_eq!(Flow::from_toml("shop", &flow.to_toml()).unwrap(), flow);
    }
    let flow = sample().flow(Preset::Classic);
    assert_eq!(flow.channel, ChannelKind::new("quay"));
    assert_eq!(flow.cancellation, Cancellation::Final);
    assert!(!flow.to_toml().contains("verb"));
}

/// The sample with one text replaced by another, and how it is refused.
#[track_caller]
fn refused(old: &str, new: &str, expected: &str) {
    assert!(SAMPLE.contains(old), "the sample has no {old:?}");
    let error = FlowFile::parse("quay.toml", &SAMPLE.replacen(old, new, 1)).unwrap_err();
    assert_eq!(error.to_string(), format!("quay.toml:{expected}"));
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    let text = SAMPLE.replacen("ensures = []", "ensures = [", 1);
    let error = FlowFile::parse("quay.toml", &text).unwrap_err();
    assert_eq!(error.line, 11);
    assert!(error.to_string().starts_with("quay.toml:11: this is not TOML: "), "{error}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    refused(
        "status = \"paid\"",
        "state = \"paid\"",
        "15: \"state\" is not a column of this rule; use one of: status, actor, about, meaning, ensures, tab, attention, realtime, download, verb, note_id, note_en, source",
    );
    refused("meaning = \"Paid\"\n", "", "14: this rule has no \"meaning\"; add `meaning = ...`");
    refused(
        "meaning = \"Paid\"",
        "meaning = 5",
        "16: \"meaning\" is not a text in quotes; write a text in quotes",
    );
    refused(
        "realtime = true",
        "realtime = \"yes\"",
        "12: \"realtime\" is not true or false; write true or false",
    );
    refused(
        "[\"invoice\"]",
        "[\"invoyce\"]",
        "17: \"invoyce\" is not a known effect; use one of: sales_order, invoice, partly_sent, sent, paid, void, manual_void, return",
    );
    refused(
        "[\"invoice\"]",
        "[\"invoice\", \"invoice\"]",
        "17: an effect is named twice; name each once",
    );
    refused(
        "\"new_order\"",
        "\"new\"",
        "18: \"new\" is not a known tab; use one of: unpaid, new_order, ready_to_ship, in_delivery, completed, cancelled, complained, failed_delivery",
    );
    refused("note_en = \"Taken.\"\n", "", "21: this rule has no \"note_en\"; add `note_en = ...`");
    refused(
        "\"final\"",
        "\"never\"",
        "2: \"never\" is not a known cancellation; use one of: final, latest",
    );
    refused(
        "channel = ",
        "chanel = ",
        "1: \"chanel\" is not a column of the flow; use one of: channel, cancellation, statuses, actors, rule, recommended, setting",
    );
    refused(
        "[actors]\norder = [\"buyer\"",
        "[actors]\norder = [\"byer\"",
        "6: \"byer\" is not a known actor; use one of: buyer, seller, system",
    );
    refused(
        "[actors]\norder",
        "[actors]\nordre",
        "6: \"ordre\" is not a column of this table; use one of: order, package, return, cancel_request",
    );
    refused(
        "label_id = \"Catat lebih awal\"\n",
        "",
        "77: this table has no \"label_id\"; add `label_id = ...`",
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_its_line() {
    refused(
        "status = \"paid\"",
        "status = \"payd\"",
        "14: this rule can never be met: \"payd\" is not listed; add it to `order` under [statuses], or take one of: new, paid, gone, done, stopped",
    );
    refused(
        "\"seller\", \"system\"]",
        "\"seller\"]",
        "61: this rule can never be met: \"system\" is not listed; add it to `order` under [actors], or take one of: buyer, seller",
    );
    refused(
        "status = \"paid\"",
        "status = \"paid\"\nabout = \"package\"",
        "14: this rule can never be met: there are no statuses about package; add `package = [...]` under [statuses] and [actors]",
    );
    refused(
        "[\"new\", ",
        "[\"new\", \"old\", ",
        "4: no rule covers \"old\" about order by the buyer; add a [[rule]] with status = \"old\", without an actor or with this one",
    );
    refused(
        "actor = \"system\"\nmeaning",
        "actor = \"seller\"\nmeaning",
        "61: \"stopped\" about order by the seller is the row of line 53 again; keep one of them",
    );
    refused(
        "[\"new\", ",
        "[\"new\", \"new\", ",
        "4: \"new\" about order is listed twice; list each word once",
    );
    refused(
        "tab = \"unpaid\"\n",
        "",
        "7: \"new\" about order says nothing: no effect, no tab, no attention; give it one of the three",
    );
    refused(
        "[\"invoice\"]",
        "[\"invoice\", \"void\"]",
        "14: void ends the document and invoice keeps it alive; keep one or the other",
    );
    refused(
        "[\"manual_void\"]",
        "[\"manual_void\", \"void\"]",
        "44: void and manual_void exclude each other; keep `void` to have it done, or `manual_void` to leave it to a person",
    );
    refused(
        "[\"invoice\", \"sent\"]",
        "[\"sent\"]",
        "21: sent speaks of an invoice that the rule does not ensure; add \"invoice\" to `ensures`",
    );
    refused(
        "completed\"\nrealtime = false",
        "in_delivery\"\nrealtime = false",
        "37: one fact meets this rule (tab in_delivery) and line 30 (tab completed); name the same tab in both, or in one of them only",
    );
    refused(
        "[\"invoice\", \"paid\"]",
        "[\"void\"]",
        "37: void ends the document and invoice,sent keeps it alive; keep one or the other",
    );
    refused(
        "[[recommended]]\nstatus = \"stopped\"",
        "[[recommended]]\nstatus = \"gone\"",
        "69: this row replaces nothing: there is no \"gone\" about order by the buyer to replace; give it the status, actor and about of a [[rule]]",
    );
    refused(
        "[\"sales_order\"]",
        "[\"sales_order\", \"void\"]",
        "80: void ends the document and sales_order keeps it alive; keep one or the other",
    );
}
