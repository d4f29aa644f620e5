//! A flow as rows of text: on the terminal, as CSV, as JSON.

use std::fmt::Write as _;
use std::io;
use std::str::FromStr;

use dermaga_domain::flow::{Flow, Rule};
use dermaga_domain::term::{Actor, Attention, Tab, UnknownWord};
use serde::Serialize;

/// The columns, in order.
pub const COLUMNS: [&str; 10] = [
    "status",
    "actor",
    "about",
    "meaning",
    "ensures",
    "verb",
    "tab",
    "attention",
    "realtime",
    "download",
];

/// One rule as text. Its fields are [`COLUMNS`], in that order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The channel's status.
    pub status: String,
    /// Who brought it about; none = anybody.
    pub actor: Option<&'static str>,
    /// What the status speaks of.
    pub about: &'static str,
    /// The channel's meaning.
    pub meaning: String,
    /// The effects, comma-separated.
    pub ensures: String,
    /// The transition on the usual path.
    pub verb: &'static str,
    /// Where the order shows; none = where it was.
    pub tab: Option<&'static str>,
    /// Why a person must look.
    pub attention: Option<&'static str>,
    /// Whether real time releases the effects.
    pub realtime: bool,
    /// Whether a download releases the effects.
    pub download: bool,
}

impl From<&Rule> for Row {
    fn from(rule: &Rule) -> Self {
        Self {
            status: rule.status.to_string(),
            actor: rule.actor.map(Actor::as_str),
            about: rule.about.as_str(),
            meaning: rule.meaning.clone(),
            ensures: rule.ensures.to_string(),
            verb: rule.verb.as_str(),
            tab: rule.tab.map(Tab::as_str),
            attention: rule.attention.map(Attention::as_str),
            realtime: rule.realtime,
            download: rule.download,
        }
    }
}

impl Row {
    /// The cells as text, in the order of [`COLUMNS`]; an empty cell has none.
    #[must_use]
    pub fn cells(&self) -> [&str; 10] {
        let text = |value: Option<&'static str>| value.unwrap_or_default();
        let switch = |value: bool| if value { "true" } else { "false" };
        [
            &self.status,
            text(self.actor),
            self.about,
            &self.meaning,
            &self.ensures,
            self.verb,
            text(self.tab),
            text(self.attention),
            switch(self.realtime),
            switch(self.download),
        ]
    }
}

/// A way to write a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, for a person.
    Table,
    /// CSV with a header.
    Csv,
    /// An array of objects; an empty cell is `null`.
    Json,
}

impl FromStr for Format {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "table" => Ok(Self::Table),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err(UnknownWord {
                term: "format",
                found: text.to_owned(),
                allowed: "table, csv, json".to_owned(),
            }),
        }
    }
}

/// The rules of a flow as rows, one each, in the order of the flow.
#[must_use]
pub fn table(flow: &Flow) -> Vec<Row> {
    flow.rules.iter().map(Row::from).collect()
}

/// A flow as text that ends with a line break.
///
/// # Errors
/// Only when a writer into memory fails.
pub fn render(flow: &Flow, format: Format) -> io::Result<String> {
    let rows = table(flow);
    match format {
        Format::Table => Ok(aligned(&rows)),
        Format::Csv => csv_text(&rows),
        Format::Json => Ok(serde_json::to_string_pretty(&rows)? + "\n"),
    }
}

fn csv_text(rows: &[Row]) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in rows {
        writer.write_record(row.cells())?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Columns as wide as their widest cell, two spaces apart.
fn aligned(rows: &[Row]) -> String {
    let lines: Vec<[&str; 10]> =
        std::iter::once(COLUMNS).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let widths: [usize; 10] = std::array::from_fn(width);
    let mut text = String::new();
    for line in lines {
        let mut padded = String::new();
        for (cell, width) in line.iter().zip(widths) {
            // Writing into a string cannot fail.
            _ = write!(padded, "{cell:width$}  ");
        }
        text.push_str(padded.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows;
    use dermaga_domain::flow::Preset;

    fn flow(channel: &str) -> Flow {
        flows::flow_file(channel).unwrap().unwrap().flow(Preset::Classic)
    }

    #[test]
    fn csv_has_one_line_per_rule_under_the_columns() {
        let flow = flow("tokopedia");
        let text = render(&flow, Format::Csv).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "status,actor,about,meaning,ensures,verb,tab,attention,realtime,download"
        );
        assert_eq!(lines.len(), flow.rules.len() + 1);
        assert_eq!(
            lines[16],
            "700,,order,Order finished,\"invoice,sent,paid\",add_payment,completed,,true,true"
        );
        assert_eq!(lines[1], "100,,order,Order created,,none,unpaid,,false,false");
    }

    #[test]
    fn json_has_the_same_cells_as_csv() {
        for (channel, _) in flows::FLOW_FILES {
            let flow = flow(channel);
            let json = render(&flow, Format::Json).unwrap();
            let json: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
            let csv = render(&flow, Format::Csv).unwrap();
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let mut compared = 0;
            for (object, record) in json.iter().zip(reader.records()) {
                let record = record.unwrap();
                for (column, cell) in COLUMNS.iter().zip(record.iter()) {
                    let value = &object[column];
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    assert_eq!(value.replace("null", ""), cell);
                    compared += 1;
                }
            }
            assert_eq!(compared, flow.rules.len() * COLUMNS.len());
        }
    }

    #[test]
    fn the_table_is_aligned() {
        let text = render(&flow("pos"), Format::Table).unwrap();
        assert_eq!(
            text,
            "\
status    actor  about   meaning                  ensures            verb          tab         attention    realtime  download
sold             order   Sold at the counter      invoice,sent,paid  add_payment   completed                true      true
voided           order   Voided at the counter    void               void_invoice  cancelled                true      true
returned         return  Returned at the counter  invoice,return     flag_return   complained  return_edit  true      true
"
        );
    }
}
