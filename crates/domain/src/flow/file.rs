//! A flow text as a whole: the rules of `classic`, what `recommended` replaces, the settings.

use std::fmt;
use std::str::FromStr;

use crate::flow::error::Source;
use crate::flow::{Documented, Flow, FlowError, Rule, check, read, verb};
use crate::term::{Cancellation, ChannelKind, UnknownWord, Verb};

/// Which of a channel's two tables a shop follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preset {
    /// The behaviour of the sources, cell by cell.
    #[default]
    Classic,
    /// Classic, with the few rows replaced that a seller may prefer otherwise.
    Recommended,
}

impl Preset {
    /// Both, in order.
    pub const ALL: &'static [Self] = &[Self::Classic, Self::Recommended];

    /// The fixed spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Recommended => "recommended",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|preset| preset.as_str() == text).ok_or_else(|| {
            UnknownWord {
                term: "preset",
                found: text.to_owned(),
                allowed: "classic, recommended".to_owned(),
            }
        })
    }
}

/// A setting of a shop that edits its flow: while it is on, its rows replace those of the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key in the file.
    pub name: String,
    /// What the shop's owner reads, in Indonesian.
    pub label_id: String,
    /// What the shop's owner reads, in English.
    pub label_en: String,
    /// The rows it brings; each replaces the rows of the same thing, status and actor.
    rows: Vec<Placed>,
}

/// A rule and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) rule: Rule,
    pub(super) line: usize,
    /// The verb written in the text, which outranks the usual one.
    pub(super) verb: Option<Verb>,
}

/// What the channel documents, and where the text lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) list: Documented,
    /// The line of the statuses.
    pub(super) line: usize,
}

/// A flow text, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowFile {
    channel: ChannelKind,
    cancellation: Cancellation,
    documented: Vec<Listed>,
    classic: Vec<Placed>,
    recommended: Vec<Placed>,
    settings: Vec<Setting>,
}

impl FlowFile {
    /// Reads a flow text and checks every flow that can be made from it. `file` names the text in
    /// errors.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and what to do.
    pub fn parse(file: &str, text: &str) -> Result<Self, FlowError> {
        let source = Source { file, text };
        let flow_file = read::flow_file(source)?;
        flow_file.check(source)?;
        Ok(flow_file)
    }

    /// The settings that the channel offers.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The flow of a preset, every setting off.
    #[must_use]
    pub fn flow(&self, preset: Preset) -> Flow {
        self.flow_of(&self.rows(preset))
    }

    /// The flow of a preset with these settings on.
    ///
    /// # Errors
    /// When the channel does not offer a setting of that name.
    pub fn flow_with(&self, preset: Preset, on: &[&str]) -> Result<Flow, UnknownWord> {
        let mut rows = self.rows(preset);
        for name in on {
            let setting = self.settings.iter().find(|setting| setting.name == *name);
            let setting = setting.ok_or_else(|| self.unknown_setting(name))?;
            rows = replaced(&rows, &setting.rows);
        }
        Ok(self.flow_of(&rows))
    }

    fn unknown_setting(&self, name: &str) -> UnknownWord {
        let names: Vec<&str> = self.settings.iter().map(|setting| setting.name.as_str()).collect();
        UnknownWord {
            term: "flow setting of this channel",
            found: name.to_owned(),
            allowed: names.join(", "),
        }
    }

    fn rows(&self, preset: Preset) -> Vec<Placed> {
        match preset {
            Preset::Classic => self.classic.clone(),
            Preset::Recommended => replaced(&self.classic, &self.recommended),
        }
    }

    fn flow_of(&self, rows: &[Placed]) -> Flow {
        Flow {
            channel: self.channel.clone(),
            cancellation: self.cancellation,
            documented: self.documented.iter().map(|listed| listed.list.clone()).collect(),
            rules: verbed(rows),
        }
    }

