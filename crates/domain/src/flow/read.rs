//! From TOML text to rows, with the line of everything that is wrong.

use std::str::FromStr;

use toml_edit::{Array, Document, Item, Table, Value};

use crate::flow::error::Source;
use crate::flow::file::{Listed, Placed, Setting};
use crate::flow::{Documented, Effect, Ensures, FlowError, FlowFile, Note, Rule};
use crate::term::{About, Actor, ChannelKind, ChannelStatus, UnknownWord, Verb};

const HEAD_KEYS: &[&str] =
    &["channel", "cancellation", "statuses", "actors", "rule", "recommended", "setting"];
const RULE_KEYS: &[&str] = &[
    "status",
    "actor",
    "about",
    "meaning",
    "ensures",
    "tab",
    "attention",
    "realtime",
    "download",
    "verb",
    "note_id",
    "note_en",
    "source",
];
const SETTING_KEYS: &[&str] = &["label_id", "label_en", "rule"];

/// Reads a whole text. What the rows say is checked elsewhere.
pub(super) fn flow_file(source: Source<'_>) -> Result<FlowFile, FlowError> {
    let document = Document::parse(source.text).map_err(|error| {
        source.refuse(
            source.line(error.span()),
            format!("this is not TOML: {}", error.message()),
            "correct the spelling of this line",
        )
    })?;
    let head = Reader { source, table: document.as_table(), line: 1, what: "the flow" };
    head.only(HEAD_KEYS)?;
    let channel = ChannelKind::new(&head.text("channel")?);
    let cancellation = head.word("cancellation")?;
    let documented = documented(&head)?;
    let classic = head.rows("rule")?;
    let recommended = head.rows("recommended")?;
    let mut settings = Vec::new();
    if let Some(table) = head.table("setting")? {
        for (name, _) in table.table.iter() {
            let setting = table.needed_table(name)?;
            setting.only(SETTING_KEYS)?;
            let labels = (setting.text("label_id")?, setting.text("label_en")?);
            settings.push(Setting::new(name.to_owned(), labels, setting.rows("rule")?));
        }
    }
    Ok(FlowFile::assemble((channel, cancellation), documented, (classic, recommended), settings))
}

/// The lists under `[statuses]` and `[actors]`.
fn documented(head: &Reader<'_>) -> Result<Vec<Listed>, FlowError> {
    let statuses = head.needed_table("statuses")?;
    let actors = head.needed_table("actors")?;
    let abouts: Vec<&str> = About::ALL.iter().map(|about| about.as_str()).collect();
    statuses.only(&abouts)?;
    actors.only(&abouts)?;
    let mut lists = Vec::new();
    for &about in About::ALL {
        let key = about.as_str();
        if statuses.table.contains_key(key) || actors.table.contains_key(key) {
            let line = statuses.line_of(key);
            let statuses = statuses.words(key, |word| Ok(ChannelStatus::new(word)))?;
            let actors = actors.words(key, Actor::from_str)?;
            lists.push(Listed { list: Documented { about, statuses, actors }, line });
        }
    }
    Ok(lists)
}

/// One table of the text.
struct Reader<'a> {
    source: Source<'a>,
    table: &'a Table,
    line: usize,
    /// How an error calls it.
    what: &'static str,
}

impl<'a> Reader<'a> {
    fn only(&self, allowed: &[&str]) -> Result<(), FlowError> {
        let unknown = self.table.iter().map(|(key, _)| key).find(|key| !allowed.contains(key));
        unknown.map_or(Ok(()), |key| {
            let line = self.line_of(key);
            let problem = format!("{key:?} is not a column of {}", self.what);
            Err(self.source.refuse(line, problem, format!("use one of: {}", allowed.join(", "))))
        })
    }

    /// The line of a key, or of the table where the key is missing.
    fn line_of(&self, key: &str) -> usize {
        let span = self.table.key(key).and_then(toml_edit::Key::span);
        span.map_or(self.line, |span| self.source.line(Some(span)))
    }

    fn missing(&self, key: &str) -> FlowError {
        let problem = format!("{} has no {key:?}", self.what);
        self.source.refuse(self.line, problem, format!("add `{key} = ...`"))
    }

    fn mistyped(&self, key: &str, wanted: &str) -> FlowError {
        let problem = format!("{key:?} is not {wanted}");
        self.source.refuse(self.line_of(key), problem, format!("write {wanted}"))
    }

