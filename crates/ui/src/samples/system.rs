//! The installation: as it should be, and with everything to look at.

use super::{DAY, HOUR, MINUTE, NOW, Sample, add as put, frame};
use crate::locale::Locale;
use crate::pages::{SystemName, SystemPage, SystemPart, SystemRow, SystemValue};

fn word(key: &'static str, value: SystemValue) -> SystemRow {
    SystemRow::new(SystemName::Word(key), value)
}

impl SystemPage {
    /// A hub of two nodes that is as it should be.
    pub fn sample(locale: &Locale) -> Self {
        let text = |text: &str| SystemValue::Text(text.to_owned());
        let node = |name: &str, age| {
            let row = SystemRow::new(SystemName::Own(name.to_owned()), SystemValue::Moment);
            row.at(Some(NOW - age))
        };
        let parts = [
            (
                "system-database",
                vec![
                    word("system-program", text("0.1.0")),
                    word("system-engine", text("PostgreSQL 15.14")),
                    word("system-size", SystemValue::Bytes(1_843_200_000)),
                    word("system-schema", SystemValue::Count(5)),
                ],
            ),
            (
                "system-backlog",
                vec![
                    word("system-messages", SystemValue::Count(3)).at(Some(NOW - MINUTE)),
                    word("system-dead", SystemValue::Count(0)),
                    word("system-commands", SystemValue::Count(12)).at(Some(NOW - 2 * MINUTE)),
                    word("system-marks", SystemValue::Count(41)),
                ],
            ),
            (
                "system-backup",
                vec![
                    word("system-backup-last", SystemValue::Moment).at(Some(NOW - 11 * HOUR)),
                    word("system-backup-size", SystemValue::Bytes(312_500_000)),
                    word("system-backup-rows", SystemValue::Count(4_120_332)),
                ],
            ),
            (
                "system-retention",
                vec![
                    word("system-retention-last", SystemValue::Moment).at(Some(NOW - 5 * HOUR)),
                    word("retention-buyers", SystemValue::Count(1_204)),
                ],
            ),
            (
                "system-keys",
                vec![
                    word("system-keys-count", SystemValue::Count(4)),
                    word("system-keys-newest", SystemValue::Moment).at(Some(NOW - 12 * DAY)),
                    word("system-keys-oldest", SystemValue::Moment).at(Some(NOW - 102 * DAY)),
                ],
            ),
            ("system-nodes", vec![node("toko-1 (812)", 3 * DAY), node("toko-2 (790)", 2 * DAY)]),
        ];
        let part = |(title, rows)| SystemPart { title, rows };
        Self {
            locale: locale.clone(),
            frame: frame("/system"),
            parts: parts.into_iter().map(part).collect(),
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let system = SystemPage::sample(locale);
    put(all, "system", system.clone());
    let look = vec![
        SystemPart {
            title: "system-backlog",
            rows: vec![
                word("system-messages", SystemValue::Count(9_120))
                    .at(Some(NOW - 3 * HOUR))
                    .look(Some("system-look-waiting")),
                word("system-dead", SystemValue::Count(2)).look(Some("system-look-dead")),
            ],
        },
        SystemPart {
            title: "system-backup",
            rows: vec![
                word("system-backup-last", SystemValue::Never).look(Some("system-look-backup")),
            ],
        },
        SystemPart {
            title: "system-retention",
            rows: vec![
                word("system-retention-last", SystemValue::Never)
                    .look(Some("system-look-retention")),
            ],
        },
    ];
    put(all, "system-look", SystemPage { parts: look, ..system });
}
