//! Commands: the forms that give them, those given in every state, a batch under way and one that ended.

use super::{MINUTE, NOW, Sample, add as put, frame};
use crate::keys::{Command, CommandState, Keyed};
use crate::locale::Locale;
use crate::pages::{
    AskKind, BatchPage, Bulk, CodePage, CommandForm, CommandRow, FieldAsk, LineChoice,
    ReasonChoice, TextPart,
};
use crate::sentence::Sentence;

impl BatchPage {
    /// A batch with everything that can come of a command.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/commands/bat_07"),
            id: "bat_07".to_owned(),
            command: Some(Command::Accept),
            counts: vec![
                (CommandState::Refused, 2),
                (CommandState::NeedsPerson, 1),
                (CommandState::Waiting, 31),
                (CommandState::Done, 94),
            ],
            under_way: 2,
            missing: 1,
            notice: Some(Sentence::new("notice-batch-retried")),
            rows: rows(locale, "ord_1948827702"),
            newer: None,
            older: Some("/commands/bat_07?after=done.cmd_1".to_owned()),
        }
    }
}

impl CodePage {
    /// What a code means.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/errors/DMG-0701"),
            code: "DMG-0701".to_owned(),
            title: "The order does not allow the command".to_owned(),
            parts: vec![
                TextPart::Head("What to do".to_owned()),
                TextPart::Said("The order may have gone on.".to_owned()),
                TextPart::Steps(vec!["Look at the order.".to_owned()]),
            ],
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let batch = BatchPage::sample(locale);
    put(all, "batch", batch.clone());
    let counts = vec![(CommandState::Done, 128)];
    let rows = batch.rows.iter().filter(|row| row.state == CommandState::Done).cloned().collect();
    put(all, "batch-done", BatchPage { counts, rows, under_way: 0, missing: 0, ..batch });
    put(all, "code", CodePage::sample(locale));
}

fn ask(name: &str, kind: AskKind) -> FieldAsk {
    FieldAsk { name: name.to_owned(), kind, required: true }
}

fn form(command: Command, reasons: Vec<ReasonChoice>, fields: Vec<FieldAsk>) -> CommandForm {
    let prefix = command.key().to_owned();
    CommandForm { command, prefix, channel: None, reasons, fields, count: 3 }
}

fn reasons() -> Vec<ReasonChoice> {
    let reason = |code: &str, meaning: &str, fields| ReasonChoice {
        code: code.to_owned(),
        meaning: meaning.to_owned(),
        fields,
    };
    let until = vec![ask("closed_until", AskKind::Day), ask("close_note", AskKind::Text(100))];
    vec![
        reason("1", "Stok habis", vec![ask("empty_lines", AskKind::Lines)]),
        reason("3", "Harga atau berat salah", Vec::new()),
        reason("4", "Toko sedang tutup", until),
        reason("5", "Lainnya", vec![ask("reason_text", AskKind::Text(200))]),
    ]
}

pub(super) fn forms() -> Vec<CommandForm> {
    let quantities = vec![ask("quantities", AskKind::Quantities)];
    vec![
        form(Command::Accept, Vec::new(), Vec::new()),
        form(Command::Partial, Vec::new(), quantities),
        form(Command::Reject, reasons(), Vec::new()),
        form(Command::Ship, Vec::new(), vec![ask("awb", AskKind::Text(100))]),
    ]
}

pub(super) fn choices() -> Vec<LineChoice> {
    ["Sambal Roa Manado 150 ml", "Abon Sapi Pedas 100 g"]
        .into_iter()
        .zip(1..)
        .map(|(name, n)| LineChoice { id: format!("lin_{n}"), name: name.to_owned(), quantity: n })
        .collect()
}

pub(super) fn bulk() -> Bulk {
    let mut reject = form(Command::Reject, reasons(), Vec::new());
    reject.reasons.remove(0);
    reject.prefix = "reject@tokopedia".to_owned();
    reject.channel = Some("Tokopedia".to_owned());
    Bulk {
        forms: vec![
            form(Command::Accept, Vec::new(), Vec::new()),
            form(Command::Pickup, Vec::new(), Vec::new()),
            form(Command::Label, Vec::new(), Vec::new()),
            reject,
        ],
        list: "ready_to_ship|||".to_owned(),
        kept: vec![("tab", "ready_to_ship".to_owned())],
        count: Some(128),
    }
}

pub(super) fn rows(locale: &Locale, order: &str) -> Vec<CommandRow> {
    CommandState::ALL
        .iter()
        .zip(1..)
        .map(|(state, n)| CommandRow {
            id: format!("cmd_{n}"),
            order: order.to_owned(),
            number: format!("194882770{n}"),
            command: if n % 2 == 0 { Command::Accept } else { Command::Label },
            state: *state,
            by: if n == 1 { locale.word("command-by-machine") } else { "Rina Astuti".to_owned() },
            at: NOW - n * 7 * MINUTE,
            ended_at: (n > 3).then_some(NOW - MINUTE),
            batch: "bat_07".to_owned(),
            refusal: (*state == CommandState::Refused)
                .then(|| Sentence::new("refusal-status").with("status", "400")),
            answer: "no answer within 10 s".to_owned(),
            code: match state {
                CommandState::Refused => Some("DMG-0701".to_owned()),
                CommandState::NeedsPerson => Some("DMG-0703".to_owned()),
                CommandState::Waiting
                | CommandState::Sending
                | CommandState::Unknown
                | CommandState::Done => None,
            },
            has_paper: *state == CommandState::Done,
        })
        .collect()
}
