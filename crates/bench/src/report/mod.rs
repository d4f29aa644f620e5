//! What a benchmark says: the figures of its pairs, as a table or as JSON.
//!
//! Whole numbers throughout: a ratio is kept in thousandths, and a point is put in when it is printed.

pub(crate) mod meter;

use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Number, Value};

use crate::torture::Backend;
use meter::Cost;

/// What every benchmark is told.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Args {
    /// The database; both when none is named.
    #[arg(long, value_enum)]
    pub backend: Option<Backend>,
    /// One object per line instead of a table.
    #[arg(long)]
    pub json: bool,
    /// How long one run of ours lasts.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// Pairs of a run of ours and one of the bare limit, after one that only warms up.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub pairs: u64,
}

impl Args {
    /// The databases asked for.
    #[must_use]
    pub fn backends(&self) -> Vec<Backend> {
        self.backend.map_or_else(|| vec![Backend::Sqlite, Backend::Postgres], |named| vec![named])
    }
}

/// One run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Orders or webhooks.
    pub(crate) units: u64,
    /// How long they took.
    pub(crate) spent: Duration,
    /// How long each piece took: a batch, or a webhook.
    pub(crate) pieces: Vec<Duration>,
    /// What it cost.
    pub(crate) cost: Cost,
}

impl Run {
    pub(crate) fn per_second(&self) -> u64 {
        let micros = self.spent.as_micros().max(1);
        u64::try_from(u128::from(self.units) * 1_000_000 / micros).unwrap_or(u64::MAX)
    }
}

/// A run of ours and the bare one next to it.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) ours: Run,
    pub(crate) limit: Run,
}

impl Pair {
    /// Ours over bare, in thousandths.
    fn ratio(&self) -> u64 {
        self.ours.per_second() * 1_000 / self.limit.per_second().max(1)
    }
}

/// The line of a benchmark.
#[derive(Debug)]
pub(crate) struct Report {
    /// The name.
    pub(crate) name: String,
    /// The database.
    pub(crate) backend: Backend,
    /// The pairs.
    pub(crate) pairs: Vec<Pair>,
    /// What percentiles are taken of, when not of the pieces of our runs.
    pub(crate) latencies: Option<Vec<Duration>>,
}

/// Above this share of other work, in percent, figures are marked noisy.
const NOISY_ABOVE: u64 = 10;

impl Report {
    /// Field names and values, in the order in which they are shown.
    fn fields(&self) -> Vec<(&'static str, Shown)> {
        let of = |value: fn(&Pair) -> u64| sorted(self.pairs.iter().map(value).collect());
        let ratios = of(Pair::ratio);
        let mut pieces = self.latencies.clone().unwrap_or_else(|| {
            self.pairs.iter().flat_map(|pair| pair.ours.pieces.iter().copied()).collect()
        });
        pieces.sort_unstable();
        let other =
            median(&of(|pair| pair.ours.cost.other_percent.max(pair.limit.cost.other_percent)));
        vec![
            ("name", Shown::Word(self.name.clone())),
            ("backend", Shown::Word(word(self.backend).to_owned())),
            ("ours_per_s", Shown::Whole(median(&of(|pair| pair.ours.per_second())))),
            ("limit_per_s", Shown::Whole(median(&of(|pair| pair.limit.per_second())))),
            ("ratio", Shown::Thousandths(median(&ratios))),
            ("ratio_min", Shown::Thousandths(ratios.first().copied().unwrap_or(0))),
            ("ratio_max", Shown::Thousandths(ratios.last().copied().unwrap_or(0))),
            ("p50_ms", Shown::Thousandths(percentile(&pieces, 50))),
            ("p95_ms", Shown::Thousandths(percentile(&pieces, 95))),
            ("p99_ms", Shown::Thousandths(percentile(&pieces, 99))),
            ("n", Shown::Whole(self.pairs.iter().map(|pair| pair.ours.units).sum())),
            (
                "cpu_ms",
                Shown::Thousandths(median(&of(|pair| {
                    pair.ours.cost.cpu_us / pair.ours.units.max(1)
                }))),
            ),
            (
                "limit_cpu_ms",
                Shown::Thousandths(median(&of(|pair| {
                    pair.limit.cost.cpu_us / pair.limit.units.max(1)
                }))),
            ),
            (
                "written_bytes",
                Shown::Whole(median(&of(|pair| pair.ours.cost.written / pair.ours.units.max(1)))),
            ),
            (
                "limit_written_bytes",
                Shown::Whole(median(&of(|pair| pair.limit.cost.written / pair.limit.units.max(1)))),
            ),
            ("other_busy_percent", Shown::Whole(other)),
            ("noisy", Shown::Truth(other > NOISY_ABOVE)),
        ]
    }
}

/// A value with how it is shown.
enum Shown {
    Word(String),
    Whole(u64),
    Thousandths(u64),
    Truth(bool),
}

impl Shown {
    fn text(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Thousandths(number) => format!("{}.{:03}", number / 1_000, number % 1_000),
            Self::Truth(truth) => truth.to_string(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Word(word) => Value::from(word.as_str()),
            Self::Whole(number) => Value::from(*number),
            Self::Thousandths(_) => {
                let number = self.text().parse::<f64>().ok().and_then(Number::from_f64);
                number.map_or(Value::Null, Value::Number)
            }
            Self::Truth(truth) => Value::from(*truth),
        }
    }
}

pub(crate) const fn word(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    }
}

fn sorted(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values
}

/// The middle one of sorted values.
fn median(sorted: &[u64]) -> u64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// A percentile of sorted spans, in microseconds.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> u64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    let found = sorted.get(at).copied().unwrap_or_default();
    u64::try_from(found.as_micros()).unwrap_or(u64::MAX)
}

/// Prints a report.
///
/// # Errors
/// When a line cannot be written as JSON.
#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
pub(crate) fn print(report: &Report, json: bool) -> Result<()> {
    let fields = report.fields();
    if json {
        let object: Map<String, Value> =
            fields.iter().map(|(name, shown)| ((*name).to_owned(), shown.json())).collect();
        println!("{}", serde_json::to_string(&object)?);
        return Ok(());
    }
    for (name, shown) in fields {
        println!("{name:<20} {:>14}", shown.text());
    }
    println!();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(units: u64, millis: u64) -> Run {
        let pieces = vec![Duration::from_millis(millis); 2];
        Run { units, spent: Duration::from_millis(millis), pieces, cost: Cost::default() }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_pairs() {
        let pair = |ours, limit| Pair { ours: run(ours, 1_000), limit: run(limit, 500) };
        let report = Report {
            name: "ingest".to_owned(),
            backend: Backend::Sqlite,
            pairs: vec![pair(100, 100), pair(300, 100), pair(100, 400)],
            latencies: None,
        };
        let fields: Map<String, Value> = report
            .fields()
            .iter()
            .map(|(name, shown)| ((*name).to_owned(), shown.json()))
            .collect();
        assert_eq!(fields["ratio"], 0.5);
        assert_eq!(fields["ratio_min"], 0.125);
        assert_eq!(fields["ratio_max"], 1.5);
        assert_eq!(fields["ours_per_s"], 100);
        assert_eq!(fields["p99_ms"], 1_000.0);
        assert_eq!(fields["n"], 500);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let spans: Vec<Duration> = (1..=200).map(Duration::from_micros).collect();
        assert_eq!([50, 95, 99].map(|percent| percentile(&spans, percent)), [100, 190, 198]);
        assert_eq!(percentile(&[], 99), 0);
    }
}
