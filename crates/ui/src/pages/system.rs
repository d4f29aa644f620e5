//! The installation itself: what an operator looks at.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::locale::{Locale, Micros};

/// How the installation stands, `GET /system`.
#[derive(Debug, Clone, Template)]
#[template(path = "system.html")]
pub struct SystemPage {
    /// Language, zone, moment.
    pub locale: Locale,
    /// Navigation and top bar.
    pub frame: Frame,
    /// Parts, in their order.
    pub parts: Vec<SystemPart>,
}

/// A part of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemPart {
    /// The key of its name, such as `system-database`.
    pub title: &'static str,
    /// What is known of it.
    pub rows: Vec<SystemRow>,
}

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemRow {
    /// What it is called.
    pub name: SystemName,
    /// What is known.
    pub value: SystemValue,
    /// Since when, or when.
    pub at: Option<Micros>,
    /// Whether somebody should look, and the key of the sentence that says why.
    pub look: Option<&'static str>,
}

/// What a thing is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemName {
    /// By a word.
    Word(&'static str),
    /// By a name of its own, such as a machine's.
    Own(String),
}

/// What is known of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemValue {
    /// A text as it is.
    Text(String),
    /// So many.
    Count(i64),
    /// So many bytes.
    Bytes(i64),
    /// A moment, which stands beside it.
    Moment,
    /// It never happened.
    Never,
}

impl SystemRow {
    /// A row that needs no look.
    #[must_use]
    pub fn new(name: SystemName, value: SystemValue) -> Self {
        Self { name, value, at: None, look: None }
    }

    /// With a moment.
    #[must_use]
    pub fn at(self, at: Option<Micros>) -> Self {
        Self { at, ..self }
    }

    /// With a reason to look, where there is one.
    #[must_use]
    pub fn look(self, look: Option<&'static str>) -> Self {
        Self { look, ..self }
    }
}

impl SystemPage {
    pub(crate) fn place(&self) -> Place {
        Place::System
    }

    /// What a row is called.
    pub(crate) fn name(&self, row: &SystemRow) -> String {
        match &row.name {
            SystemName::Word(key) => self.locale.word(key),
            SystemName::Own(name) => name.clone(),
        }
    }

    /// What is known, in words.
    pub(crate) fn value(&self, row: &SystemRow) -> String {
        match &row.value {
            SystemValue::Text(text) => text.clone(),
            SystemValue::Count(count) => self.locale.number(*count),
            SystemValue::Bytes(bytes) => self.bytes(*bytes),
            SystemValue::Moment => String::new(),
            SystemValue::Never => self.locale.word("system-never"),
        }
    }

    /// A size in the largest unit of which there is at least one, cut off.
    fn bytes(&self, bytes: i64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"];
        let (mut left, mut unit) = (bytes, 0);
        while left >= 10_240 && unit + 1 < units.len() {
            left /= 1_024;
            unit += 1;
        }
        format!("{} {}", self.locale.number(left), units.get(unit).copied().unwrap_or_default())
    }
}
