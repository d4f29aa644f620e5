//! Times and tables as a person reads and writes them on a terminal.

use anyhow::{Context as _, Result};
use dermaga_domain::time::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A moment as in `2026-11-20T02:00:00Z`.
#[must_use]
pub fn moment(at: Time) -> String {
    let seconds = Timestamp::from_second(at.as_seconds());
    seconds.map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

/// A moment, or a dash where there is none.
#[must_use]
pub fn moment_or_dash(at: Option<Time>) -> String {
    at.map_or_else(|| "-".to_owned(), moment)
}

/// A time zone by its name, as in `Asia/Jakarta`.
///
/// # Errors
/// When there is none of that name.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name)
        .ok()
        .with_context(|| format!("there is no time zone {name:?}; write one as in Asia/Jakarta"))
}

/// Reads a moment: `2026-11-20T09:00:00+07:00`, or a date, whose midnight in the zone is meant.
///
/// # Errors
/// When it is neither.
pub fn parse_moment(text: &str, zone: &TimeZone) -> Result<Time> {
    let day = || -> Option<Timestamp> {
        let date: Date = text.parse().ok()?;
        Some(date.to_zoned(zone.clone()).ok()?.timestamp())
    };
    let only_day = text.len() <= "2026-11-20".len();
    let found = if only_day { day() } else { text.parse().ok() };
    let found = found.with_context(|| {
        format!("{text:?} is no time; write 2026-11-20 or 2026-11-20T09:00:00+07:00")
    })?;
    Ok(Time(found.as_microsecond()))
}

/// Lines of cells as columns, as wide as their widest cell and two spaces apart.
#[must_use]
pub fn columns<const N: usize>(lines: &[[String; N]]) -> String {
    let width =
        |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// The head of a table.
#[must_use]
pub fn head<const N: usize>(names: [&str; N]) -> [String; N] {
    names.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_shown() {
        let jakarta = zone("Asia/Jakarta").unwrap();
        for text in ["2026-11-20T02:00:00Z", "2026-11-20T09:00:00+07:00"] {
            assert_eq!(moment(parse_moment(text, &jakarta).unwrap()), "2026-11-20T02:00:00Z");
        }
        let midnight = parse_moment("2026-11-20", &jakarta).unwrap();
        assert_eq!(moment(midnight), "2026-11-19T17:00:00Z");
        let error = parse_moment("yesterday", &jakarta).unwrap_err().to_string();
        assert!(error.starts_with("\"yesterday\" is no time; write 2026-11-20"), "{error}");
    }

    #[test]
    fn columns_are_aligned() {
        let lines = [head(["sku", "n"]), ["GAYO-250".to_owned(), "5".to_owned()]];
        assert_eq!(columns(&lines), "sku       n\nGAYO-250  5\n");
    }
}