    fn unknown_word(&self, key: &str, error: &UnknownWord) -> FlowError {
        let problem = format!("{:?} is not a known {}", error.found, error.term);
        self.source.refuse(self.line_of(key), problem, format!("use one of: {}", error.allowed))
    }

    fn text_if_any(&self, key: &str) -> Result<Option<String>, FlowError> {
        let Some(item) = self.table.get(key) else { return Ok(None) };
        let text = item.as_str().filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| self.mistyped(key, "a text in quotes"))?;
        Ok(Some(text.to_owned()))
    }

    fn text(&self, key: &str) -> Result<String, FlowError> {
        self.text_if_any(key)?.ok_or_else(|| self.missing(key))
    }

    fn word_if_any<T: FromStr<Err = UnknownWord>>(
        &self,
        key: &str,
    ) -> Result<Option<T>, FlowError> {
        let text = self.text_if_any(key)?;
        text.map(|text| text.parse().map_err(|error| self.unknown_word(key, &error))).transpose()
    }

    fn word<T: FromStr<Err = UnknownWord>>(&self, key: &str) -> Result<T, FlowError> {
        self.word_if_any(key)?.ok_or_else(|| self.missing(key))
    }

    fn switch(&self, key: &str) -> Result<bool, FlowError> {
        let item = self.table.get(key).ok_or_else(|| self.missing(key))?;
        item.as_bool().ok_or_else(|| self.mistyped(key, "true or false"))
    }

    fn words<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, UnknownWord>,
    ) -> Result<Vec<T>, FlowError> {
        let item = self.table.get(key).ok_or_else(|| self.missing(key))?;
        let array: &Array =
            item.as_array().ok_or_else(|| self.mistyped(key, "a list of texts in brackets"))?;
        let one = |value: &Value| {
            let line = self.source.line(value.span());
            let text = value.as_str().ok_or_else(|| {
                self.source.refuse(line, format!("an entry of {key:?} is not a text"), "quote it")
            })?;
            parse(text).map_err(|error| FlowError { line, ..self.unknown_word(key, &error) })
        };
        array.iter().map(one).collect()
    }

    fn table(&self, key: &'static str) -> Result<Option<Reader<'a>>, FlowError> {
        if self.table.contains_key(key) { self.needed_table(key).map(Some) } else { Ok(None) }
    }

    fn needed_table(&self, key: &str) -> Result<Reader<'a>, FlowError> {
        let item = self.table.get(key).ok_or_else(|| self.missing(key))?;
        let table = item.as_table().ok_or_else(|| self.mistyped(key, "a [table]"))?;
        Ok(Reader { source: self.source, table, line: self.line_of(key), what: "this table" })
    }

    fn rows(&self, key: &str) -> Result<Vec<Placed>, FlowError> {
        let tables = match self.table.get(key) {
            None => return Ok(Vec::new()),
            Some(Item::ArrayOfTables(tables)) => tables,
            Some(_) => return Err(self.mistyped(key, "rows, each under [[...]]")),
        };
        let row = |table: &'a Table| {
            let line = self.source.line(table.span());
            Reader { source: self.source, table, line, what: "this rule" }.row()
        };
        tables.iter().map(row).collect()
    }

    fn row(&self) -> Result<Placed, FlowError> {
        self.only(RULE_KEYS)?;
        let effects: Vec<Effect> = self.words("ensures", Effect::from_str)?;
        let ensures: Ensures = effects.iter().copied().collect();
        if ensures.iter().count() < effects.len() {
            let line = self.line_of("ensures");
            return Err(self.source.refuse(line, "an effect is named twice", "name each once"));
        }
        let rule = Rule {
            status: ChannelStatus::new(&self.text("status")?),
            actor: self.word_if_any("actor")?,
            about: self.word_if_any("about")?.unwrap_or(About::Order),
            meaning: self.text("meaning")?,
            ensures,
            tab: self.word_if_any("tab")?,
            attention: self.word_if_any("attention")?,
            realtime: self.switch("realtime")?,
            download: self.switch("download")?,
            verb: Verb::None,
            note: self.note()?,
        };
        Ok(Placed { rule, line: self.line, verb: self.word_if_any("verb")? })
    }

    /// A note has all of its three parts, or is not there.
    fn note(&self) -> Result<Option<Note>, FlowError> {
        if ["note_id", "note_en", "source"].iter().all(|key| !self.table.contains_key(key)) {
            return Ok(None);
        }
        let (id, en) = (self.text("note_id")?, self.text("note_en")?);
        Ok(Some(Note { id, en, source: self.text("source")? }))
    }
}