    /// Every preset, alone and with each setting, passes the checks; so does each row that replaces.
    fn check(&self, source: Source<'_>) -> Result<(), FlowError> {
        check::documented(source, &self.documented)?;
        check::replaces(source, &self.classic, &self.recommended)?;
        for preset in Preset::ALL {
            let rows = self.rows(*preset);
            check::rows(source, &self.documented, &rows)?;
            for setting in &self.settings {
                check::replaces(source, &rows, &setting.rows)?;
                check::rows(source, &self.documented, &replaced(&rows, &setting.rows))?;
            }
        }
        Ok(())
    }

    /// Puts the parts together; [`FlowFile::check`] follows.
    pub(super) fn assemble(
        (channel, cancellation): (ChannelKind, Cancellation),
        documented: Vec<Listed>,
        (classic, recommended): (Vec<Placed>, Vec<Placed>),
        settings: Vec<Setting>,
    ) -> Self {
        Self { channel, cancellation, documented, classic, recommended, settings }
    }
}

impl Setting {
    pub(super) fn new(
        name: String,
        (label_id, label_en): (String, String),
        rows: Vec<Placed>,
    ) -> Self {
        Self { name, label_id, label_en, rows }
    }

    /// The rows it brings.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rows.iter().map(|row| &row.rule)
    }
}

/// The rules of the rows, each with the verb written for it or else the usual one.
fn verbed(rows: &[Placed]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = rows.iter().map(|row| row.rule.clone()).collect();
    let usual = verb::usual(&rules);
    for ((rule, row), usual) in rules.iter_mut().zip(rows).zip(usual) {
        rule.verb = row.verb.unwrap_or(usual);
    }
    rules
}

/// The rows with those of the same key replaced, in the place where the first of them stood.
fn replaced(rows: &[Placed], by: &[Placed]) -> Vec<Placed> {
    let mut result: Vec<Placed> = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.rule.key();
        if !by.iter().any(|new| new.rule.key() == key) {
            result.push(row.clone());
        } else if !result.iter().any(|placed| placed.rule.key() == key) {
            result.extend(by.iter().filter(|new| new.rule.key() == key).cloned());
        }
    }
    result
}

impl Flow {
    /// Reads one flow, such as the version that a shop edited.
    ///
    /// # Errors
    /// As [`FlowFile::parse`].
    pub fn from_toml(file: &str, text: &str) -> Result<Self, FlowError> {
        FlowFile::parse(file, text).map(|flow_file| flow_file.flow(Preset::Classic))
    }
    /// This flow with other rules, as a person edits them. A verb that was written for a rule stays with
    /// it while the rule ensures the same; every other verb is the usual one. What was edited is checked
    /// when its text is read.
    #[must_use]
    pub fn with_rules(&self, rules: Vec<Rule>) -> Self {
        let usual = verb::usual(&self.rules);
        let written = self.rules.iter().zip(usual).filter(|(rule, usual)| rule.verb != *usual);
        let written: Vec<&Rule> = written.map(|(rule, _)| rule).collect();
        let placed = rules.into_iter().map(|rule| {
            let same = |old: &&&Rule| old.key() == rule.key() && old.ensures == rule.ensures;
            let verb = written.iter().find(same).map(|old| old.verb);
            Placed { rule, line: 0, verb }
        });
        Self { rules: verbed(&placed.collect::<Vec<_>>()), ..self.clone() }
    }

    /// This flow with a setting of its channel on, for a flow that a shop has edited. Rows that the
    /// edit removed stay removed.
    #[must_use]
    pub fn with_setting(&self, setting: &Setting) -> Self {
        let usual = verb::usual(&self.rules);
        let placed = self.rules.iter().zip(usual).map(|(rule, usual)| Placed {
            rule: rule.clone(),
            line: 0,
            verb: (rule.verb != usual).then_some(rule.verb),
        });
        let rows = replaced(&placed.collect::<Vec<_>>(), &setting.rows);
        Self { rules: verbed(&rows), ..self.clone() }
    }
}
