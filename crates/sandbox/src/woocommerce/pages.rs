//! Lists: pages, windows of time, and which statuses.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

use super::errors::{self, Error};
use super::routes::{Ask, Reply};

/// The site's clock: Jakarta, seven hours ahead of UTC, the whole year.
const SITE: Offset = Offset::constant(7);
/// Most rows on a page.
const PER_PAGE_MAX: i64 = 100;

/// Which rows of a list are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    skip: usize,
    take: usize,
}

impl Cut {
    pub(super) fn read(ask: &Ask<'_>) -> Result<Self, Error> {
        let page = ask.number("page", (1, i64::MAX))?.unwrap_or(1);
        let per_page = ask.number("per_page", (1, PER_PAGE_MAX))?.unwrap_or(10);
        let offset = ask.number("offset", (0, i64::MAX))?;
        let skip = offset.unwrap_or_else(|| (page - 1).saturating_mul(per_page));
        let size = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Self { skip: size(skip), take: size(per_page) })
    }

    /// Whether it begins behind the first row.
    pub(super) fn is_further(self) -> bool {
        self.skip > 0
    }

    /// As if a row before it had just left the list.
    pub(super) fn drifted(self) -> Self {
        Self { skip: self.skip + 1, ..self }
    }

    /// The rows of this page, with what the headers tell.
    pub(super) fn of<T>(self, rows: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let shown: Vec<Value> = rows.iter().skip(self.skip).take(self.take).map(show).collect();
        let pages = rows.len().div_ceil(self.take.max(1));
        Reply { total: Some((rows.len(), pages)), ..Reply::read(Value::Array(shown)) }
    }
}

/// A second of the query: by the site's clock, unless the query or the text says otherwise.
pub(super) fn second(ask: &Ask<'_>, name: &str) -> Result<Option<i64>, Error> {
    let Some(text) = ask.param(name) else { return Ok(None) };
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Some(at.as_second()));
    }
    let gmt = matches!(ask.param("dates_are_gmt"), Some("true" | "1"));
    let zone = if gmt { Offset::UTC } else { SITE };
    let at = text.parse::<DateTime>().ok().and_then(|clock| zone.to_timestamp(clock).ok());
    at.map(|at| Some(at.as_second())).ok_or_else(|| errors::invalid_param(name))
}

/// The ids of a list, `1,2,3`.
pub(super) fn ids(ask: &Ask<'_>, name: &str) -> Result<Option<Vec<i64>>, Error> {
    let Some(text) = ask.param(name) else { return Ok(None) };
    let ids: Option<Vec<i64>> = text.split(',').map(|id| id.trim().parse().ok()).collect();
    ids.map(Some).ok_or_else(|| errors::invalid_param(name))
}

/// A moment by the site's clock.
pub(super) fn local(at_us: i64) -> String {
    written(at_us, SITE)
}

/// A moment in UTC, which the shop does not say.
pub(super) fn gmt(at_us: i64) -> String {
    written(at_us, Offset::UTC)
}

fn written(at_us: i64, zone: Offset) -> String {
    let moment = jiff::Timestamp::from_microsecond(at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zone.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
